// The contour map: one panel for the whole race, or one a run, side by side.

import { short } from "./axis.js";
import { track } from "./geometry.js";
import { markPicture } from "./marks.js";
import { panelPlaces, pixel, pointAt, within } from "./panels.js";
import { loadPlotly, panelFrame } from "./plotly.js";
import { lossAt } from "./relief.js";
import { Trails } from "./trails.js";

const CLICK = 4; // pixels a press may move and still be a click
const MARGIN = { left: 34, right: 8, top: 20, bottom: 22 };

export class MapView {
  #figure = null;
  #relief = null;
  #panels = [];
  #tracks = [];
  #frames = [];
  #drawn = {};
  #start = [0, 0];

  /**
   * @param {HTMLElement} host
   * @param {(x: number, y: number, done: boolean) => void} onStart  a start was chosen;
   *   not done while it is still being dragged
   */
  constructor(host, onStart) {
    this.host = host;
    this.onStart = onStart;
    this.plot = host.querySelector(".plot");
    this.readout = host.querySelector(".readout");
    this.trails = new Trails(host);
    this.notes = [];
    host.querySelector(".fit").addEventListener("click", () => this.fit());
    this.plot.addEventListener("pointerdown", (event) => this.#press(event));
    this.plot.addEventListener("pointermove", (event) => this.#read(event));
    this.plot.addEventListener("pointerleave", () => (this.readout.textContent = ""));
  }

  /**
   * Draws the still picture.
   * @param {object} landscape  figure and relief, as the server sends them
   * @param {object[]} panels  the cards whose runs get a panel each; none: one for all
   * @param {string} keep  while it stays the same, so do zoom and pan
   */
  async picture(landscape, panels, keep) {
    const Plotly = await loadPlotly();
    this.#figure = landscape.map;
    this.#relief = landscape.relief;
    this.#panels = panels;
    this.#keep = `${keep} ${panels.length}`;
    await this.#plotted(Plotly);
    this.#furnish();
    this.place = keep;
  }

  place = null; // of the picture that is there
  #keep = "";

  async #plotted(Plotly) {
    const { data, layout } = arrange(
      this.#figure,
      Math.max(this.#panels.length, 1),
      this.host.clientWidth,
      this.host.clientHeight,
    );
    layout.uirevision = this.#keep;
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
    if (!this.trails.resize(width, height) || !this.#figure || !width) return;
    await this.#plotted(await loadPlotly());
  }

  /** Where the map of all runs is, once it is shown. */
  get frame() {
    return this.#frames[0];
  }

  /** Back to the whole domain. */
  async fit() {
    if (!this.#figure) return;
    const Plotly = await loadPlotly();
    const { xaxis, yaxis } = this.#figure.layout;
    const ranges = {};
    for (let i = 1; i <= Math.max(this.#panels.length, 1); i += 1) {
      const suffix = i === 1 ? "" : i;
      ranges[`xaxis${suffix}.range`] = [...xaxis.range];
      ranges[`yaxis${suffix}.range`] = [...yaxis.range];
    }
    await Plotly.relayout(this.plot, ranges);
  }

  /** One note and one start ring for each panel. */
  #furnish() {
    for (const element of this.host.querySelectorAll(".note, .start")) element.remove();
    const count = Math.max(this.#panels.length, 1);
    this.notes = this.#panels.map((card) => {
      const note = document.createElement("div");
      note.className = "note";
      note.style.color = card.colour;
      this.host.append(note);
      return note;
    });
    this.rings = Array.from({ length: count }, (_, panel) => {
      const ring = document.createElement("div");
      ring.className = "start";
      ring.title = "Drag to move the start";
      ring.addEventListener("pointerdown", (event) => this.#drag(event, ring, panel));
      this.host.append(ring);
      return ring;
    });
    this.#drawn = {};
  }

  /** Shows a race at a step; `start` is where the ring is. */
  show(race, step, start) {
    if (!this.#figure || !this.plot._fullLayout) return;
    this.#start = start;
    const count = Math.max(this.#panels.length, 1);
    const frames = Array.from({ length: count }, (_, i) => panelFrame(this.plot, i + 1));
    const seen = JSON.stringify([frames, start]);
    if (this.#drawn.race !== race || this.#drawn.seen !== seen) {
      this.#drawn = { race, seen };
      this.#frames = frames;
      this.#tracks = this.#traced(race);
      this.#place();
    }
    this.trails.show(this.#tracks, step);
  }

  /** Says in each panel how its run stands at a step. */
  annotate(race, step) {
    this.notes.forEach((note, i) => {
      const card = this.#panels[i];
      const run = race.runs.find(({ key }) => key === card.key);
      const text = run ? `${short(race.base + run.excess[step])} · ${run.text}` : "";
      if (note.dataset.text === text) return;
      note.dataset.text = text;
      note.innerHTML = `${markPicture(card.mark, card.colour)}<b></b><span></span>`;
      note.querySelector("b").textContent = card.label;
      note.querySelector("span").textContent = text;
      note.title = `${card.label}: ${text}`;
    });
  }

  #traced(race) {
    const tracks = [];
    for (const run of race.runs) {
      const panel = this.#panels.findIndex((card) => card.key === run.key);
      if (this.#panels.length && panel < 0) continue;
      const frame = this.#frames[Math.max(panel, 0)];
      const { points } = run;
      const rows = points.length / 2;
      const box = [sorted(frame.x), sorted(frame.y)];
      const toPixel = ([x, y]) => pixel(frame, x, y);
      const position = (i, out) => {
        out[0] = points[2 * i];
        out[1] = points[2 * i + 1];
      };
      tracks.push({
        ...track(rows, position, box, toPixel),
        ...run.look,
        label: this.#panels.length ? null : run.look.short,
        contains: (i) => within(points[2 * i], box[0]) && within(points[2 * i + 1], box[1]),
      });
    }
    return tracks;
  }

  #place() {
    this.rings.forEach((ring, i) => {
      const frame = this.#frames[i];
      const [x, y] = pixel(frame, ...this.#start);
      ring.hidden =
        x < frame.left || x > frame.left + frame.width || y < frame.top || y > frame.top + frame.height;
      ring.style.transform = `translate(${x}px, ${y}px)`;
    });
    this.notes.forEach((note, i) => {
      const frame = this.#frames[i];
      note.style.left = `${frame.left}px`;
      const next = this.#frames.find((f) => f.top === frame.top && f.left > frame.left);
      const room = (next?.left ?? this.host.clientWidth) - frame.left - 8;
      note.style.width = `${room}px`;
      note.style.top = `${frame.top - 18}px`;
    });
  }

  #panelAt(px, py) {
    return this.#frames.find(
      (f) => px >= f.left && px <= f.left + f.width && py >= f.top && py <= f.top + f.height,
    );
  }

  #local(event) {
    const box = this.host.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #press(event) {
    const frame = this.#panelAt(...this.#local(event));
    if (!frame || event.button !== 0) return;
    const from = [event.clientX, event.clientY];
    let moved = false;
    const move = (next) => {
      moved ||= Math.hypot(next.clientX - from[0], next.clientY - from[1]) >= CLICK;
    };
    const release = (next) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
      if (!moved && next.type === "pointerup") {
        this.onStart(...this.#point(frame, event), true);
      }
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", release);
    window.addEventListener("pointercancel", release);
  }

  #drag(event, ring, panel) {
    event.preventDefault();
    event.stopPropagation();
    ring.setPointerCapture(event.pointerId);
    const frame = this.#frames[panel];
    let last = null;
    const move = (next) => {
      last = this.#point(frame, next);
      this.onStart(...last, false);
    };
    const release = (next) => {
      for (const end of ["pointerup", "pointercancel"]) ring.removeEventListener(end, release);
      ring.removeEventListener("pointermove", move);
      // What is cancelled tells no place: it ends where it was.
      if (next.type === "pointerup") last = this.#point(frame, next);
      if (last) this.onStart(...last, true);
    };
    ring.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) ring.addEventListener(end, release);
  }

  #point(frame, event) {
    return pointAt(frame, this.#local(event));
  }

  #read(event) {
    const frame = this.#panelAt(...this.#local(event));
    if (!frame) {
      this.readout.textContent = "";
      return;
    }
    const [x, y] = this.#point(frame, event);
    const { x: xs, y: ys, z } = gridOf(this.plot);
    const h = interpolated(xs, ys, z, x, y);
    const loss = h === null ? "" : `  loss ≈ ${lossAt(this.#relief, h).toPrecision(3)}`;
    this.readout.textContent = `x ${x}  y ${y}${loss}`;
  }
}

const sorted = ([a, b]) => [Math.min(a, b), Math.max(a, b)];

/** The grid as plotly decoded it. */
function gridOf(plot) {
  const { x, y, z } = plot._fullData[0];
  return { x, y, z };
}

function interpolated(xs, ys, z, x, y) {
  const at = (values, value) => {
    const spot = ((value - values[0]) / (values.at(-1) - values[0])) * (values.length - 1);
    return spot >= 0 && spot <= values.length - 1 ? spot : null;
  };
  const [i, j] = [at(xs, x), at(ys, y)];
  if (i === null || j === null) return null;
  const [i0, j0] = [Math.min(Math.floor(i), xs.length - 2), Math.min(Math.floor(j), ys.length - 2)];
  const [u, v] = [i - i0, j - j0];
  return (
    (1 - v) * ((1 - u) * z[j0][i0] + u * z[j0][i0 + 1]) +
    v * ((1 - u) * z[j0 + 1][i0] + u * z[j0 + 1][i0 + 1])
  );
}

/** The figure as panels in a grid, each with equal scales and all zooming together. */
function arrange(figure, count, width, height) {
  const { xaxis, yaxis } = figure.layout;
  const ratio = (xaxis.range[1] - xaxis.range[0]) / (yaxis.range[1] - yaxis.range[0]);
  const data = [];
  const layout = { ...figure.layout, width, height };
  layout.margin = count === 1 ? { ...figure.layout.margin } : { l: 0, r: 0, t: 0, b: 0 };
  if (count === 1) {
    layout.xaxis = { ...xaxis, range: [...xaxis.range] };
    layout.yaxis = { ...yaxis, range: [...yaxis.range] };
    return { data: figure.data.map((trace) => ({ ...trace })), layout };
  }
  panelPlaces(count, ratio, width, height, MARGIN).forEach((place, i) => {
    const suffix = i === 0 ? "" : i + 1;
    const { left, top } = place;
    layout[`xaxis${suffix}`] = {
      ...xaxis,
      range: [...xaxis.range],
      constrain: undefined,
      nticks: 4,
      anchor: `y${suffix}`,
      domain: [left / width, (left + place.width) / width],
      ...(i ? { matches: "x" } : {}),
    };
    layout[`yaxis${suffix}`] = {
      ...yaxis,
      range: [...yaxis.range],
      constrain: undefined,
      scaleanchor: undefined,
      nticks: 4,
      anchor: `x${suffix}`,
      domain: [1 - (top + place.height) / height, 1 - top / height],
      ...(i ? { matches: "y" } : {}),
    };
    for (const trace of figure.data) {
      data.push({ ...trace, xaxis: `x${suffix}`, yaxis: `y${suffix}` });
    }
  });
  return { data, layout };
}
