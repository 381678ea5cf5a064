// Where a player in a notebook has its answers from: the kernel, by messages that the page
// around passes on (views/webpage/bridge.js). Of each route one answer is under way, and the
// newest address comes next.

/**
 * What is asked for and has not been answered.
 * @typedef {object} Wanted
 * @property {string} address
 * @property {(response: Response) => void} answered
 */

/** @param {string} address */
const routeOf = (address) => address.split("?")[0];

export class Kernel {
  /** @type {Map<string, Wanted>} */
  #next = new Map(); // by route
  /** @type {Map<string, Wanted>} */
  #under = new Map(); // what is under way, by route
  /** @type {?string} */
  #gone = null; // why there are no more answers

  /**
   * @param {(message: object) => void} post  sends a message to the kernel
   * @param {(page: Page) => void} onPage  takes its description of a setup
   */
  constructor(post, onPage) {
    this.post = post;
    this.onPage = onPage;
  }

  /**
   * The answer to an address.
   * @param {string} address
   * @param {RequestInit} [how]
   * @returns {Promise<Response>}
   */
  ask(address, how) {
    return new Promise((answered, abandoned) => {
      how?.signal?.addEventListener("abort", () => abandoned(how.signal?.reason));
      this.#next.set(routeOf(address), { address, answered });
      this.#work(routeOf(address));
    });
  }

  /** @type {Send} */
  send(name, value) {
    if (!this.#gone) this.post({ [name]: value });
  }

  /**
   * Takes a message of the kernel's.
   * @param {{answers?: string, status?: number, bytes?: BufferSource, page?: Page, gone?: string}} message
   */
  receive({ answers, status, bytes, page, gone }) {
    if (page) this.onPage(page);
    if (gone) this.#gone = gone;
    const route = answers ? routeOf(answers) : "";
    const asked = this.#under.get(route);
    if (asked && asked.address === answers) {
      this.#under.delete(route);
      asked.answered(new Response(bytes, { status }));
    }
    for (const waiting of gone ? this.#under.keys() : [route]) this.#work(waiting);
  }

  /** @param {string} route */
  #work(route) {
    if (this.#gone) {
      for (const { answered } of [this.#under.get(route), this.#next.get(route)].filter((one) => one !== undefined)) {
        answered(new Response(this.#gone, { status: 400 }));
      }
      this.#under.delete(route);
      this.#next.delete(route);
      return;
    }
    const wanted = this.#next.get(route);
    if (!wanted || this.#under.has(route)) return;
    this.#next.delete(route);
    this.#under.set(route, wanted);
    this.post({ asks: wanted.address });
  }
}
