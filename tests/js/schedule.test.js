// The name of a schedule in the loss chart.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Axis, lossAxis } from "../../views/player/axis.js";
import { drawFactors } from "../../views/player/losses.js";
import { Paper } from "../../views/player/paper.js";
import { SvgContext } from "../../views/player/svg.js";

const STEPS = 200;
const measure = (/** @type {string} */ font, /** @type {string} */ text) => 6 * text.length;
const palette = { trails: {}, letters: 1, strokes: 1, edge: "#ffffff" };
const decay = Float32Array.from({ length: STEPS }, (_, i) => 1 / (1 + 0.02 * i));

/**
 * A small chart of losses, with a schedule: its box, and where its name stands.
 * @param {((step: number) => number)[]} losses
 */
function named(losses) {
  const context = new SvgContext(measure);
  const paper = new Paper(context, { width: 480, height: 130, palette });
  const box = paper.box({ left: 58, right: 74, top: 8, bottom: 20 });
  const runs = losses.map((loss) => ({ excess: Float32Array.from({ length: STEPS + 1 }, (_, i) => loss(i)) }));
  const x = new Axis({ scale: "linear", low: 0, high: STEPS, from: box.left, to: box.right });
  const y = lossAxis({ series: runs.map(({ excess }) => excess), first: losses[0](0), known: true, from: box.bottom, to: box.top });
  const race = /** @type {Race} */ (/** @type {unknown} */ ({ runs, steps: STEPS }));
  const [place] = drawFactors({ race, paper, box, x, y }, decay, "#999999");
  const crossed = runs.some(({ excess }) =>
    excess.some((loss, i) => x.at(i) > place.left && x.at(i) < place.right && y.at(loss) > place.top && y.at(loss) < place.bottom));
  return { box, place, crossed, svg: context.file({ width: 480, height: 130, title: "", description: "" }) };
}

test("the name of a schedule is in its chart, away from the numbers of the axis", () => {
  const { box, place, svg } = named([(i) => 10 ** (1 - i / 20)]);
  assert.ok(place.left >= box.left + 8 && place.right <= box.right, `${place.left} ${place.right}`);
  assert.ok(place.top >= box.top - 5 && place.bottom <= box.bottom, `${place.top} ${place.bottom}`);
  assert.match(svg, /α × [\d.]+ \(schedule\)/);
});

test("no curve crosses it where there is room", () => {
  assert.ok(!named([(i) => 10 ** (1 - i / 60)]).crossed);
  assert.ok(!named([() => 10, (i) => 10 * 0.99 ** i, (i) => 8 * 0.98 ** i]).crossed);
});
