// "What is this?": a mode in which whatever is under the cursor, has the focus or is tapped
// is explained in a sentence, and nothing is done. A click or Escape ends it.

import { MARKS, ON_MAP, PARTS } from "./meanings.js";

const HINT = "Point at anything, tap it, or press Tab. Escape or a click ends this.";
const REACH = 4; // pixels around a mark
const BESIDE = 14; // pixels from the cursor to the sentence
const PASSES = ["Tab", "Shift", "Control", "Alt", "Meta"]; // keys that move the focus
const CONTROL = "a, button, input, select, textarea, [role=radio], [role=switch], [role=tab], [role=combobox]";

/**
 * A text as a sentence: what names a control may lack the full stop.
 * @param {?string | undefined} text
 */
export function sentence(text) {
  const [first = ""] = (text ?? "").trim().split(" Theory: "); // the ticks say that
  return first && !/[.?!…]$/.test(first) ? `${first}.` : first;
}

/**
 * The parts of the page that an element belongs to, the smallest first.
 * @param {?Element} element
 */
function* around(element) {
  for (let one = element; one; one = one.parentElement) yield one;
}

/**
 * What an element is, in a sentence; empty where the page says nothing of it.
 * @param {?Element} element
 */
export function meaningOf(element) {
  const parts = [...around(element)].filter((one) => one instanceof HTMLElement);
  /** @param {HTMLElement} one */
  const known = (one) => PARTS.find(([selector]) => one.matches(selector))?.[1];
  /** @param {HTMLElement} one */
  const labelled = (one) => one.title || (one.matches(CONTROL) && !one.closest("label[title]") && one.ariaLabel);
  // What stands beside the player has labels of one word.
  const own = element?.closest(".player");
  for (const one of parts) {
    const text = one.dataset.what || known(one) || (own && labelled(one));
    if (text) return sentence(text);
  }
  return sentence(parts.map(labelled).find(Boolean) || element?.closest("a")?.textContent);
}

/**
 * The mark at a place of the window; empty where there is none.
 * @param {ParentNode} root
 * @param {Pair} at
 */
function markAt(root, [x, y]) {
  let [said, least] = ["", REACH];
  for (const [selector, words] of MARKS) {
    for (const mark of root.querySelectorAll(selector)) {
      const { left, right, top, bottom, width, height } = mark.getBoundingClientRect();
      if (!width && !height) continue; // it is not shown
      const away = Math.max(left - x, x - right, top - y, y - bottom);
      if (away <= least && (away < least || !said)) [said, least] = [words, away];
    }
  }
  return said;
}

export class WhatIs {
  /** @type {(at: Pair) => string} */
  look = () => ""; // what the map shows at a place of the window, in a word of `ON_MAP`
  /** @type {?Element} */
  #back = null; // what had the focus

  /** @param {HTMLElement} root  the player */
  constructor(root) {
    this.root = root;
    this.veil = document.createElement("div");
    this.veil.className = "whatis";
    this.veil.dataset.testid = "what-is";
    this.veil.hidden = true;
    this.veil.innerHTML = '<p role="status"><span></span> <button>done</button></p>';
    root.append(this.veil);
    this.said = this.veil.querySelector("p");
    const words = this.veil.querySelector("span");
    /** @param {PointerEvent} event */
    const point = ({ target, clientX, clientY }) => {
      if (target === this.veil) this.#point([clientX, clientY]); // else on its own button
    };
    this.veil.addEventListener("pointermove", point);
    this.veil.addEventListener("pointerdown", (event) => {
      this.touched = event.pointerType === "touch";
      this.veil.classList.toggle("touched", this.touched);
      point(event);
    });
    this.veil.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays
    this.veil.addEventListener("click", ({ target }) => {
      if (!this.touched || target instanceof HTMLButtonElement) this.end();
    });
    this.words = words;
    this.touched = false;
    this.onFocus = () => this.#focused();
  }

  /** Whether it is on. */
  get on() {
    return !this.veil.hidden;
  }

  start() {
    if (this.on) return;
    this.#back = document.activeElement;
    this.veil.hidden = false;
    this.#say(HINT, [window.innerWidth / 2, window.innerHeight / 3]);
    document.addEventListener("focusin", this.onFocus);
  }

  end() {
    this.veil.hidden = true;
    document.removeEventListener("focusin", this.onFocus);
    if (!document.activeElement?.isConnected && this.#back instanceof HTMLElement) this.#back.focus();
  }

  destroy() {
    this.end();
    this.veil.remove();
  }

  /**
   * Handles a key; whether it is this mode's: all are but those that move the focus.
   * @param {string} name
   */
  key(name) {
    if (!this.on || PASSES.includes(name)) return false;
    if (["Escape", "Enter", " ", "?"].includes(name)) this.end();
    return true;
  }

  /**
   * Explains what is at a place of the window.
   * @param {Pair} at
   */
  #point(at) {
    const below = document.elementsFromPoint(...at).find((one) => !this.veil.contains(one)) ?? null;
    const seen = below?.closest(".map") ? ON_MAP[this.look(at)] : "";
    this.#say(markAt(this.root, at) || seen || meaningOf(below) || HINT, at);
  }

  /** Explains what has the focus. */
  #focused() {
    const { activeElement: focused } = document;
    if (!focused || this.veil.contains(focused)) return;
    const { left, bottom, width } = focused.getBoundingClientRect();
    this.#say(meaningOf(focused) || HINT, [left + Math.min(width, 40) / 2, bottom]);
  }

  /**
   * Says a sentence beside a place, where there is room for it.
   * @param {string} words
   * @param {Pair} at
   */
  #say(words, [x, y]) {
    if (this.words.textContent !== words) this.words.textContent = words;
    const { offsetWidth: wide, offsetHeight: high } = this.said;
    const left = Math.min(Math.max(x + BESIDE, 6), window.innerWidth - wide - 6);
    const below = y + BESIDE;
    const top = below + high + 6 < window.innerHeight ? below : y - BESIDE - high;
    Object.assign(this.said.style, { left: `${Math.max(left, 6)}px`, top: `${Math.max(top, 6)}px` });
  }
}
