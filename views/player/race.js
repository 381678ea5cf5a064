// A race, as result.js reads it.

/**
 * Where the conditions of an entry are: in its run if they are its own.
 * @param {Race} race
 * @param {string} entry  empty for those of all
 * @returns {StepInputs}
 */
export const conditionsOf = (race, entry) => race.runs.find(({ key, own }) => own && key === entry) ?? race;

/**
 * Which samples a step takes, as 0 or 1 each; null where it takes all of them.
 * @param {Race} race
 * @param {number} step
 * @param {string} entry  whose step; empty for that of all
 */
export function minibatch(race, step, entry) {
  const { batches } = conditionsOf(race, entry);
  if (!batches) return null;
  const first = Math.min(step, race.steps - 1) * race.samples;
  return batches.subarray(first, first + race.samples);
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
