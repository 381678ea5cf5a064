// @ts-nocheck
// Two settings of one optimizer: for each pair, how many steps it takes to come within
// the tolerance, beside what theory says. Dragging sets both.

import { Axis, short } from "./axis.js";
import { cellAt, cellPicture, drawCells, follow, mixed, rgb } from "./canvas.js";
import { Panel } from "./panel.js";
import { SCALES } from "./slider.js";
import { endOf } from "./study.js";
import { ISOLATED } from "./sweep.js";

const MARGIN = { left: 62, right: 14, top: 26, bottom: 82 };
const LATE = "not reached";
const LOST = ["left", "undefined", "stopped", "diverged"];
const DASH = [7, 4];

/** The round values of a scale that is neither linear nor logarithmic. */
const ROUND = {
  complement: [0, 0.5, 0.9, 0.97, 0.99, 0.999, 0.9999],
  root: [-100, -10, -1, -0.1, 0, 0.1, 1, 10, 100],
};

const painted = new WeakMap(); // by run: its cells as a picture, and in which palette

/** The fewest steps that any pair takes to arrive. */
function fewestOf(study, { within, ends }) {
  const { steps, never } = study;
  const there = within.filter((count, i) => count !== never && !LOST.includes(endOf(study, ends[i])));
  return Math.max(there.reduce((least, count) => Math.min(least, count), steps - 1), 1);
}

/** The cells as a picture, one pixel each. */
function cellsOf(study, run, fewest, palette) {
  const kept = painted.get(run);
  if (kept?.palette === palette) return kept.cells;
  const { size, steps, never } = study;
  const image = new ImageData(size, size);
  const ramp = palette.steps.map(rgb);
  const part = (count) => Math.log(Math.max(count, 1) / fewest) / Math.log(steps / fewest);
  for (let i = 0; i < size * size; i += 1) {
    const at = 4 * ((size - 1 - Math.floor(i / size)) * size + (i % size));
    const end = endOf(study, run.ends[i]);
    let colour = rgb(palette.ends.descending);
    if (LOST.includes(end)) colour = rgb(palette.ends[end]);
    else if (run.within[i] !== never) colour = mixed(ramp, part(run.within[i]));
    image.data.set([...colour, 255], at);
  }
  const cells = cellPicture(image);
  painted.set(run, { cells, palette });
  return cells;
}

class PlanePicture {
  static size = (_study, width) => [width, 560];

  constructor(study, { rates, setting }, paper) {
    const [run] = study.runs;
    const { axes, scale, second } = study;
    const box = paper.box(MARGIN);
    Object.assign(this, { study, run, paper, box, fewest: fewestOf(study, run) });
    this.own = { lr: rates[run.key], value: setting(run.key, second) };
    this.x = new Axis({
      scale: "log",
      low: Math.log10(axes.lr[0]),
      high: Math.log10(axes.lr.at(-1)),
      from: box.left,
      to: box.right,
      label: "learning rate α",
    });
    this.y = new Rows(scale, axes[second], box);
    this.y.label = study.label.toLowerCase();
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
    for (const [width, colour, dash] of [[4, palette.edge, []], [2, palette.strong, DASH]]) {
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

  /** A ring around the best pair, as the sweep has it; its name to the left. */
  #best({ lr, second, steps, isolated }) {
    const { paper, x, y, box } = this;
    const [px, py] = [x.at(lr), y.at(second)];
    const name = `fastest found: ${steps} steps${isolated ? ISOLATED : ""}`;
    paper.ring(px, py, paper.palette.critical, 10);
    this.#name(name, px, py, -15, paper.palette.critical, box.left, px - 16);
  }

  /** A name so far beside a place, or on its other side where there is no room. */
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
    const { steps, known, drawn } = study;
    context.font = paper.font();
    context.textBaseline = "middle";
    context.textAlign = "left";
    let [at, row] = [box.left, box.bottom + paper.grown(34)];
    const say = (text, colour = palette.ink) => {
      context.fillStyle = colour;
      context.fillText(text, at, row);
      at += context.measureText(text).width + 6;
    };
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
      if (seen.has(end)) swatch(palette.ends[end], drawn.ends[end][1]);
    }
    if (!run.theory) return;
    row += paper.grown(18);
    paper.dash(box.left, row, 26, { colour: palette.strong, dash: DASH });
    context.fillStyle = palette.ink;
    const [a, b] = run.theory.curvatures.map(short);
    context.fillText(
      `theory: stable left of the dashed line, α < 2 (1 + β) / ${b} (curvatures ${a}, ${b})`,
      box.left + 32,
      row,
      box.right - box.left - 32,
    );
  }

  get legend() {
    const { run, own, paper } = this;
    const { palette } = paper;
    const pair = (...values) => values.map(short).join(", ");
    const items = [{ ...run.look, text: `own: ${pair(own.lr, own.value)}` }];
    if (run.best) {
      const { lr, second, steps, isolated } = run.best;
      const text = `fastest found: ${pair(lr, second)} (${steps} steps${isolated ? ISOLATED : ""})`;
      items.push({ mark: "circle", colour: palette.critical, hollow: true, text });
    }
    if (run.theory) {
      items.push({ mark: "diamond", colour: palette.strong, text: `best by theory: ${pair(...run.theory.optimum)}` });
    }
    return own.value === null ? items.slice(1) : items;
  }

  get notes() {
    const { study, run } = this;
    return run.within.includes(0) && study.known ? ["The start is within the tolerance already."] : [];
  }
}

export class PlaneView extends Panel {
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
      return (next, done) => this.picture && onPair(this.#pairAt(next), done);
    });
  }

  depends({ rates, setting }) {
    const { second, runs } = this.study;
    return runs.flatMap(({ key }) => [rates[key], setting(key, second)]);
  }

  /** The pair of values of the cell at some pixels. */
  #pairAt(at) {
    const { row, column } = this.#cell(at);
    const { axes, second, runs } = this.study;
    return { key: runs[0].key, name: second, lr: axes.lr[column], value: axes[second][row] };
  }

  #cell([px, py]) {
    const { size } = this.study;
    const { box } = this.picture;
    const part = (value, low, high) => cellAt((value - low) / (high - low), size);
    return { column: part(px, box.left, box.right), row: part(py, box.bottom, box.top) };
  }

  read(at) {
    if (!holds(this.picture.box, at)) return null;
    const { row, column } = this.#cell(at);
    const { axes, second, size, never, drawn, label, runs } = this.study;
    const i = row * size + column;
    const { within, ends } = runs[0];
    const end = endOf(this.study, ends[i]);
    const near = within[i] === never ? LATE : `${within[i]} steps`;
    return [
      [LOST.includes(end) ? drawn.ends[end][1] : near],
      [`α ${axes.lr[column]}`],
      [`${label.toLowerCase()} ${axes[second][row]}`],
    ];
  }
}

/** The axis of the second setting: on its own scale, as its slider has it. */
export class Rows {
  constructor(name, values, box) {
    const scale = SCALES[name];
    const [low, high] = [scale.to(values[0]), scale.to(values.at(-1))];
    this.at = (value) =>
      box.bottom - ((scale.to(value) - low) / (high - low || 1)) * (box.bottom - box.top);
    const within = (value) => value >= values[0] && value <= values.at(-1);
    this.ticks = (spacing) => {
      const round = ROUND[name];
      if (round) return round.filter(within).map((v) => ({ at: this.at(v), text: String(v) }));
      const axis = new Axis({ scale: name === "log" ? "log" : "linear", low, high, from: box.bottom, to: box.top });
      return axis.ticks(spacing);
    };
  }
}

const holds = ({ left, right, top, bottom }, [x, y]) =>
  x >= left && x <= right && y >= top && y <= bottom;
