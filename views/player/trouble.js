// What went wrong in the page itself: said in a sentence, and kept from spreading.

/** An error whose message is a sentence for those who look at the page. */
export class Trouble extends Error {}

const UNKNOWN = "Something here could not be drawn; reload the page if that stays.";

/**
 * The sentence to show for an error, which is logged for those who look for its cause.
 * @param {unknown} error
 */
export function sentenceOf(error) {
  console.error(error);
  return error instanceof Trouble ? error.message : UNKNOWN;
}

/** Does the parts of something by name; one that fails says so in its place. */
export class Guard {
  /** @type {Map<string, {left: boolean, place: ?HTMLElement}>} */
  #failed = new Map(); // by name: whether it is to be left out, and its place

  /** @param {(sentence: string) => void} onTrouble  empty when it is over */
  constructor(onTrouble) {
    this.onTrouble = onTrouble;
  }

  /**
   * Does a part, unless it has failed at what is there now.
   * @param {string} name
   * @param {() => void} act
   * @param {?HTMLElement} [place]  where that is said (style.css)
   */
  do(name, act, place = null) {
    if (this.#failed.get(name)?.left) return;
    try {
      act();
      if (this.#failed.has(name)) this.#mend(name);
    } catch (error) {
      console.error(error);
      this.#failed.set(name, { left: true, place });
      const message = error instanceof Error ? error.message : String(error);
      if (place) place.dataset.failed = `This panel failed: ${message}. The others go on.`;
      this.#say();
    }
  }

  /** Lets what has failed try again: there is something new to be shown. */
  again() {
    for (const failed of this.#failed.values()) failed.left = false;
  }

  /** Forgets what has failed. */
  clear() {
    for (const name of [...this.#failed.keys()]) this.#mend(name);
  }

  /** @param {string} name */
  #mend(name) {
    const place = this.#failed.get(name)?.place;
    if (place) delete place.dataset.failed;
    this.#failed.delete(name);
    this.#say();
  }

  #say() {
    const names = [...this.#failed.keys()].join(", ");
    this.onTrouble(names && `Left out, as it failed: ${names}. Reload the page if that stays.`);
  }
}
