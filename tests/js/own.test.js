import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { OwnLessons, sent } from "../../views/player/own.js";

const row = (/** @type {string} */ key, summary = "Own.") => ({ key, title: key, summary });
const file = (/** @type {string} */ name, text = "text") => new File([text], name);
const real = globalThis.fetch;

globalThis.document = /** @type {any} */ ({ baseURI: "http://localhost/page/" });

/** @type {Map<string, string>} */
let stored = new Map();

/** @param {object} storage */
function store(storage) {
  Object.defineProperty(globalThis, "sessionStorage", { value: storage, configurable: true });
}

afterEach(() => {
  globalThis.fetch = real;
  stored = new Map();
  store({ getItem: (/** @type {string} */ key) => stored.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ text) => stored.set(key, text) });
});

test("each file is sent on its own, as Markdown, and to this server", async () => {
  /** @type {any[]} */
  const asked = [];
  globalThis.fetch = /** @type {any} */ (async (/** @type {URL} */ url, /** @type {any} */ how) => {
    asked.push([url.href, how.method, how.headers["content-type"], Buffer.from(how.body).toString()]);
    return Response.json(row(`own-${asked.length}`));
  });
  assert.deepEqual(await sent([file("a.md", "one"), file("b.md", "two")]), { rows: [row("own-1"), row("own-2")], wrong: null });
  const all = ["http://localhost/page/lesson", "POST", "text/markdown"];
  assert.deepEqual(asked, [[...all, "one"], [...all, "two"]]);
});

test("what is wrong is one sentence, with the name of its file; the others are taken", async () => {
  const answers = [new Response("Line 3: no.", { status: 400 }), Response.json(row("own-1")), new Response("<html>", { status: 500 })];
  globalThis.fetch = /** @type {any} */ (async () => answers.shift());
  const { rows, wrong } = await sent([file("a.md"), file("b.md"), file("c.md")]);
  assert.deepEqual(rows, [row("own-1")]);
  assert.equal(wrong, "a.md: Line 3: no. (1 more problem.)");
});

test("a file that is too large, and a server that is away, are said without their own words", async () => {
  let asked = 0;
  globalThis.fetch = /** @type {any} */ (async () => {
    asked += 1;
    throw new TypeError("Failed to fetch");
  });
  const large = await sent([file("a.md", "a".repeat(240_001))]);
  assert.equal(large.wrong, "a.md: A lesson has at most 60,000 characters.");
  assert.equal(asked, 0);
  assert.equal((await sent([file("a.md")])).wrong, "a.md: The file could not be sent; try again.");
});

test("of a great many files the first are sent", async () => {
  let asked = 0;
  globalThis.fetch = /** @type {any} */ (async () => Response.json(row(`own-${(asked += 1)}`)));
  const { rows, wrong } = await sent(Array.from({ length: 200 }, (_, i) => file(`${i}.md`)));
  assert.equal(asked, 12);
  assert.equal(rows.length, 12);
  assert.match(wrong ?? "", /^At most 12 files at once/);
});

test("lines stay with the tab, few of them, and only what is one", () => {
  const own = new OwnLessons();
  own.add(row("own-a"));
  own.add({ ...row("own-a"), summary: "" });
  assert.deepEqual(own.rows, [row("own-a")], "a line without a summary replaces none");
  for (let i = 0; i < 30; i += 1) own.add(row(`own-${i}`));
  assert.equal(own.rows.length, 20);
  assert.deepEqual(new OwnLessons().rows, own.rows);
  for (const text of ["{", "3", "null", '[null, 3, {"key": 4}, {"key": "own-a"}]']) {
    stored.set("loss-surface-own-lessons", text);
    assert.deepEqual(new OwnLessons().rows, []);
  }
});

test("a browser that keeps nothing has the lines until the page is gone", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  store({ getItem: refuse, setItem: refuse });
  const own = new OwnLessons();
  own.add(row("own-a"));
  assert.deepEqual(own.rows, [row("own-a")]);
});
