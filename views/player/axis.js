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
