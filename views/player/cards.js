// The column beside the pictures: a card for each optimizer with its look, its state at
// the current step and its sliders; and, on a second tab, the conditions all share.

import { short } from "./axis.js";
import { Conditions } from "./conditions.js";
import { contextOf } from "./context.js";
import { Controls, control } from "./controls.js";
import { follows, menu } from "./keys.js";
import { markPicture } from "./marks.js";
import { palette, wordStyle } from "./palette.js";
import { Panel } from "./panel.js";
import { distanceToNearest, outcomeAt, ranksOf } from "./race.js";
import { RuleText } from "./ruletext.js";
import { Slider } from "./slider.js";
import { hide, setData, write } from "./write.js";

const LINE = 16; // pixels of a line of text
const OWN_RULE = "own"; // of the list of optimizers: one to be typed
const RUNNING = ["inside", "conditions"]; // what is only done with a run of this race
const MANY = 6; // cards from which each says all in two lines

const TEMPLATE = `
  <div class="tabs">
    <button data-tab="optimizers" data-testid="tab-optimizers">Optimizers</button>
    <button data-tab="conditions" data-testid="tab-conditions"
      title="Schedule, noise, regularization, scale">Conditions</button>
    <select class="add" aria-label="Add an optimizer" title="Add an optimizer"
      data-testid="add-optimizer"></select>
  </div>
  <div class="tools">
    <label class="shared" title="The same learning rate for all">
      <input type="checkbox" role="switch" data-testid="shared-lr"> same rate
    </label>
    <button class="recommend" data-testid="recommended"
      title="Back to the values recommended for this surface">recommended</button>
    <button class="more"></button>
  </div>
  <div class="params" hidden></div>
  <div class="list"></div>
  <div class="tab">
    <div class="settings"></div>
    <label class="slider switch minibatch" hidden
      title="Draws the map of the loss that this step goes down">
      <span class="words">Map of this step's minibatch</span>
      <input type="checkbox" role="switch" data-testid="minibatch">
    </label>
  </div>
  <div class="written" data-testid="written"></div>
  <div class="foot"><p class="status"></p></div>
  <p class="news" role="status"></p>`;

/** @typedef {ReturnType<typeof control>} Control */

/**
 * A card and its parts.
 * @typedef {object} Made
 * @property {HTMLElement} element
 * @property {HTMLInputElement} box  switches it on and off
 * @property {HTMLSelectElement} acts  its menu
 * @property {[string, Control][]} controls  by the key of their setting
 * @property {HTMLElement} loss
 * @property {HTMLElement} outcome
 * @property {{element: HTMLElement, written: string}} formula
 * @property {string} label  what it is called; empty until it is named
 * @property {string} sliders  what it has to be set, as a text
 * @property {string} next  the key of one more entry of its rule
 * @property {string} text  its rule as a text; empty if it has none
 * @property {?string} textless  why it has none
 * @property {?number} room  pixels for the loss; null where they are not measured yet
 * @property {?string} written  what stands there; null: to be written anew
 */

export class Cards extends Panel {
  /** @type {Map<string, Made>} */
  #cards = new Map();
  /** @type {Map<string, Control>} */
  #controls = new Map();
  /** @type {?boolean} */
  #wide = null; // whether cards show all sliders: by room, until a person says
  /** @type {string[]} */
  #on = [];
  #most = 0;
  /** @type {?Merged} */
  #page = null;
  keys = ""; // of the cards
  /** @type {string[]} */
  #recommended = []; // settings that have no control here, and a recommended value
  #room = ""; // what decides how much there is to show
  #ruler = contextOf(document.createElement("canvas"));
  #surface = ""; // of the race that is shown
  #font = ""; // in which losses are written
  #fitted = ""; // what was around when they were fitted

  /**
   * @param {HTMLElement} host
   * @param {PanelEvents} on
   */
  constructor(host, on) {
    super(host);
    host.innerHTML = TEMPLATE;
    this.on = on;
    this.list = host.querySelector(".list");
    // A status line that takes one more line leaves less room.
    new ResizeObserver(() => this.resize()).observe(this.list);
    /** @param {string} name */
    const boxIn = (name) => host.querySelector(name).querySelector("input");
    this.shared = boxIn(".shared");
    this.shared.addEventListener("change", () => {
      const [first] = this.rates;
      const slider = this.#controls.get(first);
      this.on.share(this.shared.checked && slider instanceof Slider ? slider.value : null);
    });
    this.minibatch = boxIn(".minibatch");
    this.minibatch.addEventListener("change", () => this.on.turn());
    host.querySelector(".recommend").addEventListener("click", () => {
      this.on.reset([
        ...this.#controls.keys(),
        ...this.params.keys(),
        ...this.conditions.keys(),
        ...this.#recommended,
      ]);
    });
    host.querySelector(".more").addEventListener("click", () => {
      this.#wide = !this.list.classList.contains("switches");
      this.fit();
    });
    this.add = /** @type {HTMLSelectElement} */ (host.querySelector(".add"));
    menu(this.add, (key) => {
      if (key === OWN_RULE) this.#write("");
      else if (this.#on.length < this.#most) this.on.toggle([...this.#on, key]);
      else this.on.wrong(`At most ${this.#most} optimizers; turn one off first.`);
    });
    /** @param {Param} param */
    const make = (param) => this.#control(param);
    this.params = new Controls(host.querySelector(".params"), make);
    this.conditions = new Conditions(host.querySelector(".tab"), make, {
      reset: (keys) => this.on.reset(keys),
      turn: () => this.on.turn(),
    });
    for (const button of host.querySelectorAll(".tabs button")) {
      button.addEventListener("click", () => {
        this.#turnTo(button.dataset.tab ?? "");
        this.on.turn();
      });
    }
    this.text = RuleText && new RuleText(host.querySelector(".written"), {
      page: () => this.#page,
      race: (entry, text, same) => this.#race(entry, text, same),
      close: () => this.#turnTo("optimizers"),
    }); // a file goes without
    this.#turnTo("optimizers");
  }

  /**
   * Takes the page's description of a setup.
   * @param {Given} given
   */
  receive({ page: data }) {
    if (!data) return;
    this.#on = data.on;
    this.#most = data.most;
    this.#page = data;
    this.#recommended = data.recommended;
    const keys = data.cards.map(({ key, sliders }) => key + slidersOf(sliders)).join();
    if (keys !== this.keys) {
      this.keys = keys;
      this.#build(data.cards);
      this.#offer(data.others);
    }
    for (const card of data.cards) {
      const made = this.#cards.get(card.key);
      if (!made) continue;
      const { element, box, formula, acts } = made;
      this.#name(made, card.label);
      made.next = card.next;
      made.text = card.text;
      made.textless = card.textless ?? null;
      if (card.key === this.text?.entry) this.text.name(card.label);
      if (formula.written !== card.formula) {
        formula.element.innerHTML = formula.written = card.formula;
      }
      box.checked = card.on;
      element.classList.toggle("off", !card.on);
      const own = data.own_rules.includes(card.key);
      for (const option of acts.options) {
        const needs = RUNNING.includes(option.value) || (option.value === "remove" && !own);
        option.hidden = !option.value || (needs && !card.on);
      }
      for (const param of card.sliders) {
        const isRate = param.key.endsWith(".lr");
        const value = isRate && data.shared !== null ? data.shared : param.value;
        const set = this.#controls.get(param.key);
        set?.set(value, param.default);
        if (set && isChanged(set)) set.element.classList.add("changed");
      }
    }
    this.shared.checked = data.shared !== null;
    this.params.receive(data.params);
    this.params.host.hidden = !data.params.length;
    this.conditions.receive(data.conditions, data.own, data.looks);
    const tab = this.host.querySelector("[data-tab=conditions]");
    tab.classList.toggle("changed", this.conditions.changed);
    const room = `${keys} ${data.on} ${data.params.length}`;
    if (room !== this.#room) {
      this.#room = room;
      this.fit();
    }
  }

  /** @param {string} tab */
  #turnTo(tab) {
    this.host.dataset.tab = tab;
    for (const button of this.host.querySelectorAll(".tabs button")) {
      button.ariaPressed = String(button.dataset.tab === tab);
    }
    this.fit();
  }

  /** @param {string} entry */
  #turnToConditionsOf(entry) {
    this.conditions.turnTo(entry);
    this.#turnTo("conditions");
    this.conditions.list.focus({ preventScroll: true });
    this.on.turn();
  }

  /**
   * Shows an entry's rule as a text to be changed, or one of one's own to begin with.
   * @param {string} entry  empty for none
   */
  #write(entry) {
    const card = this.#cards.get(entry);
    if (card && !card.text) {
      this.on.wrong(card.textless ?? "");
      return;
    }
    this.text?.open(entry, card?.text ?? "", Boolean(this.#page?.own_rules.includes(entry)));
    this.#turnTo("text");
    // On a phone it is below the pictures.
    if (this.host.closest(".narrow")) this.host.querySelector(".written").scrollIntoView({ block: "end" });
  }

  /**
   * Has a text race as an entry. What its sliders are set to stays, unless the text says
   * otherwise.
   * @param {string} entry
   * @param {string} text
   * @param {(name: string, value: number) => boolean} same
   */
  #race(entry, text, same) {
    const on = this.#on.includes(entry) ? this.#on : [...this.#on, entry];
    if (on.length > this.#most) return `At most ${this.#most} optimizers; turn one off first.`;
    /** @type {Record<string, ?string>} */
    const texts = { [entry]: text };
    for (const [key, { value }] of this.#cards.get(entry)?.controls ?? []) {
      if (!same(key.slice(entry.length + 1), Number(value))) texts[key] = null;
    }
    this.on.toggle(on, texts);
    return "";
  }

  /** The entry whose start a click on the map sets; empty for the start of all. */
  get placing() {
    return this.host.dataset.tab === "conditions" ? this.conditions.entry : "";
  }

  /** @param {Param} param */
  #control(param) {
    return control(param, {
      input: (value) => this.on.value(param.key, value, false),
      change: () => this.on.value(param.key, null, true),
      wrong: this.on.wrong,
    });
  }

  /**
   * Puts cards into the list, each the one that was there if there was one.
   * @param {Card[]} cards
   */
  #build(cards) {
    const held = document.activeElement;
    const place = [...this.list.children].findIndex((card) => card.contains(held));
    const before = this.#cards;
    this.#cards = new Map(
      cards.map((card) => {
        const made = before.get(card.key);
        const same = made && made.sliders === slidersOf(card.sliders);
        return [card.key, same ? made : this.#card(card)];
      }),
    );
    const all = [...this.#cards.values()];
    this.#controls = new Map(all.flatMap(({ controls }) => controls));
    this.list.replaceChildren(...all.map(({ element }) => element));
    this.list.classList.toggle("many", cards.length >= MANY);
    this.#room = ""; // to be fitted
    if (place < 0) return;
    follows(held?.isConnected ? held : all[Math.min(place, all.length - 1)]?.box);
  }

  /**
   * @param {Card} card
   * @returns {Made}
   */
  #card(card) {
    const element = document.createElement("section");
    element.className = "card";
    element.dataset.testid = `card-${card.key}`;
    element.style.setProperty("--colour", wordStyle(card.colour));
    element.innerHTML = `
      <label class="name" title="Switch it on or off">
        ${markPicture(card.mark, card.colour)}<b></b>
        <span class="loss"></span>
        <button class="formula-button" title="The rule's formula" aria-expanded="false">ƒ</button>
        <select class="acts" title="Duplicate, only this one, edit as text, inside the step, own conditions, remove">
          <option value="" hidden>⋯</option>
          <option value="duplicate">duplicate</option>
          <option value="only">only this one</option>
          <option value="text">edit as text</option>
          <option value="inside">inside the step</option>
          <option value="conditions">own conditions</option>
          <option value="remove">remove</option>
        </select>
        <input type="checkbox" role="switch">
      </label>
      <p class="outcome"></p>
      <p class="formula"></p>`;
    const button = element.querySelector(".formula-button");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const open = element.classList.toggle("open");
      button.setAttribute("aria-expanded", String(open));
      this.fit();
    });
    const box = element.querySelector("input");
    box.addEventListener("change", () => {
      if (box.checked) this.on.toggle([...this.#on, card.key]);
      else this.#remove([card.key]);
    });
    element.addEventListener("click", ({ target }) => {
      // What is no control, and no label of one.
      if (target instanceof Element && !target.closest("label, button, select, input")) this.on.inspect(card.key);
    });
    const acts = /** @type {HTMLSelectElement} */ (element.querySelector(".acts"));
    acts.addEventListener("click", (event) => event.preventDefault()); // the label's
    menu(acts, (act) => {
      if (act === "duplicate") this.#duplicate(card.key);
      else if (act === "conditions") this.#turnToConditionsOf(card.key);
      else if (act === "inside") this.on.inspect(card.key);
      else if (act === "text") this.#write(card.key);
      else if (act === "remove") this.#remove([card.key], true);
      else if (this.#on.includes(card.key)) this.#remove(this.#on.filter((key) => key !== card.key));
      else this.#remove(this.#on, false, [card.key]);
    });
    /** @type {[string, Control][]} */
    const controls = card.sliders.map((param) => [param.key, this.#control(param)]);
    controls.forEach(([, made], i) => {
      made.element.classList.toggle("first", i === 0);
      element.append(made.element);
    });
    return {
      element,
      box,
      acts,
      controls,
      loss: element.querySelector(".loss"),
      outcome: element.querySelector(".outcome"),
      formula: { element: element.querySelector(".formula"), written: "" },
      label: "",
      sliders: slidersOf(card.sliders),
      next: card.next,
      text: card.text,
      textless: card.textless ?? null,
      room: null,
      written: null,
    };
  }

  /**
   * Calls a card by its entry's name, which says in what it differs from others of its rule.
   * @param {Made} card
   * @param {string} label
   */
  #name(card, label) {
    if (card.label === label) return;
    card.label = label;
    card.box.setAttribute("aria-label", label);
    card.element.querySelector(".formula-button").setAttribute("aria-label", `${label}: formula`);
    card.element.querySelector(".acts").setAttribute("aria-label", `${label}: more`);
    this.#label(card, label);
    card.written = null; // anew
  }

  /**
   * Writes a card's name, which leaves another room for the loss.
   * @param {Made} card
   * @param {string} name
   */
  #label(card, name) {
    write(card.element.querySelector("b"), name);
    card.room = null; // to be measured
  }

  /** Sees what room names leave for losses: of all cards at once, for each lays the page out. */
  #measure() {
    for (const card of this.#cards.values()) card.room ??= card.loss.clientWidth;
  }

  /**
   * One more entry of the same rule, which starts with the same values.
   * @param {string} key
   */
  #duplicate(key) {
    const card = this.#cards.get(key);
    if (!card) return;
    if (this.#on.length >= this.#most) {
      this.on.wrong(`At most ${this.#most} optimizers; turn one off first.`);
      return;
    }
    const { controls, next } = card;
    const own = this.#page?.own_rules.includes(key);
    if (own && !next) {
      this.on.wrong("At most 4 rules of your own; remove one first.");
      return;
    }
    /** @type {Record<string, string>} */
    const values = own ? { [next]: card.text } : {};
    for (const [name, { value, param }] of controls) {
      if (value !== param.default) values[next + name.slice(key.length)] = String(value);
    }
    for (const [name, text] of Object.entries(this.conditions.ownOf(key))) {
      values[`${next}.${name}`] = text;
    }
    this.on.toggle([...this.#on, next], values);
  }

  /**
   * Takes entries out of the race; what is not the first of its rule is forgotten, but what
   * a person has typed only where that is asked for.
   * @param {string[]} keys
   * @param {boolean} [forgets]
   * @param {string[]} [added]  what is switched on instead
   */
  #remove(keys, forgets = false, added = []) {
    const all = [...this.#controls.keys(), ...this.conditions.keys()];
    const own = this.#page?.own_rules ?? [];
    const gone = keys.filter((key) => key.includes("~") && (forgets || !own.includes(key)));
    const settings = [...gone.filter((key) => own.includes(key)), ...all.filter((name) => gone.includes(name.split(".")[0]))];
    const left = this.#on.filter((key) => !keys.includes(key));
    this.on.toggle([...left, ...added], Object.fromEntries(settings.map((name) => [name, null])));
  }

  /**
   * The optimizers that have no card, by group, to be added.
   * @param {Page["others"]} groups
   */
  #offer(groups) {
    const first = new Option("+ add", "");
    this.add.replaceChildren(
      first,
      ...groups.map(({ group, rules }) => {
        const part = document.createElement("optgroup");
        part.label = group;
        part.append(...rules.map(([key, label]) => new Option(label, key)));
        return part;
      }),
    );
    const own = document.createElement("optgroup");
    own.label = "Your own";
    own.append(new Option("a rule you type…", OWN_RULE));
    this.add.append(own);
  }

  resize() {
    if (this.#around() !== this.#fitted) this.fit();
  }

  /** What there is around the cards that decides what fits. */
  #around() {
    const { clientWidth, clientHeight } = this.list;
    const font = document.fonts.check("14px 'Source Sans'");
    return [clientWidth, clientHeight, window.innerWidth, window.innerHeight, palette.name, font].join();
  }

  /** Shows all sliders, and formulas, where there is room, or where a person asked. */
  fit() {
    if (!this.#cards.size) return; // each look at what fits lays all of the page out
    // With room to spare: outcomes that are longer take another line each.
    const fits = (spare = 0) => this.list.scrollHeight + spare <= this.list.clientHeight + 1;
    for (const one of this.#controls.values()) {
      // What is held stays, though it passes its default.
      one.element.classList.toggle("changed", isChanged(one) || one.element.contains(document.activeElement));
    }
    this.list.classList.remove("formulas", "roomy");
    this.list.classList.add("all", "switches");
    // Switches have no room before all sliders have.
    this.list.classList.toggle("switches", this.#wide ?? fits());
    this.list.classList.toggle("all", this.#wide ?? fits());
    this.list.classList.add("roomy");
    this.list.classList.toggle("roomy", fits(LINE * this.#cards.size));
    this.list.classList.add("formulas");
    this.list.classList.toggle("formulas", fits());
    const more = this.host.querySelector(".more");
    const open = this.list.classList.contains("switches");
    more.textContent = open ? "fewer sliders" : "all sliders";
    more.setAttribute("aria-expanded", String(open));
    for (const card of this.#cards.values()) {
      this.#label(card, card.label);
      card.written = null; // anew
    }
    const [one] = this.#cards.values();
    // Not the shorthand: it is empty where figures are of one width.
    const { fontWeight, fontSize, fontFamily } = getComputedStyle(one.loss);
    this.#font = `${fontWeight} ${fontSize} ${fontFamily}`;
    this.#fitted = this.#around();
  }

  /**
   * Shows one value of a slider that another one moved.
   * @param {string} key
   * @param {number} value
   */
  follow(key, value) {
    const slider = this.#controls.get(key);
    if (slider instanceof Slider) slider.set(value, slider.param.default);
  }

  /**
   * Offers the map of a step's minibatch, or does not.
   * @param {boolean} offers
   * @param {string} words  what it is called
   */
  offerMinibatch(offers, words) {
    const row = this.host.querySelector(".minibatch");
    hide(row, !offers);
    write(row.querySelector(".words"), words);
  }

  get rates() {
    return [...this.#controls.keys()].filter((key) => key.endsWith(".lr"));
  }

  /**
   * Shows how each run stands at a step; without a race, what is waited for.
   * @param {Moment} moment
   */
  draw({ computed: race, step: at, waiting, writes, inspection, foresees, asked }) {
    if (!writes) return;
    const inspected = inspection?.inside.entry;
    const step = Math.floor(at);
    const runs = new Map(race?.runs.map((run) => [run.key, run]));
    const ranks = race && step >= race.steps ? ranksOf(race) : null;
    for (const [key, card] of this.#cards) {
      const run = runs.get(key);
      if (run) this.#name(card, run.look.label);
    }
    this.#measure();
    for (const [key, card] of this.#cards) {
      const run = runs.get(key);
      card.element.classList.toggle("inspected", key === inspected);
      const rate = this.#controls.get(`${key}.lr`);
      if (run && rate instanceof Slider) rate.mark(run.limits ?? {});
      const waits = !race && card.box.checked;
      const ahead = Boolean(race && run && step < (run.step ?? race.steps));
      const hides = ahead && asked !== null;
      const text = waits ? waiting : (run?.text ?? "off");
      const ended = hides ? "" : text;
      setData(card.element, "outcome", ended);
      setData(card.element, "kind", waits ? "waits" : hides ? "" : (run?.kind ?? "off"));
      const said = race && run ? outcomeAt(run, race.steps, step, foresees) : text;
      if (card.outcome.title !== said) write(card.outcome, (card.outcome.title = said));
      card.outcome.classList.toggle("ahead", ahead || waits);
      const standing = race && run ? standingOf(race, run, step, asked ? null : ranks) : [""];
      const whole = standing.join(" · ");
      if (card.written === whole) continue;
      card.written = card.loss.title = whole;
      // No number is cut: what has no room is not there.
      const fitting = () => [whole, standing[0]].find((line) => this.#measured(line) <= (card.room ?? 0));
      let shown = fitting();
      if (shown === undefined && run) {
        this.#label(card, run.look.short);
        this.#measure();
        shown = fitting();
      }
      write(card.loss, shown ?? standing[0].replace("loss ", ""));
    }
    if (!race || race.surface === this.#surface) return;
    this.#surface = race.surface; // whose outcomes may take more lines
    this.fit();
  }

  /**
   * How wide a text is where losses stand, in pixels.
   * @param {string} text
   */
  #measured(text) {
    this.#ruler.font = this.#font;
    return 1.03 * this.#ruler.measureText(text).width; // figures of one width are wider
  }
}

/**
 * Whether something is set that is not its default: that is shown where sliders are few.
 * @param {Control} control
 */
const isChanged = ({ value, param }) => Number(value) !== Number(param.default);

/**
 * What sliders there are, but for where they stand: those of a typed rule may be others.
 * @param {Param[]} sliders
 */
function slidersOf(sliders) {
  return JSON.stringify(sliders.map(({ key, label, symbol, low, high, scale }) => [key, label, symbol, low, high, scale]));
}

/**
 * The loss at a step, at the end with its rank, and where a minimum is known, how far away
 * that is.
 * @param {Race} race
 * @param {Run} run
 * @param {number} step
 * @param {?Map<string, string>} ranks
 */
function standingOf(race, run, step, ranks) {
  const rank = ranks ? ` (${ranks.get(run.key)})` : "";
  const loss = `loss ${short(race.base + run.excess[step])}${rank}`;
  const distance = distanceToNearest(run, step, race.minima);
  const known = distance !== null && Number.isFinite(distance);
  return known ? [loss, `${short(distance)} away`] : [loss];
}
