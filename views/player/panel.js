// Panels: what shows something on the page. Which there are, in which views and where, is
// in layout.js.

import { Canvas, Tip } from "./canvas.js";

/**
 * A panel lives in an element of its own, and may fill it with anything. All its methods
 * but `draw` may be left as they are here.
 *
 *     receive(given)   takes what the panel needs, whenever there is something new of it:
 *                      `given` has that only (`Given`, in types.d.ts)
 *     draw(moment)     shows it as it is at the moment (`Moment`): in each frame in which
 *                      the panel is on the page, so it does nothing where nothing changed
 *     resize()         fits the panel to its host
 *     clear()          shows nothing, as what it had is of another study or surface
 *     drawing(moment)  what draws it in a file, as it is at the moment; null where
 *                      it has no picture
 *     destroy()        the player is gone: lets go of what is not in the host
 */
export class Panel {
  /** @type {?string} */
  place = null; // the surface that its picture is of; null while it has no picture

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
  }

  /** @type {(given: Given) => void | Promise<void>} */
  receive() {}

  /** @type {(moment: Moment) => void} */
  draw() {}

  /** @type {() => void | Promise<void>} */
  resize() {}

  clear() {}

  /** @type {(moment: Moment, ...more: any[]) => ?Drawing} */
  drawing() {
    return null;
  }

  destroy() {}
}

/**
 * A panel that shows a study as a picture. A picture is how something is drawn on a paper
 * (paper.js), be that the screen or a file. `new Picture(study, moment, paper)` finds its
 * scales. It has
 *
 *     draw()                       paints it
 *     legend                       what its marks and colours mean, for a file; see
 *                                  `drawLegend` (sheet.js)
 *     notes                        what the picture does not show, in sentences
 *     table                        {head, rows}: its numbers, or undefined
 *     static size(study, width)    [width, height] of it in a file where there is so much
 *                                  room
 *
 * @template {Study} S
 * @template {Picture} P
 */
export class PicturePanel extends Panel {
  /** @type {?S} */
  study = null;
  /** @type {?P} */
  picture = null;
  /** @type {?unknown[]} */
  #drawn = null; // what the picture depended on

  /**
   * @param {HTMLElement} host
   * @param {?Element} [before]  which child of the host the canvas lies under
   */
  constructor(host, before = null) {
    super(host);
    this.canvas = new Canvas(host, before);
    const reads = this.read !== PicturePanel.prototype.read;
    this.tip = reads ? new Tip(host, (at) => this.#read(at)) : null;
  }

  clear() {
    this.study = null;
    this.picture = null;
    this.canvas.clear();
    this.canvas.describe(null);
    this.tip?.hide();
  }

  /** @param {Given} given */
  receive({ study }) {
    if (!study) return;
    this.study = /** @type {S} */ (study); // of the part that it is a panel of
    this.tip?.hide();
    this.again();
  }

  resize() {
    if (this.canvas.resize()) this.again();
  }

  /** Draws at the next occasion, whatever has changed. */
  again() {
    this.#drawn = null;
  }

  /** @param {Moment} moment */
  draw(moment) {
    const { study } = this;
    if (!study || !this.canvas.width) return;
    const drawn = [study, ...this.depends(moment, study)];
    if (this.#drawn && drawn.every((one, i) => one === this.#drawn?.[i])) return;
    this.#drawn = drawn;
    this.picture = study.runs.length ? this.pictured(moment, study) : null;
    this.canvas.clear();
    if (this.picture) this.picture.draw();
    else this.canvas.notice(emptyText(study));
  }

  /** The class of its picture. */
  get Picture() {
    const { Picture } = /** @type {{Picture: PictureClass<S, P>}} */ (/** @type {unknown} */ (this.constructor));
    return Picture;
  }

  /**
   * @param {Moment} moment
   * @param {S} study
   * @returns {P}
   */
  pictured(moment, study) {
    return new this.Picture(study, moment, this.canvas);
  }

  /**
   * What the picture depends on besides the study, as values that can be compared; a panel
   * whose picture depends on the moment has its own.
   * @type {(moment: Moment, study: S) => unknown[]}
   */
  depends() {
    return [];
  }

  /**
   * What a tip says at a place of the picture; null: nothing. A panel with tips has its own.
   * @type {(at: Pair, picture: P) => ?TipLine[]}
   */
  read() {
    return null;
  }

  /** @param {Pair} at */
  #read(at) {
    const lines = this.picture && this.read(at, this.picture);
    if (lines) this.tip?.show(at, lines);
    else this.tip?.hide();
  }
}

/**
 * What is said where a study has no run to show.
 * @param {Study} study
 */
export const emptyText = ({ kind }) =>
  ["sweep", "curves"].includes(kind) ? "No optimizer that is on has a learning rate." : "No optimizer is on.";
