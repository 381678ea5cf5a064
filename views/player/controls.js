// The controls of a declared setting: a slider for a number, a switch, a choice.
//
// All have an `element`, a `value`, and `set(value, recommended)`; they call
// `input(value)` while they are moved and `change()` when they are let go.

import { Slider, nameOf } from "./slider.js";

class Switch {
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
      this.box.blur();
    });
    this.set(param.value, param.default);
  }

  set(value, recommended) {
    this.param.default = recommended;
    this.value = value;
    this.box.checked = Boolean(value);
  }
}

class Choice {
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
      this.list.blur();
    });
    this.set(param.value, param.default);
  }

  set(value, recommended) {
    this.param.default = recommended;
    this.value = value;
    this.list.value = value;
  }
}

/** The control that suits a setting. */
export function control(param, on) {
  const kind = { switch: Switch, choice: Choice }[param.scale] ?? Slider;
  const made = new kind(param, on);
  const meaning = document.createElement("small");
  meaning.className = "meaning";
  meaning.textContent = param.meaning;
  made.element.append(meaning);
  return made;
}

/** Controls in a host, made anew only when their settings are others. */
export class Controls {
  #made = new Map();

  /**
   * @param {HTMLElement} host
   * @param {(param: object) => object} make  makes the control of a setting
   */
  constructor(host, make) {
    this.host = host;
    this.make = make;
  }

  receive(settings) {
    const same = settings.map(({ key }) => key).join() === [...this.#made.keys()].join();
    if (!same) {
      this.#made = new Map(settings.map((setting) => [setting.key, this.make(setting)]));
      this.host.replaceChildren(...[...this.#made.values()].map(({ element }) => element));
    }
    for (const { key, value, default: recommended } of settings) {
      this.#made.get(key).set(value, recommended);
    }
  }

  keys() {
    return [...this.#made.keys()];
  }
}
