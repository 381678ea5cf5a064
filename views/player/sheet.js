// @ts-nocheck
// A study as a picture in a file: its title, what was computed, its pictures as the page
// draws them, what their marks mean, their numbers, what they do not show, and the text of
// the setup, which is in the file's metadata, too.

import { crossed } from "./cloud.js";
import { addMark } from "./marks.js";
import { Paper } from "./paper.js";
import { emptyText } from "./panel.js";
import { withTexts } from "./png.js";
import { SvgContext } from "./svg.js";

const WIDTH = 1000;
const MARGIN = 24;
const GAP = 12; // between two pictures, and around each part
const RATIO = 1.6; // pixels of a PNG to those here: 1600 wide
const ROW = 18;
const QUERY = "'Source Code Pro', 'DejaVu Sans Mono', monospace";
const FONTS = ["400 9px 'Source Sans'", "600 9px 'Source Sans'", "400 9px 'Source Code Pro'"];

/** What a name in a table or a legend looks like, left of its text: pixels. */
const SAMPLE = 26;

/**
 * A study as a file.
 * @param {"png"|"svg"} form
 * @param {object} study  as study.js reads it
 * @param {object} moment  what the pictures show besides (studies.js)
 * @param {Function[]} pictures  classes of pictures (panel.js)
 * @param {object} palette
 * @returns {Promise<Blob>}
 */
export async function fileOf(form, study, moment, pictures, palette) {
  // Else the first picture would be drawn in other fonts than the next.
  await Promise.all(FONTS.map((font) => document.fonts.load(font)));
  const canvas = document.createElement("canvas");
  const screen = canvas.getContext("2d", { willReadFrequently: true });
  const measure = (font, text) => {
    screen.font = font;
    return screen.measureText(text).width;
  };
  const context = form === "svg" ? new SvgContext(measure) : screen;
  if (form === "svg") context.asPixels = (paper, draw) => asPixels(context, paper, draw);
  const sheet = new Sheet(context, measure, palette);
  sheet.fill(study, moment, pictures);
  const height = Math.ceil(sheet.bottom + MARGIN);
  const about = { title: study.title, description: study.query };
  if (form === "svg") {
    sheet.draw(height);
    const text = context.file({ width: WIDTH, height, ...about });
    return new Blob([text], { type: "image/svg+xml" });
  }
  canvas.width = Math.round(RATIO * WIDTH);
  canvas.height = Math.round(RATIO * height);
  screen.scale(RATIO, RATIO);
  sheet.draw(height);
  const blob = await new Promise((done) => {
    canvas.toBlob(done, "image/png");
  });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return new Blob(withTexts(bytes, { Title: about.title, Description: about.description }), { type: "image/png" });
}

/** Draws on a canvas of its own, whose pixels then are part of a file of lines. */
function asPixels(context, paper, draw) {
  const { width, height } = paper;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(RATIO * width);
  canvas.height = Math.round(RATIO * height);
  paper.context = canvas.getContext("2d", { willReadFrequently: true });
  paper.context.scale(RATIO, RATIO);
  try {
    draw();
  } finally {
    paper.context = context;
  }
  context.drawImage(canvas, 0, 0, width, height);
}

/** A page that grows from the top: first all is placed, then drawn. */
class Sheet {
  bottom = GAP;
  #parts = [];

  constructor(context, measure, palette) {
    this.measure = measure;
    this.palette = palette;
    this.context = context;
    this.paper = new Paper(context, { width: WIDTH, height: 0, palette });
  }

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
    for (const line of wrapped(`?${study.query}`, "&", this.#room(9, QUERY))) this.#line(line, font);
  }

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

  /** Whether a text of some size fits into a line. */
  #room(size, family = "'Source Sans', sans-serif") {
    return (text) => this.measure(`400 ${size}px ${family}`, text) <= WIDTH - 2 * MARGIN;
  }

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

  /** The pictures, beside each other as far as there is room. */
  #pictures(study, moment, pictures) {
    const { context, palette } = this;
    let [left, top] = [MARGIN, this.bottom];
    return pictures.map((Picture) => {
      const [width, height] = Picture.size(study, WIDTH - MARGIN - left, moment);
      const at = [left, top];
      const paper = new Paper(context, { width, height, palette, text: 1.09 });
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

  /** What marks and colours mean, in as few rows as they take. */
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

  /** A table, its first column the names of entries. */
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
          context.fillStyle = k ? (i ? palette.ink : look.colour) : palette.muted;
          context.fillText(text, i ? right - 30 : MARGIN + SAMPLE, y);
        });
      });
    });
    this.bottom += ROW;
  }
}

/** A text in lines that fit, broken after a sign where that is possible. */
function wrapped(text, sign, fits) {
  const lines = [""];
  for (const part of text.split(new RegExp(`(?<=${sign})`))) {
    if (lines.at(-1) && !fits(lines.at(-1) + part)) lines.push("");
    for (const letter of part) {
      if (!fits(lines.at(-1) + letter)) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  return lines;
}
