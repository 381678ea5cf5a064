// Basins of attraction: every start on the map in the colour of where it leads, bright
// where it gets there soon. One panel for each optimizer.

import { Axis, short } from "./axis.js";
import { cellAt, cellPicture, drawCells, follow, rgb } from "./canvas.js";
import { addSteps, track } from "./geometry.js";
import { addMark, markPicture } from "./marks.js";
import { wordStyle } from "./palette.js";
import { PicturePanel } from "./panel.js";
import { heightFor, panelPlaces, pixel, pointAt, projection, within } from "./panels.js";
import { endOf } from "./study.js";

const MARGIN = { left: 8, right: 8, top: 20, bottom: 8 };
const WITH_AXES = { left: 58, right: 10, top: 24, bottom: 30 };
const MANY = 5; // panels above which names are short
const THINNEST = 3; // of a panel's sides, one to the other: what is thinner is stretched
const LEGEND = 24; // pixels below the panels, at least

/**
 * Of a panel's width to its height.
 * @param {BasinsStudy} study
 */
function ratioOf({ window: [xLow, xHigh, yLow, yHigh] }) {
  return Math.min(Math.max((xHigh - xLow) / (yHigh - yLow), 1 / THINNEST), THINNEST);
}

/**
 * The colour of how a run ended.
 * @param {BasinsStudy} study
 * @param {number} code
 * @param {Palette} palette
 */
function colourOf(study, code, palette) {
  const end = endOf(study, code);
  // A minimum, or near it; the minima carry numbers besides.
  return end ? palette.ends[end] : palette.minima[(code % study.first_near) % palette.minima.length];
}

/**
 * What the codes of a study mean, each once: its colour, and words.
 * @param {BasinsStudy} study
 * @param {Palette} palette
 */
function meanings(study, palette) {
  const codes = new Set(study.runs.flatMap(({ ends }) => [...new Set(ends)]));
  /** @param {number} code */
  const place = (code) => (endOf(study, code) ? code : code % study.first_near);
  const near = [...codes].some((code) => place(code) !== code);
  const items = [...new Set([...codes].map(place))].sort((a, b) => a - b).map((code) => {
    const end = endOf(study, code);
    const text = end ? study.end_words[end] : `${code + 1}: ${study.minima_words[code]}`;
    return { swatch: true, colour: colourOf(study, code, palette), text };
  });
  return { items, near };
}

/**
 * How many of a run's starts come to rest at a minimum, or stay near one: per cent.
 * @param {BasinsStudy} study
 * @param {BasinsRun} run
 */
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

/**
 * The cells of a run as a picture, and in which theme.
 * @type {WeakMap<BasinsRun, {cells: HTMLCanvasElement, theme: string}>}
 */
const painted = new WeakMap();

/**
 * The start that a run has of its own, if it has one.
 * @param {{ownStarts: Moment["ownStarts"]}} moment
 * @param {BasinsRun} run
 */
const ownStart = ({ ownStarts }, run) => ownStarts.find(({ entry }) => entry === run.key);

/**
 * A run's picture, a pixel a start.
 * @param {BasinsStudy} study
 * @param {BasinsRun} run
 * @param {Palette} palette
 */
function cellsOf(study, run, palette) {
  const kept = painted.get(run);
  if (kept?.theme === palette.name) return kept.cells;
  const { size, steps, first_near: near, first_end: first, brightness, ends, never } = study;
  const image = new ImageData(size, size);
  const pixels = new DataView(image.data.buffer);
  const colours = Array.from({ length: 256 }, (_, code) =>
    rgb(code - first < ends.length ? colourOf(study, code, palette) : palette.ends.descending),
  );
  const base = rgb(palette.base);
  // By end and step: there are far fewer of both than pixels.
  const mixed = new Map();
  /** @type {(code: number, step: number) => number} */
  const mix = (code, step) => {
    const late = step === never ? 0 : Math.log1p(Math.min(step, steps)) / Math.log1p(steps);
    const light = code >= near && code < first ? brightness.near : 1 - (1 - brightness.slowest) * late ** 2;
    const [r, g, b] = colours[code].map((value, i) => Math.round(base[i] + (value - base[i]) * light));
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
  painted.set(run, { cells, theme: palette.name });
  return cells;
}

/**
 * The pixel of a known place; of a line that in the middle.
 * @param {Frame} frame
 * @param {Known} at
 */
const onMap = (frame, [x, y = (frame.y[0] + frame.y[1]) / 2]) => pixel(frame, x, y);

class BasinsPicture {
  /** @type {(study: BasinsStudy, width: number) => Pair} */
  static size(study, width) {
    const columns = study.runs.length > 4 ? 3 : Math.min(study.runs.length, 3);
    const most = 30 + Math.ceil(study.runs.length / columns) * (columns === 1 ? 470 : 340);
    return [width, heightFor(study.runs.length, ratioOf(study), width, most, WITH_AXES)];
  }

  /**
   * `below` are pixels that are kept free below the panels.
   * @param {BasinsStudy} study
   * @param {Moment} moment
   * @param {import("./paper.js").Paper} paper
   * @param {number} [below]
   */
  constructor(study, { race, start, ownStarts, saved }, paper, below = 0) {
    this.study = study;
    this.race = race;
    this.start = start;
    this.ownStarts = ownStarts;
    this.saved = saved;
    this.paper = paper;
    const [xLow, xHigh, yLow, yHigh] = study.window;
    /** @type {Frame[]} */
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

  /**
   * @param {BasinsRun} run
   * @param {Frame} frame
   */
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
        const [x, y] = onMap(frame, at);
        paper.outline((path) => addMark(path, "diamond", x, y, 4.5), palette.critical, 1.6, 4);
      }
      study.minima.forEach((at, k) => this.#number(onMap(frame, at), k + 1));
      const own = ownStart(this, run);
      paper.ring(...pixel(frame, ...(own?.at ?? this.start)), own?.colour ?? palette.strong);
    });
  }

  /**
   * @param {BasinsRun} run
   * @param {Frame} frame
   * @param {Box} box
   */
  #axes(run, { x, y }, box) {
    const { study, paper } = this;
    /** @type {(range: Pair, from: number, to: number, label: string) => Axis} */
    const along = ([low, high], from, to, label) => new Axis({ scale: "linear", low, high, from, to, label });
    paper.axes(box, along(x, box.left, box.right, "x"), along(y, box.bottom, box.top, "y"), [48, 40]);
    const { label, short: brief } = run.look;
    paper.heading(study.runs.length > MANY ? brief : label, run.look, box, shares(study, run).most);
  }

  /**
   * @param {Frame} frame
   * @param {Run} run  of the race
   * @param {string} colour
   */
  #path(frame, { points }, colour) {
    const { paper } = this;
    /** @type {(i: number, out: number[]) => void} */
    const position = (i, out) => {
      out[0] = points[2 * i];
      out[1] = points[2 * i + 1];
    };
    const { segments } = track(points.length / 2, position, [frame.x, frame.y], projection(frame));
    const path = paper.path();
    addSteps(path, segments);
    paper.stroke(path, paper.palette.edge, 1.3);
    paper.stroke(path, colour, 0.35);
  }

  /**
   * @param {Pair} at
   * @param {number} number
   */
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

  /** @returns {LegendItem[]} */
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

  /** @returns {string[]} */
  get notes() {
    const { faster } = this.paper.palette;
    const notes = [`${faster} = sooner (log scale). Lines: the race's runs from the start.`];
    if (meanings(this.study, this.paper.palette).near) {
      notes.push("Faintest: near the minimum at the end, and not at rest there.");
    }
    return notes;
  }
}

/** @typedef {{element: HTMLElement, share: HTMLElement}} Note  the name of a panel, and how many arrive */

/** @extends {PicturePanel<BasinsStudy, BasinsPicture>} */
export class BasinsView extends PicturePanel {
  static Picture = BasinsPicture;
  #keys = "";
  #shape = ""; // of the panels that there is room for
  /** @type {Note[]} */
  #notes = []; // above the panels

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
      const panel = picture ? panelAt(at, picture) : -1;
      if (!picture || panel < 0) return null;
      const entry = ownStart(picture, picture.study.runs[panel])?.entry ?? "";
      return (next, done) => onStart(...pointAt(picture.frames[panel], next), done, entry);
    });
  }

  clear() {
    super.clear();
    for (const { element } of this.#notes) element.remove();
    this.#notes = [];
    this.legend.replaceChildren();
  }

  /** @param {Given} given */
  receive(given) {
    super.receive(given);
    const { study } = this;
    if (!study) return;
    this.#createNotes(study);
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

  /** @param {Moment} moment */
  depends({ race, start, ownStarts }) {
    return [race, start.join(), JSON.stringify(ownStarts)];
  }

  /**
   * @param {Moment} moment
   * @param {BasinsStudy} study
   */
  pictured(moment, study) {
    const picture = new BasinsPicture(study, moment, this.canvas, this.#below);
    picture.frames.forEach(({ left, top, width }, i) => {
      Object.assign(this.#notes[i].element.style, {
        left: `${left}px`,
        top: `${top - this.canvas.grown(18)}px`,
        width: `${width}px`,
      });
    });
    return picture;
  }

  /**
   * Notes above the panels and the legend below them.
   * @param {BasinsStudy} study
   */
  #createNotes(study) {
    const keys = study.runs.map(({ key }) => key).join();
    if (keys !== this.#keys || this.#notes.length !== study.runs.length) {
      this.#keys = keys;
      for (const { element } of this.#notes) element.remove();
      this.#notes = study.runs.map(({ look }) => {
        const element = document.createElement("div");
        element.className = "note";
        element.style.color = wordStyle(look.colour);
        element.innerHTML = `${markPicture(look.mark, look.colour)}<b></b><span></span>`;
        element.querySelector("b").textContent = study.runs.length > MANY ? look.short : look.label;
        this.host.append(element);
        return { element, share: element.querySelector("span") };
      });
    }
    study.runs.forEach((run, i) => {
      const { arrive, stay, most } = shares(study, run);
      const { element, share } = this.#notes[i];
      share.textContent = most;
      element.title = `${arrive}% of the starts come to rest at a marked minimum, ${stay}% are near one at the end.`;
    });
    const { items, near } = meanings(study, this.canvas.palette);
    const swatches = items.map(({ colour, text }) => {
      const item = document.createElement("span");
      item.innerHTML = `<i style="background: ${colour}"></i>`;
      item.append(text);
      return item;
    });
    const what = `${study.size} × ${study.size} starts; ${this.canvas.palette.faster.toLowerCase()} is sooner${near ? ", faintest only near" : ""}`;
    this.legend.replaceChildren(
      ...swatches,
      study.runs.length ? what : "Turn an optimizer on to see where its starts end.",
    );
  }

  /**
   * @param {Pair} at
   * @param {BasinsPicture} picture
   * @returns {?TipLine[]}
   */
  read(at, picture) {
    const i = panelAt(at, picture);
    if (i < 0) return null;
    const { study } = picture;
    const frame = picture.frames[i];
    const [x, y] = pointAt(frame, at);
    /** @type {(value: number, range: Pair) => number} */
    const cell = (value, [low, high]) => cellAt((value - low) / (high - low), study.size);
    const run = study.runs[i];
    const k = cell(y, frame.y) * study.size + cell(x, frame.x);
    const end = endOf(study, run.ends[k]);
    const when = run.steps[k] === study.never ? "" : ` at step ${run.steps[k]}`;
    const near = run.ends[k] >= study.first_near ? "near " : "";
    const what = end ? study.end_words[end] : `${near}minimum ${(run.ends[k] % study.first_near) + 1}`;
    return [[`from (${x}, ${y}): ${what}${when}`]];
  }
}

/**
 * The number of the panel at some pixels; -1 where there is none.
 * @param {Pair} at
 * @param {BasinsPicture} picture
 */
const panelAt = ([px, py], { frames }) =>
  frames.findIndex(
    ({ left, top, width, height }) => within(px, [left, left + width]) && within(py, [top, top + height]),
  );
