// Trails and heads over a picture. Trails are added to one canvas as they grow (pen.js);
// heads are small elements that only move, which costs far less than a second canvas.

import { contextOf } from "./context.js";
import { Covered } from "./covered.js";
import { headAt } from "./geometry.js";
import { BEGINS, HIGH, leader, placeLabels } from "./labels.js";
import { markPicture } from "./marks.js";
import { edgeStyle, palette, wordStyle } from "./palette.js";
import { COARSE, FINE, Pen, WIDE } from "./pen.js";
import { hide } from "./write.js";

/**
 * A head on the picture, and where it was put last.
 * @typedef {object} Head
 * @property {HTMLElement} element
 * @property {HTMLElement} line  that leads to its label
 * @property {HTMLElement} text
 * @property {number} width  of the label; 0 where it has none
 * @property {string} colour
 * @property {string} mark
 * @property {string} look
 * @property {?number} turned  degrees, of the arrow at the border
 * @property {?number} spot  which place its label has
 * @property {number} rest  for how many more pictures
 * @property {Pair} was  where it was then
 * @property {string} [place]
 * @property {string} [at]
 */

/** Pixels from the top of the charts to below the list of them, in a small window. */
const LIST = 30;
/** And to below the button that shows a chart alone, and how wide that is. */
const BUTTON = { high: 60, wide: 33 };

/** @typedef {{spot: number, left: number, top: number, aside: boolean, rest: number}} LabelPlace */

/** @typedef {{head: Head, x: number, y: number, away?: number}} Placed */

export class Trails {
  /** @type {?Box} */
  area = null; // where labels may stand; null: anywhere on the picture
  /** @type {Box[]} */
  taken = []; // where they may not
  /** @type {Box[]} */
  written = []; // nor there, where the backdrop has words
  /** @type {Box[]} */
  names = []; // where labels stand
  width = 0;
  height = 0;
  unit = 1; // pixels of labels to those in a small window
  #theme = ""; // in whose colours they are drawn
  #covered = new Covered();
  /** @type {Head[]} */
  #heads = [];

  /**
   * @param {HTMLElement} host  the element to lie over
   * @param {(context: CanvasRenderingContext2D) => void} backdrop  draws what lies under
   *   the trails
   */
  constructor(host, backdrop = () => {}) {
    this.host = host;
    this.backdrop = backdrop;
    const canvas = document.createElement("canvas");
    canvas.className = "overlay trails";
    host.append(canvas);
    this.context = contextOf(canvas);
    this.pen = new Pen({ context: this.context, palette }, () => {
      this.context.clearRect(0, 0, this.width, this.height);
      this.backdrop(this.context);
    });
  }

  /**
   * Fits the canvas to its host and to the theme; true if that changed anything.
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    const { canvas } = this.context;
    const wide = Math.round(width * ratio);
    const high = Math.round(height * ratio);
    if (canvas.width === wide && canvas.height === high && this.#theme === palette.name) return false;
    this.#theme = palette.name;
    canvas.width = wide;
    canvas.height = high;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pen.strokes = palette.strokes > 1 ? WIDE : ratio > 1 ? FINE : COARSE;
    this.unit = Number(getComputedStyle(this.host).getPropertyValue("--grown")) || 1;
    // Labels have another size where letters have.
    for (const head of this.#heads) head.width = head.width && head.text.offsetWidth;
    this.width = width;
    this.height = height;
    this.pen.forget();
    return true;
  }

  /**
   * Labels have a chart, but not what the list of charts covers, beside the lines, nor the
   * button below it.
   * @param {Box} area
   * @param {number} right  end of the lines
   */
  besideList(area, right) {
    this.area = area;
    this.taken = [
      { ...area, left: right, bottom: LIST * this.unit },
      { ...area, left: this.width - BUTTON.wide, bottom: BUTTON.high * this.unit },
    ];
  }

  /**
   * Shows every track up to a step, and faintly what is to come.
   * @param {Trail[]} tracks  drawn anew only if it is another array than before
   * @param {number} step  may lie between two iterates
   * @param {boolean} eager  whether trails must reach the step in this very frame
   * @param {?Trail[]} kept  tracks of another race, drawn as wholes below these
   */
  show(tracks, step, eager = true, kept = null) {
    if (this.pen.show(tracks, step, eager, kept)) this.#createHeads(tracks);
    this.#move(tracks, step);
  }

  /**
   * One head for each track, kept while the tracks look the same.
   * @param {Trail[]} tracks
   */
  #createHeads(tracks) {
    const looks = tracks.map(({ colour, mark, label, entry = "" }) => `${colour} ${mark} ${label} ${entry}`);
    if (looks.join() === this.#heads.map(({ look }) => look).join()) return;
    for (const { element } of this.#heads) element.remove();
    this.#heads = tracks.map(({ colour, mark, label, entry = "" }, i) => {
      const element = document.createElement("div");
      element.className = "head";
      element.dataset.entry = entry;
      element.style.color = wordStyle(colour);
      element.style.setProperty("--edge-of", edgeStyle(colour, "var(--edge)"));
      element.innerHTML = `${markPicture(mark, colour)}<i hidden></i><span></span>`;
      const [line, text] = element.querySelectorAll("i, span");
      text.textContent = label ?? "";
      return { element, line, text, width: 0, colour, mark, look: looks[i], turned: null, spot: null, rest: 0, was: [Infinity, 0] };
    });
    this.host.append(...this.#heads.map(({ element }) => element));
    // After all are there: each look at a width lays the page out.
    this.#heads.forEach((head, i) => {
      if (tracks[i].label) head.width = head.text.offsetWidth;
    });
  }

  /**
   * @param {Trail[]} tracks
   * @param {number} step
   */
  #move(tracks, step) {
    /** @type {Placed[]} */
    const placed = [];
    tracks.forEach((one, i) => {
      const head = this.#heads[i];
      const at = one.dashed ? null : headAt(one, step);
      hide(head.element, !at);
      if (at) placed.push({ head, ...at });
    });
    const area = this.area ?? { left: 0, top: 0, right: this.width, bottom: this.height };
    const named = placed.filter(({ head }) => head.width);
    // Labels are placed as in a window where letters have their first size.
    const unit = this.unit;
    this.#covered.enter(tracks, step, this.width, this.height, unit);
    /** @param {Box} box */
    const small = ({ left, top, right, bottom }) => ({ left: left / unit, top: top / unit, right: right / unit, bottom: bottom / unit });
    const places = /** @type {LabelPlace[]} */ (placeLabels(
      named.map(({ head: { width, spot, rest, was }, x, y }) => ({
        ...{ x: x / unit, y: y / unit, width: width / unit, spot, rest },
        moved: Math.hypot(x - was[0], y - was[1]) / unit,
      })),
      small(area),
      [...this.taken, ...this.written].map(small),
      (box) => this.#covered.share(box),
    ));
    this.names = named.map((one, i) => {
      const [left, top] = [places[i].left * unit, places[i].top * unit];
      this.#label(one, { ...places[i], left, top });
      return { left, top, right: left + one.head.width, bottom: top + HIGH * unit };
    });
    for (const { head, x, y, away } of placed) {
      // Whole pixels: a layer between them is blended, which costs more than it shows.
      const place = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      if (head.place !== place) head.element.style.transform = head.place = place;
      const turned = away === undefined ? null : Math.round((away * 180) / Math.PI) + 90;
      if (head.turned === turned) continue;
      head.turned = turned;
      head.element.children[0].outerHTML = markPicture(turned === null ? head.mark : "triangle", head.colour);
      head.element.querySelector("svg").style.transform = turned === null ? "" : `rotate(${turned}deg)`;
    }
  }

  /**
   * Puts a label in its place; a line leads there if that is not beside the head.
   * @param {Placed} placed
   * @param {LabelPlace} place
   */
  #label({ head, x, y }, place) {
    [head.spot, head.rest, head.was] = [place.spot, place.rest, [x, y]];
    const at = `translate(${Math.round(place.left - x)}px, ${Math.round(place.top - y)}px)`;
    if (head.at === at) return;
    head.text.style.transform = head.at = at;
    hide(head.line, !place.aside);
    if (!place.aside) return;
    const { unit } = this;
    const scaled = { x: x / unit, y: y / unit, width: head.width / unit };
    const { length, turned } = leader(scaled, { ...place, left: place.left / unit, top: place.top / unit });
    head.line.style.width = `${Math.max(length * unit, 0)}px`;
    head.line.style.transform = `rotate(${turned}rad) translateX(${BEGINS * unit}px)`;
  }
}
