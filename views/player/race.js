// A race, as result.js reads it.

/**
 * @typedef {object} Run
 * @property {string} key        which entry
 * @property {object} look       its label, short label, colour and mark
 * @property {string} text       how it ended, in words
 * @property {string} kind       how it ended, in one word
 * @property {?number} step      the step at which it came about
 * @property {Float32Array} points  x and y of every iterate, the start first
 * @property {Float32Array} excess  the loss above the base at every iterate
 */

/**
 * @typedef {object} Race
 * @property {number} base     what losses are measured from
 * @property {boolean} known   whether that is the lowest there is
 * @property {number[][]} minima
 * @property {Object<string, number>} following  hyperparameters that follow the knobs
 * @property {Run[]} runs
 * @property {Float32Array} factors  of the learning rate, by step
 * @property {number} samples  of the data that steps take minibatches of, else 0
 * @property {Uint8Array} [batches]  whether a step takes each of them
 */

/** Which samples a step takes, as 0 or 1 each; null where it takes all of them. */
export function minibatch(race, step) {
  if (!race.samples) return null;
  const first = Math.min(step, race.steps - 1) * race.samples;
  return race.batches.subarray(first, first + race.samples);
}

/** How far the run is from the nearest of some points at a step; null without any. */
export function distanceToNearest(run, step, points) {
  if (!points.length) return null;
  const x = run.points[2 * step];
  const y = run.points[2 * step + 1];
  return Math.min(...points.map(([a, b]) => Math.hypot(x - a, y - b)));
}
