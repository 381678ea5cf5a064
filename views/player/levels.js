// The lines on which a loss is the same, found on a grid: marching squares.

/**
 * The pieces of the lines at which a grid has a level: in each cell, between those of its
 * edges that cross it, linearly. Where four do, the mean of the corners decides.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, z: ArrayLike<ArrayLike<number>>}} grid
 * @param {number} level
 * @returns {[Pair, Pair][]}
 */
export function levelLines({ x, y, z }, level) {
  /** @type {[Pair, Pair][]} */
  const pieces = [];
  for (let j = 0; j + 1 < y.length; j += 1) {
    const [low, high] = [z[j], z[j + 1]];
    for (let i = 0; i + 1 < x.length; i += 1) {
      const [a, b, c, d] = [low[i], low[i + 1], high[i + 1], high[i]];
      const below = Number(a < level) + Number(b < level) + Number(c < level) + Number(d < level);
      // Most cells are on one side, or undefined at a corner.
      if (below === 0 || below === 4 || Number.isNaN(a + b + c + d)) continue;
      cross([x[i], x[i + 1], x[i + 1], x[i]], [y[j], y[j], y[j + 1], y[j + 1]], [a, b, c, d], level, pieces);
    }
  }
  return pieces;
}

/**
 * The pieces in one cell, whose corners go around it.
 * @param {number[]} x
 * @param {number[]} y
 * @param {number[]} heights
 * @param {number} level
 * @param {[Pair, Pair][]} pieces  where they go
 */
function cross(x, y, heights, level, pieces) {
  const values = heights.map((one) => one - level);
  /** @type {Pair[]} */
  const found = [];
  values.forEach((value, k) => {
    const n = (k + 1) % 4;
    if (value < 0 === values[n] < 0) return;
    const part = value / (value - values[n]);
    found.push([x[k] + part * (x[n] - x[k]), y[k] + part * (y[n] - y[k])]);
  });
  const [a, b, c, d] = found;
  if (found.length === 2) pieces.push([a, b]);
  if (found.length !== 4) return;
  const middle = values[0] + values[1] + values[2] + values[3] < 0;
  if (middle === values[0] < 0) pieces.push([a, b], [c, d]);
  else pieces.push([d, a], [b, c]);
}
