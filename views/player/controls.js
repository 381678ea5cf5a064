// The controls of a declared setting: a slider for a number, a switch, a choice.
//
// All have an `element`, a `value`, and `set(value, recommended)`; they call
// `input(value)` while they are moved and `change()` when they are let go.

import { follows } from "./keys.js";
import { Slider, nameOf } from "./slider.js";

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

/** @type {Record<string, typeof Switch | typeof Choice>} */
const KINDS = { switch: Switch, choice: Choice };

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
