// The race in words, for who does not see it: what each picture shows, and news of how the
// runs end.

import { describe } from "./canvas.js";

const REST = 1000; // milliseconds that a result has to last before it is said

export class Spoken {
  #race = null;
  #lines = []; // how the runs end
  #since = 0;
  #said = null; // the lines that were told last; null before the first

  /**
   * @param {HTMLElement} news  says what is new
   * @param {Object<string, HTMLCanvasElement>} pictures  map, scene, losses and data
   */
  constructor(news, pictures) {
    this.news = news;
    this.pictures = pictures;
  }

  /** Takes the race that is shown, of a surface of that name. */
  show(race, title, now) {
    if (race !== this.#race) {
      this.#race = race;
      const lines = race.runs.map(({ look, text }) => `${look.label}: ${text}`);
      if (lines.join() !== this.#lines.join()) {
        this.#lines = lines;
        this.#since = now;
      }
      this.#describe(race, title);
    }
    if (now - this.#since < REST || this.#said === this.#lines) return;
    if (this.#said) {
      const fresh = this.#lines.filter((line) => !this.#said.includes(line));
      if (fresh.length) this.news.textContent = `${fresh.join(". ")}.`;
    }
    this.#said = this.#lines;
  }

  #describe({ runs, steps }, title) {
    const names = runs.map(({ look }) => look.label).join(", ") || "nobody";
    const { map, scene, losses, data } = this.pictures;
    const ends = this.#lines.join("; ");
    describe(map, `Contour map of ${title} with the trails of ${names}. ${ends}`);
    describe(scene, `${title} as a surface in three dimensions, with the trails of ${names}`);
    describe(losses, `The losses of ${names} at each of ${steps} steps. ${ends}`);
    describe(data, `The data of ${title}, and the curves that ${names} have fitted`);
  }
}
