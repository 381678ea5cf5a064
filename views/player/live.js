// Asks a route for the newest address only: one request under way, the latest wins.

const RETRY = 500; // milliseconds between tries while the server is away

export class Live {
  #wanted = null;
  #shown = null;
  #busy = false;
  #gone = false;

  /**
   * @param {(response: Response) => Promise<*>} read  takes the body
   * @param {(answer: *, address: string) => void} onAnswer
   * @param {(trouble: ?string) => void} onTrouble  a sentence; null when it is over
   */
  constructor(read, onAnswer, onTrouble) {
    this.read = read;
    this.onAnswer = onAnswer;
    this.onTrouble = onTrouble;
  }

  /** Asks for an address, unless it is the one that is shown or on its way. */
  ask(address) {
    this.#wanted = address;
    if (!this.#busy) this.#work();
  }

  /** Whether what was asked for last is still on its way. */
  get waiting() {
    return this.#busy;
  }

  stop() {
    this.#gone = true;
  }

  async #work() {
    this.#busy = true;
    while (this.#wanted !== this.#shown && !this.#gone) {
      const address = this.#wanted;
      try {
        const response = await fetch(new URL(address, document.baseURI));
        if (response.status === 400) {
          this.onTrouble(await response.text());
        } else if (!response.ok) {
          this.onTrouble(`The server could not answer this (error ${response.status}).`);
          await new Promise((resolve) => setTimeout(resolve, 4 * RETRY));
          continue;
        } else {
          const answer = await this.read(response);
          if (this.#gone) break;
          this.onTrouble(null);
          this.onAnswer(answer, address);
        }
        this.#shown = address;
      } catch {
        this.onTrouble("Reconnecting to the server…");
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    this.#busy = false;
  }
}
