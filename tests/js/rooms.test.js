// What a page that leads says, and when; and what a page makes of the lines of a room.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Following } from "../../views/player/following.js";
import { Leading, differs, openRoom, opened } from "../../views/player/leading.js";
import { linkToRoom } from "../../views/player/share.js";

const SHOWS = { query: "surface=saddle", step: 0, playing: false, dragging: false, revealed: false };

globalThis.document = { baseURI: "http://here/page/" };
const kept = new Map();
globalThis.sessionStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, text) => kept.set(key, text),
  removeItem: (key) => kept.delete(key),
};

/** Answers requests, and notes them. */
function answering(answer) {
  const asked = [];
  globalThis.fetch = async (url, { method = "GET", body = "", headers = {} } = {}) => {
    asked.push({ path: new URL(url).pathname, method, body: body && JSON.parse(body), key: headers["x-room-key"] });
    return answer(asked.at(-1), asked.length);
  };
  return asked;
}
const json = (value, status = 200) => new Response(JSON.stringify(value), { status });
const soon = (milliseconds = 5) => new Promise((done) => { setTimeout(done, milliseconds); });

test("a pause is said at once, and play is said once: followers play by themselves", () => {
  const playing = { ...SHOWS, playing: true, step: 10 };
  assert.equal(differs(playing, { ...playing, step: 60 }, 50, 20), false);
  assert.equal(differs(playing, { ...playing, step: 60 }, 90, 20), true); // the leader sought
  assert.equal(differs(playing, { ...playing, playing: false }, 0, 20), true);
  assert.equal(differs(SHOWS, { ...SHOWS, step: 1 }, 0, 20), true);
  assert.equal(differs(SHOWS, { ...SHOWS }, 0, 20), false);
  assert.equal(differs(SHOWS, { ...SHOWS, query: "surface=beale" }, 0, 20), true);
});

test("the newest is said, one message at a time, and nothing twice", async () => {
  const asked = answering(() => json({ followers: 3 }));
  const leading = new Leading({ code: "kd37xw", key: "the key" });
  leading.show(SHOWS, 100, 0);
  leading.show({ ...SHOWS, step: 1 }, 100, 1);
  await soon();
  assert.equal(leading.followers, 3);
  leading.show({ ...SHOWS, step: 2 }, 100, 10); // too soon
  leading.show({ ...SHOWS, step: 3 }, 100, 100);
  await soon();
  leading.show({ ...SHOWS, step: 3 }, 100, 300);
  await soon();
  leading.show({ ...SHOWS, step: 3 }, 100, 4200); // that it is still there
  await soon();
  leading.stop();
  assert.deepEqual(asked.map(({ body }) => body.step), [0, 3, 3]);
  assert.ok(asked.every(({ path, key }) => path === "/page/room/kd37xw" && key === "the key"));
});

test("a room that its server has lost is opened again by its key", async () => {
  const asked = answering(({ path }) => (path.endsWith("/room") ? json({ code: "kd37xw", key: "the key" }) : json({}, 404)));
  const leading = new Leading({ code: "kd37xw", key: "the key" });
  leading.show(SHOWS, 100, 0);
  await soon();
  assert.deepEqual(asked.map(({ path, key }) => [path, key]), [["/page/room/kd37xw", "the key"], ["/page/room", "the key"]]);
  assert.equal(leading.refused, "");
  leading.stop();
});

test("a room that cannot be opened again yet is tried again, and refused no more", async () => {
  let busy = true;
  answering(({ path }) => {
    if (path.endsWith("/room")) return busy ? new Response("The server is busy.", { status: 503 }) : json({ code: "kd37xw", key: "the key" });
    return busy ? json({}, 404) : json({ followers: 5 });
  });
  const leading = new Leading({ code: "kd37xw", key: "the key" });
  leading.show(SHOWS, 100, 0);
  await soon();
  assert.equal(leading.refused, "");
  busy = false;
  leading.show(SHOWS, 100, 2000);
  await soon();
  assert.equal(leading.followers, 5);
  leading.stop();
});

test("what is too long is said until what is shown is taken", async () => {
  answering(({ body }) => (body.step ? json({ followers: 1 }) : new Response("This setup is too long to be followed.", { status: 400 })));
  const leading = new Leading({ code: "kd37xw", key: "the key" });
  leading.show(SHOWS, 100, 0);
  await soon();
  assert.match(leading.refused, /too long/);
  leading.show({ ...SHOWS, step: 1 }, 100, 2000);
  await soon();
  assert.equal(leading.refused, "");
  leading.stop();
});

test("of two tabs with one key, the one that came last leads", async () => {
  const asked = answering(() => json({ followers: 0 }));
  const first = new Leading({ code: "kd37xw", key: "the key" });
  const other = new Leading({ code: "bcdfgh", key: "another" });
  const copy = new Leading({ code: "kd37xw", key: "the key" });
  for (let turn = 0; turn < 50 && !first.elsewhere; turn += 1) await soon();
  assert.deepEqual([first.elsewhere, other.elsewhere, copy.elsewhere], [true, false, false]);
  first.show(SHOWS, 100, 0);
  assert.equal(asked.length, 0);
  for (const one of [first, other, copy]) one.stop();
});

test("a page that leads no more says why, and one without a server that it tries", async () => {
  answering(() => new Response("Another page leads room kd37xw.", { status: 403 }));
  const refused = new Leading({ code: "kd37xw", key: "another" });
  refused.show(SHOWS, 100, 0);
  await soon();
  assert.match(refused.refused, /Another page leads/);
  refused.stop();
  answering(() => { throw new TypeError("failed to fetch"); });
  const lost = new Leading({ code: "kd37xw", key: "the key" });
  lost.show(SHOWS, 100, 0);
  await soon();
  assert.equal(lost.lost, false);
  lost.show(SHOWS, 100, 2000);
  await soon();
  assert.equal(lost.lost, true);
  lost.stop();
  await assert.rejects(openRoom(SHOWS), /could not be reached/);
});

test("the key stays with the tab", () => {
  opened.room = { code: "kd37xw", key: "the key" };
  assert.deepEqual(opened.room, { code: "kd37xw", key: "the key" });
  opened.room = null;
  assert.equal(opened.room, null);
  kept.set("loss-surface-room", "{");
  assert.equal(opened.room, null);
});

/** Follows a room whose lines come in some parts. */
async function followed(parts, status = 200) {
  const shown = [];
  let sent = () => {};
  const all = new Promise((done) => { sent = done; });
  answering((_, count) => (count === 1 ? new Response(new ReadableStream({
    async start(controller) {
      for (const part of parts) {
        controller.enqueue(new TextEncoder().encode(part));
        await soon();
      }
      controller.close();
      sent();
    },
  }), { status }) : json({}, 500)));
  const following = new Following("kd37xw", (shows) => shown.push(shows.step), () => {});
  await all;
  await soon();
  following.stop();
  return { shown, following };
}
const line = (step, leading = true) => `${JSON.stringify({ leading, shows: { ...SHOWS, step } })}\n`;

test("lines are put together, and of several the last counts", async () => {
  const { shown } = await followed([line(1).slice(0, 9), line(1).slice(9), "\n", line(2) + line(3)]);
  assert.deepEqual(shown, [1, 3]);
});

test("who leads may be away, and a room may be over", async () => {
  const away = await followed([line(1), line(1, false)]);
  assert.deepEqual(away.shown, [1, 1]);
  const over = await followed([line(1), '{"over": true}\n']);
  assert.equal(over.following.state, "over");
  assert.match(over.following.sentence, /is over/);
  const none = await followed(["There is no room kd37xw: it is over, or the code is wrong."], 404);
  assert.equal(none.following.state, "over");
  assert.match(none.following.sentence, /There is no room/);
});

test("a server that was away for long is waited for, and one that does not know the room for a minute", async () => {
  let now = 0;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setTimeout"] });
  const unknown = new Response("There is no room kd37xw.", { status: 404 });
  let answer = () => new Response(line(1));
  answering(() => answer());
  const following = new Following("kd37xw", () => {}, () => {});
  const pass = async (seconds) => {
    for (let k = 0; k < seconds; k += 1) {
      now += 1000;
      mock.timers.tick(1000);
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
  };
  await pass(3);
  answer = () => { throw new TypeError("failed to fetch"); };
  await pass(600);
  answer = () => unknown.clone();
  await pass(45);
  assert.equal(following.state, "lost");
  answer = () => new Response(line(2));
  await pass(20);
  answer = () => unknown.clone();
  await pass(45);
  assert.equal(following.state, "lost");
  await pass(45);
  assert.equal(following.state, "over");
  following.stop();
  mock.timers.reset();
  mock.restoreAll();
});

test("the link of a room is short, and keeps where the page is", () => {
  assert.equal(linkToRoom("https://here.org/lab/?surface=saddle&embed=true#x", "kd37xw"), "https://here.org/lab/?room=kd37xw");
});
