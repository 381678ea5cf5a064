// @ts-nocheck
// Two settings of one optimizer: for each pair, how many steps it takes to come within
// the tolerance, beside what theory says. Dragging sets both.

import { Axis, boxIn, drawAxes, font, grown, short } from "./axis.js";
import { Canvas, Tip, cellAt, cellPicture, drawCells, follow, rgb } from "./canvas.js";
import { addMark } from "./marks.js";
import { SCALES } from "./slider.js";
import { endOf } from "./study.js";

const MARGIN = { left: 62, right: 14, top: 26, bottom: 82 };
const LATE = "not within these steps";

/** From few steps to many: light to dark, but far from the dark of what is late. */
const RAMP = ["#fff3b0", "#f5d565", "#e0ab45", "#c89458", "#a98a88", "#8580b0", "#5f74c8"].map(rgb);
const LOST = ["left", "undefined", "stopped", "diverged"];

/** The round values of a scale that is neither linear nor logarithmic. */
const ROUND = {
  complement: [0, 0.5, 0.9, 0.97, 0.99, 0.999, 0.9999],
  root: [-100, -10, -1, -0.1, 0, 0.1, 1, 10, 100],
};

export class PlaneView {
  #study = null;
  #image = null;
  #fewest = 1; // steps that any pair takes
  #drawn = "";
  #scale = null;

  /**
   * @param {HTMLElement} host
   * @param {(pair: {key: string, lr: number, name: string, value: number}, done: boolean)
   *   => void} onPair  a pair was chosen
   */
  constructor(host, onPair) {
    this.host = host;
    this.canvas = new Canvas(host);
    this.tip = new Tip(host, (at) => this.#read(at));
    follow(host, (at) => {
      const { box } = this.#scale ?? {};
      if (!box || !holds(box, at)) return null;
      return (next, done) => this.#scale && onPair(this.#pairAt(next), done);
    });
  }

  clear() {
    this.#study = null;
    this.#scale = null;
    this.canvas.clear();
    this.tip.hide();
  }

  receive(study) {
    this.#study = study;
    this.run = study.runs[0];
    this.#fewest = this.#found();
    this.#image = this.#painted();
    this.tip.hide();
    this.#drawn = "";
  }

  resize() {
    if (this.canvas.resize()) this.#drawn = "";
  }

  /** Shows the study with the race's own pair. @param {Moment} moment */
  show({ rates, setting }) {
    if (!this.#study || !this.canvas.width) return;
    const { key, look, best } = this.run;
    const own = { lr: rates[key], value: setting(key, this.#study.second) };
    const drawn = JSON.stringify(own);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#scale = this.#scaled();
    const { context } = this.canvas;
    const { box, x, y } = this.#scale;
    this.canvas.clear();
    this.#axes();
    context.imageSmoothingEnabled = false;
    this.canvas.within(box, () => {
      drawCells(context, this.#image, { ...box, width: box.right - box.left, height: box.bottom - box.top });
      this.#theory();
    });
    if (best) this.#ring(x.at(best.lr), y.at(best.second), best);
    if (own.value !== null) this.#mark(look.mark, x.at(own.lr), y.at(own.value), look.colour, "");
    this.#legend();
  }

  #value(row) {
    return this.#study.axes[this.#study.second][row];
  }

  #scaled() {
    const { axes, scale, second } = this.#study;
    const box = boxIn(this.canvas, MARGIN);
    const x = new Axis({
      spread: "log",
      low: Math.log10(axes.lr[0]),
      high: Math.log10(axes.lr.at(-1)),
      from: box.left,
      to: box.right,
      label: "learning rate α",
    });
    return { box, x, y: new Rows(SCALES[scale], ROUND[scale], scale, axes[second], box) };
  }

  /** The fewest steps that any pair takes to arrive. */
  #found() {
    const { steps, never } = this.#study;
    const { within, ends } = this.run;
    const there = within.filter((count, i) => count !== never && !LOST.includes(endOf(this.#study, ends[i])));
    return Math.max(there.reduce((least, count) => Math.min(least, count), steps - 1), 1);
  }

  /** The cells as a picture, one pixel each. */
  #painted() {
    const { size, steps, never, drawn, first_end: first } = this.#study;
    const { within, ends } = this.run;
    const image = new ImageData(size, size);
    const gone = (code) => LOST.includes(endOf(this.#study, code));
    const part = (count) => Math.log(Math.max(count, 1) / this.#fewest) / Math.log(steps / this.#fewest);
    for (let i = 0; i < size * size; i += 1) {
      const at = 4 * ((size - 1 - Math.floor(i / size)) * size + (i % size));
      let colour = rgb(drawn.ends.descending[0]);
      if (ends[i] >= first && gone(ends[i])) colour = rgb(drawn.ends[endOf(this.#study, ends[i])][0]);
      else if (within[i] !== never) colour = ramp(part(within[i]));
      image.data.set([...colour, 255], at);
    }
    return cellPicture(image);
  }

  #axes() {
    const { context } = this.canvas;
    const { box, x, y } = this.#scale;
    drawAxes(context, box, x, { ticks: () => y.ticks(), label: "" });
    context.font = font(600, 12);
    context.textAlign = "left";
    context.textBaseline = "bottom";
    context.fillStyle = this.run.look.colour;
    const goal = this.#study.known
      ? `steps until the loss stays within ${short(this.#study.tolerance)} of the minimum`
      : "which pairs stay on the map (no minimum is known to count steps to)";
    const title = `${this.run.look.label}: ${goal}`;
    context.fillText(title, box.left, box.top - 6, box.right - box.left);
    context.save();
    context.font = font();
    context.fillStyle = "#97a1b2";
    context.translate(box.left - grown(56), (box.top + box.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillText(this.#study.label.toLowerCase(), 0, 0);
    context.restore();
  }

  /** Where momentum is stable at the minimum, and its best pair, by theory. */
  #theory() {
    const { theory } = this.run;
    if (!theory) return;
    const { context } = this.canvas;
    const { x, y } = this.#scale;
    const path = new Path2D();
    theory.limit.forEach((rate, row) => path.lineTo(x.at(rate), y.at(this.#value(row))));
    for (const [width, colour] of [[4, "#05070c"], [2, "#ffffff"]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.setLineDash(width === 2 ? [7, 4] : []);
      context.stroke(path);
    }
    context.setLineDash([]);
    const [rate, beta] = theory.optimum;
    this.#mark("diamond", x.at(rate), y.at(beta), "#ffffff", "best by theory");
  }

  /** A ring around the best pair, as the sweep has it; its name to the left. */
  #ring(px, py, { steps, lucky }) {
    const { context } = this.canvas;
    const name = `fastest found: ${steps} steps${lucky ? ", a lucky one" : ""}`;
    for (const [width, colour] of [[5, "#05070c"], [2.2, "#ffe9a8"]]) {
      context.beginPath();
      context.arc(px, py, 10, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.font = font(600, 12);
    context.textBaseline = "middle";
    const left = px - 16 - context.measureText(name).width > this.#scale.box.left;
    context.textAlign = left ? "right" : "left";
    context.strokeStyle = "#05070c";
    context.lineWidth = 3;
    const at = [px + (left ? -15 : 15), py];
    context.strokeText(name, ...at);
    context.fillStyle = "#ffe9a8";
    context.fillText(name, ...at);
  }

  #mark(mark, px, py, colour, text) {
    const { context } = this.canvas;
    context.beginPath();
    addMark(context, mark, px, py, 7);
    context.fillStyle = colour;
    context.strokeStyle = "#05070c";
    context.lineWidth = 3;
    context.stroke();
    context.fill();
    if (!text) return;
    context.font = font(600, 12);
    const right = px + 12 + context.measureText(text).width > this.canvas.width;
    context.textAlign = right ? "right" : "left";
    context.textBaseline = "middle";
    const at = [px + (right ? -12 : 12), py];
    context.strokeText(text, ...at);
    context.fillText(text, ...at);
  }

  #legend() {
    const { context } = this.canvas;
    const { box } = this.#scale;
    const { steps, known, drawn, first_end: first } = this.#study;
    context.font = font();
    context.textBaseline = "middle";
    context.textAlign = "left";
    let [at, row] = [box.left, box.bottom + grown(34)];
    const say = (text, colour = "#e6e9ef") => {
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
      say(String(this.#fewest));
      const shade = context.createLinearGradient(at, 0, at + 90, 0);
      RAMP.forEach((colour, k) => shade.addColorStop(k / (RAMP.length - 1), `rgb(${colour})`));
      context.fillStyle = shade;
      context.fillRect(at, row - 5, 90, 10);
      at += 96;
      say(`${steps} steps`);
      at += 8;
      swatch(drawn.ends.descending[0], LATE);
    } else {
      say("This surface has no known minimum to come near to.", "#ffb86b");
    }
    [at, row] = [box.left, row + grown(18)];
    const seen = new Set([...this.run.ends].filter((code) => code >= first).map((code) => endOf(this.#study, code)));
    for (const end of LOST) {
      if (seen.has(end)) swatch(...drawn.ends[end]);
    }
    if (this.run.theory) {
      row += grown(18);
      context.setLineDash([7, 4]);
      context.strokeStyle = "#ffffff";
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(box.left, row);
      context.lineTo(box.left + 26, row);
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = "#e6e9ef";
      const [a, b] = this.run.theory.curvatures.map(short);
      context.fillText(
        `by theory stable left of it: α < 2 (1 + β) / ${b} (curvatures ${a}, ${b})`,
        box.left + 32,
        row,
        box.right - box.left - 32,
      );
    }
  }

  /** The pair of values of the cell at some pixels. */
  #pairAt(at) {
    const { row, column } = this.#cell(at);
    const { axes, second } = this.#study;
    return { key: this.run.key, name: second, lr: axes.lr[column], value: axes[second][row] };
  }

  #cell([px, py]) {
    const { size } = this.#study;
    const { box } = this.#scale;
    const part = (value, low, high) => cellAt((value - low) / (high - low), size);
    return { column: part(px, box.left, box.right), row: part(py, box.bottom, box.top) };
  }

  #read(at) {
    if (!this.#scale || !holds(this.#scale.box, at)) {
      this.tip.hide();
      return;
    }
    const { row, column } = this.#cell(at);
    const { axes, second, size, never, drawn, label } = this.#study;
    const i = row * size + column;
    const { within, ends } = this.run;
    const end = endOf(this.#study, ends[i]);
    const gone = LOST.includes(end);
    const near = within[i] === never ? LATE : `${within[i]} steps`;
    this.tip.show(at, [
      [gone ? drawn.ends[end][1] : near],
      [`α ${axes.lr[column]}`],
      [`${label.toLowerCase()} ${axes[second][row]}`],
    ]);
  }
}

/** The axis of the second setting: on its own scale, as its slider has it. */
class Rows {
  constructor(scale, round, name, values, box) {
    const [low, high] = [scale.to(values[0]), scale.to(values.at(-1))];
    this.at = (value) =>
      box.bottom - ((scale.to(value) - low) / (high - low || 1)) * (box.bottom - box.top);
    const within = (value) => value >= values[0] && value <= values.at(-1);
    this.ticks = () => {
      if (round) return round.filter(within).map((v) => ({ at: this.at(v), text: String(v) }));
      const spread = name === "log" ? "log" : "linear";
      const axis = new Axis({ spread, low, high, from: box.bottom, to: box.top });
      return axis.ticks(grown(24));
    };
  }
}

const holds = ({ left, right, top, bottom }, [x, y]) =>
  x >= left && x <= right && y >= top && y <= bottom;

function ramp(part) {
  const at = Math.min(Math.max(part, 0), 1) * (RAMP.length - 1);
  const k = Math.min(Math.floor(at), RAMP.length - 2);
  return RAMP[k].map((low, i) => low + (at - k) * (RAMP[k + 1][i] - low));
}
