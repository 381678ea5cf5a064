// Positions of sliders, and numbers as they are typed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { SCALES, nameOf, typedNumber } from "../../views/player/slider.js";

const close = (a, b) => assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a}, not ${b}`);

/** Positions worked out by hand from the table at the top of parameters/__init__.py. */
const POSITIONS = {
  linear: [[-2, -2], [0, 0], [0.3, 0.3]],
  log: [[1e-5, -5], [1, 0], [1000, 3]],
  complement: [[0, 0], [0.9, 1], [0.99, 2], [0.999, 3]],
  root: [[0, 0], [8, 2], [0.001, 0.1], [-27, -3]],
};

for (const [name, pairs] of Object.entries(POSITIONS)) {
  test(`the ${name} scale puts values where they belong, and finds them there`, () => {
    for (const [value, position] of pairs) {
      close(SCALES[name].to(value), position);
      close(SCALES[name].from(position), value);
    }
  });
}

test("there is a scale for each that Python declares, but for switches", () => {
  const source = readFileSync(new URL("../../parameters/__init__.py", import.meta.url), "utf8");
  const [, names] = source.match(/^Scale = Literal\[(.*?)\]/ms);
  const declared = [...names.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(Object.keys(SCALES).sort(), declared.filter((name) => name !== "switch").sort());
});

test("numbers are read as people type them", () => {
  for (const [text, value] of [
    ["0.05", 0.05], ["0,05", 0.05], [" 1,5 ", 1.5], ["−1,5", -1.5], ["–2", -2], ["1e-3", 1e-3],
    ["1,5E–3", 1.5e-3], ["+.5", 0.5], ["5.", 5], ["1e999", Infinity],
  ]) {
    assert.equal(typedNumber(text), value, text);
  }
});

test("and what is no number is none", () => {
  for (const text of ["", "1,2,3", "1.2,3", "1 5", "0x10", "fast", "Infinity", "1_0", "-", ".", "1e"]) {
    assert.ok(Number.isNaN(typedNumber(text)), text);
  }
});

test("a control is called by its setting, and whose it is", () => {
  assert.equal(nameOf({ label: "Steps" }), "Steps");
  assert.equal(nameOf({ owner: "Adam", label: "Learning rate" }), "Adam: learning rate");
});
