// The notes of maps side by side, as a file has them: whose map it is, its loss, and how its
// run stands. On the screen they are elements (map.js).

import { short } from "./axis.js";
import { inShort } from "./maps.js";
import { wordsOf } from "./palette.js";
import { outcomeAt } from "./race.js";

const TEXT = 12; // pixels in a small window
const LINE = 15;
const MARK = 4.4; // its radius
const INDENT = 16; // pixels of a mark and what is beside it
const SMALL = 13; // pixels of the page's letters in a small window

/**
 * Words in lines that fit.
 * @param {string} text
 * @param {number} room  pixels
 * @param {(text: string) => number} measure
 * @param {number} [first]  pixels of the first line that are taken
 */
export function linesOf(text, room, measure, first = 0) {
  /** @type {string[]} */
  const lines = [];
  let taken = first;
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    const longer = last < 0 ? word : `${lines[last]} ${word}`;
    if (last >= 0 && taken + measure(longer) <= room) lines[last] = longer;
    else {
      if (last >= 0) taken = 0;
      lines.push(word);
    }
  }
  return lines;
}

/**
 * @param {import("./paper.js").Paper} paper
 * @param {Place} place
 * @param {Look & {key: string}} card
 * @param {{race: Race, step: number, foresees: boolean, aside: boolean}} shown
 */
export function drawNote(paper, { left, top, width, height }, card, { race, step, foresees, aside }) {
  const { context, palette } = paper;
  const unit = paper.letters / SMALL;
  const fonts = { bold: `600 ${TEXT * unit}px 'Source Sans', sans-serif`, plain: `400 ${TEXT * unit}px 'Source Sans', sans-serif` };
  const run = race.runs.find(({ key }) => key === card.key);
  const loss = run ? short(race.base + run.excess[step]) : "";
  const text = run ? outcomeAt(run, race.steps, step, foresees) : "";
  const ended = run && text === run.text ? inShort(run) : text;
  const { label, short: brief } = run?.look ?? card;
  context.save();
  /** @type {(font: keyof typeof fonts) => (text: string) => number} */
  const measured = (font) => (words) => {
    context.font = fonts[font];
    return context.measureText(words).width;
  };
  /** @type {(name: string, state: string) => {text: string, font: keyof typeof fonts, indent: number, row: number}[]} */
  const laid = (name, state) => {
    const names = linesOf(name, width, measured("bold"), INDENT * unit).map((words, row) => ({
      ...{ text: words, font: /** @type {const} */ ("bold"), indent: row ? 0 : INDENT * unit, row },
    }));
    const last = names[names.length - 1];
    const end = last.indent + measured("bold")(last.text) + 6 * unit;
    const beside = !aside && end + measured("plain")(loss) <= width;
    const row = last.row + Number(!beside);
    const first = { text: loss, font: /** @type {const} */ ("plain"), indent: beside ? end : 0, row };
    const states = linesOf(state, width, measured("plain")).map((words, i) => ({
      ...{ text: words, font: /** @type {const} */ ("plain"), indent: 0, row: row + 1 + i },
    }));
    return [...names, first, ...states];
  };
  const choices = [laid(label, text), laid(label, ended), laid(brief, ended), laid(brief, ended.split(",")[0])];
  const fits = choices.find((lines) => (lines[lines.length - 1].row + 1) * LINE * unit <= height + 1);
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (const line of fits ?? choices[choices.length - 1]) {
    context.font = fonts[line.font];
    context.fillStyle = line.font === "bold" ? wordsOf(card.colour, palette) : palette.ink;
    context.fillText(line.text, left + line.indent, top + (line.row + 0.5) * LINE * unit, Math.max(width - line.indent, 10));
  }
  paper.mark(card.mark, left + 6 * unit, top + 0.5 * LINE * unit, MARK * unit, card.colour, 0);
  context.restore();
}
