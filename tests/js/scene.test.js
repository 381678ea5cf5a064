// How two fingers turn the camera.

import assert from "node:assert/strict";
import { test } from "node:test";

import { orbited } from "../../views/player/scene.js";

const ORIGIN = { x: 0, y: 0, z: 0 };
const close = (a, b) => {
  for (const axis of ["x", "y", "z"]) assert.ok(Math.abs(a[axis] - b[axis]) < 1e-9, JSON.stringify(a));
};

test("a quarter turn to the side", () => {
  close(orbited({ x: 2, y: 0, z: 0 }, ORIGIN, [Math.PI / 2, 0], 1), { x: 0, y: 2, z: 0 });
});

test("up, at the same distance", () => {
  const half = Math.SQRT1_2;
  close(orbited({ x: 1, y: 0, z: 0 }, ORIGIN, [0, Math.PI / 4], 1), { x: half, y: 0, z: half });
});

test("around another centre, and nearer", () => {
  const center = { x: 1, y: 1, z: 1 };
  close(orbited({ x: 3, y: 1, z: 1 }, center, [0, 0], 0.5), { x: 2, y: 1, z: 1 });
});

test("never over the pole, nor into the surface, nor out of sight", () => {
  const high = orbited({ x: 1, y: 0, z: 1 }, ORIGIN, [0, 10], 1);
  assert.ok(Math.hypot(high.x, high.y) > 0.05, "short of the pole");
  assert.ok(high.z > 0);
  const eye = { x: 1, y: 0, z: 0 };
  close(orbited(eye, ORIGIN, [0, 0], 0), { x: 0.3, y: 0, z: 0 });
  close(orbited(eye, ORIGIN, [0, 0], 100), { x: 6, y: 0, z: 0 });
});
