// @ts-nocheck
// The learning-rate sweep: the last loss, or the steps it took, against the learning
// rate, one line for each optimizer, with the race's own rate marked. Dragging along a
// line sets its rate.

import { Axis, boxIn, drawAxes, font, grown, lossAxis, short } from "./axis.js";
import { Canvas, Tip, follow } from "./canvas.js";
import { addMark } from "./marks.js";
import { strokeFine } from "./strokes.js";
import { diverges } from "./study.js";

const MARGIN = { left: 58, right: 12, top: 8, bottom: 22 };
const UNKNOWN = "This surface has no known minimum to come near to: ask for the loss instead.";
const MARK_EVERY = 130; // pixels between two marks of a line
const STRIP = 5; // pixels of the strip in which an optimizer diverges
const WORD = 14; // and of what is written beside the strips, at least
const GRIP = 40; // pixels from a line within which it can be taken
const ROOM = 10; // times what the slowest rate leaves is still shown
const SPARE = 0.01; // may lie below the picture, or one lucky rate would flatten the rest

export class SweepView {
  #study = null;
  #rates = {};
  #drawn = "";
  #scale = null;

  /**
   * @param {HTMLElement} host
   * @param {(key: string, rate: number, done: boolean) => void} onRate
   */
  constructor(host, onRate) {
    this.host = host;
    this.canvas = new Canvas(host);
    this.tip = new Tip(host, (at) => this.#read(at));
    follow(host, (at) => {
      const run = this.#scale && this.#nearest(at);
      return run && ((next, done) => this.#scale && onRate(run.key, this.#rateNear(next), done));
    });
  }

  /** Shows nothing, until a study of what the page now shows is there. */
  clear() {
    this.#study = null;
    this.#scale = null;
    this.canvas.clear();
    this.tip.hide();
  }

  receive(study) {
    this.#study = study;
    this.tip.hide();
    this.#drawn = "";
  }

  resize() {
    if (this.canvas.resize()) this.#drawn = "";
  }

  /** Shows the study with the race's rates. @param {Moment} moment */
  show({ rates, best }) {
    if (!this.#study || !this.canvas.width) return;
    const drawn = JSON.stringify([rates, best]);
    if (drawn === this.#drawn) return;
    this.#rates = rates;
    this.#drawn = drawn;
    this.#scale = this.#scaled();
    this.canvas.clear();
    this.#axes();
    this.#study.runs.forEach((run, i) => this.#line(run, i, best));
    if (best) for (const run of this.#study.runs) this.#best(run);
    for (const run of this.#study.runs) this.#own(run);
  }

  #scaled() {
    const { axes, known, objective, runs, steps } = this.#study;
    const box = boxIn(this.canvas, MARGIN);
    box.top = MARGIN.top + Math.max(STRIP * runs.length, grown(WORD)) + 4;
    const rates = axes.lr;
    const x = new Axis({
      spread: "log",
      low: Math.log10(rates[0]),
      high: Math.log10(rates.at(-1)),
      from: box.left,
      to: box.right,
      label: "learning rate α",
    });
    const place = { from: box.bottom, to: box.top };
    if (objective === "steps") {
      const label = `steps until within ${short(this.#study.tolerance)}`;
      const y = new Axis({ spread: "log", low: 0, high: Math.log10(steps), ...place, label });
      return { box, x, y };
    }
    const series = runs.map((run) =>
      [...run.losses].filter((_, i) => !diverges(this.#study, run.ends[i])),
    );
    // What the slowest rate leaves is about where the start was.
    const first = Math.max(...runs.map((run) => run.losses[0]).filter(Number.isFinite), 0);
    const label = `${known ? "loss − minimum" : "loss"} after ${steps}`;
    return { box, x, y: lossAxis({ series, first, known, room: ROOM, spare: SPARE, ...place, label }) };
  }

  #axes() {
    const { context } = this.canvas;
    const { box, x, y } = this.#scale;
    drawAxes(context, box, x, y);
    context.font = font();
    if (this.#study.objective === "steps" && !this.#study.known) {
      context.fillStyle = "#ffb86b";
      context.textAlign = "center";
      context.fillText(UNKNOWN, (box.left + box.right) / 2, (box.top + box.bottom) / 2);
    }
    const gone = (run) => run.ends.some((code) => diverges(this.#study, code));
    if (!this.#study.runs.some(gone)) return;
    context.fillStyle = "#97a1b2";
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillText("diverges", box.left - 6, MARGIN.top);
  }

  /** What is drawn of a run for one rate: its height, or how it failed. */
  #result(run, i) {
    const { never, objective } = this.#study;
    if (diverges(this.#study, run.ends[i])) return { failed: "diverges" };
    if (objective !== "steps") return { value: run.losses[i] };
    return run.within[i] === never ? { failed: "not there" } : { value: Math.max(run.within[i], 1) };
  }

  #line(run, row, dotted) {
    const { context } = this.canvas;
    const { box, x, y } = this.#scale;
    const { colour } = run.look;
    const path = new Path2D();
    context.fillStyle = colour;
    this.#strip(run, row);
    this.canvas.within(box, () => {
      let drawing = false;
      // Each line's marks begin elsewhere, so that they do not lie on one another.
      let marked = box.left - MARK_EVERY + 25 * (row + 1);
      const marks = [];
      this.#study.axes.lr.forEach((rate, i) => {
        const { value, failed } = this.#result(run, i);
        const px = x.at(rate);
        if (failed) {
          drawing = false;
          return;
        }
        // What falls without end lies below the picture.
        const py = value === -Infinity ? box.bottom + 9 : y.at(value);
        if (drawing) path.lineTo(px, py);
        else path.moveTo(px, py);
        drawing = true;
        if (dotted) context.fillRect(px - 1.5, py - 1.5, 3, 3);
        if (px - marked < MARK_EVERY) return;
        marked = px;
        marks.push([px, py]);
      });
      context.beginPath();
      for (const at of marks) addMark(context, run.look.mark, ...at, 4);
      context.fill();
      strokeFine(context, path, colour, 0.35);
    });
  }

  /** Where it diverges: a strip of its own above the lines. */
  #strip(run, row) {
    const { box, x } = this.#scale;
    this.canvas.within({ ...box, top: MARGIN.top }, () => {
      this.#study.axes.lr.forEach((rate, i) => {
        if (!diverges(this.#study, run.ends[i])) return;
        this.canvas.context.fillRect(x.at(rate) - 2, MARGIN.top + row * STRIP, 4, STRIP - 1.5);
      });
    });
  }

  #indexOf(rate) {
    const { lr } = this.#study.axes;
    const part = Math.log(rate / lr[0]) / Math.log(lr.at(-1) / lr[0]);
    return Math.min(Math.max(Math.round(part * (lr.length - 1)), 0), lr.length - 1);
  }

  #resultAt(run, rate) {
    return this.#result(run, this.#indexOf(rate));
  }

  /** Where the mark of an optimizer's own rate is. */
  #place(run) {
    const rate = this.#rates[run.key];
    if (!rate) return null;
    const { x, y, box } = this.#scale;
    const { value, failed } = this.#resultAt(run, rate);
    // The mark stays in sight, to be taken, where its line has left the picture.
    const at = failed ? box.top - 4 : value === -Infinity ? box.bottom : y.at(value);
    return [x.at(rate), Math.min(Math.max(at, box.top - 4), box.bottom)];
  }

  #own(run) {
    const at = this.#place(run);
    if (!at) return;
    const { context } = this.canvas;
    context.beginPath();
    addMark(context, run.look.mark, ...at, 7);
    context.fillStyle = run.look.colour;
    context.strokeStyle = "#05070c";
    context.lineWidth = 2;
    context.stroke();
    context.fill();
  }

  #best(run) {
    if (!run.best) return;
    const { context } = this.canvas;
    const { x, y, box } = this.#scale;
    const { value } = this.#result(run, run.best.index);
    const height = value === -Infinity ? box.bottom : y.at(value);
    const at = [x.at(run.best.lr), Math.min(Math.max(height, box.top), box.bottom)];
    context.beginPath();
    context.arc(...at, 11, 0, 2 * Math.PI);
    context.strokeStyle = "#ffe9a8";
    context.lineWidth = 2;
    context.stroke();
  }

  /** The optimizer whose mark or line is nearest. */
  #nearest([px, py]) {
    const { x, y } = this.#scale;
    let best = null;
    for (const run of this.#study.runs) {
      const { value, failed } = this.#resultAt(run, x.value(px));
      const line = failed ? Infinity : Math.abs(y.at(value) - py);
      const own = this.#place(run);
      const mark = own ? Math.hypot(own[0] - px, own[1] - py) - 6 : Infinity;
      const distance = Math.min(line, mark);
      if (distance < (best?.distance ?? GRIP)) best = { run, distance };
    }
    return best?.run ?? null;
  }

  #rateNear([px]) {
    const { lr } = this.#study.axes;
    const rate = Number(this.#scale.x.value(px).toPrecision(3));
    return Math.min(Math.max(rate, lr[0]), lr.at(-1));
  }

  #read(at) {
    if (!this.#scale) return;
    const rate = this.#scale.x.value(at[0]);
    const { axes, base, objective } = this.#study;
    if (rate < axes.lr[0] || rate > axes.lr.at(-1)) {
      this.tip.hide();
      return;
    }
    const text = ({ value, failed }) =>
      failed ?? (objective === "steps" ? `${value} steps` : short(base + value));
    this.tip.show(at, [
      [`α ${rate.toPrecision(3)}`],
      ...this.#study.runs.map((run) => [
        `${run.look.short} ${text(this.#resultAt(run, rate))}`,
        run.look.colour,
      ]),
    ]);
  }
}
