// The bands of a map as areas, for files of lines: marching squares, closed at the border.

/** @typedef {Float64Array} Loop  x and y of each corner in turn; the last meets the first */

import { mixed, rgb } from "./canvas.js";

const FINEST = 500; // cells a side of the grid that is followed; else one for each pixel
const TOLERANCE = 0.05; // of a cell
const MOST = 60_000; // corners of a map: eight tenths of a megabyte
const SMALL = 8; // times fewer of a small one, of which there may be so many
const MERGED = 3; // passes in which corners that are hardly any are left out

/**
 * Draws the bands of a map as areas, and the contours around them.
 * @param {import("./paper.js").Paper} paper
 * @param {Frame} frame
 * @param {import("./still.js").Still} still
 * @param {boolean} brief  whether the map is small
 * @returns {boolean}  false where nothing is drawn: there are too many corners, or points
 *   without a height
 */
export function drawAreas(paper, { left, top, width, height, x, y }, { heights, levels: [first, step, count] }, brief) {
  const { context, palette } = paper;
  const [columns, rows] = [width, height].map((side) => Math.min(Math.max(Math.round(side), 1), FINEST) + 1);
  const values = heights.at(spread(x, columns), spread(y, rows).reverse());
  for (let i = 0; i < values.length; i += 1) values[i] = (values[i] - first) / step;
  if (values.some(Number.isNaN)) return false;
  /** @type {Loop[][]} */
  const areas = [];
  let room = brief ? MOST / SMALL : MOST;
  for (let level = 0; level < count; level += 1) {
    const loops = areasOf(values, columns, level, TOLERANCE);
    for (const { length } of loops) room -= length / 2;
    if (room < 0) return false;
    areas.push(loops);
  }
  const ramp = palette.map.map(rgb);
  /** @type {(band: number) => string} */
  const colour = (band) => `#${mixed(ramp, count ? band / count : 0).map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
  paper.within({ left, top, right: left + width, bottom: top + height }, () => {
    context.fillStyle = colour(0);
    context.fillRect(left, top, width, height);
    context.strokeStyle = palette.contour;
    context.lineWidth = 1;
    areas.forEach((loops, level) => {
      const path = paper.path();
      for (const loop of loops) {
        for (let i = 0; i < loop.length; i += 2) {
          const at = /** @type {Pair} */ ([left + (loop[i] * width) / (columns - 1), top + (loop[i + 1] * height) / (rows - 1)]);
          if (i) path.lineTo(...at);
          else path.moveTo(...at);
        }
        path.closePath();
      }
      context.fillStyle = colour(level + 1);
      context.fill(path);
      context.stroke(path);
    });
  });
  return true;
}

/** @type {(range: Pair, count: number) => Float64Array} */
const spread = ([low, high], count) => Float64Array.from({ length: count }, (_, k) => (k === count - 1 ? high : low + (k / (count - 1)) * (high - low)));

/**
 * The areas in which a grid is at or above a level, as loops: their inside, seen along them,
 * is always on the same side, so holes wind the other way.
 * @param {ArrayLike<number>} values  in rows; all are finite
 * @param {number} columns
 * @param {number} level
 * @param {number} [tolerance]  how far from its corners a line may be, in cells
 * @returns {Loop[]}  in cells, from the first value; half a cell beyond the grid at its border
 */
export function areasOf(values, columns, level, tolerance = 0) {
  const rows = values.length / columns;
  const wide = columns + 1; // with a border, on which all is below
  /** @type {(column: number, row: number) => number} */
  const at = (column, row) =>
    column < 0 || row < 0 || column >= columns || row >= rows ? -Infinity : values[row * columns + column] - level;
  const next = new Int32Array(2 * wide * (rows + 1)).fill(-1); // by an edge that is crossed: the next one
  const heights = [0, 0, 0, 0];
  for (let row = -1; row < rows; row += 1) {
    heights[1] = at(-1, row);
    heights[2] = at(-1, row + 1);
    for (let column = -1; column < columns; column += 1) {
      [heights[0], heights[3]] = [heights[1], heights[2]];
      heights[1] = at(column + 1, row);
      heights[2] = at(column + 1, row + 1);
      const above = Number(heights[0] >= 0) + Number(heights[1] >= 0) + Number(heights[2] >= 0) + Number(heights[3] >= 0);
      if (above === 0 || above === 4) continue;
      const middle = heights[0] + heights[1] + heights[2] + heights[3] >= 0;
      const here = 2 * ((row + 1) * wide + column + 1);
      const edges = [here, here + 3, here + 2 * wide, here + 1]; // above, right, below, left
      for (let k = 0; k < 4; k += 1) {
        if (heights[k] >= 0 || heights[(k + 1) % 4] < 0) continue;
        // From an edge on which it rises to one on which it falls, around what is lower or higher.
        const back = (k + 3) % 4;
        const falls = (/** @type {number} */ edge) => heights[edge] >= 0 && heights[(edge + 1) % 4] < 0;
        const [first, second] = middle ? [back, (k + 1) % 4] : [(k + 1) % 4, back];
        next[edges[k]] = edges[falls(first) ? first : falls(second) ? second : (k + 2) % 4];
      }
    }
  }
  /** @type {Loop[]} */
  const loops = [];
  for (let edge = 0; edge < next.length; edge += 1) {
    if (next[edge] < 0) continue;
    /** @type {number[]} */
    const corners = [];
    for (let one = edge; next[one] >= 0; ) {
      const cell = one >> 1;
      const [column, row] = [(cell % wide) - 1, Math.floor(cell / wide) - 1];
      const [dx, dy] = one & 1 ? [0, 1] : [1, 0];
      const [from, to] = [at(column, row), at(column + dx, row + dy)];
      const part = Number.isFinite(from) && Number.isFinite(to) ? from / (from - to) : 0.5;
      corners.push(column + part * dx, row + part * dy);
      const following = next[one];
      next[one] = -1;
      one = following;
    }
    loops.push(simpler(corners, tolerance));
  }
  return loops;
}

/**
 * A loop without corners that are hardly any: of two neighbours, one stays in each pass.
 * @param {number[]} corners
 * @param {number} tolerance
 */
function simpler(corners, tolerance) {
  let kept = corners;
  const passes = tolerance > 0 ? MERGED : 0;
  for (let pass = 0; pass < passes; pass += 1) {
    /** @type {number[]} */
    const found = [];
    for (let i = 0; i < kept.length; i += 2) {
      const [x, y, after] = [kept[i], kept[i + 1], (i + 2) % kept.length];
      const [fromX, fromY] = i ? [kept[i - 2], kept[i - 1]] : [x, y];
      const [dx, dy] = [kept[after] - fromX, kept[after + 1] - fromY];
      const away = Math.abs(dx * (y - fromY) - dy * (x - fromX));
      if ((i & 2) === 0 || away > tolerance * Math.hypot(dx, dy)) found.push(x, y);
    }
    kept = found;
  }
  return Float64Array.from(kept);
}
