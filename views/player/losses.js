// The loss curves: loss against step, on a log axis where there is a minimum to
// measure from.

import { decadeText, decadeTicks, linearTicks, short } from "./axis.js";
import { track } from "./geometry.js";
import { Trails } from "./trails.js";

const MARGIN = { left: 52, right: 74, top: 8, bottom: 20 };
const TINIEST = 1e-300; // stands for zero on a log axis
const DECADES = 14; // shown at most

export class LossView {
  #tracks = [];
  #drawn = {};
  #scale = null;
  #race = null;

  /**
   * @param {HTMLElement} host
   * @param {(step: number) => void} onSeek  a step was chosen on the curves
   */
  constructor(host, onSeek) {
    this.host = host;
    this.trails = new Trails(host, (context) => this.#axes(context));
    this.line = host.querySelector(".playhead");
    this.tip = host.querySelector(".tip");
    const seek = (event) => {
      if (this.#scale) onSeek(this.#stepAt(event));
    };
    host.addEventListener("pointerdown", (event) => {
      host.setPointerCapture(event.pointerId);
      seek(event);
    });
    host.addEventListener("pointermove", (event) => {
      if (event.buttons) seek(event);
      this.#read(event);
    });
    host.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!this.trails.resize(width, height)) return;
    this.#drawn = {};
  }

  /**
   * Shows a race at a step.
   * @param {object} race
   * @param {number} step
   * @param {?number[]} range  of the loss on a linear axis; null for a log axis
   * @param {boolean} eager  whether what is costly to draw may be drawn in this frame
   */
  show(race, step, range, eager) {
    if (!this.trails.width) return;
    if (eager && (this.#drawn.race !== race || this.#drawn.range !== range)) {
      this.#drawn = { race, range };
      this.#race = race;
      this.#scale = this.#scaled(race, range);
      this.#tracks = this.#traced(race);
    }
    if (!this.#scale) return;
    this.line.style.transform = `translateX(${this.#scale.x(step)}px)`;
    this.trails.show(this.#tracks, step, eager);
  }

  #scaled(race, range) {
    const { width, height } = this.trails;
    const box = {
      left: MARGIN.left,
      right: width - MARGIN.right,
      top: MARGIN.top,
      bottom: height - MARGIN.bottom,
    };
    const log = !range;
    const value = log ? (excess) => Math.log10(Math.max(excess, TINIEST)) : (excess) => excess;
    const [low, high] = log ? decades(race) : range;
    return {
      box,
      log,
      value,
      low,
      high,
      x: (step) => box.left + (step / race.steps) * (box.right - box.left),
      y: (v) => box.bottom - ((v - low) / (high - low)) * (box.bottom - box.top),
    };
  }

  #traced(race) {
    const { x, y, value, low, high } = this.#scale;
    const box = [
      [0, race.steps],
      [low, high],
    ];
    return race.runs.map((run) => ({
      ...track(
        run.excess.length,
        (i, out) => {
          out[0] = i;
          out[1] = value(run.excess[i]);
        },
        box,
        ([step, v]) => [x(step), y(v)],
      ),
      ...run.look,
      label: run.look.short,
      contains: (i) => value(run.excess[i]) >= low && value(run.excess[i]) <= high,
    }));
  }

  #axes(context) {
    const { box, x, y, log, low, high } = this.#scale;
    context.font = "11px 'Source Sans', sans-serif";
    context.fillStyle = "#97a1b2";
    context.strokeStyle = "#232a37";
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const rows = Math.max(2, Math.floor((box.bottom - box.top) / 24));
    this.#schedule(context);
    context.textBaseline = "middle";
    const ticks = log ? decadeTicks(low, high, rows) : linearTicks(low, high, rows);
    for (const tick of ticks) {
      const at = Math.round(y(tick)) + 0.5;
      context.beginPath();
      context.moveTo(box.left, at);
      context.lineTo(box.right, at);
      context.stroke();
      context.fillText(log ? decadeText(tick) : short(tick), box.left - 6, at);
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const tick of linearTicks(0, this.#race.steps, (box.right - box.left) / 90)) {
      const at = Math.round(x(tick)) + 0.5;
      context.beginPath();
      context.moveTo(at, box.top);
      context.lineTo(at, box.bottom);
      context.stroke();
      context.fillText(String(tick), at, box.bottom + 5);
    }
    context.textAlign = "right";
    context.fillText("step", this.trails.width - 6, box.bottom + 5);
    context.save();
    context.translate(3, (box.top + box.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(this.#race.base === 0 ? "loss" : "loss − minimum", 0, 0);
    context.restore();
  }

  /** How the learning rate is scheduled, behind the curves: a dashed line from 0 to 1. */
  #schedule(context) {
    const { factors } = this.#race;
    if (factors.every((factor) => factor === 1)) return;
    const { box, x } = this.#scale;
    const y = (factor) => box.bottom - factor * (box.bottom - box.top - 12);
    context.save();
    context.strokeStyle = "#97a1b2";
    context.setLineDash([5, 4]);
    context.beginPath();
    factors.forEach((factor, step) => context.lineTo(x(step), y(factor)));
    context.stroke();
    context.textAlign = "left";
    context.textBaseline = "bottom";
    const top = factors.indexOf(Math.max(...factors));
    context.fillText("α × 1 (schedule)", x(top) + 4, y(factors[top]));
    context.restore();
  }

  #stepAt(event) {
    const { box } = this.#scale;
    const px = event.clientX - this.host.getBoundingClientRect().left;
    const part = (px - box.left) / (box.right - box.left);
    return Math.round(Math.min(Math.max(part, 0), 1) * this.#race.steps);
  }

  #read(event) {
    if (!this.#scale) return;
    const step = this.#stepAt(event);
    const factor = this.#race.factors[Math.min(step, this.#race.steps - 1)];
    const scheduled = factor === 1 ? "" : ` · α × ${short(factor)}`;
    this.tip.replaceChildren(
      Object.assign(document.createElement("b"), { textContent: `step ${step}${scheduled}` }),
      ...this.#race.runs.map((run) =>
        Object.assign(document.createElement("span"), {
          textContent: `${run.look.short} ${short(this.#race.base + run.excess[step])}`,
          style: `color: ${run.look.colour}`,
        }),
      ),
    );
    this.tip.hidden = false;
    const half = this.trails.width / 2;
    const at = this.#scale.x(step);
    this.tip.style.left = at < half ? `${at + 10}px` : "";
    this.tip.style.right = at < half ? "" : `${this.trails.width - at + 10}px`;
  }
}

/** The decades a race spans, as logarithms; what diverges leaves through the top. */
function decades(race) {
  let high = -Infinity;
  let low = Infinity;
  const first = Math.max(TINIEST, ...race.runs.map((run) => run.excess[0]));
  for (const { excess } of race.runs) {
    for (const value of excess) {
      if (!(value < first * 1e3)) continue;
      if (value > high) high = value;
      if (value > 0 && value < low) low = value;
    }
  }
  if (!(high > 0)) return [-1, 1];
  const top = Math.ceil(Math.log10(high) + 1e-9);
  const bottom = Math.floor(Math.log10(Math.min(low, high)));
  return [Math.max(Math.min(bottom, top - 2), top - DECADES), top];
}
