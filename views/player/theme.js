// The theme: which one is asked for, or the system's. Paper is light unless another is
// asked for by name.

import { propertiesOf, usePalette } from "./palette.js";

const SYSTEM = "(prefers-color-scheme: dark)";
const PAPER = "light";
export const AUTO = "auto"; // as the system

const asked = window.matchMedia.bind(window);
/** @type {?string} */
let scheme = null; // that of the theme which stands in for the system's

/**
 * Streamlit's own parts of the page are dark or light as the system is: the theme answers
 * in its place, and they ask again after printing.
 * @param {string} wanted
 */
function standIn(wanted) {
  if (scheme === null) {
    window.matchMedia = (query) => asked(query === SYSTEM ? (scheme === "dark" ? "all" : "not all") : query);
  }
  if (scheme === wanted) return;
  scheme = wanted;
  window.dispatchEvent(new Event("afterprint"));
}

export class Theme {
  #wanted = AUTO;
  /** @type {Record<string, Palette>} */
  #tables = {};
  /** @type {Map<string, string>} */
  #set = new Map(); // custom properties of the root
  #printing = false;

  /**
   * @param {HTMLElement} root
   * @param {() => void} onChange  everything is to be drawn anew
   */
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    this.system = asked(SYSTEM);
    this.follow = () => this.#show();
    this.system.addEventListener("change", this.follow);
  }

  destroy() {
    this.system.removeEventListener("change", this.follow);
  }

  /**
   * @param {string} wanted  its name in the address
   * @param {Record<string, Partial<Palette>>} themes  the others by what differs from dark
   */
  receive(wanted, themes) {
    this.#wanted = wanted;
    const dark = /** @type {Palette} */ (themes.dark);
    this.#tables = Object.fromEntries(
      Object.entries(themes).map(([name, table]) => [name, { ...dark, ...table, name }]),
    );
    this.#show();
  }

  /** The name of the theme that is shown. */
  get name() {
    return this.#wanted === AUTO ? (this.system.matches ? "dark" : "light") : this.#wanted;
  }

  /** The colours for a file, or for paper. */
  get onPaper() {
    return this.#wanted === AUTO ? this.light : this.#tables[this.#wanted];
  }

  /** Those of white paper. */
  get light() {
    const light = this.#tables[PAPER];
    return light && { ...light, page: light.panel };
  }

  /** Whether files are light unless another is asked for. */
  get prefersPaper() {
    return this.#wanted === AUTO;
  }

  /** The colours that are seen. */
  get seen() {
    return this.#tables[this.name];
  }

  /**
   * Shows what is for paper, or no longer; whether there is anything to draw anew.
   * @param {boolean} printing
   */
  print(printing) {
    if (this.#printing === printing) return false; // Streamlit only asks for the scheme
    this.#printing = printing;
    this.#show();
    return true;
  }

  #show() {
    const table = this.#printing ? this.onPaper : this.#tables[this.name];
    if (!table) return;
    const { style, dataset } = this.root;
    dataset.theme = this.name;
    if (!this.#printing) standIn(table.scheme);
    if (!usePalette(table)) return;
    const properties = propertiesOf(table);
    for (const name of this.#set.keys()) if (!properties.has(name)) style.removeProperty(name);
    for (const [name, value] of properties) style.setProperty(name, value);
    this.#set = properties;
    style.colorScheme = table.scheme;
    this.onChange();
  }
}
