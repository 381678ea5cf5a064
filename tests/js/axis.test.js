// Ticks and the texts of numbers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Axis, decadeTexts, decadeTicks, linearTicks, short, tickTexts } from "../../views/player/axis.js";

const near = (ticks, values) => {
  assert.equal(ticks.length, values.length, ticks.join());
  ticks.forEach((tick, i) => assert.ok(Math.abs(tick - values[i]) < 1e-9, ticks.join()));
};

test("ticks are multiples of 1, 2 or 5 times a power of ten", () => {
  near(linearTicks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  near(linearTicks(0, 100, 4), [0, 50, 100]); // 25 is not round: 50 is
  near(linearTicks(-1, 1, 10), [-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]);
  near(linearTicks(0.13, 0.47, 4), [0.2, 0.3, 0.4]);
  near(linearTicks(0, 800, 8), [0, 100, 200, 300, 400, 500, 600, 700, 800]);
  near(linearTicks(1e6, 1.5e6, 5), [1e6, 1.1e6, 1.2e6, 1.3e6, 1.4e6, 1.5e6]);
});

test("ends that are off by rounding keep their ticks", () => {
  near(linearTicks(0.1 + 0.2, 0.6, 3), [0.3, 0.4, 0.5, 0.6]);
});

test("decades are whole, and skipped where there are too many", () => {
  near(decadeTicks(-3.5, 2.5, 10), [-3, -2, -1, 0, 1, 2]);
  near(decadeTicks(-8, 4, 4), [-6, -3, 0, 3]);
  near(decadeTicks(0, 0.5, 3), [0]);
});

test("powers of ten as they are printed", () => {
  assert.deepEqual(decadeTexts([-3, -2, -1, 0, 1, 2, 3]), ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]);
  assert.deepEqual(decadeTexts([-12, 4, 38]), ["10⁻¹²", "10⁴", "10³⁸"]);
});

test("an axis has one notation", () => {
  assert.deepEqual(decadeTexts([-4, -2, -1, 0, 1, 2]), ["10⁻⁴", "10⁻²", "10⁻¹", "1", "10", "10²"]);
  const axis = new Axis({ scale: "signed", low: -4, high: 4, from: 0, to: 100 });
  assert.deepEqual(axis.ticks(25).map(({ text }) => text), ["−10⁴", "−10²", "0", "10²", "10⁴"]);
  assert.deepEqual(tickTexts([0, 5e-4, 1e-3]), ["0", "0.0005", "0.001"]);
  assert.deepEqual(tickTexts([0, 2e-4, 4e-4]), ["0", "2.0e−4", "4.0e−4"]);
  assert.deepEqual(tickTexts([-1e5, -5e4, 0]), ["−1.0e5", "−5.0e4", "0"]);
});

test("numbers in few characters", () => {
  for (const [value, text] of [
    [0, "0"], [1, "1"], [-1, "−1"], [3.14159, "3.14"], [-0.0015, "−0.0015"], [99999, "100000"],
    [123456, "1.2e5"], [-123456, "−1.2e5"], [0.00099, "9.9e−4"], [-1.5e-7, "−1.5e−7"],
  ]) {
    assert.equal(short(value), text);
  }
});

test("ticks have as many digits as say where they are", () => {
  assert.deepEqual(tickTexts([0, 0.5, 1]), ["0", "0.5", "1"]);
  assert.deepEqual(tickTexts([1.2345, 1.2355, 1.2365]), ["1.2345", "1.2355", "1.2365"]);
  assert.deepEqual(tickTexts([-0.1 - 0.2, 0]), ["−0.3", "0"]);
  assert.deepEqual(tickTexts([123000, 123500]), ["1.230e5", "1.235e5"]);
  assert.deepEqual(tickTexts([]), []);
  assert.deepEqual(tickTexts([2 / 3]), ["0.667"]);
});
