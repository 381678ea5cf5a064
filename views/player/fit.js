// The data a surface is made of, and the curve that each optimizer has fitted so far.

import { linearTicks, short } from "./axis.js";
import { contextOf } from "./context.js";
import { minibatch } from "./race.js";

const MARGIN = { left: 44, right: 10, top: 24, bottom: 30 };
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

export class FitView {
  width = 0;
  height = 0;
  /** @type {?Samples} */
  #data = null;
  #drawn = "";
  /** @type {?Race} */
  #race = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    const canvas = document.createElement("canvas");
    canvas.className = "overlay";
    host.append(canvas);
    this.context = contextOf(canvas);
  }

  /**
   * Takes the data of the surface; null if it is not made of any.
   * @param {?Samples} data
   */
  receive(data) {
    this.#data = data;
    this.#drawn = "";
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    const ratio = window.devicePixelRatio || 1;
    const { canvas } = this.context;
    if (canvas.width === Math.round(width * ratio) && canvas.height === Math.round(height * ratio)) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    Object.assign(this, { width, height });
    this.#drawn = "";
  }

  /**
   * Shows the data and the curves of a race at a step, and an entry's minibatch.
   * @param {Race} race
   * @param {number} step
   * @param {string} entry  whose minibatch; empty for that of all
   */
  show(race, step, entry) {
    const data = this.#data;
    if (!data || !this.width) return;
    const drawn = `${step} ${entry}`;
    if (this.#race === race && this.#drawn === drawn) return;
    this.#race = race;
    this.#drawn = drawn;
    const { context } = this;
    context.clearRect(0, 0, this.width, this.height);
    const frame = frameOf(data, this);
    this.#axes(frame, data);
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    for (const run of race.runs) this.#curve(frame, MODELS[data.model], run, step);
    context.restore();
    this.#samples(frame, data, minibatch(race, step, entry));
  }

  /**
   * @param {ReturnType<typeof frameOf>} frame
   * @param {Samples} data
   */
  #axes({ left, right, top, bottom, xs, ys, px, py }, { axes: [horizontal, vertical] }) {
    const { context } = this;
    context.font = "11px 'Source Sans', sans-serif";
    context.fillStyle = "#97a1b2";
    context.strokeStyle = "#232a37";
    context.lineWidth = 1;
    context.beginPath();
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const tick of linearTicks(...ys, (bottom - top) / 50)) {
      const at = Math.round(py(tick)) + 0.5;
      context.moveTo(left, at);
      context.lineTo(right, at);
      context.fillText(short(tick), left - 6, at);
    }
    context.textBaseline = "top";
    context.textAlign = "center";
    for (const tick of linearTicks(...xs, (right - left) / 70)) {
      const at = Math.round(px(tick)) + 0.5;
      context.moveTo(at, top);
      context.lineTo(at, bottom);
      context.fillText(short(tick), at, bottom + 4);
    }
    context.stroke();
    context.fillText(horizontal, (left + right) / 2, bottom + 16);
    context.textAlign = "left";
    context.fillText(vertical, 6, 6);
  }

  /**
   * @param {ReturnType<typeof frameOf>} frame
   * @param {(a: number, b: number, x: number) => number} model
   * @param {Run} run
   * @param {number} step
   */
  #curve({ xs, px, py }, model, { points, look }, step) {
    const { context } = this;
    const [a, b] = [points[2 * step], points[2 * step + 1]];
    context.strokeStyle = look.colour;
    context.lineWidth = 2;
    context.beginPath();
    for (let i = 0; i <= PIECES; i += 1) {
      const x = xs[0] + (i / PIECES) * (xs[1] - xs[0]);
      const y = model(a, b, x);
      if (Number.isFinite(y)) context.lineTo(px(x), py(y));
    }
    context.stroke();
  }

  /**
   * A dot for each sample; those that the step takes are filled and larger.
   * @param {ReturnType<typeof frameOf>} frame
   * @param {Samples} data
   * @param {?Uint8Array} taken
   */
  #samples({ px, py }, { x, y }, taken) {
    const { context } = this;
    context.lineWidth = 1.2;
    x.forEach((value, i) => {
      const now = !taken || taken[i];
      context.beginPath();
      context.arc(px(value), py(y[i]), taken && now ? 5 : 3.5, 0, 2 * Math.PI);
      context.fillStyle = now ? "#ffe9a8" : "#11151d";
      context.strokeStyle = now ? "#0b0e14" : "#8a8f9c";
      context.fill();
      context.stroke();
    });
  }
}

/**
 * The box of the plot, the ranges that it shows, and where values lie in it.
 * @param {Samples} data
 * @param {{width: number, height: number}} size
 */
function frameOf({ x, y }, { width, height }) {
  /** @type {(values: number[]) => Pair} */
  const padded = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = 0.15 * (high - low);
    return [low - margin, high + margin];
  };
  const [xs, ys] = [padded(x), padded(y)];
  const box = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  return {
    ...box,
    xs,
    ys,
    /** @param {number} v */
    px: (v) => box.left + ((v - xs[0]) / (xs[1] - xs[0])) * (box.right - box.left),
    /** @param {number} v */
    py: (v) => box.bottom - ((v - ys[0]) / (ys[1] - ys[0])) * (box.bottom - box.top),
  };
}
