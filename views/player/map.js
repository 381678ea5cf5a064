// The contour map: one panel for the whole race, or one a run, side by side.

import { grown, roomFor, short } from "./axis.js";
import { track } from "./geometry.js";
import { markPicture } from "./marks.js";
import { Panel } from "./panel.js";
import { outcomeAt } from "./race.js";
import { panelPlaces, pixel, pointAt, projection, within } from "./panels.js";
import { lettered, loadPlotly, panelFrame } from "./plotly.js";
import { lossAt } from "./relief.js";
import { Scale } from "./scale.js";
import { twoFingers } from "./touch.js";
import { Trails } from "./trails.js";

const CLICK = 4; // pixels a press may move and still be a click
const ENDS = /** @type {const} */ (["pointerup", "pointercancel"]);
/** Around panels: with a note above each of them, or beside it. */
const ABOVE = { left: 40, right: 8, top: 48, bottom: 20 };
const ASIDE = { left: 40, right: 132, top: 10, bottom: 20 };
const BAR = 48; // pixels beside panels for the scale of the loss
const TIGHT = 420; // pixels of width below which margins are smaller
const BELOW = 22; // and below that, where the button is

/** The end of a run in a word or two, where there is no room for more. */
/** @type {Record<string, string>} */
const WORDS = {
  trapped: "local minimum",
  no_progress: "no progress",
  left: "off the map",
  descending: "still descending",
};
/** @type {(run: {kind: string, step: ?number}) => string} */
const inShort = ({ kind, step }) => `${WORDS[kind] ?? kind}${step === null ? "" : `, step ${step}`}`;

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

export class MapView extends Panel {
  /** @type {?Landscape} */
  #landscape = null;
  /** @type {(Look & {key: string})[]} */
  #panels = [];
  /** @type {Trail[]} */
  #tracks = [];
  /** @type {Frame[]} */
  #frames = [];
  /** @type {{race?: Race, seen?: string, kept?: ?Race, at?: string}} */
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
    this.plot = /** @type {Plot} */ (host.querySelector(".plot"));
    this.readout = host.querySelector(".readout");
    this.trails = new Trails(host);
    this.scale = new Scale(host);
    twoFingers(this.plot, (middle) => this.#pinch(middle));
    host.querySelector(".fit").addEventListener("click", () => this.fit());
    this.plot.addEventListener("pointerdown", (event) => this.#press(event));
    this.plot.addEventListener("pointermove", (event) => this.#read(event));
    this.plot.addEventListener("pointerleave", () => {
      this.readout.textContent = "";
    });
  }

  /**
   * Draws the still picture.
   * @param {Given} given
   */
  async receive(given) {
    if (!given.landscape && !given.split) return; // a race is there when it draws
    const { landscape = this.#landscape, split = this.#panels } = given;
    const Plotly = landscape ? await loadPlotly() : null;
    this.#panels = split;
    if (!landscape || !Plotly) return;
    this.#landscape = landscape;
    const { place = "" } = landscape;
    this.scale.receive(landscape);
    // While these stay the same, so do zoom and pan.
    const keep = `${place} ${split.length}`;
    if (keep !== this.#keep) this.#ranges = null;
    this.#keep = keep;
    await this.#plotted(Plotly, landscape.map);
    this.#createOverlays();
    this.place = place;
  }

  #keep = "";
  /** @type {?Record<string, Pair>} */
  #ranges = null; // that fingers chose, by axis
  #aside = false; // whether notes stand beside their panels, and not above them
  /** @type {?Place} */
  #scaled = null; // where the scale of the loss stands; null: beside the map

  /**
   * @param {Plotly} Plotly
   * @param {Figure} figure
   */
  async #plotted(Plotly, figure) {
    const { data, layout, aside, scale } = arrange(
      figure,
      Math.max(this.#panels.length, 1),
      this.host.clientWidth,
      this.host.clientHeight,
    );
    this.#aside = aside;
    this.#scaled = scale;
    layout.uirevision = this.#keep;
    for (const axis of Object.keys(this.#ranges ?? {})) {
      layout[axis].range = [...this.plot._fullLayout[axis].range];
    }
    await Plotly.react(this.plot, data, layout, {
      displayModeBar: false,
      scrollZoom: true,
      doubleClick: false,
      responsive: false,
    });
    this.#drawn = {};
  }

  /** Fits the picture to its host. */
  async resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    const landscape = this.#landscape;
    if (!this.trails.resize(width, height) || !landscape || !width) return;
    await this.#plotted(await loadPlotly(), landscape.map);
  }

  /** Whether a still picture is there. */
  get still() {
    return Boolean(this.#landscape && this.plot._fullData);
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

  /** Back to the whole domain. */
  async fit() {
    if (!this.#landscape) return;
    const Plotly = await loadPlotly();
    const { xaxis, yaxis } = this.#landscape.map.layout;
    /** @type {Record<string, number[]>} */
    const ranges = {};
    for (let i = 1; i <= Math.max(this.#panels.length, 1); i += 1) {
      const suffix = i === 1 ? "" : i;
      ranges[`xaxis${suffix}.range`] = [...xaxis.range];
      ranges[`yaxis${suffix}.range`] = [...yaxis.range];
    }
    this.#ranges = null;
    await Plotly.relayout(this.plot, ranges);
  }

  /**
   * Two fingers move the map and, as they spread, zoom in.
   * @param {Pair} middle
   */
  #pinch(middle) {
    const frame = this.#panelAt(...middle);
    if (!frame) return null;
    const panel = this.#frames.indexOf(frame);
    const { left, top, width, height, x, y } = frame;
    const suffix = panel ? panel + 1 : "";
    // The range in which what was under the fingers is under them again.
    /** @type {(range: Pair, part: number, moved: number, zoom: number) => Pair} */
    const held = ([low, high], part, moved, zoom) => {
      const span = (high - low) / zoom;
      const from = low + part * (high - low) - (part + moved) * span;
      return [from, from + span];
    };
    const [across, up] = [(middle[0] - left) / width, 1 - (middle[1] - top) / height];
    /** @type {(moved: {dx: number, dy: number, zoom: number}) => Promise<void>} */
    return async ({ dx, dy, zoom }) => {
      this.#ranges = {
        [`xaxis${suffix}`]: held(x, across, dx / width, zoom),
        [`yaxis${suffix}`]: held(y, up, -dy / height, zoom),
      };
      const ranges = Object.entries(this.#ranges).map(([axis, range]) => [`${axis}.range`, [...range]]);
      const Plotly = await loadPlotly();
      await Plotly.relayout(this.plot, Object.fromEntries(ranges));
    };
  }

  /** One note for each panel. */
  #createOverlays() {
    for (const element of this.host.querySelectorAll(".note, .start")) element.remove();
    this.#rings.clear();
    this.notes = this.#panels.map((card) => {
      const note = document.createElement("div");
      note.className = "note";
      note.style.color = card.colour;
      note.innerHTML = `${markPicture(card.mark, card.colour)}<b></b><span class="loss"></span><span class="state"></span>`;
      note.querySelector("b").textContent = card.label;
      this.host.append(note);
      return note;
    });
    this.#drawn = {};
  }

  /**
   * The starts of each panel: that of all, if any run of it begins there, and those that
   * entries have of their own.
   * @param {Race} race
   * @returns {Ring[]}
   */
  #starts(race) {
    const panels = this.#panels.length ? this.#panels : [null];
    return panels.flatMap((card, panel) => {
      const own = this.#ownStarts.filter(({ entry }) => !card || card.key === entry);
      const runs = card ? 1 : Math.max(race.runs.length, 1);
      const common = { entry: "", at: this.#start, label: "", colour: "" };
      return [...(own.length < runs ? [common] : []), ...own].map((start) => ({ panel, ...start }));
    });
  }

  /**
   * A ring for each start; it stays while there is one, for it may be in a hand.
   * @param {Race} race
   */
  #ringed(race) {
    const starts = this.#starts(race);
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
    if (entry) ring.style.setProperty("--colour", colour);
    ring.addEventListener("pointerdown", (event) => this.#drag(event, ring, panel, entry));
    this.host.append(ring);
    return ring;
  }

  /**
   * Shows a race at a step.
   * @param {Moment} moment
   */
  draw({ race, step, start, ownStarts, kept, writes, foresees }) {
    if (!this.#landscape || !this.plot._fullLayout) return;
    this.#start = start;
    this.#ownStarts = ownStarts;
    const count = Math.max(this.#panels.length, 1);
    const frames = Array.from({ length: count }, (_, i) => panelFrame(this.plot, i + 1));
    const at = JSON.stringify(frames);
    const seen = at + JSON.stringify([start, ownStarts]);
    if (this.#drawn.race !== race || this.#drawn.seen !== seen || this.#drawn.kept !== kept) {
      this.#frames = frames;
      const [{ left, top, width, height }] = frames;
      this.trails.area = { left, top, right: left + width, bottom: top + height };
      this.#tracks = this.#traced(race, this.#tracks);
      if (this.#drawn.kept !== kept || this.#drawn.at !== at) {
        this.#keptTracks = kept && this.#traced(kept, this.#keptTracks);
      }
      this.#drawn = { race, seen, kept, at };
      this.#ringed(race);
      this.#place();
    }
    this.trails.show(this.#tracks, step, true, this.#keptTracks);
    if (writes) this.#annotate(race, Math.floor(step), foresees);
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
      if (loss.textContent !== now) loss.textContent = now;
      const text = run ? outcomeAt(run, race.steps, step, foresees) : "";
      const { label, short: brief } = run?.look ?? card;
      const room = `${label} ${text} ${note.style.width} ${now.length}`;
      if (note.dataset.room === room) return;
      note.dataset.room = room;
      const name = note.querySelector("b");
      name.textContent = label;
      state.textContent = text;
      note.title = `${label}: ${text}`;
      const high = parseFloat(note.style.height);
      const ended = run && text === run.text ? inShort(run) : text;
      if (note.scrollHeight > high) state.textContent = ended;
      if (note.scrollHeight > high) name.textContent = brief;
      // The step is on the card as well.
      if (note.scrollHeight > high) state.textContent = ended.split(",")[0];
    });
  }

  /**
   * @param {Race} race
   * @param {?Trail[]} used  whose arrays are written again
   */
  #traced(race, used) {
    /** @type {Trail[]} */
    const tracks = [];
    for (const run of race.runs) {
      const panel = this.#panels.findIndex((card) => card.key === run.key);
      if (this.#panels.length && panel < 0) continue;
      const frame = this.#frames[Math.max(panel, 0)];
      const { points } = run;
      const rows = points.length / 2;
      const box = [sorted(frame.x), sorted(frame.y)];
      /** @type {(i: number, out: number[]) => void} */
      const position = (i, out) => {
        out[0] = points[2 * i];
        out[1] = points[2 * i + 1];
      };
      tracks.push({
        ...track(rows, position, box, projection(frame), used?.[tracks.length]),
        ...run.look,
        entry: run.key,
        label: this.#panels.length ? null : run.look.short,
        contains: (i) => within(points[2 * i], box[0]) && within(points[2 * i + 1], box[1]),
      });
    }
    return tracks;
  }

  #place() {
    for (const { element, panel, at } of this.#rings.values()) {
      const frame = this.#frames[panel];
      const [x, y] = pixel(frame, ...at);
      element.hidden =
        x < frame.left || x > frame.left + frame.width || y < frame.top || y > frame.top + frame.height;
      element.style.transform = `translate(${x}px, ${y}px)`;
    }
    const { top: above, right: beside } = roomFor(this.#aside ? ASIDE : ABOVE);
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
   * @param {PointerEvent} event
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
    let moved = false;
    /** @param {PointerEvent} next */
    const second = (next) => {
      moved ||= next.pointerId !== event.pointerId;
    };
    /** @param {PointerEvent} next */
    const move = (next) => {
      moved ||= Math.hypot(next.clientX - from[0], next.clientY - from[1]) >= CLICK;
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
    if (!frame || !this.#landscape) {
      this.readout.textContent = "";
      return;
    }
    const [x, y] = this.#point(frame, event);
    const { x: xs, y: ys, z } = gridOf(this.plot);
    const h = interpolated(xs, ys, z, x, y);
    const loss = h === null ? "" : `  loss ≈ ${lossAt(this.#landscape.relief, h).toPrecision(3)}`;
    this.readout.textContent = `x ${x}  y ${y}${loss}`;
  }
}

/** @type {(range: Pair) => Pair} */
const sorted = ([a, b]) => [Math.min(a, b), Math.max(a, b)];

/**
 * The grid as plotly decoded it.
 * @param {Plot} plot
 * @returns {MapTrace}
 */
function gridOf(plot) {
  return plot._fullData[0];
}

/**
 * The height at a point, bilinear between the grid's; null outside of it, and beside
 * points that have none.
 * @param {number[]} xs
 * @param {number[]} ys
 * @param {(?number)[][]} z
 * @param {number} x
 * @param {number} y
 */
function interpolated(xs, ys, z, x, y) {
  /** @type {(values: number[], value: number) => ?number} */
  const at = (values, value) => {
    const spot = ((value - values[0]) / (values[values.length - 1] - values[0])) * (values.length - 1);
    return spot >= 0 && spot <= values.length - 1 ? spot : null;
  };
  const [i, j] = [at(xs, x), at(ys, y)];
  if (i === null || j === null) return null;
  const [i0, j0] = [Math.min(Math.floor(i), xs.length - 2), Math.min(Math.floor(j), ys.length - 2)];
  const [u, v] = [i - i0, j - j0];
  const [a, b, c, d] = [z[j0][i0], z[j0][i0 + 1], z[j0 + 1][i0], z[j0 + 1][i0 + 1]];
  if (a === null || b === null || c === null || d === null) return null;
  return (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d);
}

/**
 * The figure as panels in a grid, each with equal scales and all zooming together.
 * @param {Figure} figure
 * @param {number} count
 * @param {number} width
 * @param {number} height
 */
function arrange(figure, count, width, height) {
  const { xaxis, yaxis } = figure.layout;
  const ratio = (xaxis.range[1] - xaxis.range[0]) / (yaxis.range[1] - yaxis.range[0]);
  /** @type {object[]} */
  const data = [];
  const layout = { ...figure.layout, width, height };
  const { l, r, ...rest } = roomFor(figure.layout.margin);
  const tight = width < TIGHT ? 6 : 0;
  layout.margin = count === 1 ? { l: l - tight, r: r - tight, ...rest } : { l: 0, r: 0, t: 0, b: 0 };
  if (count === 1) {
    layout.xaxis = { ...lettered(xaxis), range: [...xaxis.range] };
    layout.yaxis = { ...lettered(yaxis), range: [...yaxis.range] };
    return { data: figure.data.map((trace) => ({ ...trace })), layout, aside: false, scale: null };
  }
  // As large as they can be, whether their notes stand above or beside them.
  const wide = width - grown(BAR);
  const places = [ABOVE, ASIDE].map((margin) => panelPlaces(count, ratio, wide, height, roomFor(margin)));
  const aside = places[1][0].height > places[0][0].height;
  const top = Math.min(...places[Number(aside)].map((place) => place.top));
  const bottom = Math.max(...places[Number(aside)].map((place) => place.top + place.height));
  const scale = { left: wide, top, width: 0, height: bottom - top - grown(BELOW) };
  /**
   * Their names stand with one of their numbers: panels are small.
   * @type {(axis: any, which: string) => object}
   */
  const named = (axis, which) => ({
    ...lettered(axis),
    title: undefined,
    tickprefix: `${axis.title.text} = `,
    showtickprefix: which,
    range: [...axis.range],
    constrain: undefined,
    nticks: 4,
  });
  places[Number(aside)].forEach((place, i) => {
    const suffix = i === 0 ? "" : i + 1;
    layout[`xaxis${suffix}`] = {
      ...named(xaxis, "first"),
      anchor: `y${suffix}`,
      domain: [place.left / width, (place.left + place.width) / width],
      ...(i ? { matches: "x" } : {}),
    };
    layout[`yaxis${suffix}`] = {
      ...named(yaxis, "last"),
      scaleanchor: undefined,
      anchor: `x${suffix}`,
      domain: [1 - (place.top + place.height) / height, 1 - place.top / height],
      ...(i ? { matches: "y" } : {}),
    };
    for (const trace of figure.data) {
      data.push({ ...trace, xaxis: `x${suffix}`, yaxis: `y${suffix}` });
    }
  });
  return { data, layout, aside, scale };
}
