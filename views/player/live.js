// Asks a route for the newest address only: one request under way, the latest wins.

import { isOther, renewal } from "./renewal.js";
import { source } from "./source.js";
import { sentenceOf } from "./trouble.js";

const RETRY = 500; // milliseconds between tries while the server is away, at first
const PATIENCE = 8000; // and at most
const QUICK = 10; // tries, about a minute, after which it is asked less often:
const SELDOM = 30_000; // milliseconds between tries from then on
const LONG = 500; // milliseconds from which an answer takes long
const ABANDON = 1500; // and from which one that is no longer wanted is given up: sooner,
// and a drag on a slow machine would never show anything

// The server takes turns between the pages that are open at one address.
export const PAGE = { "x-page": crypto.getRandomValues(new Uint32Array(2)).join("-") };

/**
 * What an address asks for, at any resolution.
 * @param {?string} address
 */
const setupOf = (address) => address?.replace(/&size=\d+$/, "");

const AWAY = "Reconnecting to the server…";
const LONG_AWAY = "The server does not answer; it is asked again every half minute.";
const BROKEN = "The server's answer could not be read; reload the page.";
const UPDATED = "The server is being updated; this is asked again.";
const TURNS = 3; // answers of another version that are of no use, after which there is no other
const GATEWAY = [502, 504]; // what stands before the server says that it is away

/** What `understand` throws where an answer says, in a sentence, why there is none. */
export class Refusal extends Error {}

export class Live {
  /** @type {?string} */
  #wanted = null;
  /** @type {?string} */
  #coarser = null; // what is asked for where that is refused
  /** @type {?string} */
  #tooFine = null; // the address that was
  /** @type {?string} */
  #asked = null; // the address of the request under way
  /** @type {?string} */
  #settled = null; // the address that was answered last, if only with a refusal
  /** @type {?string} */
  #shown = null;
  /** @type {?string} */
  #refusal = null; // the sentence it was answered with, if with one
  #began = 0; // when the request under way was made
  /** @type {?AbortController} */
  #request = null;
  #working = false;
  #gone = false;
  #progress = 0;
  #others = 0; // answers in a row of another version that were of no use
  #again = 0; // milliseconds after which the server asked to be asked again
  #wake = () => {}; // ends the pause between two tries

  /**
   * @param {(response: Response, onProgress: (part: number) => void) => Promise<*>} read
   *   takes the body: what fails here is the connection, and it is asked again
   * @param {(body: *) => *} understand  makes an answer of it: what fails here stays so
   * @param {(answer: *, address: string) => void|Promise<void>} onAnswer
   * @param {(trouble: ?string) => void} onTrouble  a sentence; null when it is over
   * @param {"ask" | "askWhole"} [way]  how the source is asked: whole, without progress
   */
  constructor(read, understand, onAnswer, onTrouble, way = "ask") {
    this.read = read;
    this.understand = understand;
    this.onAnswer = onAnswer;
    this.onTrouble = onTrouble;
    this.way = way;
    this.cancelled = false;
  }

  /**
   * Asks for an address, unless it is the one that is shown or on its way.
   * @param {string} address
   * @param {string} coarser  what to ask for where that is refused
   */
  ask(address, coarser = address) {
    this.#coarser = coarser;
    if (address === this.#tooFine) address = coarser;
    if (address !== this.#wanted) {
      this.#wanted = address;
      this.cancelled = false;
      this.#work();
    }
    this.abortStale();
  }

  /** Gives up a request that takes long, of a setup that is no longer wanted. */
  abortStale() {
    const stale = setupOf(this.#asked) !== setupOf(this.#wanted);
    if (stale && performance.now() - this.#began > ABANDON) this.#request?.abort();
  }

  /** The finished part of an answer that takes long; null while none does. */
  get progress() {
    return this.#request && performance.now() - this.#began > LONG ? this.#progress : null;
  }

  /** Whether what is shown is of another setup than what is wanted, not only coarser. */
  get outdated() {
    return setupOf(this.#shown) !== setupOf(this.#wanted);
  }

  /** The sentence with which what is wanted was refused; null if it was not. */
  get refused() {
    return this.#settled === this.#wanted ? this.#refusal : null;
  }

  /** Gives up what is on its way. */
  cancel() {
    if (!this.#request) return;
    this.cancelled = true;
    this.#request.abort();
  }

  /** Asks again for what was given up. */
  retry() {
    if (!this.cancelled) return;
    this.cancelled = false;
    this.#work();
  }

  /** Forgets what is shown: it is asked for anew. */
  forget() {
    this.#wanted = null;
    this.#settled = null;
    this.#shown = null;
    this.#request?.abort();
  }

  stop() {
    this.#gone = true;
    this.#request?.abort();
  }

  /** Asks at once where it would wait: the server has just been heard of. */
  hurry() {
    this.#wake();
  }

  async #work() {
    if (this.#working) return;
    this.#working = true;
    let tries = 0;
    while (this.#wanted && this.#wanted !== this.#settled && !this.#gone && !this.cancelled) {
      const trouble = await this.#once(this.#wanted);
      if (!trouble) {
        tries = 0;
        continue;
      }
      const seldom = tries >= QUICK;
      this.onTrouble(seldom && trouble === AWAY ? LONG_AWAY : trouble);
      const pause = seldom ? SELDOM : Math.min(RETRY * 2 ** tries, PATIENCE);
      tries += 1;
      await this.#pause(Math.max(pause, this.#again * (1 + Math.random() / 2)));
    }
    this.#working = false;
  }

  /** @param {number} milliseconds */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      // Where the server asked for a pause, nothing ends it early.
      this.#wake = this.#again ? () => {} : () => resolve(undefined);
      setTimeout(resolve, milliseconds);
    });
  }

  /**
   * Makes one request; what went wrong, if it should be made again.
   * @param {string} address
   */
  async #once(address) {
    const request = new AbortController();
    this.#asked = address;
    this.#request = request;
    this.#began = performance.now();
    this.#progress = 0;
    this.#again = 0;
    let body = null;
    let refusal = null; // that may be for how fine it is
    let failure = null; // of the server itself
    let other = false; // whether it is of another version
    try {
      const { signal } = request;
      const response = await source[this.way](address, { signal, headers: PAGE });
      other = isOther(response);
      if (response.status === 400) refusal = await response.text();
      else if (response.status === 503) {
        this.#again = 1000 * (Number(response.headers.get("retry-after")) || 1);
        return await response.text();
      } else if (GATEWAY.includes(response.status)) return AWAY;
      else if (response.ok) body = await this.read(response, (part) => (this.#progress = part));
      else failure = `The server could not answer this (error ${response.status}).`;
    } catch {
      return request.signal.aborted ? null : AWAY;
    } finally {
      this.#request = null;
    }
    if (this.#gone || request.signal.aborted) return null;
    let answer = null;
    try {
      if (body !== null) answer = this.understand(body);
    } catch (error) {
      if (error instanceof Refusal) refusal = error.message;
      else failure = BROKEN;
      if (failure) console.error(error);
    }
    if (other && (refusal ?? failure) !== null) {
      // It may not know a setting yet, or write results in another way.
      this.#others += 1;
      if (this.#others <= TURNS) return UPDATED;
      renewal.begin();
    }
    this.#others = 0;
    if (refusal !== null && address !== this.#coarser) {
      this.#tooFine = address;
      if (address === this.#wanted) this.#wanted = this.#coarser;
      return null;
    }
    this.#settled = address;
    this.#refusal = refusal ?? failure;
    this.onTrouble(this.#refusal);
    if (this.#refusal === null) {
      this.#shown = address;
      this.#hand(answer, address, other);
    }
    return null;
  }

  /**
   * Hands an answer on. A receiver that fails at it must not keep the next from coming.
   * @param {any} answer
   * @param {string} address
   * @param {boolean} other  whether it is of another version
   */
  async #hand(answer, address, other) {
    try {
      await this.onAnswer(answer, address);
    } catch (error) {
      const sentence = sentenceOf(error);
      if (other) renewal.begin();
      if (this.#shown === address) this.onTrouble(sentence);
    }
  }
}
