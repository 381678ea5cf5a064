// How large the player and its letters are, by the window that shows it.

import { windowScale } from "./axis.js";
import { palette } from "./palette.js";

const ROOT = 14; // pixels of letters of the page (.streamlit/config.toml)
const BAR = 1280; // pixels of a window whose bar has no room for larger ones
const LARGE = [1600, 900]; // pixels from which on everything is larger
const LOWEST = 440; // pixels of height it never goes below
export const LOWEST_FRAMED = 380; // and in the frame of another page

export class WindowSize {
  #high = 0; // pixels of the window, for which all is as large as it is
  #ratio = 0; // of the screen's pixels to those of the page

  /** Whether it is another window than that for which all is as large as it is. */
  get higher() {
    return this.#high !== window.innerHeight;
  }

  /** Another screen may have other pixels, and the same size. */
  get sharper() {
    return this.#ratio !== window.devicePixelRatio;
  }

  /**
   * Makes the player as large as the window has room for.
   * @param {HTMLElement} root  of the player
   * @param {boolean} framed  whether another page shows it in a frame
   */
  fit(root, framed) {
    const { innerWidth: wide, innerHeight: high } = window;
    const narrow = root.classList.contains("narrow");
    root.classList.toggle("large", wide >= LARGE[0] && high >= LARGE[1]);
    const grown = windowScale(wide, high) * palette.letters;
    root.style.setProperty("--grown", String(grown));
    // Streamlit's own parts are as large as the root's letters are.
    const room = Math.min(grown, wide / BAR);
    document.documentElement.style.fontSize = room > 1 && !narrow ? `${ROOT * room}px` : "";
    const top = root.getBoundingClientRect().top + window.scrollY;
    const height = Math.max(framed ? LOWEST_FRAMED : LOWEST, window.innerHeight - top - 8);
    root.style.height = narrow ? "" : `${height}px`;
    // By these it is as wide on paper, too: pictures are not drawn anew there.
    root.style.setProperty("--wide", `${root.clientWidth}px`);
    root.style.setProperty("--vw", `${wide / 100}px`);
    root.style.setProperty("--vh", `${high / 100}px`);
    this.#high = high;
    this.#ratio = window.devicePixelRatio;
  }
}
