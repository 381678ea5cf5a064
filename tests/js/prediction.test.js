import assert from "node:assert/strict";
import { test } from "node:test";

import { answerOf, distanceToLine, isGuessed, judged, optionsOf } from "../../views/player/prediction.js";
import { ranksOf } from "../../views/player/race.js";

/** @type {(key: string, more: object) => any} */
const run = (key, more) => ({
  key, look: { label: key.toUpperCase() }, kind: "descending", text: "still descending", step: null,
  points: Float32Array.of(0, 0, 1, 0, 2, 0), excess: Float32Array.of(4, 2, 1), ...more,
});
const reached = (/** @type {number} */ step) => ({ kind: "reached", step, text: `reached the minimum after ${step} steps` });
/** @type {(...runs: any[]) => any} */
const race = (...runs) => ({ steps: 2, base: 0, runs });
/** @type {any} */
const page = {
  on: ["a", "b"], looks: { a: { label: "A" }, b: { label: "B" } },
  minima: [[2, 0], [-3, 4]], domain: [-3, 3, -4, 4],
};
/** @type {(kind: string, more?: object) => any} */
const asks = (kind, more = {}) => ({ kind, ask: "?", of: "", step: 0, ...more });

test("what there is to choose from follows from the page", () => {
  assert.deepEqual(optionsOf(asks("first"), page), [["a", "A"], ["b", "B"], ["none", "none of them"]]);
  assert.deepEqual(optionsOf(asks("lowest"), page), [["a", "A"], ["b", "B"]]);
  assert.deepEqual(optionsOf(asks("minimum", { of: "a" }), page).map(([, label]) => label), ["(2, 0)", "(−3, 4)", "none of these"]);
  assert.deepEqual(optionsOf(asks("point"), page), []);
});

test("who arrives first is who the race says, and all who do", () => {
  const answer = (/** @type {any[]} */ ...runs) => answerOf(asks("first"), race(...runs), []);
  assert.deepEqual(answer(run("a", reached(9)), run("b", reached(4))), {
    values: ["b"], text: "B arrives first, after 4 steps.",
  });
  assert.deepEqual(answer(run("a", reached(1)), run("b", reached(1))), {
    values: ["a", "b"], text: "A and B arrive first, after 1 step.",
  });
  assert.deepEqual(answer(run("a", {}), run("b", {})).values, ["none"]);
});

test("the lowest loss is that of the last step, and no run that is not finite has it", () => {
  const low = run("b", { excess: Float32Array.of(4, 0, 0.5) });
  assert.deepEqual(answerOf(asks("lowest"), race(run("a", {}), low), []).values, ["b"]);
  const gone = run("b", { excess: Float32Array.of(4, 0, NaN) });
  assert.deepEqual(answerOf(asks("lowest"), race(run("a", {}), gone), []).values, ["a"]);
  assert.deepEqual(answerOf(asks("lowest"), race(gone), []).values, []);
});

test("every kind of outcome is one of the ends that can be chosen", () => {
  const kinds = ["reached", "trapped", "stuck", "settled", "oscillating", "stalled", "no_progress", "descending",
    "climbing", "left", "diverged"];
  const values = optionsOf(asks("outcome", { of: "a" }), page).map(([value]) => value);
  for (const kind of kinds) {
    const answer = answerOf(asks("outcome", { of: "a" }), race(run("a", { kind })), []);
    assert.ok(values.includes(answer.values[0]), kind);
    assert.equal(answer.text, "A: still descending.");
  }
});

test("the minimum is the nearest to the end, if the run came to one", () => {
  const of = asks("minimum", { of: "a" });
  assert.deepEqual(answerOf(of, race(run("a", reached(1))), page.minima).values, ["0"]);
  assert.deepEqual(answerOf(of, race(run("a", {})), page.minima).values, ["none"]);
});

test("of a loss of x alone a minimum is said, and the nearest is found, by x", () => {
  const of = asks("minimum", { of: "a" });
  assert.deepEqual(optionsOf(of, { ...page, minima: [[-1.5], [2.25]] }).map(([, label]) => label), ["x = −1.5", "x = 2.25", "none of these"]);
  const far = run("a", { ...reached(1), points: Float32Array.of(0, 90, 1, 90, 2, 90) });
  assert.deepEqual(answerOf(of, race(far), [[-1.5], [2.25]]).values, ["1"]);
});

test("a guess is judged against the race that is shown", () => {
  const one = race(run("a", reached(9)), run("b", reached(4)));
  assert.deepEqual(judged(asks("first"), "b", one, page), { right: true, text: "Right. B arrives first, after 4 steps." });
  assert.equal(judged(asks("first"), "a", one, page).text, "Not so. B arrives first, after 4 steps.");
  assert.match(judged(asks("outcome", { of: "c" }), "left", one, page).text, /is off/);
});

test("a mark is as far off as it is", () => {
  const { right, text } = judged(asks("point", { of: "a", step: 1 }), [1, 3], race(run("a", {})), page);
  assert.equal(right, null);
  assert.equal(text, "After 1 step A is at (1, 0). Your mark is 3 away: 30% of the map's diagonal.");
  const gone = run("a", { points: Float32Array.of(0, 0, Infinity, 0, NaN, 0) });
  assert.match(judged(asks("point", { of: "a", step: 1 }), [1, 3], race(gone), page).text, /no finite point/);
});

test("a line is as far off as the iterates on the map are from it", () => {
  const line = /** @type {[number, number][]} */ ([[0, 1], [2, 1]]);
  const { text } = judged(asks("path", { of: "a" }), line, race(run("a", {})), page);
  assert.equal(text, "Its iterates on the map are 1 from your line on average: 10% of the map's diagonal.");
  assert.equal(distanceToLine([3, 1], line), 1);
  assert.equal(distanceToLine([5, 5], [[1, 1]]), Math.hypot(4, 4));
});

test("a guess is there once something was chosen", () => {
  assert.equal(isGuessed(null), false);
  assert.equal(isGuessed("0"), true);
  assert.equal(isGuessed([[1, 2]]), false, "a point of a line is none");
  assert.equal(isGuessed([1, 2]), true);
});

test("runs are ranked by their last losses, alike with the same rank", () => {
  const last = (/** @type {number} */ loss) => ({ excess: Float32Array.of(9, 9, loss) });
  const ranks = ranksOf(race(run("a", last(2)), run("b", last(NaN)), run("c", last(2)), run("d", last(5))));
  assert.deepEqual([...(ranks ?? [])], [["a", "1st"], ["b", "4th"], ["c", "1st"], ["d", "3rd"]]);
  assert.equal(ranksOf(race(run("a", {}))), null);
});
