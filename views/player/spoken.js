// The race in words, for who does not see it: what each picture shows, and news of how the
// runs end.

import { describe } from "./canvas.js";

const REST = 1000; // milliseconds that a result has to last before it is said

export class Spoken {
  /** @type {?Race} */
  #race = null;
  /** @type {string[]} */
  #lines = []; // how the runs end
  #hides = false;
  #since = 0;
  /** @type {?string[]} */
  #said = null; // the lines that were announced last; null before the first

  /**
   * @param {HTMLElement} news  says what is new
   * @param {Record<"map" | "scene" | "losses" | "data", HTMLCanvasElement>} pictures
   */
  constructor(news, pictures) {
    this.news = news;
    this.pictures = pictures;
  }

  /**
   * Takes the race that is shown.
   * @param {Race} race
   * @param {string} title  of its surface
   * @param {number} now
   * @param {boolean} hides  how the runs end
   */
  show(race, title, now, hides) {
    if (race !== this.#race || hides !== this.#hides) {
      this.#race = race;
      this.#hides = hides;
      const lines = (hides ? [] : race.runs).map(({ look, text }) => `${look.label}: ${text}`);
      if (lines.join() !== this.#lines.join()) {
        this.#lines = lines;
        this.#since = now;
      }
      this.#describe(race, title);
    }
    if (now - this.#since < REST || this.#said === this.#lines) return;
    const said = this.#said;
    if (said) {
      const fresh = this.#lines.filter((line) => !said.includes(line));
      if (fresh.length) this.news.textContent = `${fresh.join(". ")}.`;
    }
    this.#said = this.#lines;
  }

  /**
   * @param {Race} race
   * @param {string} title
   */
  #describe({ runs, steps }, title) {
    const names = runs.map(({ look }) => look.label).join(", ") || "no optimizer";
    const { map, scene, losses, data } = this.pictures;
    const ends = this.#lines.join("; ");
    describe(map, `Contour map of ${title} with the trails of ${names}. ${ends}`);
    describe(scene, `${title} as a surface in three dimensions, with the trails of ${names}`);
    describe(losses, `The losses of ${names} at each of ${steps} steps. ${ends}`);
    describe(data, `The data of ${title}, and what ${names} have fitted to them`);
  }
}
