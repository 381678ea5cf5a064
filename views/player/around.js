// What the map shows besides: the outline of what iterates are projected onto, and if asked
// the gradient field, gradient flow from the start, and at the iterate that is inspected its
// contour, its curvature, and the gradients of single samples.

import { factorsOf } from "./arrows.js";
import { colourOf } from "./inside.js";
import { eigen } from "./inspection.js";
import { menu } from "./keys.js";
import { levelLines } from "./levels.js";
import { pixel } from "./panels.js";
import { Panel } from "./panel.js";
import { outline, regionsOf } from "./regions.js";
import { height } from "./relief.js";
import { minibatch } from "./race.js";

/** @typedef {import("./inspection.js").Inspection} Inspection */

const SVG = "http://www.w3.org/2000/svg";
const LONGEST = 0.8; // of a cell: the arrow of the largest gradient
const SHORTEST = 0.25; // and of the smallest
const SHADES = [0.3, 0.45, 0.65, 0.85]; // how opaque arrows are, from flat to steep
const CROSS = 60; // pixels of the longer line of the cross, at most

export class AroundView extends Panel {
  /** @type {?Relief} */
  #relief = null;
  /** @type {string[]} */
  #show = [];
  /** @type {unknown[]} */
  #drawn = []; // what at the iterate depended on
  /** @type {?string} */
  #seen = null; // and where the rest was
  /** @type {(Float32Array | undefined)[]} */
  #rest = []; // the numbers of that
  #outlined = ""; // what the outlines depended on

  /**
   * @param {HTMLElement} host  the map
   * @param {(names: string[]) => void} onShow  other things are to be shown
   */
  constructor(host, onShow) {
    super(host);
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "around overlay");
    this.svg.setAttribute("aria-hidden", "true");
    this.still = document.createElementNS(SVG, "g");
    this.moving = document.createElementNS(SVG, "g");
    this.outlines = document.createElementNS(SVG, "g");
    this.svg.append(this.outlines, this.still, this.moving);
    host.insertBefore(this.svg, host.querySelector(".trails"));
    this.list = document.createElement("select");
    this.list.className = "shows";
    this.list.dataset.testid = "shows";
    this.list.ariaLabel = this.list.title = "What the map shows besides";
    menu(this.list, (name) => {
      const others = this.#show.filter((one) => one !== name);
      onShow(others.length < this.#show.length ? others : [...others, name]);
    });
    host.append(this.list);
  }

  /** @param {Given} given */
  receive({ page, landscape }) {
    if (landscape) {
      this.#relief = landscape.relief;
      this.place = landscape.place ?? null;
      this.#drawn = [];
      this.#seen = null;
    }
    if (!page) return;
    this.#show = page.show.filter((name) => page.overlays[name]);
    this.#drawn = [];
    this.#seen = null;
    this.list.replaceChildren(
      new Option("show…", ""),
      ...Object.entries(page.overlays).map(
        ([name, label]) => new Option(`${this.#show.includes(name) ? "✓" : " "} ${label}`, name),
      ),
    );
  }

  /** @param {Moment} moment */
  draw({ race, inspection, step, frameOf, grid }) {
    const frames = [...new Set(race.runs.map(({ key }) => frameOf(key)))].filter((one) => one !== null);
    const regions = regionsOf(race, frameOf);
    const seen = this.#show.length || regions.length ? JSON.stringify([this.#show, frames, regions]) : "";
    this.#drawStill(race, frames, seen);
    if (seen !== this.#outlined) {
      this.#outlined = seen;
      this.outlines.replaceChildren();
      for (const { frame, region } of regions) this.#path(this.outlines, frame, outline(frame, region), "region");
    }
    const row = inspection ? Math.min(Math.floor(step), inspection.steps) : 0;
    const drawn = [race, seen, inspection && row];
    if (drawn.every((one, i) => one === this.#drawn[i])) return;
    this.#drawn = drawn;
    this.moving.replaceChildren();
    const frame = seen && inspection && frameOf(inspection.inside.entry);
    if (!inspection || !frame) return;
    if (this.#show.includes("contour")) this.#contour(frame, grid(), inspection.arrays.losses[row] - race.base);
    if (this.#show.includes("curvature")) this.#cross(frame, inspection, row);
    if (this.#show.includes("samples")) this.#samples(frame, inspection, race, row);
  }

  /**
   * What does not move with the steps: drawn anew only where its numbers are others.
   * @param {Race} race
   * @param {Frame[]} frames
   * @param {string} seen
   */
  #drawStill({ field, flow }, frames, seen) {
    const rest = [field?.points, field?.grads, flow?.points];
    if (seen === this.#seen && rest.every((one, i) => same(one, this.#rest[i]))) return;
    this.#seen = seen;
    this.#rest = rest;
    this.still.replaceChildren();
    for (const frame of seen ? frames : []) {
      if (field && this.#show.includes("field")) this.#field(frame, field);
      if (flow && this.#show.includes("flow")) this.#line(frame, flow.points, "flow");
    }
  }

  /**
   * Arrows on a grid, against the gradient; the longer and brighter, the steeper, on a log scale.
   * @param {Frame} frame
   * @param {{points: Float32Array, grads: Float32Array}} field
   */
  #field(frame, { points, grads }) {
    const count = points.length / 2;
    const side = Math.sqrt(count);
    const unit = unitOf(frame);
    const cell = Math.min(
      Math.abs(points[2] - points[0]) * unit[0],
      Math.abs(points[2 * side + 1] - points[1]) * Math.abs(unit[1]),
    );
    const sizes = Array.from({ length: count }, (_, i) => Math.log10(Math.hypot(grads[2 * i], grads[2 * i + 1])));
    const finite = sizes.filter(Number.isFinite);
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    const lines = SHADES.map(() => "");
    sizes.forEach((size, i) => {
      if (!Number.isFinite(size)) return;
      const part = high > low ? (size - low) / (high - low) : 1;
      const [x, y] = pixel(frame, points[2 * i], points[2 * i + 1]);
      if (!inFrame(frame, x, y)) return;
      // Against the gradient in the plane, which may be stretched on the screen.
      const [dx, dy] = [-grads[2 * i] * unit[0], -grads[2 * i + 1] * unit[1]];
      const half = (0.5 * cell * (SHORTEST + (LONGEST - SHORTEST) * part)) / Math.hypot(dx, dy);
      const shade = Math.min(Math.floor(part * SHADES.length), SHADES.length - 1);
      lines[shade] += arrowLine([x - half * dx, y - half * dy], [x + half * dx, y + half * dy]);
    });
    lines.forEach((d, shade) => this.still.append(pathOf(d, "field", SHADES[shade])));
  }

  /**
   * @param {Frame} frame
   * @param {Float32Array} points
   * @param {string} name
   */
  #line(frame, points, name) {
    const pixels = [];
    for (let i = 0; i < points.length; i += 2) pixels.push(pixel(frame, points[i], points[i + 1]).map((one) => one.toFixed(1)).join());
    this.#path(this.still, frame, `M${pixels.join("L")}`, name);
  }

  /**
   * @param {SVGElement} group
   * @param {Frame} frame
   * @param {string} d
   * @param {string} name
   */
  #path(group, frame, d, name) {
    const right = this.host.clientWidth - frame.left - frame.width;
    const bottom = this.host.clientHeight - frame.top - frame.height;
    this.svg.style.clipPath = `inset(${frame.top}px ${right}px ${bottom}px ${frame.left}px)`;
    group.append(pathOf(d, name, 1));
  }

  /**
   * Where the loss is what it is at the iterate.
   * @param {Frame} frame
   * @param {?HeightGrid} trace
   * @param {number} excess
   */
  #contour(frame, trace, excess) {
    if (!trace || !this.#relief || !Number.isFinite(excess)) return;
    const pieces = levelLines(trace, height(this.#relief, excess));
    const d = pieces.map(([a, b]) => `M${pixel(frame, ...a).join()}L${pixel(frame, ...b).join()}`).join("");
    if (d) this.#path(this.moving, frame, d, "contour");
  }

  /**
   * A cross along the directions of curvature, each line as long as one over its root.
   * @param {Frame} frame
   * @param {Inspection} inspection
   * @param {number} row
   */
  #cross(frame, inspection, row) {
    const [xx, xy, yy] = inspection.arrays.hessians.subarray(3 * row, 3 * row + 3);
    const { low, high, angle } = eigen(xx, xy, yy);
    const point = inspection.point(row);
    const longest = 1 / Math.sqrt(Math.min(Math.abs(low), Math.abs(high)) || 1);
    const [ux, uy] = unitOf(frame);
    const scale = CROSS / (longest * Math.max(Math.abs(ux), Math.abs(uy)));
    for (const [curvature, turn] of [[high, angle], [low, angle + Math.PI / 2]]) {
      const length = Math.min(scale / Math.sqrt(Math.abs(curvature)), scale * longest);
      const [dx, dy] = [length * Math.cos(turn), length * Math.sin(turn)];
      const ends = [-1, 1].map((sign) => pixel(frame, point[0] + sign * dx, point[1] + sign * dy).join());
      if (ends.some((end) => end.includes("NaN"))) continue;
      this.#path(this.moving, frame, `M${ends.join("L")}`, curvature < 0 ? "cross down" : "cross");
    }
  }

  /**
   * Against the gradient of each sample's loss; those of the step's minibatch are brighter.
   * @param {Frame} frame
   * @param {Inspection} inspection
   * @param {Race} race
   * @param {number} row
   */
  #samples(frame, inspection, race, row) {
    const { samples } = inspection.arrays;
    if (!samples) return;
    const count = samples.length / 2 / (inspection.steps + 1);
    const alpha = inspection.alpha(Math.min(row, inspection.steps - 1)) ?? 1;
    const unit = unitOf(frame);
    /** @type {(i: number) => Pair} */
    const by = (i) => [-alpha * samples[2 * (row * count + i)], -alpha * samples[2 * (row * count + i) + 1]];
    const shapes = Array.from({ length: count }, (_, i) => ({ by: by(i), group: "gradient" }));
    const { gradient: factor } = factorsOf(/** @type {any} */ (shapes), ([x, y]) => Math.hypot(x * unit[0], y * unit[1]));
    const taken = minibatch(race, row, inspection.inside.entry);
    const point = inspection.point(row);
    const begin = pixel(frame, ...point);
    shapes.forEach(({ by: [x, y] }, i) => {
      const end = pixel(frame, point[0] + factor * x, point[1] + factor * y);
      if (![...begin, ...end].every((one) => Math.abs(one) < 1e6)) return;
      const path = pathOf(arrowLine(begin, end), "sample", !taken || taken[i] ? 0.9 : 0.35);
      path.style.color = colourOf(inspection, "g");
      this.moving.append(path);
    });
  }
}

/**
 * Pixels to a unit of each axis; of y, negative.
 * @param {Frame} frame
 * @returns {Pair}
 */
const unitOf = (frame) => [frame.width / (frame.x[1] - frame.x[0]), -frame.height / (frame.y[1] - frame.y[0])];

/** @type {(frame: Frame, x: number, y: number) => boolean} */
const inFrame = ({ left, top, width, height: high }, x, y) => x >= left && x <= left + width && y >= top && y <= top + high;

/**
 * Whether two lists have the same numbers.
 * @param {Float32Array | undefined} a
 * @param {Float32Array | undefined} b
 */
const same = (a, b) => a === b || (a?.length === b?.length && Boolean(a?.every((one, i) => one === b?.[i])));

/**
 * @param {string} d
 * @param {string} name
 * @param {number} opacity
 */
function pathOf(d, name, opacity) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", d);
  path.setAttribute("class", name);
  path.setAttribute("opacity", String(opacity));
  path.dataset.around = name;
  return path;
}

/**
 * An arrow as a path.
 * @param {Pair} begin
 * @param {Pair} end
 */
function arrowLine([x0, y0], [x1, y1]) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const head = Math.min(4, length / 2) / (length || 1);
  const [bx, by] = [(x1 - x0) * head, (y1 - y0) * head];
  const sides = [1, -1].map((sign) => `${x1 - bx - (sign * by) / 2},${y1 - by + (sign * bx) / 2}`);
  return `M${x0},${y0}L${x1},${y1}M${sides[0]}L${x1},${y1}L${sides[1]}`;
}
