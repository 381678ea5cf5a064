// The loss curves: loss against step, on a log axis where there is a minimum to
// measure from.

import { Axis, lossAxis, short, textScale } from "./axis.js";
import { track } from "./geometry.js";
import { Heads } from "./heads.js";
import { Layer, blank } from "./layer.js";
import { palette, wordStyle, wordsOf } from "./palette.js";
import { Panel } from "./panel.js";
import { Paper, drawPlayhead } from "./paper.js";
import { ahead } from "./pen.js";
import { Trails } from "./trails.js";

const NAMED_AT = [0, 0.15, 0.3, 0.45, 0.6, 0.75]; // parts of a schedule where its name may stand
const POINTS = 60; // of a curve that are looked at for that
const MARGIN = { left: 58, right: 74, top: 8, bottom: 20 };

/**
 * The axes that are drawn, and for which race.
 * @typedef {{race: Race, paper: Paper, box: Box, x: Axis, y: Axis}} Axes
 */

const TEMPLATE = '<div class="playhead"></div><div class="tip" hidden></div>';

export class LossView extends Panel {
  /** @type {Trail[]} */
  #tracks = [];
  /** @type {?Trail[]} */
  #keptTracks = null;
  /** @type {{race?: Race, span?: string, kept?: ?Race}} */
  #drawn = {};
  /** @type {?Axes} */
  #axes = null;
  #last = 0; // step of which the numbers may be read

  /**
   * @param {HTMLElement} host
   * @param {(step: number) => void} onSeek  a step was chosen on the curves
   */
  constructor(host, onSeek) {
    super(host);
    host.innerHTML = TEMPLATE;
    this.trails = new Trails(host, () => {
      if (this.#axes) this.trails.written = drawAxes(this.#axes);
    });
    this.line = host.querySelector(".playhead");
    this.tip = host.querySelector(".tip");
    /** @param {PointerEvent} event */
    const seek = (event) => {
      if (this.#axes) onSeek(this.#stepAt(event, this.#axes));
    };
    host.addEventListener("pointerdown", (event) => {
      host.setPointerCapture(event.pointerId);
      seek(event);
    });
    host.addEventListener("pointermove", (event) => {
      if (event.buttons) seek(event);
      if (this.#axes) this.#read(event, this.#axes);
    });
    host.addEventListener("pointerleave", () => (this.tip.hidden = true));
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!this.trails.resize(width, height)) return;
    this.#drawn = {};
    this.#axes = null; // they are of another size, or theme
  }

  /**
   * Shows a race at a step.
   * @param {Moment} moment
   */
  draw({ race, step, lossRange: range, kept, odd, asked }) {
    this.#last = asked ? Math.floor(step) : race.steps;
    if (!this.trails.width) return;
    const eager = !odd;
    const span = range?.join();
    if (eager && (this.#drawn.race !== race || this.#drawn.span !== span || this.#drawn.kept !== kept)) {
      this.#drawn = { race, span, kept };
      const axes = this.#scaled(race, kept, range);
      this.#axes = axes;
      this.#tracks = traced(race, axes, this.#tracks);
      this.#keptTracks = kept && traced(kept, axes, this.#keptTracks);
    }
    if (!this.#axes) return;
    this.line.style.transform = `translateX(${this.#axes.x.at(step)}px)`;
    this.trails.show(this.#tracks, step, eager, this.#keptTracks);
  }

  /**
   * @param {Race} race
   * @param {?Race} kept
   * @param {?Pair} range
   */
  #scaled(race, kept, range) {
    const { context, width, height } = this.trails;
    const axes = scaled(new Paper(context, { width, height, palette, text: textScale() }), race, kept, range);
    this.line.style.bottom = `${height - axes.box.bottom}px`;
    this.trails.besideList(areaOf(axes), axes.box.right);
    return axes;
  }

  /**
   * @param {Moment} moment
   * @returns {Drawing}
   */
  drawing({ race, kept, lossRange }) {
    return (paper) => {
      const axes = scaled(paper, race, kept, lossRange);
      const tracks = traced(race, axes, null);
      const keptTracks = kept && traced(kept, axes, null);
      const layer = new Layer(paper, (under) => {
        blank(under);
        drawAxes({ ...axes, paper: under });
      });
      const heads = new Heads(paper);
      return (step) => {
        layer.draw(tracks, step, keptTracks);
        drawPlayhead(paper, axes.box, axes.x.at(step));
        heads.draw(tracks, step, areaOf(axes));
      };
    };
  }

  /**
   * @param {PointerEvent} event
   * @param {Axes} axes
   */
  #stepAt(event, { box, race }) {
    const px = event.clientX - this.host.getBoundingClientRect().left;
    const part = (px - box.left) / (box.right - box.left);
    return Math.round(Math.min(Math.max(part, 0), 1) * race.steps);
  }

  /**
   * @param {PointerEvent} event
   * @param {Axes} axes
   */
  #read(event, axes) {
    const { race, x } = axes;
    const step = Math.min(this.#stepAt(event, axes), this.#last);
    /** @param {StepInputs} inputs */
    const scheduled = ({ factors }) => {
      const factor = factors[Math.min(step, race.steps - 1)];
      return factor === 1 ? "" : ` · α × ${short(factor)}`;
    };
    this.tip.replaceChildren(
      Object.assign(document.createElement("b"), { textContent: `step ${step}${scheduled(race)}` }),
      ...race.runs.map((run) => {
        const line = document.createElement("span");
        line.textContent = `${run.look.short} ${short(race.base + run.excess[step])}${run.own ? scheduled(run) : ""}`;
        line.style.color = wordStyle(run.look.colour);
        return line;
      }),
    );
    this.tip.hidden = false;
    const half = this.trails.width / 2;
    const at = x.at(step);
    this.tip.style.left = at < half ? `${at + 10}px` : "";
    this.tip.style.right = at < half ? "" : `${this.trails.width - at + 10}px`;
  }
}

/**
 * Where labels may stand.
 * @param {Pick<Axes, "box" | "paper">} axes
 * @returns {Box}
 */
const areaOf = ({ box, paper }) => ({ left: box.left, top: 0, right: paper.width, bottom: box.bottom });

/**
 * @param {Paper} paper
 * @param {Race} race
 * @param {?Race} kept
 * @param {?Pair} range
 * @returns {Axes}
 */
function scaled(paper, race, kept, range) {
  const box = paper.box(MARGIN);
  const label = race.base === 0 ? "loss" : "loss − minimum";
  const x = new Axis({ scale: "linear", low: 0, high: race.steps, from: box.left, to: box.right });
  const y = { from: box.bottom, to: box.top, label };
  const series = [...race.runs, ...(kept?.runs ?? [])].map((run) => run.excess);
  const first = Math.max(...series.map((excess) => excess[0]));
  return {
    race,
    paper,
    box,
    x,
    y: range
      ? new Axis({ scale: "linear", low: range[0], high: range[1], ...y })
      : lossAxis({ series, first, known: true, ...y }),
  };
}

/**
 * The curves of a race, as trails.
 * @param {Race} race
 * @param {Axes} axes
 * @param {?Trail[]} used  whose arrays are written again
 * @returns {Trail[]}
 */
function traced({ runs }, { race: { steps }, x, y }, used) {
  const { low, high } = y;
  /** @type {Pair[]} */
  const box = [
    [0, steps],
    [low, high],
  ];
  return runs.map((run, index) => ({
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

/**
 * @param {Axes} axes
 * @returns {Box[]}  where something is written between the curves
 */
function drawAxes(axes) {
  const { paper, box, x, y } = axes;
  const { context, palette: colours } = paper;
  context.save();
  context.font = paper.font();
  context.fillStyle = colours.muted;
  const written = drawSchedule(axes);
  paper.axes(box, x, y);
  context.textAlign = "right";
  context.textBaseline = "top";
  context.fillText("step", paper.width - 6, box.bottom + 5);
  context.restore();
  return written;
}

/**
 * How the learning rate is scheduled, behind the curves: a dashed line from 0 to 1.
 * @param {Axes} axes
 */
function drawSchedule(axes) {
  const { palette: colours } = axes.paper;
  const { runs, factors: common } = axes.race;
  const shared = runs.some(({ own }) => !own) ? drawFactors(axes, common, colours.muted) : [];
  const owned = runs.filter(({ own }) => own).map(({ factors, look }) => drawFactors(axes, factors, wordsOf(look.colour, colours)));
  return [...shared, ...owned.flat()];
}

/**
 * @param {Axes} axes
 * @param {Float32Array} factors
 * @param {string} colour
 * @returns {Box[]}  where its name stands
 */
export function drawFactors(axes, factors, colour) {
  if (factors.every((factor) => factor === 1)) return [];
  const { paper, box, x } = axes;
  const { context } = paper;
  /** @param {number} factor */
  const y = (factor) => box.bottom - factor * (box.bottom - box.top - paper.grown(13));
  context.save();
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([5, 4]);
  context.beginPath();
  factors.forEach((factor, step) => context.lineTo(x.at(step), y(factor)));
  context.stroke();
  context.textBaseline = "bottom";
  context.textAlign = "left";
  const shift = paper.grown(8); // from the numbers of the axis
  // Its name stands where the fewest losses cross it.
  const places = (ahead.shown ? NAMED_AT : [0]).map((part) => {
    const step = Math.floor(part * (factors.length - 1));
    const text = `α × ${short(factors[step])} (schedule)`;
    const [left, bottom] = [x.at(step) + shift, y(factors[step]) - 1];
    const place = { left, top: bottom - shift * 1.5, right: left + context.measureText(text).width, bottom };
    return { text, place, crossed: place.right > box.right ? Infinity : crossing(axes, place) };
  });
  const { text, place } = places.reduce((best, one) => (one.crossed < best.crossed ? one : best));
  context.fillText(text, place.left, place.bottom);
  context.restore();
  return [place];
}

/**
 * How many points of the curves lie in a box; of long runs, of some.
 * @param {Axes} axes
 * @param {Box} box
 */
function crossing({ race, x, y }, { left, top, right, bottom }) {
  const [from, to] = [left, right].map((pixel) => Math.round(x.value(pixel)));
  const stride = Math.max(1, Math.floor((to - from) / POINTS));
  let found = 0;
  for (const { excess } of race.runs) {
    for (let step = from; step <= Math.min(to, race.steps); step += stride) {
      const at = y.at(excess[step]);
      if (at > top && at < bottom) found += 1;
    }
  }
  return found;
}
