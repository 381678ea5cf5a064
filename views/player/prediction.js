// What a page of a lesson asks its reader to predict, and how far off the guess was. The
// right answer is computed from the race that is shown; it is written nowhere.

import { short } from "./axis.js";

/**
 * @typedef {object} Prediction
 * @property {"first" | "lowest" | "outcome" | "minimum" | "point" | "path"} kind
 * @property {string} ask
 * @property {string} of  the entry it is about; empty if about all
 * @property {number} step  after which a point is asked for
 */

/** @typedef {string | Pair | Pair[]} Guess */

const NONE = "none";
/** The ends that a reader chooses from, by the kinds of outcomes. */
const ENDS = /** @type {const} */ ([
  ["arrives", "reaches the minimum", ["reached"]],
  ["elsewhere", "stops elsewhere", ["trapped", "stuck", "settled", "stalled"]],
  ["oscillates", "oscillates", ["oscillating", "no_progress"]],
  ["underway", "is still on its way", ["descending", "climbing"]],
  ["left", "leaves the map", ["left"]],
  ["diverges", "diverges", ["diverged"]],
  ["stops", "cannot go on", ["stopped", "undefined"]],
]);

/** @param {Known} at */
const placed = ([x, y]) => (y === undefined ? `x = ${short(x)}` : `(${short(x)}, ${short(y)})`);

/**
 * What a reader chooses from; empty where a place or a path is asked for.
 * @param {Prediction} prediction
 * @param {Merged} page
 * @returns {[value: string, label: string][]}
 */
export function optionsOf({ kind }, { on, looks, minima }) {
  if (kind === "outcome") return ENDS.slice(0, 6).map(([value, label]) => [value, label]);
  if (kind === "minimum") {
    return [...minima.map((at, i) => /** @type {[string, string]} */ ([String(i), placed(at)])), [NONE, "none of these"]];
  }
  if (kind === "point" || kind === "path") return [];
  /** @type {[string, string][]} */
  const entries = on.map((entry) => [entry, looks[entry]?.label ?? entry]);
  return kind === "first" ? [...entries, [NONE, "none of them"]] : entries;
}

/**
 * Whether a reader has guessed.
 * @param {?Guess} guess
 */
export const isGuessed = (guess) => (Array.isArray(guess) ? guess.length > 1 : Boolean(guess));

/**
 * How far off a guess was: whether it was right, where it was or was not, and what is true,
 * in sentences.
 * @param {Prediction} prediction
 * @param {Guess} guess
 * @param {Race} race
 * @param {Merged} page
 * @returns {{right: ?boolean, text: string}}
 */
export function judged(prediction, guess, race, page) {
  const run = race.runs.find(({ key }) => key === prediction.of);
  if (prediction.of && !run) return { right: null, text: "The run that this is about is off." };
  if (prediction.kind === "point" && run) return judgedPoint(prediction.step, /** @type {Pair} */ (guess), run, page);
  if (prediction.kind === "path" && run) return judgedPath(/** @type {Pair[]} */ (guess), run, page);
  const { values, text } = answerOf(prediction, race, page.minima);
  const right = values.includes(/** @type {string} */ (guess));
  return { right, text: `${right ? "Right." : "Not so."} ${text}` };
}

/**
 * The right answers, and the same as a sentence.
 * @param {Prediction} prediction
 * @param {Race} race
 * @param {Known[]} minima
 * @returns {{values: string[], text: string}}
 */
export function answerOf({ kind, of }, race, minima) {
  const run = race.runs.find(({ key }) => key === of);
  if (kind === "outcome" && run) {
    const [value] = ENDS.find(([, , kinds]) => kinds.some((one) => one === run.kind)) ?? ["stops"];
    return { values: [value], text: `${run.look.label}: ${run.text}.` };
  }
  if (kind === "minimum" && run) return answerOfMinimum(run, race.steps, minima);
  return kind === "first" ? answerOfFirst(race) : answerOfLowest(race);
}

/** @param {Race} race */
function answerOfFirst({ runs, steps }) {
  const arrived = runs.filter((run) => run.kind === "reached" && run.step !== null);
  if (!arrived.length) return { values: [NONE], text: `No run reaches the minimum in ${steps} steps.` };
  const least = Math.min(...arrived.map(({ step }) => /** @type {number} */ (step)));
  const first = arrived.filter(({ step }) => step === least);
  const arrive = first.length === 1 ? "arrives" : "arrive";
  return { values: keysOf(first), text: `${namesOf(first)} ${arrive} first, after ${counted(least)}.` };
}

/** @param {Race} race */
function answerOfLowest({ runs, steps, base }) {
  const finite = runs.filter(({ excess }) => Number.isFinite(excess[steps]));
  if (!finite.length) return { values: [], text: "No run ends with a finite loss." };
  const least = Math.min(...finite.map(({ excess }) => excess[steps]));
  const lowest = finite.filter(({ excess }) => excess[steps] === least);
  const have = lowest.length === 1 ? "has" : "have";
  return { values: keysOf(lowest), text: `${namesOf(lowest)} ${have} the lowest loss at the end: ${short(base + least)}.` };
}

/**
 * @param {Run} run
 * @param {number} steps
 * @param {Known[]} minima
 */
function answerOfMinimum(run, steps, minima) {
  const text = `${run.look.label}: ${run.text}.`;
  if (run.kind !== "reached" && run.kind !== "trapped") return { values: [NONE], text };
  const last = pointAt(run, steps);
  const distances = minima.map((at) => distance(at, last));
  return { values: [String(distances.indexOf(Math.min(...distances)))], text };
}

/**
 * @param {number} step
 * @param {Pair} guess
 * @param {Run} run
 * @param {Merged} page
 */
function judgedPoint(step, guess, run, { domain }) {
  const at = pointAt(run, step);
  if (!at.every(Number.isFinite)) {
    return { right: null, text: `After ${counted(step)} ${run.look.label} is at no finite point.` };
  }
  const off = distance(guess, at);
  return {
    right: null,
    text: `After ${counted(step)} ${run.look.label} is at ${placed(at)}. Your mark is ${short(off)} away: ${shareOf(off, domain)}.`,
  };
}

/**
 * How far the iterates are from the line on the whole: those on the map.
 * @param {Pair[]} line
 * @param {Run} run
 * @param {Merged} page
 */
function judgedPath(line, run, { domain }) {
  const [left, right, bottom, top] = domain;
  const iterates = Array.from({ length: run.points.length / 2 }, (_, step) => pointAt(run, step)).filter(
    ([x, y]) => x >= left && x <= right && y >= bottom && y <= top,
  );
  const off = iterates.reduce((sum, point) => sum + distanceToLine(point, line), 0) / iterates.length;
  return {
    right: null,
    text: `Its iterates on the map are ${short(off)} from your line on average: ${shareOf(off, domain)}.`,
  };
}

/**
 * @param {Pair} point
 * @param {Pair[]} line
 */
export function distanceToLine([x, y], line) {
  let least = distance([x, y], line[0]);
  for (let i = 1; i < line.length; i += 1) {
    const [[ax, ay], [bx, by]] = [line[i - 1], line[i]];
    const [dx, dy] = [bx - ax, by - ay];
    const squared = dx * dx + dy * dy;
    const part = squared ? Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / squared, 0), 1) : 0;
    least = Math.min(least, Math.hypot(x - ax - part * dx, y - ay - part * dy));
  }
  return least;
}

/** @type {(off: number, domain: [number, number, number, number]) => string} */
const shareOf = (off, [left, right, bottom, top]) =>
  `${short((100 * off) / Math.hypot(right - left, top - bottom))}% of the map's diagonal`;

/** @type {(run: Run, step: number) => Pair} */
const pointAt = ({ points }, step) => [points[2 * step], points[2 * step + 1]];

/** @type {(a: Known, b: Pair) => number} */
const distance = ([x, y], b) => Math.hypot(x - b[0], (y ?? b[1]) - b[1]);

/** @type {(steps: number) => string} */
const counted = (steps) => `${steps} ${steps === 1 ? "step" : "steps"}`;

/** @type {(runs: Run[]) => string[]} */
const keysOf = (runs) => runs.map(({ key }) => key);

/** @type {(runs: Run[]) => string} */
const namesOf = (runs) => runs.map(({ look }) => look.label).join(" and ");
