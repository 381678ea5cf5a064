// Draws trails and heads over a picture. Trails are added to one canvas as they grow;
// heads are small elements that only move, which costs far less than a second canvas.

import { contextOf } from "./context.js";
import { BEGINS, leader, placeLabels } from "./labels.js";
import { markPicture, traceMark } from "./marks.js";
import { edgeStyle, fillAs, inkOf, palette, wordStyle, wordsOf } from "./palette.js";
import { beginDots, firstDot, thinPath } from "./thin.js";

// A line two pixels wide. Browsers draw lines of one pixel ten times faster than wider
// ones, so where a pixel is a pixel two of them, side by side, make one.
/** @type {{width: number, offsets: Pair[]}} */
const FINE = { width: 2, offsets: [[0, 0]] };
/** @type {{width: number, offsets: Pair[]}} */
const COARSE = {
  width: 1,
  offsets: [
    [-0.35, -0.35],
    [0.35, 0.35],
  ],
};
// And wide ones, for a theme that asks for them: around themselves.
/** @type {{width: number, offsets: Pair[]}} */
const WIDE = {
  width: 2,
  offsets: [
    [-0.8, -0.8],
    [0.8, 0.8],
    [-0.8, 0.8],
    [0.8, -0.8],
  ],
};
/**
 * What lies around a line, as lines of the same kind.
 * @type {Pair[]}
 */
const AROUND = [
  [-1.3, 0],
  [1.3, 0],
  [0, -1.3],
  [0, 1.3],
];
/**
 * A line over that: two pixels without a gap, or the edge would shine through.
 * @type {Pair[]}
 */
const OVER = [
  [-0.5, 0],
  [0.5, 0],
  [0, -0.5],
  [0, 0.5],
];
const COVERED = 4; // pixels of a trail that the edge of its next step may lie on
const MARK_EVERY = 70; // pixels of trail between two marks
const MARK = 3.6; // its radius
const DOT = 2.1;
const DASHES = [2, 3]; // pixels
const DOT_FROM = 9; // pixels between two iterates from which each is shown as a dot

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
 * @property {string} [place]
 * @property {string} [at]
 */

/** @typedef {{spot: number, left: number, top: number, aside: boolean}} LabelPlace */

/** @typedef {{head: Head, x: number, y: number, away?: number}} Placed */

/** Whether what is to come is shown: not while a reader predicts it. */
export const ahead = { shown: true };

export class Trails {
  /** @type {?Box} */
  area = null; // where labels may stand; null: anywhere on the picture
  width = 0;
  height = 0;
  unit = 1; // pixels of labels to those in a small window
  strokes = FINE;
  #theme = ""; // in whose colours they are drawn
  /** @type {?Trail[]} */
  #tracks = null;
  /** @type {?Trail[]} */
  #kept = null;
  #drawn = 0; // steps on the trail canvas
  #ahead = true; // whether what is to come is on it
  /** @type {number[]} */
  #since = []; // by track: pixels since its last mark
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
    this.strokes = palette.strokes > 1 ? WIDE : ratio > 1 ? FINE : COARSE;
    this.unit = Number(getComputedStyle(this.host).getPropertyValue("--grown")) || 1;
    // Labels have another size where letters have.
    for (const head of this.#heads) head.width = head.width && head.text.offsetWidth;
    this.width = width;
    this.height = height;
    this.#tracks = null;
    return true;
  }

  /**
   * Shows every track up to a step, and faintly what is to come.
   * @param {Trail[]} tracks  drawn anew only if it is another array than before
   * @param {number} step  may lie between two iterates
   * @param {boolean} eager  whether trails must reach the step in this very frame
   * @param {?Trail[]} kept  tracks of another race, drawn as wholes below these
   */
  show(tracks, step, eager = true, kept = null) {
    const whole = Math.floor(step);
    if (tracks !== this.#tracks || kept !== this.#kept || whole < this.#drawn || this.#ahead !== ahead.shown) {
      this.#ahead = ahead.shown;
      this.#tracks = tracks;
      this.#kept = kept;
      this.#since = tracks.map(() => 0);
      this.#drawn = 0;
      this.context.clearRect(0, 0, this.width, this.height);
      this.backdrop(this.context);
      if (kept) this.#drawKept(kept);
      for (const one of ahead.shown ? tracks : []) this.#drawRest(one, eager ? whole : 0);
      this.#createHeads(tracks);
    }
    if (eager && whole > this.#drawn) {
      tracks.forEach((one, i) => (one.dashed ? this.#growDashed(one, i, whole) : this.#grow(one, i, this.#drawn, whole)));
      this.#drawn = whole;
    }
    this.#move(tracks, step);
  }

  /**
   * What is to come, faint: a drag changes that, too.
   * @param {Trail} trail
   * @param {number} from
   */
  #drawRest({ segments, colour, dashed }, from) {
    const { context } = this;
    if (dashed) context.setLineDash(DASHES);
    context.globalAlpha = 0.5;
    context.strokeStyle = wordsOf(colour);
    context.lineWidth = palette.strokes;
    context.stroke(thinPath(segments, Math.min(from, segments.length / 4), segments.length / 4));
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  /**
   * Paths of another race: dashed, so that none is taken for one of this race.
   * @param {Trail[]} kept
   */
  #drawKept(kept) {
    const { context } = this;
    context.save();
    context.globalAlpha = 0.75;
    context.lineWidth = 1.2;
    context.setLineDash(DASHES);
    for (const { segments, colour } of kept) {
      context.strokeStyle = wordsOf(colour);
      context.stroke(thinPath(segments, 0, segments.length / 4));
    }
    context.restore();
  }

  /**
   * @param {Trail} trail
   * @param {number} index
   * @param {number} from
   * @param {number} to
   */
  #grow({ segments, heads, colour, mark }, index, from, to) {
    const { context } = this;
    const start = Math.max(0, Math.min(from, segments.length / 4));
    const grown = palette.strokes ** 0.5;
    const end = Math.min(to, segments.length / 4);
    const path = thinPath(segments, start, end);
    const { line, edge } = inkOf(colour);
    const offsets = edge && this.strokes === COARSE ? OVER : this.strokes.offsets;
    if (edge) {
      this.#stroke(path, edge, AROUND);
      // The edge of what is new lies on the end of what was there.
      this.#stroke(thinPath(segments, reaching(segments, start), start), line, offsets);
    }
    this.#stroke(path, line, offsets);

    beginDots(end - start);
    context.beginPath();
    let since = this.#since[index];
    for (let i = 4 * start; i < 4 * end; i += 4) {
      const x = segments[i + 2];
      const y = segments[i + 3];
      if (Number.isNaN(x)) continue;
      // Not Math.hypot: that takes longer, and no square of pixels overflows.
      const length = Math.sqrt((x - segments[i]) ** 2 + (y - segments[i + 1]) ** 2);
      since += length;
      // Where a step is cut by the border there is no iterate to mark.
      const k = i / 2 + 2;
      if (heads[k] !== x || heads[k + 1] !== y) continue;
      if (since >= MARK_EVERY) {
        if (firstDot(x, y, MARK)) traceMark(context, mark, x, y, MARK * grown);
        since = 0;
      } else if (length >= DOT_FROM) {
        if (firstDot(x, y, DOT)) traceMark(context, "circle", x, y, DOT * grown);
      }
    }
    this.#since[index] = since;
    fillAs(context, colour);
  }

  /**
   * The same of a dashed one: where its last dash ended, the next piece goes on.
   * @param {Trail} trail
   * @param {number} index
   * @param {number} to
   */
  #growDashed({ segments, colour }, index, to) {
    const { context } = this;
    const [start, end] = [this.#drawn, to].map((step) => Math.min(step, segments.length / 4));
    context.save();
    context.setLineDash(DASHES);
    context.lineDashOffset = this.#since[index];
    context.strokeStyle = wordsOf(colour);
    context.lineWidth = palette.strokes;
    context.stroke(thinPath(segments, start, end));
    context.restore();
    for (let i = 4 * start; i < 4 * end; i += 4) {
      const length = Math.sqrt((segments[i + 2] - segments[i]) ** 2 + (segments[i + 3] - segments[i + 1]) ** 2);
      this.#since[index] = Number.isNaN(length) ? 0 : this.#since[index] + length; // a gap begins anew
    }
  }

  /**
   * @param {Path2D} path
   * @param {string} colour
   * @param {Pair[]} offsets
   */
  #stroke(path, colour, offsets) {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = this.strokes.width;
    for (const [dx, dy] of offsets) {
      context.translate(dx, dy);
      context.stroke(path);
      context.translate(-dx, -dy);
    }
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
      this.host.append(element);
      const width = label ? text.offsetWidth : 0;
      return { element, line, text, width, colour, mark, look: looks[i], turned: null, spot: null };
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
      head.element.hidden = !at;
      if (at) placed.push({ head, ...at });
    });
    const area = this.area ?? { left: 0, top: 0, right: this.width, bottom: this.height };
    const named = placed.filter(({ head }) => head.width);
    // Labels are placed as in a window where letters have their first size.
    const unit = this.unit;
    /** @param {Box} box */
    const small = ({ left, top, right, bottom }) => ({ left: left / unit, top: top / unit, right: right / unit, bottom: bottom / unit });
    const places = /** @type {LabelPlace[]} */ (placeLabels(
      named.map(({ head: { width, spot }, x, y }) => ({ x: x / unit, y: y / unit, width: width / unit, spot })),
      small(area),
    ));
    named.forEach((one, i) => this.#label(one, { ...places[i], left: places[i].left * unit, top: places[i].top * unit }));
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
    head.spot = place.spot;
    const at = `translate(${Math.round(place.left - x)}px, ${Math.round(place.top - y)}px)`;
    if (head.at === at) return;
    head.text.style.transform = head.at = at;
    head.line.hidden = !place.aside;
    if (!place.aside) return;
    const { unit } = this;
    const scaled = { x: x / unit, y: y / unit, width: head.width / unit };
    const { length, turned } = leader(scaled, { ...place, left: place.left / unit, top: place.top / unit });
    head.line.style.width = `${Math.max(length * unit, 0)}px`;
    head.line.style.transform = `rotate(${turned}rad) translateX(${BEGINS * unit}px)`;
  }
}

/**
 * From which step on a trail is so near its end at another one that an edge there covers it.
 * @param {Float32Array} segments
 * @param {number} step
 */
function reaching(segments, step) {
  let [from, length] = [step, 0];
  while (from > 0 && length < COVERED) {
    const i = 4 * (from - 1);
    const more = Math.hypot(segments[i + 2] - segments[i], segments[i + 3] - segments[i + 1]);
    if (Number.isNaN(more)) break;
    length += more;
    from -= 1;
  }
  return from;
}

/**
 * Where a track's head is at a step, or where it left the picture.
 * @param {Trail} trail
 * @param {number} step
 * @returns {?{x: number, y: number, away?: number}}  `away` is the direction it left
 *   in, in radians
 */
function headAt({ segments, heads, contains }, step) {
  const last = heads.length / 2 - 1;
  const whole = Math.min(Math.floor(step), last);
  const part = whole < last ? step - whole : 0;
  const x = heads[2 * whole];
  const y = heads[2 * whole + 1];
  if (contains(whole)) {
    const i = 4 * whole;
    if (part === 0 || Number.isNaN(segments[i])) return { x, y };
    const dx = segments[i + 2] - segments[i];
    const dy = segments[i + 3] - segments[i + 1];
    return { x: x + part * dx, y: y + part * dy };
  }
  for (let i = 4 * (Math.min(whole, segments.length / 4) - 1); i >= 0; i -= 4) {
    const x1 = segments[i + 2];
    const y1 = segments[i + 3];
    if (Number.isNaN(x1)) continue;
    return { x: x1, y: y1, away: Math.atan2(y1 - segments[i + 1], x1 - segments[i]) };
  }
  return null;
}
