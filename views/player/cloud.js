// Many runs on the map, under the race's own: trails, faint or coloured by learning rate,
// or points that move together.

import { Axis, short } from "./axis.js";
import { mixed, rgb } from "./canvas.js";
import { along, inside } from "./geometry.js";
import { addMark } from "./marks.js";
import { fillAs, wordsOf } from "./palette.js";
import { PicturePanel } from "./panel.js";
import { pixel, within } from "./panels.js";
import { drawStill } from "./still.js";

const PATIENCE = 10; // milliseconds of a frame that trails may take to draw
const FINEST = 0.4; // pixels that a line must move to be seen moving
const INK = 5; // how many trails on top of each other are fully bright
const DOT = 2.8; // pixels of radius
const MOST_LINES = 150_000; // points of trails that a file holds as lines; more are pixels
const MARGIN = { left: 58, right: 8, top: 8, bottom: 32 }; // around a map in a file
const KEY = { width: 120, height: 34 }; // of the scale of learning rates

class CloudPicture {
  /** @type {(study: TrailsStudy, width: number, moment: Moment) => Pair} */
  static size({ axes }, width, { still }) {
    if (!still) throw new TypeError("a file of trails without its map");
    const wide = axes.lr ? Math.min(width, 720) : 0.47 * width;
    return [wide, (wide - MARGIN.left - MARGIN.right) / ratioOf(still) + MARGIN.top + MARGIN.bottom];
  }

  next = 0; // the trail to be drawn next

  /**
   * @param {TrailsStudy} study
   * @param {Moment} moment
   * @param {import("./paper.js").Paper} paper
   */
  constructor(study, moment, paper) {
    const { frame, still = null } = moment;
    this.study = study;
    this.moment = moment;
    this.paper = paper;
    this.still = still;
    const place = frame ?? (still && frameIn(paper, still));
    if (!place) throw new TypeError("trails without a map");
    /** @type {Frame} */
    this.frame = place;
    /** @type {?string[]} */
    this.shades = null; // a colour for each learning rate
    /** @type {boolean[]} */
    this.stays = []; // by learning rate: whether its run does not leave the map
    this.partly = false; // whether some do and some do not
    /** @type {Pair} */
    this.range = [NaN, NaN]; // of the learning rates that the colours are for
    this.rows = 2 * (study.steps + 1);
    this.each = study.runs.map((run) => run.points.length / this.rows);
    this.most = Math.max(...this.each);
    if (study.axes.lr) this.#shade(study.axes.lr);
  }

  /**
   * Colours for learning rates; where a run should stay and only some do, for those.
   * @param {number[]} rates
   */
  #shade(rates) {
    const [run] = this.study.runs;
    const stays = Array.from(rates, (_, i) => holds(this.moment.domain, ...this.#last(run, i)));
    const kept = rates.filter((_, i) => stays[i]);
    const partly = this.moment.race.known && kept.length > 1 && kept.length < rates.length;
    const shown = partly ? kept : rates;
    const [low, high] = [shown[0], shown[shown.length - 1]];
    const ramp = this.paper.palette.rates.map(rgb);
    /** @param {number} rate */
    const part = (rate) => Math.log(rate / low) / Math.log(high / low);
    this.shades = Array.from(rates, (rate, i) =>
      partly && !stays[i] ? this.paper.palette.lost : `rgb(${mixed(ramp, part(rate))})`,
    );
    this.stays = stays;
    this.partly = partly;
    this.range = [low, high];
  }

  /**
   * @param {TrailsRun} run
   * @param {number} i
   * @returns {Pair}
   */
  #last({ points }, i) {
    const at = (i + 1) * this.rows;
    return [points[at - 2], points[at - 1]];
  }

  /** The whole picture, as a file has it: in the end. */
  draw() {
    if (this.still) drawStill(this.paper, this.frame, this.still);
    const { study, moment } = this;
    this.#inside(() => {
      if (moment.dots) this.#starts();
      else {
        const points = study.runs.reduce((sum, run) => sum + run.points.length / 2, 0);
        this.paper.many(points > MOST_LINES, () => this.trails(Infinity));
      }
      if (!study.axes.lr) for (const run of study.runs) this.#dots(run, study.steps);
      if (!study.axes.lr) for (const run of study.runs) this.#mean(run);
      this.paper.ring(...pixel(this.frame, ...moment.start), this.paper.palette.strong, 6);
    });
    if (study.axes.lr) this.drawKey();
  }

  /**
   * A few more trails, until some moment; true when all are there.
   * @param {number} until  in milliseconds, as performance.now() counts
   */
  trails(until) {
    const { study, paper, shades } = this;
    const { context } = paper;
    this.#inside(() => {
      for (; this.next < this.most && performance.now() < until; this.next += 1) {
        study.runs.forEach((run, i) => {
          if (this.next >= this.each[i]) return;
          // The largest rates first: what flies off does not cover what stays.
          const k = shades ? this.each[i] - 1 - this.next : this.next;
          const ink = shades ? 0.9 : Math.min(0.9, Math.max(INK / this.each[i], 0.05));
          const points = run.points.subarray(k * this.rows, (k + 1) * this.rows);
          context.globalAlpha = this.partly && !this.stays[k] ? 0.4 : ink;
          context.strokeStyle = shades?.[k] ?? wordsOf(run.look.colour, paper.palette);
          context.lineWidth = 1;
          context.stroke(trail(points, this.frame, paper.path()));
          if (!shades || (this.partly && !this.stays[k])) return;
          const [x, y] = points.subarray(-2);
          paper.mark("circle", ...pixel(this.frame, x, y), 2.6, shades[k], 1.5);
        });
      }
      context.globalAlpha = 1;
    });
    return this.next >= this.most;
  }

  /**
   * Where every run is at a step, and in the end the mean of them.
   * @param {number} step
   */
  drawDots(step) {
    this.#inside(() => {
      for (const run of this.study.runs) this.#dots(run, step);
      if (step < this.study.steps) return;
      for (const run of this.study.runs) this.#mean(run);
    });
  }

  /** @param {() => void} draw */
  #inside(draw) {
    const { left, top, width, height } = this.frame;
    this.paper.within({ left, top, right: left + width, bottom: top + height }, draw);
  }

  #starts() {
    const [run] = this.study.runs;
    const { context, palette } = this.paper;
    context.fillStyle = palette.muted;
    for (let i = 0; i < run.points.length; i += this.rows) {
      const [x, y] = pixel(this.frame, run.points[i], run.points[i + 1]);
      context.fillRect(x - 0.75, y - 0.75, 1.5, 1.5);
    }
  }

  /**
   * @param {TrailsRun} run
   * @param {number} step
   */
  #dots(run, step) {
    const { context } = this.paper;
    const rows = this.rows / 2;
    const whole = Math.min(Math.floor(step), rows - 1);
    const part = whole < rows - 1 ? step - whole : 0;
    context.beginPath();
    for (let i = whole; i < run.points.length / 2; i += rows) {
      const [x, y] = [run.points[2 * i], run.points[2 * i + 1]];
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      const next = part ? [run.points[2 * i + 2], run.points[2 * i + 3]] : [x, y];
      const [px, py] = pixel(this.frame, x + part * (next[0] - x), y + part * (next[1] - y));
      if (px > -DOT && py > -DOT) addMark(context, run.look.mark, px, py, DOT);
    }
    context.globalAlpha = 0.8;
    fillAs(context, run.look.colour, this.paper.palette);
    context.globalAlpha = 1;
  }

  /**
   * The mean of the last points: an ensemble's average.
   * @param {TrailsRun} run
   */
  #mean(run) {
    if (!run.middle) return;
    const [x, y] = pixel(this.frame, ...run.middle);
    this.paper.outline((path) => crossed(path, x, y, 9), run.look.colour, 2.2);
  }

  /** Which colour is which learning rate, in a corner of the map. */
  drawKey() {
    const { paper, frame, range: [low, high] } = this;
    const { context, palette } = paper;
    const [width, height] = [paper.grown(KEY.width), paper.grown(KEY.height)];
    const [left, top] = [frame.left + 8, frame.top + 6];
    context.globalAlpha = 0.75;
    context.fillStyle = palette.panel;
    context.fillRect(left - 4, top - 3, width + 8, height + 6);
    context.globalAlpha = 1;
    const scale = { low: Math.log10(low), high: Math.log10(high), from: left, to: left + width };
    const axis = new Axis({ scale: "log", ...scale });
    let ticks = axis.ticks(paper.grown(30)).filter(({ at }) => at > left + 8 && at < left + width - 12);
    if (ticks.length < 2) {
      ticks = [
        { at: left + paper.grown(16), text: short(low) },
        { at: left + width - paper.grown(16), text: short(high) },
      ];
    }
    context.font = paper.font();
    context.textAlign = "left";
    context.textBaseline = "top";
    context.fillStyle = palette.ink;
    context.fillText("learning rate α", left, top);
    paper.bar(palette.rates, left, top + paper.grown(14), width, 7);
    context.textAlign = "center";
    context.fillStyle = palette.muted;
    for (const { at, text } of ticks) context.fillText(text, at, top + paper.grown(14) + 9);
    const own = this.moment.rates[this.study.runs[0].key];
    if (!within(own, this.range)) return;
    paper.mark("down", axis.at(own), top + paper.grown(12), 4, this.study.runs[0].look.colour, 1.5);
  }

  /** @returns {LegendItem[]} */
  get legend() {
    const { study, moment, paper } = this;
    const { palette } = paper;
    const ring = { mark: "circle", colour: palette.strong, hollow: true, text: "the start" };
    const critical = (this.still?.critical ?? []).filter(({ points }) => points.length);
    /** @type {LegendItem[]} */
    const items = [ring, ...critical.map(({ word, mark }) => ({ mark, colour: palette.critical, hollow: true, text: `a ${word}` }))];
    if (study.axes.lr) {
      const { label, colour } = study.runs[0].look;
      const own = moment.rates[study.runs[0].key];
      items.unshift({ line: true, colour: palette.rates[palette.rates.length - 2], mark: "circle", size: 3, text: `a trail of ${study.steps} steps and its end` });
      if (this.partly) items.push({ line: true, colour: palette.lost, text: "one that ends off the map" });
      if (own) items.push({ mark: "down", colour, text: `${label}'s own rate, ${short(own)}` });
      return items;
    }
    if (moment.dots) items.push({ mark: "circle", colour: palette.muted, size: 2, text: "a start" });
    return [...items, { crossed: true, colour: palette.muted, text: "mean of the last points" }];
  }

  /** @returns {string[]} */
  get notes() {
    const { study, moment, stays } = this;
    if (study.axes.lr) {
      const rates = study.axes.lr;
      const away = stays.flatMap((stay, i) => (stay ? [] : [i]));
      const own = moment.rates[study.runs[0].key];
      const notes = [];
      if (away.length) {
        const all = away[away.length - 1] - away[0] === away.length - 1;
        const which = all ? `, those of learning rates ${short(rates[away[0]])} to ${short(rates[away[away.length - 1]])}` : "";
        notes.push(`${away.length} of ${rates.length} trails end off this map${which}.`);
      }
      if (own && !within(own, this.range)) {
        notes.push(`The own rate, ${short(own)}, is outside the colour bar.`);
      }
      return notes;
    }
    const off = study.runs.reduce(
      (sum, run, i) =>
        sum + Array.from({ length: this.each[i] }, (_, k) => this.#last(run, k)).filter((at) => !this.#on(at)).length,
      0,
    );
    const astray = study.runs.filter(({ middle }) => !middle || !this.#on(middle)).map(({ look }) => look.label);
    const notes = off ? [`${off} last points are off this map.`] : [];
    if (astray.length) notes.push(`No mean of last points is on this map for ${astray.join(", ")}.`);
    return notes;
  }

  /** @param {Pair} at */
  #on([x, y]) {
    return within(x, this.frame.x) && within(y, this.frame.y);
  }
}

/** @param {{x: Pair, y: Pair}} ranges */
const ratioOf = ({ x, y }) => Math.min(Math.max((x[1] - x[0]) / (y[1] - y[0]), 0.5), 2);

/**
 * Where a map lies on a paper of its own.
 * @param {import("./paper.js").Paper} paper
 * @param {{x: Pair, y: Pair}} ranges
 * @returns {Frame}
 */
function frameIn(paper, { x, y }) {
  const { left, top, right, bottom } = paper.box(MARGIN);
  return { left, top, width: right - left, height: bottom - top, x, y };
}

/**
 * A ring with a cross through it.
 * @param {Outline} path
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function crossed(path, x, y, radius) {
  path.arc(x, y, radius, 0, 2 * Math.PI);
  path.moveTo(x - 1.5 * radius, y);
  path.lineTo(x + 1.5 * radius, y);
  path.moveTo(x, y - 1.5 * radius);
  path.lineTo(x, y + 1.5 * radius);
}

/** @extends {PicturePanel<TrailsStudy, CloudPicture>} */
export class Cloud extends PicturePanel {
  static Picture = CloudPicture;
  #frame = "";
  #step = -1;

  /**
   * Shows the runs where they are, or their trails: some more in each frame.
   * @param {Moment} moment
   */
  draw(moment) {
    const { study } = this;
    if (!study || !moment.frame || !this.canvas.width) return;
    const { axes, runs } = study;
    const seen = JSON.stringify([moment.frame, axes.lr && moment.rates[runs[0].key]]);
    if (seen !== this.#frame) {
      this.#frame = seen;
      this.#step = -1;
      this.canvas.clear();
      this.picture = runs.length ? this.pictured({ ...moment, still: null }, study) : null;
    }
    const { picture } = this;
    if (!picture) return;
    if (moment.dots) this.#move(moment.step, picture);
    else if (picture.next < picture.most && picture.trails(performance.now() + PATIENCE)) {
      if (axes.lr) picture.drawKey();
    }
  }

  /**
   * @param {number} step
   * @param {CloudPicture} picture
   */
  #move(step, picture) {
    if (this.#step === step) return;
    this.#step = step;
    this.canvas.clear();
    picture.drawDots(step);
  }

  again() {
    this.#frame = "";
  }
}

/** @type {(domain: Moment["domain"], x: number, y: number) => boolean} */
const holds = ([xLow, xHigh, yLow, yHigh], x, y) =>
  within(x, [xLow, xHigh]) && within(y, [yLow, yHigh]);

/**
 * A trail's path; a move too small to be seen waits for the next step.
 * @param {Float32Array} points
 * @param {Frame} frame
 * @param {Outline} path
 */
function trail(points, frame, path) {
  /** @type {[Pair, Pair]} */
  const box = [
    [frame.left - 5, frame.left + frame.width + 5],
    [frame.top - 5, frame.top + frame.height + 5],
  ];
  let from = pixel(frame, points[0], points[1]);
  /** @type {?Pair} */
  let pen = null; // where the line has been drawn to
  for (let i = 2; i < points.length; i += 2) {
    const to = pixel(frame, points[i], points[i + 1]);
    if (Math.abs(to[0] - from[0]) < FINEST && Math.abs(to[1] - from[1]) < FINEST) continue;
    const part = inside(from, to, box);
    if (part) {
      /** @type {(t: number) => Pair} */
      const at = (t) => [along(from[0], to[0], t, box[0]), along(from[1], to[1], t, box[1])];
      const [a, b] = [at(part[0]), at(part[1])];
      if (!pen || pen[0] !== a[0] || pen[1] !== a[1]) path.moveTo(...a);
      path.lineTo(...b);
      pen = b;
    }
    from = to;
  }
  return path;
}
