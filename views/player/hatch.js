// Where a map has no value: diagonal lines, drawn as far as the points of its grid have none.

const SPACING = 8; // pixels between two lines

/** @typedef {import("./heights.js").Heights} Heights */

/**
 * The cells of a grid in none of whose corners there is a value, by row and column.
 * @type {WeakMap<Heights, {cells: Uint8Array, any: boolean}>}
 */
const known = new WeakMap();

/** @param {Heights} heights */
function hollowsOf(heights) {
  const { values, rows, columns } = heights;
  let found = known.get(heights);
  if (!found) {
    const cells = new Uint8Array((rows - 1) * (columns - 1));
    for (let row = 0, cell = 0; row < rows - 1; row += 1) {
      for (let i = row * columns, end = i + columns - 1; i < end; i += 1, cell += 1) {
        const below = Number.isNaN(values[i]) && Number.isNaN(values[i + 1]);
        cells[cell] = Number(below && Number.isNaN(values[i + columns]) && Number.isNaN(values[i + columns + 1]));
      }
    }
    found = { cells, any: cells.includes(1) };
    known.set(heights, found);
  }
  return found;
}

/**
 * Whether there is no value at a point, nor around it: beyond the grid, nothing is known.
 * @param {Heights} heights
 * @param {number} x
 * @param {number} y
 */
export function isHollow(heights, x, y) {
  const { columns, rows } = heights;
  const { cells, any } = hollowsOf(heights);
  const [u, v] = [partOf(x, heights.x) * (columns - 1), partOf(y, heights.y) * (rows - 1)];
  if (!any || !(u >= 0 && u <= columns - 1 && v >= 0 && v <= rows - 1)) return false;
  const column = Math.min(Math.floor(u), columns - 2);
  return cells[Math.min(Math.floor(v), rows - 2) * (columns - 1) + column] === 1;
}

/** @type {(value: number, range: Pair) => number} */
const partOf = (value, [low, high]) => (value - low) / (high - low);

/**
 * The diagonal lines of a frame, cut to where there is no value.
 * @param {Heights} heights
 * @param {Frame} frame
 * @param {number} [spacing]  pixels between two lines
 * @returns {[x0: number, y0: number, x1: number, y1: number][]}
 */
export function hatchLines(heights, { left, top, width, height, x, y }, spacing = SPACING) {
  /** @type {[number, number, number, number][]} */
  const lines = [];
  if (!hollowsOf(heights).any) return lines;
  const across = sideOf(x, heights.x, heights.columns);
  const upward = sideOf(y, heights.y, heights.rows);
  const diagonal = spacing * Math.SQRT2;
  for (let sum = diagonal; sum < width + height; sum += diagonal) {
    // A line from its lower left to its upper right, by how far right it is.
    const [from, to] = [Math.max(sum - height, 0), Math.min(sum, width)];
    /** @type {(at: number) => [number, number]} */
    const place = (at) => [left + at, top + sum - at];
    const above = sum - height; // of how far up it is, how far right that is
    const cuts = [
      ...[from, to],
      ...crossings(across, width, from, to),
      ...crossings(upward, height, from - above, to - above).map((up) => up + above),
    ].sort((a, b) => a - b);
    let begun = NaN;
    for (let k = 1; k <= cuts.length; k += 1) {
      const middle = (cuts[k - 1] + cuts[k]) / 2; // NaN behind the last
      const hollow = isHollow(heights, between(x, middle / width), between(y, (middle - above) / height));
      if (hollow && Number.isNaN(begun)) begun = cuts[k - 1];
      if (hollow || Number.isNaN(begun)) continue;
      lines.push([...place(begun), ...place(cuts[k - 1])]);
      begun = NaN;
    }
  }
  return lines;
}

/** @type {(range: Pair, part: number) => number} */
const between = ([low, high], part) => low + part * (high - low);

/**
 * A side of a frame among the points of a grid.
 * @typedef {{low: number, high: number, last: number}} Side  its ends, and the last of the
 *   points, which are counted from 0
 */

/** @type {(shown: Pair, all: Pair, count: number) => Side} */
const sideOf = ([low, high], all, count) => ({
  low: partOf(low, all) * (count - 1),
  high: partOf(high, all) * (count - 1),
  last: count - 1,
});

/**
 * The pixels along a side at which points of the grid stand, between two of them.
 * @param {Side} side
 * @param {number} length  in pixels
 * @param {number} from
 * @param {number} to
 */
function crossings({ low, high, last }, length, from, to) {
  const each = length / (high - low); // pixels from one point to the next
  const found = [];
  const end = Math.min(Math.floor(low + to / each), last);
  for (let k = Math.max(Math.ceil(low + from / each), 0); k <= end; k += 1) found.push((k - low) * each);
  return found;
}

/**
 * Hatches where a map has no value.
 * @param {import("./paper.js").Paper} paper
 * @param {Frame} frame
 * @param {Heights} heights
 */
export function drawHatching({ context, palette }, frame, heights) {
  const lines = hatchLines(heights, frame);
  if (!lines.length) return;
  context.save();
  context.strokeStyle = palette.faint;
  context.lineWidth = 1;
  context.beginPath();
  for (const [x0, y0, x1, y1] of lines) {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  }
  context.stroke();
  context.restore();
}
