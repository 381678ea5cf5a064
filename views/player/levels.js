// The lines on which a loss is the same, found on a grid: marching squares.

/**
 * The pieces of the lines at which a grid has a level: in each cell, between those of its
 * edges that cross it, linearly. Where four do, the mean of the corners decides.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, z: ArrayLike<ArrayLike<number | null>>}} grid
 * @param {number} level
 * @returns {[Pair, Pair][]}
 */
export function levelLines({ x, y, z }, level) {
  /** @type {[Pair, Pair][]} */
  const pieces = [];
  for (let j = 0; j + 1 < y.length; j += 1) {
    for (let i = 0; i + 1 < x.length; i += 1) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const values = corners.map(([a, b]) => (z[b][a] ?? NaN) - level);
      if (values.some(Number.isNaN)) continue;
      /** @type {(?Pair)[]} */
      const cuts = corners.map(([a, b], k) => {
        const [v, next] = [values[k], values[(k + 1) % 4]];
        if (v < 0 === next < 0) return null;
        const [c, d] = corners[(k + 1) % 4];
        const part = v / (v - next);
        return [x[a] + part * (x[c] - x[a]), y[b] + part * (y[d] - y[b])];
      });
      const found = cuts.filter((cut) => cut !== null);
      if (found.length === 2) pieces.push([found[0], found[1]]);
      if (found.length !== 4) continue;
      const middle = values.reduce((sum, value) => sum + value, 0) < 0;
      const [a, b, c, d] = found;
      pieces.push(...(middle === values[0] < 0 ? /** @type {[Pair, Pair][]} */ ([[a, b], [c, d]]) : /** @type {[Pair, Pair][]} */ ([[d, a], [b, c]])));
    }
  }
  return pieces;
}
