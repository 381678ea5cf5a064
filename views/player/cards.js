// One card for each optimizer: its look, its state at the current step, its sliders.

import { short } from "./axis.js";
import { markPicture } from "./marks.js";
import { distanceToNearest } from "./race.js";
import { Slider } from "./slider.js";

export class Cards {
  #cards = new Map();
  #sliders = new Map();
  #wide = null; // whether cards show all sliders: by room, until a person says

  /**
   * @param {HTMLElement} host
   * @param {object} on
   * @param {(key: string, value: ?number, done: boolean) => void} on.value
   * @param {(on: string[]) => void} on.toggle  the optimizers that are on
   * @param {(shared: ?number) => void} on.share  one learning rate for all, or null
   * @param {(keys: string[]) => void} on.reset  settings to go back to the default
   * @param {(sentence: string) => void} on.wrong
   */
  constructor(host, on) {
    this.host = host;
    this.on = on;
    this.knobs = host.querySelector(".knobs");
    this.list = host.querySelector(".list");
    this.shared = host.querySelector(".shared input");
    this.shared.addEventListener("change", () => {
      const first = this.#sliders.values().next().value;
      this.on.share(this.shared.checked ? first.value : null);
    });
    host.querySelector(".recommend").addEventListener("click", () => {
      this.on.reset([...this.#sliders.keys(), ...this.knobSliders.keys(), "lr"]);
    });
    host.querySelector(".more").addEventListener("click", () => {
      this.#wide = !this.list.classList.contains("all");
      this.fit();
    });
    this.knobSliders = new Map();
  }

  /** Takes the page's description of a setup. */
  receive(data) {
    this.minima = data.minima;
    const keys = data.cards.map((card) => card.key).join();
    if (keys !== this.keys) {
      this.keys = keys;
      this.#build(data.cards);
    }
    for (const card of data.cards) {
      const { element, box } = this.#cards.get(card.key);
      box.checked = card.on;
      element.classList.toggle("off", !card.on);
      for (const param of card.sliders) {
        const isRate = param.key.endsWith(".lr");
        const value = isRate && data.shared !== null ? data.shared : param.value;
        this.#sliders.get(param.key).set(value, param.default);
      }
    }
    this.shared.checked = data.shared !== null;
    this.#turnable(data.knobs);
  }

  /** The sliders of the surface itself. */
  #turnable(knobs) {
    const same = knobs.map((knob) => knob.key).join() === [...this.knobSliders.keys()].join();
    if (!same) {
      this.knobSliders = new Map(knobs.map((knob) => [knob.key, this.#slider(knob)]));
      this.knobs.replaceChildren(...[...this.knobSliders.values()].map((s) => s.element));
      this.knobs.hidden = !knobs.length;
    }
    for (const knob of knobs) this.knobSliders.get(knob.key).set(knob.value, knob.default);
  }

  #slider(param) {
    return new Slider(param, {
      input: (value) => this.on.value(param.key, value, false),
      change: () => this.on.value(param.key, null, true),
      wrong: this.on.wrong,
    });
  }

  #build(cards) {
    this.#sliders.clear();
    this.#cards.clear();
    for (const card of cards) {
      const element = document.createElement("section");
      element.className = "card";
      element.dataset.testid = `card-${card.key}`;
      element.style.setProperty("--colour", card.colour);
      element.innerHTML = `
        <label class="name" title="Switch it on or off">
          ${markPicture(card.mark, card.colour)}<b></b>
          <span class="loss"></span>
          <input type="checkbox" role="switch">
        </label>
        <p class="outcome"></p>`;
      element.querySelector("b").textContent = card.label;
      const box = element.querySelector("input");
      box.setAttribute("aria-label", card.label);
      box.addEventListener("change", () => {
        this.on.toggle([...this.#cards].filter(([, c]) => c.box.checked).map(([key]) => key));
      });
      for (const param of card.sliders) {
        const slider = this.#slider(param);
        this.#sliders.set(param.key, slider);
        element.append(slider.element);
      }
      this.#cards.set(card.key, {
        element,
        box,
        loss: element.querySelector(".loss"),
        outcome: element.querySelector(".outcome"),
      });
    }
    this.list.replaceChildren(...[...this.#cards.values()].map((card) => card.element));
    this.fit();
  }

  /** Shows all sliders where there is room for them, or where a person asked. */
  fit() {
    this.list.classList.add("all");
    const room = this.list.scrollHeight <= this.list.clientHeight + 1;
    this.list.classList.toggle("all", this.#wide ?? room);
    const more = this.host.querySelector(".more");
    const open = this.list.classList.contains("all");
    more.textContent = open ? "fewer sliders" : "all sliders";
    more.setAttribute("aria-expanded", String(open));
  }

  /** Shows one value of a slider that another one moved. */
  follow(key, value) {
    const slider = this.#sliders.get(key);
    slider?.set(value, slider.param.default);
  }

  get rates() {
    return [...this.#sliders.keys()].filter((key) => key.endsWith(".lr"));
  }

  /** Shows how each run stands at a step. */
  show(race, step) {
    const runs = new Map(race.runs.map((run) => [run.key, run]));
    for (const [key, card] of this.#cards) {
      const run = runs.get(key);
      const text = run ? run.text : "off";
      if (card.element.dataset.outcome !== text) {
        card.element.dataset.outcome = text;
        card.element.dataset.kind = run?.kind ?? "off";
        card.outcome.textContent = text;
        card.outcome.title = text;
      }
      // Dim until the race has come to where it happens.
      card.outcome.classList.toggle("ahead", Boolean(run) && step < (run.step ?? race.steps));
      const loss = run ? this.#standing(race, run, step) : "";
      if (card.loss.textContent !== loss) card.loss.textContent = loss;
    }
  }

  #standing(race, run, step) {
    const loss = `loss ${short(race.base + run.excess[step])}`;
    const distance = distanceToNearest(run, step, this.minima);
    return Number.isFinite(distance) && distance !== null
      ? `${loss} · ${short(distance)} away`
      : loss;
  }
}
