// The list of themes, beside what else is about the page as a whole.

import { menu } from "./keys.js";
import { Panel } from "./panel.js";

export class ThemeList extends Panel {
  /**
   * @param {HTMLElement} host  the column of the cards
   * @param {PanelEvents} on
   */
  constructor(host, on) {
    super(host);
    this.list = document.createElement("select");
    this.list.className = "themes";
    this.list.dataset.testid = "themes";
    this.list.ariaLabel = this.list.title = "Theme";
    menu(this.list, (name) => on.theme(name));
    host.querySelector(".foot").append(this.list);
  }

  /** @param {Given} given */
  receive({ page }) {
    if (!page) return;
    const { theme_names: names, theme } = page;
    const options = Object.entries(names).map(
      ([name, words]) => new Option(`${name === theme ? "✓" : " "} ${words}`, name),
    );
    const first = new Option("theme", "");
    first.hidden = true;
    this.list.replaceChildren(first, ...options);
  }
}
