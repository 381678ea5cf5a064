// The timeline: which step is shown, whether it plays, how fast, and whether it loops; and
// the race as a file.

import { menu } from "./keys.js";
import { Panel } from "./panel.js";
import { DATA, OPEN_FILE } from "./save.js";
import { sideways } from "./touch.js";
import { write } from "./write.js";

const SPEEDS = [5, 10, 20, 40, 80, 160, 320, 640]; // steps a second
const WHOLE_RACE = 6; // seconds a race takes unless a speed was chosen
/** @type {Readonly<Record<string, string>>} The libraries that a race is written for. */
export const SCRIPTS = { numpy: "NumPy", torch: "PyTorch", optax: "JAX, optax", keras: "Keras" };
const CODE = Object.entries({ py: "code", ipynb: "notebook" }).flatMap(([ending, kind]) =>
  Object.entries(SCRIPTS).map(([target, name]) => [`${target}.${ending}`, `${kind} (${name})`]),
);
const REST = 1.2; // seconds at the end before a loop begins again

const PICTURES = {
  restart: '<path d="M6 5v14M19 5 9 12l10 7z"/>',
  back: '<path d="M17 5 8 12l9 7z"/>',
  play: '<path d="M7 4v16l13-8z"/>',
  pause: '<path d="M6 4h4v16H6zM14 4h4v16h-4z"/>',
  forward: '<path d="M7 5l9 7-9 7z"/>',
  loop: '<path fill="none" d="M5 12a7 7 0 0 1 12-5l2 2M19 12a7 7 0 0 1-12 5l-2-2M19 4v5h-5M5 20v-5h5"/>',
};
/** @param {keyof typeof PICTURES} name */
const picture = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true">${PICTURES[name]}</svg>`;

export class Timeline extends Panel {
  step = 0; // may lie between two iterates while playing
  playing = true;
  #steps = 1;
  #rested = 0;
  /** @type {?number} */
  #chosen = null;

  /**
   * @param {HTMLElement} host
   * @param {(format: string) => void} onSave  of the race as a file, or as code: "torch.py"
   */
  constructor(host, onSave) {
    super(host);
    host.innerHTML = `
      <button class="restart" title="Restart (Home)">${picture("restart")}</button>
      <button class="back" title="One step back (←)">${picture("back")}</button>
      <button class="play" title="Play or pause (space)"></button>
      <button class="forward" title="One step forward (→)">${picture("forward")}</button>
      <button class="loop" title="Loop" aria-pressed="true">${picture("loop")}</button>
      <input type="range" min="0" step="1" class="scrub" aria-label="Step" data-testid="timeline">
      <output></output>
      <select aria-label="Speed" title="Speed" data-testid="speed">
        <option value="">auto</option>
        ${SPEEDS.map((speed) => `<option value="${speed}">${speed}/s</option>`).join("")}
      </select>
      <select class="save" aria-label="Save this race" title="Save this race" data-testid="save-race">
        <option value="">save as…</option>
        <option value="picture">picture…</option><option value="film">film…</option>
        ${Object.entries(DATA).map(([form, name]) => `<option value="${form}">${name}</option>`).join("")}
        <option value="tex">figure or equations (LaTeX)…</option>
        <option value="html">web page that plays (HTML)</option>
        ${CODE.map(([file, name]) => `<option value="${file}">${name}</option>`).join("")}
        <option value="${OPEN_FILE}">open a file…</option>
      </select>`;
    menu(host.querySelector(".save"), onSave);
    /** @param {string} name */
    const find = (name) => host.querySelector(name);
    this.button = find(".play");
    this.scrub = host.querySelector("input");
    this.output = host.querySelector("output");
    this.loop = find(".loop");
    this.speed = host.querySelector("select");
    find(".restart").addEventListener("click", () => this.seek(0));
    find(".back").addEventListener("click", () => this.move(-1));
    find(".forward").addEventListener("click", () => this.move(1));
    this.button.addEventListener("click", () => this.toggle());
    this.loop.addEventListener("click", () => {
      this.loop.ariaPressed = String(this.loop.ariaPressed !== "true");
    });
    this.scrub.addEventListener("input", () => {
      this.playing = false;
      this.seek(Number(this.scrub.value));
    });
    this.scrub.addEventListener("pointerup", () => this.scrub.blur());
    sideways(this.scrub);
    this.speed.addEventListener("change", () => {
      this.#chosen = Number(this.speed.value) || null;
    });
  }

  get steps() {
    return this.#steps;
  }

  /** Steps a second, while it plays. */
  get rate() {
    return this.#chosen ?? Math.max(10, this.#steps / WHOLE_RACE);
  }

  set steps(steps) {
    this.#steps = steps;
    this.step = Math.min(this.step, steps);
    const max = String(steps);
    if (this.scrub.max !== max) this.scrub.max = max; // the same value costs as much as another
  }

  /**
   * Plays as fast as an address says, and as often.
   * @param {Pick<Page, "speed" | "loop">} page
   */
  open({ speed, loop }) {
    const value = speed ? String(speed) : "";
    const known = [...this.speed.options].some((option) => option.value === value);
    if (!known) this.speed.append(new Option(`${value}/s`, value));
    this.#chosen = speed;
    this.speed.value = value;
    this.loop.ariaPressed = String(loop);
  }

  /** What an address says of that. */
  get seen() {
    return { speed: this.speed.value || null, loop: this.loop.ariaPressed === "true" ? null : "0" };
  }

  /** @param {number} step */
  seek(step) {
    this.step = Math.min(Math.max(step, 0), this.#steps);
    this.#rested = 0;
  }

  /**
   * Steps by whole iterates, and pauses.
   * @param {number} by
   */
  move(by) {
    this.playing = false;
    this.seek(by > 0 ? Math.floor(this.step) + by : Math.ceil(this.step) + by);
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.step >= this.#steps) this.seek(0);
  }

  /**
   * Lets time pass.
   * @param {number} seconds
   */
  advance(seconds) {
    if (!this.playing) {
      this.step = Math.round(this.step);
      return;
    }
    if (this.step < this.#steps) {
      this.step = Math.min(this.step + this.rate * seconds, this.#steps);
    } else if (this.loop.ariaPressed !== "true") {
      this.playing = false;
    } else {
      this.#rested += seconds;
      if (this.#rested >= REST) this.seek(0);
    }
  }

  /**
   * Handles a key; true if it was one of the timeline's.
   * @param {string} name
   */
  key(name) {
    /** @type {Record<string, () => void>} */
    const actions = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.move(-1),
      ArrowRight: () => this.move(1),
      Home: () => this.seek(0),
      End: () => this.seek(this.#steps),
    };
    actions[name]?.();
    return name in actions;
  }

  /** @param {Given} given */
  receive({ race }) {
    if (race) this.steps = race.steps;
  }

  /** @param {Moment} moment */
  draw({ writes }) {
    if (!writes) return;
    const whole = Math.floor(this.step);
    this.scrub.value = String(whole);
    const text = `step ${whole} / ${this.#steps}`;
    write(this.output, text);
    const name = this.playing ? "pause" : "play";
    if (this.button.dataset.shows !== name) {
      this.button.dataset.shows = name;
      this.button.innerHTML = picture(name);
    }
  }
}
