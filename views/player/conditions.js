// The conditions of the race, and of an entry that has its own: one list of controls, and
// above it whose they are.

import { Controls } from "./controls.js";
import { isOwn } from "./merged.js";
import { wordStyle } from "./palette.js";

export class Conditions {
  /** @type {Param[]} */
  #race = []; // the controls' settings, as the page describes them
  /** @type {Record<string, OwnParam[]>} */
  #own = {}; // the same by entry
  /** @type {Record<string, Look>} */
  #looks = {};

  /**
   * @param {HTMLElement} host
   * @param {(param: Param) => ReturnType<typeof import("./controls.js").control>} make  makes the control of a setting
   * @param {object} on
   * @param {(keys: string[]) => void} on.reset  settings to go back to what the race has
   * @param {() => void} on.turn  those of another entry are shown, or of all
   */
  constructor(host, make, on) {
    host.insertAdjacentHTML(
      "afterbegin",
      `<label class="whose"><span>Conditions of</span>
        <select data-testid="conditions-of"></select>
        <button title="Back to the conditions of the race">as all</button></label>
      <p class="where" hidden>A click on the map moves this start alone.</p>`,
    );
    this.list = /** @type {HTMLSelectElement} */ (host.querySelector(".whose select"));
    this.back = /** @type {HTMLButtonElement} */ (host.querySelector(".whose button"));
    this.where = host.querySelector(".where");
    this.controls = new Controls(host.querySelector(".settings"), make);
    this.list.addEventListener("change", () => {
      this.#show();
      on.turn();
    });
    this.back.addEventListener("click", () => on.reset(this.#own[this.entry].map(({ key }) => key)));
  }

  /** The entry whose conditions are shown; empty for those of the race. */
  get entry() {
    return this.list.value;
  }

  /**
   * Takes the page's description.
   * @param {Param[]} race  the settings that all entries have in common
   * @param {Record<string, OwnParam[]>} own  by entry, what it has of its own or from these
   * @param {Record<string, Look>} looks
   */
  receive(race, own, looks) {
    this.#race = race;
    this.#own = own;
    this.#looks = looks;
    const entry = own[this.entry] ? this.entry : "";
    const options = [["", "all optimizers"], ...Object.keys(own).map((key) => [key, looks[key].label])];
    if (options.join() !== [...this.list.options].map(({ value, text }) => [value, text]).join()) {
      this.list.replaceChildren(...options.map(([key, label]) => new Option(label, key)));
    }
    this.list.value = entry;
    this.#show();
  }

  /**
   * Shows the conditions of an entry.
   * @param {string} entry
   */
  turnTo(entry) {
    this.list.value = this.#own[entry] ? entry : "";
    this.#show();
  }

  #show() {
    const settings = this.#own[this.entry] ?? this.#race;
    const look = this.#looks[this.entry];
    this.controls.host.style.setProperty("--colour", look ? wordStyle(look.colour) : "");
    this.controls.receive(settings);
    this.back.hidden = !this.entry;
    this.back.disabled = !settings.some(isOwn);
    this.where.hidden = !this.entry;
  }

  /** Whether any condition differs from what is recommended, or is an entry's own. */
  get changed() {
    return [this.#race, ...Object.values(this.#own)].some((settings) => settings.some(isOwn));
  }

  /** The settings of all of them. */
  keys() {
    return [this.#race, ...Object.values(this.#own)].flat().map(({ key }) => key);
  }

  /**
   * What an entry has of its own, as texts by the key of what it stands for.
   * @param {string} entry
   * @returns {Record<string, string>}
   */
  ownOf(entry) {
    const own = (this.#own[entry] ?? []).filter(isOwn);
    return Object.fromEntries(own.map(({ common, value }) => [common, String(value)]));
  }
}
