// The learning-rate sweep: the last loss, or the steps it took, against the learning
// rate, one line for each optimizer, with the race's own rate marked. Dragging along a
// line sets its rate.

import { Axis, clipped, lossAxis, short } from "./axis.js";
import { follow } from "./canvas.js";
import { addMark } from "./marks.js";
import { fillAs, wordsOf } from "./palette.js";
import { PicturePanel } from "./panel.js";
import { diverges } from "./study.js";

const MARGIN = { left: 58, right: 12, top: 8, bottom: 22 };
const UNKNOWN = "This surface has no known minimum; choose the loss objective.";
const MARK_EVERY = 130; // pixels between two marks of a line
const STRIP = 5; // pixels of the strip in which an optimizer diverges
const WORD = 14; // and of what is written beside the strips, at least
const GRIP = 40; // pixels from a line within which it can be taken
const ROOM = 10; // times what the slowest rate leaves is still shown
const SPARE = 0.01; // may lie below the picture, or one exceptional rate would flatten the rest

/** What is said of a best that lies between much worse ones. */
export const ISOLATED = ", isolated";

class SweepPicture {
  /** @type {(study: SweepStudy, width: number) => Pair} */
  static size = (_study, width) => [width, 470];

  /**
   * @param {SweepStudy} study
   * @param {Moment} moment
   * @param {import("./paper.js").Paper} paper
   */
  constructor(study, { rates, best, saved }, paper) {
    this.study = study;
    this.rates = rates;
    this.paper = paper;
    this.searched = best;
    this.best = best || saved;
    /** @type {?number[][]} */
    this.series = null;
    const { axes, known, objective, runs, steps } = study;
    const box = paper.box(MARGIN);
    box.top = MARGIN.top + Math.max(STRIP * runs.length, paper.grown(WORD)) + 4;
    this.box = box;
    this.x = new Axis({
      scale: "log",
      low: Math.log10(axes.lr[0]),
      high: Math.log10(axes.lr[axes.lr.length - 1]),
      from: box.left,
      to: box.right,
      label: "learning rate α",
    });
    const place = { from: box.bottom, to: box.top };
    if (objective === "steps") {
      const label = `steps until within ${short(study.tolerance)}`;
      this.y = new Axis({ scale: "log", low: 0, high: Math.log10(steps), ...place, label });
      return;
    }
    this.series = runs.map((run) => [...run.losses].filter((_, i) => !diverges(study, run.ends[i])));
    // What the slowest rate leaves is about where the start was.
    const first = Math.max(...runs.map((run) => run.losses[0]).filter((loss) => Number.isFinite(loss)), 0);
    const label = `${known ? "loss − minimum" : "loss"} after ${steps} steps`;
    this.y = lossAxis({ series: this.series, first, known, room: ROOM, spare: SPARE, ...place, label });
  }

  draw() {
    const { box, x, y, paper, study } = this;
    const { context, palette } = paper;
    paper.axes(box, x, y);
    if (study.objective === "steps" && !study.known) paper.notice(UNKNOWN, box, palette.warning);
    else if (!study.runs.some((run) => study.axes.lr.some((_, i) => !this.result(run, i).failed))) {
      paper.notice(study.objective === "steps" ? `no run arrives within ${study.steps} steps` : "all runs diverge", box);
    }
    if (study.runs.some((run) => run.ends.some((code) => diverges(study, code)))) {
      context.font = paper.font();
      context.fillStyle = palette.muted;
      context.textAlign = "right";
      context.textBaseline = "top";
      context.fillText("diverges", box.left - 6, MARGIN.top);
    }
    study.runs.forEach((run, i) => this.#line(run, i));
    if (this.best) for (const run of study.runs) this.#best(run);
    for (const run of study.runs) {
      const at = this.place(run);
      if (at) paper.mark(run.look.mark, ...at, 7, run.look.colour);
    }
  }

  /**
   * What is drawn of a run for one rate: its height, or how it failed.
   * @param {SweptRun} run
   * @param {number} i
   * @returns {{value: number, failed: string}}  empty if it did not
   */
  result(run, i) {
    const { never, objective } = this.study;
    if (diverges(this.study, run.ends[i])) return { value: NaN, failed: "diverges" };
    if (objective !== "steps") return { value: run.losses[i], failed: "" };
    if (run.within[i] === never) return { value: NaN, failed: "not reached" };
    return { value: Math.max(run.within[i], 1), failed: "" };
  }

  /**
   * The same for the rate that is nearest to one.
   * @param {SweptRun} run
   * @param {number} rate
   */
  resultAt(run, rate) {
    const { lr } = this.study.axes;
    const part = Math.log(rate / lr[0]) / Math.log(lr[lr.length - 1] / lr[0]);
    return this.result(run, Math.min(Math.max(Math.round(part * (lr.length - 1)), 0), lr.length - 1));
  }

  /**
   * The row of a value; what falls without end lies below the picture.
   * @param {number} value
   */
  #row(value) {
    return value === -Infinity ? this.box.bottom + 9 : this.y.at(value);
  }

  /**
   * @param {SweptRun} run
   * @param {number} row
   */
  #line(run, row) {
    const { box, x, paper, study } = this;
    const { context } = paper;
    const { colour, mark } = run.look;
    const path = paper.path();
    context.fillStyle = wordsOf(colour, paper.palette);
    this.#strip(run, row);
    paper.within(box, () => {
      const each = Array.from(study.axes.lr, (rate, i) => ({ px: x.at(rate), ...this.result(run, i) }));
      // Each line's marks begin elsewhere, so that they do not lie on one another.
      let marked = box.left - MARK_EVERY + 25 * (row + 1);
      /** @type {Pair[]} */
      const marks = [];
      each.forEach(({ px, value, failed }, i) => {
        if (failed) return;
        const py = this.#row(value);
        const drawing = i > 0 && !each[i - 1].failed;
        if (drawing) path.lineTo(px, py);
        else path.moveTo(px, py);
        // What was searched; and a rate between two that fail has no line beside it.
        const alone = !drawing && (i === each.length - 1 || each[i + 1].failed !== "");
        if (this.searched || alone) context.fillRect(px - 1.5, py - 1.5, 3, 3);
        if (px - marked < MARK_EVERY) return;
        marked = px;
        marks.push([px, py]);
      });
      context.beginPath();
      for (const at of marks) addMark(context, mark, ...at, 4);
      fillAs(context, colour, paper.palette);
      paper.stroke(path, colour, 0.35);
    });
  }

  /**
   * Where it diverges: a strip of its own above the lines.
   * @param {SweptRun} run
   * @param {number} row
   */
  #strip(run, row) {
    const { box, x, paper, study } = this;
    paper.within({ ...box, top: MARGIN.top }, () => {
      study.axes.lr.forEach((rate, i) => {
        if (!diverges(study, run.ends[i])) return;
        paper.context.fillRect(x.at(rate) - 2, MARGIN.top + row * STRIP, 4, STRIP - 1.5);
      });
    });
  }

  /**
   * Where the mark of an optimizer's own rate is; it stays in sight, to be taken.
   * @param {SweptRun} run
   * @returns {?Pair}
   */
  place(run) {
    const rate = this.rates[run.key];
    if (!rate) return null;
    const { box, x } = this;
    const { value, failed } = this.resultAt(run, rate);
    const at = failed ? box.top - 4 : this.#row(value);
    return [x.at(rate), Math.min(Math.max(at, box.top - 4), box.bottom)];
  }

  /** @param {SweptRun} run */
  #best(run) {
    if (!run.best) return;
    const { box, x, paper } = this;
    const height = this.#row(this.result(run, run.best.index).value);
    /** @type {Pair} */
    const at = [x.at(run.best.lr), Math.min(Math.max(height, box.top), box.bottom)];
    // Of what lies below the picture, no more than leaves the numbers free.
    const room = { left: box.left - 13, right: box.right + 13, top: box.top - 13, bottom: box.bottom + 3 };
    paper.within(room, () => {
      paper.outline((context) => context.arc(...at, 11, 0, 2 * Math.PI), paper.palette.critical, 2, 4);
    });
  }

  /** @returns {LegendItem[]} */
  get legend() {
    const { study, rates, paper } = this;
    const steps = study.objective === "steps";
    /** @param {SweptRun} run */
    const words = ({ key, look, best }) => {
      const own = rates[key] ? `: own rate ${short(rates[key])}, ` : ": ";
      if (!best) return `${look.label}${own}${steps ? "none arrives" : "all diverge"}`;
      const value = steps ? `${best.steps} steps${best.isolated ? ISOLATED : ""}` : `loss ${short(best.loss)}`;
      const edge = best.edge ? ", at the end of the range" : "";
      return `${look.label}${own}best ${short(best.lr)} (${value})${edge}`;
    };
    return [
      ...study.runs.map((run) => ({ ...run.look, line: true, text: words(run) })),
      { mark: "circle", colour: paper.palette.critical, hollow: true, text: "best" },
    ];
  }

  /** @returns {string[]} */
  get notes() {
    return this.series ? clipped(this.y, this.series) : [];
  }
}

/** @extends {PicturePanel<SweepStudy, SweepPicture>} */
export class SweepView extends PicturePanel {
  static Picture = SweepPicture;

  /**
   * @param {HTMLElement} host
   * @param {(key: string, rate: number, done: boolean) => void} onRate
   */
  constructor(host, onRate) {
    super(host);
    follow(host, (at) => {
      const run = this.picture && this.#nearest(at, this.picture);
      if (!run) return null;
      return (next, done) => {
        if (this.picture) onRate(run.key, rateNear(next, this.picture), done);
      };
    });
  }

  /** @param {Moment} moment */
  depends({ rates, best }) {
    return [JSON.stringify(rates), best];
  }

  /**
   * The optimizer whose mark or line is nearest.
   * @param {Pair} at
   * @param {SweepPicture} picture
   */
  #nearest([px, py], picture) {
    /** @type {?SweptRun} */
    let best = null;
    let least = GRIP;
    for (const run of picture.study.runs) {
      const { value, failed } = picture.resultAt(run, picture.x.value(px));
      const line = failed ? Infinity : Math.abs(picture.y.at(value) - py);
      const own = picture.place(run);
      const mark = own ? Math.hypot(own[0] - px, own[1] - py) - 6 : Infinity;
      const distance = Math.min(line, mark);
      if (distance < least) [best, least] = [run, distance];
    }
    return best;
  }

  /**
   * @param {Pair} at
   * @param {SweepPicture} picture
   */
  read(at, picture) {
    const { axes, base, objective, runs } = picture.study;
    const rate = picture.x.value(at[0]);
    if (rate < axes.lr[0] || rate > axes.lr[axes.lr.length - 1]) return null;
    /** @type {(run: SweptRun) => TipLine} */
    const line = (run) => {
      const { value, failed } = picture.resultAt(run, rate);
      const text = objective === "steps" ? `${value} steps` : short(base + value);
      return [`${run.look.short} ${failed || text}`, run.look.colour];
    };
    /** @type {TipLine[]} */
    const lines = [[`α ${rate.toPrecision(3)}`]];
    return lines.concat(runs.map(line));
  }
}

/**
 * The learning rate at some pixels, rounded.
 * @param {Pair} at
 * @param {SweepPicture} picture
 */
function rateNear([px], { study, x }) {
  const { lr } = study.axes;
  const rate = Number(x.value(px).toPrecision(3));
  return Math.min(Math.max(rate, lr[0]), lr[lr.length - 1]);
}
