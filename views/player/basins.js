// @ts-nocheck
// Basins of attraction: every start on the map in the colour of where it leads, bright
// where it gets there soon. One panel for each optimizer.

import { Axis, short } from "./axis.js";
import { cellAt, cellPicture, drawCells, follow, rgb } from "./canvas.js";
import { pathOf, track } from "./geometry.js";
import { addMark, markPicture } from "./marks.js";
import { Panel } from "./panel.js";
import { heightFor, panelPlaces, pixel, pointAt, projection, within } from "./panels.js";
import { endOf } from "./study.js";

const MARGIN = { left: 8, right: 8, top: 20, bottom: 8 };
const WITH_AXES = { left: 58, right: 10, top: 24, bottom: 30 };
const MANY = 5; // panels above which names are short
const THINNEST = 3; // of a panel's sides, one to the other: what is thinner is stretched
const LEGEND = 24; // pixels below the panels, at least

/** Of a panel's width to its height. */
function ratioOf({ window: [xLow, xHigh, yLow, yHigh] }) {
  return Math.min(Math.max((xHigh - xLow) / (yHigh - yLow), 1 / THINNEST), THINNEST);
}

/** The colour of how a run ended. */
function colourOf(study, code, palette) {
  const end = endOf(study, code);
  // A minimum, or near it; the minima carry numbers besides.
  return end ? palette.ends[end] : palette.minima[(code % study.first_near) % palette.minima.length];
}

/** What the codes of a study mean, each once: its colour, and words. */
function meanings(study, palette) {
  const codes = new Set(study.runs.flatMap(({ ends }) => [...new Set(ends)]));
  const place = (code) => (endOf(study, code) ? code : code % study.first_near);
  const near = [...codes].some((code) => place(code) !== code);
  const items = [...new Set([...codes].map(place))].sort((a, b) => a - b).map((code) => {
    const end = endOf(study, code);
    const [x, y] = end ? [] : study.minima[code];
    const text = end ? study.drawn.ends[end][1] : `${code + 1}: (${x.toFixed(2)}, ${y.toFixed(2)})`;
    return { swatch: true, colour: colourOf(study, code, palette), text };
  });
  return { items, near };
}

/** How many of a run's starts come to rest at a minimum, or stay near one: per cent. */
function shares(study, { ends }) {
  let [there, near] = [0, 0];
  for (const code of ends) {
    if (code < study.first_near) there += 1;
    else if (code < study.first_end) near += 1;
  }
  const [arrive, stay] = [there, near].map((many) => Math.round((100 * many) / ends.length));
  const most = stay > arrive ? `${stay}% near` : `${arrive}% arrive`;
  return { arrive, stay, most: study.minima.length ? most : "" };
}

const painted = new WeakMap(); // by run: its cells as a picture, and in which palette

/** The start that a run has of its own, if it has one. */
const ownStart = ({ ownStarts }, run) => ownStarts.find(({ entry }) => entry === run.key);

/** A run's picture, a pixel a start. */
function cellsOf(study, run, palette) {
  const kept = painted.get(run);
  if (kept?.palette === palette) return kept.cells;
  const { size, steps, first_near: near, first_end: first, drawn, ends, never } = study;
  const image = new ImageData(size, size);
  const pixels = new DataView(image.data.buffer);
  const colours = Array.from({ length: 256 }, (_, code) =>
    rgb(code - first < ends.length ? colourOf(study, code, palette) : palette.ends.descending),
  );
  // By end and step: there are far fewer of both than pixels.
  const mixed = new Map();
  const mix = (code, step) => {
    const late = step === never ? 0 : Math.log1p(Math.min(step, steps)) / Math.log1p(steps);
    const light = code >= near && code < first ? drawn.near : 1 - (1 - drawn.slowest) * late ** 2;
    const [r, g, b] = colours[code].map((value) => Math.round(value * light));
    return ((r << 24) | (g << 16) | (b << 8) | 255) >>> 0;
  };
  for (let i = 0; i < size * size; i += 1) {
    const row = size - 1 - Math.floor(i / size);
    const [code, step] = [run.ends[i], run.steps[i]];
    const kind = code * 65536 + step;
    let colour = mixed.get(kind);
    if (colour === undefined) mixed.set(kind, (colour = mix(code, step)));
    pixels.setUint32(4 * (row * size + (i % size)), colour);
  }
  const cells = cellPicture(image);
  painted.set(run, { cells, palette });
  return cells;
}

class BasinsPicture {
  static size(study, width) {
    const columns = study.runs.length > 4 ? 3 : Math.min(study.runs.length, 3);
    const most = 30 + Math.ceil(study.runs.length / columns) * (columns === 1 ? 470 : 340);
    return [width, heightFor(study.runs.length, ratioOf(study), width, most, WITH_AXES)];
  }

  /** `below` are pixels that are kept free below the panels. */
  constructor(study, { race, start, ownStarts, saved }, paper, below = 0) {
    Object.assign(this, { study, race, start, ownStarts, saved, paper });
    const [xLow, xHigh, yLow, yHigh] = study.window;
    this.frames = panelPlaces(
      study.runs.length,
      ratioOf(study),
      paper.width,
      paper.height - below,
      paper.room(saved ? WITH_AXES : MARGIN),
    ).map((place) => ({ ...place, x: [xLow, xHigh], y: [yLow, yHigh] }));
  }

  draw() {
    this.study.runs.forEach((run, i) => this.#panel(run, this.frames[i]));
  }

  #panel(run, frame) {
    const { study, paper, race, saved } = this;
    const { context, palette } = paper;
    const { left, top, width, height } = frame;
    const box = { left, top, right: left + width, bottom: top + height };
    if (saved) this.#axes(run, frame, box);
    paper.within(box, () => {
      drawCells(context, cellsOf(study, run, palette), frame);
      const raced = race.runs.find(({ key }) => key === run.key);
      if (raced) this.#path(frame, raced, run.look.colour);
      for (const at of study.saddles) {
        const [x, y] = pixel(frame, ...at);
        paper.outline((path) => addMark(path, "diamond", x, y, 4.5), palette.critical, 1.6, 4);
      }
      study.minima.forEach((at, k) => this.#number(pixel(frame, ...at), k + 1));
      const own = ownStart(this, run);
      paper.ring(...pixel(frame, ...(own?.at ?? this.start)), own?.colour ?? palette.strong);
    });
  }

  #axes(run, { x, y }, box) {
    const { study, paper } = this;
    const along = ([low, high], from, to, label) => new Axis({ scale: "linear", low, high, from, to, label });
    paper.axes(box, along(x, box.left, box.right, "x"), along(y, box.bottom, box.top, "y"), [48, 40]);
    const { label, short: brief } = run.look;
    paper.heading(study.runs.length > MANY ? brief : label, run.look, box, shares(study, run).most);
  }

  #path(frame, { points }, colour) {
    const { paper } = this;
    const position = (i, out) => {
      out[0] = points[2 * i];
      out[1] = points[2 * i + 1];
    };
    const { segments } = track(points.length / 2, position, [frame.x, frame.y], projection(frame));
    const path = pathOf(segments, 0, segments.length / 4, paper.path());
    paper.stroke(path, paper.palette.edge, 1.3);
    paper.stroke(path, colour, 0.35);
  }

  #number([x, y], number) {
    const { paper } = this;
    const { context, palette } = paper;
    context.beginPath();
    context.arc(x, y, paper.grown(8), 0, 2 * Math.PI);
    context.fillStyle = palette.page;
    context.fill();
    context.font = paper.font(600);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = palette.critical;
    context.fillText(String(number), x, y + 0.5);
  }

  get legend() {
    const { study, paper } = this;
    const { palette } = paper;
    return [
      ...meanings(study, palette).items.map((item) => ({ ...item, text: item.text.replace(/^\d+:/, "minimum $&") })),
      { mark: "circle", colour: palette.strong, hollow: true, text: `the start (${this.start.map(short).join(", ")})` },
      ...study.runs.flatMap((run) => {
        const own = ownStart(this, run);
        const text = `the start of ${run.look.label}`;
        return own ? [{ mark: "circle", colour: own.colour, hollow: true, text }] : [];
      }),
      ...(study.saddles.length ? [{ mark: "diamond", colour: palette.critical, hollow: true, text: "a saddle" }] : []),
    ];
  }

  get notes() {
    const notes = ["Brighter = sooner (log scale). Lines: the race's runs from the start."];
    if (meanings(this.study, this.paper.palette).near) {
      notes.push("Darkest: near the minimum at the end, and not at rest there.");
    }
    return notes;
  }
}

export class BasinsView extends Panel {
  static Picture = BasinsPicture;
  #keys = "";
  #shape = ""; // of the panels that there is room for
  #notes = [];

  /**
   * @param {HTMLElement} host
   * @param {(x: number, y: number, done: boolean, entry: string) => void} onStart  a start
   *   was chosen: of the entry whose panel it is, if it has its own, else of all
   */
  constructor(host, onStart) {
    super(host);
    this.legend = document.createElement("p");
    this.legend.className = "legend";
    host.append(this.legend);
    follow(host, (at) => {
      const { picture } = this;
      const panel = picture ? this.#panelAt(at) : -1;
      if (panel < 0) return null;
      const entry = ownStart(picture, picture.study.runs[panel])?.entry ?? "";
      return (next, done) => onStart(...pointAt(picture.frames[panel], next), done, entry);
    });
  }

  clear() {
    super.clear();
    for (const note of this.#notes) note.remove();
    this.#notes = [];
    this.legend.replaceChildren();
  }

  receive(study) {
    super.receive(study);
    this.#createNotes();
    const shape = `${study.runs.length} ${study.window} ${this.#below}`;
    if (shape !== this.#shape) this.#fit();
    this.#shape = shape;
  }

  /** Takes as much of the height as the panels need; what is below gets the rest. */
  #fit() {
    const { host, study } = this;
    if (!study || !host.clientWidth) return;
    host.style.removeProperty("--needed");
    const most = host.clientHeight - this.#below;
    const count = Math.max(study.runs.length, 1);
    const height = heightFor(count, ratioOf(study), host.clientWidth, most, this.canvas.room(MARGIN));
    host.style.setProperty("--needed", `${Math.ceil(height + this.#below)}px`);
  }

  /** Pixels below the panels. */
  get #below() {
    return Math.max(this.canvas.grown(LEGEND), this.legend.offsetHeight + 6);
  }

  resize() {
    this.#fit();
    super.resize();
  }

  depends({ race, start, ownStarts }) {
    return [race, start.join(), JSON.stringify(ownStarts)];
  }

  pictured(moment) {
    const picture = new BasinsPicture(this.study, moment, this.canvas, this.#below);
    picture.frames.forEach(({ left, top, width }, i) => {
      Object.assign(this.#notes[i].style, {
        left: `${left}px`,
        top: `${top - this.canvas.grown(18)}px`,
        width: `${width}px`,
      });
    });
    return picture;
  }

  /** Notes above the panels and the legend below them. */
  #createNotes() {
    const { study } = this;
    const keys = study.runs.map(({ key }) => key).join();
    if (keys !== this.#keys || this.#notes.length !== study.runs.length) {
      this.#keys = keys;
      for (const note of this.#notes) note.remove();
      this.#notes = study.runs.map(({ look }) => {
        const note = document.createElement("div");
        note.className = "note";
        note.style.color = look.colour;
        note.innerHTML = `${markPicture(look.mark, look.colour)}<b></b><span></span>`;
        note.querySelector("b").textContent = study.runs.length > MANY ? look.short : look.label;
        this.host.append(note);
        return note;
      });
    }
    study.runs.forEach((run, i) => {
      const { arrive, stay, most } = shares(study, run);
      this.#notes[i].lastChild.textContent = most;
      this.#notes[i].title = `${arrive}% of the starts come to rest at a marked minimum, ${stay}% are near one at the end.`;
    });
    const { items, near } = meanings(study, this.canvas.palette);
    const swatches = items.map(({ colour, text }) => {
      const item = document.createElement("span");
      item.innerHTML = `<i style="background: ${colour}"></i>`;
      item.append(text);
      return item;
    });
    const what = `${study.size} × ${study.size} starts; brighter is sooner${near ? ", darkest only near" : ""}`;
    this.legend.replaceChildren(
      ...swatches,
      study.runs.length ? what : "Turn an optimizer on to see where its starts end.",
    );
  }

  #panelAt([px, py]) {
    return this.picture.frames.findIndex(
      ({ left, top, width, height }) => within(px, [left, left + width]) && within(py, [top, top + height]),
    );
  }

  read(at) {
    const i = this.#panelAt(at);
    if (i < 0) return null;
    const { study } = this;
    const frame = this.picture.frames[i];
    const [x, y] = pointAt(frame, at);
    const cell = (value, [low, high]) => cellAt((value - low) / (high - low), study.size);
    const run = study.runs[i];
    const k = cell(y, frame.y) * study.size + cell(x, frame.x);
    const end = endOf(study, run.ends[k]);
    const when = run.steps[k] === study.never ? "" : ` at step ${run.steps[k]}`;
    const near = run.ends[k] >= study.first_near ? "near " : "";
    const what = end ? study.drawn.ends[end][1] : `${near}minimum ${(run.ends[k] % study.first_near) + 1}`;
    return [[`from (${x}, ${y}): ${what}${when}`]];
  }
}
