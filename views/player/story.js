// What the surface is, in a line above the panels.

export class Story {
  #written = "";

  /** @param {HTMLElement} parent  what to stand in */
  constructor(parent) {
    this.line = document.createElement("p");
    this.line.className = "story";
    this.line.innerHTML = "<span class=\"of\"></span> <span></span>";
    parent.append(this.line);
  }

  /** @param {Page["story"]} story */
  show({ formula, facts }) {
    const [of, rest] = this.line.children;
    if (this.#written !== formula) of.innerHTML = this.#written = formula;
    rest.textContent = `\u2002·\u2002${facts}`;
  }
}
