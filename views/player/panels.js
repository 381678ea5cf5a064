// Panels of the plane: where a point lies on the screen, and how panels fill a place.

export const within = (value, [low, high]) => value >= low && value <= high;

/** Where a point lies in a frame, in pixels. */
export function pixel(frame, x, y) {
  return [
    frame.left + ((x - frame.x[0]) / (frame.x[1] - frame.x[0])) * frame.width,
    frame.top + frame.height - ((y - frame.y[0]) / (frame.y[1] - frame.y[0])) * frame.height,
  ];
}

/** The point at some pixels, rounded to what a pixel can tell. */
export function pointAt(frame, [px, py]) {
  return [
    rounded(frame.x[0] + ((px - frame.left) / frame.width) * (frame.x[1] - frame.x[0]), frame.x),
    rounded(
      frame.y[0] + ((frame.top + frame.height - py) / frame.height) * (frame.y[1] - frame.y[0]),
      frame.y,
    ),
  ];
}

function rounded(value, [low, high]) {
  const digits = Math.max(0, Math.ceil(2.5 - Math.log10(Math.abs(high - low))));
  return Number(value.toFixed(Math.min(digits, 15)));
}

/** The number of columns that makes the panels largest, and how high they then are. */
export function bestGrid(count, ratio, width, height, margin) {
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
