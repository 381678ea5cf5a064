// What is left of steps that fall on one place, against paths worked out by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { beginDots, firstDot, thinPath } from "../../views/player/thin.js";

/** The path of a track through some points, as words and numbers. */
function drawn(points, from = 0, to = points.length - 1) {
  const said = [];
  const path = {
    moveTo: (x, y) => said.push(["move", x, y]),
    lineTo: (x, y) => said.push(["line", x, y]),
  };
  const segments = points.slice(1).flatMap((end, i) => [...points[i], ...end]);
  thinPath(Float32Array.from(segments), from, to, path);
  return said;
}

test("steps that are seen are all there", () => {
  const points = [[0, 0], [1, 0], [1, 2], [0, 0]];
  assert.deepEqual(drawn(points), [["move", 0, 0], ["line", 1, 0], ["line", 1, 2], ["line", 0, 0]]);
  assert.deepEqual(drawn(points, 1, 2), [["move", 1, 0], ["line", 1, 2]]);
});

test("steps within a quarter of a pixel are one, up to the last", () => {
  const points = Array.from({ length: 100 }, (_, i) => [5 + i / 512, 5]);
  assert.deepEqual(drawn(points), [["move", 5, 5], ["line", 5 + 99 / 512, 5]]);
});

test("a slow run comes to where it comes to", () => {
  const points = Array.from({ length: 1025 }, (_, i) => [i / 128, 0]);
  const said = drawn(points);
  assert.equal(said.length, 1 + 4 * 8);
  assert.deepEqual(said.at(-1), ["line", 8, 0]);
});

test("a run that swings for ever is drawn as often as it can be seen", () => {
  const points = Array.from({ length: 5001 }, (_, i) => [i % 2 ? 30 : 0, 0]);
  const lines = drawn(points).filter(([word]) => word === "line");
  assert.equal(lines.length, 2 * 32);
  // And when it goes elsewhere, from where it was.
  const said = drawn([...points, [0, 9]]);
  assert.deepEqual(said.slice(-2), [["move", 0, 0], ["line", 0, 9]]);
});

test("where nothing is visible, nothing leads", () => {
  const segments = Float32Array.from([0, 0, 1, 1, NaN, NaN, NaN, NaN, 4, 4, 4.1, 4, 6, 6, 7, 7]);
  const said = [];
  thinPath(segments, 0, 4, { moveTo: (...at) => said.push(at), lineTo: (...at) => said.push(at) });
  assert.deepEqual(said.map((at) => at.map((v) => Number(v.toFixed(1)))), [[0, 0], [1, 1], [4, 4], [4.1, 4], [6, 6], [7, 7]]);
});

test("one dot at one place, of each size", () => {
  beginDots(4);
  assert.ok(firstDot(1, 1, 2));
  assert.ok(!firstDot(1.05, 0.95, 2));
  assert.ok(firstDot(1.5, 1, 2));
  assert.ok(firstDot(1, 1, 4));
  beginDots(1);
  assert.ok(firstDot(1, 1, 2), "counted anew");
});
