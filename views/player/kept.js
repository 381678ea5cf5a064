// Trails that are kept: the paths of a race stay, faint and dashed, beside those of the
// races that follow, with a caption that says what was different then.

import { isOwn } from "./merged.js";

const CALLED = "kept: ";
const MOST_NAMED = 3; // settings that a caption has room for

export class Kept {
  /** @type {?Race} */
  race = null; // whose trails are kept
  /** @type {Map<string, [string, string]>} */
  #settings = new Map(); // by key: what it is called, and its text then
  #said = ""; // what another page calls these trails, which knows their settings

  /**
   * @param {HTMLElement} host  the map, on which the caption stands
   * @param {() => void} toggle  the button was pressed
   */
  constructor(host, toggle) {
    this.button = host.querySelector(".keep");
    this.button.addEventListener("click", toggle);
    this.caption = host.querySelector(".kept");
    this.caption.querySelector("button").addEventListener("click", () => this.dismiss());
    this.dismiss();
  }

  /**
   * Keeps the trails of a race.
   * @param {Race} race
   * @param {Merged} data  the page's description then
   */
  keep(race, data) {
    this.race = race;
    this.#said = "";
    this.#settings = settingsOf(data);
    this.#show("these trails");
  }

  /**
   * Keeps trails that another page keeps.
   * @param {Race} race
   * @param {string} caption
   */
  follow(race, caption) {
    this.race = race;
    this.#said = caption;
    this.#show(caption);
  }

  dismiss() {
    this.race = null;
    this.#show("");
  }

  /** What these trails are called. */
  get text() {
    return this.caption.querySelector("span").textContent.replace(CALLED, "");
  }

  /**
   * Says what was different when they were kept.
   * @param {Merged} data
   */
  compare(data) {
    if (!this.race || this.#said) return;
    const now = settingsOf(data);
    const then = [...this.#settings].filter(([key, [, text]]) => (now.get(key)?.[1] ?? text) !== text);
    const named = then.slice(0, MOST_NAMED).map(([, [name, text]]) => `${name} ${text}`);
    const more = then.length - named.length;
    if (more) named.push(`${more} more`);
    this.#show(named.join(", ") || "these trails");
  }

  /** @param {string} text */
  #show(text) {
    const kept = Boolean(this.race);
    this.caption.hidden = !kept;
    this.button.ariaPressed = String(kept);
    const words = CALLED + text;
    const line = this.caption.querySelector("span");
    if (line.textContent !== words) line.textContent = line.title = words;
  }
}

/**
 * All that decides the paths and has a control: by key, its name and its value as text.
 * @param {Merged} data
 */
function settingsOf({ cards, params, conditions, own, start, steps, shared }) {
  /** @type {Map<string, [string, string]>} */
  const found = new Map();
  /**
   * @param {string} whose
   * @param {Partial<Param> & {key: string, label: string}} setting
   */
  const put = (whose, { key, symbol, label, value, choices }) => {
    const text = choices?.[value] ?? (Array.isArray(value) ? `(${value.map(digits).join(", ")})` : digits(value));
    const name = symbol ?? label.toLowerCase();
    found.set(key, [`${whose} ${name}`.trim(), text]);
  };
  for (const { brief, on, sliders } of cards) {
    if (!on) continue;
    for (const slider of sliders) {
      const value = shared !== null && slider.key.endsWith(".lr") ? shared : slider.value;
      put(brief, { ...slider, value });
    }
  }
  for (const setting of [...params, ...conditions]) put("", setting);
  for (const [entry, settings] of Object.entries(own)) {
    const brief = cards.find(({ key }) => key === entry)?.brief ?? entry;
    for (const setting of settings) {
      if (isOwn(setting)) put(brief, setting);
    }
  }
  put("", { key: "start", label: "start", value: start });
  put("", { key: "steps", label: "steps", value: steps });
  return found;
}

/** @param {number} value */
const digits = (value) => String(Number(value.toPrecision(4))).replace("-", "−");
