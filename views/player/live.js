// Asks a route for the newest address only: one request under way, the latest wins.

const RETRY = 500; // milliseconds between tries while the server is away
const LONG = 500; // milliseconds from which an answer is long on its way
const ABANDON = 1500; // and from which one that nobody wants any more is given up: sooner,
// and a drag on a slow machine would never show anything

export class Live {
  #wanted = null;
  #shown = null;
  #began = null; // when the request under way was made
  #request = null;
  #gone = false;
  #progress = 0;

  /**
   * @param {(response: Response, onProgress: (part: number) => void) => Promise<*>} read
   *   takes the body
   * @param {(answer: *, address: string) => void} onAnswer
   * @param {(trouble: ?string) => void} onTrouble  a sentence; null when it is over
   */
  constructor(read, onAnswer, onTrouble) {
    this.read = read;
    this.onAnswer = onAnswer;
    this.onTrouble = onTrouble;
    this.cancelled = false;
  }

  /** Asks for an address, unless it is the one that is shown or on its way. */
  ask(address) {
    if (address === this.#wanted) return;
    this.#wanted = address;
    this.cancelled = false;
    if (!this.#request) this.#work();
    else if (performance.now() - this.#began > ABANDON) this.#request.abort();
  }

  /** The finished part of an answer that takes long; null while none does. */
  get progress() {
    return this.#request && performance.now() - this.#began > LONG ? this.#progress : null;
  }

  /** Whether what is shown is of another setup than what is wanted, not only coarser. */
  get outdated() {
    const setup = (address) => address?.replace(/&size=\d+$/, "");
    return setup(this.#shown) !== setup(this.#wanted);
  }

  /** Gives up what is on its way. */
  cancel() {
    if (!this.#request) return;
    this.cancelled = true;
    this.#request.abort();
  }

  /** Asks again for what was given up. */
  again() {
    if (!this.cancelled) return;
    this.cancelled = false;
    this.#work();
  }

  /** Forgets what is shown: it is asked for anew. */
  forget() {
    this.#wanted = null;
    this.#shown = null;
    this.#request?.abort();
  }

  stop() {
    this.#gone = true;
    this.#request?.abort();
  }

  async #work() {
    while (this.#wanted && this.#wanted !== this.#shown && !this.#gone && !this.cancelled) {
      const address = this.#wanted;
      const request = new AbortController();
      this.#request = request;
      this.#began = performance.now();
      this.#progress = 0;
      try {
        const response = await fetch(new URL(address, document.baseURI), request);
        if (response.status === 400) {
          this.onTrouble(await response.text());
        } else if (!response.ok) {
          this.onTrouble(`The server could not answer this (error ${response.status}).`);
          await new Promise((resolve) => setTimeout(resolve, 4 * RETRY));
          continue;
        } else {
          const answer = await this.read(response, (part) => (this.#progress = part));
          if (this.#gone) break;
          this.onTrouble(null);
          this.onAnswer(answer, address);
        }
        this.#shown = address;
      } catch {
        if (request.signal.aborted) continue;
        this.onTrouble("Reconnecting to the server…");
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    this.#request = null;
  }
}
