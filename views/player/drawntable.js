// The table of a run as a file has it: the rows around the step that is shown, with all of
// their columns. Where these are many, numbers have fewer digits and smaller letters.

import { digits } from "./digits.js";
import { blank } from "./layer.js";
import { wordsOf } from "./palette.js";

const LARGEST = 12; // pixels of letters
const SMALL = 7; // before numbers lose digits
const SMALLEST = 2;
const COUNTS = [9, 6, 4]; // significant digits
const MARGIN = 12;
const HIGH = 1.5; // of its letters: the height of a row
const GAP = 1.2; // and the room between two columns
const BEFORE = 1 / 3; // of the rows come before the step that is shown

/** @typedef {import("./runtable.js").Column} Column */

/**
 * The table of a run: a row for each iterate.
 * @typedef {{name: string, look: Look, columns: Column[], rows: number}} Table
 */

/**
 * How large letters are, how many digits numbers have, and where each column ends.
 * @typedef {{size: number, count: number, ends: number[]}} Fit
 */

/**
 * How all columns fit on a paper, whichever rows are shown.
 * @param {import("./paper.js").Paper} paper
 * @param {Table} table
 * @returns {Fit}
 */
export function fitOf(paper, table) {
  let fit = fitWith(paper, table, COUNTS[0]);
  for (const count of COUNTS.slice(1)) {
    if (fit.size >= SMALL * paper.text) break;
    fit = fitWith(paper, table, count);
  }
  return fit;
}

/**
 * @param {import("./paper.js").Paper} paper
 * @param {Table} table
 * @param {number} count  digits
 * @returns {Fit}
 */
function fitWith({ context, width, text }, { columns, rows }, count) {
  const largest = LARGEST * text;
  context.font = fontOf(largest);
  /** @type {(words: string) => number} */
  const wide = (words) => context.measureText(words).width / largest;
  const digit = wide("0");
  const widths = [
    Math.max(String(rows).length * digit, wide("step")) + GAP,
    ...columns.map((column) => Math.max(longestOf(column, rows, count) * digit, wide(column.head)) + GAP),
  ];
  const all = widths.reduce((sum, one) => sum + one, -GAP);
  const size = Math.max(Math.min((width - 2 * MARGIN) / all, largest), SMALLEST);
  let end = MARGIN - GAP * size;
  return { size, count, ends: widths.map((one) => (end += one * size)) };
}

/**
 * Characters of the longest number in a column.
 * @param {Column} column
 * @param {number} rows
 * @param {number} count
 */
function longestOf(column, rows, count) {
  let longest = 0;
  for (let row = 0; row < rows; row += 1) longest = Math.max(longest, textOf(column, row, count).length);
  return longest;
}

/** @type {(column: Column, row: number, count: number) => string} */
function textOf({ at }, row, count) {
  const value = at(row);
  return value === null ? "" : digits(value, count);
}

/** @type {(size: number, weight?: number) => string} */
const fontOf = (size, weight = 400) => `${weight} ${size}px 'Source Sans', sans-serif`;

/**
 * @param {import("./paper.js").Paper} paper
 * @param {Table} table
 * @param {Fit} fit
 * @param {number} step  that is shown
 */
export function drawTable(paper, { name, look, columns, rows }, { size, count, ends }, step) {
  const { context, palette, width, height } = paper;
  blank(paper);
  context.save();
  context.textBaseline = "middle";
  /** @type {(text: string, x: number, y: number, colour: string, align?: CanvasTextAlign, font?: string) => void} */
  const write = (text, x, y, colour, align = "right", font = fontOf(size)) => {
    context.font = font;
    context.textAlign = align;
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  const title = LARGEST * paper.text * 1.1;
  write(name, MARGIN, MARGIN + title / 2, wordsOf(look.colour, palette), "left", fontOf(title, 600));
  write(`step ${step} of ${rows - 1}`, width - MARGIN, MARGIN + title / 2, palette.muted, "right", fontOf(title));
  const high = HIGH * size;
  const top = MARGIN + 1.7 * title;
  ["step", ...columns.map(({ head }) => head)].forEach((head, i) => write(head, ends[i], top + high / 2, palette.muted));
  context.fillStyle = palette.line;
  context.fillRect(MARGIN, top + high, width - 2 * MARGIN, 1);
  const shown = Math.max(Math.min(Math.floor((height - MARGIN - top - high) / high), rows), 1);
  const first = Math.max(Math.min(step - Math.floor(shown * BEFORE), rows - shown), 0);
  for (let row = first; row < first + shown; row += 1) {
    const y = top + high * (row - first + 1.5);
    const now = row === step;
    if (now) {
      context.fillStyle = palette.line;
      context.fillRect(MARGIN / 2, y - high / 2, width - MARGIN, high);
    }
    const colour = now ? palette.accent : palette.ink;
    write(String(row), ends[0], y, now ? colour : palette.muted);
    columns.forEach((column, i) => write(textOf(column, row, count), ends[i + 1], y, colour));
  }
  context.restore();
}
