// A step in slow motion: from one quantity of it to the next, and on to the next step.

export class SlowMotion {
  /** @type {?number} */
  stage = null; // the quantity it has come to; null while no step is explained
  #at = -1; // and where the timeline was then

  /**
   * @param {import("./timeline.js").Timeline} timeline
   * @param {import("./inside.js").InsideView} inside
   */
  constructor(timeline, inside) {
    this.timeline = timeline;
    this.inside = inside;
  }

  /**
   * Goes to a quantity of the step that is shown.
   * @param {?number} stage
   */
  go(stage) {
    this.stage = stage;
    this.#at = this.timeline.step;
  }

  /** Moving the timeline ends it. */
  follow() {
    const { timeline } = this;
    if (this.stage !== null && (timeline.playing || timeline.step !== this.#at)) this.stage = null;
  }

  /**
   * @param {"start" | "back" | "next" | "end"} act
   * @param {?import("./inspection.js").Inspection} inspection  the step's, if one is inspected
   */
  act(act, inspection) {
    if (!inspection || act === "end") {
      this.stage = null;
      return;
    }
    const { timeline, inside } = this;
    const last = inspection.inside.lines.length - 1;
    timeline.playing = false;
    const step = inspection.stepAt(timeline.step);
    if (this.stage === null) {
      timeline.seek(step);
      this.go(0);
      if (act === "start") inside.play();
    } else if (act === "back") this.go(Math.max(0, this.stage - 1));
    else if (this.stage < last) this.go(this.stage + 1);
    else {
      inside.hold();
      timeline.seek(step + 1);
      this.go(null);
    }
  }
}
