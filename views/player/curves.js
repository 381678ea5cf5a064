// @ts-nocheck
// Loss curves for five learning rates of each optimizer, as textbooks print them: the
// race's own rate in the middle, bold, and four around it.

import { Axis, drawAxes, font, grown, lossAxis, roomFor } from "./axis.js";
import { Canvas } from "./canvas.js";
import { filledPlaces } from "./panels.js";

const MARGIN = { left: 46, right: 82, top: 22, bottom: 22 };
const RATIO = 1.5; // of a panel's width to its height
const MANY = 5; // panels above which names are short
const CAPTION = 14; // pixels of height
const MIDDLE = 2;
const COLUMN = 3; // pixels whose steps are drawn as one where they go up and down
const FAINT = 0.25; // of the boxes they are then drawn in

/**
 * From the smallest rate to the largest: dots, dashes, a line, and dashes with one dot
 * and with two between them. A piece of 18 pixels shows which.
 */
export const STYLES = [
  { light: 0.6, dash: [1.5, 3] },
  { light: 0.7, dash: [5, 3] },
  { light: 1, dash: [] },
  { light: 0.85, dash: [8, 3, 1.5, 3] },
  { light: 0.7, dash: [7, 2, 1.5, 2, 1.5, 2] },
];

export class CurvesView {
  #study = null;
  #drawn = false;

  constructor(host) {
    this.host = host;
    this.canvas = new Canvas(host);
  }

  clear() {
    this.#study = null;
    this.canvas.clear();
  }

  receive(study) {
    this.#study = study;
    this.#drawn = false;
  }

  resize() {
    if (this.canvas.resize()) this.#drawn = false;
  }

  show() {
    if (!this.#study || !this.canvas.width || this.#drawn) return;
    this.#drawn = true;
    this.canvas.clear();
    const { width, height } = this.canvas;
    const { runs } = this.#study;
    const places = filledPlaces(runs.length, RATIO, width, height - grown(CAPTION), roomFor(MARGIN));
    runs.forEach((run, i) => this.#panel(run, places[i]));
    const { context } = this.canvas;
    context.font = font();
    context.fillStyle = "#97a1b2";
    context.textAlign = "right";
    context.textBaseline = "bottom";
    const { base, known, without } = this.#study;
    const loss = known && base !== 0 ? "loss above the minimum" : "loss";
    const lost = runs.some(({ losses }) => !losses.every(Number.isFinite)) ? "; ∞: no longer finite" : "";
    const others = without.length ? `; without a learning rate: ${without.join(", ")}` : "";
    context.fillText(`${loss} by step, for five learning rates${lost}${others}`, width - 6, height - 4);
  }

  #panel(run, { left, top, width, height }) {
    const { context } = this.canvas;
    const { known, steps } = this.#study;
    const box = { left, top, right: left + width, bottom: top + height };
    const rows = steps + 1;
    const x = new Axis({ spread: "linear", low: 0, high: steps, from: box.left, to: box.right });
    const y = lossAxis({
      series: [run.losses],
      first: run.losses[0],
      known,
      from: box.bottom,
      to: box.top,
    });
    drawAxes(context, box, x, y, [60, 26]);
    const curves = run.rates.map((rate, k) => ({
      rate,
      style: STYLES[k],
      losses: run.losses.subarray(k * rows, (k + 1) * rows),
    }));
    for (const { losses, style } of curves) {
      this.canvas.within(box, () => {
        context.globalAlpha = style.light;
        context.strokeStyle = run.look.colour;
        context.lineWidth = style === STYLES[MIDDLE] ? 2.4 : 1.4;
        context.setLineDash(style.dash);
        strokeLosses(context, losses, x, y);
      });
    }
    context.font = font(600, 12);
    context.textBaseline = "bottom";
    context.textAlign = "left";
    context.fillStyle = run.look.colour;
    const { label, short } = run.look;
    context.fillText(this.#study.runs.length > MANY ? short : label, box.left, box.top - 5);
    this.#name(curves, run.look.colour, box);
  }

  /** The rates beside the panel, each with a piece of its line. */
  #name(curves, colour, box) {
    const { context } = this.canvas;
    context.font = font();
    context.textBaseline = "middle";
    context.textAlign = "left";
    // Beside the steps below the panel there is room, too.
    const high = box.bottom - box.top + grown(MARGIN.bottom - 4);
    const apart = Math.min(grown(15), high / curves.length);
    curves.forEach(({ rate, style, losses }, k) => {
      if (apart < grown(10) && k % 2) return; // the smallest, the own and the largest
      const row = box.top + Math.min(grown(8), apart / 2) + apart * k;
      context.save();
      context.globalAlpha = style.light;
      context.strokeStyle = colour;
      context.lineWidth = k === MIDDLE ? 2.4 : 1.4;
      context.setLineDash(style.dash);
      context.beginPath();
      context.moveTo(box.right + 5, row);
      context.lineTo(box.right + 23, row);
      context.stroke();
      context.restore();
      context.fillStyle = k === MIDDLE ? "#e6e9ef" : "#97a1b2";
      const lost = Number.isFinite(losses.at(-1)) ? "" : " ∞";
      context.fillText(`${rateText(rate)}${lost}`, box.right + 27, row);
    });
  }
}

/** A rate in two digits, and in few characters. */
const rateText = (rate) => {
  const round = Number(rate.toPrecision(2));
  return round < 1e-4 ? round.toExponential().replace("-", "−") : String(round);
};

/**
 * Strokes losses by step; what is not finite is left out. Where steps are many to a few
 * pixels, and go up and down, their strokes would run into a blot: there the line goes
 * through the middle one, and a faint box reaches from the least of them to the greatest.
 */
export function strokeLosses(context, losses, x, y) {
  const [line, boxes] = [new Path2D(), new Path2D()];
  const each = Math.ceil((COLUMN * losses.length) / (x.to - x.from));
  let drawing = false;
  const go = (step, loss) => {
    const draws = Number.isFinite(loss);
    if (draws && drawing) line.lineTo(x.at(step), y.at(loss));
    else if (draws) line.moveTo(x.at(step), y.at(loss));
    drawing = draws;
  };
  for (let from = 0; from < losses.length; from += each) {
    const some = losses.subarray(from, from + each);
    if (turns(some) < 2) {
      some.forEach((loss, i) => go(from + i, loss));
      continue;
    }
    const sorted = some.filter(Number.isFinite).sort();
    go(from + some.length / 2, sorted[sorted.length >> 1]);
    const [left, right] = [from, from + each].map((step) => Math.round(x.at(step)));
    const [top, bottom] = [y.at(sorted.at(-1)), y.at(sorted[0])];
    boxes.rect(left, top, right - left, bottom - top);
  }
  context.stroke(line);
  context.save();
  context.globalAlpha *= FAINT;
  context.fillStyle = context.strokeStyle;
  context.fill(boxes);
  context.restore();
}

/** How often values turn from going up to going down, or back. */
const turns = (values) =>
  values.filter((v, i) => i && (v - values[i - 1]) * (values[i + 1] - v) < 0).length;
