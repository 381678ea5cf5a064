// Follows a room: reads what the page that leads it shows, as long as both are there.

import { PAGE } from "./live.js";

/** @typedef {import("./leading.js").Shows} Shows */

const SILENT = 12_000; // milliseconds without a word, after which the connection is made anew
const AGAIN = 800; // milliseconds between two tries, at first
const SELDOM = 8000; // and at most
const GONE = 60_000; // milliseconds for which a server may not know a room that was there

/** @typedef {"joining" | "following" | "away" | "lost" | "over"} State */

export class Following {
  /** @type {State} */
  state = "joining";
  followers = 0; // at this server, when something was last shown
  sentence = ""; // why it cannot be followed
  #gone = false;
  #was = false; // whether the room has ever been there
  /** @type {?number} */
  #unknown = null; // since when the server does not know it
  /** @type {?AbortController} */
  #request = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;

  /**
   * @param {string} code
   * @param {(shows: Shows) => void} onShows  something else is shown
   * @param {() => void} onState
   */
  constructor(code, onShows, onState) {
    this.code = code;
    this.onShows = onShows;
    this.onState = onState;
    this.#run();
  }

  stop() {
    this.#gone = true;
    this.#request?.abort();
  }

  get #ended() {
    return this.#gone || this.state === "over";
  }

  async #run() {
    let tries = 0;
    while (!this.#ended) {
      if (await this.#once()) tries = 0;
      if (this.#ended) break;
      const pause = Math.min(AGAIN * 2 ** tries, SELDOM);
      tries += 1;
      // Not all at once, where a server has come back.
      await new Promise((done) => {
        setTimeout(done, pause * (0.5 + Math.random()));
      });
    }
  }

  /** Follows until the connection ends; whether there was one. */
  async #once() {
    const request = new AbortController();
    this.#request = request;
    this.#listen();
    try {
      const { signal } = request;
      const response = await fetch(new URL(`room/${this.code}`, document.baseURI), { signal, headers: PAGE });
      if (response.ok && response.body) {
        await this.#read(response.body);
        if (!this.#ended) this.#become("lost");
        return true;
      }
      const sentence = await response.text();
      // A server that has come back, however late, has the room when who leads has come back, too.
      this.#unknown = response.status < 500 ? (this.#unknown ?? performance.now()) : null;
      const over = this.#unknown !== null && !(this.#was && performance.now() - this.#unknown < GONE);
      if (over) this.#become("over", sentence);
      else this.#become("lost", response.status === 503 ? sentence : "");
    } catch {
      this.#unknown = null;
      this.#become("lost");
    } finally {
      clearTimeout(this.#silence);
    }
    return false;
  }

  /** Where nothing comes for a while, the connection is no longer one. */
  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#request?.abort(), SILENT);
  }

  /** @param {ReadableStream<Uint8Array>} body */
  async #read(body) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#gone) return;
      this.#listen();
      [this.#was, this.#unknown] = [true, null];
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      // Of several that have come at once, the last is what is shown.
      const last = lines.filter(Boolean).pop();
      if (last) this.#take(JSON.parse(last));
    }
  }

  /** @param {{over?: boolean, leading?: boolean, followers?: number, shows?: Shows}} line */
  #take({ over, leading, followers, shows }) {
    this.followers = followers ?? 0;
    if (over) this.#become("over", `Room ${this.code} is over.`);
    else {
      this.#become(leading ? "following" : "away");
      if (shows) this.onShows(shows);
    }
  }

  /**
   * @param {State} state
   * @param {string} [sentence]
   */
  #become(state, sentence = "") {
    if (this.#gone || (state === this.state && sentence === this.sentence)) return;
    [this.state, this.sentence] = [state, sentence];
    this.onState();
  }
}
