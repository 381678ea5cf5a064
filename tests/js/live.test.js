// One request at a time, and the newest address wins.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Live, Refusal } from "../../views/player/live.js";
import { renewal } from "../../views/player/renewal.js";

let pending = [];
let asked = [];

beforeEach(() => {
  pending = [];
  asked = [];
  globalThis.document = { baseURI: "http://site.test/" };
  globalThis.fetch = (url, { signal }) =>
    new Promise((resolve, reject) => {
      const request = { resolve, reject };
      asked.push(url.pathname.slice(1) + url.search);
      pending.push(request);
      signal.addEventListener("abort", () => {
        pending = pending.filter((one) => one !== request);
        reject(signal.reason);
      });
    });
});

/** Lets everything that is ready go on. */
const settled = () => new Promise((resolve) => { setTimeout(resolve, 5); });

const answer = async (text, options) => {
  pending.shift().resolve(new Response(text, options));
  await settled();
};

function live(understand = (text) => text) {
  const seen = { shown: [], troubles: [] };
  seen.live = new Live(
    (response) => response.text(),
    understand,
    (text) => { seen.shown.push(text); },
    (trouble) => seen.troubles.push(trouble),
  );
  return seen;
}

test("while one is under way, only the newest of the others is asked for", async () => {
  const seen = live();
  for (const k of [1, 2, 3, 4]) seen.live.ask(`race?${k}`);
  assert.deepEqual(asked, ["race?1"]);
  await answer("one");
  assert.deepEqual(asked, ["race?1", "race?4"]);
  await answer("four");
  assert.deepEqual(seen.shown, ["one", "four"]);
  seen.live.ask("race?4");
  assert.equal(asked.length, 2, "it is there already");
});

test("a refusal is said, and asked for once", async () => {
  const seen = live();
  seen.live.ask("race?1");
  await answer("Too much.", { status: 400 });
  assert.equal(seen.live.refused, "Too much.");
  assert.equal(seen.troubles.at(-1), "Too much.");
  seen.live.ask("race?1");
  assert.equal(asked.length, 1);
  assert.equal(seen.live.outdated, true);
});

test("what is refused at its finest is asked for coarser", async () => {
  const seen = live();
  seen.live.ask("basins?x&size=256", "basins?x&size=64");
  await answer("Too much.", { status: 400 });
  assert.deepEqual(asked, ["basins?x&size=256", "basins?x&size=64"]);
  await answer("coarse");
  assert.deepEqual(seen.shown, ["coarse"]);
  assert.equal(seen.live.outdated, false, "coarser, but of the same setup");
});

test("a refusal within the answer counts as one, and a broken answer is said", async () => {
  const seen = live((text) => {
    if (text === "no") throw new Refusal("Not this.");
    if (text === "broken") throw new RangeError("cut");
    return text;
  });
  const log = console.error;
  console.error = () => {};
  seen.live.ask("race?1");
  await answer("no");
  assert.equal(seen.live.refused, "Not this.");
  seen.live.ask("race?2");
  await answer("broken");
  console.error = log;
  assert.match(seen.troubles.at(-1), /reload the page/);
});

test("an error of the server names its status", async () => {
  const seen = live();
  seen.live.ask("race?1");
  await answer("", { status: 500 });
  assert.match(seen.live.refused, /error 500/);
});

test("a server that is away is asked again at once when it is heard of", async () => {
  const seen = live();
  seen.live.ask("race?1");
  pending.shift().reject(new TypeError("gone"));
  await settled();
  assert.match(seen.troubles.at(-1), /Reconnecting/);
  assert.equal(asked.length, 1, "after a pause");
  seen.live.hurry();
  await settled();
  assert.equal(asked.length, 2);
  await answer("one");
  assert.deepEqual(seen.shown, ["one"]);
  assert.equal(seen.troubles.at(-1), null);
});

test("what was cancelled is not asked for again until that is wanted", async () => {
  const seen = live();
  seen.live.ask("swarm?1");
  seen.live.cancel();
  await settled();
  assert.equal(seen.live.cancelled, true);
  assert.equal(asked.length, 1);
  seen.live.retry();
  await settled();
  assert.equal(asked.length, 2);
  await answer("one");
  assert.deepEqual(seen.shown, ["one"]);
});

test("after the end nothing is asked for", async () => {
  const seen = live();
  seen.live.ask("race?1");
  seen.live.stop();
  await settled();
  seen.live.ask("race?2");
  await settled();
  assert.equal(asked.length, 1);
  assert.deepEqual(seen.shown, []);
});

// -- servers of two versions answer in turn ---------------------------------------------

const OTHER = { headers: { "x-player": "b" } };
const RETRIES = [500, 1000, 2000];

/** A page of version a; how often it was to be loaded again. */
function versions(t) {
  const seen = { reloads: 0 };
  const { version, begin } = renewal;
  renewal.version = "a";
  renewal.begin = async () => {
    seen.reloads += 1;
  };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => Object.assign(renewal, { version, begin }));
  return seen;
}

const ticks = async () => {
  for (let k = 0; k < 20; k += 1) await Promise.resolve();
};

/** Lets a pause pass, and gives the next answer. */
async function next(t, text, options, pause = 0) {
  t.mock.timers.tick(pause);
  await ticks();
  pending.shift().resolve(new Response(text, options));
  await new Promise((done) => {
    setImmediate(done);
  });
}

test("what another version answers is used where it can be read", async (t) => {
  const page = versions(t);
  const seen = live();
  seen.live.ask("race?1");
  await next(t, "one", OTHER);
  assert.deepEqual([seen.shown, page.reloads], [["one"], 0]);
});

test("what another version refuses or writes otherwise is asked again", async (t) => {
  const page = versions(t);
  const seen = live(JSON.parse);
  seen.live.ask("race?1");
  await next(t, "There is no such setting.", { ...OTHER, status: 400 });
  assert.match(seen.troubles.at(-1), /is being updated/);
  await next(t, "not JSON", OTHER, RETRIES[0]);
  await next(t, "gone", { ...OTHER, status: 404 }, RETRIES[1]);
  assert.deepEqual([seen.shown, seen.live.refused], [[], null]);
  await next(t, "1", {}, RETRIES[2]);
  assert.deepEqual([seen.shown, page.reloads, seen.troubles.at(-1)], [[1], 0, null]);
});

test("where only another version answers, its word counts and the page is loaded again", async (t) => {
  const page = versions(t);
  const seen = live();
  seen.live.ask("race?1");
  for (const pause of [0, ...RETRIES]) await next(t, "Too much.", { ...OTHER, status: 400 }, pause);
  assert.deepEqual([seen.live.refused, page.reloads], ["Too much.", 1]);
});

test("what its own version refuses is not asked again", async (t) => {
  const page = versions(t);
  const seen = live();
  seen.live.ask("race?1");
  await next(t, "Too much.", { headers: { "x-player": "a" }, status: 400 });
  assert.deepEqual([seen.live.refused, page.reloads], ["Too much.", 0]);
});
