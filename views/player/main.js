// What Streamlit's component calls, once for each description of a setup.

import { gatherEntries } from "./address.js";
import { Player } from "./player.js";

/** @type {WeakMap<Element, Player>} */
const players = new WeakMap();

gatherEntries();

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
  let player = players.get(parentElement);
  if (!player) {
    player = new Player(parentElement);
    players.set(parentElement, player);
  }
  player.receive(data, setStateValue);
  return () => {
    // It is also called when a newer description takes over: the player then stays.
    setTimeout(() => {
      if (parentElement.isConnected) return;
      player.destroy();
      players.delete(parentElement);
    });
  };
}
