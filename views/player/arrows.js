// Arrows on the map and on the surface: what the step that is shown is made of, at the
// iterate. What is drawn follows from the kind of each quantity alone
// (optim/quantities.py).

import { digits } from "./digits.js";
import { colourOf } from "./inside.js";
import { eigen } from "./inspection.js";
import { overlap, placeLetters } from "./letters.js";
import { pixel } from "./panels.js";
import { Panel } from "./panel.js";
import { sceneBox, sceneMatrix, sceneWorks } from "./plotly.js";
import { write } from "./write.js";

/** @typedef {import("./inspection.js").Inspection} Inspection */

const SVG = "http://www.w3.org/2000/svg";
const SEEN = 22; // pixels from which on an arrow is seen as one
const WANTED = 110; // pixels that what is drawn to a scale of its own is at most
const LARGEST = 1e6; // such scale
const FIRST = [1, 2, 5]; // digits of such a scale
const HEAD = 7; // pixels
const ROUND = 48; // pieces of an ellipse
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
 * The points that a search along a line has tried.
 * @param {Inspection} inspection
 * @param {number} at
 * @param {string} name
 * @param {import("./inspection.js").Search} search
 */
function tries(inspection, at, name, { along, first, factor, tries: listed }) {
  const [taken] = inspection.value(name, at);
  const [px, py] = inspection.value(along, at);
  const [x, y] = inspection.point(at);
  /** @type {Pair[]} */
  const points = [];
  if (listed) {
    const parts = inspection.value(listed, at).filter((part) => !Number.isNaN(part));
    return parts.map((part) => /** @type {Pair} */ ([x + part * px, y + part * py]));
  }
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

/**
 * From a point of the plane to its pixel; null where it has none.
 * @typedef {(x: number, y: number) => ?Pair} ToPixel
 */

/**
 * The step of an entry, and where it is on the picture.
 * @typedef {object} Placed
 * @property {Inspection} inspection
 * @property {number} at  the step
 * @property {ToPixel} toPixel
 * @property {?Frame} frame  what of the picture it keeps to; null: all of it
 */

/**
 * A letter, and what shows it.
 * @typedef {import("./letters.js").Letter & {element: SVGElement}} Lettered
 */

/**
 * Makes the letter of an arrow.
 * @typedef {(at: {begin: Pair, end: Pair}) => SVGElement} Label
 */

/** What draws the steps that are inspected over a picture. */
export class Arrows extends Panel {
  /** @type {unknown[]} */
  #drawn = [];
  /** @type {Map<string, number>} */
  #spots = new Map(); // of letters
  /** @type {Lettered[]} */
  #letters = [];
  /** @type {Box[]} */
  #lettered = []; // where they stand
  #grown = 1; // how much larger than in a small window

  /** @param {HTMLElement} host  the picture */
  constructor(host) {
    super(host);
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "arrows overlay");
    this.svg.setAttribute("aria-hidden", "true"); // the panel has all of it in numbers
    this.factors = document.createElement("p");
    this.factors.className = "factors";
    host.append(this.svg, this.factors);
  }

  /**
   * @param {Inspection[]} inspections
   * @param {number} step
   * @param {?number} stage
   * @param {string} seen  what decides where things are
   * @param {Box[]} names  that letters must not lie on
   * @param {() => {unit: Pair, placed: Placed[]}} view  pixels to a unit of each axis, about
   */
  paint(inspections, step, stage, seen, names, view) {
    const steps = inspections.map((one) => one.stepAt(step));
    const drawn = [stage, seen, ...inspections, ...steps];
    if (drawn.length === this.#drawn.length && drawn.every((one, i) => one === this.#drawn[i])) {
      // Between two steps, names move with the heads.
      if (this.#lettered.some((one) => names.some((name) => overlap(one, name)))) this.#putLetters(names);
      return;
    }
    this.#drawn = drawn;
    // Asked for before anything is new: the browser would look at all that is.
    this.#grown = Number(getComputedStyle(this.host).getPropertyValue("--grown")) || 1;
    const { unit, placed } = inspections.length ? view() : { unit: [1, 1], placed: [] };
    this.svg.replaceChildren();
    // One scale for all of them: their lengths are compared.
    const shapes = placed.map(({ inspection, at }) => shapesOf(inspection, at));
    const factors = factorsOf(shapes.flat(), ([x, y]) => Math.hypot(x * unit[0], y * unit[1]));
    this.#letters = [];
    placed.forEach((one, i) => this.#one(one, shapes[i], factors, stage, this.#letters));
    this.#putLetters(names);
    this.#say(shapes.flat(), factors, inspections);
  }

  /** @param {Box[]} names */
  #putLetters(names) {
    this.#lettered = placeLetters(this.#letters, this.#grown, this.#spots, names);
    this.#lettered.forEach(({ left, top, right, bottom }, i) => {
      const { element: shown } = this.#letters[i];
      shown.setAttribute("x", ((left + right) / 2).toFixed(1));
      shown.setAttribute("y", ((top + bottom) / 2).toFixed(1));
    });
  }

  /**
   * @param {Placed} placed
   * @param {Shape[]} shapes
   * @param {Record<string, number>} factors
   * @param {?number} stage
   * @param {Lettered[]} letters  to which its own are added
   */
  #one({ inspection, toPixel, frame }, shapes, factors, stage, letters) {
    const { lines, entry } = inspection.inside;
    const group = frame ? windowOf(frame) : element("g", {});
    group.dataset.entry = entry;
    for (const shape of shapes) {
      const i = lines.findIndex(({ name }) => name === shape.name);
      if (stage !== null && i > stage) continue;
      const letter = { key: `${entry} ${shape.name}`, text: lines[i].plain, frame };
      const part = drawnShape(shape, factors[shape.group], toPixel, colourOf(inspection, shape.name), (at) => {
        const shown = lettering(letter.text);
        letters.push({ ...letter, ...at, element: shown });
        return shown;
      });
      part.setAttribute("class", stage === i ? "now" : stage === null ? "" : "then");
      group.append(part);
    }
    this.svg.append(group);
  }

  /**
   * Says what is drawn to another scale than that of the picture.
   * @param {Shape[]} shapes
   * @param {Record<string, number>} factors
   * @param {Inspection[]} inspections
   */
  #say(shapes, factors, inspections) {
    const scaled = inspections.some(({ inside }) => inside.lines.some(({ kind }) => kind === "scale"));
    const alpha = scaled ? "−α " : "−";
    /** @type {Record<string, string>} */
    const words = { step: "steps", gradient: `${alpha}gradients`, ellipse: inspections.length > 1 ? "ellipses" : "ellipse" };
    const said = Object.entries(words)
      .filter(([group]) => factors[group] !== 1 && shapes.some((shape) => shape.group === group))
      .map(([group, name]) => (factors[group] ? `${name} × ${digits(factors[group])}` : `${name} too small to see`))
      .join(" · ");
    write(this.factors, said);
  }
}

export class MapArrows extends Arrows {
  #corner = "";

  /** @param {Moment} moment */
  draw({ step, stage, frameOf, arrows, namesOn }) {
    const found = arrows.flatMap((inspection) => {
      const frame = frameOf(inspection.inside.entry);
      return frame ? { inspection, frame } : [];
    });
    const frames = found.map(({ frame }) => frame);
    if (frames.length) this.#putFactors(frames[frames.length - 1]);
    this.paint(found.map(({ inspection }) => inspection), step, stage, JSON.stringify(frames), namesOn("map"), () => {
      const [{ width, height: high, x, y }] = frames;
      return {
        unit: [width / (x[1] - x[0]), high / (y[1] - y[0])],
        placed: found.map(({ inspection, frame }) => ({
          inspection,
          at: inspection.stepAt(step),
          toPixel: (a, b) => pixel(frame, a, b),
          frame,
        })),
      };
    });
  }

  /**
   * Puts what is said of scales into the corner of a frame: around it are numbers.
   * @param {Frame} frame
   */
  #putFactors({ left, top, width, height: high }) {
    const corner = `translate(${left + width}px, ${top + high}px) translate(-100%, -100%)`;
    if (corner === this.#corner) return;
    this.#corner = corner;
    Object.assign(this.factors.style, { transform: corner, maxWidth: `${width}px` });
  }
}

export class SceneArrows extends Arrows {
  plot = /** @type {Plot} */ (this.host.querySelector(".plot"));

  /** @param {Moment} moment */
  draw({ step, stage, arrows, grid: gridOf, domain, namesOn }) {
    if (this.host.hidden) return;
    const grid = arrows.length && sceneWorks(this.plot) ? gridOf() : null;
    const matrix = grid ? sceneMatrix(this.plot) : null;
    this.paint(grid ? arrows : [], step, stage, matrix ? matrix.join() : "", namesOn("scene"), () => {
      const box = sceneBox(this.plot);
      const toPixel = onSurface(/** @type {HeightGrid} */ (grid), /** @type {Float64Array} */ (matrix), box);
      const size = box.width / 2; // the surface is about so wide
      return {
        unit: [size / (domain[1] - domain[0]), size / (domain[3] - domain[2])],
        placed: arrows.map((inspection) => ({ inspection, at: inspection.stepAt(step), toPixel, frame: null })),
      };
    });
  }
}

/**
 * A drawing of which nothing is seen beyond a frame.
 * @param {Frame} frame
 */
function windowOf({ left, top, width, height: high }) {
  return element("svg", { x: left, y: top, width, height: high, viewBox: `${left} ${top} ${width} ${high}` });
}

/**
 * From a point of the plane to the pixel of the surface above it: there is none beyond the
 * grid of its heights, between which it is linear.
 * @param {HeightGrid} grid
 * @param {Float64Array} m  of the camera
 * @param {Place} box  where the scene lies
 * @returns {ToPixel}
 */
export function onSurface({ x: xs, y: ys, z: heights }, m, { left, top, width, height: high }) {
  /** @type {(list: ArrayLike<number>, value: number) => number} */
  const place = (list, value) => ((value - list[0]) / (list[list.length - 1] - list[0])) * (list.length - 1);
  return (x, y) => {
    const [i, j] = [place(xs, x), place(ys, y)];
    const [a, b] = [Math.min(Math.floor(i), xs.length - 2), Math.min(Math.floor(j), ys.length - 2)];
    if (!(i >= 0 && j >= 0 && i <= xs.length - 1 && j <= ys.length - 1)) return null;
    /** @type {(row: number) => number} */
    const along = (row) => heights[row][a] * (1 - (i - a)) + heights[row][a + 1] * (i - a);
    const z = along(b) * (1 - (j - b)) + along(b + 1) * (j - b);
    const w = m[3] * x + m[7] * y + m[11] * z + m[15];
    const px = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
    const py = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
    return Number.isFinite(px + py) ? [left + ((1 + px) / 2) * width, top + ((1 - py) / 2) * high] : null;
  };
}

/**
 * @param {Shape} shape
 * @param {number} factor
 * @param {ToPixel} toPixel
 * @param {string} colour
 * @param {Label} label
 */
function drawnShape({ name, form, from, by, hessian, tried }, factor, toPixel, colour, label) {
  const group = element("g", { stroke: "currentColor", fill: "none", style: `color: ${colour}` });
  group.dataset.arrow = name;
  group.dataset.from = from.join();
  group.dataset.to = form === "point" ? from.join() : [from[0] + by[0], from[1] + by[1]].join();
  group.dataset.factor = String(factor);
  /** @type {Pair} */
  const tip = [from[0] + factor * by[0], from[1] + factor * by[1]];
  const [begin, end] = [seen(toPixel(...from)), seen(toPixel(...tip))];
  if (form === "arrow" && begin && end) arrow(group, begin, end, label);
  else if (form === "point" && begin) mark(group, begin, label);
  else if (form === "ellipse") {
    curve(group, toPixel, (turn) => [from[0] + factor * by[0] * Math.cos(turn), from[1] + factor * by[1] * Math.sin(turn)], "4 3");
  } else if (form === "model" && hessian) model(group, toPixel, tip, hessian, by);
  for (const one of tried ?? []) {
    const at = seen(toPixel(...one));
    if (at) group.append(element("circle", { cx: at[0], cy: at[1], r: 3 }));
  }
  return group;
}

/**
 * A pixel that can be drawn; null if it is far beyond the screen.
 * @param {?Pair} at
 */
const seen = (at) => (at?.every((one) => Math.abs(one) < 1e6) ? at : null);

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
 * @param {Label} label
 */
function arrow(group, begin, end, label) {
  const [dx, dy] = [end[0] - begin[0], end[1] - begin[1]];
  const length = Math.hypot(dx, dy);
  if (length < 1) return;
  const [ux, uy] = [dx / length, dy / length];
  const head = Math.min(HEAD, length / 2);
  const [bx, by] = [end[0] - head * ux, end[1] - head * uy];
  const side = head / 2;
  const points = `${end.join()} ${bx - side * uy},${by + side * ux} ${bx + side * uy},${by - side * ux}`;
  // A dark edge first: it is seen on every trail and every height.
  for (const [stroke, width] of /** @type {const} */ ([["var(--edge)", 4.5], ["currentColor", 2]])) {
    group.append(element("line", { x1: begin[0], y1: begin[1], x2: bx, y2: by, stroke, "stroke-width": width }));
    group.append(element("polygon", { points, stroke, fill: stroke, "stroke-width": width / 2 }));
  }
  group.append(label({ begin, end }));
}

/**
 * @param {SVGElement} group
 * @param {Pair} at
 * @param {Label} label
 */
function mark(group, [x, y], label) {
  group.append(element("circle", { cx: x, cy: y, r: 6, "stroke-width": 2 }));
  group.append(element("path", { d: `M${x - 9},${y}H${x + 9}M${x},${y - 9}V${y + 9}`, "stroke-width": 1 }));
  group.append(label({ begin: [x - 8, y + 3], end: [x, y] }));
}

/** @param {string} symbol */
function lettering(symbol) {
  const text = element("text", { "text-anchor": "middle", "dominant-baseline": "middle", fill: "currentColor", stroke: "var(--edge)" });
  text.textContent = symbol;
  return text;
}

/**
 * A closed curve of the plane; pieces without pixels are left out.
 * @param {SVGElement} group
 * @param {ToPixel} toPixel
 * @param {(turn: number) => Pair} at  its points, by an angle
 * @param {string} dash
 */
function curve(group, toPixel, at, dash) {
  let d = "";
  let drawing = false;
  for (let i = 0; i <= ROUND; i += 1) {
    const point = seen(toPixel(...at((2 * Math.PI * i) / ROUND)));
    if (point) d += `${drawing ? "L" : "M"}${point[0].toFixed(1)},${point[1].toFixed(1)}`;
    drawing = Boolean(point);
  }
  group.append(element("path", { d, "stroke-width": 1.5, "stroke-dasharray": dash }));
}

/**
 * A quadratic model: contours around where it is stationary, the second of them through the
 * iterate; at a saddle, the two lines through that on which it is level.
 * @param {SVGElement} group
 * @param {ToPixel} toPixel
 * @param {Pair} middle  the stationary point
 * @param {number[]} hessian
 * @param {Pair} by  from the iterate to there
 */
function model(group, toPixel, middle, [xx, xy, yy], by) {
  const { low, high, angle } = eigen(xx, xy, yy);
  const at = seen(toPixel(...middle));
  if (at) group.append(element("path", { d: `M${at[0] - 6},${at[1] - 6}l12,12m0,-12l-12,12`, "stroke-width": 2 }));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  /** @type {(u: number, v: number) => Pair} */
  const point = (u, v) => [middle[0] + u * cos - v * sin, middle[1] + u * sin + v * cos];
  const size = Math.abs(xx * by[0] ** 2 + 2 * xy * by[0] * by[1] + yy * by[1] ** 2);
  if (low * high > 0) {
    for (const level of LEVELS) {
      const [a, b] = [high, low].map((curvature) => (level / 2) * Math.sqrt(size / Math.abs(curvature)));
      curve(group, toPixel, (turn) => point(a * Math.cos(turn), b * Math.sin(turn)), level === 2 ? "none" : "2 4");
    }
    return;
  }
  const reach = 3 * Math.hypot(...by);
  const open = Math.atan(Math.sqrt(Math.abs(high / low)));
  for (const turn of [open, -open]) {
    const ends = [-reach, reach].map((length) => seen(toPixel(...point(length * Math.cos(turn), length * Math.sin(turn)))));
    if (ends.every(Boolean)) group.append(element("path", { d: `M${ends.join("L")}`, "stroke-width": 1, "stroke-dasharray": "2 4" }));
  }
}
