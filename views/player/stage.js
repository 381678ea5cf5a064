// The panels on the page: makes them by the layout (layout.js), shows those of a view, and
// gives each what it needs. One that fails says so in its place, and the others go on.

import { follows, menu } from "./keys.js";
import { AT_ONCE, PANELS, VIEWS } from "./layout.js";
import { source } from "./source.js";

const CHOSEN = { scene: true, losses: true }; // areas of which a reader chooses the panels
const CORNERS = '<svg viewBox="0 0 12 12"><path d="M1 4V1h3M8 1h3v3M11 8v3H8M4 11H1V8"/></svg>';
const OWN_ESCAPE = "dialog, textarea, [role=dialog], [role=listbox]"; // what Escape leaves first
const MENU_FROM = 4; // panels of an area for which there are buttons; for more, a list

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
  /** @type {string[]} */
  #added = []; // panels that were asked for, and of which the address does not know
  #view = "";
  /** @type {?Merged} */
  #page = null;
  /** @type {string[]} */
  #studied = []; // the panels of the study that is shown
  /** @type {?Staged} */
  #enlarged = null; // the panel that is shown alone

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
    for (const [name, row] of rows) {
      const left = (row.saves && !source.saves) || (row.needs.includes("study") && source.alone);
      if (!left) this.add(name, row);
    }
    document.addEventListener("keydown", this.#escape);
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
    const made = { name, row, host, panel: row.make(host, this.on), shown: false };
    this.#panels.set(name, made);
    if (row.enlarges) host.append(this.#enlarger(made));
  }

  /**
   * The button that shows a panel alone.
   * @param {Staged} one
   */
  #enlarger(one) {
    const button = document.createElement("button");
    button.className = "enlarge";
    button.innerHTML = CORNERS;
    button.dataset.testid = `enlarge-${one.name}`;
    // It is no place of the picture, which a press goes to and a tip reads.
    for (const type of ["pointerdown", "pointermove"]) button.addEventListener(type, (event) => event.stopPropagation());
    button.addEventListener("pointerenter", () => one.host.dispatchEvent(new PointerEvent("pointerleave")));
    button.addEventListener("click", () => this.#enlarge(this.#enlarged ? null : one));
    return button;
  }

  /**
   * Shows a panel alone, or all again.
   * @param {?Staged} one
   */
  #enlarge(one) {
    this.#enlarged = one;
    this.#place();
    this.onTurn();
  }

  #escape = (/** @type {KeyboardEvent} */ event) => {
    const { key, target, defaultPrevented } = event;
    if (key !== "Escape" || defaultPrevented || !this.#enlarged) return;
    if (document.querySelector("dialog[open]") || (target instanceof Element && target.closest(OWN_ESCAPE))) return;
    const { host } = this.#enlarged;
    this.#enlarge(null);
    follows(host.querySelector(".enlarge"));
  };

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
   * Shows the panels of a view; whether they are others than before.
   * @param {string} view  or the layout of a study
   * @param {Merged} page
   * @param {string[]} studied  the panels of the study that is shown
   */
  arrange(view, page, studied) {
    const before = this.#names;
    [this.#view, this.#page, this.#studied] = [view, page, studied];
    this.#place();
    return this.#names !== before;
  }

  get #names() {
    return this.shown.map(({ name }) => name).join();
  }

  /** Shows what there is room for now. */
  again() {
    if (this.#page) this.#place();
  }

  /**
   * Whether an area is only there while one of its panels is asked for.
   * @param {string} area
   */
  #optional(area) {
    return area === "scene" && this.root.classList.contains("compact");
  }

  /** The panels that each area of the view can show. */
  get #areas() {
    /** @type {Map<string, Staged[]>} */
    const areas = new Map(VIEWS[this.#view].map((area) => [area, []]));
    for (const one of this.#panels.values()) {
      const { needs, over, applies, area, group } = one.row;
      if (group && this.#page?.hide.includes(group)) continue;
      if (source.kept && area in CHOSEN && !this.#known(nameOf(one))) continue; // it is not in the file
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
    /** @type {string[]} */
    const without = [];
    for (const [area, all] of this.#areas) {
      const most = AT_ONCE[area] ?? 1;
      const asked = [...(this.#page?.panels ?? []), ...this.#added];
      const found = all.filter((one) => asked.includes(nameOf(one))).slice(0, most);
      const shown = found.length || this.#optional(area) ? found : all.slice(0, 1);
      if (!shown.length) without.push(area);
      shown.forEach((one, i) => {
        one.shown = true;
        one.host.hidden = false;
        one.host.classList.toggle("half", shown.length > 1);
        one.host.classList.toggle("second", i > 0);
      });
      if (shown.length && (all.length > 1 || this.#optional(area))) this.#choose(area, all, most);
    }
    this.root.dataset.without = without.join(" ");
    for (const one of this.#panels.values()) {
      const { over, area } = one.row;
      const apt = !one.row.needs.includes("study") || this.#studied.includes(one.name);
      if (over) one.shown = VIEWS[this.#view].includes(area) && apt;
    }
    this.#placeAlone();
  }

  /** Leaves no other picture beside one that is shown alone. */
  #placeAlone() {
    if (!this.#enlarged?.shown) this.#enlarged = null;
    const alone = this.#enlarged;
    this.root.classList.toggle("enlarging", Boolean(alone));
    for (const one of this.#panels.values()) {
      const { row, host } = one;
      if (!row.enlarges) continue;
      host.classList.toggle("enlarged", one === alone);
      const button = host.querySelector(".enlarge");
      button.title = alone ? "Back to all panels (Escape)" : "Shows this alone, large";
      button.ariaLabel = alone ? "Back to all panels" : `Enlarge: ${this.#title(one)}`;
    }
    if (!alone) return;
    alone.host.classList.remove("half", "second");
    for (const one of this.shown.filter(({ row }) => !row.plain && !row.over)) {
      one.shown = one === alone;
      one.host.hidden = !one.shown;
    }
    for (const chooser of this.#choosers.values()) chooser.hidden = true;
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
      const make = all.length > MENU_FROM ? this.#menu(area, all, most) : this.#buttons(all, most);
      chooser.replaceChildren(...make);
      all[all.length - 1].host.after(chooser);
    }
    chooser.hidden = false;
    for (const part of chooser.querySelectorAll("[data-shows]")) {
      const one = this.#panels.get(part.dataset.shows ?? "");
      if (part instanceof HTMLOptionElement) part.text = `${one?.shown ? "✓" : " "} ${this.#title(one)}`;
      else part.ariaPressed = String(Boolean(one?.shown));
    }
  }

  /**
   * What a panel is called where it is asked for.
   * @param {Staged | undefined} one
   */
  #title(one) {
    if (!one) return "";
    return this.#page?.charts[nameOf(one)]?.label ?? one.row.button ?? one.row.title;
  }

  /**
   * A button for each of a few panels.
   * @param {Staged[]} all
   * @param {number} most
   */
  #buttons(all, most) {
    return all.map((one) => {
      const button = document.createElement("button");
      button.textContent = this.#title(one);
      button.dataset.testid = `show-${one.name}`;
      button.dataset.shows = one.name;
      button.addEventListener("click", () => this.#ask(one, most));
      return button;
    });
  }

  /**
   * A list of many panels.
   * @param {string} area
   * @param {Staged[]} all
   * @param {number} most
   */
  #menu(area, all, most) {
    const list = document.createElement("select");
    list.dataset.testid = `charts-${area}`;
    list.ariaLabel = list.title = most > 1 ? `Charts: up to ${most} at once` : "Charts";
    list.append(new Option("charts", ""));
    for (const one of all) {
      const option = new Option(this.#title(one), one.name);
      option.dataset.shows = one.name;
      list.append(option);
    }
    menu(list, (name) => {
      const one = this.#panels.get(name);
      if (one) this.#ask(one, most);
    });
    return [list];
  }

  /**
   * Shows a panel; where an area shows several, one that is there goes, unless it is alone
   * and has to be there.
   * @param {Staged} asked
   * @param {number} most
   */
  #ask(asked, most) {
    const { area } = asked.row;
    const all = [...this.#panels.values()].filter(({ row }) => row.area === area && !row.over);
    const there = all.filter(({ shown }) => shown);
    const others = there.filter((one) => one !== asked);
    const goes = there.includes(asked) && (others.length > 0 || this.#optional(area));
    const here = (goes ? others : [...others, asked].slice(-most)).map(nameOf);
    const before = [...(this.#page?.panels ?? []), ...this.#added];
    const names = [...before.filter((name) => !all.some((one) => nameOf(one) === name)), ...here];
    this.#added = names.filter((name) => !this.#known(name));
    this.on.panels(names.filter((name) => this.#known(name)));
    this.#place();
    this.onTurn();
  }

  /**
   * Whether the address can name a panel (views/panels.py).
   * @param {string} name
   */
  #known(name) {
    const { beside = {}, under = [], charts = {} } = this.#page ?? {};
    return under.includes(name) || name in beside || name in charts;
  }

  /**
   * Asks for a panel by its name, unless it is there.
   * @param {keyof Panels} name
   */
  open(name) {
    const one = /** @type {Staged} */ (this.#panels.get(name));
    if (!one.shown) this.#ask(one, AT_ONCE[one.row.area] ?? 1);
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
   * Gives the panels that need them still pictures, those last that take long to draw;
   * whether all have them.
   * @param {Pick<Given, "landscape" | "split">} given
   * @param {() => Promise<boolean>} [between]  waits; whether they are still wanted then
   */
  async givePictures(given, between = async () => true) {
    const panels = [...this.#panels.values()].filter(({ row }) => neededOf(given, row));
    const slow = panels.filter(({ row }) => row.slow);
    for (const { row, panel } of panels.filter((one) => !slow.includes(one))) {
      await panel.receive(neededOf(given, row) ?? {});
    }
    for (const { row, panel } of slow) {
      if (!(await between())) return false;
      await panel.receive(neededOf(given, row) ?? {});
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
   * The panels that are shown and can be drawn in a file, with what draws each.
   * @param {Moment} moment
   * @param {Record<string, unknown>} overlays  what lies on some of them, by their names
   */
  drawable(moment, overlays) {
    return this.shown.flatMap((one) => {
      const drawing = one.row.over ? null : one.panel.drawing(moment, overlays[one.name]);
      const title = this.#page?.charts[nameOf(one)]?.label ?? one.row.title;
      return drawing ? [{ name: one.name, title, host: one.host, drawing }] : [];
    });
  }

  /**
   * Fits all panels to their hosts.
   * @param {(work: void | Promise<void>) => void} waitFor  what takes a while
   */
  resize(waitFor) {
    for (const { panel } of this.#panels.values()) waitFor(panel.resize());
  }

  destroy() {
    document.removeEventListener("keydown", this.#escape);
    for (const { panel } of this.#panels.values()) panel.destroy();
  }
}

/**
 * The name of a panel in the address.
 * @param {Staged} one
 */
const nameOf = ({ row, name }) => row.as ?? name;

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
