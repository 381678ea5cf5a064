// @ts-nocheck
// Lines that are quick to draw.

/**
 * Strokes a path two pixels wide, or a little more with a larger offset. Browsers draw
 * lines of one pixel ten times faster than wider ones: two of them, side by side.
 */
export function strokeFine(context, path, colour, offset) {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  for (const shift of [-offset, offset]) {
    context.translate(shift, shift);
    context.stroke(path);
    context.translate(-shift, -shift);
  }
}
