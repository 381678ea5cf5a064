// Draws trails and heads over a picture: two canvases, one that trails are added to as
// they grow, and one for the heads, which is cleared for every frame.

import { addMark } from "./marks.js";

const SHADE = "rgba(5, 7, 12, 0.85)";
const MARK_EVERY = 70; // pixels of trail between two marks
const DOT_FROM = 9; // pixels between two iterates from which each is shown as a dot

export class Trails {
  #tracks = null;
  #drawn = 0; // steps on the trail canvas
  #since = []; // by track: pixels since its last mark

  /** @param {HTMLElement} host  the element to lie over */
  constructor(host) {
    [this.trail, this.head] = ["trail", "head"].map((name) => {
      const canvas = document.createElement("canvas");
      canvas.className = `overlay ${name}`;
      host.append(canvas);
      return canvas.getContext("2d");
    });
  }

  /** Fits the canvases to their host; true if that changed anything. */
  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    const { canvas } = this.trail;
    const wide = Math.round(width * ratio);
    const high = Math.round(height * ratio);
    if (canvas.width === wide && canvas.height === high) return false;
    for (const context of [this.trail, this.head]) {
      context.canvas.width = wide;
      context.canvas.height = high;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.lineJoin = "round";
      context.lineCap = "round";
    }
    this.width = width;
    this.height = height;
    this.#tracks = null;
    return true;
  }

  /**
   * Shows every track up to a step, the rest of its way faintly.
   * @param {object[]} tracks  {segments, heads, colour, mark, label, ...}; drawn anew
   *   only if it is another array than before
   * @param {number} step  may lie between two iterates
   */
  show(tracks, step) {
    const whole = Math.floor(step);
    if (tracks !== this.#tracks || whole < this.#drawn) {
      this.#tracks = tracks;
      this.#since = tracks.map(() => 0);
      this.#drawn = 0;
      this.trail.clearRect(0, 0, this.width, this.height);
      for (const one of tracks) this.#way(one);
    }
    if (whole > this.#drawn) {
      tracks.forEach((one, i) => this.#grow(one, i, this.#drawn, whole));
      this.#drawn = whole;
    }
    this.#heads(tracks, step);
  }

  #trace(context, segments, from, to) {
    let x = NaN;
    let y = NaN;
    context.beginPath();
    for (let i = 4 * from; i < 4 * to; i += 4) {
      if (Number.isNaN(segments[i])) continue;
      if (segments[i] !== x || segments[i + 1] !== y) {
        context.moveTo(segments[i], segments[i + 1]);
      }
      x = segments[i + 2];
      y = segments[i + 3];
      context.lineTo(x, y);
    }
  }

  /** The whole way, faint: what is to come, and what a drag changes. */
  #way({ segments, colour }) {
    const context = this.trail;
    this.#trace(context, segments, 0, segments.length / 4);
    context.globalAlpha = 0.35;
    context.strokeStyle = colour;
    context.lineWidth = 1.2;
    context.stroke();
    context.globalAlpha = 1;
  }

  #grow({ segments, colour, mark }, index, from, to) {
    const context = this.trail;
    const start = Math.max(0, Math.min(from, segments.length / 4));
    const end = Math.min(to, segments.length / 4);
    this.#trace(context, segments, start, end);
    context.strokeStyle = SHADE;
    context.lineWidth = 4;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.stroke();

    context.beginPath();
    let since = this.#since[index];
    for (let i = 4 * start; i < 4 * end; i += 4) {
      const [x, y] = [segments[i + 2], segments[i + 3]];
      if (Number.isNaN(x)) continue;
      const length = Math.hypot(x - segments[i], y - segments[i + 1]);
      since += length;
      if (since >= MARK_EVERY) {
        addMark(context, mark, x, y, 3.6);
        since = 0;
      } else if (length >= DOT_FROM) {
        addMark(context, "circle", x, y, 2.1);
      }
    }
    this.#since[index] = since;
    context.fillStyle = colour;
    context.fill();
  }

  #heads(tracks, step) {
    const context = this.head;
    context.clearRect(0, 0, this.width, this.height);
    const labels = [];
    for (const one of tracks) {
      const at = headAt(one, step);
      if (!at) continue;
      if (at.tail) {
        context.beginPath();
        context.moveTo(...at.tail);
        context.lineTo(at.x, at.y);
        context.strokeStyle = one.colour;
        context.lineWidth = 2;
        context.stroke();
      }
      context.beginPath();
      if (at.away) {
        context.save();
        context.translate(at.x, at.y);
        context.rotate(at.away + Math.PI / 2);
        addMark(context, "triangle", 0, 0, 6);
        context.restore();
      } else {
        addMark(context, one.mark, at.x, at.y, 6.5);
      }
      context.fillStyle = one.colour;
      context.strokeStyle = SHADE;
      context.lineWidth = 3;
      context.stroke();
      context.fill();
      if (one.label) labels.push({ text: one.label, colour: one.colour, x: at.x, y: at.y });
    }
    this.#labels(labels);
  }

  #labels(labels) {
    const context = this.head;
    context.font = "600 12px 'Source Sans', sans-serif";
    context.textBaseline = "middle";
    for (const label of labels) {
      const width = context.measureText(label.text).width;
      label.left = label.x + 11 + width > this.width ? label.x - 11 - width : label.x + 11;
      label.width = width;
      label.top = label.y;
    }
    // Labels that would lie on each other move apart, downwards.
    labels.sort((a, b) => a.top - b.top);
    labels.forEach((label, i) => {
      for (const other of labels.slice(0, i)) {
        const beside =
          label.left > other.left + other.width + 3 || other.left > label.left + label.width + 3;
        if (!beside && Math.abs(label.top - other.top) < 13) label.top = other.top + 13;
      }
    });
    const below = Math.max(0, ...labels.map((label) => label.top + 7 - this.height));
    for (const label of labels) {
      context.strokeStyle = SHADE;
      context.lineWidth = 3.5;
      context.strokeText(label.text, label.left, label.top - below);
      context.fillStyle = label.colour;
      context.fillText(label.text, label.left, label.top - below);
    }
  }
}

/**
 * Where a track's head is at a step, or where it left the picture.
 * @returns {?{x: number, y: number, tail?: number[], away?: number}}  `tail` is where the
 *   step under way began; `away` the direction it left in, in radians
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
    return { x: x + part * dx, y: y + part * dy, tail: [x, y] };
  }
  for (let i = Math.min(whole, segments.length / 4) - 1; i >= 0; i -= 1) {
    const [x0, y0, x1, y1] = segments.subarray(4 * i, 4 * i + 4);
    if (!Number.isNaN(x1)) return { x: x1, y: y1, away: Math.atan2(y1 - y0, x1 - x0) };
  }
  return null;
}
