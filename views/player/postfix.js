// A model that a reader has typed (views/postfix.py), as the player draws its curve.

/** Number, or the name of a value, an operator or a function: in the order of computing. */
/** @typedef {(number | string)[]} Postfix */

/** @type {Record<string, (...values: number[]) => number>} */
const FUNCTIONS = {
  neg: (a) => -a,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  pow: (a, b) => a ** b,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  mod: (a, b) => a - b * Math.floor(a / b),
  where: (chosen, a, b) => (chosen ? a : b),
  "<": (a, b) => Number(a < b),
  ">": (a, b) => Number(a > b),
  "<=": (a, b) => Number(a <= b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  and: (a, b) => Number(a && b),
  or: (a, b) => Number(a || b),
  not: (a) => Number(!a),
  sinc: (a) => (a === 0 ? 1 : Math.sin(a) / a),
  nonzero: (a) => (a === 0 ? 1 : a),
  ...Object.fromEntries(
    ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log2", "log10"]
      .concat(["sqrt", "cbrt", "abs", "sign", "floor", "ceil", "min", "max", "atan2", "hypot", "asinh", "acosh", "atanh"])
      .map((name) => [name, Reflect.get(Math, name)]),
  ),
};

/** The functions that are known here. */
export const KNOWN = Object.keys(FUNCTIONS);

/**
 * The function of two weights and an input that a list of steps is.
 * @param {Postfix} steps  a call is its name with how many values it takes, as in "max~2"
 * @returns {(a: number, b: number, x: number) => number}
 */
export const computed = (steps) => (a, b, x) => valueOf(steps, { a, b, x });

/**
 * The value of a list of steps.
 * @param {Postfix} steps
 * @param {Record<string, number>} values  of what it names
 */
export function valueOf(steps, values) {
  /** @type {number[]} */
  const stack = [];
  for (const step of steps) {
    if (typeof step === "number") stack.push(step);
    else if (step in values) stack.push(values[step]);
    else {
      const cut = step.lastIndexOf("~");
      const taken = stack.splice(stack.length - Number(step.slice(cut + 1)));
      stack.push(FUNCTIONS[step.slice(0, cut)](...taken));
    }
  }
  return stack[0];
}
