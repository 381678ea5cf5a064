// Where the player's answers come from: the server; or a file that holds them, or the kernel
// of a notebook (webpage.js).

import { whole } from "./whole.js";

export const source = {
  /**
   * The answer to an address.
   * @type {(address: string, how?: RequestInit) => Promise<Response>}
   */
  ask: (address, how) => fetch(new URL(address, document.baseURI), how),
  /**
   * The same, once all of it is there: for what is asked for while something is dragged.
   * @type {(address: string, how?: RequestInit) => Promise<Response>}
   */
  askWhole: whole,
  /**
   * Where a script lies that is loaded when it is needed.
   * @type {(name: string) => Promise<string>}
   */
  script: async (name) => new URL(`./${name}`, import.meta.url).href,
  /** Whether all that can be asked for is in a file. */
  kept: false,
  /** Whether there is no app around: no studies, and no other page to go to. */
  alone: false,
  /** Whether what is shown can be saved as a picture or a film. */
  saves: true,
};
