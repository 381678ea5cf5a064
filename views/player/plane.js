// Two settings of one optimizer: for each pair, how many steps it takes to come within
// the tolerance, beside what theory says. Dragging sets both.

import { Axis, short } from "./axis.js";
import { cellAt, cellPicture, drawCells, follow, mixed, rgb } from "./canvas.js";
import { PicturePanel } from "./panel.js";
import { SCALES } from "./slider.js";
import { endOf } from "./study.js";
import { ISOLATED } from "./sweep.js";

const MARGIN = { left: 62, right: 14, top: 26, bottom: 82 };
const LATE = "not reached";
const LOST = ["left", "undefined", "stopped", "diverged"];
const DASH = [7, 4];

/**
 * The round values of a scale that is neither linear nor logarithmic.
 * @type {Record<string, number[]>}
 */
const ROUND = {
  complement: [0, 0.5, 0.9, 0.97, 0.99, 0.999, 0.9999],
  root: [-100, -10, -1, -0.1, 0, 0.1, 1, 10, 100],
};

/**
 * The cells of a run as a picture, and in which theme.
 * @type {WeakMap<PlaneRun, {cells: HTMLCanvasElement, theme: string}>}
 */
const painted = new WeakMap();

/**
 * Whether a run with such a code of its end has no steps to count.
 * @param {PlaneStudy} study
 * @param {number} code
 */
const isLost = (study, code) => LOST.includes(endOf(study, code) ?? "");

/**
 * The fewest steps that any pair takes to arrive.
 * @param {PlaneStudy} study
 * @param {PlaneRun} run
 */
function fewestOf(study, { within, ends }) {
  const { steps, never } = study;
  const there = within.filter((count, i) => count !== never && !isLost(study, ends[i]));
  return Math.max(there.reduce((least, count) => Math.min(least, count), steps - 1), 1);
}

/**
 * The cells as a picture, one pixel each.
 * @param {PlaneStudy} study
 * @param {PlaneRun} run
 * @param {number} fewest
 * @param {Palette} palette
 */
function cellsOf(study, run, fewest, palette) {
  const kept = painted.get(run);
  if (kept?.theme === palette.name) return kept.cells;
  const { size, steps, never } = study;
  const image = new ImageData(size, size);
  const ramp = palette.steps.map(rgb);
  /** @param {number} count */
  const part = (count) => Math.log(Math.max(count, 1) / fewest) / Math.log(steps / fewest);
  for (let i = 0; i < size * size; i += 1) {
    const at = 4 * ((size - 1 - Math.floor(i / size)) * size + (i % size));
    const end = endOf(study, run.ends[i]);
    let colour = rgb(palette.ends.descending);
    if (end && LOST.includes(end)) colour = rgb(palette.ends[end]);
    else if (run.within[i] !== never) colour = mixed(ramp, part(run.within[i]));
    image.data.set([...colour, 255], at);
  }
  const cells = cellPicture(image);
  painted.set(run, { cells, theme: palette.name });
  return cells;
}

class PlanePicture {
  /** @type {(study: PlaneStudy, width: number) => Pair} */
  static size = (_study, width) => [width, 560];

  /**
   * @param {PlaneStudy} study
   * @param {Moment} moment
   * @param {import("./paper.js").Paper} paper
   */
  constructor(study, { rates, setting }, paper) {
    const [run] = study.runs;
    const { axes, scale, second } = study;
    const box = paper.box(MARGIN);
    this.study = study;
    this.run = run;
    this.paper = paper;
    this.box = box;
    this.fewest = fewestOf(study, run);
    this.own = { lr: rates[run.key], value: setting(run.key, second) };
    this.x = new Axis({
      scale: "log",
      low: Math.log10(axes.lr[0]),
      high: Math.log10(axes.lr[axes.lr.length - 1]),
      from: box.left,
      to: box.right,
      label: "learning rate α",
    });
    this.y = new Rows(scale, axes[second], box, study.label.toLowerCase());
  }

  draw() {
    const { study, run, paper, box, x, y } = this;
    const { context, palette } = paper;
    paper.axes(box, x, y);
    const goal = study.known
      ? `steps until the loss stays within ${short(study.tolerance)} of the minimum`
      : "which pairs stay on the map (no minimum is known to count steps to)";
    paper.heading(`${run.look.label}: ${goal}`, run.look, box);
    paper.within(box, () => {
      const { left, top, right, bottom } = box;
      const place = { left, top, width: right - left, height: bottom - top };
      drawCells(context, cellsOf(study, run, this.fewest, palette), place);
      this.#theory();
    });
    if (run.best) this.#best(run.best);
    if (this.own.value !== null) {
      paper.mark(run.look.mark, x.at(this.own.lr), y.at(this.own.value), 7, run.look.colour, 3);
    }
    this.#legend();
  }

  /** Where momentum is stable at the minimum, and its best pair, by theory. */
  #theory() {
    const { theory } = this.run;
    if (!theory) return;
    const { study, paper, x, y } = this;
    const { context, palette } = paper;
    const path = paper.path();
    theory.limit.forEach((rate, row) => path.lineTo(x.at(rate), y.at(study.axes[study.second][row])));
    const strokes = [
      { width: 4, colour: palette.edge, dash: [] },
      { width: 2, colour: palette.strong, dash: DASH },
    ];
    for (const { width, colour, dash } of strokes) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.setLineDash(dash);
      context.stroke(path);
    }
    context.setLineDash([]);
    const [px, py] = [x.at(theory.optimum[0]), y.at(theory.optimum[1])];
    paper.mark("diamond", px, py, 7, palette.strong, 3);
    this.#name("best by theory", px, py, 12, palette.strong, px + 12, paper.width);
  }

  /**
   * A ring around the best pair, as the sweep has it; its name to the left.
   * @param {NonNullable<PlaneRun["best"]>} best
   */
  #best({ lr, second, steps, isolated }) {
    const { paper, x, y, box } = this;
    const [px, py] = [x.at(lr), y.at(second)];
    const name = `fastest found: ${steps} steps${isolated ? ISOLATED : ""}`;
    paper.ring(px, py, paper.palette.critical, 10);
    this.#name(name, px, py, -15, paper.palette.critical, box.left, px - 16);
  }

  /**
   * A name so far beside a place, or on its other side where there is no room.
   * @param {string} text
   * @param {number} px
   * @param {number} py
   * @param {number} aside
   * @param {string} colour
   * @param {number} from  the pixels that it may take
   * @param {number} to
   */
  #name(text, px, py, aside, colour, from, to) {
    const { context } = this.paper;
    context.font = this.paper.font(600, 12);
    context.textBaseline = "middle";
    const fits = context.measureText(text).width < to - from;
    context.textAlign = aside > 0 === fits ? "left" : "right";
    this.paper.words(text, px + (fits ? aside : -aside), py, colour);
  }

  #legend() {
    const { study, run, paper, box } = this;
    const { context, palette } = paper;
    const { steps, known } = study;
    context.font = paper.font();
    context.textBaseline = "middle";
    context.textAlign = "left";
    let [at, row] = [box.left, box.bottom + paper.grown(34)];
    /** @type {(text: string, colour?: string) => void} */
    const say = (text, colour = palette.ink) => {
      context.fillStyle = colour;
      context.fillText(text, at, row);
      at += context.measureText(text).width + 6;
    };
    /** @type {(colour: string, text: string) => void} */
    const swatch = (colour, text) => {
      context.fillStyle = colour;
      context.fillRect(at, row - 5, 11, 10);
      at += 16;
      say(text);
      at += 8;
    };
    if (known) {
      say(String(this.fewest));
      paper.bar(palette.steps, at, row - 5, 90, 10);
      at += 96;
      say(`${steps} steps`);
      at += 8;
      swatch(palette.ends.descending, `${LATE} within ${steps} steps`);
    } else {
      say("No minimum is known, so colours show how runs end.", palette.warning);
    }
    [at, row] = [box.left, row + paper.grown(18)];
    const seen = new Set([...run.ends].map((code) => endOf(study, code)));
    for (const end of LOST) {
      if (seen.has(end)) swatch(palette.ends[end], study.end_words[end]);
    }
    if (!run.theory) return;
    row += paper.grown(18);
    paper.dash(box.left, row, 26, { colour: palette.strong, dash: DASH });
    context.fillStyle = palette.ink;
    const bends = run.theory.curvatures.map(short);
    context.fillText(
      `theory: stable left of the dashed line, α < 2 (1 + β) / ${bends.at(-1)} (${bends.length > 1 ? "curvatures" : "curvature"} ${bends.join(", ")})`,
      box.left + 32,
      row,
      box.right - box.left - 32,
    );
  }

  /** @returns {LegendItem[]} */
  get legend() {
    const { run, own, paper } = this;
    const { palette } = paper;
    /** @param {number[]} values */
    const pair = (...values) => values.map(short).join(", ");
    /** @type {LegendItem[]} */
    const items = [];
    if (own.value !== null) items.push({ ...run.look, text: `own: ${pair(own.lr, own.value)}` });
    if (run.best) {
      const { lr, second, steps, isolated } = run.best;
      const text = `fastest found: ${pair(lr, second)} (${steps} steps${isolated ? ISOLATED : ""})`;
      items.push({ mark: "circle", colour: palette.critical, hollow: true, text });
    }
    if (run.theory) {
      items.push({ mark: "diamond", colour: palette.strong, text: `best by theory: ${pair(...run.theory.optimum)}` });
    }
    return items;
  }

  /** @returns {string[]} */
  get notes() {
    const { study, run } = this;
    return run.within.includes(0) && study.known ? ["The start is within the tolerance already."] : [];
  }
}

/** @extends {PicturePanel<PlaneStudy, PlanePicture>} */
export class PlaneView extends PicturePanel {
  static Picture = PlanePicture;

  /**
   * @param {HTMLElement} host
   * @param {(pair: {key: string, lr: number, name: string, value: number}, done: boolean)
   *   => void} onPair  a pair was chosen
   */
  constructor(host, onPair) {
    super(host);
    follow(host, (at) => {
      if (!this.picture || !holds(this.picture.box, at)) return null;
      return (next, done) => {
        if (this.picture) onPair(pairAt(next, this.picture), done);
      };
    });
  }

  /**
   * @param {Moment} moment
   * @param {PlaneStudy} study
   */
  depends({ rates, setting }, { second, runs }) {
    return runs.flatMap(({ key }) => [rates[key], setting(key, second)]);
  }

  /**
   * @param {Pair} at
   * @param {PlanePicture} picture
   * @returns {?TipLine[]}
   */
  read(at, picture) {
    if (!holds(picture.box, at)) return null;
    const { study } = picture;
    const { row, column } = cellOf(at, picture);
    const { axes, second, size, never, label, runs } = study;
    const i = row * size + column;
    const { within, ends } = runs[0];
    const end = endOf(study, ends[i]);
    const near = within[i] === never ? LATE : `${within[i]} steps`;
    return [
      [end && LOST.includes(end) ? study.end_words[end] : near],
      [`α ${axes.lr[column]}`],
      [`${label.toLowerCase()} ${axes[second][row]}`],
    ];
  }
}

/**
 * The cell at some pixels.
 * @param {Pair} at
 * @param {PlanePicture} picture
 */
function cellOf([px, py], { box, study }) {
  /** @type {(value: number, low: number, high: number) => number} */
  const part = (value, low, high) => cellAt((value - low) / (high - low), study.size);
  return { column: part(px, box.left, box.right), row: part(py, box.bottom, box.top) };
}

/**
 * The pair of values of the cell at some pixels.
 * @param {Pair} at
 * @param {PlanePicture} picture
 */
function pairAt(at, picture) {
  const { row, column } = cellOf(at, picture);
  const { axes, second, runs } = picture.study;
  return { key: runs[0].key, name: second, lr: axes.lr[column], value: axes[second][row] };
}

/** The axis of the second setting: on its own scale, as its slider has it. */
export class Rows {
  /**
   * @param {PlaneStudy["scale"]} name
   * @param {number[]} values
   * @param {Box} box
   * @param {string} [label]
   */
  constructor(name, values, box, label = "") {
    this.name = name;
    this.values = values;
    this.box = box;
    this.label = label;
    this.scale = SCALES[name];
    this.low = this.scale.to(values[0]);
    this.high = this.scale.to(values[values.length - 1]);
  }

  /**
   * The pixel of a value.
   * @param {number} value
   */
  at(value) {
    const { low, high, box } = this;
    return box.bottom - ((this.scale.to(value) - low) / (high - low || 1)) * (box.bottom - box.top);
  }

  /**
   * @param {number} spacing
   * @returns {Tick[]}
   */
  ticks(spacing) {
    const { name, values, low, high, box } = this;
    const round = ROUND[name];
    if (round) {
      const shown = round.filter((value) => value >= values[0] && value <= values[values.length - 1]);
      return shown.map((value) => ({ at: this.at(value), text: String(value) }));
    }
    const axis = new Axis({ scale: name === "log" ? "log" : "linear", low, high, from: box.bottom, to: box.top });
    return axis.ticks(spacing);
  }
}

/** @type {(box: Box, at: Pair) => boolean} */
const holds = ({ left, right, top, bottom }, [x, y]) =>
  x >= left && x <= right && y >= top && y <= bottom;
