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

const UNDER_WAY = "under way";

/**
 * How a run ends, in words, where the race has come to that; or if it may be said before.
 * @param {Run} run
 * @param {number} steps  of the race
 * @param {number} step  that is shown
 * @param {boolean} foresees
 */
export const outcomeAt = (run, steps, step, foresees) =>
  foresees || step >= (run.step ?? steps) ? run.text : UNDER_WAY;

/**
 * How far the run is from the nearest of some places at a step; null without any.
 * @param {Run} run
 * @param {number} step
 * @param {Known[]} places
 */
export function distanceToNearest(run, step, places) {
  if (!places.length) return null;
  const x = run.points[2 * step];
  const y = run.points[2 * step + 1];
  return Math.min(...places.map(([a, b = y]) => Math.hypot(x - a, y - b)));
}

const PLACES = ["1st", "2nd", "3rd"];

/**
 * The place of each run by its last loss, where there are several; alike have the same.
 * @param {Race} race
 * @returns {?Map<string, string>}
 */
export function ranksOf({ runs, steps }) {
  if (runs.length < 2) return null;
  const losses = runs.map(({ excess }) => (Number.isFinite(excess[steps]) ? excess[steps] : Infinity));
  const places = losses.map((loss) => losses.filter((other) => other < loss).length);
  return new Map(runs.map(({ key }, i) => [key, PLACES[places[i]] ?? `${places[i] + 1}th`]));
}
