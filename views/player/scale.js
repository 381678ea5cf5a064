// The scale of the loss beside a map: which colour stands for how much.

/**
 * The ticks of the scale, from 0 at its lower end to 1: those of the scene.
 * @param {Landscape} landscape
 */
function ticksOf({ scene }) {
  /** @type {{range: Pair, tickvals: number[], ticktext: string[]}} */
  const { range, tickvals, ticktext } = scene.layout.scene.zaxis;
  /** @param {number} height */
  const part = (height) => (height - range[0]) / (range[1] - range[0]);
  return tickvals
    .map((height, i) => ({ at: part(height), text: ticktext[i] }))
    .filter(({ at }) => at >= 0 && at <= 1);
}

/**
 * Draws the scale to the right of a place, as high as that is.
 * @param {import("./paper.js").Paper} paper
 * @param {Landscape} landscape
 * @param {Place} place
 */
export function drawScale(paper, landscape, { left, top, width, height }) {
  const { context, palette, letters } = paper;
  const em = 0.86 * letters;
  const [from, above, below] = [left + width + 7, top + 1.5 * em, top + height];
  const shade = context.createLinearGradient(0, below, 0, above);
  palette.map.forEach((colour, k) => shade.addColorStop(k / (palette.map.length - 1), colour));
  context.save();
  context.fillStyle = palette.contour;
  context.fillRect(from, above, 8, below - above);
  context.fillStyle = shade;
  context.fillRect(from + 1, above + 1, 6, below - above - 2);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = `400 ${em}px 'Source Sans', sans-serif`;
  context.fillStyle = palette.muted;
  for (const { at, text } of ticksOf(landscape)) {
    const row = below - at * (below - above);
    context.fillText(text, from + 11, row);
    // On the bar: left of the number it would be a minus.
    context.fillRect(from, row - 0.5, 8, 1);
  }
  context.font = `500 ${em}px 'Source Sans', sans-serif`;
  context.fillStyle = palette.ink;
  context.fillText("loss", left + width + 6, top + 0.5 * em);
  context.restore();
}

export class Scale {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.element = document.createElement("div");
    this.element.className = "scale";
    this.element.innerHTML = "<b>loss</b><i></i>";
    host.append(this.element);
    this.bar = this.element.querySelector("i");
  }

  /**
   * Takes the still pictures: it has the ticks of the scene.
   * @param {Landscape} landscape
   */
  receive(landscape) {
    this.bar.style.background = "linear-gradient(to top, var(--heights))";
    this.bar.replaceChildren(
      ...ticksOf(landscape).map(({ at, text }) => {
        const tick = document.createElement("span");
        tick.textContent = text;
        tick.style.bottom = `${100 * at}%`;
        return tick;
      }),
    );
  }

  /**
   * Stands to the right of a place, as high as that is.
   * @param {Place} place
   */
  place({ left, top, width, height }) {
    Object.assign(this.element.style, {
      left: `${left + width}px`,
      top: `${top}px`,
      height: `${height}px`,
    });
  }
}
