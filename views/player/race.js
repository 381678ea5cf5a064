// A race, as result.js reads it.

/**
 * Which samples a step takes, as 0 or 1 each; null where it takes all of them.
 * @param {Race} race
 * @param {number} step
 */
export function minibatch(race, step) {
  if (!race.samples || !race.batches) return null;
  const first = Math.min(step, race.steps - 1) * race.samples;
  return race.batches.subarray(first, first + race.samples);
}

/**
 * How far the run is from the nearest of some points at a step; null without any.
 * @param {Run} run
 * @param {number} step
 * @param {Pair[]} points
 */
export function distanceToNearest(run, step, points) {
  if (!points.length) return null;
  const x = run.points[2 * step];
  const y = run.points[2 * step + 1];
  return Math.min(...points.map(([a, b]) => Math.hypot(x - a, y - b)));
}
