// Words in lines, and how a picture is put on a paper of another shape.

import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf } from "../../views/player/notes.js";
import { fitted, printed } from "../../views/player/picture.js";

const measure = (text) => text.length;

test("words stand in as few lines as have room for them", () => {
  assert.deepEqual(linesOf("one two three four", 9, measure), ["one two", "three", "four"]);
  assert.deepEqual(linesOf("one two three four", 9, measure, 4), ["one", "two three", "four"]);
  assert.deepEqual(linesOf("immeasurable", 5, measure), ["immeasurable"], "a word is never cut");
});

test("a picture fills a paper of another shape without being stretched", () => {
  assert.deepEqual(fitted([400, 300], [800, 600]), { width: 400, height: 300, ratio: 2 });
  const wide = fitted([400, 300], [1280, 720]);
  assert.equal(wide.ratio, 2.4);
  assert.equal(wide.width * wide.ratio, 1280);
  assert.equal(wide.height, 300);
});

test("the address on a picture names the surface, and no server that only this machine has", () => {
  assert.equal(printed("http://127.0.0.1:8501/?step=3&play=0", "saddle"), "?surface=saddle&step=3&play=0");
  assert.equal(printed("http://localhost:8501/", "saddle"), "?surface=saddle");
  assert.equal(printed("file:///folder/race.html?on=adam", "saddle"), "?surface=saddle&on=adam");
  assert.equal(printed("file:///folder/race.html", "own1"), "", "a function of one's own has no address");
  assert.equal(printed("https://example.org/loss/?surface=ravine&on=adam", "ravine"), "https://example.org/loss/?surface=ravine&on=adam");
});
