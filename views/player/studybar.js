// The bar above a study: which study, what it asks, its settings, what to save, and how
// far a long computation has come.

import { Controls, control } from "./controls.js";
import { menu } from "./keys.js";
import { Panel } from "./panel.js";
import { DATA, OPEN_FILE } from "./save.js";

/** @typedef {keyof typeof PICTURES} PictureFormat */
/** @typedef {PictureFormat | keyof typeof DATA} Format */

const PICTURES = { png: "picture (PNG)", svg: "drawing (SVG)", pdf: "drawing (PDF)" };
/** @type {Record<Format, string>} */
const FORMATS = { ...PICTURES, ...DATA };

/**
 * @param {Format} format
 * @returns {format is PictureFormat}
 */
export const isPicture = (format) => format in PICTURES;

export class StudyBar extends Panel {
  #asked = ""; // the parts that are offered to be saved
  stopped = false; // whether what takes long was cancelled

  /**
   * @param {HTMLElement} host
   * @param {PanelEvents} on
   */
  constructor(host, on) {
    super(host);
    this.on = on;
    host.innerHTML = `
      <nav></nav>
      <div class="work">
        <span class="busy"><progress max="1"></progress><span></span><button></button></span>
        <select class="save" aria-label="Save this study" title="Save this study" data-testid="save"></select>
      </div>
      <div class="turn"><div class="settings"></div><p class="hint"></p></div>`;
    this.tabs = host.querySelector("nav");
    this.hint = host.querySelector(".hint");
    this.busy = host.querySelector(".busy");
    this.progress = this.busy.querySelector("progress");
    this.words = this.busy.querySelector("span");
    this.button = this.busy.querySelector("button");
    this.controls = new Controls(host.querySelector(".settings"), (param) =>
      control(param, {
        input: (value) => on.value(param.key, value, false),
        change: () => on.value(param.key, null, true),
        wrong: on.wrong,
      }),
    );
    this.button.addEventListener("click", () => {
      if (this.stopped) on.again();
      else on.cancel();
    });
    this.save = /** @type {HTMLSelectElement} */ (host.querySelector(".save"));
    menu(this.save, (file) => {
      if (file === OPEN_FILE) {
        on.saveRace(file);
        return;
      }
      const [name, format] = file.split(".");
      on.saveStudy(name, /** @type {Format} */ (format));
    });
  }

  /**
   * Takes the page's description.
   * @param {Given} given
   */
  receive({ page }) {
    if (!page) return;
    const { studies, study: chosen } = page;
    if (!this.tabs.childElementCount) this.#build(studies);
    for (const tab of this.tabs.querySelectorAll("button")) tab.ariaPressed = String(tab.dataset.study === chosen);
    const study = studies.find(({ key }) => key === chosen);
    const { hint = "", settings = [], asks = {} } = study ?? {};
    const empty = !page.on.length;
    this.hint.textContent = empty ? "Turn an optimizer on to study it." : hint;
    this.hint.title = hint;
    this.controls.receive(settings);
    this.#offer(Object.entries(asks));
  }

  /** @param {Tab[]} studies */
  #build(studies) {
    this.tabs.append(
      ...studies.map(({ key, label, hint }) => {
        const tab = document.createElement("button");
        tab.dataset.study = key;
        tab.dataset.testid = `study-${key}`;
        tab.textContent = label;
        tab.title = hint;
        tab.addEventListener("click", () => this.on.select(key));
        return tab;
      }),
    );
  }

  /** @param {[string, string][]} parts  their keys and names */
  #offer(parts) {
    const asked = parts.map(([name]) => name).join();
    if (asked === this.#asked) return;
    this.#asked = asked;
    /** @type {(part: [string, string]) => HTMLOptionElement[]} */
    const options = ([name]) =>
      Object.entries(FORMATS).map(([format, words]) => new Option(words, `${name}.${format}`));
    this.save.replaceChildren(
      new Option("save as…", ""),
      ...(parts.length === 1
        ? options(parts[0])
        : parts.map((part) => {
            const group = document.createElement("optgroup");
            group.label = part[1];
            group.append(...options(part));
            return group;
          })),
      new Option("open a file…", OPEN_FILE),
    );
  }

  /**
   * Shows how far a long computation has come.
   * @param {?number} progress  from 0 to 1; null while none is long
   * @param {boolean} stopped  whether it was cancelled
   */
  report(progress, stopped) {
    this.stopped = stopped;
    const shown = progress !== null || stopped;
    this.busy.classList.toggle("shown", shown);
    if (!shown) return;
    const { progress: bar, words: text, button } = this;
    bar.hidden = stopped;
    if (progress) bar.value = progress;
    else bar.removeAttribute("value");
    const said = stopped ? "Cancelled." : "computing…";
    if (text.textContent !== said) text.textContent = said;
    const does = stopped ? "Compute" : "Cancel";
    if (button.textContent !== does) button.textContent = does;
  }
}
