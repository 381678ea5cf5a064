// The whole view as a file has it: its panels where they stand on the screen, what was raced
// in place of the cards, and the address of all this.

import { short } from "./axis.js";
import { linesOf } from "./notes.js";
import { wordsOf } from "./palette.js";
import { Paper } from "./paper.js";
import { outcomeAt } from "./race.js";

const GAP = 6; // pixels between parts
const PAD = 10;
const ADDRESS = 9; // pixels of its letters
const MONO = "'Source Code Pro', 'DejaVu Sans Mono', monospace";
const SANS = "'Source Sans', sans-serif";

/**
 * A panel of the view: where it stands, and what draws it.
 * @typedef {{place: Place, drawing: Drawing}} Part
 */

/**
 * What stands beside the panels.
 * @typedef {object} Words
 * @property {string} title
 * @property {string} address
 * @property {Race} race
 * @property {boolean} foresees
 * @property {{key: string, values: string}[]} settings  of each entry, in words
 * @property {boolean} beside  whether there is room for it at the right
 */

/**
 * How large the view is, in pixels of the screen.
 * @param {Part[]} parts
 * @param {Words} words
 * @param {number} letters
 * @returns {Pair}
 */
export function sizeOf(parts, words, letters) {
  const [width, height] = extent(parts);
  const [wide, high] = words.beside ? [width + GAP + 19 * letters, height] : [width, height + GAP + legendHeight(words, letters)];
  return [wide, high + addressHeight(words, wide, letters)];
}

/** @param {Part[]} parts */
const extent = (parts) => [
  Math.max(...parts.map(({ place }) => place.left + place.width)),
  Math.max(...parts.map(({ place }) => place.top + place.height)),
];

/** @type {(words: Words, letters: number) => number} */
const legendHeight = ({ race }, letters) => (3 + 4.9 * Math.max(race.runs.length, 1)) * letters;

/** @type {(words: Words, width: number, letters: number) => string[]} */
const addressLines = ({ address }, width, letters) => {
  // Its letters are all equally wide.
  const room = Math.max(Math.floor((width - 2 * PAD) / (0.62 * ADDRESS * (letters / 13))), 20);
  const lines = [];
  for (let from = 0; from < address.length; from += room) lines.push(address.slice(from, from + room));
  return lines;
};

/** @type {(words: Words, width: number, letters: number) => number} */
const addressHeight = (words, width, letters) => (addressLines(words, width, letters).length * ADDRESS * 1.4 * letters) / 13 + GAP;

/**
 * @param {Part[]} parts
 * @param {Words} words
 * @returns {Drawing}
 */
export function composed(parts, words) {
  return async (paper) => {
    const { context, width, height, letters, ratio, palette } = paper;
    const bottom = height - addressHeight(words, width, letters);
    const [wide, high] = extent(parts);
    const across = (words.beside ? width - GAP - 19 * letters : width) / wide;
    const down = (words.beside ? bottom : bottom - GAP - legendHeight(words, letters)) / high;
    /** @type {(value: number) => number} */
    const whole = (value) => Math.round(value * ratio) / ratio;
    /** @type {(Place & {draw: Draw})[]} */
    const drawn = [];
    for (const { place, drawing } of parts) {
      const [left, top] = [whole(place.left * across), whole(place.top * down)];
      const size = { width: whole(place.width * across), height: whole(place.height * down) };
      drawn.push({ left, top, ...size, draw: await drawing(new Paper(context, { ...paper, ...size })) });
    }
    const legend = words.beside
      ? { left: wide * across + GAP, top: 0, width: 19 * letters, height: bottom }
      : { left: 0, top: high * down + GAP, width, height: legendHeight(words, letters) };
    return (step) => {
      context.fillStyle = palette.page;
      context.fillRect(0, 0, width, height);
      for (const { left, top, draw, ...size } of drawn) {
        context.save();
        context.translate(left, top);
        paper.within({ left: 0, top: 0, right: size.width, bottom: size.height }, () => draw(step));
        context.restore();
      }
      drawLegend(paper, legend, words, Math.floor(step));
      context.save();
      context.font = `400 ${(ADDRESS * letters) / 13}px ${MONO}`;
      context.textBaseline = "middle";
      context.fillStyle = palette.muted;
      addressLines(words, width, letters).forEach((line, i) => {
        context.fillText(line, PAD, bottom + GAP + ((i + 0.5) * ADDRESS * 1.4 * letters) / 13, width - 2 * PAD);
      });
      context.restore();
    };
  };
}

/**
 * What was raced: each entry with its loss, how it stands, and its settings.
 * @param {Paper} paper
 * @param {Place} place
 * @param {Words} words
 * @param {number} step
 */
function drawLegend(paper, place, words, step) {
  const { letters } = paper;
  const { top, height } = place;
  const high = entriesIn(paper, place, words, step, letters, false) - top;
  // Many entries with much to say have smaller letters.
  entriesIn(paper, place, words, step, letters * Math.min(height / high, 1), true);
}

/**
 * Draws a legend, or only finds out where it ends.
 * @param {Paper} paper
 * @param {Place} place
 * @param {Words} words
 * @param {number} step
 * @param {number} em  pixels of its letters
 * @param {boolean} draws
 */
function entriesIn(paper, { left, top, width, height }, { title, race, foresees, settings }, step, em, draws) {
  const { context, palette } = paper;
  context.save();
  context.fillStyle = palette.panel;
  if (draws) context.fillRect(left, top, width, height);
  context.textBaseline = "middle";
  const [from, to] = [left + PAD, left + width - PAD];
  /** @type {(text: string, x: number, y: number, colour: string, size: number, weight?: number, align?: CanvasTextAlign) => void} */
  const write = (text, x, y, colour, size, weight = 400, align = "left") => {
    context.font = `${weight} ${size * em}px ${SANS}`;
    context.textAlign = align;
    context.fillStyle = colour;
    if (draws) context.fillText(text, x, y, align === "left" ? to - x : undefined);
  };
  const first = top + 1.3 * em;
  const counted = `step ${step} of ${race.steps}`;
  context.font = `400 ${0.92 * em}px ${SANS}`;
  const room = to - from - context.measureText(counted).width - em;
  context.font = `600 ${1.08 * em}px ${SANS}`;
  context.textAlign = "left";
  context.fillStyle = palette.ink;
  if (draws) context.fillText(title, from, first, room);
  write(counted, to, first, palette.muted, 0.92, 400, "right");
  let y = top + 3.2 * em;
  for (const run of race.runs) {
    const { label, mark, colour } = run.look;
    const loss = `loss ${short(race.base + run.excess[step])}`;
    if (draws) paper.mark(mark, from + 0.5 * em, y, 0.42 * em, colour, 0);
    write(loss, to, y, palette.ink, 0.92, 400, "right");
    context.font = `600 ${em}px ${SANS}`;
    context.textAlign = "left";
    context.fillStyle = wordsOf(colour, palette);
    const end = to - from - 1.4 * em - 6.5 * em;
    if (draws) context.fillText(label, from + 1.4 * em, y, Math.max(end, 20));
    y += 1.3 * em;
    context.font = `400 ${0.92 * em}px ${SANS}`;
    const said = outcomeAt(run, race.steps, step, foresees);
    for (const line of linesOf(said, to - from, (text) => context.measureText(text).width)) {
      write(line, from, y, palette.muted, 0.92);
      y += 1.15 * em;
    }
    const values = settings.find(({ key }) => key === run.key)?.values;
    if (values) {
      context.font = `400 ${0.92 * em}px ${SANS}`;
      for (const line of linesOf(values, to - from, (text) => context.measureText(text).width)) {
        write(line, from, y, palette.ink, 0.92);
        y += 1.15 * em;
      }
    }
    y += 0.75 * em;
  }
  context.restore();
  return y - 0.75 * em;
}
