// How large the parts of a picture of the whole view are.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HERE, fill } from "../../views/player/picture.js";

const place = (left, top, width, height) => ({ left, top, width, height });

test("what is beside others stays as it is", () => {
  const places = [place(0, 0, 500, 600), place(506, 0, 500, 600), place(0, 606, 1006, 130)];
  const before = structuredClone(places);
  fill(places);
  assert.deepEqual(places, before);
});

test("a map takes the room of a panel that has no picture", () => {
  const places = [place(0, 0, 500, 600), place(0, 606, 500, 130), place(506, 606, 500, 130)];
  fill(places);
  assert.deepEqual(places, [place(0, 0, 1006, 600), place(0, 606, 500, 130), place(506, 606, 500, 130)]);
});

test("also where that panel stood at the left", () => {
  const places = [place(506, 0, 500, 600), place(0, 606, 1006, 130)];
  fill(places);
  assert.deepEqual(places, [place(0, 0, 1006, 600), place(0, 606, 1006, 130)]);
});

test("which names a machine has for itself alone", () => {
  for (const name of ["localhost", "127.0.0.1", "[::1]"]) assert.ok(HERE.test(name), name);
  for (const name of ["192.168.1.7", "localhost.example.org", "loss.example.org", ""]) assert.ok(!HERE.test(name), name);
});
