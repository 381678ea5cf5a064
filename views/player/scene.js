// The surface in three dimensions, with the trails projected onto the same camera.

import { drawnScene } from "./drawnscene.js";
import { palette } from "./palette.js";
import { Panel } from "./panel.js";
import {
  keepSize,
  loadPlotly,
  sceneBox,
  sceneCamera,
  sceneMatrix,
  scenePixels,
  sceneWorks,
} from "./plotly.js";
import { coloured, sized, traced } from "./scenes.js";
import { twoFingers } from "./touch.js";
import { Trails } from "./trails.js";

/** @typedef {{x: number, y: number, z: number}} Point3 */

const STILL = 12; // frames without a turn after which the scene is copied
const NO_WEBGL =
  "3D needs WebGL, which is off or missing. Map and loss curves still work.";

const TEMPLATE = `
  <div class="plot"></div>
  <button class="fit" title="Back to the first view" aria-label="Back to the first view">⤢</button>`;

export class SceneView extends Panel {
  /** @type {?Landscape} */
  #landscape = null;
  /** @type {?Landscape} */
  #pictured = null; // the landscape that is drawn
  /** @type {?Landscape} */
  #underway = null; // the one that soon will be
  /** @type {?number} */
  #ratio = null; // of the screen's pixels, for which it is drawn
  #theme = ""; // in whose colours it is drawn
  #remade = false; // whether that has changed since the first
  #keep = "";
  /** @type {number[]} */
  #opening = []; // from where an address says that it is seen
  /** @type {Trail[]} */
  #tracks = [];
  /** @type {?Trail[]} */
  #keptTracks = null;
  /** @type {{race?: ?Race, kept?: ?Race, matrix?: Float64Array}} */
  #drawn = {};
  #works = false;
  /** @type {?ImageData} */
  #copy = null; // the scene as a still picture, while it does not turn
  #still = 0;
  #pinched = false; // whether fingers chose the camera, of which plotly does not know
  #box = { left: 0, top: 0, width: 0, height: 0 }; // where the scene lies in its host

  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    host.innerHTML = TEMPLATE;
    this.plot = /** @type {Plot} */ (host.querySelector(".plot"));
    this.trails = new Trails(host, (context) => this.#backdrop(context));
    host.querySelector(".fit").addEventListener("click", () => this.fit());
    this.plot.addEventListener("dblclick", () => this.fit());
    twoFingers(host, () => this.#pinch());
  }

  /**
   * Shows the surface from where an address says: now, or when there is a scene.
   * @param {number[]} camera  the eye, and the middle; empty: as it is at first
   */
  open(camera) {
    this.#opening = camera;
    if (this.#works && this.#landscape) this.#look(this.#first(this.#landscape));
  }

  /**
   * Where the scene is seen from at first.
   * @param {Landscape} landscape
   */
  #first({ scene }) {
    const { camera } = sized(scene.layout, palette).scene;
    const [x, y, z, ...middle] = this.#opening;
    if (z === undefined) return camera;
    const [cx, cy, cz] = middle.length ? middle : [camera.center.x, camera.center.y, camera.center.z];
    return { ...camera, eye: { x, y, z }, center: { x: cx, y: cy, z: cz } };
  }

  /** From where it is seen, as an address says it; null: as it is at first. */
  get seen() {
    if (!this.#works || !this.#landscape) return this.#opening.join() || null;
    /** @type {(camera: {eye: Point3, center: Point3}) => string} */
    const text = ({ eye, center }) =>
      [eye.x, eye.y, eye.z, center.x, center.y, center.z].map((one) => Number(one.toPrecision(4))).join();
    const now = text(sceneCamera(this.plot));
    return now === text(sized(this.#landscape.scene.layout, palette).scene.camera) ? null : now;
  }

  /** Back to where the scene is seen from at first. */
  async fit() {
    this.#pinched = false;
    if (this.#works && this.#landscape) await this.#look(sized(this.#landscape.scene.layout, palette).scene.camera);
  }

  /** @param {object} camera */
  async #look(camera) {
    const Plotly = await loadPlotly();
    await Plotly.relayout(this.plot, { "scene.camera": structuredClone(camera) });
  }

  /** Two fingers turn the scene and, as they spread, zoom in. */
  #pinch() {
    if (!this.#works) return null;
    const camera = sceneCamera(this.plot);
    this.#pinched = true;
    /** @type {(moved: {dx: number, dy: number, zoom: number}) => void} */
    return ({ dx, dy, zoom }) => {
      /** @type {Pair} */
      const turned = [(-dx / this.#box.width) * Math.PI, (dy / this.#box.height) * Math.PI];
      this.#look({ ...camera, eye: orbited(camera.eye, camera.center, turned, 1 / zoom) });
    };
  }

  /**
   * Draws the still picture.
   * @param {Given} given
   */
  async receive({ landscape }) {
    if (!landscape) return;
    const keep = landscape.place ?? ""; // while it stays the same, so does the camera
    if (!hasWebGL()) {
      this.host.classList.add("without");
      this.plot.textContent = NO_WEBGL;
      this.place = keep;
      return;
    }
    this.#landscape = landscape;
    this.#pinched &&= this.#keep === keep;
    this.#keep = keep;
    this.#underway = landscape;
    try {
      await this.#plotted(landscape, keep);
    } finally {
      if (this.#underway === landscape) this.#underway = null;
    }
  }

  /**
   * @param {Landscape} landscape
   * @param {string} keep
   */
  async #plotted(landscape, keep) {
    if (!this.host.clientWidth) return; // hidden, it is drawn when it is shown
    const Plotly = await loadPlotly();
    const { clientWidth: width, clientHeight: high } = this.host;
    if (!width || landscape !== this.#landscape) return; // the latest wins
    const ratio = window.devicePixelRatio || 1;
    this.#remade ||= Boolean(this.#ratio) && this.#ratio !== ratio;
    const same = keep === this.place;
    if (!same && this.place !== null) this.#opening = []; // it was of another surface
    this.#pictured = landscape;
    this.#ratio = ratio;
    this.#theme = palette.name;
    const { z } = landscape.map.heights.grid; // which comes once
    const data = landscape.scene.data.map((trace) => coloured({ ...trace, z: trace.z ?? z }, palette));
    const layout = sized(landscape.scene.layout, palette);
    const { scene } = layout;
    scene.camera = this.#first(landscape);
    // Another resolution makes another scene, which does not know where one looked from.
    if (this.#pinched || (this.#remade && same)) scene.camera = sceneCamera(this.plot);
    await Plotly.react(
      this.plot,
      data,
      { ...layout, scene, width, height: high, uirevision: keep },
      {
        displayModeBar: false,
        responsive: false,
        // Plotly's own choice is twice the pixels of the screen.
        plotGlPixelRatio: ratio,
      },
    );
    this.place = keep;
    await this.#fit(width, high);
    this.#settle();
    this.plot.removeAllListeners("plotly_afterplot");
    this.plot.on("plotly_afterplot", () => this.#settle());
  }

  /** Fits the picture to its host. */
  async resize() {
    const { clientWidth: width, clientHeight: high } = this.host;
    if (!width) return;
    const resized = this.trails.resize(width, high);
    if (!this.#landscape) return;
    const ratio = window.devicePixelRatio || 1;
    if (this.#underway === this.#landscape) return;
    if (this.#pictured !== this.#landscape || this.#ratio !== ratio || this.#theme !== palette.name) {
      await this.receive({ landscape: this.#landscape });
    } else if (resized) {
      await this.#fit();
      this.#settle();
    }
  }

  /** Makes the picture as large as its host, if it is of another size. */
  async #fit(wide = 0, tall = 0) {
    const { clientWidth: width, clientHeight: high } = this.host;
    if (!width || (width === wide && high === tall)) return;
    const Plotly = await loadPlotly();
    await Plotly.relayout(this.plot, { width, height: high });
  }

  #settle() {
    this.#works = sceneWorks(this.plot);
    if (this.#works) this.#box = sceneBox(this.plot);
    this.#moved();
    this.#drawn = {};
  }

  /**
   * Shows a race at a step.
   * @param {Moment} moment
   */
  draw({ race, step, kept, odd: eager }) {
    const landscape = this.#landscape;
    if (!this.#works || !this.trails.width || !landscape) return;
    const matrix = sceneMatrix(this.plot);
    const turned = !this.#drawn.matrix?.every((value, i) => value === matrix[i]);
    // A turn is followed at once: trails that lag behind the surface look broken.
    let due = eager;
    if (turned) {
      this.#moved();
      due = true;
    } else if (!this.#copy && (this.#still += 1) > STILL) {
      this.#hold();
      due = true;
    }
    const other = turned || this.#drawn.kept !== kept;
    if (due && (other || this.#drawn.race !== race)) {
      if (other) this.#keptTracks = kept && traced(kept, landscape, { matrix, box: this.#box }, this.#keptTracks);
      this.#drawn = { race, matrix, kept };
      this.#tracks = traced(race, landscape, { matrix, box: this.#box }, this.#tracks);
    }
    this.trails.show(this.#tracks, step, due, this.#keptTracks);
  }

  /** Draws the scene as a still picture: one layer less to composite in each frame. */
  #hold() {
    if (!this.host.clientWidth) return;
    this.#copy = scenePixels(this.plot);
    keepSize(this.plot, true);
    this.host.classList.add("held");
    this.#drawn.race = null;
  }

  #moved() {
    this.#still = 0;
    this.#copy = null;
    keepSize(this.plot, false);
    this.host.classList.remove("held");
  }

  /** @param {CanvasRenderingContext2D} context */
  #backdrop(context) {
    if (!this.#copy) return;
    const { left, top } = this.#box;
    const ratio = window.devicePixelRatio || 1;
    context.putImageData(this.#copy, left * ratio, top * ratio);
  }

  /**
   * @param {Moment} moment
   * @param {import("./drawnscene.js").ShownScene["overlays"]} [overlays]
   * @returns {?Drawing}
   */
  drawing(moment, overlays = () => []) {
    const landscape = this.#landscape;
    if (!landscape || !hasWebGL()) return null;
    const camera = this.#works ? sceneCamera(this.plot) : this.#first(landscape);
    const { clientWidth: width, clientHeight: high } = this.host;
    return (paper) => drawnScene(paper, { landscape, camera, shape: width / high, moment, overlays });
  }
}

/** @type {?boolean} */
let webgl = null; // whether this browser shows 3D, once it was asked

/**
 * An eye turned around a centre, by angles to the side and up, and brought nearer.
 * @param {Point3} eye
 * @param {Point3} center
 * @param {Pair} angles
 * @param {number} nearer  the factor of the distance
 */
export function orbited(eye, center, [aside, up], nearer) {
  const [x, y, z] = [eye.x - center.x, eye.y - center.y, eye.z - center.z];
  const far = Math.hypot(x, y, z);
  const around = Math.atan2(y, x) + aside;
  const most = Math.PI / 2 - 0.05; // short of the pole, where up would turn over
  const high = Math.min(Math.max(Math.asin(z / far) + up, -most), most);
  const reach = Math.min(Math.max(far * nearer, 0.3), 6);
  return {
    x: center.x + reach * Math.cos(high) * Math.cos(around),
    y: center.y + reach * Math.cos(high) * Math.sin(around),
    z: center.z + reach * Math.sin(high),
  };
}

function hasWebGL() {
  if (webgl === null) {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("webgl") ?? canvas.getContext("webgl2");
    webgl = Boolean(context);
    // A browser keeps a few of them only, for all of its pages.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return webgl;
}
