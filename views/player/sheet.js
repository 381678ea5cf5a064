// A study as a picture in a file: its title, what was computed, its pictures as the page
// draws them, what their marks mean, their numbers, what they do not show, and the text of
// the setup, which is in the file's metadata, too.

import { crossed } from "./cloud.js";
import { contextOf } from "./context.js";
import { addMark } from "./marks.js";
import { wordsOf } from "./palette.js";
import { Paper } from "./paper.js";
import { emptyText } from "./panel.js";
import { pdfOf } from "./pdf.js";
import { markOf } from "./readback.js";
import { fontsReady, measured, pngFile } from "./savedfile.js";
import { SvgContext } from "./svg.js";

const WIDTH = 1000;
const MARGIN = 24;
const GAP = 12; // between two pictures, and around each part
const RATIO = 1.6; // pixels of a PNG to those here: 1600 wide
const ROW = 18;
const QUERY = "'Source Code Pro', 'DejaVu Sans Mono', monospace";
/** What a name in a table or a legend looks like, left of its text: pixels. */
const SAMPLE = 26;

/**
 * A study as a file.
 * @param {"png"|"svg"|"pdf"} form
 * @param {Study} study
 * @param {Moment} moment  what the pictures show besides
 * @param {PictureClass[]} pictures
 * @param {Palette} palette
 * @returns {Promise<Blob>}
 */
export async function fileOf(form, study, moment, pictures, palette) {
  await fontsReady();
  const canvas = document.createElement("canvas");
  const screen = contextOf(canvas);
  const measure = measured();
  const lines = form === "png" ? null : new SvgContext(measure);
  if (lines) lines.asPixels = (paper, draw) => asPixels(lines, paper, draw);
  const sheet = new Sheet(lines ?? screen, measure, palette);
  sheet.fill(study, moment, pictures);
  const height = Math.ceil(sheet.bottom + MARGIN);
  const about = { title: study.title, description: markOf(study.page) };
  if (lines) {
    sheet.draw(height);
    const text = lines.file({ width: WIDTH, height, ...about });
    const svg = new Blob([text], { type: "image/svg+xml" });
    return form === "pdf" ? pdfOf(svg) : svg;
  }
  canvas.width = Math.round(RATIO * WIDTH);
  canvas.height = Math.round(RATIO * height);
  screen.scale(RATIO, RATIO);
  sheet.draw(height);
  return pngFile(canvas, about);
}

/**
 * Draws on a canvas of its own, whose pixels then are part of a file of lines.
 * @param {SvgContext} context
 * @param {Paper} paper
 * @param {() => void} draw
 */
function asPixels(context, paper, draw) {
  const { width, height } = paper;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(RATIO * width);
  canvas.height = Math.round(RATIO * height);
  paper.context = contextOf(canvas);
  paper.context.scale(RATIO, RATIO);
  try {
    draw();
  } finally {
    paper.context = context;
  }
  context.drawImage(canvas, 0, 0, width, height);
}

/** @typedef {(font: string, text: string) => number} Measure  how wide a text is */

/** A page that grows from the top: first all is placed, then drawn. */
class Sheet {
  bottom = GAP;
  /** @type {(() => void)[]} */
  #parts = []; // what draws each

  /**
   * @param {DrawingContext} context
   * @param {Measure} measure
   * @param {Palette} palette
   */
  constructor(context, measure, palette) {
    this.measure = measure;
    this.palette = palette;
    this.context = context;
    this.paper = new Paper(context, { width: WIDTH, height: 0, palette });
  }

  /**
   * @param {Study} study
   * @param {Moment} moment
   * @param {PictureClass[]} pictures
   */
  fill(study, moment, pictures) {
    const { ink, muted } = this.palette;
    this.#line(study.title, { colour: ink, size: 19, weight: 600 });
    this.#line(`${study.computed}, on ${study.device}`, { colour: muted, size: 12 });
    this.bottom += GAP;
    const shown = study.runs.length ? this.#pictures(study, moment, pictures) : [];
    if (!shown.length) this.#line(emptyText(study), { colour: ink, size: 15 });
    const unique = new Map(shown.flatMap(({ legend }) => legend).map((item) => [JSON.stringify(item), item]));
    this.#legend([...unique.values()]);
    for (const { table } of shown) if (table) this.#table(table);
    for (const note of new Set(shown.flatMap(({ notes }) => notes))) {
      for (const line of wrapped(note, " ", this.#room(12))) this.#line(line, { colour: muted, size: 12 });
    }
    this.bottom += GAP / 2;
    const font = { colour: muted, size: 9, family: QUERY };
    for (const line of wrapped(`?${study.page}`, "&", this.#room(9, QUERY))) this.#line(line, font);
  }

  /** @param {number} height */
  draw(height) {
    const { context, palette } = this;
    context.fillStyle = palette.page;
    context.fillRect(0, 0, WIDTH, height);
    for (const draw of this.#parts) {
      context.save();
      draw();
      context.restore();
    }
  }

  /**
   * Whether a text of some size fits into a line.
   * @param {number} size
   * @param {string} [family]
   */
  #room(size, family = "'Source Sans', sans-serif") {
    /** @param {string} text */
    return (text) => this.measure(`400 ${size}px ${family}`, text) <= WIDTH - 2 * MARGIN;
  }

  /**
   * @param {string} text
   * @param {{colour: string, size: number, weight?: number, family?: string}} font
   */
  #line(text, { colour, size, weight = 400, family = "'Source Sans', sans-serif" }) {
    this.bottom += 1.3 * size;
    const row = this.bottom;
    this.#parts.push(() => {
      this.context.font = `${weight} ${size}px ${family}`;
      this.context.fillStyle = colour;
      this.context.fillText(text, MARGIN, row, WIDTH - 2 * MARGIN);
    });
    this.bottom += 0.3 * size;
  }

  /**
   * The pictures, beside each other as far as there is room.
   * @param {Study} study
   * @param {Moment} moment
   * @param {PictureClass[]} pictures
   */
  #pictures(study, moment, pictures) {
    const { context, palette } = this;
    let [left, top] = [MARGIN, this.bottom];
    return pictures.map((Picture) => {
      const [width, height] = Picture.size(study, WIDTH - MARGIN - left, moment);
      /** @type {Pair} */
      const at = [left, top];
      const paper = new Paper(context, { width, height, palette, text: 1.09, ratio: RATIO });
      const picture = new Picture(study, moment, paper);
      this.#parts.push(() => {
        context.translate(...at);
        context.fillStyle = palette.panel;
        context.fillRect(0, 0, width, height);
        picture.draw();
      });
      this.bottom = Math.max(this.bottom, top + height + GAP);
      left += width + GAP;
      if (left > 0.7 * WIDTH) [left, top] = [MARGIN, this.bottom];
      return picture;
    });
  }

  /**
   * What marks and colours mean, in as few rows as they take.
   * @param {LegendItem[]} items
   */
  #legend(items) {
    const { context } = this;
    let left = MARGIN;
    this.bottom += ROW / 2;
    for (const item of items) {
      const width = SAMPLE + this.measure(this.paper.font(400, 12), item.text) + 18;
      if (left > MARGIN && left + width > WIDTH - MARGIN + 18) {
        left = MARGIN;
        this.bottom += ROW;
      }
      /** @type {Pair} */
      const at = [left, this.bottom];
      this.#parts.push(() => {
        this.#sample(item, ...at);
        context.font = this.paper.font(400, 12);
        context.textBaseline = "middle";
        context.fillStyle = this.palette.ink;
        context.fillText(item.text, at[0] + SAMPLE, at[1], WIDTH - MARGIN - at[0] - SAMPLE);
      });
      left += width;
    }
    if (items.length) this.bottom += ROW;
  }

  /**
   * What an item of a legend looks like: a `line` (with `dash`, `width`), a `mark`, filled
   * or `hollow`, a `swatch`, or a `crossed` ring; `light` is how opaque.
   * @param {Omit<LegendItem, "text">} item
   * @param {number} x
   * @param {number} y
   */
  #sample({ line, mark, hollow, swatch, crossed: cross, colour, dash, width, size = 5, light = 1 }, x, y) {
    const { context, paper } = this;
    context.globalAlpha = light;
    if (swatch) {
      context.fillStyle = colour;
      context.fillRect(x + 2, y - 6, 16, 12);
    }
    context.globalAlpha = 1;
    if (line) paper.dash(x, y, 20, { colour, dash, width });
    if (cross) paper.outline((path) => crossed(path, x + 10, y, 5), colour, 2);
    if (mark && hollow) paper.outline((path) => addMark(path, mark, x + 10, y, size), colour, 1.6, 3);
    else if (mark) paper.mark(mark, x + 10, y, size, colour, 1.5);
  }

  /**
   * A table, its first column the names of entries.
   * @param {NumberTable} table
   */
  #table({ head, rows }) {
    const { context, palette } = this;
    const font = this.paper.font(400, 12);
    const texts = [head, ...rows.map(([look, ...cells]) => [look.label, ...cells])];
    const widths = head.map((_, i) => Math.max(...texts.map((row) => this.measure(font, row[i]))) + 30);
    texts.forEach((row, k) => {
      const y = (this.bottom += ROW);
      const look = k ? rows[k - 1][0] : null;
      this.#parts.push(() => {
        if (look) this.#sample({ mark: look.mark, colour: look.colour }, MARGIN, y);
        context.font = font;
        context.textBaseline = "middle";
        let right = MARGIN + SAMPLE + widths[0];
        row.forEach((text, i) => {
          if (i) right += widths[i];
          context.textAlign = i ? "right" : "left";
          context.fillStyle = look && !i ? wordsOf(look.colour, palette) : look ? palette.ink : palette.muted;
          context.fillText(text, i ? right - 30 : MARGIN + SAMPLE, y);
        });
      });
    });
    this.bottom += ROW;
  }
}

/**
 * A text in lines that fit, broken after a sign where that is possible.
 * @param {string} text
 * @param {string} sign
 * @param {(text: string) => boolean} fits
 */
function wrapped(text, sign, fits) {
  const lines = [""];
  const last = () => lines[lines.length - 1];
  for (const part of text.split(new RegExp(`(?<=${sign})`))) {
    if (last() && !fits(last() + part)) lines.push("");
    for (const letter of part) {
      if (!fits(last() + letter)) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  return lines;
}
