// @ts-nocheck
// The column beside the pictures: a card for each optimizer with its look, its state at
// the current step and its sliders; and, on a second leaf, the conditions all share.

import { short } from "./axis.js";
import { Conditions } from "./conditions.js";
import { Controls, control } from "./controls.js";
import { follows, menu } from "./keys.js";
import { markPicture } from "./marks.js";
import { distanceToNearest } from "./race.js";

const LINE = 16; // pixels of a line of text
const MANY = 6; // cards from which each says all in two lines

export class Cards {
  #cards = new Map();
  #controls = new Map();
  #wide = null; // whether cards show all sliders: by room, until a person says
  #on = [];
  #most = 0;
  #recommended = []; // settings that have no control here, and a recommended value
  #room = ""; // what decides how much there is to show
  #ruler = document.createElement("canvas").getContext("2d");
  #surface = ""; // of the race that is shown
  #font = ""; // in which losses are written

  /**
   * @param {HTMLElement} host
   * @param {object} on
   * @param {(key: string, value: ?(number|string), done: boolean) => void} on.value
   * @param {(on: string[], more?: object) => void} on.toggle  the entries that are on, and
   *   texts of other settings that change with them
   * @param {(shared: ?number) => void} on.share  one learning rate for all, or null
   * @param {(keys: string[]) => void} on.reset  settings to go back to the default
   * @param {(sentence: string) => void} on.wrong
   * @param {() => void} on.turn  the conditions of another entry are shown, or of all
   */
  constructor(host, on) {
    this.host = host;
    this.on = on;
    this.list = host.querySelector(".list");
    this.shared = host.querySelector(".shared input");
    this.shared.addEventListener("change", () => {
      const first = this.rates[0];
      this.on.share(this.shared.checked && first ? this.#controls.get(first).value : null);
    });
    host.querySelector(".recommend").addEventListener("click", () => {
      this.on.reset([
        ...this.#controls.keys(),
        ...this.knobs.keys(),
        ...this.conditions.keys(),
        ...this.#recommended,
      ]);
    });
    host.querySelector(".more").addEventListener("click", () => {
      this.#wide = !this.list.classList.contains("switches");
      this.fit();
    });
    this.add = host.querySelector(".add");
    menu(this.add, (key) => {
      if (this.#on.length < this.#most) this.on.toggle([...this.#on, key]);
      else this.on.wrong(`At most ${this.#most} optimizers; turn one off first.`);
    });
    const make = (param) => this.#control(param);
    this.knobs = new Controls(host.querySelector(".knobs"), make);
    this.conditions = new Conditions(host.querySelector(".leaf"), make, {
      reset: (keys) => this.on.reset(keys),
      turn: () => this.on.turn(),
    });
    for (const tab of host.querySelectorAll(".tabs button")) {
      tab.addEventListener("click", () => {
        this.#turnTo(tab.dataset.leaf);
        this.on.turn();
      });
    }
    this.#turnTo("optimizers");
  }

  /** Takes the page's description of a setup. */
  receive(data) {
    this.#on = data.on;
    this.#most = data.most;
    this.#recommended = data.recommended;
    const keys = data.cards.map((card) => card.key).join();
    if (keys !== this.keys) {
      this.keys = keys;
      this.#build(data.cards);
      this.#offer(data.others);
    }
    for (const card of data.cards) {
      const { element, box, formula } = this.#cards.get(card.key);
      this.#name(card.key, card.label);
      this.#cards.get(card.key).next = card.next;
      if (formula.written !== card.formula) {
        formula.element.innerHTML = formula.written = card.formula;
      }
      box.checked = card.on;
      element.classList.toggle("off", !card.on);
      for (const param of card.sliders) {
        const isRate = param.key.endsWith(".lr");
        const value = isRate && data.shared !== null ? data.shared : param.value;
        this.#controls.get(param.key).set(value, param.default);
      }
    }
    this.shared.checked = data.shared !== null;
    this.knobs.receive(data.params);
    this.knobs.host.hidden = !data.params.length;
    this.conditions.receive(data.conditions, data.own, data.looks);
    const leaf = this.host.querySelector("[data-leaf=conditions]");
    leaf.classList.toggle("changed", this.conditions.changed);
    const room = `${keys} ${data.on} ${data.params.length}`;
    if (room !== this.#room) {
      this.#room = room;
      this.fit();
    }
  }

  #turnTo(leaf) {
    this.host.dataset.leaf = leaf;
    for (const tab of this.host.querySelectorAll(".tabs button")) {
      tab.ariaPressed = String(tab.dataset.leaf === leaf);
    }
    this.fit();
  }

  #turnToConditionsOf(entry) {
    this.conditions.turnTo(entry);
    this.#turnTo("conditions");
    this.conditions.list.focus({ preventScroll: true });
    this.on.turn();
  }

  /** The entry whose start a click on the map sets; empty for the start of all. */
  get placing() {
    return this.host.dataset.leaf === "conditions" ? this.conditions.entry : "";
  }

  #control(param) {
    return control(param, {
      input: (value) => this.on.value(param.key, value, false),
      change: () => this.on.value(param.key, null, true),
      wrong: this.on.wrong,
    });
  }

  /** Puts cards into the list, each the one that was there if there was one. */
  #build(cards) {
    const held = document.activeElement;
    const place = [...this.list.children].findIndex((card) => card.contains(held));
    const before = this.#cards;
    this.#cards = new Map(cards.map((card) => [card.key, before.get(card.key) ?? this.#card(card)]));
    const all = [...this.#cards.values()];
    this.#controls = new Map(all.flatMap(({ controls }) => controls));
    this.list.replaceChildren(...all.map(({ element }) => element));
    this.list.classList.toggle("many", cards.length >= MANY);
    this.fit();
    if (place < 0) return;
    follows(held.isConnected ? held : all[Math.min(place, all.length - 1)]?.box);
  }

  #card(card) {
    const element = document.createElement("section");
    element.className = "card";
    element.dataset.testid = `card-${card.key}`;
    element.style.setProperty("--colour", card.colour);
    element.innerHTML = `
      <label class="name" title="Switch it on or off">
        ${markPicture(card.mark, card.colour)}<b></b>
        <span class="loss"></span>
        <button class="tell" title="The rule's formula" aria-expanded="false">ƒ</button>
        <select class="acts" title="Duplicate, remove, only this one, or its own conditions">
          <option value="" hidden>⋯</option>
          <option value="duplicate">duplicate</option>
          <option value="only">only this one</option>
          <option value="conditions">own conditions</option>
          <option value="remove">remove</option>
        </select>
        <input type="checkbox" role="switch">
      </label>
      <p class="outcome"></p>
      <p class="formula"></p>`;
    const tell = element.querySelector(".tell");
    tell.addEventListener("click", (event) => {
      event.preventDefault();
      const told = element.classList.toggle("told");
      tell.setAttribute("aria-expanded", String(told));
      this.fit();
    });
    const box = element.querySelector("input");
    box.addEventListener("change", () => {
      if (box.checked) this.on.toggle([...this.#on, card.key]);
      else this.#remove([card.key]);
    });
    const acts = element.querySelector(".acts");
    acts.addEventListener("click", (event) => event.preventDefault()); // the label's
    menu(acts, (act) => {
      if (act === "duplicate") this.#duplicate(card.key);
      else if (act === "conditions") this.#turnToConditionsOf(card.key);
      else if (act === "remove") this.#remove([card.key]);
      else this.#remove(this.#on.filter((key) => key !== card.key));
    });
    const controls = card.sliders.map((param, i) => {
      const made = this.#control(param);
      made.element.classList.toggle("first", i === 0);
      element.append(made.element);
      return [param.key, made];
    });
    return {
      element,
      box,
      controls,
      loss: element.querySelector(".loss"),
      outcome: element.querySelector(".outcome"),
      formula: { element: element.querySelector(".formula"), written: "" },
      label: "", // until `#name` writes it
    };
  }

  /** Calls a card by its entry's name, which says in what it differs from others of its rule. */
  #name(key, label) {
    const card = this.#cards.get(key);
    if (card.label === label) return;
    card.label = label;
    card.box.setAttribute("aria-label", label);
    card.element.querySelector(".tell").setAttribute("aria-label", `${label}: formula`);
    card.element.querySelector(".acts").setAttribute("aria-label", `${label}: more`);
    this.#write(card, label);
    card.written = null; // anew
  }

  /** Writes a card's name, and sees what room that leaves for the loss. */
  #write(card, name) {
    card.element.querySelector("b").textContent = name;
    card.room = card.loss.clientWidth;
  }

  /** One more entry of the same rule, which starts with the same values. */
  #duplicate(key) {
    if (this.#on.length >= this.#most) {
      this.on.wrong(`At most ${this.#most} optimizers; turn one off first.`);
      return;
    }
    const { controls, next } = this.#cards.get(key);
    const values = {};
    for (const [name, { value, param }] of controls) {
      if (value !== param.default) values[next + name.slice(key.length)] = String(value);
    }
    for (const [name, text] of Object.entries(this.conditions.ownOf(key))) {
      values[`${next}.${name}`] = text;
    }
    this.on.toggle([...this.#on, next], values);
  }

  /** Takes entries out of the race; what is not the first of its rule is forgotten. */
  #remove(keys) {
    const gone = keys.filter((key) => key.includes("~"));
    const all = [...this.#controls.keys(), ...this.conditions.keys()];
    const settings = all.filter((name) => gone.includes(name.split(".")[0]));
    const left = this.#on.filter((key) => !keys.includes(key));
    this.on.toggle(left, Object.fromEntries(settings.map((name) => [name, null])));
  }

  /** The optimizers that have no card, by group, to be added. */
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
    this.add.hidden = !groups.length;
  }

  /** Shows all sliders, and formulas, where there is room, or where a person asked. */
  fit() {
    // With room to spare: outcomes that are longer take another line each.
    const fits = (spare = 0) => this.list.scrollHeight + spare <= this.list.clientHeight + 1;
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
      this.#write(card, card.label);
      card.written = null; // anew
    }
    const [one] = this.#cards.values();
    if (one) this.#font = getComputedStyle(one.loss).font;
  }

  /** Shows one value of a slider that another one moved. */
  follow(key, value) {
    const slider = this.#controls.get(key);
    slider?.set(value, slider.param.default);
  }

  get rates() {
    return [...this.#controls.keys()].filter((key) => key.endsWith(".lr"));
  }

  /** Shows how each run stands at a step; without a race, what is waited for. */
  show(race, step, word) {
    const runs = new Map(race?.runs.map((run) => [run.key, run]));
    for (const [key, card] of this.#cards) {
      const run = runs.get(key);
      if (run) this.#name(key, run.look.label);
      const waits = !race && card.box.checked;
      const text = waits ? word : (run?.text ?? "off");
      if (card.element.dataset.outcome !== text) {
        card.element.dataset.outcome = text;
        card.element.dataset.kind = waits ? "waits" : (run?.kind ?? "off");
        card.outcome.textContent = text;
        card.outcome.title = text;
      }
      // Dim until the race has come to where it happens.
      const ahead = run && step < (run.step ?? race.steps);
      card.outcome.classList.toggle("ahead", Boolean(ahead || waits));
      const standing = run ? this.#standing(race, run, step) : [""];
      const whole = standing.join(" · ");
      if (card.written === whole) continue;
      card.written = card.loss.title = whole;
      // No number is cut: what has no room is not there.
      const fitting = () => [whole, standing[0]].find((line) => this.#measured(line) <= card.room);
      let shown = fitting();
      if (shown === undefined && run) {
        this.#write(card, run.look.short);
        shown = fitting();
      }
      card.loss.textContent = shown ?? standing[0].replace("loss ", "");
    }
    if (!race || race.surface === this.#surface) return;
    this.#surface = race.surface; // whose outcomes may take more lines
    this.fit();
  }

  /** How wide a text is where losses stand, in pixels. */
  #measured(text) {
    this.#ruler.font = this.#font;
    return 1.03 * this.#ruler.measureText(text).width; // figures of one width are wider
  }

  /** The loss at a step and, where a minimum is known, how far away that is. */
  #standing(race, run, step) {
    const loss = `loss ${short(race.base + run.excess[step])}`;
    const distance = distanceToNearest(run, step, race.minima);
    const known = distance !== null && Number.isFinite(distance);
    return known ? [loss, `${short(distance)} away`] : [loss];
  }
}
