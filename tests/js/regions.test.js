import assert from "node:assert/strict";
import { test } from "node:test";

import { outline, regionsOf } from "../../views/player/regions.js";

const FRAME = { left: 10, top: 20, width: 200, height: 100, x: [-1, 1], y: [0, 1] };
const OTHER = { ...FRAME, left: 300 };

/** @param {string} path */
const places = (path) => path.slice(1).split("L").map((place) => place.split(",").map(Number));

test("the outline of a box goes through its corners", () => {
  assert.deepEqual(places(outline(FRAME, [-1, 0, 0.5, 1])), [[10, 120], [160, 120], [160, 20], [10, 20], [10, 120]]);
});

test("the outline of a disc is as far from its centre everywhere, in the units of the map", () => {
  for (const [px, py] of places(outline(FRAME, [0.2, 0.5, 0.3]))) {
    const [x, y] = [(px - 10) / 100 - 1, 1 - (py - 20) / 100];
    assert.ok(Math.abs(Math.hypot(x - 0.2, y - 0.5) - 0.3) < 0.002);
  }
});

test("each region is drawn once in each frame, and only where it holds", () => {
  const runs = [{ key: "a", region: [0, 0, 1] }, { key: "b", region: [0, 0, 1] }, { key: "c", region: null }, { key: "d" }];
  const race = /** @type {any} */ ({ runs });
  assert.deepEqual(regionsOf(race, () => FRAME), [{ frame: FRAME, region: [0, 0, 1] }]);
  const beside = regionsOf(race, (key) => (key === "a" ? FRAME : OTHER));
  assert.deepEqual(beside.map(({ frame }) => frame), [FRAME, OTHER]);
  assert.deepEqual(regionsOf(race, () => null), []);
});
