// What Streamlit's component calls, once for each description of a setup.

import { gatherEntries } from "./address.js";
import { Player } from "./player.js";
import { renewal } from "./renewal.js";
import { Story } from "./story.js";
import { TypedFormula } from "./typedformula.js";

/** @type {WeakMap<Element, {formula: TypedFormula, player: Player, story: Story}>} */
const shown = new WeakMap();

gatherEntries();
// The loader (views/player) was asked to load another version.
addEventListener("outdated", (event) => {
  if (event instanceof CustomEvent && event.detail.gone) renewal.reload();
  else renewal.begin();
});

const styled = document.createElement("link");
styled.rel = "stylesheet";
styled.href = new URL("./style.css", import.meta.url).href;
document.head.append(styled);

/**
 * Shows a description in the player of an element, which is made if there is none.
 * @param {{data: Page, parentElement: HTMLElement, setStateValue: Send}} component
 * @returns {() => void}  to be called when the description or the element is gone
 */
export function show({ data, parentElement, setStateValue }) {
  const { formula, player, story } = shown.get(parentElement) ?? made(parentElement);
  story.show(data.story);
  player.receive(data, setStateValue);
  return () => {
    // It is also called when a newer description takes over: the player then stays.
    setTimeout(() => {
      if (parentElement.isConnected) return;
      player.destroy();
      story.line.remove();
      formula.destroy();
      shown.delete(parentElement);
    });
  };
}

/** @param {HTMLElement} parent */
function made(parent) {
  const formula = new TypedFormula(parent);
  const story = new Story(parent);
  const parts = { formula, story, player: new Player(parent, (sentence) => story.showUndefined(sentence)) };
  shown.set(parent, parts);
  return parts;
}
