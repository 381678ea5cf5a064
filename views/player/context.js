// The context that a canvas is drawn with.

/**
 * A canvas's 2D context. It is kept in memory: pictures of trails are read back, and what
 * is drawn on it does not wait for the graphics card.
 * @param {HTMLCanvasElement} canvas
 * @param {boolean} [opaque]  whether nothing is seen through it: then what lies under it
 *   is not composited in each frame
 */
export const contextOf = (canvas, opaque = false) =>
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true, alpha: !opaque }));
