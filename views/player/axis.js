// Axes: where values lie on them, and readable ticks.

import { palette } from "./palette.js";

/**
 * Round numbers over a range, about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function linearTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough) ?? NaN; // of no range
  const step = power * factor;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) {
    ticks.push(k * step);
  }
  return ticks;
}

/**
 * Powers of ten whose logarithms lie in a range, about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function decadeTicks(low, high, count) {
  const stride = Math.max(1, Math.ceil((high - low) / Math.max(count, 1)));
  const ticks = [];
  for (let k = Math.ceil(low / stride - 1e-9) * stride; k <= high + 1e-9; k += stride) {
    ticks.push(k);
  }
  return ticks;
}

/** @type {Record<string, string>} */
const SUPERSCRIPTS = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].entries()) };

/**
 * Powers of ten on one axis: as 0.01, 1, 100; where one is beyond, as 10⁻⁵, 1, 10, 10².
 * @param {number[]} exponents
 */
export function decadeTexts(exponents) {
  const all = exponents.every((k) => k >= -3 && k <= 3);
  return exponents.map((k) => {
    if (all || k === 0 || k === 1) return String(10 ** k).slice(0, 6);
    return `10${[...String(k)].map((sign) => SUPERSCRIPTS[sign]).join("")}`;
  });
}

/**
 * A number in few characters: three significant digits, exponents short.
 * @param {number} value
 */
export function short(value) {
  return inDigits(value, 3);
}

/** @type {(size: number) => boolean} */
const isPlain = (size) => size === 0 || (size >= 1e-3 && size < 1e5);

/**
 * The same with other digits, and an exponent or none.
 * @param {number} value
 * @param {number} digits
 */
function inDigits(value, digits, plain = isPlain(Math.abs(value))) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "beyond 3e38" : "below −3e38";
  if (!plain && value !== 0) {
    return value.toExponential(digits - 2).replace("e+", "e").replace("-", "−").replace("e-", "e−");
  }
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/**
 * Texts of ticks, three digits or as many as say where each is; all with an exponent, or
 * none.
 * @param {number[]} values
 */
export function tickTexts(values) {
  const plain = isPlain(Math.max(0, ...values.map(Math.abs)));
  const off = 1e-3 * (values[1] - values[0]); // too little to be seen
  for (let digits = 3; ; digits += 1) {
    const texts = values.map((value) => inDigits(value, digits, plain));
    const exact = texts.every((text, i) => !(Math.abs(Number(text.replaceAll("−", "-")) - values[i]) > off));
    if (exact || digits === 15) return texts;
  }
}

const TINIEST = 1e-300; // stands for zero on a log axis

/**
 * How values become positions along an axis, and back.
 * @type {Record<"linear" | "log" | "signed", {to: (v: number) => number, from: (p: number) => number}>}
 */
const SCALES = {
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
  /** @type {keyof typeof SCALES} */
  scale;
  low = 0;
  high = 1;
  from = 0;
  to = 0;
  /** @type {string | undefined} */
  label;

  /**
   * @param {object} of
   * @param {keyof typeof SCALES} of.scale
   * @param {number} of.low     as a position: on a log axis, the logarithm
   * @param {number} of.high
   * @param {number} of.from    the pixel of `low`
   * @param {number} of.to      the pixel of `high`
   * @param {string} [of.label]
   */
  constructor({ scale, low, high, from, to, label }) {
    this.scale = scale;
    Object.assign(this, { low, high, from, to, label });
    this.place = SCALES[scale].to;
  }

  /**
   * The pixel of a value.
   * @param {number} value
   */
  at(value) {
    return this.pixel(this.place(value));
  }

  /**
   * The value at a pixel.
   * @param {number} pixel
   */
  value(pixel) {
    const part = (pixel - this.from) / (this.to - this.from);
    return SCALES[this.scale].from(this.low + part * (this.high - this.low));
  }

  /**
   * Pixels and texts of round values, about one in so many pixels.
   * @param {number} spacing
   * @returns {Tick[]}
   */
  ticks(spacing) {
    const count = Math.max(2, Math.floor(Math.abs(this.to - this.from) / spacing));
    if (this.scale === "linear") {
      const values = linearTicks(this.low, this.high, count);
      const texts = tickTexts(values);
      return values.map((value, i) => ({ at: this.at(value), text: texts[i] }));
    }
    const decades = decadeTicks(this.low, this.high, count);
    const texts = decadeTexts(this.scale === "log" ? decades : decades.map(Math.abs));
    return decades.map((k, i) => {
      if (this.scale === "log") return { at: this.pixel(k), text: texts[i] };
      const text = k < 0 ? `−${texts[i]}` : k ? texts[i] : "0";
      return { at: this.at(Math.sign(k) * 10 ** Math.abs(k) * Math.abs(Math.sign(k))), text };
    });
  }

  /**
   * The pixel of a position.
   * @param {number} position
   */
  pixel(position) {
    const part = (position - this.low) / (this.high - this.low || 1);
    return this.from + part * (this.to - this.from);
  }
}

const TEXT = 11; // pixels of text in a small window
const LARGE = 15; // and in a large one, from which on it grows as the window does
const SMALL_WINDOW = 1280;
const LARGE_WINDOW = [1920, 1080];

/** How large text is in this window and theme, beside that of a small window. */
export function textScale() {
  const { innerWidth: wide, innerHeight: high } = window;
  const part = (wide - SMALL_WINDOW) / (LARGE_WINDOW[0] - SMALL_WINDOW);
  const grows = 1 + (LARGE / TEXT - 1) * Math.min(Math.max(part, 0), 1);
  return grows * windowScale(wide, high) * palette.letters;
}

/**
 * How much larger a window is than a large one; 1 if it is not.
 * @param {number} wide
 * @param {number} high
 */
export const windowScale = (wide, high) => Math.max(Math.min(wide / LARGE_WINDOW[0], high / LARGE_WINDOW[1]), 1);

/**
 * Pixels for the text as it is in this window, of pixels for small text.
 * @param {number} pixels
 */
export const grown = (pixels) => pixels * textScale();

/**
 * Margins with room for that text.
 * @template {string} Side
 * @param {Record<Side, number>} margin
 */
export const roomFor = (margin) => enlarged(margin, textScale());

/**
 * Margins times a factor.
 * @template {string} Side
 * @param {Record<Side, number>} margin
 * @param {number} factor
 */
export function enlarged(margin, factor) {
  const sides = /** @type {[Side, number][]} */ (Object.entries(margin));
  const larger = sides.map(([side, pixels]) => [side, factor * pixels]);
  return /** @type {Record<Side, number>} */ (Object.fromEntries(larger));
}

/** @typedef {number[] | Float32Array} Series  losses, one after the other */

const DECADES = 14; // of losses that are shown at most

/**
 * An axis for losses: logarithmic above a known minimum, else on both sides of zero.
 * @param {object} of
 * @param {Series[]} of.series  the losses above the base
 * @param {number} of.first   about what a run begins with: what is far above leaves
 * @param {boolean} of.known  whether the base is the minimum
 * @param {number} [of.room]   how far above the first is still shown, as a factor
 * @param {number} [of.spare]  the part of the lowest that may lie below the picture
 * @param {number} of.from    the pixel of its lower end
 * @param {number} of.to      and of its upper end
 * @param {string} [of.label]
 */
export function lossAxis({ series, first, known, room = known ? 1e3 : 10, spare = 0, ...rest }) {
  const scale = known ? "log" : "signed";
  const { to } = SCALES[scale];
  // What begins at the minimum is measured by what it does later.
  const begin = known && !(first > 0) ? median(series) : first;
  // About zero the axis is linear: there a factor alone is no room.
  const most = room * Math.max(Math.abs(begin), known ? 0 : 1);
  let [least, top] = [Infinity, -Infinity];
  /** @type {number[]} */
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
  const tick = (/** @type {number} */ k) => (known ? k : to(Math.sign(k) * 10 ** Math.abs(k)));
  return new Axis({ scale, low: tick(low), high: tick(high), ...rest });
}

/**
 * What an axis of losses leaves out at its ends, in sentences; of whom, if it has a name.
 * @param {Axis} axis
 * @param {Series[]} series
 * @param {string} [name]
 */
export function clipped(axis, series, name = "") {
  /** @param {(place: number) => boolean} test */
  const some = (test) => series.some((values) => values.some((value) => test(axis.place(value))));
  const losses = name ? `${name}: losses` : "Losses";
  const [low, high] = [axis.from, axis.to].map((pixel) => short(axis.value(pixel)));
  const zero = axis.scale === "log" ? ", 0 included," : "";
  const notes = [];
  if (some((place) => place > axis.high + 1e-9)) notes.push(`${losses} above ${high} are clipped.`);
  if (some((place) => place < axis.low - 1e-9)) notes.push(`${losses} below ${low}${zero} are clipped.`);
  return notes;
}

/**
 * The middle one of all that are above zero; one if none is.
 * @param {Series[]} series
 */
function median(series) {
  const above = series.flatMap((values) => [...values].filter((v) => v > 0 && v < Infinity));
  return above.sort((a, b) => a - b)[Math.floor(above.length / 2)] ?? 1;
}
