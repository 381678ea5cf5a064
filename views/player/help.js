// How to read the page and what to do on it: every mark, the letters of the sliders, the
// keys.

import { Panel } from "./panel.js";
import { WhatIs } from "./whatis.js";

/** What a mark looks like, inside an SVG of 28 × 16, and what it is. */
/** @type {[picture: string, words: string][]} */
const MARKS = [
  ['<path class="place" d="M9 3l10 10m0 -10l-10 10"/>', "a minimum, where it is known or was found"],
  ['<path class="place" d="M14 2l6 6l-6 6l-6 -6z"/>', "a saddle"],
  ['<path class="place" d="M14 3l6 10h-12z"/>', "a maximum"],
  ['<circle class="ring" cx="14" cy="8" r="5.5"/>', "the start; drag it, or click on the map"],
  ['<path class="trail" d="M2 12L12 5L26 8"/><circle class="dot" cx="12" cy="5" r="2.4"/>', "a trail, through every iterate; dots are iterates, and larger marks show whose it is"],
  ['<path class="rest" d="M2 12L12 5L26 8"/>', "faint: the steps to come"],
  ['<path class="before" d="M2 12L12 5L26 8"/>', "dashed: trails that were kept"],
  ['<path class="border" d="M24 2v12"/><path class="dot" d="M22 8l-9 -5v10z" transform="rotate(180 17 8)"/>', "at the border: the run has left the map, in this direction"],
  ['<path class="level" d="M2 12C8 2 20 2 26 12M6 14C10 7 18 7 22 14"/>', "contours: the same loss all along; the bar beside the map says which"],
  ['<path class="hatch" d="M1 12L9 4M7 14L17 4M15 14L25 4M23 14L27 10"/>', "hatched: no value to show; the line above the map says why"],
  ['<path class="groove" d="M2 10h24"/><path class="tick" d="M14 2v7"/>', "above a slider: what is recommended"],
  ['<path class="groove" d="M2 10h24"/><path class="best" d="M10 2v7"/><path class="limit" d="M17 2v7"/>', "on a learning rate, by theory: fastest near the minimum, and unstable from here on"],
];

const KEYS = [
  ["Space", "plays and pauses"],
  ["← →", "one step"],
  ["Home, End", "first and last step"],
  ["K", "keeps the trails, to compare with what follows"],
  ["E, ⇧E", "explains the step, part by part, while an optimizer is inspected"],
  ["Page Up, Page Down", "turns the pages of a lesson"],
  ["Q", "QR code of this page"],
  ["?", "this help; once more: what is under the cursor"],
];

const HANDS = [
  ["Map", "click to start there; drag to move it, scroll or spread two fingers to zoom, ⤢ to see all"],
  ["Surface", "drag to turn, scroll to zoom, double-click for the first view"],
  ["Card", "click it beside its controls to see inside its steps; ⋯ has a second run of the same rule"],
  ["Picture", "the button with four corners shows it alone, large; Escape goes back"],
  ["Address", "it holds all that is set here"],
];

const TEMPLATE = `
  <h2>Loss-surface visualizer</h2>
  <p>Watch optimizers descend a loss surface, step by step. Every number on the page is that
    of the run that is drawn.</p>
  <div class="columns">
    <section><h3>What you see</h3><ul class="signs"></ul></section>
    <section><h3>What to do</h3><dl class="hands"></dl><h3>Keys</h3><dl class="keys"></dl>
      <h3>Letters</h3><dl class="letters"></dl></section>
  </div>
  <div class="row"><button class="close" autofocus>close</button>
    <button class="what" data-testid="what-button" title="Explains what is under the cursor (?)">what is this?</button></div>`;

export class HelpView extends Panel {
  /** @type {?Merged} */
  #page = null;

  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    this.dialog = document.createElement("dialog");
    this.dialog.className = "help";
    this.dialog.dataset.testid = "help";
    this.dialog.ariaLabel = "How to read this page";
    this.dialog.innerHTML = TEMPLATE;
    host.append(this.dialog);
    this.what = new WhatIs(host.closest(".player") ?? host);
    this.dialog.querySelector(".what").addEventListener("click", () => this.#explain());
    this.dialog.querySelector(".close").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector(".signs").innerHTML = MARKS.map(
      ([picture, words]) => `<li><svg viewBox="0 0 28 16" aria-hidden="true">${picture}</svg><span>${words}</span></li>`,
    ).join("");
    write(this.dialog.querySelector(".hands"), HANDS);
    write(this.dialog.querySelector(".keys"), KEYS);
  }

  /** @param {Given} given */
  receive({ page }) {
    if (page) this.#page = page;
  }

  destroy() {
    this.what.destroy();
  }

  /** Explains what is under the cursor, in place of all. */
  #explain() {
    this.dialog.close();
    this.what.start();
  }

  /** Shows it; where it is shown, explains what is under the cursor. */
  ask() {
    if (this.dialog.open) {
      this.#explain();
      return;
    }
    write(this.dialog.querySelector(".letters"), this.#page ? lettersOf(this.#page) : []);
    this.dialog.showModal();
  }
}

/**
 * The letters of the sliders that are there, and what they stand for: once for each.
 * @param {Merged} page
 * @returns {[letter: string, words: string][]}
 */
export function lettersOf({ cards, params }) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const shown = [...params, ...cards.filter(({ on }) => on).flatMap(({ sliders }) => sliders)];
  for (const { symbol, label, scale } of shown) {
    if (scale !== "switch" && symbol && symbol !== label) found.set(`${symbol} ${label}`, symbol);
  }
  return [...found].map(([key, symbol]) => [symbol, key.slice(symbol.length + 1).toLowerCase()]);
}

/**
 * @param {HTMLElement} list
 * @param {string[][]} rows
 */
function write(list, rows) {
  list.replaceChildren(
    ...rows.flatMap(([term, words]) => [
      Object.assign(document.createElement("dt"), { textContent: term }),
      Object.assign(document.createElement("dd"), { textContent: words }),
    ]),
  );
}
