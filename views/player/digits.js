// Numbers as they are printed where their digits matter.

/**
 * A number with so many significant digits, and none that say nothing.
 * @param {number} value
 * @param {number} [count]
 */
export function digits(value, count = 6) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(count));
  if (size !== 0 && (size < 1e-4 || size >= 10 ** Math.max(count, 6))) {
    const [mantissa, exponent] = value.toExponential(count - 1).split("e");
    return signed(`${Number(mantissa)}e${exponent.replace("+", "")}`);
  }
  return signed(String(rounded));
}

/** @param {string} text */
const signed = (text) => text.replaceAll("-", "−");

/**
 * A vector as texts print it.
 * @param {ArrayLike<number>} values
 * @param {number} [count]
 */
export const vector = (values, count) => `(${Array.from(values, (value) => digits(value, count)).join(", ")})`;
