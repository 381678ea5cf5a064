// The models of surfaces/data.py.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MODELS } from "../../views/player/fit.js";

test("each model at points worked out by hand", () => {
  assert.equal(MODELS.line(2, -1, 3), 5);
  assert.equal(MODELS.logistic(0, 0, 7), 0.5);
  assert.ok(Math.abs(MODELS.logistic(1, Math.log(3), 0) - 0.75) < 1e-15);
  assert.equal(MODELS.tanh(5, 3, 0), 0);
  assert.ok(Math.abs(MODELS.tanh(1, 2, Math.atanh(0.5)) - 1) < 1e-15);
});
