// A race as the server packs it (views/packing.py says how the bytes lie).

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
 */

/**
 * Reads a packed race: the header's fields, `runs` with their numbers, `factors` of the
 * learning rate by step, and `batches` of samples.
 */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const race = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const rows = race.steps + 1;
  let offset = 4 + length;
  const take = (count) => {
    const part = new Float32Array(buffer, offset, count);
    offset += part.byteLength;
    return part;
  };
  for (const run of race.runs) {
    run.points = take(2 * rows);
    run.excess = take(rows);
  }
  race.factors = take(race.steps);
  race.batches = new Uint8Array(buffer, offset, race.steps * race.samples);
  return race;
}

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
