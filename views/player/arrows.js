// Arrows on the map: what the step that is shown is made of, at the iterate. What is drawn
// follows from the kind of each quantity alone (optim/quantities.py).

import { digits } from "./digits.js";
import { colourOf } from "./inside.js";
import { eigen } from "./inspection.js";
import { pixel } from "./panels.js";
import { palette } from "./palette.js";
import { Panel } from "./panel.js";

/** @typedef {import("./inspection.js").Inspection} Inspection */

const SVG = "http://www.w3.org/2000/svg";
const SEEN = 22; // pixels from which on an arrow is seen as one
const WANTED = 110; // pixels that what is drawn to a scale of its own is at most
const LARGEST = 1e6; // such scale
const FIRST = [1, 2, 5]; // digits of such a scale
const HEAD = 7; // pixels
const LEVELS = [1, 2, 3]; // of a quadratic model, in steps from its stationary point

/**
 * What is drawn of a quantity.
 * @typedef {object} Shape
 * @property {string} name
 * @property {"arrow" | "point" | "ellipse" | "model" | "tries"} form
 * @property {Pair} from  where it begins, or its middle
 * @property {Pair} by  the displacement, or both half axes
 * @property {number[]} [hessian]  of a model: xx, xy, yy
 * @property {Pair[]} [tried]  points
 * @property {"step" | "gradient" | "ellipse" | "none"} group  what shares its scale
 */

/**
 * The shapes of a step, in surface coordinates and true to scale.
 * @param {Inspection} inspection
 * @param {number} at
 * @returns {Shape[]}
 */
export function shapesOf(inspection, at) {
  const { inside } = inspection;
  const w = inspection.point(at);
  const alpha = inspection.alpha(at);
  const divided = inside.lines.some(({ kind }) => kind === "scale");
  // Where the step is a sum of such arrows, they share its scale; else nothing is as long.
  const gradients = alpha !== null && !divided ? "step" : "gradient";
  /** @type {Shape[]} */
  const shapes = [];
  for (const { name, kind, at: place, search } of inside.lines) {
    const value = inspection.value(name, at);
    const from = place ? pairOf(inspection.value(place, at)) : w;
    if (kind === "gradient") {
      const [x, y] = value;
      const times = alpha ?? 1;
      shapes.push({ name, form: "arrow", from, by: [-times * x, -times * y], group: gradients });
    } else if (kind === "step") {
      shapes.push({ name, form: "arrow", from, by: pairOf(value), group: "step" });
    } else if (kind === "point") {
      shapes.push({ name, form: "point", from: pairOf(value), by: [0, 0], group: "none" });
    } else if (kind === "scale") {
      const times = alpha ?? 1;
      shapes.push({ name, form: "ellipse", from: w, by: [times / value[0], times / value[1]], group: "ellipse" });
    } else if (kind === "curvature" || kind === "inverse") {
      const [xx, xy, , yy] = value;
      const det = xx * yy - xy * xy;
      const hessian = kind === "curvature" ? [xx, xy, yy] : [yy / det, -xy / det, xx / det];
      shapes.push({ name, form: "model", from: w, by: newton(hessian, inspection.value("g", at)), hessian, group: "none" });
    }
    if (search) shapes.push({ name, form: "tries", from: w, by: [0, 0], tried: tries(inspection, at, name, search), group: "none" });
  }
  return shapes;
}

/** @type {(values: number[]) => Pair} */
const pairOf = ([x, y]) => [x, y];

/**
 * From a point to where the quadratic model is stationary.
 * @param {number[]} hessian
 * @param {number[]} gradient
 * @returns {Pair}
 */
function newton([xx, xy, yy], [gx, gy]) {
  const det = xx * yy - xy * xy;
  return [-(yy * gx - xy * gy) / det, -(xx * gy - xy * gx) / det];
}

/**
 * The points that a search along a line has tried, up to the one that it takes.
 * @param {Inspection} inspection
 * @param {number} at
 * @param {string} name
 * @param {{along: string, first: string, factor: number}} search
 */
function tries(inspection, at, name, { along, first, factor }) {
  const [taken] = inspection.value(name, at);
  const [px, py] = inspection.value(along, at);
  const [x, y] = inspection.point(at);
  /** @type {Pair[]} */
  const points = [];
  let [part] = inspection.blank("h", first, at);
  for (let i = 0; i <= 40; i += 1, part *= factor) {
    points.push([x + part * px, y + part * py]);
    if (part <= taken) break;
  }
  return points;
}

/**
 * What the shapes of each group are drawn larger or smaller by: 1 where that is seen, and 0
 * where no round number would show more than rounding.
 * @param {Shape[]} shapes
 * @param {(by: Pair) => number} length  in pixels
 */
export function factorsOf(shapes, length) {
  /** @type {Record<string, number>} */
  const factors = { none: 1 };
  for (const group of ["step", "gradient", "ellipse"]) {
    const all = shapes.filter((shape) => shape.group === group).map(({ by }) => length(by));
    const longest = Math.max(0, ...all.filter(Number.isFinite));
    factors[group] = 1;
    if (!longest) continue;
    if (longest * LARGEST < SEEN) factors[group] = 0;
    else if (longest < SEEN || (group !== "step" && longest > 2 * WANTED)) factors[group] = roundFactor(WANTED / longest);
  }
  return factors;
}

/**
 * The largest round factor up to some number: a power of ten, or two or five times that.
 * @param {number} most
 */
function roundFactor(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  const first = FIRST.findLast((digit) => digit * power <= most) ?? 1;
  return Number((first * power).toPrecision(1));
}

export class ArrowsView extends Panel {
  /** @type {unknown[]} */
  #drawn = [];

  /** @param {HTMLElement} host  the map */
  constructor(host) {
    super(host);
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "arrows overlay");
    this.svg.setAttribute("aria-hidden", "true"); // the panel has all of it in numbers
    this.factors = document.createElement("p");
    this.factors.className = "factors";
    host.append(this.svg, this.factors);
  }

  /** @param {Moment} moment */
  draw({ inspection: inspected, step, stage, frameOf, arrows }) {
    const inspection = arrows ? inspected : null;
    const at = inspection ? inspection.stepAt(step) : 0;
    const frame = inspection ? frameOf(inspection.inside.entry) : null;
    const seen = frame && JSON.stringify(frame);
    const drawn = [inspection, at, stage, seen];
    if (drawn.every((one, i) => one === this.#drawn[i])) return;
    this.#drawn = drawn;
    this.svg.replaceChildren();
    this.factors.textContent = "";
    if (!inspection || !frame) return;
    const { lines } = inspection.inside;
    const unit = [frame.width / (frame.x[1] - frame.x[0]), frame.height / (frame.y[1] - frame.y[0])];
    const shapes = shapesOf(inspection, at);
    const factors = factorsOf(shapes, ([x, y]) => Math.hypot(x * unit[0], y * unit[1]));
    const clip = `inset(${frame.top}px ${this.host.clientWidth - frame.left - frame.width}px ${this.host.clientHeight - frame.top - frame.height}px ${frame.left}px)`;
    this.svg.style.clipPath = clip;
    for (const shape of shapes) {
      const i = lines.findIndex(({ name }) => name === shape.name);
      if (stage !== null && i > stage) continue;
      const part = this.#shape(shape, factors[shape.group], frame, colourOf(inspection, shape.name), lines[i].plain);
      part.setAttribute("class", stage === i ? "now" : stage === null ? "" : "then");
      this.svg.append(part);
    }
    this.#say(shapes, factors, inspection);
  }

  /**
   * Says what is drawn to another scale than that of the map.
   * @param {Shape[]} shapes
   * @param {Record<string, number>} factors
   * @param {Inspection} inspection
   */
  #say(shapes, factors, { inside }) {
    const alpha = inside.lines.some(({ kind }) => kind === "scale") ? "−α " : "−";
    /** @type {Record<string, string>} */
    const words = { step: "steps", gradient: `${alpha}gradients`, ellipse: "ellipse" };
    this.factors.textContent = Object.entries(words)
      .filter(([group]) => factors[group] !== 1 && shapes.some((shape) => shape.group === group))
      .map(([group, name]) => (factors[group] ? `${name} × ${digits(factors[group])}` : `${name} too small to see`))
      .join(" · ");
  }

  /**
   * @param {Shape} shape
   * @param {number} factor
   * @param {Frame} frame
   * @param {string} colour
   * @param {string} symbol
   */
  #shape({ name, form, from, by, hessian, tried }, factor, frame, colour, symbol) {
    const group = element("g", { stroke: colour, fill: "none", color: colour });
    group.dataset.arrow = name;
    group.dataset.from = from.join();
    group.dataset.to = form === "point" ? from.join() : [from[0] + by[0], from[1] + by[1]].join();
    group.dataset.factor = String(factor);
    const begin = pixel(frame, ...from);
    const end = pixel(frame, from[0] + factor * by[0], from[1] + factor * by[1]);
    if (![...begin, ...end].every((one) => Math.abs(one) < 1e6)) return group;
    if (form === "arrow") arrow(group, begin, end, symbol);
    else if (form === "point") mark(group, begin, symbol);
    else if (form === "ellipse") ellipse(group, begin, [Math.abs(end[0] - begin[0]), Math.abs(end[1] - begin[1])], 0, "4 3");
    else if (form === "model" && hessian) model(group, frame, end, hessian, by);
    for (const one of tried ?? []) {
      const [cx, cy] = pixel(frame, ...one);
      if (Math.abs(cx) < 1e6 && Math.abs(cy) < 1e6) group.append(element("circle", { cx, cy, r: 3 }));
    }
    return group;
  }
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function element(tag, attributes) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/**
 * @param {SVGElement} group
 * @param {Pair} begin
 * @param {Pair} end
 * @param {string} symbol
 */
function arrow(group, begin, end, symbol) {
  const [dx, dy] = [end[0] - begin[0], end[1] - begin[1]];
  const length = Math.hypot(dx, dy);
  if (length < 1) return;
  const [ux, uy] = [dx / length, dy / length];
  const head = Math.min(HEAD, length / 2);
  const [bx, by] = [end[0] - head * ux, end[1] - head * uy];
  const side = head / 2;
  const points = `${end.join()} ${bx - side * uy},${by + side * ux} ${bx + side * uy},${by - side * ux}`;
  // A dark edge first: it is seen on every trail and every height.
  for (const [stroke, width] of /** @type {const} */ ([[palette.edge, 4.5], ["currentColor", 2]])) {
    group.append(element("line", { x1: begin[0], y1: begin[1], x2: bx, y2: by, stroke, "stroke-width": width }));
    group.append(element("polygon", { points, stroke, fill: stroke, "stroke-width": width / 2 }));
  }
  label(group, [end[0] + 9 * ux - 5 * uy, end[1] + 9 * uy + 5 * ux], symbol);
}

/**
 * @param {SVGElement} group
 * @param {Pair} at
 * @param {string} symbol
 */
function mark(group, [x, y], symbol) {
  group.append(element("circle", { cx: x, cy: y, r: 6, "stroke-width": 2 }));
  group.append(element("path", { d: `M${x - 9},${y}H${x + 9}M${x},${y - 9}V${y + 9}`, "stroke-width": 1 }));
  label(group, [x + 12, y - 8], symbol);
}

/**
 * @param {SVGElement} group
 * @param {Pair} at
 * @param {string} symbol
 */
function label(group, [x, y], symbol) {
  const text = element("text", { x, y, "text-anchor": "middle", "dominant-baseline": "middle", fill: "currentColor", stroke: palette.edge });
  text.textContent = symbol;
  group.append(text);
}

/**
 * @param {SVGElement} group
 * @param {Pair} middle
 * @param {Pair} axes
 * @param {number} turn  in degrees
 * @param {string} dash
 */
function ellipse(group, [cx, cy], [rx, ry], turn, dash) {
  if (!(rx < 1e5 && ry < 1e5)) return;
  group.append(element("ellipse", { cx, cy, rx, ry, transform: `rotate(${turn} ${cx} ${cy})`, "stroke-width": 1.5, "stroke-dasharray": dash }));
}

/**
 * A quadratic model: contours around where it is stationary, or the two lines through that
 * on which it is level, at a saddle.
 * @param {SVGElement} group
 * @param {Frame} frame
 * @param {Pair} end  the stationary point, in pixels
 * @param {number[]} hessian
 * @param {Pair} by  from the iterate to there
 */
function model(group, frame, end, hessian, by) {
  // In pixels, so that circles of the plane are what they are on the screen.
  const [ux, uy] = [frame.width / (frame.x[1] - frame.x[0]), -frame.height / (frame.y[1] - frame.y[0])];
  const [xx, xy, yy] = hessian;
  const scaled = eigen(xx / ux ** 2, xy / (ux * uy), yy / uy ** 2);
  const [x, y] = end;
  group.append(element("path", { d: `M${x - 6},${y - 6}l12,12M${x + 6},${y - 6}l-12,12`, "stroke-width": 2 }));
  const { low, high, angle } = scaled;
  if (low * high > 0) {
    const size = Math.abs(xx * by[0] ** 2 + 2 * xy * by[0] * by[1] + yy * by[1] ** 2);
    for (const level of LEVELS) {
      const radius = /** @param {number} curvature */ (curvature) => (level / 2) * Math.sqrt(size / Math.abs(curvature));
      ellipse(group, end, [radius(high), radius(low)], (angle * 180) / Math.PI, level === 2 ? "none" : "2 4");
    }
    return;
  }
  const open = Math.atan(Math.sqrt(Math.abs(high / low)));
  for (const turn of [angle + open, angle - open]) {
    const [dx, dy] = [2000 * Math.cos(turn), 2000 * Math.sin(turn)];
    group.append(element("path", { d: `M${x - dx},${y - dy}L${x + dx},${y + dy}`, "stroke-width": 1, "stroke-dasharray": "2 4" }));
  }
}
