// @ts-nocheck
// Basins of attraction: every start on the map in the colour of where it leads, bright
// where it gets there soon. One panel for each optimizer.

import { font, grown, roomFor } from "./axis.js";
import { Canvas, Tip, cellAt, cellPicture, drawCells, follow, rgb } from "./canvas.js";
import { pathOf, track } from "./geometry.js";
import { addMark, markPicture } from "./marks.js";
import { heightFor, panelPlaces, pixel, pointAt, within } from "./panels.js";
import { strokeFine } from "./strokes.js";
import { endOf } from "./study.js";

const MARGIN = { left: 8, right: 8, top: 20, bottom: 8 };
const MANY = 5; // panels above which names are short
const THINNEST = 3; // of a panel's sides, one to the other: what is thinner is stretched
const LEGEND = 24; // pixels below the panels, at least

export class BasinsView {
  #study = null;
  #images = [];
  #frames = [];
  #drawn = "";
  #keys = "";
  #shape = ""; // of the panels that there is room for
  #race = null;
  #start = [0, 0];

  /**
   * @param {HTMLElement} host
   * @param {(x: number, y: number, done: boolean) => void} onStart  a start was chosen
   */
  constructor(host, onStart) {
    this.host = host;
    this.canvas = new Canvas(host);
    this.context = this.canvas.context;
    this.legend = document.createElement("p");
    this.legend.className = "legend";
    host.append(this.legend);
    this.tip = new Tip(host, (at) => this.#read(at));
    this.notes = [];
    follow(host, (at) => {
      const hit = this.#frameAt(at);
      return hit && ((next, done) => onStart(...pointAt(hit.frame, next), done));
    });
  }

  /** Shows nothing, until a study of what the page now shows is there. */
  clear() {
    this.#study = null;
    this.canvas.clear();
    this.tip.hide();
    for (const note of this.notes) note.remove();
    this.notes = [];
    this.legend.replaceChildren();
  }

  receive(study) {
    this.#study = study;
    this.#images = study.runs.map((run) => this.#image(run));
    this.#drawn = "";
    this.#furnish();
    const shape = `${study.runs.length} ${study.window} ${this.#below}`;
    if (shape !== this.#shape) this.#fit();
    this.#shape = shape;
  }

  /** Takes as much of the height as the panels need; what is below gets the rest. */
  #fit() {
    const { host } = this;
    if (!this.#study || !host.clientWidth) return;
    host.style.removeProperty("--needed");
    const most = host.clientHeight - this.#below;
    const count = Math.max(this.#study.runs.length, 1);
    const height = heightFor(count, this.#ratio, host.clientWidth, most, roomFor(MARGIN));
    host.style.setProperty("--needed", `${Math.ceil(height + this.#below)}px`);
  }

  /** Of a panel's width to its height. */
  get #ratio() {
    const [xLow, xHigh, yLow, yHigh] = this.#study.window;
    const ratio = (xHigh - xLow) / (yHigh - yLow);
    return Math.min(Math.max(ratio, 1 / THINNEST), THINNEST);
  }

  /** Pixels below the panels. */
  get #below() {
    return Math.max(grown(LEGEND), this.legend.offsetHeight + 6);
  }

  resize() {
    this.#fit();
    if (this.canvas.resize()) this.#drawn = "";
  }

  /** Shows the study, with the race's paths from the start. @param {Moment} moment */
  show({ race, start }) {
    if (!this.#study || !this.canvas.width) return;
    const drawn = start.join();
    if (race === this.#race && drawn === this.#drawn) return;
    this.#race = race;
    this.#start = start;
    this.#drawn = drawn;
    this.#arrange();
    const { context } = this;
    this.canvas.clear();
    context.imageSmoothingEnabled = false;
    this.#study.runs.forEach((run, i) => this.#panel(run, i));
  }

  /** The colour of what leads to a minimum, or near it; the minima carry numbers besides. */
  #colour(code) {
    const { minima } = this.#study.drawn;
    return minima[(code % this.#study.first_near) % minima.length];
  }

  /** A run's picture, a pixel a start. */
  #image(run) {
    const { size, steps, first_near: near, first_end: first, drawn, ends, never } = this.#study;
    const image = new ImageData(size, size);
    const pixels = new DataView(image.data.buffer);
    const colours = Array.from({ length: 256 }, (_, code) =>
      rgb(code < first ? this.#colour(code) : (drawn.ends[ends[code - first]] ?? drawn.ends.descending)[0]),
    );
    // By end and step: there are far fewer of both than pixels.
    const painted = new Map();
    const paint = (code, step) => {
      const late = step === never ? 0 : Math.log1p(Math.min(step, steps)) / Math.log1p(steps);
      const light = code >= near && code < first ? drawn.near : 1 - (1 - drawn.slowest) * late ** 2;
      const [r, g, b] = colours[code].map((value) => Math.round(value * light));
      return ((r << 24) | (g << 16) | (b << 8) | 255) >>> 0;
    };
    for (let i = 0; i < size * size; i += 1) {
      const row = size - 1 - Math.floor(i / size);
      const [code, step] = [run.ends[i], run.steps[i]];
      const kind = code * 65536 + step;
      let colour = painted.get(kind);
      if (colour === undefined) painted.set(kind, (colour = paint(code, step)));
      pixels.setUint32(4 * (row * size + (i % size)), colour);
    }
    return cellPicture(image);
  }

  #arrange() {
    const [xLow, xHigh, yLow, yHigh] = this.#study.window;
    const places = panelPlaces(
      this.#study.runs.length,
      this.#ratio,
      this.canvas.width,
      this.canvas.height - this.#below,
      roomFor(MARGIN),
    );
    this.#frames = places.map((place) => ({ ...place, x: [xLow, xHigh], y: [yLow, yHigh] }));
    this.notes.forEach((note, i) => {
      const frame = this.#frames[i];
      note.style.left = `${frame.left}px`;
      note.style.top = `${frame.top - grown(18)}px`;
      note.style.width = `${frame.width}px`;
    });
  }

  #panel(run, i) {
    const { context } = this;
    const frame = this.#frames[i];
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.width, frame.height);
    context.clip();
    drawCells(context, this.#images[i], frame);
    const raced = this.#race.runs.find(({ key }) => key === run.key);
    if (raced) this.#path(frame, raced, run.look.colour);
    for (const at of this.#study.saddles) this.#saddle(pixel(frame, ...at));
    this.#study.minima.forEach((at, k) => this.#number(pixel(frame, ...at), k + 1));
    this.#ring(pixel(frame, ...this.#start));
    context.restore();
  }

  #path(frame, { points }, colour) {
    const position = (i, out) => {
      out[0] = points[2 * i];
      out[1] = points[2 * i + 1];
    };
    const toPixel = ([x, y]) => pixel(frame, x, y);
    const path = pathOf(track(points.length / 2, position, [frame.x, frame.y], toPixel).segments);
    strokeFine(this.context, path, "#05070c", 1.3);
    strokeFine(this.context, path, colour, 0.35);
  }

  #number([x, y], number) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, grown(8), 0, 2 * Math.PI);
    context.fillStyle = "#0b0e14";
    context.fill();
    context.font = font(600);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = "#ffe9a8";
    context.fillText(String(number), x, y + 0.5);
  }

  #saddle([x, y]) {
    const { context } = this;
    context.beginPath();
    addMark(context, "diamond", x, y, 4.5);
    for (const [width, colour] of [[4, "#0b0e14"], [1.6, "#ffe9a8"]]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  }

  #ring([x, y]) {
    const { context } = this;
    for (const [width, colour] of [[5, "#000"], [2, "#fff"]]) {
      context.beginPath();
      context.arc(x, y, 8, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  }

  /** Notes above the panels and the legend below them. */
  #furnish() {
    const study = this.#study;
    const keys = study.runs.map(({ key }) => key).join();
    if (keys !== this.#keys || this.notes.length !== study.runs.length) {
      this.#keys = keys;
      for (const note of this.notes) note.remove();
      this.notes = study.runs.map(({ look }) => {
        const note = document.createElement("div");
        note.className = "note";
        note.style.color = look.colour;
        note.innerHTML = `${markPicture(look.mark, look.colour)}<b></b><span></span>`;
        note.querySelector("b").textContent = study.runs.length > MANY ? look.short : look.label;
        this.host.append(note);
        return note;
      });
    }
    const seen = new Set();
    study.runs.forEach((run, i) => {
      let [there, near] = [0, 0];
      for (const code of run.ends) {
        seen.add(code);
        if (code < study.first_near) there += 1;
        else if (code < study.first_end) near += 1;
      }
      const [arrive, stay] = [there, near].map((many) => Math.round((100 * many) / run.ends.length));
      const share = stay > arrive ? `${stay}% near` : `${arrive}% arrive`;
      this.notes[i].lastChild.textContent = study.minima.length ? share : "";
      this.notes[i].title = `${arrive}% of the starts come to rest at a marked minimum, ${stay}% are near one at the end.`;
    });
    this.#explain([...seen]);
  }

  #explain(codes) {
    const study = this.#study;
    const swatch = (colour, text) => {
      const item = document.createElement("span");
      item.innerHTML = `<i style="background: ${colour}"></i>`;
      item.append(text);
      return item;
    };
    const place = (code) => (endOf(study, code) ? code : code % study.first_near);
    const near = codes.some((code) => place(code) !== code) ? ", darkest only near" : "";
    this.legend.replaceChildren(
      ...[...new Set(codes.map(place))].sort((a, b) => a - b).map((code) => {
        const end = endOf(study, code);
        if (end) return swatch(...study.drawn.ends[end]);
        const [x, y] = study.minima[code];
        const colour = this.#colour(code);
        return swatch(colour, `${code + 1}: (${x.toFixed(2)}, ${y.toFixed(2)})`);
      }),
      study.runs.length
        ? `${study.size} × ${study.size} starts; brighter is sooner${near}`
        : "Switch an optimizer on to see where its starts lead.",
    );
  }

  #frameAt(at) {
    const i = this.#frames.findIndex(
      (f) => within(at[0], [f.left, f.left + f.width]) && within(at[1], [f.top, f.top + f.height]),
    );
    return this.#study && i >= 0 ? { i, frame: this.#frames[i] } : null;
  }

  #read(at) {
    const hit = this.#frameAt(at);
    if (!hit) {
      this.tip.hide();
      return;
    }
    const study = this.#study;
    const [x, y] = pointAt(hit.frame, at);
    const cell = (value, [low, high]) => cellAt((value - low) / (high - low), study.size);
    const run = study.runs[hit.i];
    const k = cell(y, hit.frame.y) * study.size + cell(x, hit.frame.x);
    const end = endOf(study, run.ends[k]);
    const when = run.steps[k] === study.never ? "" : ` at step ${run.steps[k]}`;
    const near = run.ends[k] >= study.first_near ? "near " : "";
    const what = end ? study.drawn.ends[end][1] : `${near}minimum ${(run.ends[k] % study.first_near) + 1}`;
    this.tip.show(at, [[`from (${x}, ${y}): ${what}${when}`]]);
  }
}
