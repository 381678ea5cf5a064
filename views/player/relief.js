// How a loss becomes a height in the still pictures (views/figures.py, Relief).

/**
 * The height of a loss that lies `excess` above the base.
 * @param {Relief} relief
 * @param {number} excess
 */
export function height(relief, excess) {
  if (relief.level === "linear") return excess / relief.unit;
  return Math.sign(excess) * Math.log10(1 + Math.abs(excess) / relief.unit);
}

/**
 * The loss at a height: the inverse, on the still pictures' own range.
 * @param {Relief} relief
 * @param {number} h
 */
export function lossAt(relief, h) {
  const excess =
    relief.level === "linear" ? h * relief.unit : Math.sign(h) * relief.unit * (10 ** Math.abs(h) - 1);
  return relief.base + excess;
}
