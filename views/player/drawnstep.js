// The inside of a step as a file has it: each quantity with its line in symbols and in
// numbers, as large as there is room for all.

import { blank } from "./layer.js";
import { formula, letters, row, terms } from "./mathdrawn.js";
import { wordsOf } from "./palette.js";

const LARGEST = 15; // pixels of letters
const SMALLEST = 2; // for a fraction that is longer than the panel
const MARGIN = 12;
const BAR = 3; // pixels of width of a quantity's colour

/** @typedef {import("./mathdrawn.js").Box} Box */

/**
 * A quantity: its symbol and lines in MathML, and the colour that the page's style names.
 * @typedef {{symbol: string, line: string, numbers: string, result: string, meaning: string, colour: string}} Part
 */

/**
 * What the panel says of a step.
 * @typedef {{name: string, look: Look, at: string, here: string, parts: Part[]}} Written
 */

/**
 * @param {import("./paper.js").Paper} paper
 * @param {Written} step
 * @param {number} [most]  pixels of letters, at most
 * @returns {number}  and as they are: in a film, letters do not grow again
 */
export function drawStep(paper, step, most = LARGEST * paper.text) {
  blank(paper);
  let size = most;
  let laid = layout(paper, step, size);
  while (size > SMALLEST && (laid.bottom > paper.height - MARGIN || laid.right > paper.width - MARGIN)) {
    size *= 0.95;
    laid = layout(paper, step, size);
  }
  paper.within({ left: 0, top: 0, right: paper.width, bottom: paper.height }, () => {
    for (const draw of laid.all) draw();
  });
  return size;
}

/**
 * All that is drawn with letters of a size, and how far it goes.
 * @param {import("./paper.js").Paper} paper
 * @param {Written} step
 * @param {number} size
 */
function layout(paper, { name, look, at, here, parts }, size) {
  const { context, palette } = paper;
  /** @type {(css: string) => string} */
  const colour = (css) => {
    const [, index, entry] = /--quantity-(\d+)|--words-([0-9a-f]+)/.exec(css) ?? [];
    return index ? palette.quantities[Number(index)] : entry ? wordsOf(`#${entry}`, palette) : css;
  };
  const ink = { context, colour };
  /** @type {(text: string, shade?: string, weight?: number, part?: number) => Box} */
  const words = (text, shade = palette.muted, weight = 400, part = 0.85) =>
    letters(context, text, `${weight} ${size * part}px 'Source Sans', sans-serif`, size * part, shade);
  /** @type {(mathml: string, shade?: string) => Box} */
  const math = (mathml, shade = palette.ink) => formula(ink, mathml, size, shade);
  /** @type {(() => void)[]} */
  const all = [];
  let [bottom, right] = [MARGIN, 0];
  /** @type {(box: Box, left: number) => void} */
  const put = (box, left) => {
    const line = bottom + box.up;
    all.push(() => box.draw(left, line));
    right = Math.max(right, left + box.width);
  };
  const heading = row([words(name, wordsOf(look.colour, palette), 600, 1), words(at)], size);
  put(heading, MARGIN);
  bottom += heading.up + heading.down + 0.5 * size;
  const symbols = parts.map(({ symbol, colour: css }) => math(symbol, colour(css)));
  const indent = MARGIN + BAR + 0.5 * size + Math.max(...symbols.map(({ width }) => width)) + 0.5 * size;
  const equals = () => words("=", palette.muted, 400, 1);
  parts.forEach((part, k) => {
    const top = bottom;
    const shade = colour(part.colour);
    const result = math(part.result, shade);
    const lines = [part.line, part.numbers].filter(Boolean).flatMap((one) => {
      const sign = equals();
      const space = { ...row([]), width: sign.width };
      const room = paper.width - MARGIN - indent - sign.width - 0.35 * size;
      return filled(terms(ink, one, size, palette.ink), room).map((line, i) => row([i ? space : sign, line], 0.35 * size));
    });
    const last = lines[lines.length - 1];
    const value = row([equals(), result], 0.35 * size);
    const note = words(part.meaning);
    // What follows fits behind the numbers, or has a line of its own.
    if (last && indent + last.width + value.width + size < paper.width - MARGIN && part.numbers) {
      lines[lines.length - 1] = row([last, value], 0.35 * size);
    } else lines.push(value);
    const beside = indent + lines[0].width + note.width + 2 * size < paper.width - MARGIN;
    if (!beside) lines.push(note);
    lines.forEach((line, i) => {
      const up = Math.max(line.up, i ? 0 : symbols[k].up);
      const text = bottom + up;
      if (i === 0) {
        all.push(() => symbols[k].draw(MARGIN + BAR + 0.5 * size, text));
        if (beside) all.push(() => note.draw(paper.width - MARGIN - note.width, text));
      }
      all.push(() => line.draw(indent, text));
      right = Math.max(right, indent + line.width);
      bottom = text + Math.max(line.down, i ? 0 : symbols[k].down) + 0.12 * size;
    });
    const end = bottom;
    all.push(() => {
      context.fillStyle = shade;
      context.fillRect(MARGIN, top, BAR, end - top);
    });
    bottom += 0.4 * size;
  });
  for (const line of broken(here, (text) => words(text).width <= paper.width - 2 * MARGIN)) {
    const box = words(line);
    put(box, MARGIN);
    bottom += box.up + box.down;
  }
  return { all, bottom, right };
}

/**
 * Boxes in rows that fit, as far as they can.
 * @param {Box[]} boxes
 * @param {number} room
 */
function filled(boxes, room) {
  /** @type {Box[][]} */
  const rows = [];
  for (const box of boxes) {
    const last = rows[rows.length - 1];
    if (last && row([...last, box]).width <= room) last.push(box);
    else rows.push([box]);
  }
  return rows.map((one) => row(one));
}

/**
 * A text in lines that fit, broken between words.
 * @param {string} text
 * @param {(line: string) => boolean} fits
 */
function broken(text, fits) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
