// The surface in three dimensions, with the trails projected onto the same camera.

import { track } from "./geometry.js";
import { loadPlotly, sceneFrame, sceneWorks } from "./plotly.js";
import { height } from "./relief.js";
import { Trails } from "./trails.js";

const NO_WEBGL =
  "This browser shows no 3D here (WebGL is off or missing); map and loss curves go on.";

export class SceneView {
  #landscape = null;
  #tracks = [];
  #drawn = {};
  #works = false;

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.plot = host.querySelector(".plot");
    this.trails = new Trails(host);
  }

  /** Draws the still picture; the camera stays while `keep` stays the same. */
  async picture(landscape, keep) {
    if (!hasWebGL()) {
      this.host.classList.add("without");
      this.plot.textContent = NO_WEBGL;
      return;
    }
    const Plotly = await loadPlotly();
    this.#landscape = landscape;
    const { data, layout } = landscape.scene;
    const { clientWidth: width, clientHeight: high } = this.host;
    await Plotly.react(
      this.plot,
      data,
      { ...layout, width, height: high, uirevision: keep },
      {
        displayModeBar: false,
        responsive: false,
        // Plotly's own choice is twice the pixels of the screen.
        plotGlPixelRatio: window.devicePixelRatio || 1,
      },
    );
    this.#works = sceneWorks(this.plot);
    this.#drawn = {};
  }

  /** Fits the picture to its host. */
  async resize() {
    const { clientWidth: width, clientHeight: high } = this.host;
    if (!width || !this.trails.resize(width, high) || !this.#landscape) return;
    const Plotly = await loadPlotly();
    await Plotly.relayout(this.plot, { width, height: high });
    this.#drawn = {};
  }

  /** Shows a race at a step; what is costly to draw only where `eager`. */
  show(race, step, eager) {
    if (!this.#works || !this.host.clientWidth) return;
    const frame = sceneFrame(this.plot);
    const seen = `${frame.matrix} ${frame.left} ${frame.top} ${frame.width} ${frame.height}`;
    // An orbit is followed at once: trails that lag behind the surface look broken.
    if ((eager && this.#drawn.race !== race) || this.#drawn.seen !== seen) {
      this.#drawn = { race, seen };
      this.#tracks = this.#traced(race, frame);
    }
    this.trails.show(this.#tracks, step, eager);
  }

  #traced(race, frame) {
    const { scene } = this.#landscape.scene.layout;
    const { relief } = this.#landscape;
    const box = [scene.xaxis.range, scene.yaxis.range, scene.zaxis.range];
    const m = frame.matrix;
    const pixel = ([x, y, z]) => {
      const w = m[3] * x + m[7] * y + m[11] * z + m[15];
      const px = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
      const py = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
      return [
        frame.left + ((1 + px) / 2) * frame.width,
        frame.top + ((1 - py) / 2) * frame.height,
      ];
    };
    return race.runs.map((run) => {
      const position = (i, out) => {
        out[0] = run.points[2 * i];
        out[1] = run.points[2 * i + 1];
        out[2] = height(relief, run.excess[i]);
      };
      const at = [0, 0, 0];
      return {
        ...track(run.excess.length, position, box, pixel),
        ...run.look,
        label: run.look.short,
        contains: (i) => {
          position(i, at);
          return at.every((value, k) => value >= box[k][0] && value <= box[k][1]);
        },
      };
    });
  }
}

function hasWebGL() {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl") || canvas.getContext("webgl2"));
}
