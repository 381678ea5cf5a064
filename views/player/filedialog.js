// What is chosen before a race is saved as a web page: whether the surface is in it in 3D,
// and which sliders stay alive.

import { linkTo } from "./share.js";
import { Panel } from "./panel.js";

/** @typedef {import("./share.js").Seen} Seen */

const TEMPLATE = `
  <h2>Save as a web page</h2>
  <p>One file that plays without a server and without a network: send it, or open it in flight mode.</p>
  <label class="row"><input type="checkbox" class="in-3d" checked> the surface in 3D (up to 2.2 MB; else 0.4 MB)</label>
  <fieldset class="alive"><legend>Sliders that stay alive</legend><div></div></fieldset>
  <p>The file has the runs at some forty values of each, about 0.1 MB for 800 steps.</p>
  <div class="row"><button class="keep-file" data-testid="save-web-page">save</button>
    <button class="close">close</button></div>`;
const NONE = "none";
const TWICE = "is here twice";
const SHARED = "has the rate that all share";

/**
 * The sliders of each optimizer that may stay alive, or why there are none.
 * @param {Merged} page
 * @returns {{entry: string, label: string, sliders: Param[], why: string}[]}
 */
export function slidersOf({ cards, shared }) {
  const on = cards.filter((card) => card.on);
  return on.map(({ key: entry, label, rule, sliders }) => {
    const alone = on.filter((other) => other.rule === rule).length === 1;
    const free = sliders.filter(({ key }) => shared === null || !key.endsWith(".lr"));
    const why = alone ? (free.length ? "" : SHARED) : TWICE;
    return { entry, label, sliders: why ? [] : free, why };
  });
}

export class FileDialog extends Panel {
  /** @type {?Merged} */
  #page = null;
  /** @type {Seen} */
  #seen = {};

  /**
   * @param {HTMLElement} host
   * @param {(address: string) => void} onSave
   */
  constructor(host, onSave) {
    super(host);
    this.dialog = document.createElement("dialog");
    this.dialog.className = "web-page";
    this.dialog.ariaLabel = "Save as a web page";
    this.dialog.innerHTML = TEMPLATE;
    host.append(this.dialog);
    this.scene = /** @type {HTMLInputElement} */ (this.dialog.querySelector(".in-3d"));
    this.dialog.querySelector(".close").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector(".keep-file").addEventListener("click", () => {
      this.dialog.close();
      onSave(this.#address);
    });
  }

  /** @param {Given} given */
  receive({ page }) {
    if (page) this.#page = page;
  }

  /** @param {Seen} seen  how the race is seen */
  open(seen) {
    if (!this.#page) return;
    this.#seen = seen;
    const rows = slidersOf(this.#page).map(({ entry, label, sliders, why }) => {
      const row = document.createElement("label");
      row.className = "row";
      const list = document.createElement("select");
      list.dataset.entry = entry;
      list.disabled = Boolean(why);
      list.append(new Option(why || NONE, ""), ...sliders.map(({ key, symbol, label: name }) => new Option(symbol === name ? name : `${symbol} · ${name}`, key)));
      const name = document.createElement("span");
      name.textContent = label;
      row.append(name, list);
      return row;
    });
    this.dialog.querySelector(".alive div").replaceChildren(...rows);
    this.dialog.showModal();
  }

  /** The address of the file. */
  get #address() {
    const { searchParams } = new URL(linkTo(location.href, null, undefined, this.#seen));
    const alive = [...this.dialog.querySelectorAll("select")].map(({ value }) => value).filter(Boolean);
    if (alive.length) searchParams.set("sliders", alive.join());
    if (!this.scene.checked) searchParams.set("scene", "0");
    return `race.html?${searchParams}`;
  }
}
