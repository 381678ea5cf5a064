// Axes of losses: every number has a place, in the order of the numbers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { clipped, lossAxis } from "../../views/player/axis.js";

const ODD = [0, -0, Infinity, -Infinity, NaN, 1e38, -1e38, 5e-324, 1e-30, 1, -1, 784, 1e8];

/** Numbers of a seed, from all sizes, as runs that go wrong have them. */
function numbers(seed) {
  let state = seed;
  const random = () => (state = (1103515245 * state + 12345) % 2147483648) / 2147483648;
  const one = () => {
    if (random() < 0.3) return ODD[Math.floor(random() * ODD.length)];
    return (random() < 0.5 ? -1 : 1) * 10 ** (80 * random() - 40);
  };
  return Array.from({ length: 1 + Math.floor(6 * random()) }, one);
}

for (const known of [true, false]) {
  test(`an axis of losses takes all numbers${known ? " above a known minimum" : ""}`, () => {
    for (let seed = 0; seed < 2000; seed += 1) {
      const losses = numbers(seed);
      const series = [losses];
      const said = JSON.stringify([seed, losses.map(String)]);
      const first = losses.find(Number.isFinite) ?? 0;
      const axis = lossAxis({ series, first, known, from: 100, to: 0, label: "" });
      assert.ok(Number.isFinite(axis.low) && Number.isFinite(axis.high) && axis.low < axis.high, said);
      assert.ok(axis.high - axis.low < 16, said);
      const valid = losses.filter((loss) => Number.isFinite(loss) && (!known || loss > 0)).sort((a, b) => a - b);
      const places = valid.map((loss) => axis.at(loss));
      places.forEach((place, i) => {
        assert.ok(Number.isFinite(place), said);
        assert.ok(i === 0 || place <= places[i - 1] + 1e-9, said);
      });
      const beyond = losses.some((loss) => axis.at(loss) < -1e-6 || axis.at(loss) > 100 + 1e-6);
      assert.equal(clipped(axis, series).length > 0, beyond, said);
      const ticks = axis.ticks(24);
      assert.ok(ticks.length >= 1, said);
      assert.equal(new Set(ticks.map(({ text }) => text)).size, ticks.length, said);
    }
  });
}
