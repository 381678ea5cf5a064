// The still map on any paper: bands of height with a contour between each two, hatching where
// there is no value, critical points, and axes.

import { Axis } from "./axis.js";
import { drawAreas } from "./bandlines.js";
import { cellPicture, mixed, rgb } from "./canvas.js";
import { drawHatching } from "./hatch.js";
import { Heights } from "./heights.js";
import { addMark } from "./marks.js";
import { pixel, within } from "./panels.js";

const SHADES = 16; // between a band and a contour: at its borders pixels are both
const TICK = 3; // pixels
const MOST_TICKS = 6;
const FEW_TICKS = 4; // of a small map
const SPACING = 38; // pixels between two ticks, at least
const NAME = 13; // pixels of the letter that names an axis
const MARK = 5; // pixels of radius of what marks a critical point
const DOT = 1.5; // and a point of a path

/** How critical points and a path are marked, the most important last. */
const MARKED = /** @type {const} */ ([
  ["path", "path", ""],
  ["maxima", "maximum", "triangle"],
  ["saddles", "saddle", "diamond"],
  ["minima", "minimum", "saltire"],
]);

/**
 * What a still map is drawn from.
 * @typedef {object} Still
 * @property {Heights} heights
 * @property {[first: number, step: number, count: number]} levels  of the contours
 * @property {Pair} x  the range of the whole map
 * @property {Pair} y
 * @property {{word: string, mark: string, points: Pair[]}[]} critical  with the path of a file
 */

/**
 * A text that was drawn, and where.
 * @typedef {Box & {axis: "x" | "y", text: string}} Written
 */

/**
 * The still pictures, of what the server sends (views/figures.py, `landscape`).
 * @param {string} text
 * @returns {Landscape}
 */
export function readLandscape(text) {
  const { map, ...others } = JSON.parse(text);
  const { x, y, rows, levels } = map;
  const heights = new Heights(numbersOf(atob(map.heights)), rows, x, y);
  const critical = MARKED.map(([kind, word, mark]) => ({ word, mark, points: map[kind] ?? [] })); // an older server has no path
  return { map: { heights, levels, x, y, critical }, ...others };
}

/**
 * The float32 numbers of bytes: the lowest of each comes first, then the next of each.
 * @param {string} bytes
 */
function numbersOf(bytes) {
  const count = bytes.length / 4;
  const whole = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) {
    whole[4 * (i % count) + Math.floor(i / count)] = bytes.charCodeAt(i);
  }
  return new Float32Array(whole.buffer);
}

/**
 * The bands of each map that are drawn, and of what: they take the longest.
 * @type {WeakMap<Still, {of: unknown[], bands: HTMLCanvasElement}>}
 */
const painted = new WeakMap();

/**
 * Bands of height in the colours of the map, and the contours between them.
 * @param {Still} still
 * @param {Frame} frame
 * @param {Palette} palette
 * @param {number} ratio  pixels of the picture to those of the frame
 */
function bandsOf(still, { x, y, width, height }, palette, ratio) {
  const size = /** @type {Pair} */ ([width, height].map((side) => Math.max(Math.round(side * ratio), 1)));
  const of = [...x, ...y, ...size, ratio, palette.map.join(), palette.contour, palette.panel];
  const kept = painted.get(still);
  if (kept && of.every((one, i) => one === kept.of[i])) return kept.bands;
  const bands = cellPicture(banded(still, x, y, size, ratio, palette));
  painted.set(still, { of, bands });
  return bands;
}

/**
 * @param {Still} still
 * @param {Pair} x  what is shown
 * @param {Pair} y
 * @param {Pair} size  in pixels
 * @param {number} line  pixels of width of a contour
 * @param {Palette} palette
 */
function banded({ heights, levels: [first, step, count] }, x, y, [width, height], line, palette) {
  /** @type {(range: Pair, pixels: number) => Float64Array} */
  const middles = ([low, high], pixels) =>
    Float64Array.from({ length: pixels }, (_, k) => low + ((k + 0.5) / pixels) * (high - low));
  const found = heights.at(middles(x, width), middles(y, height).reverse());
  for (let i = 0; i < found.length; i += 1) found[i] = (found[i] - first) / step;
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = shadesOf(count, palette);
  const none = packedColour(rgb(palette.panel));
  const most = count ? 0.5 + line / 2 : 0;
  for (let row = 0, i = 0; row < height; row += 1) {
    const [up, down] = [row ? width : 0, row + 1 < height ? width : 0];
    for (let column = 0; column < width; column += 1, i += 1) {
      const here = found[i];
      if (Number.isNaN(here)) {
        pixels[i] = none;
        continue;
      }
      const band = Math.min(Math.max(Math.floor(here) + 1, 0), count);
      const dx = difference(here, found[column ? i - 1 : i], found[column + 1 < width ? i + 1 : i]);
      const dy = difference(here, found[i - up], found[i + down]);
      const level = Math.min(Math.max(Math.round(here), 0), count - 1);
      const away = Math.abs(here - level) / Math.sqrt(dx * dx + dy * dy); // in pixels
      const near = away < most && crossed(found, i, column, width, level);
      const ink = near ? Math.min(most - away, 1) : 0;
      pixels[i] = colours[band * (SHADES + 1) + Math.round(ink * SHADES)];
    }
  }
  return image;
}

/**
 * Whether a level is crossed between a pixel and those around it: a valley that only
 * touches it has no contour.
 * @param {Float64Array} found  heights, in rows of pixels
 * @param {number} at
 * @param {number} column
 * @param {number} width
 * @param {number} level
 */
function crossed(found, at, column, width, level) {
  const below = found[at] < level;
  for (let row = at - width; row <= at + width; row += width) {
    for (let aside = column ? -1 : 0; aside <= (column + 1 < width ? 1 : 0); aside += 1) {
      const other = found[row + aside];
      if (below ? other >= level : other < level) return true;
    }
  }
  return false;
}

/**
 * How much a height changes from one pixel to the next, by those on both sides.
 * @param {number} here
 * @param {number} before  may be NaN, or this one where there is none
 * @param {number} after
 */
function difference(here, before, after) {
  const a = here - before;
  const b = after - here;
  if (Number.isNaN(a) || a === 0) return Number.isNaN(b) ? 0 : b;
  return Number.isNaN(b) || b === 0 ? a : (a + b) / 2;
}

/**
 * The colours of each band, from none of a contour to nothing but that.
 * @param {number} count  of the contours; there is one band more
 * @param {Palette} palette
 */
function shadesOf(count, palette) {
  const ramp = palette.map.map(rgb);
  const line = rgb(palette.contour);
  return Uint32Array.from({ length: (count + 1) * (SHADES + 1) }, (_, i) => {
    const [band, shade] = [Math.floor(i / (SHADES + 1)), i % (SHADES + 1)];
    return packedColour(mixed([mixed(ramp, count ? band / count : 0), line], shade / SHADES));
  });
}

/**
 * A colour as the four bytes of a pixel.
 * @param {Colour} colour
 */
const packedColour = (colour) => new Uint32Array(Uint8Array.of(...colour, 255).buffer)[0];

/**
 * Draws a still map with its axes.
 * @param {import("./paper.js").Paper} paper
 * @param {Frame} frame
 * @param {Still} still
 * @param {boolean} [brief]  whether an axis is named by one of its numbers, for a small map
 * @returns {Written[]}  the texts of the axes
 */
export function drawStill(paper, frame, still, brief = false) {
  const { context, palette } = paper;
  const { left, top, width, height } = frame;
  const box = { left, top, right: left + width, bottom: top + height };
  context.imageSmoothingEnabled = true;
  const areas = paper.lines && drawAreas(paper, frame, still, brief);
  if (!areas) context.drawImage(bandsOf(still, frame, palette, paper.ratio), left, top, width, height);
  paper.within(box, () => {
    drawHatching(paper, frame, still.heights);
    for (const { mark, points } of still.critical) {
      const shape = (/** @type {Outline} */ path) => {
        points.forEach((point, i) => {
          const [x, y] = pixel(frame, ...point);
          if (mark) addMark(path, mark, x, y, MARK);
          else if (i) path.lineTo(x, y);
          else path.moveTo(x, y);
        });
        if (!mark) for (const point of points) addMark(path, mark, ...pixel(frame, ...point), DOT);
      };
      if (points.length) paper.outline(shape, palette.critical, mark ? 1.8 : 1, 3.5);
    }
  });
  return drawAxes(paper, frame, box, brief);
}

/**
 * The critical point at some pixels, in words.
 * @param {Still} still
 * @param {Frame} frame
 * @param {Pair} at
 * @param {number} reach  in pixels
 */
export function criticalAt({ critical }, frame, [px, py], reach) {
  let [nearest, words] = [reach, ""];
  for (const { word, points } of critical) {
    for (const point of points) {
      const [x, y] = pixel(frame, ...point);
      const away = Math.hypot(x - px, y - py);
      if (away > nearest || !within(point[0], frame.x) || !within(point[1], frame.y)) continue;
      nearest = away;
      words = `${word} (${point.map((value) => String(Number(value.toPrecision(4))).replace("-", "−")).join(", ")})`;
    }
  }
  return words;
}

/**
 * Ticks outside of a box, with their numbers, and the names of the axes.
 * @param {import("./paper.js").Paper} paper
 * @param {Frame} frame
 * @param {Box} box
 * @param {boolean} brief
 */
function drawAxes(paper, frame, { left, right, top, bottom }, brief) {
  const { context, palette } = paper;
  /** @type {Written[]} */
  const written = [];
  const line = paper.grown(12);
  /** @type {(axis: "x" | "y", text: string, x: number, y: number, align: CanvasTextAlign) => void} */
  const write = (axis, text, x, y, align) => {
    const { width } = context.measureText(text);
    const from = x - (align === "right" ? width : width / 2);
    context.textAlign = align;
    context.fillText(text, x, y);
    written.push({ axis, text, left: from, right: from + width, top: y - line / 2, bottom: y + line / 2 });
  };
  const gap = TICK + 3;
  const below = bottom + gap + line / 2;
  const along = {
    x: new Axis({ scale: "linear", low: frame.x[0], high: frame.x[1], from: left, to: right }),
    y: new Axis({ scale: "linear", low: frame.y[0], high: frame.y[1], from: bottom, to: top }),
  };
  /** @type {(axis: Axis, length: number) => Tick[]} */
  const ticksOf = (axis, length) =>
    axis.ticks(Math.max(length / (brief ? FEW_TICKS : MOST_TICKS), paper.grown(SPACING)));
  const ticks = { x: ticksOf(along.x, right - left), y: ticksOf(along.y, bottom - top) };
  if (brief) {
    const [first, last] = [ticks.x[0], ticks.y[ticks.y.length - 1]];
    if (first) first.text = `x = ${first.text}`;
    if (last) last.text = `y = ${last.text}`;
  }
  context.save();
  context.font = paper.font();
  context.textBaseline = "middle";
  context.fillStyle = context.strokeStyle = palette.muted;
  context.lineWidth = 1;
  context.beginPath();
  for (const { at, text } of ticks.x) {
    const column = Math.round(at - 0.5) + 0.5;
    context.moveTo(column, bottom);
    context.lineTo(column, bottom + TICK);
    write("x", text, at, below, "center");
  }
  for (const { at, text } of ticks.y) {
    const row = Math.round(at - 0.5) + 0.5;
    context.moveTo(left - TICK, row);
    context.lineTo(left, row);
    write("y", text, left - gap, at, "right");
  }
  context.stroke();
  if (!brief) {
    const widest = Math.max(...written.map((one) => (one.axis === "y" ? one.right - one.left : 0)));
    context.font = paper.font(400, NAME);
    context.fillStyle = palette.ink;
    write("x", "x", (left + right) / 2, below + line / 2 + paper.grown(NAME) / 2, "center");
    write("y", "y", Math.max(left - gap - widest - paper.grown(NAME) / 2, paper.grown(NAME) / 2), (top + bottom) / 2, "center");
  }
  context.restore();
  return written;
}
