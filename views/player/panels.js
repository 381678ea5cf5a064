// Panels of the plane: where a point lies on the screen, and how panels fill a place.

/** @type {(value: number, range: Pair) => boolean} */
export const within = (value, [low, high]) => value >= low && value <= high;

/**
 * Where a point lies in a frame, in pixels.
 * @param {Frame} frame
 * @param {number} x
 * @param {number} y
 * @returns {Pair}
 */
export function pixel(frame, x, y) {
  return [
    frame.left + ((x - frame.x[0]) / (frame.x[1] - frame.x[0])) * frame.width,
    frame.top + frame.height - ((y - frame.y[0]) / (frame.y[1] - frame.y[0])) * frame.height,
  ];
}

/**
 * What writes where a point lies in a frame, in pixels.
 * @param {Frame} frame
 * @returns {(point: number[], out: Float32Array, at: number) => void}
 */
export const projection = (frame) => {
  const { left, top, width, height, x: [x0, x1], y: [y0, y1] } = frame;
  return (point, out, at) => {
    out[at] = left + ((point[0] - x0) / (x1 - x0)) * width;
    out[at + 1] = top + height - ((point[1] - y0) / (y1 - y0)) * height;
  };
};

/**
 * The point at some pixels, rounded to what a pixel can show.
 * @param {Frame} frame
 * @param {Pair} at
 * @returns {Pair}
 */
export function pointAt(frame, [px, py]) {
  return [
    rounded(frame.x[0] + ((px - frame.left) / frame.width) * (frame.x[1] - frame.x[0]), frame.x),
    rounded(
      frame.y[0] + ((frame.top + frame.height - py) / frame.height) * (frame.y[1] - frame.y[0]),
      frame.y,
    ),
  ];
}

/** @type {(value: number, range: Pair) => number} */
function rounded(value, [low, high]) {
  const digits = Math.max(0, Math.ceil(2.5 - Math.log10(Math.abs(high - low))));
  return Number(value.toFixed(Math.min(digits, 15)));
}

/**
 * Where panels of one shape stand, as large as their place allows, the last row centred.
 * @param {number} count
 * @param {number} ratio   of a panel's width to its height
 * @param {number} width   of the place, in pixels
 * @param {number} height
 * @param {Box} margin  around each panel
 * @returns {Place[]}
 */
export function panelPlaces(count, ratio, width, height, margin) {
  const { columns, side } = bestGrid(count, ratio, width, height, margin);
  const cell = [width / columns, height / Math.max(Math.ceil(count / columns), 1)];
  const places = Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - columns * row);
    const shift = ((columns - inRow) * cell[0]) / 2;
    const aside = (cell[0] - side * ratio + margin.left - margin.right) / 2;
    return {
      left: shift + (i % columns) * cell[0] + aside,
      top: row * cell[1] + margin.top,
      width: side * ratio,
      height: side,
    };
  });
  return places;
}

/**
 * How high a place has to be, at most, for its panels to be as large as they can.
 * @param {number} count
 * @param {number} ratio
 * @param {number} width
 * @param {number} most
 * @param {Box} margin
 */
export function heightFor(count, ratio, width, most, margin) {
  const { columns, side } = bestGrid(count, ratio, width, most, margin);
  return Math.ceil(count / columns) * (side + margin.top + margin.bottom);
}

/**
 * Where panels stand that fill their place, in the grid that suits their shape best.
 * @param {number} count
 * @param {number} ratio
 * @param {number} width
 * @param {number} height
 * @param {Box} margin
 * @returns {Place[]}
 */
export function filledPlaces(count, ratio, width, height, margin) {
  const { columns } = bestGrid(count, ratio, width, height, margin);
  const cell = [width / columns, height / Math.max(Math.ceil(count / columns), 1)];
  return Array.from({ length: count }, (_, i) => ({
    left: (i % columns) * cell[0] + margin.left,
    top: Math.floor(i / columns) * cell[1] + margin.top,
    width: Math.max(cell[0] - margin.left - margin.right, 20),
    height: Math.max(cell[1] - margin.top - margin.bottom, 20),
  }));
}

/**
 * The number of columns that makes the panels largest, and how high they then are.
 * @param {number} count
 * @param {number} ratio
 * @param {number} width
 * @param {number} height
 * @param {Box} margin
 */
function bestGrid(count, ratio, width, height, margin) {
  let best = { columns: 1, side: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const wide = width / columns - margin.left - margin.right;
    const high = height / rows - margin.top - margin.bottom;
    const side = Math.max(Math.min(wide / ratio, high), 20);
    if (side > best.side) best = { columns, side };
  }
  return best;
}
