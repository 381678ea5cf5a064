// A canvas that fills its host, at the screen's own resolution.

import { textScale } from "./axis.js";
import { contextOf } from "./context.js";
import { palette, wordStyle } from "./palette.js";
import { Paper } from "./paper.js";
import { SIDEWAYS } from "./touch.js";

/** @extends {Paper<CanvasRenderingContext2D>} */
export class Canvas extends Paper {
  #theme = ""; // in whose colours it is drawn

  /**
   * @param {HTMLElement} host
   * @param {?Element} [before]  which child of the host it lies under; null: on top
   * @param {boolean} [opaque]  whether it has the colour of panels where nothing is drawn
   */
  constructor(host, before = null, opaque = false) {
    const canvas = document.createElement("canvas");
    canvas.className = "overlay";
    host.insertBefore(canvas, before);
    describe(canvas, null);
    super(contextOf(canvas, opaque), { width: 0, height: 0, palette });
    this.host = host;
    this.opaque = opaque;
    this.ratio = 0; // as long as it has no size
  }

  /** Fits it to its host and to the theme; true if that changed anything. */
  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    const ratio = window.devicePixelRatio || 1;
    const same = this.width === width && this.height === height && this.ratio === ratio;
    if (same && this.#theme === palette.name) return false;
    this.#theme = palette.name;
    Object.assign(this, { width, height, ratio, fine: ratio > 1, text: textScale() });
    this.context.canvas.width = Math.round(width * ratio);
    this.context.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return true;
  }

  clear() {
    if (!this.opaque) {
      this.context.clearRect(0, 0, this.width, this.height);
      return;
    }
    this.context.fillStyle = palette.panel;
    this.context.fillRect(0, 0, this.width, this.height);
  }

  /**
   * Says what it shows, for those who do not see it.
   * @param {?string} words
   */
  describe(words) {
    describe(this.context.canvas, words);
  }
}

/**
 * Gives a canvas a text in place of its picture; none where it shows nothing.
 * @param {HTMLCanvasElement} canvas
 * @param {?string} words
 */
export function describe(canvas, words) {
  if (words && canvas.ariaLabel === words) return;
  const role = words ? "img" : null;
  if (canvas.role !== role) canvas.role = role;
  canvas.ariaLabel = words;
  canvas.ariaHidden = words ? null : "true";
}

/**
 * A small picture of its own, one pixel a cell, to be drawn at any size.
 * @param {ImageData} image
 */
export function cellPicture(image) {
  const context = contextOf(document.createElement("canvas"));
  context.canvas.width = image.width;
  context.canvas.height = image.height;
  context.putImageData(image, 0, 0);
  return context.canvas;
}

/**
 * Draws a small picture whose outermost cells have their middles on the border: there
 * lie the first and the last of the values that it was computed for.
 * @param {DrawingContext} context
 * @param {HTMLCanvasElement} picture
 * @param {Place} place
 */
export function drawCells(context, picture, { left, top, width, height }) {
  const half = [width / (picture.width - 1) / 2, height / (picture.height - 1) / 2];
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, left - half[0], top - half[1], width + 2 * half[0], height + 2 * half[1]);
}

/**
 * Which of so many cells lies at a part of the way between the borders.
 * @param {number} part
 * @param {number} size
 */
export function cellAt(part, size) {
  return Math.min(Math.max(Math.round(part * (size - 1)), 0), size - 1);
}

/**
 * Red, green and blue of a colour such as #12ab90.
 * @param {string} colour
 * @returns {Colour}
 */
export function rgb(colour) {
  const [red, green, blue] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return [red, green, blue];
}

/**
 * The colour at a part of the way along a ramp of such colours.
 * @param {Colour[]} ramp
 * @param {number} part
 * @returns {Colour}
 */
export function mixed(ramp, part) {
  const at = Math.min(Math.max(part, 0), 1) * (ramp.length - 1);
  const k = Math.min(Math.floor(at), ramp.length - 2);
  const [red, green, blue] = ramp[k].map((low, i) => Math.round(low + (at - k) * (ramp[k + 1][i] - low)));
  return [red, green, blue];
}

/**
 * Where a pointer is in a host, in pixels.
 * @param {HTMLElement} host
 * @param {MouseEvent} event
 * @returns {Pair}
 */
export function pointerIn(host, event) {
  const box = host.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

const ENDS = /** @type {const} */ (["pointerup", "pointercancel"]);

/** @typedef {(at: Pair, done: boolean) => void} Held  what is called while a press lasts */

/**
 * Follows a press on a host until it is let go.
 * @param {HTMLElement} host
 * @param {(at: Pair) => Held | null | undefined | false} take
 *   is asked where it begins, and gives what is called at each move; or nothing
 */
export function follow(host, take) {
  host.addEventListener("pointerdown", (event) => {
    const onMove = event.button === 0 && take(pointerIn(host, event));
    if (!onMove) return;
    event.preventDefault();
    host.setPointerCapture(event.pointerId);
    // A finger may be about to scroll the page: it has to tap, or to go sideways.
    let waits = event.pointerType === "touch";
    let last = pointerIn(host, event);
    /** @param {PointerEvent} next */
    const move = (next) => {
      if (waits && Math.abs(next.clientX - event.clientX) < SIDEWAYS) return;
      waits = false;
      last = pointerIn(host, next);
      onMove(last, false);
    };
    /** @param {PointerEvent} next */
    const release = (next) => {
      for (const end of ENDS) host.removeEventListener(end, release);
      host.removeEventListener("pointermove", move);
      if (waits && next.type === "pointercancel") return;
      // What is cancelled has no position: it ends where it was.
      const end = next.type === "pointerup" ? pointerIn(host, next) : last;
      if (waits) onMove(end, false);
      onMove(end, true);
    };
    if (!waits) onMove(last, false);
    host.addEventListener("pointermove", move);
    for (const end of ENDS) host.addEventListener(end, release);
  });
}

/** A note beside the pointer; it follows it, and goes with it. */
export class Tip {
  /**
   * @param {HTMLElement} host
   * @param {(at: Pair) => void} read  is called at each move
   */
  constructor(host, read) {
    this.host = host;
    this.element = document.createElement("div");
    this.element.className = "tip";
    this.element.hidden = true;
    host.append(this.element);
    host.addEventListener("pointermove", (event) => read(pointerIn(host, event)));
    host.addEventListener("pointerleave", () => this.hide());
  }

  hide() {
    this.element.hidden = true;
  }

  /**
   * @param {Pair} at
   * @param {TipLine[]} lines
   */
  show([x, y], lines) {
    this.element.replaceChildren(
      ...lines.map(([text, colour], i) => {
        const line = document.createElement(i || lines.length === 1 ? "span" : "b");
        line.textContent = text;
        if (colour) line.style.color = wordStyle(colour);
        return line;
      }),
    );
    this.element.hidden = false;
    const { clientWidth: width, clientHeight: height } = this.host;
    const left = x < width / 2;
    this.element.style.left = left ? `${x + 14}px` : "";
    this.element.style.right = left ? "" : `${width - x + 14}px`;
    const top = Math.min(y + 14, height - this.element.offsetHeight - 4);
    this.element.style.top = `${Math.max(top, 4)}px`;
  }
}
