// The controls of a declared setting: a slider for a number, a switch, a choice.
//
// All have an `element`, a `value`, and `set(value, recommended)`; they call
// `input(value)` while they are moved and `change()` when they are let go.

import { follows } from "./keys.js";
import { Slider, nameOf, typedNumber } from "./slider.js";

class Switch {
  value = 0;

  /**
   * @param {Param} param
   * @param {ControlEvents} on
   */
  constructor(param, { input, change }) {
    this.param = param;
    this.element = document.createElement("label");
    this.element.className = "slider switch";
    this.element.title = `${param.label}: ${param.meaning}`;
    this.element.innerHTML = '<span class="words"></span><input type="checkbox" role="switch">';
    this.element.querySelector("span").textContent = param.label;
    this.box = this.element.querySelector("input");
    this.box.dataset.testid = param.key;
    this.box.disabled = Boolean(param.fixed);
    this.box.setAttribute("aria-label", nameOf(param));
    this.box.addEventListener("change", () => {
      this.value = Number(this.box.checked);
      input(this.value);
      change();
    });
    this.set(param.value, param.default);
  }

  /**
   * @param {any} value
   * @param {any} recommended
   */
  set(value, recommended) {
    this.param.default = recommended;
    this.value = value;
    this.box.checked = Boolean(value);
  }
}

class Choice {
  value = "";

  /**
   * @param {Param} param
   * @param {ControlEvents} on
   */
  constructor(param, { input, change }) {
    this.param = param;
    this.element = document.createElement("label");
    this.element.className = "slider choice";
    this.element.title = `${param.label}: ${param.meaning}`;
    this.element.innerHTML = '<span class="words"></span><select></select>';
    this.element.querySelector("span").textContent = param.label;
    this.list = this.element.querySelector("select");
    this.list.dataset.testid = param.key;
    this.list.setAttribute("aria-label", nameOf(param));
    this.list.append(...Object.entries(param.choices).map(([key, label]) => new Option(label, key)));
    this.list.addEventListener("change", () => {
      this.value = this.list.value;
      input(this.value);
      change();
    });
    this.set(param.value, param.default);
  }

  /**
   * @param {any} value
   * @param {any} recommended
   */
  set(value, recommended) {
    this.param.default = recommended;
    this.value = value;
    this.list.value = value;
  }
}

/** Two numbers, typed as x, y. */
class PairField {
  /** @type {Pair} */
  value = [0, 0];

  /**
   * @param {Param} param
   * @param {ControlEvents} on
   */
  constructor(param, { input, change, wrong }) {
    this.param = param;
    this.element = document.createElement("label");
    this.element.className = "slider pair";
    this.element.title = `${param.label}: ${param.meaning}`;
    this.element.innerHTML =
      '<span class="words"></span><input class="typed" type="text" spellcheck="false">';
    this.element.querySelector("span").textContent = param.label;
    this.typed = this.element.querySelector("input");
    this.typed.dataset.testid = param.key;
    this.typed.setAttribute("aria-label", nameOf(param));
    this.typed.addEventListener("change", () => {
      const text = this.typed.value.trim();
      if (text === "" || text === pairText(this.value)) {
        this.#write();
        return;
      }
      const pair = text.replace(/^\(|\)$/g, "").split(/[,;]\s+|[,;\s]/).map(typedNumber);
      const { ranges } = /** @type {OwnParam} */ (this.param);
      if (pair.length === 2 && pair.every((v, i) => v >= ranges[i][0] && v <= ranges[i][1])) {
        this.value = [pair[0], pair[1]];
        this.#write();
        input(pair);
        change();
      } else {
        const [x, y] = ranges.map(([low, high]) => `from ${low} to ${high}`);
        wrong(`${param.label} “${text.slice(0, 40)}” is no point of the map; allowed is x, y with x ${x} and y ${y}.`);
        this.#write();
      }
    });
    this.set(param.value, param.default);
  }

  /**
   * @param {Pair} value
   * @param {Pair} recommended
   */
  set(value, recommended) {
    this.param.default = recommended;
    this.value = value;
    if (document.activeElement !== this.typed) this.#write();
    this.element.classList.toggle("held", String(value) !== String(recommended));
  }

  #write() {
    this.typed.value = pairText(this.value);
  }
}

/** @param {Pair} pair */
const pairText = (pair) => pair.map((value) => Number(value.toPrecision(6))).join(", ");

/** @type {Record<string, typeof Switch | typeof Choice | typeof PairField>} */
const KINDS = { switch: Switch, choice: Choice, pair: PairField };

/**
 * The control that suits a setting.
 * @param {Param} param
 * @param {ControlEvents} on
 */
export function control(param, on) {
  const kind = KINDS[param.scale] ?? Slider;
  const made = new kind(param, on);
  const meaning = document.createElement("small");
  meaning.className = "meaning";
  meaning.textContent = param.meaning;
  made.element.append(meaning);
  return made;
}

/**
 * What the control of a setting is made for: all but its value and the recommended one.
 * @param {Param} param
 */
const kindOf = ({ value, default: recommended, ...kind }) => JSON.stringify(kind);

/** Controls in a host; each is kept while there is a setting for it. */
export class Controls {
  /** @type {Map<string, {kind: string, control: ReturnType<typeof control>}>} */
  #made = new Map();

  /**
   * @param {HTMLElement} host
   * @param {(param: Param) => ReturnType<typeof control>} make  makes a setting's control
   */
  constructor(host, make) {
    this.host = host;
    this.make = make;
  }

  /** @param {Param[]} settings */
  receive(settings) {
    const before = this.#made;
    this.#made = new Map(
      settings.map((setting) => {
        const kind = kindOf(setting);
        const old = before.get(setting.key);
        return [setting.key, old?.kind === kind ? old : { kind, control: this.make(setting) }];
      }),
    );
    const elements = [...this.#made.values()].map(({ control: { element } }) => element);
    const there = [...this.host.children];
    if (elements.length !== there.length || elements.some((one, i) => one !== there[i])) {
      const held = document.activeElement;
      const inside = this.host.contains(held);
      this.host.replaceChildren(...elements);
      if (inside) follows(held);
    }
    for (const { key, value, default: recommended } of settings) {
      this.#made.get(key)?.control.set(value, recommended);
    }
  }

  keys() {
    return [...this.#made.keys()];
  }
}
