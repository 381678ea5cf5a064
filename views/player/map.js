// The contour map: one panel for the whole race, or one a run, side by side.

import { grown, roomFor, short, textScale } from "./axis.js";
import { Canvas, Tip } from "./canvas.js";
import { digits } from "./digits.js";
import { nearest } from "./geometry.js";
import { isHollow } from "./hatch.js";
import { BAR, arranged, inShort, marginOf, startsOf, traced } from "./maps.js";
import { drawnMap } from "./drawnmap.js";
import { markPicture } from "./marks.js";
import { ON_MAP } from "./meanings.js";
import { palette, wordStyle } from "./palette.js";
import { Panel } from "./panel.js";
import { outcomeAt } from "./race.js";
import { pixel, pointAt } from "./panels.js";
import { lossAt } from "./relief.js";
import { Scale } from "./scale.js";
import { criticalAt, drawStill } from "./still.js";
import { twoFingers } from "./touch.js";
import { ahead } from "./pen.js";
import { Trails } from "./trails.js";
import { setTitle, write } from "./write.js";

const CLICK = 4; // pixels a press may move and still be a click
const ENDS = /** @type {const} */ (["pointerup", "pointercancel"]);
const NEAR = 9; // pixels within which a critical point is meant
const BY_TRAIL = 5; // pixels within which a trail is
const NOTCH = 20; // pixels that a turn of the wheel counts at most
const WHEEL = 200; // and how many of them zoom by e
const LINE = 16; // pixels of a line, in which some browsers count
const ZOOM = [1e-3, 1e9]; // of the whole map: how far one can zoom out and in

/**
 * The start that an entry has of its own, and how the entry is drawn.
 * @typedef {{entry: string, at: Pair, colour: string, label: string}} OwnStart
 */

/** @typedef {OwnStart & {panel: number}} Ring */

const TEMPLATE = `
  <div class="plot"></div>
  <button class="fit" title="See the whole map" aria-label="See the whole map">⤢</button>
  <button class="keep" aria-pressed="false" data-testid="keep"
    title="Keep these trails, to compare with what follows (K)">keep trails</button>
  <p class="kept" hidden><span></span><button title="Dismiss the kept trails"
    aria-label="Dismiss the kept trails">×</button></p>
  <div class="readout"></div>`;

/**
 * The map. Its element says what it shows, for tests: `data-x` and `data-y` are the ranges,
 * `data-frames` the [left, top, width, height] of each panel, `data-levels` the first
 * contour, the step to the next and how many there are, `data-heights` the heights in the
 * corners, and `data-texts` the texts of the axes with the boxes that they are drawn in.
 */
export class MapView extends Panel {
  /** @type {?Landscape} */
  #landscape = null;
  /** @type {(Look & {key: string})[]} */
  #panels = [];
  /** @type {Trail[]} */
  #tracks = [];
  /** @type {Frame[]} */
  #frames = [];
  /** @type {{race?: Race, seen?: string, kept?: ?Race, frames?: Frame[]}} */
  #drawn = {};
  /** @type {Pair} */
  #start = [0, 0];
  /** @type {HTMLElement[]} */
  notes = [];
  /** @type {Map<string, Ring & {element: HTMLElement}>} */
  #rings = new Map(); // by panel and entry: the element, and where it is to be

  /** @type {OwnStart[]} */
  #ownStarts = [];
  /** @type {?Trail[]} */
  #keptTracks = null;

  /**
   * @param {HTMLElement} host
   * @param {(x: number, y: number, done: boolean, entry?: string) => void} onStart  a start
   *   was chosen; not done while it is still being dragged; of an entry, if its ring was
   * @param {(entry: string) => void} onInspect  the head of a run was clicked
   */
  constructor(host, onStart, onInspect) {
    super(host);
    host.innerHTML = TEMPLATE;
    this.onStart = onStart;
    host.addEventListener("click", ({ target }) => {
      const head = target instanceof Element && target.closest(".head");
      if (head instanceof HTMLElement && head.dataset.entry) onInspect(head.dataset.entry);
    });
    this.plot = host.querySelector(".plot");
    this.paper = new Canvas(this.plot, null, true);
    this.readout = host.querySelector(".readout");
    this.trails = new Trails(host);
    this.scale = new Scale(host);
    twoFingers(this.plot, (middle) => this.#held(middle));
    host.querySelector(".fit").addEventListener("click", () => this.fit());
    this.plot.addEventListener("pointerdown", (event) => this.#press(event));
    this.plot.addEventListener("pointermove", (event) => this.#read(event));
    this.plot.addEventListener("pointerleave", () => {
      this.readout.textContent = "";
    });
    this.plot.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.tip = new Tip(host, (at) => this.#hint(at));
    // Text on a canvas does not change by itself when its font has come.
    document.fonts.load("11px 'Source Sans'").then(() => {
      this.#stale = true;
    });
  }

  #keep = "";
  #step = 0; // that is shown
  /** @type {?{x: Pair, y: Pair}} */
  #range = null; // that was chosen; null: the whole map
  /** @type {?{x: Pair, y: Pair}} */
  #opening = null; // that is to be shown once there is a map
  #aside = false; // whether notes stand beside their panels, and not above them
  /** @type {?Place} */
  #scaled = null; // where the scale of the loss stands; null: beside the map
  #stale = false; // whether the still picture is to be drawn again

  /**
   * Draws the still picture.
   * @param {Given} given
   */
  receive(given) {
    if (!given.landscape && !given.split) return; // a race is there when it draws
    const { landscape = this.#landscape, split = this.#panels } = given;
    this.#panels = split;
    if (!landscape) return;
    this.#landscape = landscape;
    const { place = "" } = landscape;
    this.scale.receive(landscape);
    // While these stay the same, so do zoom and pan.
    const keep = `${place} ${split.length}`;
    if (keep !== this.#keep) this.#range = this.#opening;
    this.#opening = null;
    this.#keep = keep;
    this.#arrange();
    this.#createOverlays();
    this.place = place;
  }

  /** Fits the picture to its host. */
  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (this.trails.resize(width, height)) this.#arrange();
  }

  /** Finds where the panels are, and draws the still picture in each. */
  #arrange() {
    const still = this.still;
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!still || !width) return; // hidden, it is drawn when it is shown
    const { places, aside, scale } = arranged(still, this.#panels.length, { width, height, text: textScale(), palette }, window.devicePixelRatio || 1);
    this.#aside = aside;
    this.#scaled = scale;
    const { x, y } = this.#range ?? still;
    this.#frames = places.map((place) => ({ ...place, x, y }));
    this.#paint(still);
  }

  /** @param {import("./still.js").Still} still */
  #paint(still) {
    const { paper } = this;
    this.#stale = false;
    paper.resize();
    paper.clear();
    const brief = this.#panels.length > 0;
    const texts = this.#frames.flatMap((frame) => drawStill(paper, frame, still, brief));
    const [{ x, y }] = this.#frames;
    Object.assign(this.host.dataset, {
      x: x.join(),
      y: y.join(),
      frames: JSON.stringify(this.#frames.map(({ left, top, width, height }) => [left, top, width, height])),
      levels: still.levels.join(),
      heights: still.heights.at(still.x, still.y).join(),
      texts: JSON.stringify(texts),
    });
  }

  /**
   * Shows another part of the plane, or all of it.
   * @param {?{x: Pair, y: Pair}} range
   */
  #show(range) {
    if (!this.still) return;
    const { x, y } = range ?? this.still;
    this.#range = range;
    this.#frames = this.#frames.map((frame) => ({ ...frame, x, y }));
    this.#stale = true;
    this.tip.hide();
  }

  /** The still map, once it is there. */
  get still() {
    return this.#landscape?.map ?? null;
  }

  /**
   * Where the map of an entry is, once it is shown.
   * @param {string} entry
   */
  frameOf(entry) {
    const panel = this.#panels.findIndex(({ key }) => key === entry);
    return this.#panels.length && panel < 0 ? undefined : this.#frames[Math.max(panel, 0)];
  }

  /** Where the map of all runs is, once it is shown. */
  get frame() {
    return this.#frames[0];
  }

  /**
   * Shows the part of the map that an address names: now, or when there is a map.
   * @param {number[]} zoom  empty: all of it
   */
  open([left, right, below, above]) {
    /** @type {?{x: Pair, y: Pair}} */
    const range = above === undefined ? null : { x: [left, right], y: [below, above] };
    if (this.still) this.#show(range);
    else this.#opening = range;
  }

  /** The part that is shown, as an address names it; null: all of it. */
  get seen() {
    return this.#range && [...this.#range.x, ...this.#range.y].map((one) => Number(one.toPrecision(6))).join();
  }

  /** Back to the whole domain. */
  fit() {
    this.#show(null);
  }

  /**
   * Follows what moves a panel, or zooms into it about a place.
   * @param {Pair} at  in pixels
   */
  #held(at) {
    const frame = this.#panelAt(...at);
    const still = this.still;
    if (!frame || !still) return null;
    const { left, top, width, height, x, y } = frame;
    const most = (x[1] - x[0]) / (still.x[1] - still.x[0]);
    // The range in which what was at the place is so far from it.
    /** @type {(range: Pair, part: number, moved: number, zoom: number) => Pair} */
    const held = ([low, high], part, moved, zoom) => {
      const span = (high - low) / zoom;
      const from = low + part * (high - low) - (part + moved) * span;
      return [from, from + span];
    };
    const [across, up] = [(at[0] - left) / width, 1 - (at[1] - top) / height];
    /** @type {(moved: {dx: number, dy: number, zoom: number}) => void} */
    return ({ dx, dy, zoom }) => {
      const by = Math.min(Math.max(zoom, ZOOM[0] * most), ZOOM[1] * most);
      this.#show({ x: held(x, across, dx / width, by), y: held(y, up, -dy / height, by) });
    };
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const hold = this.#held(this.#local(event));
    if (!hold) return;
    event.preventDefault();
    const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
    hold({ dx: 0, dy: 0, zoom: Math.exp(-Math.min(Math.max(turned, -NOTCH), NOTCH) / WHEEL) });
  }

  /** One note for each panel. */
  #createOverlays() {
    for (const element of this.host.querySelectorAll(".note, .start")) element.remove();
    this.#rings.clear();
    this.notes = this.#panels.map((card) => {
      const note = document.createElement("div");
      note.className = "note";
      note.style.color = wordStyle(card.colour);
      note.innerHTML = `${markPicture(card.mark, card.colour)}<b></b><span class="loss"></span><span class="state"></span>`;
      note.querySelector("b").textContent = card.label;
      this.host.append(note);
      return note;
    });
    this.#drawn = {};
  }

  /**
   * A ring for each start; it stays while there is one, for it may be in a hand.
   * @param {Race} race
   */
  #ringed(race) {
    const starts = startsOf(race, this.#panels, this.#start, this.#ownStarts);
    const before = this.#rings;
    this.#rings = new Map(
      starts.map((start) => {
        const key = `${start.panel} ${start.entry}`;
        const element = before.get(key)?.element ?? this.#ring(start);
        before.delete(key);
        return [key, { element, ...start }];
      }),
    );
    for (const { element } of before.values()) element.remove();
  }

  /** @param {Ring} start */
  #ring({ panel, entry, label, colour }) {
    const ring = document.createElement("div");
    ring.className = "start";
    ring.title = entry ? `Drag to move the start of ${label}` : "Drag to move the start";
    ring.dataset.entry = entry;
    if (entry) ring.style.setProperty("--colour", wordStyle(colour));
    ring.addEventListener("pointerdown", (event) => this.#drag(event, ring, panel, entry));
    this.host.append(ring);
    return ring;
  }

  /**
   * Shows a race at a step.
   * @param {Moment} moment
   */
  draw({ race, step, start, ownStarts, kept, writes, foresees }) {
    if (!this.still || !this.#frames.length) return;
    if (this.#stale) this.#paint(this.still);
    this.#start = start;
    this.#ownStarts = ownStarts;
    const frames = this.#frames;
    const seen = JSON.stringify([start, ownStarts]);
    const moved = this.#drawn.frames !== frames;
    if (moved || this.#drawn.race !== race || this.#drawn.seen !== seen || this.#drawn.kept !== kept) {
      const [{ left, top, width, height }] = frames;
      this.trails.area = { left, top, right: left + width, bottom: top + height };
      this.#tracks = traced(race, this.#panels, frames, this.#tracks);
      if (moved || this.#drawn.kept !== kept) {
        this.#keptTracks = kept && traced(kept, this.#panels, frames, this.#keptTracks);
      }
      this.#drawn = { race, seen, kept, frames };
      this.#ringed(race);
      this.#place();
    }
    this.#step = step;
    this.trails.show(this.#tracks, step, true, this.#keptTracks);
    if (writes) this.#annotate(race, Math.floor(step), foresees);
  }

  /**
   * @param {Moment} moment
   * @param {import("./drawnmap.js").Shown["overlays"]} [overlays]
   * @returns {?Drawing}
   */
  drawing(moment, overlays = () => ({ under: [], over: [] })) {
    const landscape = this.#landscape;
    if (!landscape) return null;
    return (paper) => drawnMap(paper, { landscape, split: this.#panels, range: this.#range, moment, overlays });
  }

  /**
   * Says in each panel how its run stands at a step.
   * @param {Race} race
   * @param {number} step
   * @param {boolean} foresees
   */
  #annotate(race, step, foresees) {
    this.notes.forEach((note, i) => {
      const card = this.#panels[i];
      const run = race.runs.find(({ key }) => key === card.key);
      const [loss, state] = note.querySelectorAll("span");
      const now = run ? short(race.base + run.excess[step]) : "";
      write(loss, now);
      const text = run ? outcomeAt(run, race.steps, step, foresees) : "";
      const { label, short: brief } = run?.look ?? card;
      const room = `${label} ${text} ${note.style.width} ${now.length}`;
      if (note.dataset.room === room) return;
      note.dataset.room = room;
      const name = note.querySelector("b");
      write(name, label);
      write(state, text);
      setTitle(note, `${label}: ${text}`);
      const high = parseFloat(note.style.height);
      const ended = run && text === run.text ? inShort(run) : text;
      if (note.scrollHeight > high) write(state, ended);
      if (note.scrollHeight > high) write(name, brief);
      // The step is on the card as well.
      if (note.scrollHeight > high) write(state, ended.split(",")[0]);
    });
  }

  #place() {
    for (const { element, panel, at } of this.#rings.values()) {
      const frame = this.#frames[panel];
      const [x, y] = pixel(frame, ...at);
      element.hidden =
        x < frame.left || x > frame.left + frame.width || y < frame.top || y > frame.top + frame.height;
      element.style.transform = `translate(${x}px, ${y}px)`;
    }
    const { top: above, right: beside } = roomFor(marginOf(this.#aside, palette));
    this.notes.forEach((note, i) => {
      const { left, top, width, height } = this.#frames[i];
      const next = this.#frames.find((f) => f.top === top && f.left > left);
      const room = (next?.left ?? this.host.clientWidth - grown(BAR)) - left - 8;
      Object.assign(note.style, {
        left: `${this.#aside ? left + width + 6 : left}px`,
        width: `${this.#aside ? beside - 8 : room}px`,
        top: `${this.#aside ? top : top - above}px`,
        height: `${this.#aside ? height : above - 2}px`,
      });
    });
    this.host.classList.toggle("aside", this.#aside);
    this.scale.place(this.#scaled ?? this.#frames[0]);
  }

  /**
   * @param {number} px
   * @param {number} py
   */
  #panelAt(px, py) {
    return this.#frames.find(
      (f) => px >= f.left && px <= f.left + f.width && py >= f.top && py <= f.top + f.height,
    );
  }

  /**
   * @param {MouseEvent} event
   * @returns {Pair}
   */
  #local(event) {
    const box = this.host.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const frame = this.#panelAt(...this.#local(event));
    if (!frame || event.button !== 0) return;
    const from = [event.clientX, event.clientY];
    const pan = event.pointerType === "touch" ? null : this.#held(this.#local(event));
    let moved = false;
    /** @param {PointerEvent} next */
    const second = (next) => {
      moved ||= next.pointerId !== event.pointerId;
    };
    /** @param {PointerEvent} next */
    const move = (next) => {
      const [dx, dy] = [next.clientX - from[0], next.clientY - from[1]];
      moved ||= Math.hypot(dx, dy) >= CLICK;
      if (!moved || !pan || next.pointerId !== event.pointerId) return;
      this.plot.setPointerCapture(event.pointerId);
      pan({ dx, dy, zoom: 1 });
    };
    /** @param {PointerEvent} next */
    const release = (next) => {
      window.removeEventListener("pointerdown", second);
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
      if (!moved && next.type === "pointerup") {
        this.onStart(...this.#point(frame, event), true);
      }
    };
    window.addEventListener("pointerdown", second);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", release);
    window.addEventListener("pointercancel", release);
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} ring
   * @param {number} panel
   * @param {string} entry  whose start it is; empty for that of all
   */
  #drag(event, ring, panel, entry) {
    event.preventDefault();
    event.stopPropagation();
    ring.setPointerCapture(event.pointerId);
    const frame = this.#frames[panel];
    /** @type {?Pair} */
    let last = null;
    /** @param {PointerEvent} next */
    const move = (next) => {
      last = this.#point(frame, next);
      this.onStart(...last, false, entry);
    };
    /** @param {PointerEvent} next */
    const release = (next) => {
      for (const end of ENDS) ring.removeEventListener(end, release);
      ring.removeEventListener("pointermove", move);
      // A cancelled pointer has no position: the drag ends where it was last.
      if (next.type === "pointerup") last = this.#point(frame, next);
      if (last) this.onStart(...last, true, entry);
    };
    ring.addEventListener("pointermove", move);
    for (const end of ENDS) ring.addEventListener(end, release);
  }

  /**
   * @param {Frame} frame
   * @param {PointerEvent} event
   */
  #point(frame, event) {
    return pointAt(frame, this.#local(event));
  }

  /** @param {PointerEvent} event */
  #read(event) {
    const frame = this.#panelAt(...this.#local(event));
    this.plot.style.cursor = frame ? "crosshair" : "";
    if (!frame || !this.#landscape) {
      this.readout.textContent = "";
      return;
    }
    const [x, y] = this.#point(frame, event);
    const { map, relief } = this.#landscape;
    const [height] = map.heights.at([x], [y]);
    const loss = Number.isNaN(height) ? "" : `  loss ≈ ${digits(lossAt(relief, height), 3)}`;
    this.readout.textContent = `x ${digits(x, 15)}  y ${digits(y, 15)}${isHollow(map.heights, x, y) ? "  no value to show here" : loss}`;
    this.#putReadout(frame);
  }

  /**
   * Puts what is read into the corner of a frame, above what is said of arrows there.
   * @param {Frame} frame
   */
  #putReadout({ left, top, width, height }) {
    const { host, readout } = this;
    const below = /** @type {?HTMLElement} */ (host.querySelector(".factors"))?.offsetHeight ?? 0;
    const right = Math.min(host.clientWidth - left - width + 6, host.clientWidth - readout.offsetWidth - 6);
    Object.assign(readout.style, { right: `${right}px`, bottom: `${host.clientHeight - top - height + below + 4}px` });
  }

  /**
   * What there is at a place of the window, in a word of meanings.js; empty if only the loss.
   * @param {Pair} at
   */
  partAt([x, y]) {
    const box = this.host.getBoundingClientRect();
    /** @type {Pair} */
    const here = [x - box.left, y - box.top];
    const frame = this.#panelAt(...here);
    if (!frame || !this.still) return "";
    const critical = criticalAt(this.still, frame, here, NEAR);
    if (critical) return Object.keys(ON_MAP).find((word) => critical.includes(word)) ?? "";
    /** @type {(tracks: ?Trail[]) => number[]} */
    const steps = (tracks) => (tracks ?? []).map(({ segments }) => nearest(segments, here, BY_TRAIL)).filter((i) => i >= 0);
    const run = steps(this.#tracks);
    if (run.some((step) => step < this.#step)) return "trail";
    if (run.length && ahead.shown) return "ahead";
    if (steps(this.#keptTracks).length) return "kept";
    return isHollow(this.still.heights, ...pointAt(frame, here)) ? "hatched" : "";
  }

  /**
   * Says which critical point is below the pointer.
   * @param {Pair} at
   */
  #hint(at) {
    const frame = this.#panelAt(...at);
    const words = frame && this.still ? criticalAt(this.still, frame, at, NEAR) : "";
    if (words) this.tip.show(at, [[words]]);
    else this.tip.hide();
  }
}
