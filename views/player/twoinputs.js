// Data of two inputs. Of labels: the inputs, and the line on which each optimizer's score is
// 0. Of other targets: what each optimizer predicts, against what it should.

import { Axis } from "./axis.js";
import { fillAs, strokeAs } from "./palette.js";
import { valueOf } from "./postfix.js";

export const MARGIN = { left: 60, right: 10, top: 10, bottom: 24 };
export const SPACING = /** @type {Pair} */ ([70, 50]);
export const MANY = 200; // samples from which on their marks are smaller
const [SMALL, LARGE, TAKEN] = [2, 3.5, 5]; // pixels of radius

/**
 * What models say of two inputs by two weights.
 * @type {Record<string, (a: number, b: number, x1: number, x2: number) => number>}
 */
export const MODELS_OF_TWO = {
  line: (a, b, x1, x2) => a * x1 + b * x2,
  tanh: (a, b, x1, x2) => Math.tanh(a * x1 + b * x2),
};

/** @typedef {Samples & {x2: number[]}} OfTwo  samples of two inputs */

/**
 * What a model predicts; null if it is not drawn.
 * @param {Pick<Samples, "model" | "steps" | "odds">} data
 * @returns {?((a: number, b: number, x1: number, x2: number) => number)}
 */
export function predictionOf({ model, steps, odds }) {
  if (MODELS_OF_TWO[model] || !steps) return MODELS_OF_TWO[model] ?? null;
  /** @type {(a: number, b: number, x1: number, x2: number) => number} */
  const score = (a, b, x1, x2) => valueOf(steps, { a, b, x1, x2 });
  return (a, b, x1, x2) => (odds ? 1 / (1 + Math.exp(-score(a, b, x1, x2))) : score(a, b, x1, x2));
}

/**
 * The ends of the line a x1 + b x2 = 0 in a box, from its far side to its near one; null
 * where every point is on it.
 * @param {Pair} weights
 * @param {number} reach  how far from 0 the ends are
 * @returns {?[Pair, Pair]}
 */
export function borderOf([a, b], reach) {
  const length = Math.hypot(a, b);
  if (!(length > 0 && length < Infinity)) return null;
  const [x, y] = [(-b / length) * reach, (a / length) * reach];
  return [[x, y], [-x, -y]];
}

/**
 * Whether a line parts the labels: the score of a model that is typed may be 0 on
 * any curve.
 * @param {Pick<Samples, "model" | "labels">} data
 */
export const hasBorder = ({ model, labels }) => Boolean(labels?.length) && ["line", "logistic"].includes(model);

/**
 * Draws the data and what a race has fitted at a step.
 * @param {import("./paper.js").Paper} paper
 * @param {OfTwo} data
 * @param {Race} race
 * @param {number} step
 * @param {string} entry  that the chosen minibatch is of
 * @param {?Uint8Array} taken
 */
export function drawTwo(paper, data, race, step, entry, taken) {
  if (hasBorder(data)) drawLabels(paper, data, race, step, taken);
  else drawPredictions(paper, data, race, step, entry, taken);
}

/**
 * A range with room around all values.
 * @param {number[]} values
 */
export function padded(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.15 * (high - low) || 1;
  return { low: low - room, high: high + room };
}

/**
 * @param {import("./paper.js").Paper} paper
 * @param {OfTwo} data
 * @param {Race} race
 * @param {number} step
 * @param {?Uint8Array} taken
 */
function drawLabels(paper, { x: x1, x2, y: labels, axes }, race, step, taken) {
  const box = paper.box(MARGIN);
  // With 0, which every line goes through.
  const x = new Axis({ scale: "linear", ...padded([...x1, 0]), from: box.left, to: box.right, label: axes[0] });
  const y = new Axis({ scale: "linear", ...padded([...x2, 0]), from: box.bottom, to: box.top, label: axes[1] });
  const { context, palette } = paper;
  paper.axes(box, x, y, SPACING);
  const reach = Math.hypot(...[x.low, x.high].map(Math.abs), ...[y.low, y.high].map(Math.abs));
  paper.within(box, () => {
    context.lineWidth = 2;
    for (const { points, look } of race.runs) {
      const ends = borderOf([points[2 * step], points[2 * step + 1]], reach);
      if (!ends) continue;
      context.beginPath();
      for (const [across, up] of ends) context.lineTo(x.at(across), y.at(up));
      strokeAs(context, look.colour, undefined, palette);
    }
  });
  const radius = x1.length > MANY ? SMALL : LARGE;
  context.lineWidth = 1.4;
  labels.forEach((label, i) => {
    const now = !taken || taken[i];
    drawLabel(paper, [x.at(x1[i]), y.at(x2[i])], label > 0, now ? palette.critical : palette.faint, taken && now ? TAKEN : radius);
  });
  drawLegend(paper, box, axes[2], labels);
}

/**
 * A disc for the higher label, a square that is empty for the lower.
 * @param {import("./paper.js").Paper} paper
 * @param {Pair} at
 * @param {boolean} high
 * @param {string} colour
 * @param {number} radius
 */
function drawLabel({ context, palette }, [px, py], high, colour, radius) {
  context.beginPath();
  if (high) context.arc(px, py, radius, 0, 2 * Math.PI);
  else context.rect(px - radius, py - radius, 2 * radius, 2 * radius);
  context.fillStyle = high ? colour : palette.panel;
  context.strokeStyle = high ? palette.page : colour;
  context.fill();
  context.stroke();
}

/**
 * Which mark is which label.
 * @param {import("./paper.js").Paper} paper
 * @param {Box} box
 * @param {string} name  of the labels
 * @param {number[]} labels
 */
function drawLegend(paper, box, name, labels) {
  const { context, palette } = paper;
  context.save();
  context.font = paper.font();
  context.textAlign = "left";
  context.textBaseline = "middle";
  let left = box.left + 10;
  const middle = box.bottom - paper.grown(10);
  for (const label of [Math.min(...labels), Math.max(...labels)]) {
    const text = `${name} = ${label}`;
    context.fillStyle = palette.panel;
    context.fillRect(left - 8, middle - paper.grown(9), context.measureText(text).width + 22, paper.grown(19));
    drawLabel(paper, [left, middle], label > 0, palette.critical, LARGE);
    context.fillStyle = palette.ink;
    context.fillText(text, left + 9, middle);
    left += context.measureText(text).width + 27;
  }
  context.restore();
}

/**
 * @param {import("./paper.js").Paper} paper
 * @param {OfTwo} data
 * @param {Race} race
 * @param {number} step
 * @param {string} entry
 * @param {?Uint8Array} taken
 */
function drawPredictions(paper, data, race, step, entry, taken) {
  const { x: x1, x2, y: targets, axes } = data;
  const box = paper.box(MARGIN);
  const range = padded(targets);
  const x = new Axis({ scale: "linear", ...range, from: box.left, to: box.right, label: axes[2] });
  const y = new Axis({ scale: "linear", ...range, from: box.bottom, to: box.top, label: `${axes[2]}, predicted` });
  const { context, palette } = paper;
  paper.axes(box, x, y, SPACING);
  const predict = predictionOf(data);
  const radius = targets.length > MANY ? 1.5 : 2.5;
  paper.within(box, () => {
    context.save();
    context.setLineDash([4, 4]);
    context.lineWidth = 1;
    context.strokeStyle = palette.muted;
    context.beginPath();
    context.moveTo(x.at(range.low), y.at(range.low));
    context.lineTo(x.at(range.high), y.at(range.high));
    context.stroke();
    context.restore();
    if (!predict) return;
    for (const { key, points, look } of race.runs) {
      const [a, b] = [points[2 * step], points[2 * step + 1]];
      context.beginPath();
      targets.forEach((target, i) => {
        const found = predict(a, b, x1[i], x2[i]);
        if (!Number.isFinite(found)) return;
        const [px, py] = [x.at(target), y.at(found)];
        const size = taken?.[i] && key === entry ? TAKEN : radius;
        context.moveTo(px + size, py);
        context.arc(px, py, size, 0, 2 * Math.PI);
      });
      fillAs(context, look.colour, palette);
    }
  });
}
