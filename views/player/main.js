// What Streamlit's component calls, once for each description of a setup; and what the page
// calls before Streamlit is there.

import { gatherEntries } from "./address.js";
import { Opening, before, described, nowhere } from "./opening.js";
import { Player } from "./player.js";
import { renewal } from "./renewal.js";
import { Story } from "./story.js";
import { TypedFormula } from "./typedformula.js";

/** @typedef {{formula: TypedFormula, player: Player, story: Story}} Parts */

/** @type {WeakMap<Element, Parts>} */
const shown = new WeakMap();
/** @type {?{opening: Opening, parts: Parts}} */
let opened = null; // what is shown before Streamlit
let mounted = false; // whether Streamlit has been there
const PATH = /player\/\w+(?=\/)/.exec(import.meta.url)?.[0]; // of these files, as the page names it

gatherEntries();
// The loader (views/player) was asked to load another version.
addEventListener("outdated", (event) => {
  if (event instanceof CustomEvent && event.detail.gone) renewal.reload();
  else renewal.begin();
});

const styled = document.createElement("link");
styled.rel = "stylesheet";
styled.href = new URL("./style.css", import.meta.url).href;
const hasStyle = new Promise((done, fail) => {
  styled.addEventListener("load", done);
  styled.addEventListener("error", fail);
});
hasStyle.catch(() => {}); // Streamlit's page shows it all the same
document.head.append(styled);

/** Shows the player before Streamlit is there; returns when that may come. */
export async function open() {
  await before(begin());
}

async function begin() {
  const [data] = await Promise.all([described(), hasStyle]);
  if (!data || data.path !== PATH || mounted) return null;
  document.documentElement.dataset.player = data.path;
  const opening = new Opening();
  const parts = made(opening.host, opening.left);
  opened = { opening, parts };
  parts.story.show(data.story);
  parts.player.receive(data, nowhere);
  opening.paint();
  return parts.player;
}

/**
 * Shows a description in the player of an element, which is made if there is none.
 * @param {{data: Page, parentElement: HTMLElement, setStateValue: Send}} component
 * @returns {() => void}  to be called when the description or the element is gone
 */
export function show(component) {
  mounted = true;
  let leave = () => {};
  const now = () => {
    leave = showNow(component);
  };
  if (opened) opened.opening.whenFree(now);
  else now();
  return () => leave();
}

/** @type {typeof show} */
function showNow({ data, parentElement, setStateValue }) {
  const { formula, player, story } = shown.get(parentElement) ?? moved(parentElement) ?? made(parentElement);
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

/**
 * What was shown before Streamlit, in Streamlit's element; null if there was nothing.
 * @param {HTMLElement} parent
 */
function moved(parent) {
  if (!opened) return null;
  const { opening, parts } = opened;
  opened = null;
  opening.moveInto(parent);
  parts.player.settle(parent);
  shown.set(parent, parts);
  return parts;
}

/**
 * @param {HTMLElement} parent
 * @param {Promise<unknown>} [settled]  until when nothing large is to be loaded
 */
function made(parent, settled) {
  const formula = new TypedFormula(parent);
  const story = new Story(parent);
  const parts = { formula, story, player: new Player(parent, (sentence) => story.showUndefined(sentence), settled) };
  shown.set(parent, parts);
  return parts;
}
