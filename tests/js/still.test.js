// The still map: what the server sends, and what is written beside it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { criticalAt, readLandscape } from "../../views/player/still.js";

const heights = Float32Array.of(0, 1, 2.7, NaN);
const bytes = new Uint8Array(heights.buffer);
// The lowest byte of each, then the next of each.
const sent = Uint8Array.from(bytes, (_, i) => bytes[4 * (i % 4) + Math.floor(i / 4)]);
const SENT = {
  map: {
    x: [-1, 1], y: [0, 4], rows: 2, levels: [0.5, 0.5, 3],
    heights: Buffer.from(sent).toString("base64"),
    minima: [[0.123456, 1]], saddles: [], maxima: [[-0.5, 3]],
  },
  relief: { level: "linear", base: 0, unit: 1 },
};

test("a landscape is read as it was sent", () => {
  const { map, relief } = readLandscape(JSON.stringify(SENT));
  assert.deepEqual(relief, SENT.relief);
  assert.deepEqual([...map.heights.values], [...heights]);
  assert.deepEqual(map.heights.grid.y, [0, 4]);
  assert.deepEqual(map.levels, [0.5, 0.5, 3]);
  assert.deepEqual(map.critical.map(({ word, points }) => [word, points.length]), [
    ["path", 0], ["maximum", 1], ["saddle", 0], ["minimum", 1],
  ]);
});

test("a point of a path has its name, where no critical point is as near", () => {
  const path = [[0.123456, 1], [0.5, 1]];
  const { map } = readLandscape(JSON.stringify({ ...SENT, map: { ...SENT.map, path } }));
  const frame = { left: 10, top: 10, width: 100, height: 200, x: [-1, 1], y: [0, 4] };
  assert.equal(criticalAt(map, frame, [84, 160], 9), "path (0.5, 1)");
  assert.equal(criticalAt(map, frame, [66, 160], 9), "minimum (0.1235, 1)");
});

test("the critical point that is nearest has its name, if it is seen", () => {
  const { map } = readLandscape(JSON.stringify(SENT));
  const frame = { left: 10, top: 10, width: 100, height: 200, x: [-1, 1], y: [0, 4] };
  assert.equal(criticalAt(map, frame, [66, 160], 9), "minimum (0.1235, 1)");
  assert.equal(criticalAt(map, frame, [36, 62], 9), "maximum (−0.5, 3)");
  assert.equal(criticalAt(map, frame, [80, 160], 9), "");
  const zoomed = { ...frame, x: [0.2, 0.4], y: [0, 4] };
  assert.equal(criticalAt(map, zoomed, [10, 160], 90), "");
});

