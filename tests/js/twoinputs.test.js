// The models of two inputs (surfaces/models.py), and where their score is 0.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MODELS_OF_TWO, borderOf, hasBorder, predictionOf } from "../../views/player/twoinputs.js";

test("each model at points worked out by hand", () => {
  assert.equal(MODELS_OF_TWO.line(2, -1, 3, 4), 2);
  assert.equal(MODELS_OF_TWO.tanh(2, -1, 3, 6), 0);
  assert.ok(Math.abs(MODELS_OF_TWO.tanh(0, 1, 9, Math.atanh(0.5)) - 0.5) < 1e-15);
});

test("a typed model predicts its score, or its probability", () => {
  const steps = ["a", "x1", "*~2", "b", "x2", "*~2", "+~2"];
  assert.equal(predictionOf({ model: "typed squared", steps, odds: false })(2, 3, 5, -7), -11);
  assert.equal(predictionOf({ model: "typed logistic", steps, odds: true })(2, 1, 3, -6), 0.5);
  assert.equal(predictionOf({ model: "typed squared", steps: null, odds: false }), null);
  assert.equal(predictionOf({ model: "hinge", steps: null, odds: false }), null);
});

test("a line parts labels where the score is a plane", () => {
  assert.ok(hasBorder({ model: "logistic", labels: [0, 1] }));
  assert.ok(hasBorder({ model: "line", labels: [-1, 1] })); // the hinge loss
  assert.ok(!hasBorder({ model: "line", labels: [] }));
  assert.ok(!hasBorder({ model: "typed logistic", labels: [0, 1] }));
});

test("the score is 0 on the line, and 0 is between its ends", () => {
  for (const [a, b] of [[1, 0], [0, -2], [3, 4], [1e-200, 1e-200]]) {
    const [[x, y], [u, v]] = borderOf([a, b], 7);
    assert.ok(Math.abs(Math.hypot(x, y) - 7) < 1e-12);
    assert.ok(Math.abs(a * x + b * y) <= 1e-14 * Math.hypot(a, b));
    assert.deepEqual([u, v], [-x, -y]);
  }
  for (const none of [[0, 0], [NaN, 1], [Infinity, 1]]) assert.equal(borderOf(none, 7), null);
});
