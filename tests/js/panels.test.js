// Where panels stand, and where points lie in them.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  filledPlaces,
  heightFor,
  panelPlaces,
  pixel,
  pointAt,
  within,
} from "../../views/player/panels.js";

const FRAME = { left: 10, top: 20, width: 200, height: 100, x: [-2, 2], y: [0, 1] };
const NONE = { left: 0, right: 0, top: 0, bottom: 0 };
const MARGIN = { left: 8, right: 4, top: 20, bottom: 6 };

test("a range holds its ends", () => {
  assert.deepEqual([-1, 0, 1, 2, 3, NaN].map((v) => within(v, [0, 2])), [
    false, true, true, true, false, false,
  ]);
});

test("corners and middle of a frame", () => {
  assert.deepEqual(pixel(FRAME, -2, 0), [10, 120]);
  assert.deepEqual(pixel(FRAME, 2, 1), [210, 20]);
  assert.deepEqual(pixel(FRAME, 0, 0.5), [110, 70]);
});

test("the point at a pixel is rounded to what a pixel can show", () => {
  // A pixel is 0.02 wide and 0.01 high: two digits and three.
  assert.deepEqual(pointAt(FRAME, [110, 70]), [0, 0.5]);
  assert.deepEqual(pointAt(FRAME, [113.3, 70.04]), [0.07, 0.5]);
  const far = { ...FRAME, x: [0, 65000], y: [-1e-5, 1e-5] };
  assert.deepEqual(pointAt(far, [43.4, 45]), [10855, 5e-6]);
});

test("a point is where its pixel is, to within a pixel", () => {
  for (const [x, y] of [[-1.37, 0.123], [0.011, 0.9], [1.99, 0.001]]) {
    const [px, py] = pixel(FRAME, ...pointAt(FRAME, pixel(FRAME, x, y)));
    const [qx, qy] = pixel(FRAME, x, y);
    assert.ok(Math.hypot(px - qx, py - qy) < 1);
  }
});

test("one panel takes the whole place, as far as its shape lets it", () => {
  assert.deepEqual(panelPlaces(1, 2, 400, 400, NONE), [{ left: 0, top: 0, width: 400, height: 200 }]);
  assert.deepEqual(panelPlaces(1, 1, 400, 200, NONE), [{ left: 100, top: 0, width: 200, height: 200 }]);
});

test("five square panels of a wide place stand in one row of five or two rows", () => {
  // One row: 160 wide each. Two rows of three: 200 high each is less than 266 wide.
  const places = panelPlaces(5, 1, 800, 400, NONE);
  assert.deepEqual(new Set(places.map(({ top }) => top)), new Set([0, 200]));
  assert.ok(places.every(({ width, height }) => width === 200 && height === 200));
  const [first, , third, fourth, fifth] = places;
  for (const [left, right] of [[first, third], [fourth, fifth]]) {
    assert.ok(Math.abs(left.left + right.left + 200 - 800) < 1e-9, "each row is centred");
  }
});

for (const count of [1, 2, 3, 5, 8]) {
  for (const [width, height] of [[900, 300], [320, 640], [1280, 720]]) {
    test(`${count} panels in ${width} × ${height} neither overlap nor leave their place`, () => {
      const places = panelPlaces(count, 1.5, width, height, MARGIN);
      assert.equal(places.length, count);
      for (const { left, top, width: wide, height: high } of places) {
        assert.ok(Math.abs(wide / high - 1.5) < 1e-9);
        assert.ok(left >= MARGIN.left - 1e-9 && left + wide <= width - MARGIN.right + 1e-9);
        assert.ok(top >= MARGIN.top - 1e-9 && top + high <= height - MARGIN.bottom + 1e-9);
      }
      places.forEach((one, i) => {
        for (const other of places.slice(i + 1)) {
          const across = Math.abs(one.left - other.left) >= one.width - 1e-9;
          const down = Math.abs(one.top - other.top) >= one.height - 1e-9;
          assert.ok(across || down);
        }
      });
    });
  }
}

test("the last row stands in the middle", () => {
  const places = panelPlaces(3, 1, 400, 400, NONE);
  assert.deepEqual(places[2], { left: 100, top: 200, width: 200, height: 200 });
});

test("panels need the height of their rows", () => {
  assert.equal(heightFor(4, 1, 800, 1000, NONE), 800); // two by two, 400 each
  assert.equal(heightFor(4, 1, 800, 200, NONE), 200);
  assert.equal(heightFor(1, 2, 300, 1000, MARGIN), (300 - 12) / 2 + 26);
});

test("panels that fill their place leave its margins only", () => {
  const places = filledPlaces(2, 1, 400, 100, MARGIN);
  assert.deepEqual(places, [
    { left: 8, top: 20, width: 188, height: 74 },
    { left: 208, top: 20, width: 188, height: 74 },
  ]);
});
