// @ts-nocheck
// What the panels of studies have in common.

import { Canvas, Tip } from "./canvas.js";

/**
 * A picture is how something is drawn on a paper (paper.js), be that the screen or a file.
 * `new Picture(study, moment, paper)` finds its scales. It has
 *
 *     draw()                       paints it
 *     legend                       what its marks and colours mean, for a file; see
 *                                  `drawLegend` (sheet.js)
 *     notes                        what the picture does not show, in sentences
 *     table                        {head, rows}: its numbers, or undefined
 *     static size(study, width)    [width, height] of it in a file where there is so much
 *                                  room
 *
 * and a panel shows it on the page:
 *
 *     clear()             shows nothing, until a study of what the page shows is there
 *     receive(study)      takes a study
 *     resize()            fits the panel to its host
 *     show(moment)        draws it, if anything it depends on has changed
 */
export class Panel {
  study = null;
  picture = null;
  #drawn = null;

  /**
   * @param {HTMLElement} host
   * @param {?Element} [before]  which child of the host the canvas lies under
   */
  constructor(host, before = null) {
    this.host = host;
    this.canvas = new Canvas(host, before);
    if (this.read) this.tip = new Tip(host, (at) => this.#read(at));
  }

  clear() {
    this.study = null;
    this.picture = null;
    this.canvas.clear();
    this.canvas.describe(null);
    this.tip?.hide();
  }

  receive(study) {
    this.study = study;
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

  /** @param {object} moment  see studies.js */
  show(moment) {
    if (!this.study || !this.canvas.width) return;
    const drawn = [this.study, ...this.depends(moment)];
    if (this.#drawn && drawn.every((one, i) => one === this.#drawn[i])) return;
    this.#drawn = drawn;
    this.picture = this.study.runs.length ? this.pictured(moment) : null;
    this.canvas.clear();
    if (this.picture) this.picture.draw();
    else this.canvas.notice(emptyText(this.study));
  }

  /** The class of its picture. */
  get Picture() {
    return /** @type {any} */ (this.constructor).Picture;
  }

  pictured(moment) {
    return new this.Picture(this.study, moment, this.canvas);
  }

  /**
   * What the picture depends on besides the study, as values that can be compared; a panel
   * whose picture depends on the moment has its own.
   */
  depends() {
    return [];
  }

  #read(at) {
    const lines = this.picture && this.read(at);
    if (lines) this.tip.show(at, lines);
    else this.tip.hide();
  }
}

/** What is said where a study has no run to show. */
export const emptyText = ({ kind }) =>
  ["sweep", "curves"].includes(kind) ? "No optimizer that is on has a learning rate." : "No optimizer is on.";
