// What went wrong in the page itself: said in a sentence, and kept from spreading.

/** An error whose message is a sentence for whoever looks at the page. */
export class Trouble extends Error {}

const UNKNOWN = "Something here could not be drawn; reload the page if that stays.";

/**
 * The sentence to show for an error, which is logged for whoever looks for its cause.
 * @param {unknown} error
 */
export function sentenceOf(error) {
  console.error(error);
  return error instanceof Trouble ? error.message : UNKNOWN;
}

/** Does the parts of something by name; one that fails is left out, and said. */
export class Guard {
  /** @type {Map<string, boolean>} */
  #failed = new Map(); // by name: whether it is to be left out

  /** @param {(sentence: string) => void} onTrouble  empty when it is over */
  constructor(onTrouble) {
    this.onTrouble = onTrouble;
  }

  /**
   * Does a part, unless it has failed at what is there now.
   * @param {string} name
   * @param {() => void} act
   */
  do(name, act) {
    if (this.#failed.get(name)) return;
    try {
      act();
      if (this.#failed.delete(name)) this.#say();
    } catch (error) {
      console.error(error);
      this.#failed.set(name, true);
      this.#say();
    }
  }

  /** Lets what has failed try again: there is something new to be shown. */
  again() {
    for (const name of this.#failed.keys()) this.#failed.set(name, false);
  }

  /** Forgets what has failed. */
  clear() {
    if (!this.#failed.size) return;
    this.#failed.clear();
    this.#say();
  }

  #say() {
    const names = [...this.#failed.keys()].join(", ");
    this.onTrouble(names && `Left out, as it failed: ${names}. Reload the page if that stays.`);
  }
}
