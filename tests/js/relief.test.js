// Heights of the still pictures: linear, or logarithmic on both sides of the base.

import assert from "node:assert/strict";
import { test } from "node:test";

import { height, lossAt } from "../../views/player/relief.js";

const LINEAR = { level: "linear", base: 5, unit: 2 };
const LOG = { level: "log", base: -1, unit: 0.01 };

const close = (a, b) => assert.ok(Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)), `${a}, not ${b}`);

test("a linear height is the excess in units", () => {
  close(height(LINEAR, 3), 1.5);
  close(height(LINEAR, -3), -1.5);
  close(lossAt(LINEAR, 1.5), 8);
});

test("a logarithmic height is a decade for each factor of ten far off", () => {
  close(height(LOG, 0), 0);
  close(height(LOG, 0.09), 1); // log10(1 + 9)
  close(height(LOG, 0.99), 2);
  close(height(LOG, 9.99), 3);
  close(height(LOG, -0.99), -2);
});

test("and straight near the base", () => {
  const slope = height(LOG, 1e-9) / 1e-9;
  assert.ok(Math.abs(slope * 0.01 * Math.LN10 - 1) < 1e-6);
});

test("the loss at a height is the one that has it", () => {
  close(lossAt(LOG, 2), -1 + 0.99);
  close(lossAt(LOG, -2), -1 - 0.99);
  close(lossAt(LOG, 0), -1);
});
