// Models that are typed, as the player computes them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { curveOf } from "../../views/player/fit.js";
import { computed, KNOWN } from "../../views/player/postfix.js";

const SAMPLES = { x: [0], y: [0], axes: /** @type {[string, string]} */ (["x", "y"]), odds: false };

test("steps are computed in their order", () => {
  const model = computed(["a", "b", "x", "*~2", "tanh~1", "*~2", 2, "-~2"]);
  assert.ok(Math.abs(model(3, 0.5, 1) - (3 * Math.tanh(0.5) - 2)) < 1e-15);
  assert.equal(computed(["a", "b", "x", "max~3", "neg~1"])(1, 7, 3), -7);
  assert.equal(computed(["x", 2, "^~2"])(0, 0, -3), 9);
  assert.equal(computed(["x", 1, "<~2", "not~1", "a", "b", "where~3"])(5, 6, 2), 5);
  assert.equal(computed([-7, 3, "mod~2"])(0, 0, 0), 2);
});

test("what the server may send is what is known here", () => {
  const source = readFileSync(new URL("../../views/postfix.py", import.meta.url), "utf8");
  const words = source.match(/KNOWN = frozenset\(\s*"([^"]*)"\s*"([^"]*)"\s*"([^"]*)"/)?.slice(1).join("").split(/\s+/) ?? [];
  assert.deepEqual(words.toSorted(), KNOWN.toSorted());
});

test("a curve is that of the model, of its steps, or none", () => {
  assert.equal(curveOf({ ...SAMPLES, model: "line", steps: null })?.(2, 1, 3), 7);
  assert.equal(curveOf({ ...SAMPLES, model: "typed", steps: ["a", "x", "*~2"] })?.(2, 1, 3), 6);
  assert.equal(curveOf({ ...SAMPLES, model: "typed", steps: ["b"], odds: true })?.(2, 0, 3), 0.5);
  assert.equal(curveOf({ ...SAMPLES, model: "typed", steps: null }), null);
});
