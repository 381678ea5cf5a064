// Heights between the points of a grid: cubic in each cell, so that contours are as smooth
// as the surface is. Slopes are limited after Hyman (SIAM J. Sci. Stat. Comput. 4, 1983):
// beside a jump, no height lies beyond those of the grid there.

/**
 * Slopes at the points of a line, in heights from one point to the next.
 * @param {Float32Array | Float64Array} values  NaN where there is none
 * @param {Float32Array | Float64Array} out
 * @param {number} from  the first of them
 * @param {number} count
 * @param {number} stride  from one to the next
 */
function slopes(values, out, from, count, stride) {
  let before = NaN;
  for (let k = 0, i = from; k < count; k += 1, i += stride) {
    const after = k + 1 < count ? values[i + stride] - values[i] : NaN;
    const mean = (before + after) / 2;
    if (Number.isNaN(mean)) out[i] = Number.isNaN(after) ? before : after;
    else {
      const most = 3 * Math.min(Math.abs(before), Math.abs(after));
      out[i] = Math.min(Math.max(mean, -most), most);
    }
    before = after;
  }
}

/**
 * Where places lie between the points of a line: in which cell, and what the heights and
 * slopes at its ends count there.
 * @param {ArrayLike<number>} places
 * @param {Pair} ends  of the line
 * @param {number} count  its points
 */
function spots(places, [low, high], count) {
  const cells = new Int32Array(places.length).fill(-1); // where there is none
  const weights = new Float64Array(4 * places.length);
  for (let k = 0; k < places.length; k += 1) {
    const at = ((places[k] - low) / (high - low)) * (count - 1);
    if (!(at >= 0 && at <= count - 1)) continue;
    const cell = Math.min(Math.floor(at), count - 2);
    const [t, s] = [at - cell, 1 - (at - cell)];
    cells[k] = cell;
    weights.set([(1 + 2 * t) * s * s, t * s * s, (1 + 2 * s) * t * t, -s * t * t], 4 * k);
  }
  return { cells, weights };
}

/** @type {(range: Pair, count: number) => number[]} */
const placesOf = ([low, high], count) =>
  Array.from({ length: count }, (_, i) => low + (i / (count - 1)) * (high - low));

export class Heights {
  /**
   * @param {Float32Array} values  row after row, from the lowest y; NaN where there is none
   * @param {number} rows
   * @param {Pair} x  the range of the grid
   * @param {Pair} y
   */
  constructor(values, rows, x, y) {
    this.values = values;
    this.rows = rows;
    this.columns = values.length / rows;
    this.x = x;
    this.y = y;
    this.up = new Float32Array(values.length); // slopes along y
    for (let i = 0; i < this.columns; i += 1) slopes(values, this.up, i, rows, this.columns);
    /**
     * The same as rows, for what is linear between the points.
     * @type {HeightGrid}
     */
    this.grid = {
      x: placesOf(x, this.columns),
      y: placesOf(y, rows),
      z: Array.from({ length: rows }, (_, j) => values.subarray(j * this.columns, (j + 1) * this.columns)),
    };
  }

  /**
   * The heights at each of some x and y, row after row; NaN beside points without one, and
   * beyond the grid.
   * @param {ArrayLike<number>} xs
   * @param {ArrayLike<number>} ys
   */
  at(xs, ys) {
    const { values, up, columns } = this;
    const across = spots(xs, this.x, columns);
    const upward = spots(ys, this.y, this.rows);
    const found = new Float64Array(xs.length * ys.length).fill(NaN);
    const line = new Float64Array(columns);
    const along = new Float64Array(columns); // slopes of that line
    for (let row = 0; row < ys.length; row += 1) {
      if (upward.cells[row] < 0) continue;
      const below = upward.cells[row] * columns;
      const above = below + columns;
      const [a, b, c, d] = upward.weights.subarray(4 * row, 4 * row + 4);
      for (let i = 0; i < columns; i += 1) {
        line[i] = a * values[below + i] + b * up[below + i] + c * values[above + i] + d * up[above + i];
      }
      slopes(line, along, 0, columns, 1);
      for (let k = 0; k < xs.length; k += 1) {
        const i = across.cells[k];
        if (i < 0) continue;
        const w = 4 * k;
        const { weights } = across;
        found[row * xs.length + k] =
          weights[w] * line[i] + weights[w + 1] * along[i] + weights[w + 2] * line[i + 1] + weights[w + 3] * along[i + 1];
      }
    }
    return found;
  }
}
