// A drawing as a file: PNG, or SVG with its letters as letters and its trails as lines.

import { contextOf } from "./context.js";
import { Paper } from "./paper.js";
import { withTexts } from "./png.js";
import { SvgContext } from "./svg.js";

const FONTS = ["400 9px 'Source Sans'", "600 9px 'Source Sans'", "400 9px 'Source Code Pro'"];
const PIXELS = 3; // of what is pixels in a file of lines, to each of the screen

/** @typedef {{title: string, description: string}} About  what stands in a file's metadata */

/**
 * How a drawing is put on paper.
 * @typedef {object} Put
 * @property {number} width  in pixels of the screen
 * @property {number} height
 * @property {number} ratio  pixels of the file to those
 * @property {Palette} palette
 * @property {number} text  how large text on pictures is
 * @property {number} letters  pixels of the page's own letters
 */

/** Has the fonts of pictures: else the first would be drawn in others than the next. */
export const fontsReady = () => Promise.all(FONTS.map((font) => document.fonts.load(font)));

/**
 * How wide texts are, by the browser's own fonts.
 * @returns {(font: string, text: string) => number}
 */
export function measured() {
  const screen = contextOf(document.createElement("canvas"));
  return (font, text) => {
    screen.font = font;
    return screen.measureText(text).width;
  };
}

/**
 * A canvas with a drawing on it, and what draws it at a step.
 * @param {Drawing} drawing
 * @param {Put} put
 * @param {{film?: boolean}} [more]
 */
export async function onCanvas(drawing, put, { film = false } = {}) {
  await fontsReady();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(put.width * put.ratio);
  canvas.height = Math.round(put.height * put.ratio);
  const context = contextOf(canvas, true);
  context.scale(put.ratio, put.ratio);
  const draw = await drawing(new Paper(context, { ...put, file: true, film }));
  return { canvas, context, draw };
}

/**
 * @param {Drawing} drawing
 * @param {number} step
 * @param {Put} put
 * @param {About} about
 */
export async function pngOf(drawing, step, put, about) {
  const { canvas, draw } = await onCanvas(drawing, put);
  draw(step);
  return pngFile(canvas, about);
}

/**
 * A canvas as a PNG file.
 * @param {HTMLCanvasElement} canvas
 * @param {About} about
 */
export async function pngFile(canvas, { title, description }) {
  /** @type {?Blob} */
  const blob = await new Promise((done) => {
    canvas.toBlob(done, "image/png");
  });
  if (!blob) throw new Error("the browser made no picture of a canvas");
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return new Blob(withTexts(bytes, { Title: title, Description: description }), { type: "image/png" });
}

/**
 * @param {Drawing} drawing
 * @param {number} step
 * @param {Put} put
 * @param {About} about
 * @param {{font?: boolean}} [more]  whether the page's font is in the file
 */
export async function svgOf(drawing, step, put, about, { font: inside = true } = {}) {
  await fontsReady();
  const context = new SvgContext(measured());
  const draw = await drawing(new Paper(context, { ...put, ratio: PIXELS, file: true, lines: true }));
  draw(step);
  return new Blob([context.file({ ...put, ...about, style: inside ? await fontInside() : "" })], { type: "image/svg+xml" });
}

const FAMILY = "Source Sans";
/** @type {?Promise<string>} */
let font = null;

/** A style sheet with the page's font inside; empty if it cannot be had: others are there. */
const fontInside = () => (font ??= loadedFont().catch(() => ""));

async function loadedFont() {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  for (const rule of rules) {
    if (!(rule instanceof CSSFontFaceRule)) continue;
    const { style, parentStyleSheet } = rule;
    const [family, slant, source] = ["font-family", "font-style", "src"].map((name) => style.getPropertyValue(name));
    if (family.replaceAll(/["']/g, "") !== FAMILY || slant === "italic") continue;
    const url = /url\("?([^")]+)"?\)/.exec(source)?.[1] ?? "";
    const bytes = await (await fetch(new URL(url, parentStyleSheet?.href ?? document.baseURI))).blob();
    const data = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(String(reader.result).replace(/^data:[^;]*/, "data:font/woff2"));
      reader.readAsDataURL(bytes);
    });
    return `@font-face{font-family:"${FAMILY}";font-weight:200 900;src:url(${data}) format("woff2")}`;
  }
  return "";
}
