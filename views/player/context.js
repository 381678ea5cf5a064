// The context that a canvas is drawn with.

/**
 * A canvas's 2D context. It is kept in memory: pictures of trails are read back, and what
 * is drawn on it does not wait for the graphics card.
 * @param {HTMLCanvasElement} canvas
 */
export const contextOf = (canvas) =>
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
