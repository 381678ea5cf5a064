import assert from "node:assert/strict";
import { test } from "node:test";

import { curveOf, parabola, rangeOf } from "../../views/player/curve.js";

// x^3 and its derivatives, times a number that is declared.
const CUBE = {
  loss: ["a", "x", 3, "^~2", "*~2"],
  slope: [3, "a", "*~2", "x", 2, "^~2", "*~2"],
  bend: [6, "a", "*~2", "x", "*~2"],
};

test("a curve has its value, slope and second derivative, with the numbers of the page", () => {
  const curve = curveOf(CUBE, { a: 2 });
  assert.deepEqual([curve.loss(3), curve.slope?.(3), curve.bend?.(3)], [54, 54, 36]);
});

test("the parabola touches the curve, and its lowest point is Newton's next iterate", () => {
  const curve = curveOf(CUBE, { a: 1 });
  const touching = parabola(curve, 2);
  assert.equal(touching(2), 8);
  const next = 2 - 12 / 12;
  assert.ok(touching(next) < touching(next - 0.01) && touching(next) < touching(next + 0.01));
  assert.ok(Number.isNaN(parabola({ ...curve, slope: null }, 2)(2.5)));
});

test("the range has room, and is that of what is finite", () => {
  assert.deepEqual(rangeOf([0, 10, NaN, Infinity]), [-0.8, 10.8]);
  assert.deepEqual(rangeOf([3, 3]), [2, 4]);
  assert.deepEqual(rangeOf([NaN]), [0, 1]);
});
