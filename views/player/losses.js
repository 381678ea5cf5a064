// @ts-nocheck
// The loss curves: loss against step, on a log axis where there is a minimum to
// measure from.

import { Axis, lossAxis, short, textScale } from "./axis.js";
import { track } from "./geometry.js";
import { palette } from "./palette.js";
import { Panel } from "./panel.js";
import { Paper } from "./paper.js";
import { Trails } from "./trails.js";

const MARGIN = { left: 58, right: 74, top: 8, bottom: 20 };

const TEMPLATE = '<div class="playhead"></div><div class="tip" hidden></div>';

export class LossView extends Panel {
  #tracks = [];
  #keptTracks = null;
  #drawn = {};
  #scale = null;
  #race = null;

  /**
   * @param {HTMLElement} host
   * @param {(step: number) => void} onSeek  a step was chosen on the curves
   */
  constructor(host, onSeek) {
    super(host);
    host.innerHTML = TEMPLATE;
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
   * @param {Moment} moment
   */
  draw({ race, step, lossRange: range, kept, odd }) {
    if (!this.trails.width) return;
    const eager = !odd;
    const span = range?.join();
    if (eager && (this.#drawn.race !== race || this.#drawn.span !== span || this.#drawn.kept !== kept)) {
      this.#drawn = { race, span, kept };
      this.#race = race;
      this.#scale = this.#scaled(race, kept, range);
      this.#tracks = this.#traced(race, this.#tracks);
      this.#keptTracks = kept && this.#traced(kept, this.#keptTracks);
    }
    if (!this.#scale) return;
    this.line.style.transform = `translateX(${this.#scale.x.at(step)}px)`;
    this.trails.show(this.#tracks, step, eager, this.#keptTracks);
  }

  #scaled(race, kept, range) {
    const { context, width, height } = this.trails;
    this.paper = new Paper(context, { width, height, palette, text: textScale() });
    const box = this.paper.box(MARGIN);
    this.line.style.bottom = `${this.trails.height - box.bottom}px`;
    this.trails.area = { left: box.left, top: 0, right: this.trails.width, bottom: box.bottom };
    const label = race.base === 0 ? "loss" : "loss − minimum";
    const x = { scale: "linear", low: 0, high: race.steps, from: box.left, to: box.right };
    const y = { from: box.bottom, to: box.top, label };
    const series = [...race.runs, ...(kept?.runs ?? [])].map((run) => run.excess);
    const first = Math.max(...series.map((excess) => excess[0]));
    return {
      box,
      x: new Axis(x),
      y: range
        ? new Axis({ scale: "linear", low: range[0], high: range[1], ...y })
        : lossAxis({ series, first, known: true, ...y }),
    };
  }

  #traced(race, used) {
    const { x, y } = this.#scale;
    const [low, high] = [y.low, y.high];
    const box = [
      [0, this.#race.steps],
      [low, high],
    ];
    return race.runs.map((run, index) => ({
      ...track(
        run.excess.length,
        (i, out) => {
          out[0] = i;
          out[1] = y.place(run.excess[i]);
        },
        box,
        (point, out, at) => {
          out[at] = x.at(point[0]);
          out[at + 1] = y.pixel(point[1]);
        },
        used?.[index],
      ),
      ...run.look,
      label: run.look.short,
      contains: (i) => y.place(run.excess[i]) >= low && y.place(run.excess[i]) <= high,
    }));
  }

  #axes(context) {
    const { box, x, y } = this.#scale;
    context.font = this.paper.font();
    context.fillStyle = palette.muted;
    this.#schedule(context);
    this.paper.axes(box, x, y);
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillText("step", this.trails.width - 6, box.bottom + 5);
  }

  /** How the learning rate is scheduled, behind the curves: a dashed line from 0 to 1. */
  #schedule(context) {
    const { runs } = this.#race;
    if (runs.some(({ own }) => !own)) this.#factors(context, this.#race.factors, palette.muted);
    for (const { own, factors, look } of runs) if (own) this.#factors(context, factors, look.colour);
  }

  #factors(context, factors, colour) {
    if (factors.every((factor) => factor === 1)) return;
    const { box, x } = this.#scale;
    const y = (factor) => box.bottom - factor * (box.bottom - box.top - 12);
    context.save();
    context.fillStyle = context.strokeStyle = colour;
    context.setLineDash([5, 4]);
    context.beginPath();
    factors.forEach((factor, step) => context.lineTo(x.at(step), y(factor)));
    context.stroke();
    context.textAlign = "left";
    context.textBaseline = "bottom";
    const top = factors.indexOf(Math.max(...factors));
    context.fillText("α × 1 (schedule)", x.at(top) + 4, y(factors[top]));
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
    const scheduled = ({ factors }) => {
      const factor = factors[Math.min(step, this.#race.steps - 1)];
      return factor === 1 ? "" : ` · α × ${short(factor)}`;
    };
    this.tip.replaceChildren(
      Object.assign(document.createElement("b"), { textContent: `step ${step}${scheduled(this.#race)}` }),
      ...this.#race.runs.map((run) =>
        Object.assign(document.createElement("span"), {
          textContent: `${run.look.short} ${short(this.#race.base + run.excess[step])}${run.own ? scheduled(run) : ""}`,
          style: `color: ${run.look.colour}`,
        }),
      ),
    );
    this.tip.hidden = false;
    const half = this.trails.width / 2;
    const at = this.#scale.x.at(step);
    this.tip.style.left = at < half ? `${at + 10}px` : "";
    this.tip.style.right = at < half ? "" : `${this.trails.width - at + 10}px`;
  }
}
