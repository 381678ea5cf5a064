// The steps of one entry from inside: what a race's result has of them (views/inside.py),
// read by step and by name. All numbers are those of the run.

/** @typedef {"gradient" | "step" | "point" | "square" | "scale" | "curvature" | "inverse" | "number" | "parts"} Kind */

/**
 * A search along a line. What it tries is listed in a quantity, or follows from the first
 * part, a hyperparameter, by a factor.
 * @typedef {{along: string, first: string, factor: number, tries: string}} Search
 */

/**
 * A quantity of a step, as its rule declares it (optim/quantities.py).
 * @typedef {object} Line
 * @property {string} name
 * @property {string} symbol  as MathML
 * @property {string} plain  the same in plain characters
 * @property {string} meaning
 * @property {string} says  what happens as it is computed, in a sentence
 * @property {Kind} kind
 * @property {boolean} memory  whether the next step starts from it
 * @property {number[]} initial  what such a memory is before the first step
 * @property {string} at  the point that its arrow begins at; empty: the iterate
 * @property {?Search} search
 * @property {string} line  its right-hand side in symbols, as MathML
 * @property {string} numbers  the same with blanks for numbers; empty if there is no such
 */

/**
 * @typedef {object} Inside
 * @property {string} entry
 * @property {string} name
 * @property {boolean} by_coordinate  whether texts print a step as a table
 * @property {number} l2
 * @property {{name: string, symbol: string, value: number}[]} hypers
 * @property {Line[]} lines
 */

/**
 * The arrays of an entry that is inspected, in float64.
 * @typedef {object} InsideArrays
 * @property {Float64Array} points
 * @property {Float64Array} losses
 * @property {Float64Array} grads
 * @property {Float64Array} hessians  xx, xy, yy
 * @property {Float32Array} [samples]  the gradient of each sample's loss, at each iterate
 * @property {Float64Array} [alpha]  the learning rate of each step
 */

export class Inspection {
  /**
   * @param {Inside} inside
   * @param {Run} run
   * @param {number} steps
   */
  constructor(inside, run, steps) {
    this.inside = inside;
    this.run = run;
    this.steps = steps;
    this.arrays = /** @type {InsideArrays} */ (run.inside);
  }

  /**
   * The step that is explained where the race is at some step: at its end, the last.
   * @param {number} step
   */
  stepAt(step) {
    return Math.max(0, Math.min(Math.floor(step), this.steps - 1));
  }

  /**
   * An iterate.
   * @param {number} step
   * @returns {Pair}
   */
  point(step) {
    const { points } = this.arrays;
    return [points[2 * step], points[2 * step + 1]];
  }

  /**
   * A quantity of a step: one number, two, the four of a matrix, or the parts of a search.
   * @param {string} name
   * @param {number} step
   * @returns {number[]}
   */
  value(name, step) {
    const array = /** @type {Record<string, Float64Array>} */ (this.run.quantities)[name];
    const size = array.length / this.steps;
    return Array.from(array.subarray(step * size, (step + 1) * size));
  }

  /**
   * A memory as the step found it.
   * @param {string} name
   * @param {number} step
   */
  before(name, step) {
    if (step > 0) return this.value(name, step - 1);
    const { length } = this.value(name, 0);
    const initial = this.line(name)?.initial ?? [0];
    return Array.from({ length }, (_, i) => initial[initial.length === length ? i : 0]);
  }

  /** @param {string} name */
  line(name) {
    return this.inside.lines.find((line) => line.name === name);
  }

  /**
   * The learning rate of a step; null for a rule without one.
   * @param {number} step
   */
  alpha(step) {
    return this.arrays.alpha ? this.arrays.alpha[step] : null;
  }

  /**
   * What stands for a blank of a line with numbers.
   * @param {string} kind  what comes before the colon
   * @param {string} name  and after it
   * @param {number} step
   * @returns {number[]}
   */
  blank(kind, name, step) {
    if (kind === "q") return this.value(name, step);
    if (kind === "p") return this.before(name, step);
    if (kind === "w") return this.point(step);
    if (kind === "t") return [step + 1];
    if (kind === "alpha") return [this.alpha(step) ?? NaN];
    if (kind === "h") return [this.inside.hypers.find((hyper) => hyper.name === name)?.value ?? NaN];
    return [this.inside.l2];
  }

  /**
   * The curvatures at an iterate, the smaller first, and the direction of the larger.
   * @param {number} step
   */
  curvature(step) {
    const [xx, xy, yy] = this.arrays.hessians.subarray(3 * step, 3 * step + 3);
    return eigen(xx, xy, yy);
  }
}

/**
 * The eigenvalues of a symmetric matrix, the smaller first, and the angle of the direction
 * that belongs to the larger, in radians.
 * @param {number} xx
 * @param {number} xy
 * @param {number} yy
 */
export function eigen(xx, xy, yy) {
  const middle = (xx + yy) / 2;
  const half = Math.hypot((xx - yy) / 2, xy);
  return { low: middle - half, high: middle + half, angle: Math.atan2(2 * xy, xx - yy) / 2 };
}

/**
 * What kind of place it is where the loss curves so.
 * @param {number} low
 * @param {number} high
 */
export function placeWord(low, high) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return "undefined";
  const flat = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
  if (high === 0 && low === 0) return "plain";
  if (low > flat) return "bowl";
  if (high < -flat) return "dome";
  if (low < -flat && high > flat) return "saddle";
  return high > flat ? "trough" : "ridge";
}

/**
 * The inspections of a race, that of the entry whose numbers are shown first; none where
 * none was asked for.
 * @param {?Race} race
 */
export function inspectionsOf(race) {
  if (!race?.inside) return [];
  return [race.inside, ...(race.others ?? [])].flatMap((inside) => {
    const run = race.runs.find(({ key }) => key === inside.entry);
    return run?.inside ? new Inspection(inside, run, race.steps) : [];
  });
}
