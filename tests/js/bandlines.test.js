import assert from "node:assert/strict";
import { test } from "node:test";

import { areasOf } from "../../views/player/bandlines.js";

/**
 * A grid of a function of column and row.
 * @param {number} columns
 * @param {number} rows
 * @param {(column: number, row: number) => number} of
 */
const grid = (columns, rows, of) => Float64Array.from({ length: columns * rows }, (_, i) => of(i % columns, Math.floor(i / columns)));

/** @param {Float64Array} loop */
const areaOf = (loop) => {
  let area = 0;
  for (let i = 0; i < loop.length; i += 2) {
    const k = (i + 2) % loop.length;
    area += loop[i] * loop[k + 1] - loop[k] * loop[i + 1];
  }
  return area / 2;
};

/**
 * How often loops wind around a point.
 * @param {Float64Array[]} loops
 * @param {number} x
 * @param {number} y
 */
function windings(loops, x, y) {
  let count = 0;
  for (const loop of loops) {
    for (let i = 0; i < loop.length; i += 2) {
      const k = (i + 2) % loop.length;
      const [y0, y1] = [loop[i + 1], loop[k + 1]];
      if (y0 <= y === y1 <= y) continue;
      const across = loop[i] + ((y - y0) / (y1 - y0)) * (loop[k] - loop[i]);
      if (across > x) count += y1 > y0 ? 1 : -1;
    }
  }
  return count;
}

test("a hill is a disc, and a ring has a hole that winds the other way", () => {
  const hill = grid(41, 41, (x, y) => -Math.hypot(x - 20, y - 20));
  const [disc, ...none] = areasOf(hill, 41, -10);
  assert.equal(none.length, 0);
  assert.ok(Math.abs(Math.abs(areaOf(disc)) - 100 * Math.PI) < 1);
  const ring = grid(41, 41, (x, y) => -Math.abs(Math.hypot(x - 20, y - 20) - 10));
  const [outer, inner] = areasOf(ring, 41, -3).map(areaOf);
  assert.ok(outer * inner < 0);
  assert.ok(Math.abs(Math.abs(outer + inner) - Math.PI * (13 ** 2 - 7 ** 2)) < 2);
});

test("what is at or above a level is inside, also at the border and where saddles meet", () => {
  const noise = grid(23, 17, (x, y) => Math.sin(3.1 * x + y * y) + Math.cos(1.7 * y * x));
  for (const level of [-1.9, -0.5, 0, 0.3, 1.4, 3]) {
    const loops = areasOf(noise, 23, level);
    for (let y = 0; y < 17; y += 1) {
      for (let x = 0; x < 23; x += 1) {
        const value = noise[y * 23 + x];
        if (Math.abs(value - level) < 1e-3) continue;
        const inside = windings(loops, x + 1e-6, y + 1e-6);
        assert.equal(Math.abs(inside), Number(value > level), `${x} ${y} ${level}`);
      }
    }
  }
});

test("all of a grid is one loop beyond its border, and nothing is none", () => {
  const flat = new Float64Array(12).fill(1);
  const [all] = areasOf(flat, 4, 0);
  assert.deepEqual([Math.min(...all), Math.max(...all)], [-0.5, 3.5]);
  assert.deepEqual(areasOf(flat, 4, 2), []);
});

test("corners that are hardly any are left out", () => {
  const hill = grid(81, 81, (x, y) => -Math.hypot(x - 40, y - 40));
  const [whole] = areasOf(hill, 81, -30);
  const [fewer] = areasOf(hill, 81, -30, 0.05);
  assert.ok(fewer.length < whole.length / 3);
  for (let i = 0; i < fewer.length; i += 2) {
    const [x, y, k] = [fewer[i], fewer[i + 1], (i + 2) % fewer.length];
    assert.ok(Math.abs(Math.hypot(x - 40, y - 40) - 30) < 0.02);
    const middle = Math.hypot((x + fewer[k]) / 2 - 40, (y + fewer[k + 1]) / 2 - 40);
    assert.ok(Math.abs(middle - 30) < 0.25, String(middle));
  }
});
