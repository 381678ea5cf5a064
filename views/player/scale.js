// The scale of the loss beside a map: which colour stands for how much.

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
  receive({ scene }) {
    this.bar.style.background = "linear-gradient(to top, var(--heights))";
    /** @type {{range: Pair, tickvals: number[], ticktext: string[]}} */
    const { range, tickvals, ticktext } = scene.layout.scene.zaxis;
    /** @param {number} height */
    const part = (height) => (height - range[0]) / (range[1] - range[0]);
    const ticks = tickvals
      .map((height, i) => ({ at: part(height), text: ticktext[i] }))
      .filter(({ at }) => at >= 0 && at <= 1);
    this.bar.replaceChildren(
      ...ticks.map(({ at, text }) => {
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
