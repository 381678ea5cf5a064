// A loss of one variable as the curve that it is: the iterates of each run on it, with lines
// from one to the next, and at each head the tangent; of Newton's method the parabola whose
// lowest point is its next iterate. Known minima are marked.

import { Axis } from "./axis.js";
import { Canvas } from "./canvas.js";
import { blank } from "./layer.js";
import { addMark } from "./marks.js";
import { inkOf, strokeAs } from "./palette.js";
import { Panel } from "./panel.js";
import { valueOf } from "./postfix.js";

const MARGIN = { left: 60, right: 12, top: 12, bottom: 26 };
const ROOM = 0.08; // of the range of losses, above and below
const TANGENT = 0.12; // of the width, to each side
const DOT = 2.2; // pixels
const HEAD = 7;
const MARK = 5; // of what marks a minimum

/** @typedef {(x: number) => number} OfX */
/** @typedef {{loss: OfX, slope: ?OfX, bend: ?OfX}} Curve */

/**
 * A loss and its derivatives, as functions of x.
 * @param {NonNullable<Merged["curve"]>} curve
 * @param {Record<string, number>} numbers  that a reader has declared
 * @returns {Curve}
 */
export function curveOf({ loss, slope, bend }, numbers) {
  /** @type {(steps: import("./postfix.js").Postfix) => OfX} */
  const of = (steps) => (x) => valueOf(steps, { ...numbers, x });
  return { loss: of(loss), slope: slope && of(slope), bend: bend && of(bend) };
}

/**
 * The lowest and the highest of some values, those aside that are not finite.
 * @param {number[]} values
 * @returns {Pair}
 */
export function rangeOf(values) {
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return [0, 1];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const room = ROOM * (high - low) || 1;
  return [low - room, high + room];
}

/**
 * The parabola that touches a curve at a place, with its slope and its second derivative.
 * @param {Curve} curve
 * @param {number} at
 * @returns {OfX}
 */
export const parabola = ({ loss, slope, bend }, at) => {
  const [value, first, second] = [loss, slope, bend].map((of) => of?.(at) ?? NaN);
  return (x) => value + first * (x - at) + (second / 2) * (x - at) ** 2;
};

export class CurveView extends Panel {
  /** @type {?Curve} */
  #curve = null;
  /** @type {Pair} */
  #domain = [0, 1];
  /** @type {number[]} */
  #minima = []; // where they are known to be
  /** @type {Set<string>} */
  #newton = new Set(); // the entries that follow Newton's method
  /** @type {?unknown[]} */
  #drawn = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    this.canvas = new Canvas(host);
  }

  /** @param {Given} given */
  receive({ page }) {
    if (!page) return;
    const numbers = Object.fromEntries(page.params.map(({ key, value }) => [key, Number(value)]));
    this.#curve = page.curve && curveOf(page.curve, numbers);
    this.#domain = [page.domain[0], page.domain[1]];
    this.#minima = page.minima.map(([x]) => x);
    this.#newton = new Set(page.cards.filter(({ rule }) => rule === "newton").map(({ key }) => key));
    this.#drawn = null;
  }

  resize() {
    if (this.canvas.resize()) this.#drawn = null;
  }

  /** @param {Moment} moment */
  draw({ race, step: at }) {
    const step = Math.floor(at);
    if (!this.#curve || !this.canvas.width) return;
    if (this.#drawn?.[0] === race && this.#drawn[1] === step) return;
    this.#drawn = [race, step];
    this.canvas.clear();
    this.#paint(this.canvas, this.#curve, race, step);
  }

  /**
   * @param {Moment} moment
   * @returns {?Drawing}
   */
  drawing({ race }) {
    const curve = this.#curve;
    if (!curve) return null;
    return (paper) => (step) => {
      blank(paper);
      this.#paint(paper, curve, race, Math.floor(step));
    };
  }

  /**
   * @param {import("./paper.js").Paper} paper
   * @param {Curve} curve
   * @param {Race} race
   * @param {number} step
   */
  #paint(paper, curve, race, step) {
    const box = paper.box(MARGIN);
    const [low, high] = this.#domain;
    const pieces = Math.max(2, Math.round(box.right - box.left));
    const places = Array.from({ length: pieces + 1 }, (_, i) => low + (i / pieces) * (high - low));
    const losses = places.map(curve.loss);
    const [lowest, highest] = rangeOf(losses);
    const x = new Axis({ scale: "linear", low, high, from: box.left, to: box.right, label: "x" });
    const y = new Axis({ scale: "linear", low: lowest, high: highest, from: box.bottom, to: box.top, label: "loss" });
    paper.axes(box, x, y, [70, 50]);
    const { context, palette } = paper;
    paper.within(box, () => {
      context.lineWidth = 2;
      context.strokeStyle = palette.strong;
      line(context, places, losses, x, y);
      for (const at of this.#minima) {
        paper.outline((path) => addMark(path, "saltire", x.at(at), y.at(curve.loss(at)), MARK), palette.critical, 1.8, 3.5);
      }
      for (const run of race.runs) {
        const trail = Array.from({ length: step + 1 }, (_, t) => run.points[2 * t]);
        const heights = trail.map(curve.loss);
        const [at, height] = [trail[step], heights[step]];
        context.lineWidth = 1;
        line(context, trail, heights, x, y, () => strokeAs(context, run.look.colour, undefined, palette));
        context.fillStyle = inkOf(run.look.colour, palette).line;
        context.beginPath();
        trail.forEach((one, t) => {
          if (Number.isFinite(heights[t])) addMark(context, "circle", x.at(one), y.at(heights[t]), DOT);
        });
        context.fill();
        if (!Number.isFinite(height)) continue;
        this.#touching(paper, curve, run, at, x, y);
        context.beginPath();
        addMark(context, run.look.mark, x.at(at), y.at(height), HEAD);
        context.fillStyle = inkOf(run.look.colour, palette).line;
        context.fill();
        context.lineWidth = 1;
        context.strokeStyle = palette.page;
        context.stroke();
      }
    });
  }

  /**
   * The tangent at a head, or Newton's parabola.
   * @param {import("./paper.js").Paper} paper
   * @param {Curve} curve
   * @param {Run} run
   * @param {number} at
   * @param {Axis} x
   * @param {Axis} y
   */
  #touching({ context, palette }, curve, run, at, x, y) {
    const newton = this.#newton.has(run.key) && curve.bend;
    if (!curve.slope) return;
    const touching = parabola(newton ? curve : { ...curve, bend: () => 0 }, at);
    const reach = (newton ? 1 : TANGENT) * (x.high - x.low);
    const places = Array.from({ length: 81 }, (_, i) => at + reach * (i / 40 - 1));
    context.lineWidth = 1.5;
    context.setLineDash(newton ? [5, 4] : []);
    line(context, places, places.map(touching), x, y, () => strokeAs(context, run.look.colour, undefined, palette));
    context.setLineDash([]);
  }
}

/**
 * A line through places on a curve, broken where there is no number.
 * @param {import("./paper.js").Paper["context"]} context
 * @param {number[]} places
 * @param {number[]} values
 * @param {Axis} x
 * @param {Axis} y
 * @param {() => void} [stroke]
 */
function line(context, places, values, x, y, stroke = () => context.stroke()) {
  context.beginPath();
  let broken = true;
  places.forEach((place, i) => {
    const whole = Number.isFinite(values[i]) && Number.isFinite(place);
    if (whole) context[broken ? "moveTo" : "lineTo"](x.at(place), y.at(values[i]));
    broken = !whole;
  });
  stroke();
}
