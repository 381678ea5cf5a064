// The data a surface is made of, and what each optimizer has fitted so far: a curve, where
// there is one input.

import { Axis } from "./axis.js";
import { Canvas } from "./canvas.js";
import { blank } from "./layer.js";
import { strokeAs } from "./palette.js";
import { Panel } from "./panel.js";
import { computed } from "./postfix.js";
import { minibatch } from "./race.js";
import { MANY, MARGIN, SPACING, drawTwo, padded } from "./twoinputs.js";

const PIECES = 80; // straight pieces a curve is drawn in

/**
 * The models of surfaces/data.py: from the point (a, b) and an input to an output.
 * @type {Record<string, (a: number, b: number, x: number) => number>}
 */
export const MODELS = {
  line: (a, b, x) => a * x + b,
  logistic: (a, b, x) => 1 / (1 + Math.exp(-(a * x + b))),
  tanh: (a, b, x) => b * Math.tanh(a * x),
};

/**
 * The curve of a model; null if it is not drawn.
 * @param {Samples} data
 * @returns {?((a: number, b: number, x: number) => number)}
 */
export function curveOf({ model, steps, odds }) {
  if (MODELS[model] || !steps) return MODELS[model] ?? null;
  const score = computed(steps);
  return odds ? (a, b, x) => MODELS.logistic(0, score(a, b, x), x) : score;
}

export class FitView extends Panel {
  /** @type {?Samples} */
  #data = null;
  /** @type {ReturnType<typeof curveOf>} */
  #curve = null;
  /** @type {?[Race, number, string]} */
  #drawn = null; // the race, the step and the entry

  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    this.canvas = new Canvas(host);
  }

  /**
   * Takes the data of the surface.
   * @param {Given} given
   */
  receive({ page }) {
    if (!page) return;
    this.#data = page.data;
    this.#curve = page.data && curveOf(page.data);
    this.#drawn = null;
  }

  resize() {
    if (this.canvas.resize()) this.#drawn = null;
  }

  /**
   * Shows the data and the curves of a race at a step, and the chosen entry's minibatch.
   * @param {Moment} moment
   */
  draw({ race, step: at, entry }) {
    const step = Math.floor(at);
    const data = this.#data;
    if (!data || !this.canvas.width) return;
    if (this.#drawn?.every((one, i) => one === [race, step, entry][i])) return;
    this.#drawn = [race, step, entry];
    this.canvas.clear();
    drawFit(this.canvas, data, this.#curve, race, step, entry);
  }

  /**
   * @param {Moment} moment
   * @returns {?Drawing}
   */
  drawing({ race, entry }) {
    const data = this.#data;
    if (!data) return null;
    return (paper) => (step) => {
      blank(paper);
      drawFit(paper, data, this.#curve, race, Math.floor(step), entry);
    };
  }
}

/**
 * @param {import("./paper.js").Paper} paper
 * @param {Samples} data
 * @param {ReturnType<typeof curveOf>} curve
 * @param {Race} race
 * @param {number} step
 * @param {string} entry
 */
function drawFit(paper, data, curve, race, step, entry) {
  if (data.x2) {
    const ofTwo = /** @type {import("./twoinputs.js").OfTwo} */ (data);
    drawTwo(paper, ofTwo, race, step, entry, minibatch(race, step, entry));
    return;
  }
  const { x: xs, y: ys, axes } = data;
  const box = paper.box(MARGIN);
  const x = new Axis({ scale: "linear", ...padded(xs), from: box.left, to: box.right, label: axes[0] });
  const y = new Axis({ scale: "linear", ...padded(ys), from: box.bottom, to: box.top, label: axes[1] });
  paper.axes(box, x, y, SPACING);
  paper.within(box, () => {
    if (curve) for (const run of race.runs) drawCurve(paper, x, y, curve, run, step);
  });
  drawSamples(paper, x, y, data, minibatch(race, step, entry));
}

/**
 * @param {import("./paper.js").Paper} paper
 * @param {Axis} x
 * @param {Axis} y
 * @param {(a: number, b: number, x: number) => number} model
 * @param {Run} run
 * @param {number} step
 */
function drawCurve({ context, palette }, x, y, model, { points, look }, step) {
  const [a, b] = [points[2 * step], points[2 * step + 1]];
  context.lineWidth = 2;
  context.beginPath();
  for (let i = 0; i <= PIECES; i += 1) {
    const at = x.low + (i / PIECES) * (x.high - x.low);
    const fitted = model(a, b, at);
    if (Number.isFinite(fitted)) context.lineTo(x.at(at), y.at(fitted));
  }
  strokeAs(context, look.colour, undefined, palette);
}

/**
 * A dot for each sample; those that the step takes are filled and larger.
 * @param {import("./paper.js").Paper} paper
 * @param {Axis} x
 * @param {Axis} y
 * @param {Samples} data
 * @param {?Uint8Array} taken
 */
function drawSamples({ context, palette }, x, y, data, taken) {
  context.lineWidth = 1.2;
  const radius = data.x.length > MANY ? 2 : 3.5;
  data.x.forEach((value, i) => {
    const now = !taken || taken[i];
    context.beginPath();
    context.arc(x.at(value), y.at(data.y[i]), taken && now ? 5 : radius, 0, 2 * Math.PI);
    context.fillStyle = now ? palette.critical : palette.panel;
    context.strokeStyle = now ? palette.page : palette.faint;
    context.fill();
    context.stroke();
  });
}
