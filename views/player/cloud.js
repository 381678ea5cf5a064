// @ts-nocheck
// Many runs on the map, under the race's own: faint trails, or points that move together.

import { along, inside } from "./geometry.js";
import { Canvas } from "./canvas.js";
import { addMark } from "./marks.js";
import { pixel, within } from "./panels.js";

const PATIENCE = 10; // milliseconds of a frame that trails may take to draw
const FINEST = 0.4; // pixels that a line must move to be seen moving
const INK = 5; // how many trails on top of each other are fully bright
const DOT = 2.8; // pixels of radius
const LOST = "#e0685c"; // of trails that leave the map for good

export class Cloud {
  #study = null;
  #frame = "";
  #next = 0; // the trail to be drawn next
  #step = -1;

  /**
   * @param {HTMLElement} host
   * @param {Element} before  what it lies under
   */
  constructor(host, before) {
    this.host = host;
    this.canvas = new Canvas(host, before);
  }

  /** Shows nothing. */
  clear() {
    this.#study = null;
    this.#frame = "";
    this.canvas.clear();
    this.canvas.describe(null);
  }

  /** Takes a study of points. */
  receive(study) {
    this.#study = study;
    this.#frame = "";
  }

  resize() {
    if (this.canvas.resize()) this.#frame = "";
  }

  /** Shows the runs where they are, or the ways they take. @param {Moment} moment */
  show(moment) {
    if (!this.#ready(moment.frame)) return;
    if (moment.dots) this.#dots(moment);
    else this.#trails(moment);
  }

  /** A few more trails in each frame, until all are there. */
  #trails({ frame, domain, lost }) {
    const { runs, steps } = this.#study;
    const rows = 2 * (steps + 1);
    const each = runs.map((run) => run.points.length / rows);
    const most = Math.max(...each, 0);
    const until = performance.now() + PATIENCE;
    this.#inside(frame, () => {
      for (; this.#next < most && performance.now() < until; this.#next += 1) {
        runs.forEach((run, i) => {
          if (this.#next >= each[i]) return;
          const points = run.points.subarray(this.#next * rows, (this.#next + 1) * rows);
          const { context } = this.canvas;
          const gone = lost && !holds(domain, points.at(-2), points.at(-1));
          const ink = Math.min(0.9, Math.max(INK / each[i], 0.05));
          context.globalAlpha = gone ? ink / 2 : ink;
          context.strokeStyle = gone ? LOST : run.look.colour;
          context.lineWidth = 1;
          context.stroke(trail(points, frame));
        });
      }
    });
  }

  /** Where every run is at a step, and in the end the mean of them. */
  #dots({ frame, step }) {
    if (this.#step === step) return;
    this.#step = step;
    this.canvas.clear();
    this.#inside(frame, () => {
      for (const run of this.#study.runs) this.#crowd(run, frame, step);
      if (step < this.#study.steps) return;
      for (const run of this.#study.runs) this.#middle(run, frame);
    });
  }

  /** Whether there is something to draw that is not drawn yet. */
  #ready(frame) {
    if (!this.#study || !frame || !this.canvas.width) return false;
    const seen = JSON.stringify(frame);
    if (seen !== this.#frame) {
      this.#frame = seen;
      this.#next = 0;
      this.#step = -1;
      this.canvas.clear();
    }
    return true;
  }

  #inside({ left, top, width, height }, draw) {
    this.canvas.within({ left, top, right: left + width, bottom: top + height }, draw);
  }

  #crowd(run, frame, step) {
    const { context } = this.canvas;
    const rows = this.#study.steps + 1;
    const whole = Math.min(Math.floor(step), rows - 1);
    const part = whole < rows - 1 ? step - whole : 0;
    context.beginPath();
    for (let i = whole; i < run.points.length / 2; i += rows) {
      const [x, y] = [run.points[2 * i], run.points[2 * i + 1]];
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      const next = part ? [run.points[2 * i + 2], run.points[2 * i + 3]] : [x, y];
      const [px, py] = pixel(frame, x + part * (next[0] - x), y + part * (next[1] - y));
      if (px > -DOT && py > -DOT) addMark(context, run.look.mark, px, py, DOT);
    }
    context.globalAlpha = 0.8;
    context.fillStyle = run.look.colour;
    context.fill();
  }

  /** The mean of the last points: an ensemble's average. */
  #middle(run, frame) {
    if (!run.middle) return;
    const { context } = this.canvas;
    const [px, py] = pixel(frame, ...run.middle);
    context.globalAlpha = 1;
    for (const [width, colour] of [[5, "#05070c"], [2.2, run.look.colour]]) {
      context.beginPath();
      context.arc(px, py, 9, 0, 2 * Math.PI);
      context.moveTo(px - 14, py);
      context.lineTo(px + 14, py);
      context.moveTo(px, py - 14);
      context.lineTo(px, py + 14);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  }
}

const holds = ([xLow, xHigh, yLow, yHigh], x, y) =>
  within(x, [xLow, xHigh]) && within(y, [yLow, yHigh]);

/** A trail's path; what moves less than anybody could see waits for the next step. */
function trail(points, frame) {
  const path = new Path2D();
  const box = [
    [frame.left - 5, frame.left + frame.width + 5],
    [frame.top - 5, frame.top + frame.height + 5],
  ];
  let from = pixel(frame, points[0], points[1]);
  let pen = null; // where the line has been drawn to
  for (let i = 2; i < points.length; i += 2) {
    const to = pixel(frame, points[i], points[i + 1]);
    if (Math.abs(to[0] - from[0]) < FINEST && Math.abs(to[1] - from[1]) < FINEST) continue;
    const part = inside(from, to, box);
    if (part) {
      const at = (t) => [0, 1].map((k) => along(from[k], to[k], t, box[k]));
      const [a, b] = [at(part[0]), at(part[1])];
      if (!pen || pen[0] !== a[0] || pen[1] !== a[1]) path.moveTo(...a);
      path.lineTo(...b);
      pen = b;
    }
    from = to;
  }
  return path;
}
