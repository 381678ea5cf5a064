// A study, as result.js reads it.

/**
 * The word for how a run of a study ended; null if it came to a minimum.
 * @param {Study} study
 * @param {number} code
 */
export function endOf(study, code) {
  return code < study.first_end ? null : study.ends[code - study.first_end];
}

/**
 * Whether a run went to infinity, or to where the loss is not a number.
 * @type {(study: Study, code: number) => boolean}
 */
export const diverges = (study, code) => ["diverged", "undefined"].includes(endOf(study, code) ?? "");

/**
 * What a study took: steps a second, once its code is compiled.
 * @param {Study} study
 */
export function rateText(study) {
  if (study.steps_per_second === 0) return "as computed before";
  if (!study.steps_per_second) return `${Math.round(study.milliseconds)} ms with compiling`;
  return `${Number((study.steps_per_second / 1e6).toPrecision(3))} million steps/s`;
}
