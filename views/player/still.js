// The still map on any paper: the bands and contour lines that plotly draws on the screen.

import { Axis } from "./axis.js";
import { cellPicture, mixed, rgb } from "./canvas.js";
import { addMark } from "./marks.js";
import { pixel } from "./panels.js";

const SIZE = 700; // pixels a side that it is computed for
/** What the traces after the map mark, in their order (views/figures.py), and how. */
const CRITICAL = [
  { word: "a maximum", mark: "triangle" },
  { word: "a saddle", mark: "diamond" },
  { word: "a minimum", mark: "saltire" },
];

/**
 * A still map.
 * @typedef {object} Still
 * @property {(?number)[][]} z  heights, by rows from below; null where there is none
 * @property {[number, number, number]} levels  start, end and size of the contours
 * @property {Pair} x  the range shown
 * @property {Pair} y
 * @property {{word: string, mark: string, points: Pair[]}[]} critical
 */

/**
 * The still map of a figure that plotly has decoded.
 * @param {Plot} plot
 * @returns {Still}
 */
export function stillOf({ _fullData: [map, ...traces] }) {
  const { start, end, size } = map.contours;
  return {
    z: map.z,
    levels: [start, end, size],
    x: [map.x[0], map.x[map.x.length - 1]],
    y: [map.y[0], map.y[map.y.length - 1]],
    critical: CRITICAL.map((how, k) => {
      const { x = [], y = [] } = traces[k];
      return { ...how, points: Array.from(x, (value, i) => [value, y[i]]) };
    }),
  };
}

/**
 * The height between the points of a grid, at parts of the way along its sides.
 * @param {(?number)[][]} z
 * @param {number} u
 * @param {number} v
 */
function between(z, u, v) {
  /** @type {(part: number, count: number) => Pair} */
  const spot = (part, count) => {
    const at = part * (count - 1);
    const low = Math.min(Math.floor(at), count - 2);
    return [low, at - low];
  };
  const [[j, b], [i, a]] = [spot(v, z.length), spot(u, z[0].length)];
  /** @type {(row: number, column: number) => number} */
  const value = (row, column) => z[row][column] ?? NaN;
  return (
    (1 - b) * ((1 - a) * value(j, i) + a * value(j, i + 1)) +
    b * ((1 - a) * value(j + 1, i) + a * value(j + 1, i + 1))
  );
}

/**
 * Bands of height in the colours of the map, a line between each two.
 * @param {Still} still
 * @param {Palette} palette
 * @param {number} width
 * @param {number} height
 */
function bands({ z, levels: [start, end, size] }, palette, width, height) {
  const ramp = palette.map.map(rgb);
  const count = Math.max(Math.round((end - start) / size) + 1, 1);
  const colours = Array.from({ length: count + 1 }, (_, k) => mixed(ramp, (k - 0.5) / (count - 1 || 1)));
  const [line, none] = [rgb(palette.contour), rgb(palette.panel)];
  const band = Array.from({ length: height }, () => new Float32Array(width));
  band.forEach((cells, row) => {
    for (let column = 0; column < width; column += 1) {
      const level = between(z, column / (width - 1), 1 - row / (height - 1));
      cells[column] = Math.min(Math.max(Math.floor((level - start) / size) + 1, 0), count);
    }
  });
  const image = new ImageData(width, height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const here = band[row][column];
      const other = [band[row][column + 1] ?? here, band[row + 1]?.[column] ?? here].some((k) => k !== here);
      const colour = Number.isNaN(here) ? none : other ? line : colours[here];
      image.data.set([...colour, 255], 4 * (row * width + column));
    }
  }
  return cellPicture(image);
}

/**
 * Draws a still map with its axes.
 * @param {import("./paper.js").Paper} paper
 * @param {Frame} frame
 * @param {Still} still
 */
export function drawStill(paper, frame, still) {
  const { context, palette } = paper;
  const { left, top, width, height } = frame;
  const box = { left, top, right: left + width, bottom: top + height };
  const rows = Math.round(Math.min(SIZE, (SIZE * height) / width));
  const columns = Math.round((rows * width) / height);
  /** @type {(range: Pair, from: number, to: number, label: string) => Axis} */
  const along = ([low, high], from, to, label) => new Axis({ scale: "linear", low, high, from, to, label });
  paper.axes(box, along(still.x, left, box.right, "x"), along(still.y, box.bottom, top, "y"), [70, 40]);
  context.imageSmoothingEnabled = true;
  context.drawImage(bands(still, palette, columns, rows), left, top, width, height);
  for (const { mark, points } of still.critical) {
    for (const point of points) {
      const [x, y] = pixel(frame, ...point);
      paper.outline((path) => addMark(path, mark, x, y, 5), palette.critical, 1.8, 3.5);
    }
  }
}
