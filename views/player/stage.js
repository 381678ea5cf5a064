// The panels on the page: makes them by the layout (layout.js), shows those of a view, and
// gives each what it needs. One that fails says so in its place, and the others go on.

import { AT_ONCE, PANELS, VIEWS } from "./layout.js";

/** @typedef {import("./layout.js").Row} Row */
/** @typedef {typeof PANELS} Panels */

/**
 * A panel on the page.
 * @typedef {object} Staged
 * @property {string} name
 * @property {Row} row
 * @property {import("./panel.js").Panel} panel
 * @property {HTMLElement} host
 * @property {boolean} shown
 */

export class Stage {
  /** @type {Map<string, Staged>} */
  #panels = new Map();
  /** @type {Map<string, HTMLElement>} */
  #choosers = new Map(); // by area: the buttons that ask for its panels
  /** @type {Map<string, string[]>} */
  #asked = new Map(); // by area: the panels that a button has asked for, the latest last
  #view = "";
  /** @type {?Merged} */
  #page = null;
  /** @type {string[]} */
  #studied = []; // the panels of the study that is shown

  /**
   * @param {HTMLElement} root  the player
   * @param {import("./trouble.js").Guard} guard
   * @param {PanelEvents} on
   * @param {() => void} onTurn  other panels are shown
   */
  constructor(root, guard, on, onTurn) {
    this.root = root;
    this.guard = guard;
    this.on = on;
    this.onTurn = onTurn;
    /** @type {[string, Row][]} */
    const rows = Object.entries(PANELS);
    for (const [name, row] of rows) this.add(name, row);
  }

  /**
   * Makes a panel.
   * @param {string} name
   * @param {Row} row
   * @param {?string} [before]  the panel that comes after it; null: it is the last
   */
  add(name, row, before = null) {
    const over = row.over && this.#panels.get(row.over);
    const host = over ? over.host : document.createElement(row.plain ?? "div");
    if (!over) {
      host.className = row.plain ? name : `${row.kind ?? name} picture`;
      host.style.setProperty("--area", row.area);
      host.hidden = true;
      this.root.insertBefore(host, (before && this.#panels.get(before)?.host) || null);
    }
    this.#panels.set(name, { name, row, host, panel: row.make(host, this.on), shown: false });
  }

  /**
   * A panel of the table.
   * @template {keyof Panels} Name
   * @param {Name} name
   * @returns {ReturnType<Panels[Name]["make"]>}
   */
  get(name) {
    const { panel } = /** @type {Staged} */ (this.#panels.get(name));
    return /** @type {ReturnType<Panels[Name]["make"]>} */ (panel);
  }

  /**
   * Panels by their names; names that there are no panels of are left out.
   * @param {string[]} names
   * @returns {Staged[]}
   */
  named(names) {
    return names.flatMap((name) => this.#panels.get(name) ?? []);
  }

  /**
   * Whether there is such a panel.
   * @param {string} name
   */
  has(name) {
    return this.#panels.has(name);
  }

  /** The panels that are shown. */
  get shown() {
    return [...this.#panels.values()].filter(({ shown }) => shown);
  }

  /**
   * Shows the panels of a view.
   * @param {string} view  or the layout of a study
   * @param {Merged} page
   * @param {string[]} studied  the panels of the study that is shown
   */
  arrange(view, page, studied) {
    if (page.place !== this.#page?.place) this.#asked.clear();
    [this.#view, this.#page, this.#studied] = [view, page, studied];
    this.#place();
  }

  /** The panels that each area of the view can show. */
  get #areas() {
    /** @type {Map<string, Staged[]>} */
    const areas = new Map(VIEWS[this.#view].map((area) => [area, []]));
    for (const one of this.#panels.values()) {
      const { needs, over, applies, area } = one.row;
      if (over || (needs.includes("study") && !this.#studied.includes(one.name))) continue;
      if (this.#page && (applies?.(this.#page) ?? true)) areas.get(area)?.push(one);
    }
    return areas;
  }

  /** Puts the panels into their areas. */
  #place() {
    for (const one of this.#panels.values()) {
      one.shown = false;
      if (!one.row.over) one.host.hidden = true;
    }
    for (const chooser of this.#choosers.values()) chooser.hidden = true;
    for (const [area, all] of this.#areas) {
      const most = AT_ONCE[area] ?? 1;
      const asked = this.#asked.get(area) ?? [];
      const found = all.filter(({ name }) => asked.includes(name));
      const shown = found.length ? found : all.slice(0, 1);
      shown.forEach((one, i) => {
        one.shown = true;
        one.host.hidden = false;
        one.host.classList.toggle("half", shown.length > 1);
        one.host.classList.toggle("second", i > 0);
      });
      if (all.length > 1) this.#choose(area, all, most);
    }
    for (const one of this.#panels.values()) {
      const { over, area } = one.row;
      if (over) one.shown = VIEWS[this.#view].includes(area) && this.#studied.includes(one.name);
    }
  }

  /**
   * Shows the buttons of an area.
   * @param {string} area
   * @param {Staged[]} all  the panels that it can show
   * @param {number} most  how many at once
   */
  #choose(area, all, most) {
    let chooser = this.#choosers.get(area);
    if (!chooser) {
      chooser = document.createElement("div");
      chooser.className = "chooser";
      chooser.style.setProperty("--area", area);
      this.#choosers.set(area, chooser);
    }
    const names = all.map(({ name }) => name).join();
    if (chooser.dataset.panels !== names) {
      chooser.dataset.panels = names;
      chooser.replaceChildren(
        ...all.map(({ name, row }) => {
          const button = document.createElement("button");
          button.textContent = row.button ?? row.title;
          button.dataset.testid = `show-${name}`;
          button.addEventListener("click", () => this.#ask(area, name, most));
          return button;
        }),
      );
      all[all.length - 1].host.after(chooser);
    }
    chooser.hidden = false;
    [...chooser.children].forEach((button, i) => {
      button.ariaPressed = String(all[i].shown);
    });
  }

  /**
   * Shows a panel; where an area shows several, one that is there goes, unless it is alone.
   * @param {string} area
   * @param {string} name
   * @param {number} most
   */
  #ask(area, name, most) {
    const there = this.shown.filter(({ row }) => row.area === area && !row.over).map((one) => one.name);
    const others = there.filter((one) => one !== name);
    const goes = there.includes(name) && others.length > 0;
    this.#asked.set(area, goes ? others : [...others, name].slice(-most));
    this.#place();
    this.onTurn();
  }

  /**
   * Gives all panels that need it what is new.
   * @param {Given} given
   */
  give(given) {
    for (const one of this.#panels.values()) {
      const needed = neededOf(given, one.row);
      if (needed) this.#receive(one, needed);
    }
  }

  /**
   * Gives a part of a study to panels of it.
   * @param {string[]} names
   * @param {Study} study
   */
  giveStudy(names, study) {
    for (const one of this.named(names)) this.#receive(one, { study });
  }

  /**
   * @param {Staged} one
   * @param {Given} given
   */
  #receive(one, given) {
    // A name of its own: what failed to take this may still show what it had.
    this.guard.do(`new ${one.name}`, () => one.panel.receive(given), placeOf(one));
  }

  /**
   * Gives the panels that need them still pictures, one after the other; whether all have
   * them.
   * @param {Pick<Given, "landscape" | "split">} given
   * @param {() => Promise<boolean>} [between]  waits; whether they are still wanted then
   */
  async givePictures(given, between = async () => true) {
    let first = true;
    for (const { row, panel } of this.#panels.values()) {
      const needed = neededOf(given, row);
      if (!needed) continue;
      if (!first && !(await between())) return false;
      first = false;
      await panel.receive(needed);
    }
    return true;
  }

  /**
   * Draws a panel.
   * @param {Staged} one
   * @param {Moment} moment
   */
  draw(one, moment) {
    this.guard.do(one.row.title, () => one.panel.draw(moment), placeOf(one));
  }

  /**
   * Fits all panels to their hosts.
   * @param {(work: void | Promise<void>) => void} waitFor  what takes a while
   */
  resize(waitFor) {
    for (const { panel } of this.#panels.values()) waitFor(panel.resize());
  }

  destroy() {
    for (const { panel } of this.#panels.values()) panel.destroy();
  }
}

/**
 * Where a panel says that it has failed; null where it has no picture to say it on.
 * @param {Staged} one
 */
const placeOf = ({ row, host }) => (row.plain ? null : host);

/**
 * What of something new a panel needs; null if nothing.
 * @param {Given} given
 * @param {Row} row
 * @returns {?Given}
 */
function neededOf(given, { needs }) {
  const some = Object.entries(given).filter(([name]) => needs.some((need) => need === name));
  return some.length ? Object.fromEntries(some) : null;
}
