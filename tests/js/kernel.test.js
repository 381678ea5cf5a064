// What a player in a notebook asks the kernel.

import assert from "node:assert/strict";
import test from "node:test";

import { Kernel } from "../../views/player/kernel.js";

/** A kernel that keeps what it is sent. */
function silent() {
  const sent = [];
  const pages = [];
  const kernel = new Kernel((message) => sent.push(message), (page) => pages.push(page));
  return { kernel, sent, pages };
}

const bytes = new TextEncoder().encode("answer");

test("of each route one answer is under way, and the newest address comes next", async () => {
  const { kernel, sent } = silent();
  const first = kernel.ask("race?a");
  kernel.ask("landscape?a");
  const request = new AbortController();
  const second = kernel.ask("race?b", { signal: request.signal });
  request.abort(new Error("stale"));
  const third = kernel.ask("race?c");
  assert.deepEqual(sent, [{ asks: "race?a" }, { asks: "landscape?a" }]);
  await assert.rejects(second, /stale/);
  kernel.receive({ answers: "race?a", status: 200, bytes });
  assert.equal(await (await first).text(), "answer");
  assert.deepEqual(sent.slice(2), [{ asks: "race?c" }]);
  kernel.receive({ answers: "race?c", status: 400, bytes });
  assert.equal((await third).status, 400);
});

test("a page of the kernel's is handed on", () => {
  const { kernel, sent, pages } = silent();
  kernel.send("edits", { n: 1 });
  assert.deepEqual(sent, [{ edits: { n: 1 } }]);
  const page = /** @type {*} */ ({ query: "on=adam" });
  kernel.receive({ page });
  assert.deepEqual(pages, [page]);
});

test("without a kernel everything is refused in a sentence", async () => {
  const { kernel, sent } = silent();
  const waiting = kernel.ask("race?a");
  kernel.receive({ gone: "It has ended." });
  for (const answer of [waiting, kernel.ask("race?b")]) {
    assert.equal((await answer).status, 400);
    assert.equal(await (await answer).text(), "It has ended.");
  }
  assert.deepEqual(sent, [{ asks: "race?a" }]);
});
