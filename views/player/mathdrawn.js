// Formulas on a paper: the part of MathML that the lines of rules have, laid out in boxes.

const SMALL = 0.72; // of an index, an exponent and a fraction in a fraction
const AXIS = 0.27; // how high a fraction's line is, in sizes of the letters
const UP = 0.78; // how high letters are
const DOWN = 0.24; // and how low
const THIN = 0.06;
const SIGNS = "+−=←≤≥<>→⋅·∓±";

/**
 * What is laid out: a width, how far it goes up and down from its line, and what draws it.
 * @typedef {{width: number, up: number, down: number, draw: (x: number, y: number) => void}} Box
 */

/**
 * How formulas are written.
 * @typedef {object} Ink
 * @property {DrawingContext} context
 * @property {(css: string) => string} colour  of a colour as the page's style has it
 */

/**
 * A formula as a box.
 * @param {Ink} ink
 * @param {string} mathml
 * @param {number} size  of its letters
 * @param {string} colour
 */
export const formula = (ink, mathml, size, colour) => row(terms(ink, mathml, size, colour));

/**
 * A formula as a box for each of its terms, with the sign before it.
 * @param {Ink} ink
 * @param {string} mathml
 * @param {number} size  of its letters
 * @param {string} colour
 */
export function terms(ink, mathml, size, colour) {
  let node = new DOMParser().parseFromString(mathml.replace(/^(?!<math)/, "<math>"), "text/html").body.firstElementChild;
  while (node?.childElementCount === 1 && !node.hasAttribute("style") && ["math", "mrow"].includes(node.children[0].localName)) node = node.children[0];
  if (!node || node.hasAttribute("style")) return node ? [laid(ink, node, size, colour)] : [];
  /** @type {Box[][]} */
  const found = [[]];
  let depth = 0;
  for (const child of node.localName === "math" || node.localName === "mrow" ? node.children : [node]) {
    const text = child.localName === "mo" ? child.textContent ?? "" : "";
    depth += Number(text === "(") - Number(text === ")");
    if (depth === 0 && /^[+−]$/.test(text) && found[found.length - 1].length) found.push([]);
    found[found.length - 1].push(laid(ink, child, size, colour));
  }
  return found.map((boxes) => row(boxes));
}

/**
 * Boxes side by side.
 * @param {Box[]} boxes
 * @param {number} [gap]
 * @returns {Box}
 */
export function row(boxes, gap = 0) {
  return {
    width: boxes.reduce((sum, { width }) => sum + width, gap * Math.max(boxes.length - 1, 0)),
    up: Math.max(0, ...boxes.map(({ up }) => up)),
    down: Math.max(0, ...boxes.map(({ down }) => down)),
    draw: (x, y) => {
      let at = x;
      for (const one of boxes) {
        one.draw(at, y);
        at += one.width + gap;
      }
    },
  };
}

/**
 * A text as a box.
 * @param {DrawingContext} context
 * @param {string} text
 * @param {string} font
 * @param {number} size
 * @param {string} colour
 * @param {number} [space]  on both sides
 * @returns {Box}
 */
export function letters(context, text, font, size, colour, space = 0) {
  context.font = font;
  const width = context.measureText(text).width + 2 * space;
  const draw = (/** @type {number} */ x, /** @type {number} */ y) => {
    context.font = font;
    context.fillStyle = colour;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    context.fillText(text, x + space, y);
  };
  return { width, up: UP * size, down: DOWN * size, draw };
}

/**
 * @param {Ink} ink
 * @param {Element} node
 * @param {number} size
 * @param {string} outer  the colour around
 * @returns {Box}
 */
function laid(ink, node, size, outer) {
  const { context } = ink;
  const own = /color:\s*([^;]+)/.exec(node.getAttribute("style") ?? "")?.[1];
  const colour = own ? ink.colour(own) : outer;
  const children = [...node.children];
  /** @type {(i: number, part?: number) => Box} */
  const child = (i, part = 1) => laid(ink, children[i], size * part, colour);
  switch (node.localName) {
    case "mi":
    case "mn":
    case "mo":
    case "mtext":
      return token(ink, node, size, colour);
    case "mfrac":
      return fraction(context, child(0), child(1), size, colour);
    case "msqrt":
      return root(context, row(children.map((_, i) => child(i))), size, colour);
    case "msup":
      return scripts(child(0), child(1, SMALL), null, size);
    case "msub":
      return scripts(child(0), null, child(1, SMALL), size);
    case "msubsup":
      return scripts(child(0), child(2, SMALL), child(1, SMALL), size);
    case "mover":
      return accent(context, child(0), children[1].textContent ?? "", size, colour);
    case "mtable":
      return table(children.map((line) => [...line.children].map((cell) => laid(ink, cell, size, colour))), size);
    default:
      return row(children.map((_, i) => child(i)));
  }
}

/**
 * @param {Ink} ink
 * @param {Element} node
 * @param {number} size
 * @param {string} colour
 */
function token({ context }, node, size, colour) {
  const text = (node.textContent ?? "").replaceAll(" ", " ");
  const slant = node.localName === "mi" && text.length === 1 && !/[∇∞]/.test(text) ? "italic " : "";
  const before = node.previousElementSibling;
  const after = before !== null && (before.localName !== "mo" || /^[)|∣]$/.test(before.textContent ?? ""));
  const binary = node.localName === "mo" && SIGNS.includes(text) && after;
  const named = node.localName === "mi" && text.length > 1; // sin, or a name
  const space = binary ? 0.22 * size : named ? 0.14 * size : slant ? 0.03 * size : 0;
  const around = [before, node.nextElementSibling].some((one) => one?.localName === "mtable");
  if (around && /^[()]$/.test(text)) return brace(context, text, size, colour);
  return letters(context, text === "," ? ", " : text, `${slant}400 ${size}px 'Source Sans', sans-serif`, size, colour, space);
}

/**
 * A parenthesis around two rows.
 * @param {DrawingContext} context
 * @param {string} text
 * @param {number} size
 * @param {string} colour
 * @returns {Box}
 */
function brace(context, text, size, colour) {
  const [wide, high, bend] = [0.4 * size, 1.2 * size, text === "(" ? 1 : -1];
  return {
    width: wide,
    up: high + AXIS * size,
    down: high - AXIS * size,
    draw: (x, y) => {
      const [middle, side] = [y - AXIS * size, x + wide / 2 + 0.12 * size * bend];
      const points = [-1, -0.75, -0.4, 0, 0.4, 0.75, 1].map((part) => /** @type {Pair} */ ([side - 0.24 * size * bend * (1 - part * part), middle + part * high]));
      lines(context, points, THIN * size, colour);
    },
  };
}

/**
 * @param {Box} base
 * @param {?Box} above
 * @param {?Box} below
 * @param {number} size
 * @returns {Box}
 */
function scripts(base, above, below, size) {
  const up = Math.max(base.up - 0.36 * size, 0.36 * size);
  const down = Math.max(base.down - 0.1 * size, 0.16 * size);
  return {
    width: base.width + Math.max(above?.width ?? 0, below?.width ?? 0) + THIN * size,
    up: Math.max(base.up, above ? up + above.up : 0),
    down: Math.max(base.down, below ? down + below.down : 0),
    draw: (x, y) => {
      base.draw(x, y);
      above?.draw(x + base.width, y - up);
      below?.draw(x + base.width, y + down);
    },
  };
}

/**
 * @param {DrawingContext} context
 * @param {Box} above
 * @param {Box} below
 * @param {number} size
 * @param {string} colour
 * @returns {Box}
 */
function fraction(context, above, below, size, colour) {
  const [gap, side] = [0.12 * size, 0.12 * size];
  const width = Math.max(above.width, below.width) + 2 * side;
  return {
    width: width + side,
    up: AXIS * size + gap + above.up + above.down,
    down: Math.max(below.up + below.down + gap - AXIS * size, 0),
    draw: (x, y) => {
      const line = y - AXIS * size;
      context.fillStyle = colour;
      context.fillRect(x + side / 2, line - (THIN * size) / 2, width, THIN * size);
      above.draw(x + side / 2 + (width - above.width) / 2, line - gap - above.down);
      below.draw(x + side / 2 + (width - below.width) / 2, line + gap + below.up);
    },
  };
}

/**
 * @param {DrawingContext} context
 * @param {Box} inner
 * @param {number} size
 * @param {string} colour
 * @returns {Box}
 */
function root(context, inner, size, colour) {
  const sign = 0.6 * size;
  const up = inner.up + 0.16 * size;
  return {
    width: sign + inner.width + 0.12 * size,
    up: up + THIN * size,
    down: inner.down,
    draw: (x, y) => {
      const [top, bottom] = [y - up, y + inner.down * 0.8];
      lines(context, [[x + 0.08 * size, y - 0.28 * size], [x + 0.2 * size, y - 0.36 * size], [x + 0.36 * size, bottom], [x + sign, top], [x + sign + inner.width + 0.06 * size, top]], THIN * size, colour);
      inner.draw(x + sign, y);
    },
  };
}

/**
 * @param {DrawingContext} context
 * @param {Box} base
 * @param {string} sign
 * @param {number} size
 * @param {string} colour
 * @returns {Box}
 */
function accent(context, base, sign, size, colour) {
  return {
    ...base,
    up: base.up + 0.08 * size,
    draw: (x, y) => {
      base.draw(x, y);
      const [middle, top, half] = [x + base.width / 2 + 0.04 * size, y - 0.7 * size, 0.16 * size];
      /** @type {Pair[]} */
      const hat = [[middle - half, top + half * 0.8], [middle, top], [middle + half, top + half * 0.8]];
      /** @type {Pair[]} */
      const bar = [[middle - half, top + half * 0.5], [middle + half, top + half * 0.5]];
      lines(context, sign === "^" || sign === "ˆ" ? hat : bar, THIN * size, colour);
    },
  };
}

/**
 * Rows and columns, around the height of a fraction's line.
 * @param {Box[][]} cells
 * @param {number} size
 * @returns {Box}
 */
function table(cells, size) {
  const gap = 0.7 * size;
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i]?.width ?? 0)));
  const tall = 1.25 * size;
  const half = (tall * cells.length) / 2;
  return {
    width: widths.reduce((sum, width) => sum + width, gap * (widths.length - 1)),
    up: half + AXIS * size,
    down: half - AXIS * size,
    draw: (x, y) => {
      cells.forEach((line, k) => {
        let at = x;
        line.forEach((cell, i) => {
          cell.draw(at + (widths[i] - cell.width) / 2, y - AXIS * size - half + tall * (k + 0.5) + 0.3 * size);
          at += widths[i] + gap;
        });
      });
    },
  };
}

/**
 * @param {DrawingContext} context
 * @param {Pair[]} points
 * @param {number} width
 * @param {string} colour
 */
function lines(context, points, width, colour) {
  context.beginPath();
  points.forEach((point, i) => (i ? context.lineTo(...point) : context.moveTo(...point)));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.stroke();
}
