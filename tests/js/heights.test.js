// Heights between the points of a grid.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Heights } from "../../views/player/heights.js";

/** A grid of 9 by 7 points over x from -1 to 3 and y from 0 to 3. */
const X = [-1, 3];
const Y = [0, 3];
const [COLUMNS, ROWS] = [9, 7];
const place = ([low, high], i, count) => low + (i / (count - 1)) * (high - low);

/** @param {(x: number, y: number) => number} loss */
function gridOf(loss) {
  const values = new Float32Array(COLUMNS * ROWS);
  for (let j = 0; j < ROWS; j += 1) {
    for (let i = 0; i < COLUMNS; i += 1) {
      values[j * COLUMNS + i] = loss(place(X, i, COLUMNS), place(Y, j, ROWS));
    }
  }
  return new Heights(values, ROWS, X, Y);
}

const between = ([low, high], count, edge = 0) =>
  Array.from({ length: count }, (_, k) => low + edge + (k / (count - 1)) * (high - low - 2 * edge));

test("the points of the grid have their own heights", () => {
  const loss = (x, y) => x ** 3 - 2 * x * y + Math.abs(y - 1.2);
  const heights = gridOf(loss);
  const [xs, ys] = [between(X, COLUMNS), between(Y, ROWS)];
  heights.at(xs, ys).forEach((found, k) => {
    const expected = loss(xs[k % COLUMNS], ys[Math.floor(k / COLUMNS)]);
    assert.ok(Math.abs(found - expected) < 1e-5);
  });
  assert.deepEqual(heights.grid.x, xs);
  assert.equal(heights.grid.z[2][3], heights.values[2 * COLUMNS + 3]);
});

test("inside, what rises and is quadratic along each axis is met", () => {
  const loss = (x, y) => 3 + x ** 2 / 2 - 4 * x * y + y ** 2 / 4 + 20 * x + 20 * y;
  const [xs, ys] = [between(X, 41, 0.5), between(Y, 37, 0.5)];
  gridOf(loss).at(xs, ys).forEach((found, k) => {
    const expected = loss(xs[k % 41], ys[Math.floor(k / 41)]);
    assert.ok(Math.abs(found - expected) < 1e-4, `${found} is not ${expected}`);
  });
});

test("beside a jump no height lies beyond those on both sides", () => {
  for (const loss of [(x) => Number(x > 0.9), (x, y) => Number(y > 1.1), (x, y) => Number(x + y > 2)]) {
    const found = gridOf(loss).at(between(X, 101), between(Y, 101));
    assert.ok(found.every((one) => one >= 0 && one <= 1));
    assert.ok(found.includes(0) && found.includes(1));
  }
});

test("nothing is known beyond the grid and in cells with a hole", () => {
  const heights = gridOf((x, y) => (x < 0 ? NaN : x + y));
  assert.ok(Number.isNaN(heights.at([-0.1], [1])[0]));
  assert.ok(Number.isNaN(heights.at([3.01], [1])[0]));
  assert.ok(Number.isNaN(heights.at([1], [-0.01])[0]));
  const [beside] = heights.at([0.2], [1.3]);
  assert.ok(Math.abs(beside - 1.5) < 1e-5, "as far as it goes");
});
