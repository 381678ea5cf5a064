// Trails on a paper of a file: straight on it, or in a film on a canvas of their own, on
// which they grow from frame to frame.

import { contextOf } from "./context.js";
import { Paper } from "./paper.js";
import { Pen, WIDE } from "./pen.js";

export class Layer {
  /** @type {?HTMLCanvasElement} */
  #canvas = null;

  /**
   * @param {Paper} paper
   * @param {(paper: Paper) => void} backdrop  draws what lies under the trails
   */
  constructor(paper, backdrop) {
    this.paper = paper;
    let under = paper;
    if (paper.film) {
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(paper.width * paper.ratio);
      canvas.height = Math.round(paper.height * paper.ratio);
      const context = contextOf(canvas);
      context.scale(paper.ratio, paper.ratio);
      under = new Paper(context, { ...paper });
      this.#canvas = canvas;
    }
    this.pen = new Pen(under, () => backdrop(under));
    if (paper.palette.strokes > 1) this.pen.strokes = WIDE;
  }

  /**
   * @param {Trail[]} tracks
   * @param {number} step
   * @param {?Trail[]} [kept]
   */
  draw(tracks, step, kept = null) {
    const { context, width, height } = this.paper;
    this.pen.show(tracks, step, true, kept);
    if (this.#canvas) context.drawImage(this.#canvas, 0, 0, width, height);
  }
}

/**
 * Paints a paper in the colour of panels.
 * @param {Paper} paper
 */
export function blank({ context, palette, width, height }) {
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, height);
}
