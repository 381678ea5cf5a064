import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { factorsOf, shapesOf } from "../../views/player/arrows.js";
import { levelLines } from "../../views/player/levels.js";
import { digits, vector } from "../../views/player/digits.js";
import { Inspection, eigen, inspectionsOf, placeWord } from "../../views/player/inspection.js";
import { columnsOf, tableText } from "../../views/player/runtable.js";
import { rangeOf } from "../../views/player/series.js";

/** @typedef {import("../../views/player/inspection.js").Line} Line */

const LOOK = { label: "Momentum", short: "Momentum", colour: "#fc2cf0", mark: "square" };

/**
 * @param {Partial<Line> & {name: string, kind: Line["kind"]}} line
 * @returns {Line}
 */
const lineOf = (line) => ({
  symbol: "", plain: line.name, meaning: "", says: "", memory: false, initial: [0], at: "", search: null,
  line: "", numbers: "", ...line,
});

/**
 * @param {Line[]} lines
 * @param {Record<string, number[]>} quantities
 * @param {{alpha?: number[], hypers?: {name: string, symbol: string, value: number}[]}} [more]
 */
function inspected(lines, quantities, { alpha, hypers = [] } = {}) {
  const steps = 2;
  const run = {
    key: "momentum", look: LOOK, own: false, text: "", kind: "", step: null,
    factors: Float32Array.of(1, 1), points: Float32Array.of(1, 2, 3, 4, 5, 6), excess: Float32Array.of(3, 2, 1),
    inside: {
      points: Float64Array.of(1, 2, 3, 4, 5, 6),
      losses: Float64Array.of(3, 2, 1),
      grads: Float64Array.of(1, 0, 0, 1, 0, 0),
      hessians: Float64Array.of(2, 0, 4, -1, 0, 1, 0, 0, 0),
      ...(alpha ? { alpha: Float64Array.from(alpha) } : {}),
    },
    quantities: Object.fromEntries(Object.entries(quantities).map(([name, list]) => [name, Float64Array.from(list)])),
  };
  const inside = { entry: "momentum", name: "Momentum", by_coordinate: false, l2: 0.5, hypers, lines };
  return { run, inside, inspection: new Inspection(inside, run, steps) };
}

const MOMENTUM = inspected(
  [lineOf({ name: "g", kind: "gradient" }), lineOf({ name: "v", kind: "step", memory: true }), lineOf({ name: "delta", kind: "step" })],
  { g: [1, 2, 3, 4], v: [-0.1, -0.2, -0.3, -0.4], delta: [-0.1, -0.2, -0.3, -0.4] },
  { alpha: [0.1, 0.05], hypers: [{ name: "beta", symbol: "β", value: 0.9 }] },
);

test("numbers have as many digits as are asked for, and a true minus", () => {
  const written = JSON.parse(readFileSync(new URL("digits.json", import.meta.url), "utf8"));
  for (const [value, count, text] of written) assert.equal(digits(value, count), text);
  assert.equal(digits(NaN), "not a number");
  assert.equal(digits(-Infinity), "−∞");
  assert.equal(vector([1, -2.5]), "(1, −2.5)");
});

test("a memory is read as the step found it, at first as it begins", () => {
  const { inspection } = MOMENTUM;
  assert.deepEqual(inspection.before("v", 0), [0, 0]);
  assert.deepEqual(inspection.before("v", 1), [-0.1, -0.2]);
  const matrix = inspected([lineOf({ name: "B", kind: "inverse", memory: true, initial: [1, 0, 0, 1] })], { B: Array(8).fill(7) });
  assert.deepEqual(matrix.inspection.before("B", 0), [1, 0, 0, 1]);
});

test("each blank stands for a number of the run", () => {
  const { inspection } = MOMENTUM;
  assert.deepEqual(inspection.blank("q", "g", 1), [3, 4]);
  assert.deepEqual(inspection.blank("p", "v", 1), [-0.1, -0.2]);
  assert.deepEqual(inspection.blank("w", "", 1), [3, 4]);
  assert.deepEqual(inspection.blank("t", "", 1), [2]);
  assert.deepEqual(inspection.blank("alpha", "", 1), [0.05]);
  assert.deepEqual(inspection.blank("h", "beta", 1), [0.9]);
  assert.deepEqual(inspection.blank("l2", "", 1), [0.5]);
});

test("at its end a race explains its last step", () => {
  assert.equal(MOMENTUM.inspection.stepAt(2), 1);
  assert.equal(MOMENTUM.inspection.stepAt(1.7), 1);
  assert.equal(MOMENTUM.inspection.stepAt(0.2), 0);
});

test("only a race that carries the inside of a step has an inspection", () => {
  const { run, inside } = MOMENTUM;
  const race = /** @type {any} */ ({ steps: 2, runs: [run], inside });
  /** @type {(one: any) => string[]} */
  const entries = (one) => inspectionsOf(one).map(({ inside: { entry } }) => entry);
  assert.deepEqual(entries(race), ["momentum"]);
  assert.deepEqual(entries({ steps: 2, runs: [run] }), []);
  assert.deepEqual(entries({ steps: 2, runs: [], inside }), []);
  assert.deepEqual(entries(null), []);
});

test("further entries are inspected beside the first", () => {
  const { run, inside } = MOMENTUM;
  const other = { ...inside, entry: "momentum~2" };
  const runs = [{ ...run, key: "momentum~2" }, run];
  const race = /** @type {any} */ ({ steps: 2, runs, inside, others: [other, { ...inside, entry: "adam" }] });
  assert.deepEqual(inspectionsOf(race).map((one) => one.inside.entry), ["momentum", "momentum~2"]);
  assert.equal(inspectionsOf(race)[1].run.key, "momentum~2");
});

test("curvatures are eigenvalues, with the direction of the larger", () => {
  const { low, high, angle } = eigen(2, 1, 2);
  assert.ok(Math.abs(low - 1) < 1e-12 && Math.abs(high - 3) < 1e-12);
  assert.ok(Math.abs(angle - Math.PI / 4) < 1e-12);
  assert.deepEqual([placeWord(1, 3), placeWord(-3, -1), placeWord(-1, 2), placeWord(0, 2), placeWord(-2, 0), placeWord(0, 0)],
    ["bowl", "dome", "saddle", "trough", "ridge", "plain"]);
});

test("what a search has tried is listed, or follows from its first try", () => {
  const along = lineOf({ name: "p", kind: "step" });
  const by = { along: "p", first: "first", factor: 0.5, tries: "" };
  /** @param {Inspection} inspection */
  const tried = (inspection) => shapesOf(inspection, 1).find(({ form }) => form === "tries")?.tried;
  const halved = inspected(
    [along, lineOf({ name: "a", kind: "number", search: by })],
    { p: [0, 0, 4, 8], a: [1, 0.25] },
    { hypers: [{ name: "first", symbol: "a0", value: 1 }] },
  );
  assert.deepEqual(tried(halved.inspection), [[7, 12], [5, 8], [4, 6]]);
  const listed = inspected(
    [along, lineOf({ name: "tried", kind: "parts" }), lineOf({ name: "a", kind: "number", search: { ...by, tries: "tried" } })],
    { p: [0, 0, 4, 8], tried: [1, NaN, NaN, NaN, NaN, 1, 2, 0.5, NaN, NaN], a: [1, 0.5] },
  );
  assert.deepEqual(tried(listed.inspection), [[7, 12], [11, 20], [5, 8]]);
  assert.deepEqual(
    columnsOf(listed.inspection).slice(3).map(({ name }) => name),
    ["p_x", "p_y", "tried_1", "tried_2", "tried_3", "tried_4", "tried_5", "a"],
  );
});

test("arrows are true to scale, and gradients are drawn against themselves", () => {
  const shapes = shapesOf(MOMENTUM.inspection, 1);
  assert.deepEqual(shapes.map(({ name, form }) => [name, form]), [["g", "arrow"], ["v", "arrow"], ["delta", "arrow"]]);
  assert.deepEqual(shapes[0].by.map((one) => Number(one.toFixed(12))), [-0.15, -0.2]);
  assert.deepEqual(shapes[1].from, [3, 4]);
  assert.deepEqual(shapes[2].by, [-0.3, -0.4]);
});

test("a rule with divisors has the ellipse of unit gradients, and a scale of its own", () => {
  const { inspection } = inspected(
    [lineOf({ name: "g", kind: "gradient" }), lineOf({ name: "d", kind: "scale" }), lineOf({ name: "delta", kind: "step" })],
    { g: [1, 1, 1, 1], d: [4, 2, 4, 2], delta: [0, 0, 0, 0] },
    { alpha: [1, 1] },
  );
  const [g, d] = shapesOf(inspection, 0);
  assert.equal(g.group, "gradient");
  assert.deepEqual([d.form, d.by], ["ellipse", [0.25, 0.5]]);
});

test("a quadratic model is stationary where Newton's step leads", () => {
  const { inspection } = inspected(
    [lineOf({ name: "g", kind: "gradient" }), lineOf({ name: "H", kind: "curvature" }), lineOf({ name: "B", kind: "inverse" })],
    { g: [2, 8, 0, 0], H: [2, 0, 0, 4, 1, 0, 0, 1], B: [0.5, 0, 0, 0.25, 1, 0, 0, 1] },
  );
  const [, model, inverse] = shapesOf(inspection, 0);
  assert.deepEqual(model.by.map(Math.abs), [1, 2]);
  assert.deepEqual(inverse.by, model.by);
});

test("a search shows what it has tried, up to what it takes", () => {
  const { inspection } = inspected(
    [lineOf({ name: "p", kind: "step" }), lineOf({ name: "a", kind: "number", search: { along: "p", first: "first", factor: 0.5 } })],
    { p: [4, 0, 4, 0], a: [0.25, 1] },
    { hypers: [{ name: "first", symbol: "a₀", value: 1 }] },
  );
  const tried = (/** @type {number} */ step) => shapesOf(inspection, step).find(({ form }) => form === "tries")?.tried;
  assert.deepEqual(tried(0), [[5, 2], [3, 2], [2, 2]]);
  assert.deepEqual(tried(1), [[7, 4]]);
});

test("what is too short to see is drawn larger by a round factor, and says so", () => {
  /** @type {(by: [number, number], group?: "step" | "gradient") => any} */
  const shape = (by, group = "step") => ({ name: "v", form: "arrow", from: [0, 0], by, group });
  const length = (/** @type {[number, number]} */ [x, y]) => Math.hypot(x, y);
  assert.equal(factorsOf([shape([40, 0]), shape([1, 0])], length).step, 1);
  assert.equal(factorsOf([shape([2, 0])], length).step, 50);
  assert.equal(factorsOf([shape([900, 0])], length).step, 1, "steps are never drawn shorter");
  assert.equal(factorsOf([shape([900, 0], "gradient")], length).gradient, 0.1);
  assert.equal(factorsOf([shape([1e-9, 0])], length).step, 0, "rounding is not blown up");
  assert.equal(factorsOf([shape([0, 0])], length).step, 1);
});

test("the table of a run has every number of it", () => {
  const { inspection } = MOMENTUM;
  assert.deepEqual(columnsOf(inspection).map(({ name }) => name), ["x", "y", "loss", "g_x", "g_y", "v_x", "v_y", "delta_x", "delta_y"]);
  const rows = tableText(inspection, ",").trim().split("\n");
  assert.equal(rows.length, 4);
  assert.equal(rows[1], "0,1,2,3,1,2,-0.1,-0.2,-0.1,-0.2");
  assert.equal(rows[3], "2,5,6,1,,,,,,");
});

test("an axis holds all numbers, in powers of ten where it is logarithmic", () => {
  assert.deepEqual(rangeOf([Float32Array.of(1, 10, 3)], false), [0, 10]);
  assert.deepEqual(rangeOf([Float32Array.of(-2, 1)], false), [-2, 1]);
  assert.deepEqual(rangeOf([Float32Array.of(0.02, 300, NaN, Infinity, 0, -1)], true), [-2, 3]);
  assert.deepEqual(rangeOf([Float32Array.of(NaN)], true), [0, 1]);
  const [low, high] = rangeOf([Float32Array.of(1e-30, 1)], true);
  assert.equal(high - low, 14);
});

test("a level line goes between the corners that are above and those below", () => {
  const grid = { x: [0, 1, 2], y: [0, 1], z: [[0, 1, 2], [0, 1, 2]] };
  assert.deepEqual(levelLines(grid, 0.25), [[[0.25, 0], [0.25, 1]]]);
  assert.deepEqual(levelLines(grid, 9), []);
  const saddle = { x: [0, 1], y: [0, 1], z: [[1, -1], [-1, 1]] };
  assert.equal(levelLines(saddle, 0).length, 2);
  assert.deepEqual(levelLines({ x: [0, 1], y: [0, 1], z: [[NaN, 1], [0, 1]] }, 0.5), [], "nothing is drawn where it is undefined");
});
