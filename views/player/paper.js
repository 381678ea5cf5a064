// What pictures are drawn on: a 2D context of any kind, how large it is, its colours and
// how large its text is. On the screen that is a canvas (canvas.js), in a saved file a
// large one or a context that writes SVG (svg.js).

import { enlarged } from "./axis.js";
import { addMark } from "./marks.js";
import { inkOf, strokeAs, wordsOf } from "./palette.js";

const TEXT = 11; // pixels of text in a small window, for which margins are given
const LETTERS = 13; // and of the page's own letters there

/** @template {DrawingContext} [Context=DrawingContext] */
export class Paper {
  width = 0;
  height = 0;
  text = 1;
  fine = true;
  ratio = 1;
  letters = LETTERS;
  file = false;
  lines = false;
  film = false;

  /**
   * @param {Context} context
   * @param {object} of
   * @param {number} of.width  in pixels
   * @param {number} of.height
   * @param {Palette} of.palette
   * @param {number} [of.text]  how large text is
   * @param {boolean} [of.fine]  whether wide lines are as quick as those of one pixel
   * @param {number} [of.ratio]  how many pixels there are to one of these
   * @param {number} [of.letters]  pixels of the page's own letters
   * @param {boolean} [of.file]  whether it is a file's
   * @param {boolean} [of.lines]  and one of lines, in which each step is a point
   * @param {boolean} [of.film]  or one of a film, which is drawn again and again
   */
  constructor(context, { width, height, palette, text = 1, fine = true, ratio = 1, letters = LETTERS, file = false, lines = false, film = false }) {
    this.context = context;
    this.palette = palette;
    Object.assign(this, { width, height, text, fine, ratio, letters, file, lines, film });
  }

  /**
   * Pixels for the text as it is, of pixels for small text.
   * @param {number} pixels
   */
  grown(pixels) {
    return pixels * this.text;
  }

  /**
   * The font of a picture's text.
   * @param {number} [weight]
   * @param {number} [pixels]
   */
  font(weight = 400, pixels = TEXT) {
    return `${weight} ${this.grown(pixels)}px 'Source Sans', sans-serif`;
  }

  /**
   * Margins with room for the text as it is.
   * @param {Box} margin
   * @returns {Box}
   */
  room(margin) {
    return enlarged(margin, this.text);
  }

  /**
   * The box that margins leave.
   * @param {Box} margin
   * @returns {Box}
   */
  box(margin) {
    const { left, right, top, bottom } = this.room(margin);
    return { left, right: this.width - right, top, bottom: this.height - bottom };
  }

  /**
   * A path that this can stroke and fill.
   * @param {string} [d]  in SVG's letters; else it is empty
   * @returns {Outline}
   */
  path(d = "") {
    return this.context.newPath?.(d) ?? new Path2D(d);
  }

  /**
   * Draws; as pixels in a file of lines, if there are too many lines.
   * @param {boolean} tooMany
   * @param {() => void} draw
   */
  many(tooMany, draw) {
    if (tooMany && this.context.asPixels) this.context.asPixels(this, draw);
    else draw();
  }

  /**
   * Draws inside a box only.
   * @param {Box} box
   * @param {() => void} draw
   */
  within({ left, top, right, bottom }, draw) {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    try {
      draw();
    } finally {
      context.restore();
    }
  }

  /**
   * Strokes a path two pixels wide, or a little more with a larger offset. Browsers draw
   * lines of one pixel ten times faster than wider ones: two of them, side by side.
   * @param {Outline} path
   * @param {string} colour
   * @param {number} offset
   */
  stroke(path, colour, offset) {
    const { line, edge } = inkOf(colour, this.palette);
    if (edge) this.#stroke(path, edge, offset + 1);
    this.#stroke(path, line, offset);
  }

  /**
   * @param {Outline} path
   * @param {string} colour
   * @param {number} offset
   */
  #stroke(path, colour, offset) {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineJoin = this.fine ? "round" : "miter";
    context.lineWidth = this.fine ? 1 + 2 * offset : 1;
    for (const shift of this.fine ? [0] : [-offset, offset]) {
      context.translate(shift, shift);
      context.stroke(path);
      context.translate(-shift, -shift);
    }
  }

  /**
   * A mark; with an edge that makes it stand out from what is below it.
   * @param {string} mark
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   * @param {string} colour
   * @param {number} [edge]  how wide it is
   */
  mark(mark, x, y, radius, colour, edge = 2) {
    const { context, palette } = this;
    const { line, edge: own } = inkOf(colour, palette);
    context.beginPath();
    addMark(context, mark, x, y, radius);
    context.fillStyle = line;
    context.strokeStyle = own ?? palette.edge;
    context.lineWidth = Math.max(edge, own ? 1.5 : 0);
    if (edge || own) context.stroke();
    context.fill();
  }

  /**
   * Strokes what `shape` adds to the current path, with an edge on both sides.
   * @param {(context: DrawingContext) => void} shape
   * @param {string} colour
   * @param {number} [width]
   * @param {number} [edge]
   */
  outline(shape, colour, width = 2, edge = 5) {
    const { context, palette } = this;
    const { line, edge: own } = inkOf(colour, palette);
    const strokes = [
      { wide: edge, stroked: own ?? palette.edge },
      { wide: width, stroked: line },
    ];
    for (const { wide, stroked } of strokes) {
      context.beginPath();
      shape(context);
      context.lineWidth = wide;
      context.strokeStyle = stroked;
      context.stroke();
    }
  }

  /**
   * A ring around a point: a start, or the best.
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   * @param {number} [radius]
   */
  ring(x, y, colour, radius = 8) {
    this.outline((context) => context.arc(x, y, radius, 0, 2 * Math.PI), colour);
  }

  /**
   * A dashed line from the left, as legends have it.
   * @param {number} x
   * @param {number} y
   * @param {number} length
   * @param {{colour: string, dash?: number[], width?: number, light?: number}} style
   */
  dash(x, y, length, { colour, dash = [], width = 2, light = 1 }) {
    const { context } = this;
    context.save();
    context.globalAlpha = light;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + length, y);
    strokeAs(context, colour, undefined, this.palette);
    context.restore();
  }

  /**
   * Words on a picture, with an edge around each letter.
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {string} colour
   */
  words(text, x, y, colour) {
    const { context, palette } = this;
    context.strokeStyle = palette.edge;
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }

  /**
   * The name of what a panel shows, above its left corner, and more to the right.
   * @param {string} name
   * @param {Look} look
   * @param {Box} box
   * @param {string} [more]
   */
  heading(name, look, { left, top, right }, more = "") {
    const { context, palette } = this;
    const row = top - this.grown(10);
    context.save();
    this.mark(look.mark, left + 6, row, 5, look.colour, 0);
    context.font = this.font(600, 12);
    context.textBaseline = "middle";
    context.fillStyle = wordsOf(look.colour, palette);
    context.fillText(name, left + 16, row, right - left - 16);
    context.font = this.font();
    context.textAlign = "right";
    context.fillStyle = palette.muted;
    context.fillText(more, right, row);
    context.restore();
  }

  /**
   * A sentence in the middle, in place of a picture or in an empty one.
   * @param {string} text
   * @param {Box} [box]
   * @param {string} [colour]
   */
  notice(text, box = { left: 0, right: this.width, top: 0, bottom: this.height }, colour = this.palette.muted) {
    const { context } = this;
    context.save();
    context.font = this.font(400, 12);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = colour;
    context.fillText(text, (box.left + box.right) / 2, (box.top + box.bottom) / 2, box.right - box.left);
    context.restore();
  }

  /**
   * A bar of colours from left to right.
   * @param {string[]} colours
   * @param {number} left
   * @param {number} top
   * @param {number} width
   * @param {number} height
   */
  bar(colours, left, top, width, height) {
    const { context } = this;
    const shade = context.createLinearGradient(left, 0, left + width, 0);
    colours.forEach((colour, k) => shade.addColorStop(k / (colours.length - 1), colour));
    context.fillStyle = shade;
    context.fillRect(left, top, width, height);
  }

  /**
   * A pair of axes with their grid around a box.
   * @param {Box} box
   * @param {AxisTicks} x
   * @param {AxisTicks} y
   * @param {Pair} [spacing]  pixels between two ticks of x and of y
   */
  axes(box, x, y, spacing = [90, 24]) {
    const { context, palette } = this;
    context.save();
    context.font = this.font();
    context.fillStyle = palette.muted;
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.beginPath();
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const { at, text } of y.ticks(this.grown(spacing[1]))) {
      const row = Math.round(at) + 0.5;
      context.moveTo(box.left, row);
      context.lineTo(box.right, row);
      context.fillText(text, box.left - 6, row);
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    const labelled = x.label ? box.right - context.measureText(x.label).width - 14 : Infinity;
    for (const { at, text } of x.ticks(this.grown(spacing[0]))) {
      const column = Math.round(at) + 0.5;
      context.moveTo(column, box.top);
      context.lineTo(column, box.bottom);
      if (column < labelled) context.fillText(text, column, box.bottom + 5);
    }
    context.stroke();
    context.textAlign = "right";
    if (x.label) context.fillText(x.label, box.right, box.bottom + 5);
    if (y.label) {
      context.translate(box.left - this.grown(53), (box.top + box.bottom) / 2);
      context.rotate(-Math.PI / 2);
      context.textAlign = "center";
      context.fillText(y.label, 0, 0);
    }
    context.restore();
  }
}

/**
 * The line at the step that is shown.
 * @param {Paper} paper
 * @param {Box} box
 * @param {number} x
 */
export function drawPlayhead({ context, palette }, { top, bottom }, x) {
  context.save();
  context.globalAlpha = 0.45;
  context.fillStyle = palette.ink;
  context.fillRect(x, top, 1, bottom - top);
  context.restore();
}
