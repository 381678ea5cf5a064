// A part that fails is left out, and the others go on.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Guard, Trouble, sentenceOf } from "../../views/player/trouble.js";

beforeEach(() => mock.method(console, "error", () => {}));

const fail = () => {
  throw new TypeError("no such thing");
};

test("the sentence of an error is its own where it was written for the page", () => {
  assert.equal(sentenceOf(new Trouble("plotly.js did not load.")), "plotly.js did not load.");
  assert.match(sentenceOf(new TypeError("x is undefined")), /^Something here could not be drawn/);
  assert.equal(console.error.mock.callCount(), 2, "both are logged");
});

test("a part that failed is not tried again until there is something new", () => {
  const said = [];
  const guard = new Guard((sentence) => said.push(sentence));
  let tried = 0;
  let works = false;
  const part = () => {
    tried += 1;
    if (!works) fail();
  };
  guard.do("map", part);
  guard.do("map", part);
  assert.equal(tried, 1);
  assert.match(said.at(-1), /failed: map\./);
  guard.do("scene", fail);
  assert.match(said.at(-1), /failed: map, scene\./);
  guard.again();
  works = true;
  guard.do("map", part);
  assert.equal(tried, 2);
  assert.match(said.at(-1), /failed: scene\./);
  guard.clear();
  assert.equal(said.at(-1), "");
  const count = said.length;
  guard.clear();
  assert.equal(said.length, count, "nothing is said twice");
});
