// Hatching: lines where the map has no value, and nowhere else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hatchLines, isHollow } from "../../views/player/hatch.js";
import { Heights } from "../../views/player/heights.js";

const X = [-2, 2];
const Y = [0, 3];
const [COLUMNS, ROWS] = [41, 31];

/** @param {(x: number, y: number) => boolean} has */
function gridOf(has) {
  const values = Float32Array.from({ length: COLUMNS * ROWS }, (_, i) => {
    const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
    return has(X[0] + (column / (COLUMNS - 1)) * 4, (row / (ROWS - 1)) * 3) ? 1 : NaN;
  });
  return new Heights(values, ROWS, X, Y);
}

const frame = { left: 30, top: 10, width: 400, height: 300, x: X, y: Y };
const placeIn = ({ left, top, width, height, x, y }, px, py) => [
  x[0] + ((px - left) / width) * (x[1] - x[0]),
  y[0] + ((top + height - py) / height) * (y[1] - y[0]),
];

test("where there is a value everywhere nothing is hatched", () => {
  assert.deepEqual(hatchLines(gridOf(() => true), frame), []);
});

test("lines are diagonal, evenly spaced, and end where there is a value", () => {
  const heights = gridOf((x) => x > 0.001);
  const lines = hatchLines(heights, frame, 10);
  assert.ok(lines.length > 20);
  const sums = [];
  for (const [x0, y0, x1, y1] of lines) {
    assert.ok(x1 > x0 && Math.abs(x1 - x0 - (y0 - y1)) < 1e-9);
    sums.push(x0 + y0 - 40);
    for (const part of [0.001, 0.5, 0.999]) {
      const [x, y] = placeIn(frame, x0 + part * (x1 - x0), y0 + part * (y1 - y0));
      assert.ok(x <= 1e-9 && isHollow(heights, x, y));
    }
  }
  sums.forEach((sum, k) => assert.ok(Math.abs(sum - (k + 1) * 10 * Math.SQRT2) < 1e-9));
  // All of it is hatched: up to its border, which is in the middle, and to the frame's.
  const right = Math.max(...lines.map(([, , x1]) => x1));
  assert.ok(Math.abs(right - 230) < 1e-9);
});

test("all that has no value is as dense, whatever its shape", () => {
  const heights = gridOf((x, y) => Math.hypot(x, y - 1.5) > 1);
  const lines = hatchLines(heights, frame, 5);
  const length = lines.reduce((sum, [x0, y0, x1, y1]) => sum + Math.hypot(x1 - x0, y1 - y0), 0);
  const cells = (COLUMNS - 1) * (ROWS - 1);
  let hollow = 0;
  for (let k = 0; k < cells; k += 1) {
    const [column, row] = [k % (COLUMNS - 1), Math.floor(k / (COLUMNS - 1))];
    hollow += Number(isHollow(heights, -2 + (column + 0.5) * 0.1, (row + 0.5) * 0.1));
  }
  const area = (hollow / cells) * frame.width * frame.height;
  assert.ok(Math.abs(length * 5 - area) < 0.05 * area);
});

test("zoomed in and out, what is beyond the grid is not hatched", () => {
  const heights = gridOf(() => false);
  const wide = { ...frame, x: [-20, 20], y: [-15, 15] };
  const lines = hatchLines(heights, wide);
  assert.ok(lines.length > 1 && lines.length < 12);
  for (const line of lines) {
    for (const k of [0, 2]) {
      const [x, y] = placeIn(wide, line[k], line[k + 1]);
      assert.ok(x >= -2 - 1e-9 && x <= 2 + 1e-9 && y >= -1e-9 && y <= 3 + 1e-9);
    }
  }
  const near = { ...frame, x: [0.01, 0.011], y: [1, 1.001] };
  const all = hatchLines(heights, near);
  assert.equal(all.length, Math.floor((frame.width + frame.height) / (8 * Math.SQRT2)));
  assert.equal(isHollow(heights, 2.1, 1), false);
  assert.equal(isHollow(heights, NaN, 1), false);
});

test("a point or a line without a value has no area to hatch", () => {
  assert.deepEqual(hatchLines(gridOf((x) => Math.abs(x) > 0.01), frame), []);
});
