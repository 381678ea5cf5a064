// @ts-nocheck
// Readable ticks for the loss curves.

/** Round numbers over a range, about `count` of them. */
export function linearTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) {
    ticks.push(k * step);
  }
  return ticks;
}

/** Powers of ten whose logarithms lie in a range, about `count` of them. */
export function decadeTicks(low, high, count) {
  const stride = Math.max(1, Math.ceil((high - low) / Math.max(count, 1)));
  const ticks = [];
  for (let k = Math.ceil(low / stride - 1e-9) * stride; k <= high + 1e-9; k += stride) {
    ticks.push(k);
  }
  return ticks;
}

const SUPERSCRIPTS = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].entries()) };

/** A power of ten as it is printed: 0.01, 1, 100, and 10⁻⁵ beyond. */
export function decadeText(k) {
  if (k >= -2 && k <= 3) return String(10 ** k).slice(0, 6);
  return `10${[...String(k)].map((sign) => SUPERSCRIPTS[sign]).join("")}`;
}

/** A number in few characters: three significant digits, exponents short. */
export function short(value) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "beyond 3e38" : "below −3e38";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    return value.toExponential(1).replace("e+", "e").replace("-", "−").replace("e-", "e−");
  }
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

const TINIEST = 1e-300; // stands for zero on a log axis

/** How values are spread along an axis: to positions, and back. */
const SPREADS = {
  linear: { to: (v) => v, from: (p) => p },
  log: { to: (v) => Math.log10(Math.max(v, TINIEST)), from: (p) => 10 ** p },
  // Logarithmic on both sides of zero.
  signed: {
    to: (v) => Math.sign(v) * Math.log10(1 + Math.abs(v)),
    from: (p) => Math.sign(p) * (10 ** Math.abs(p) - 1),
  },
};

/** An axis between two pixels. */
export class Axis {
  /**
   * @param {object} of
   * @param {string} of.spread  linear, log or signed
   * @param {number} of.low     as a position: on a log axis, the logarithm
   * @param {number} of.high
   * @param {number} of.from    the pixel of `low`
   * @param {number} of.to      the pixel of `high`
   * @param {string} of.label
   */
  constructor({ spread, low, high, from, to, label }) {
    Object.assign(this, { spread, low, high, from, to, label });
    this.place = SPREADS[spread].to;
  }

  /** The pixel of a value. */
  at(value) {
    return this.pixel(this.place(value));
  }

  /** The value at a pixel. */
  value(pixel) {
    const part = (pixel - this.from) / (this.to - this.from);
    return SPREADS[this.spread].from(this.low + part * (this.high - this.low));
  }

  /** Pixels and texts of round values, about one in so many pixels. */
  ticks(apart) {
    const count = Math.max(2, Math.floor(Math.abs(this.to - this.from) / apart));
    if (this.spread === "linear") {
      return linearTicks(this.low, this.high, count).map((v) => ({ at: this.at(v), text: short(v) }));
    }
    return decadeTicks(this.low, this.high, count).map((k) => {
      if (this.spread === "log") return { at: this.pixel(k), text: decadeText(k) };
      const text = k < 0 ? `−${decadeText(-k)}` : k ? decadeText(k) : "0";
      return { at: this.at(Math.sign(k) * 10 ** Math.abs(k) * Math.abs(Math.sign(k))), text };
    });
  }

  /** The pixel of a position. */
  pixel(position) {
    const part = (position - this.low) / (this.high - this.low || 1);
    return this.from + part * (this.to - this.from);
  }
}

const TEXT = 11; // pixels of text in a small window, for which margins are given

/**
 * Pixels for the text as it is, of pixels for small text: in a large window, which may be
 * a projector's, it is larger.
 */
export function grown(pixels) {
  const most = 15 / TEXT;
  return pixels * Math.min(Math.max(1, 1 + (most - 1) * ((window.innerWidth - 1280) / 640)), most);
}

/** The font of a picture's text. */
export const font = (weight = 400, pixels = TEXT) =>
  `${weight} ${grown(pixels)}px 'Source Sans', sans-serif`;

/** Margins with room for the text as it is. */
export const roomFor = (margin) =>
  Object.fromEntries(Object.entries(margin).map(([side, pixels]) => [side, grown(pixels)]));

/** The box that margins leave of a picture. */
export function boxIn({ width, height }, margin) {
  const { left, right, top, bottom } = roomFor(margin);
  return { left, right: width - right, top, bottom: height - bottom };
}

/** Draws a pair of axes with their grid around a box. */
export function drawAxes(context, box, x, y, apart = [90, 24]) {
  context.save();
  context.font = font();
  context.fillStyle = "#97a1b2";
  context.strokeStyle = "#232a37";
  context.lineWidth = 1;
  context.beginPath();
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { at, text } of y.ticks(grown(apart[1]))) {
    const row = Math.round(at) + 0.5;
    context.moveTo(box.left, row);
    context.lineTo(box.right, row);
    context.fillText(text, box.left - 6, row);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const labelled = x.label ? box.right - context.measureText(x.label).width - 14 : Infinity;
  for (const { at, text } of x.ticks(grown(apart[0]))) {
    const column = Math.round(at) + 0.5;
    context.moveTo(column, box.top);
    context.lineTo(column, box.bottom);
    if (column < labelled) context.fillText(text, column, box.bottom + 5);
  }
  context.stroke();
  context.textAlign = "right";
  context.fillText(x.label ?? "", box.right, box.bottom + 5);
  if (y.label) {
    context.translate(box.left - grown(53), (box.top + box.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(y.label, 0, 0);
  }
  context.restore();
}

const DECADES = 14; // of losses that are shown at most

/**
 * An axis for losses: logarithmic above a known minimum, else on both sides of zero.
 * @param {object} of
 * @param {Iterable<number>[]} of.series  the losses above the base
 * @param {number} of.first   about what a run begins with: what is far above leaves
 * @param {boolean} of.known  whether the base is the minimum
 * @param {number} of.room    how far above the first is still shown, as a factor
 * @param {number} of.spare   the part of the lowest that may lie below the picture
 */
export function lossAxis({ series, first, known, room = known ? 1e3 : 10, spare = 0, ...rest }) {
  const spread = known ? "log" : "signed";
  const { to } = SPREADS[spread];
  // What begins at the minimum is measured by what it does later.
  const begin = known && !(first > 0) ? median(series) : first;
  // About zero the axis is linear: there a factor alone is no room.
  const most = room * Math.max(Math.abs(begin), known ? 0 : 1);
  let [least, top] = [Infinity, -Infinity];
  const kept = [];
  for (const values of series) {
    for (const value of values) {
      if (!(value <= most && value > (known ? 0 : -Infinity))) continue;
      if (value < least) least = value;
      if (value > top) top = value;
      if (spare) kept.push(value);
    }
  }
  if (spare) least = kept.sort((a, b) => a - b)[Math.floor(kept.length * spare)] ?? Infinity;
  const found = top >= least;
  const high = Math.ceil(Math.max(found ? to(top) : 1, to(begin)) + 1e-9);
  const low = Math.max(Math.floor(Math.min(found ? to(least) : -1, high - 1)), high - DECADES);
  // From tick to tick: beside zero those are a little beyond whole positions.
  const tick = (k) => (known ? k : to(Math.sign(k) * 10 ** Math.abs(k)));
  return new Axis({ spread, low: tick(low), high: tick(high), ...rest });
}

/** The middle one of all that are above zero; one if none is. */
function median(series) {
  const above = series.flatMap((values) => [...values].filter((v) => v > 0 && v < Infinity));
  return above.sort((a, b) => a - b)[Math.floor(above.length / 2)] ?? 1;
}
