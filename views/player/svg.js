// A context that writes down what is drawn on it, as SVG: the part of
// CanvasRenderingContext2D that pictures use. Transforms may move, turn and scale alike.

/** @type {Record<string, number>} */
const ASCENT = { top: 0.78, hanging: 0.78, middle: 0.34, alphabetic: 0, bottom: -0.22 };
/** @type {Record<string, string>} */
const ANCHOR = { left: "start", start: "start", center: "middle", right: "end", end: "end" };
/**
 * What `save` keeps.
 * @typedef {object} State
 * @property {string | Shade | CanvasPattern} fillStyle
 * @property {string | Shade | CanvasPattern} strokeStyle
 * @property {number} lineWidth
 * @property {number} globalAlpha
 * @property {string} font
 * @property {CanvasTextAlign} textAlign
 * @property {CanvasTextBaseline} textBaseline
 * @property {CanvasLineJoin} lineJoin
 * @property {boolean} imageSmoothingEnabled
 * @property {number[]} lineDash
 * @property {number} lineDashOffset
 * @property {number[]} matrix
 * @property {number} clips  groups that are open
 */

/** @type {State} */
const STATE = {
  fillStyle: "black",
  strokeStyle: "black",
  lineWidth: 1,
  globalAlpha: 1,
  font: "10px sans-serif",
  textAlign: "start",
  textBaseline: "alphabetic",
  lineJoin: "miter",
  imageSmoothingEnabled: true,
  lineDash: [],
  lineDashOffset: 0,
  matrix: [1, 0, 0, 1, 0, 0],
  clips: 0,
};

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * A text as XML has it; what no XML may hold is left out.
 * @param {string | Shade | CanvasPattern} text  or a colour, as its text
 */
export const escaped = (text) =>
  String(text)
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"]/g, (sign) => ENTITIES[sign]);

/** @param {number} value */
const short = (value) => String(Math.round(100 * value) / 100 || 0);

/** A path in SVG's letters. What is not finite is left out, as on a canvas. */
class SvgPath {
  d = "";

  /** @param {number[]} matrix  which its points go through */
  constructor(matrix = STATE.matrix) {
    this.matrix = matrix;
  }

  /**
   * @param {string} letter
   * @param {number} x
   * @param {number} y
   * @param {string} [before]
   */
  #add(letter, x, y, before = "") {
    const [a, b, c, d, e, f] = this.matrix;
    this.d += `${letter}${before}${short(a * x + c * y + e)} ${short(b * x + d * y + f)}`;
  }

  /** @type {Outline["moveTo"]} */
  moveTo(x, y) {
    if (Number.isFinite(x + y)) this.#add("M", x, y);
  }

  /** @type {Outline["lineTo"]} */
  lineTo(x, y) {
    if (Number.isFinite(x + y)) this.#add(this.d ? "L" : "M", x, y);
  }

  /** @type {Outline["rect"]} */
  rect(x, y, width, height) {
    if (!Number.isFinite(x + y + width + height)) return;
    this.#add("M", x, y);
    for (const [dx, dy] of [[width, 0], [width, height], [0, height]]) this.#add("L", x + dx, y + dy);
    this.d += "Z";
  }

  /** @type {Outline["arc"]} */
  arc(x, y, radius, from, to) {
    if (!Number.isFinite(x + y + radius + from + to)) return;
    /** @type {(angle: number) => Pair} */
    const at = (angle) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    this.lineTo(...at(from));
    const size = short(radius * scaleOf(this.matrix));
    // In halves: an arc from a point to itself is none.
    for (const part of [(from + to) / 2, to]) this.#add("A", ...at(part), `${size} ${size} 0 0 1 `);
  }

  closePath() {
    if (this.d) this.d += "Z";
  }
}

/** @param {number[]} matrix */
const scaleOf = ([a, b]) => Math.hypot(a, b);

export class SvgContext {
  /** @type {string[]} */
  #parts = [];
  /** @type {string[]} */
  #defined = [];
  /** @type {State[]} */
  #saved = [];
  #path = new SvgPath();
  /** @type {?{path: SvgPath, matrix: number[], parts: number}} */
  #filledLast = null; // if it is stroked next, its points are written once
  fillStyle = STATE.fillStyle;
  strokeStyle = STATE.strokeStyle;
  lineWidth = STATE.lineWidth;
  globalAlpha = STATE.globalAlpha;
  font = STATE.font;
  textAlign = STATE.textAlign;
  textBaseline = STATE.textBaseline;
  lineJoin = STATE.lineJoin;
  imageSmoothingEnabled = STATE.imageSmoothingEnabled;
  lineDash = STATE.lineDash;
  lineDashOffset = STATE.lineDashOffset;
  matrix = STATE.matrix;
  clips = STATE.clips;
  /** @type {DrawingContext["asPixels"]} */
  asPixels = undefined; // where there are canvases (sheet.js)

  /** @param {(font: string, text: string) => number} measure  how wide a text is */
  constructor(measure) {
    this.measure = measure;
  }

  save() {
    const { fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline } = this;
    const { lineJoin, imageSmoothingEnabled, lineDash, lineDashOffset, matrix, clips } = this;
    this.#saved.push({
      ...{ fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, textBaseline },
      ...{ lineJoin, imageSmoothingEnabled, lineDash, lineDashOffset, matrix, clips },
    });
    this.clips = 0;
  }

  restore() {
    this.#parts.push("</g>".repeat(this.clips));
    Object.assign(this, this.#saved.pop());
  }

  /** @type {DrawingContext["translate"]} */
  translate(x, y) {
    this.#turned([1, 0, 0, 1, x, y]);
  }

  /** @type {DrawingContext["rotate"]} */
  rotate(angle) {
    this.#turned([Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle), 0, 0]);
  }

  /** @param {number} size  in both directions */
  scale(size) {
    this.#turned([size, 0, 0, size, 0, 0]);
  }

  /** @param {number[]} matrix */
  #turned([a, b, c, d, e, f]) {
    const [A, B, C, D, E, F] = this.matrix;
    this.matrix = [
      ...[A * a + C * b, B * a + D * b, A * c + C * d, B * c + D * d],
      ...[A * e + C * f + E, B * e + D * f + F],
    ];
  }

  /** @type {DrawingContext["setLineDash"]} */
  setLineDash(lengths) {
    this.lineDash = lengths;
  }

  /** @type {NonNullable<DrawingContext["newPath"]>} */
  newPath(d = "") {
    const path = new SvgPath();
    path.d = d;
    return path;
  }

  beginPath() {
    this.#path = new SvgPath(this.matrix);
  }

  /** @type {Outline["moveTo"]} */
  moveTo(x, y) {
    this.#here.moveTo(x, y);
  }

  /** @type {Outline["lineTo"]} */
  lineTo(x, y) {
    this.#here.lineTo(x, y);
  }

  /** @type {Outline["rect"]} */
  rect(x, y, width, height) {
    this.#here.rect(x, y, width, height);
  }

  /** @type {Outline["arc"]} */
  arc(x, y, radius, from, to) {
    this.#here.arc(x, y, radius, from, to);
  }

  closePath() {
    this.#path.closePath();
  }

  /** The current path, which takes points as the transform now is. */
  get #here() {
    this.#path.matrix = this.matrix;
    return this.#path;
  }

  clip() {
    const id = `clip${this.#defined.length}`;
    this.#defined.push(`<clipPath id="${id}"><path d="${this.#path.d}"/></clipPath>`);
    this.#parts.push(`<g clip-path="url(#${id})">`);
    this.clips += 1;
  }

  /** @param {SvgPath} [path] */
  fill(path) {
    this.#draw(path, this.#filled());
    this.#filledLast = path?.d ? { path, matrix: this.matrix, parts: this.#parts.length } : null;
  }

  /** @param {SvgPath} [path] */
  stroke(path) {
    const how = this.#stroked(path ? 1 : scaleOf(this.matrix));
    const { path: filled, matrix, parts } = this.#filledLast ?? {};
    if (path && path === filled && matrix === this.matrix && parts === this.#parts.length) {
      this.#parts[parts - 1] = `${this.#parts[parts - 1].slice(0, -2)}${how.replace(' fill="none"', "")}/>`;
    } else this.#draw(path, how);
  }

  /**
   * @param {SvgPath | undefined} path  the current one where there is none
   * @param {string} how
   */
  #draw(path, how) {
    const { d } = path ?? this.#path;
    if (d) this.#parts.push(`<path d="${d}"${path ? this.#moved() : ""}${how}/>`);
  }

  /** @type {DrawingContext["fillRect"]} */
  fillRect(x, y, width, height) {
    const path = new SvgPath();
    path.rect(x, y, width, height);
    this.fill(path);
  }

  /** @type {DrawingContext["measureText"]} */
  measureText(text) {
    return { width: this.measure(this.font, text) };
  }

  /** @type {DrawingContext["fillText"]} */
  fillText(text, x, y, most) {
    this.#write(text, x, y, this.#filled(), most);
  }

  /** @type {DrawingContext["strokeText"]} */
  strokeText(text, x, y, most) {
    this.#write(text, x, y, this.#stroked(1), most);
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {string} how
   * @param {number} [most]  pixels that it may take
   */
  #write(text, x, y, how, most = Infinity) {
    if (text === "" || !Number.isFinite(x + y)) return;
    const [, weight, size, family] = this.font.match(/^(?:(?:italic|normal) )?(?:(\w+) )?([\d.]+)px (.*)$/) ?? [];
    const slant = this.font.startsWith("italic") ? ' font-style="italic"' : "";
    const width = Math.min(this.measure(this.font, text), most);
    // In another font the letters take the same room.
    const fitted = `textLength="${short(width)}" lengthAdjust="spacingAndGlyphs"`;
    const row = y + ASCENT[this.textBaseline] * Number(size);
    this.#parts.push(
      `<text x="${short(x)}" y="${short(row)}" text-anchor="${ANCHOR[this.textAlign]}" ${fitted} ` +
        `font-family="${escaped(family)}" font-size="${short(Number(size))}" ` +
        `font-weight="${weight ?? 400}"${slant}${this.#moved()}${how}>${escaped(text)}</text>`,
    );
  }

  /** @type {DrawingContext["drawImage"]} */
  drawImage(image, x, y, width, height) {
    const box = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
    const pixels = `preserveAspectRatio="none"${this.imageSmoothingEnabled ? "" : ' style="image-rendering: pixelated"'}`;
    this.#parts.push(`<image ${box} ${pixels}${this.#moved()} href="${image.toDataURL("image/png")}"/>`);
  }

  /** @type {DrawingContext["createLinearGradient"]} */
  createLinearGradient(x1, y1, x2, y2) {
    const id = `shade${this.#defined.length}`;
    const at = this.#defined.push("") - 1;
    const line = `x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}"`;
    let stops = "";
    /** @type {Shade["addColorStop"]} */
    const addColorStop = (part, colour) => {
      stops += `<stop offset="${short(part)}" stop-color="${escaped(colour)}"/>`;
      this.#defined[at] =
        `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" ${line}>${stops}</linearGradient>`;
    };
    return { addColorStop, toString: () => `url(#${id})` };
  }

  #moved() {
    const moved = this.matrix.some((value, i) => value !== STATE.matrix[i]);
    return moved ? ` transform="matrix(${this.matrix.map((v) => Number(v.toFixed(6))).join(" ")})"` : "";
  }

  #filled() {
    const alpha = this.globalAlpha === 1 ? "" : ` fill-opacity="${short(this.globalAlpha)}"`;
    return ` fill="${escaped(this.fillStyle)}"${alpha}`;
  }

  /** @param {number} scale */
  #stroked(scale) {
    const alpha = this.globalAlpha === 1 ? "" : ` stroke-opacity="${short(this.globalAlpha)}"`;
    const dash = this.lineDash.map((length) => short(length * scale)).join(" ");
    const shift = dash && this.lineDashOffset ? ` stroke-dashoffset="${short(this.lineDashOffset * scale)}"` : "";
    return (
      ` fill="none" stroke="${escaped(this.strokeStyle)}" stroke-width="${short(this.lineWidth * scale)}"` +
      `${alpha}${this.lineJoin === "miter" ? "" : ` stroke-linejoin="${this.lineJoin}"`}${dash && ` stroke-dasharray="${dash}"`}${shift}`
    );
  }

  /**
   * The file.
   * @param {object} of
   * @param {number} of.width
   * @param {number} of.height
   * @param {string} of.title
   * @param {string} of.description  both also in its metadata, as the Dublin Core has it
   * @param {string} [of.style]  a style sheet, in which nothing has to be escaped
   */
  file({ width, height, title, description, style = "" }) {
    const size = `width="${short(width)}" height="${short(height)}" viewBox="0 0 ${short(width)} ${short(height)}"`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} stroke-miterlimit="10">`,
      `<title>${escaped(title)}</title>`,
      `<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">`,
      `<rdf:Description rdf:about=""><dc:title>${escaped(title)}</dc:title><dc:description>${escaped(description)}</dc:description></rdf:Description>`,
      `</rdf:RDF></metadata>`,
      style && `<style>${style}</style>`,
      `<defs>${this.#defined.join("")}</defs>`,
      ...this.#parts,
      "</svg>\n",
    ]
      .filter(Boolean)
      .join("\n");
  }
}
