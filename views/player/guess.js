// Where a reader predicts on the map: a mark for a point, or a line for a path.

import { pixel, pointAt } from "./panels.js";
import { Panel } from "./panel.js";
import { hide } from "./write.js";

const SVG = "http://www.w3.org/2000/svg";
const KEY_STEP = 0.02; // of the map, for an arrow key
/** @type {Record<string, Pair>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class GuessView extends Panel {
  /** @type {?import("./prediction.js").Prediction} */
  #asked = null;
  /** @type {?Frame} */
  #frame = null;
  /** @type {?import("./prediction.js").Guess} */
  #guess = null;
  #drawn = "";

  /**
   * @param {HTMLElement} host  the map
   * @param {(guess: Pair | Pair[]) => void} onGuess
   */
  constructor(host, onGuess) {
    super(host);
    this.onGuess = onGuess;
    const sheet = document.createElement("div");
    sheet.className = "guess";
    sheet.tabIndex = 0;
    sheet.role = "application";
    sheet.ariaLabel = "Your prediction on the map: move the mark with the arrow keys";
    sheet.hidden = true;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "guessed overlay");
    this.svg.setAttribute("aria-hidden", "true");
    host.append(this.svg, sheet);
    this.sheet = sheet;
    sheet.addEventListener("pointerdown", (event) => this.#press(event));
    sheet.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Moment} moment */
  draw({ asked, guess, frame, start }) {
    const places = asked && (asked.kind === "point" || asked.kind === "path");
    this.#asked = places ? asked : null;
    this.#frame = frame;
    this.#guess = guess ?? start;
    hide(this.sheet, !places || !frame);
    if (frame && places) {
      const { left, top, width, height } = frame;
      Object.assign(this.sheet.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    }
    const shown = Array.isArray(guess) && frame ? JSON.stringify([guess, frame]) : "";
    if (shown === this.#drawn) return;
    this.#drawn = shown;
    this.svg.replaceChildren(...(shown && frame && guess ? drawing(frame, /** @type {Pair | Pair[]} */ (guess)) : []));
  }

  /**
   * @param {PointerEvent} event
   * @returns {Pair}
   */
  #at(event) {
    const box = this.host.getBoundingClientRect();
    return pointAt(/** @type {Frame} */ (this.#frame), [event.clientX - box.left, event.clientY - box.top]);
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const asked = this.#asked;
    if (!asked || !this.#frame || event.button !== 0) return;
    event.preventDefault();
    this.sheet.setPointerCapture(event.pointerId);
    /** @type {Pair[]} */
    const line = [];
    /** @param {PointerEvent} next */
    const move = (next) => {
      const at = this.#at(next);
      line.push(at);
      this.onGuess(asked.kind === "point" ? at : [...line]);
    };
    const release = () => {
      this.sheet.removeEventListener("pointermove", move);
      this.sheet.removeEventListener("pointerup", release);
      this.sheet.removeEventListener("pointercancel", release);
    };
    this.sheet.addEventListener("pointermove", move);
    this.sheet.addEventListener("pointerup", release);
    this.sheet.addEventListener("pointercancel", release);
    move(event);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = KEYS[event.key];
    if (!by || !this.#asked || !this.#frame) return;
    event.preventDefault();
    event.stopPropagation();
    const { x, y } = this.#frame;
    const guess = /** @type {Pair | Pair[]} */ (this.#guess);
    const line = /** @type {Pair[]} */ (Array.isArray(guess[0]) ? guess : [guess]);
    const [px, py] = line[line.length - 1];
    /** @type {Pair} */
    const next = [px + KEY_STEP * by[0] * (x[1] - x[0]), py + KEY_STEP * by[1] * (y[1] - y[0])];
    this.#guess = this.#asked.kind === "point" ? next : [...line, next];
    this.onGuess(this.#guess);
  }
}

/**
 * @param {Frame} frame
 * @param {Pair | Pair[]} guess
 */
function drawing(frame, guess) {
  const line = /** @type {Pair[]} */ (Array.isArray(guess[0]) ? guess : [guess]);
  const places = line.map((at) => pixel(frame, ...at).map((one) => one.toFixed(1)).join());
  const [x, y] = places[places.length - 1].split(",").map(Number);
  const d = line.length > 1 ? `M${places.join("L")}` : `M${x - 8},${y - 8}l16,16m0,-16l-16,16`;
  return ["edge", "line"].map((name) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    return path;
  });
}
