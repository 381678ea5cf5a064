// The status line: what was computed, or the one sentence about what is wrong.

import { write } from "./write.js";

export const COMPUTING = "computing…";

export class Status {
  /** @type {Map<string, ?string>} */
  #sentences = new Map(); // what is said of each topic last

  /** @param {HTMLElement} line */
  constructor(line) {
    this.line = line;
  }

  /**
   * Says something of a topic, in place of what was said of it before.
   * @param {string} topic
   * @param {?string} sentence
   */
  set(topic, sentence) {
    this.#sentences.set(topic, sentence);
  }

  /**
   * Writes what is wrong; where nothing is, what is done.
   * @param {boolean} raced  whether the race that was computed last is the one that is wanted
   * @param {string} [study]  what is said of a study that is shown
   */
  show(raced, study) {
    const { made, typed, ...others } = Object.fromEntries(this.#sentences);
    const wrong = typed ?? Object.values(others).find(Boolean);
    const done = study || (raced ? made : COMPUTING);
    const text = wrong ?? done ?? "";
    if (this.line.textContent === text) return;
    write(this.line, text);
    this.line.classList.toggle("wrong", Boolean(wrong));
    const role = wrong ? "alert" : "note";
    if (this.line.role !== role) this.line.role = role;
  }
}
