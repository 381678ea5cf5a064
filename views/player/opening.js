// The player before Streamlit. What Streamlit's page consists of keeps a processor busy for a
// second, and the player for a quarter of that: so the player comes first, in an element of its
// own, and moves into Streamlit's as soon as that is there.

import { isOther } from "./renewal.js";

/** @typedef {import("./player.js").Player} Player */

const ANSWERED = 800; // milliseconds after which a server that says nothing has just started:
// Streamlit's page is then loaded meanwhile
const DRAWN = 4000; // and for which, with an answer, the first picture is waited for
const ALONE = 10_000; // and after which the player no longer waits for Streamlit
const OTHERS = 6000; // and for which other pages are waited for that open in this browser
const LOOK = 100; // and between two looks for them
const OPENS = "loss-surface-visualizer opens "; // what the lock of a page that opens begins with
const NOT_YET = "Streamlit's page is not there yet.";

/** @param {number} milliseconds */
const pause = (milliseconds) =>
  new Promise((done) => {
    setTimeout(done, milliseconds);
  });

/** What is to be shown, as the server describes it; null where it does not. */
export async function described() {
  const answer = await fetch(new URL(`description${location.search}`, document.baseURI));
  if (!answer.ok || isOther(answer)) return null;
  /** @type {Page} */
  const page = await answer.json();
  return page;
}

/**
 * Waits for something, but not for long.
 * @template T
 * @param {Promise<T>} work
 * @param {number} patience  in milliseconds
 * @returns {Promise<T | void>}
 */
const patiently = (work, patience) => Promise.race([work, pause(patience)]).catch(() => {});

/**
 * Opens what is described, and returns when Streamlit may come.
 * @param {Promise<?Player>} opening  until its player is there, if there is to be one
 */
export async function before(opening) {
  // Hidden, nothing is drawn.
  const begun = opening.then((player) => (document.hidden ? null : player?.begun)).catch(() => {});
  const own = OPENS + Math.random();
  navigator.locks?.request(own, () => patiently(begun, DRAWN)).catch(() => {}); // a frame may have none
  if (await patiently(opening, ANSWERED)) await patiently(begun, DRAWN);
  await patiently(othersAreOpen(own), OTHERS);
}

/**
 * Waits until no other page opens in this browser: the trails of one page come before what is
 * large of another. Where the browser does not say, it waits for nothing.
 * @param {string} own  the lock of this page
 */
async function othersAreOpen(own) {
  while ((await navigator.locks?.query())?.held?.some(({ name }) => name !== own && name?.startsWith(OPENS))) {
    await pause(LOOK);
  }
}

/** @type {Send} */
export const nowhere = () => {
  throw new Error(NOT_YET); // it is said again when there is someone to say it to
};

export class Opening {
  #leave = () => {};
  #held = false; // whether a pointer holds something: it would lose what is moved
  /** @type {(() => void)[]} */
  #waiting = [];
  #listens = new AbortController();

  constructor() {
    this.host = document.createElement("div");
    this.host.className = "opening";
    this.host.classList.toggle("framed", new URLSearchParams(location.search).get("embed") === "true");
    document.body.append(this.host);
    const { signal } = this.#listens;
    this.host.addEventListener("pointerdown", () => (this.#held = true), { signal, capture: true });
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => this.#letGo(), { signal, capture: true });
    /** Until Streamlit is there; not for ever, if it never comes. */
    this.left = Promise.race([new Promise((/** @type {(_: void) => void} */ done) => {
      this.#leave = done;
    }), pause(ALONE)]);
  }

  /** Makes all of the window the page's colour, as Streamlit does later. */
  paint() {
    const [player] = this.host.getElementsByClassName("player");
    this.host.style.background = getComputedStyle(player).getPropertyValue("--page");
    this.host.style.color = getComputedStyle(player).getPropertyValue("--ink");
  }

  /**
   * Does something at once, or when no pointer holds anything.
   * @param {() => void} act
   */
  whenFree(act) {
    if (this.#held) this.#waiting.push(act);
    else act();
  }

  #letGo() {
    this.#held = false;
    const acts = this.#waiting.splice(0);
    setTimeout(() => acts.forEach((act) => act())); // first, what was held hears of it
  }

  /**
   * Moves what was shown into another element.
   * @param {HTMLElement} parent
   */
  moveInto(parent) {
    const { activeElement } = document;
    const [player] = this.host.getElementsByClassName("player");
    const top = () => player.getBoundingClientRect().top;
    const [scrolled, seen] = [this.host.scrollTop > 0, top()];
    this.#listens.abort();
    for (const child of [...this.host.children]) {
      // Where browsers have this, what is moved keeps its focus, and its place if it scrolls.
      if ("moveBefore" in parent && parent.isConnected) /** @type {any} */ (parent).moveBefore(child, null);
      else parent.append(child);
    }
    if (activeElement instanceof HTMLElement && activeElement !== document.activeElement) activeElement.focus({ preventScroll: true });
    this.host.remove();
    const around = parent.closest(".stMain");
    if (scrolled && around) around.scrollTop += top() - seen;
    this.#leave();
  }
}
