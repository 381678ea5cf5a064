// The formula that is being typed into Streamlit's field: what was read of it stands below,
// as mathematics, before Enter; the page's own formula gives way to it for that while.

import { Refusal } from "./live.js";
import { fetched } from "./save.js";

const FIELD = ".st-key-typed_f input"; // the key of the field (views/page)
const PAUSE = 300; // milliseconds without a key after which a text is read
const NEXT = "press Enter to see it";
const UNREAD = "The formula could not be read just now; type on to try again.";
const BETWEEN = "\u2002·\u2002";

/** @typedef {{formula?: string, notes?: string, wrong?: string}} Read  what the server read (views/reading.py) */

export class TypedFormula {
  #timer = 0;
  #asked = 0; // how often a text was asked for, or was no longer to be shown
  /** @type {?HTMLInputElement} */
  #field = null; // that is being typed into

  /** @param {HTMLElement} parent  what to stand in, before what is there of the page's own */
  constructor(parent) {
    this.line = document.createElement("p");
    this.line.className = "read";
    this.line.id = "formula-read";
    this.line.dataset.testid = "formula-read";
    this.line.role = "status"; // which is polite
    parent.append(this.line);
    // Of the document, since Streamlit may put another field in the place of this one.
    this.left = new AbortController();
    const { signal } = this.left;
    document.addEventListener("input", ({ target }) => this.#typed(fieldOf(target)), { signal });
    document.addEventListener("focusout", ({ target }) => fieldOf(target) && this.#close(), { signal });
    document.addEventListener(
      "keydown",
      ({ key, target, isComposing }) => key === "Enter" && !isComposing && fieldOf(target) && this.#close(),
      { signal },
    );
  }

  destroy() {
    this.#close();
    this.left.abort();
    this.line.remove();
  }

  /** @param {?HTMLInputElement} field */
  #typed(field) {
    if (!field) return;
    this.#field = field;
    field.setAttribute("aria-describedby", this.line.id);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#read(field.value), PAUSE);
  }

  /** @param {string} text */
  async #read(text) {
    this.#asked += 1;
    const mine = this.#asked;
    /** @type {Read} */
    let read;
    try {
      read = await (await fetched(`read?f=${encodeURIComponent(text)}`)).json();
    } catch (error) {
      read = { wrong: error instanceof Refusal ? error.message : UNREAD };
    }
    if (mine === this.#asked) this.#show(read);
  }

  /** @param {Read} read */
  #show({ formula, notes, wrong }) {
    const page = this.line.nextElementSibling;
    if (!this.line.firstChild && page) {
      // What is below keeps its place.
      this.line.style.minHeight = `${page.getBoundingClientRect().height}px`;
    }
    const of = Object.assign(document.createElement("span"), { className: "of", innerHTML: formula ?? "" });
    const words = [notes, NEXT].filter(Boolean).map((part) => BETWEEN + part);
    this.line.replaceChildren(...(wrong ? [wrong] : [of, ...words]));
    this.line.classList.toggle("wrong", Boolean(wrong));
    if (this.#field) this.#field.ariaInvalid = String(Boolean(wrong));
  }

  /** What was typed is the page's now: it says itself what became of it. */
  #close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.line.replaceChildren();
    this.line.style.minHeight = "";
    this.#field?.removeAttribute("aria-invalid");
    this.#field?.removeAttribute("aria-describedby");
    this.#field = null;
  }
}

/** @type {(target: ?EventTarget) => ?HTMLInputElement} */
const fieldOf = (target) => (target instanceof HTMLInputElement && target.matches(FIELD) ? target : null);
