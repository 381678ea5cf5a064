// A slider for a declared parameter, with its value typed in beside it.

import { sideways } from "./touch.js";
import { hide, setTitle } from "./write.js";

/**
 * Slider positions and values, as parameters/__init__.py names the scales.
 * @type {Record<string, {to: (v: number) => number, from: (p: number) => number}>}
 */
export const SCALES = {
  linear: { to: (v) => v, from: (p) => p },
  log: { to: Math.log10, from: (p) => 10 ** p },
  root: { to: Math.cbrt, from: (p) => p ** 3 },
  complement: { to: (v) => -Math.log10(1 - v), from: (p) => 1 - 10 ** -p },
};

const POSITIONS = 600;

export class Slider {
  #dragging = false;
  #title = "";
  /** @type {{stable?: number, best?: number}} */
  #marked = {};

  value = NaN;

  /**
   * @param {Param} param  as the page describes it
   * @param {ControlEvents} on
   */
  constructor(param, { input, change, wrong }) {
    this.param = param;
    this.scale = SCALES[param.scale];
    const low = this.scale.to(param.low);
    const high = this.scale.to(param.high);
    const name = param.key.endsWith(".lr") ? `lr-${param.key.split(".")[0]}` : param.key;
    this.element = document.createElement("label");
    this.element.className = "slider";
    this.#title = `${param.label}: ${param.meaning} From ${param.low} to ${param.high}.`;
    this.element.title = this.#title;
    this.element.innerHTML = `
      <span class="symbol"></span><span class="words"></span>
      <span class="groove">
        <i class="recommended" hidden></i><i class="best" hidden></i><i class="stable" hidden></i>
        <input type="range" min="${low}" max="${high}" step="${(high - low) / POSITIONS}">
      </span>
      <input class="typed" type="text" inputmode="decimal" spellcheck="false">`;
    this.element.querySelector(".symbol").textContent = param.symbol;
    this.element.querySelector(".words").textContent = param.label;
    this.tick = this.element.querySelector(".recommended");
    const [range, typed] = this.element.querySelectorAll("input");
    this.range = range;
    this.typed = typed;
    this.range.dataset.testid = name;
    this.typed.dataset.testid = `${name}-value`;
    const named = nameOf(param);
    this.range.setAttribute("aria-label", named);
    this.typed.setAttribute("aria-label", `${named}, typed`);
    sideways(this.range);
    this.range.disabled = this.typed.disabled = Boolean(param.fixed);

    this.range.addEventListener("input", () => {
      this.#dragging = true;
      const value = this.#kept(this.#rounded(this.scale.from(Number(this.range.value))));
      this.#write(value);
      input(value);
    });
    this.range.addEventListener("change", () => {
      this.#dragging = false;
      change();
    });
    this.range.addEventListener("pointercancel", () => {
      if (!this.#dragging) return;
      this.#dragging = false;
      change();
    });
    // After a drag the arrow keys belong to the timeline again.
    this.range.addEventListener("pointerup", () => this.range.blur());
    this.range.addEventListener("dblclick", () => {
      this.set(param.default, param.default);
      input(param.default);
      change();
    });
    this.typed.addEventListener("change", () => {
      const text = this.typed.value.trim();
      if (text === "") {
        this.#write(this.value);
        return;
      }
      const value = typedNumber(text);
      const fits = !param.whole || Number.isInteger(value);
      if (fits && value >= param.low && value <= param.high) {
        const there = this.#kept(value);
        this.#place(there);
        this.#write(there);
        input(there);
        change();
        if (there !== value) wrong(`${param.label} ${value} is not in this file; the nearest is ${written(there)}.`);
      } else {
        const kind = param.whole ? "whole number" : "number";
        const allowed = `allowed is a ${kind} from ${param.low} to ${param.high}`;
        const why = !fits || Number.isNaN(value) ? `is not a ${kind}` : "is out of range";
        wrong(`${param.label} “${text.slice(0, 40)}” ${why}; ${allowed}.`);
        this.#write(this.value);
      }
    });
    this.set(param.value, param.default);
  }

  /**
   * Shows a value from elsewhere, unless the slider is being dragged.
   * @param {number} value
   * @param {number} recommended
   */
  set(value, recommended) {
    this.param.default = recommended;
    hide(this.tick, false);
    this.tick.style.left = this.#percent(recommended);
    if (this.#dragging || this.#typing) return;
    this.#place(value);
    this.#write(value);
  }

  /**
   * Marks values of note by theory.
   * @param {{stable?: number, best?: number}} limits
   */
  mark(limits) {
    const { stable, best } = limits;
    if (stable === this.#marked.stable && best === this.#marked.best) return;
    this.#marked = limits;
    for (const name of /** @type {const} */ (["stable", "best"])) {
      const value = limits[name];
      const tick = this.element.querySelector(`.${name}`);
      hide(tick, value === undefined || value < this.param.low || value > this.param.high);
      if (value === undefined || tick.hidden) continue;
      tick.style.left = this.#percent(value);
      tick.dataset.value = String(value);
    }
    const words = [
      best === undefined ? "" : ` Theory: fastest at ${written(best)} near the minimum closest to its end.`,
      stable === undefined ? "" : ` Theory: unstable there from ${written(stable)}.`,
    ].join("");
    setTitle(this.element, this.#title + words);
  }

  /**
   * Where a value is on the groove.
   * @param {number} value
   */
  #percent(value) {
    const [low, high] = [Number(this.range.min), Number(this.range.max)];
    return `${(100 * (this.scale.to(value) - low)) / (high - low)}%`;
  }

  /** Whether a value is being typed that is not set yet. */
  get #typing() {
    return document.activeElement === this.typed && this.typed.value !== written(this.value);
  }

  /** @param {number} value */
  #place(value) {
    this.range.value = String(this.scale.to(value));
  }

  /** @param {number} value */
  #write(value) {
    this.element.classList.toggle("held", value !== this.param.default);
    if (value === this.value && this.typed.value === written(value)) return;
    this.value = value;
    this.typed.value = written(value);
    this.range.setAttribute("aria-valuetext", String(value));
  }

  /**
   * The nearest value of which there is a run, where there are runs of some values only.
   * @param {number} value
   */
  #kept(value) {
    const { values } = this.param;
    return values ? nearestTo(value, values, this.scale.to) : value;
  }

  /**
   * Three significant digits: of the value, or of its distance to 1.
   * @param {number} value
   */
  #rounded(value) {
    const { low, high, scale, whole } = this.param;
    if (whole) return Math.min(Math.max(Math.round(value), low), high);
    let rounded = Number(value.toPrecision(3));
    if (scale === "complement") rounded = 1 - Number((1 - value).toPrecision(2));
    return Math.min(Math.max(Number(rounded.toPrecision(10)), low), high);
  }
}

/**
 * The number that is typed, with a decimal comma or point and any minus; NaN if none.
 * @param {string} text
 */
export function typedNumber(text) {
  const plain = text.trim().replace(",", ".").replace(/[−–‐‑]/g, "-");
  // Number() also reads an empty text, and 0x10.
  return /^[-+]?[0-9.]+(e[-+]?[0-9]+)?$/i.test(plain) ? Number(plain) : NaN;
}

/**
 * Of some values, the one that is nearest on the slider.
 * @param {number} value
 * @param {number[]} values
 * @param {(value: number) => number} [to]  positions on the slider
 */
export function nearestTo(value, values, to = (one) => one) {
  const distance = (/** @type {number} */ one) => Math.abs(to(one) - to(value));
  return values.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}

/**
 * What a control is called: its setting, and whose it is.
 * @param {{owner?: string, label: string}} param
 */
export const nameOf = ({ owner, label }) =>
  owner ? `${owner}: ${label[0].toLowerCase()}${label.slice(1)}` : label;

/**
 * A value as it is typed: five digits at most, small ones as powers of ten.
 * @param {number} value
 */
function written(value) {
  const rounded = Number(value.toPrecision(5));
  return rounded !== 0 && Math.abs(rounded) < 1e-4 ? rounded.toExponential() : String(rounded);
}
