// The learning-rate sweep: the last loss against the learning rate, one line for each
// optimizer, with the race's own rate marked. Dragging along a line sets its rate.

import { decadeText, decadeTicks, short } from "./axis.js";
import { addMark } from "./marks.js";
import { strokeFine } from "./strokes.js";
import { endOf } from "./study.js";

const MARGIN = { left: 56, right: 12, top: 8, bottom: 22 };
const STRIP = 5; // pixels of the strip in which an optimizer diverges
const DECADES = 14; // shown at most
const TINIEST = 1e-30; // stands for zero on a log axis
const GRIP = 40; // pixels from a line within which it can be taken

export class SweepView {
  #study = null;
  #rates = {};
  #drawn = "";
  #scale = null;
  #held = null;

  /**
   * @param {HTMLElement} host
   * @param {(key: string, rate: number, done: boolean) => void} onRate
   */
  constructor(host, onRate) {
    this.host = host;
    this.onRate = onRate;
    const canvas = document.createElement("canvas");
    canvas.className = "overlay";
    host.append(canvas);
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    host.append(this.tip);
    host.addEventListener("pointerdown", (event) => this.#take(event));
    host.addEventListener("pointermove", (event) => this.#move(event));
    host.addEventListener("pointerup", (event) => this.#release(event));
    host.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  /** Shows nothing, until a study of what the page now shows is there. */
  clear() {
    this.#study = null;
    this.#scale = null;
    this.context.clearRect(0, 0, this.width, this.height);
  }

  receive(study, looks) {
    this.#study = study;
    for (const run of study.runs) run.look = looks[run.key];
    this.#drawn = "";
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (this.width === width && this.height === height) return;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this, { width, height });
    this.context.canvas.width = Math.round(width * ratio);
    this.context.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawn = "";
  }

  /** Shows the study; `rates` are the race's own, by optimizer. */
  show(rates) {
    if (!this.#study || !this.width) return;
    const drawn = JSON.stringify(rates);
    if (drawn === this.#drawn) return;
    this.#rates = rates;
    this.#drawn = drawn;
    this.#scale = this.#scaled();
    const { context } = this;
    context.clearRect(0, 0, this.width, this.height);
    this.#axes();
    this.#study.runs.forEach((run, i) => this.#line(run, i));
    this.#study.runs.forEach((run) => this.#own(run));
  }

  #scaled() {
    const { runs, known } = this.#study;
    const box = {
      left: MARGIN.left,
      right: this.width - MARGIN.right,
      top: MARGIN.top + STRIP * runs.length + 4,
      bottom: this.height - MARGIN.bottom,
    };
    // Without a known minimum, a scale that is logarithmic on both sides of zero.
    const value = known
      ? (loss) => Math.log10(Math.max(loss, TINIEST))
      : (loss) => Math.sign(loss) * Math.log10(1 + Math.abs(loss));
    const ends = runs.flatMap((run) =>
      [...run.losses].filter((loss, i) => Number.isFinite(loss) && endOf(this.#study, run.ends[i]) !== "diverged"),
    );
    // What the slowest rate leaves is about where the start was.
    const first = Math.max(...runs.map((run) => run.losses[0]).filter(Number.isFinite), known ? TINIEST : 0);
    const all = ends.filter((loss) => !known || loss <= first * 10).map(value).sort((a, b) => a - b);
    // A hundredth may lie below the picture, or one lucky rate would flatten the rest.
    const shown = all.slice(Math.floor(all.length / 100));
    const high = Math.max(...shown, value(first));
    const low = Math.max(Math.floor(Math.min(...shown, value(first))), Math.ceil(high) - DECADES);
    const top = Math.ceil(high + 1e-9);
    const [a, b] = this.#study.range.map(Math.log10);
    return {
      box,
      value,
      low,
      high: top,
      x: (rate) => box.left + ((Math.log10(rate) - a) / (b - a)) * (box.right - box.left),
      rate: (px) => 10 ** (a + ((px - box.left) / (box.right - box.left)) * (b - a)),
      y: (v) => box.bottom - ((v - low) / (top - low || 1)) * (box.bottom - box.top),
    };
  }

  #rateAt(i) {
    const [a, b] = this.#study.range.map(Math.log10);
    return 10 ** (a + (i / (this.#study.rates - 1)) * (b - a));
  }

  #axes() {
    const { context } = this;
    const { box, x, y, low, high } = this.#scale;
    const { known, steps } = this.#study;
    context.font = "11px 'Source Sans', sans-serif";
    context.fillStyle = "#97a1b2";
    context.strokeStyle = "#232a37";
    context.lineWidth = 1;
    context.beginPath();
    context.textAlign = "right";
    context.textBaseline = "middle";
    const rows = Math.max(2, Math.floor((box.bottom - box.top) / 24));
    for (const k of decadeTicks(low, high, rows)) {
      // On both sides of zero, the powers of ten lie a little beyond whole numbers.
      const loss = Math.sign(k) * 10 ** Math.abs(k);
      const at = Math.round(y(known ? k : this.#scale.value(loss))) + 0.5;
      context.moveTo(box.left, at);
      context.lineTo(box.right, at);
      const power = loss < 0 ? `−${decadeText(-k)}` : k ? decadeText(k) : "0";
      context.fillText(known ? decadeText(k) : power, box.left - 6, at);
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    const [a, b] = this.#study.range.map(Math.log10);
    for (let k = Math.ceil(a); k <= b; k += 1) {
      const at = Math.round(x(10 ** k)) + 0.5;
      context.moveTo(at, box.top);
      context.lineTo(at, box.bottom);
      context.fillText(decadeText(k), at, box.bottom + 5);
    }
    context.stroke();
    context.textAlign = "right";
    context.fillText("learning rate α", box.right - 30, box.bottom + 5);
    if (this.#study.runs.some((run) => run.ends.some((code) => endOf(this.#study, code) === "diverged"))) {
      context.fillText("diverges", box.left - 6, MARGIN.top);
    }
    context.save();
    context.translate(3, (box.top + box.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(`${known ? "loss − minimum" : "loss"} after ${steps}`, 0, 0);
    context.restore();
  }

  #line(run, row) {
    const { context } = this;
    const { x, y, value } = this.#scale;
    context.fillStyle = run.look.colour;
    context.save();
    context.beginPath();
    const { box } = this.#scale;
    context.rect(box.left, MARGIN.top, box.right - box.left, box.bottom - MARGIN.top);
    context.clip();
    const path = new Path2D();
    let drawing = false;
    run.losses.forEach((loss, i) => {
      const px = x(this.#rateAt(i));
      if (endOf(this.#study, run.ends[i]) === "diverged" || !Number.isFinite(loss)) {
        // Where it diverges: a strip of its own above the lines.
        context.fillRect(px - 2, MARGIN.top + row * STRIP, 4, STRIP - 1.5);
        drawing = false;
        return;
      }
      if (drawing) path.lineTo(px, y(value(loss)));
      else path.moveTo(px, y(value(loss)));
      drawing = true;
    });
    strokeFine(context, path, run.look.colour, 0.35);
    context.restore();
  }

  #lossAt(run, rate) {
    const [a, b] = this.#study.range.map(Math.log10);
    const i = Math.round(((Math.log10(rate) - a) / (b - a)) * (this.#study.rates - 1));
    const k = Math.min(Math.max(i, 0), this.#study.rates - 1);
    const diverged = endOf(this.#study, run.ends[k]) === "diverged" || !Number.isFinite(run.losses[k]);
    return { loss: run.losses[k], end: diverged ? "diverged" : endOf(this.#study, run.ends[k]) };
  }

  /** Where the mark of an optimizer's own rate is. */
  #place(run) {
    const rate = this.#rates[run.key];
    if (!rate) return null;
    const { x, y, value, box } = this.#scale;
    const { loss, end } = this.#lossAt(run, rate);
    // The mark stays in sight, to be taken, where its line has left the picture.
    const at = end === "diverged" ? box.top - 4 : y(value(loss));
    return [x(rate), Math.min(Math.max(at, box.top - 4), box.bottom)];
  }

  #own(run) {
    const at = this.#place(run);
    if (!at) return;
    const { context } = this;
    context.beginPath();
    addMark(context, run.look.mark, ...at, 7);
    context.fillStyle = run.look.colour;
    context.strokeStyle = "#05070c";
    context.lineWidth = 2;
    context.stroke();
    context.fill();
  }

  #at(event) {
    const box = this.host.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** The optimizer whose mark or line is nearest. */
  #nearest([px, py]) {
    const { rate, y, value } = this.#scale;
    let best = null;
    for (const run of this.#study.runs) {
      const { loss, end } = this.#lossAt(run, rate(px));
      const line = end === "diverged" ? Infinity : Math.abs(y(value(loss)) - py);
      const own = this.#place(run);
      const mark = own ? Math.hypot(own[0] - px, own[1] - py) - 6 : Infinity;
      const distance = Math.min(line, mark);
      if (distance < (best?.distance ?? GRIP)) best = { run, distance };
    }
    return best?.run ?? null;
  }

  #take(event) {
    if (!this.#scale || event.button !== 0) return;
    const run = this.#nearest(this.#at(event));
    if (!run) return;
    this.host.setPointerCapture(event.pointerId);
    this.#held = run.key;
    this.#set(event, false);
  }

  #move(event) {
    if (this.#held) this.#set(event, false);
    if (this.#scale) this.#read(event);
  }

  #release(event) {
    if (!this.#held) return;
    this.#set(event, true);
    this.#held = null;
  }

  #set(event, done) {
    const rate = Number(this.#scale.rate(this.#at(event)[0]).toPrecision(3));
    this.onRate(this.#held, Math.min(Math.max(rate, this.#study.range[0]), this.#study.range[1]), done);
  }

  #read(event) {
    const [px] = this.#at(event);
    const rate = this.#scale.rate(px);
    if (rate < this.#study.range[0] || rate > this.#study.range[1]) {
      this.tip.hidden = true;
      return;
    }
    this.tip.replaceChildren(
      Object.assign(document.createElement("b"), { textContent: `α ${rate.toPrecision(3)}` }),
      ...this.#study.runs.map((run) => {
        const { loss, end } = this.#lossAt(run, rate);
        const text = end === "diverged" ? "diverges" : short(this.#study.base + loss);
        const element = document.createElement("span");
        element.textContent = `${run.look.short} ${text}`;
        element.style.color = run.look.colour;
        return element;
      }),
    );
    this.tip.hidden = false;
    const left = px < this.width / 2;
    this.tip.style.left = left ? `${px + 12}px` : "";
    this.tip.style.right = left ? "" : `${this.width - px + 12}px`;
  }
}
