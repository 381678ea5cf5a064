// What the surface is, in a line above the panels: its formula, where it has no value, and
// what is known of it.

const BETWEEN = "\u2002·\u2002";

export class Story {
  #written = "";

  /** @param {HTMLElement} parent  what to stand in */
  constructor(parent) {
    this.line = document.createElement("p");
    this.line.className = "story";
    this.line.innerHTML = "<span class=\"of\"></span> <span class=\"undefined\"></span><span class=\"facts\"></span>";
    parent.append(this.line);
  }

  /** @param {Page["story"]} story */
  show({ formula, facts }) {
    const [of, , rest] = this.line.children;
    if (this.#written !== formula) of.innerHTML = this.#written = formula;
    rest.textContent = BETWEEN + facts;
  }

  /** @param {string} sentence  where there is no value, and why; empty if there is one everywhere */
  showUndefined(sentence) {
    const text = sentence && BETWEEN + sentence;
    const [, said] = this.line.children;
    if (said.textContent !== text) said.textContent = text;
  }
}
