// The surface in three dimensions as a file has it: a picture of the scene, made by plotly
// off the screen at the size that is asked for, and over it the trails.

import { cellPicture } from "./canvas.js";
import { Heads } from "./heads.js";
import { Layer, blank } from "./layer.js";
import { loadPlotly, sceneBox, sceneMatrix, scenePixels, sceneWorks } from "./plotly.js";
import { coloured, sized, traced } from "./scenes.js";

/**
 * A still scene: its pixels, where it lies, and how it projects.
 * @typedef {{picture: HTMLCanvasElement, box: Place, matrix: Float64Array}} StillScene
 */

/** @typedef {import("./scene.js").Point3} Point3 */

const MOST_KEPT = 4; // scenes, each of some megabytes

/** @type {Map<string, {of: Landscape, scene: StillScene}>} */
const kept = new Map();

/**
 * What a scene shows, at any step.
 * @typedef {object} ShownScene
 * @property {Landscape} landscape
 * @property {{eye: Point3, center: Point3}} camera
 * @property {number} shape  of its panel, the width to the height
 * @property {Moment} moment
 * @property {(paper: import("./paper.js").Paper, matrix: Float64Array, box: Place, heads: Heads) => Draw[]} overlays
 *   what lies on it besides
 */

/**
 * @param {import("./paper.js").Paper} paper
 * @param {ShownScene} shown
 * @returns {Promise<Draw>}
 */
export async function drawnScene(paper, { landscape, camera, shape, moment, overlays }) {
  // On a narrower paper than its panel it is seen from further off, or it would not fit.
  const far = Math.max((shape * paper.height) / paper.width, 1);
  const scene = await stillScene(paper, landscape, far > 1 ? further(camera, far) : camera);
  const { race, kept: before } = moment;
  const { box, matrix, picture } = scene;
  const tracks = traced(race, landscape, scene);
  const keptTracks = before && traced(before, landscape, scene);
  const layer = new Layer(paper, (under) => {
    blank(under);
    under.context.imageSmoothingEnabled = true;
    under.context.drawImage(picture, box.left, box.top, box.width, box.height);
  });
  const heads = new Heads(paper);
  const over = overlays(paper, matrix, box, heads);
  const area = { left: 0, top: 0, right: paper.width, bottom: paper.height };
  return (step) => {
    layer.draw(tracks, step, keptTracks);
    heads.draw(tracks, step, area);
    for (const draw of over) draw(step, paper);
  };
}

/**
 * A camera at another distance.
 * @param {{eye: Point3, center: Point3}} camera
 * @param {number} factor
 */
function further(camera, factor) {
  const { eye, center } = camera;
  /** @param {"x" | "y" | "z"} name */
  const moved = (name) => center[name] + factor * (eye[name] - center[name]);
  return { ...camera, eye: { x: moved("x"), y: moved("y"), z: moved("z") } };
}

/**
 * The scene alone, as large as a paper.
 * @param {import("./paper.js").Paper} paper
 * @param {Landscape} landscape
 * @param {object} camera
 * @returns {Promise<StillScene>}
 */
async function stillScene({ width, height: high, ratio, palette }, landscape, camera) {
  const key = JSON.stringify([width, high, ratio, palette, camera]);
  const found = kept.get(key);
  if (found?.of === landscape) return found.scene;
  const Plotly = await loadPlotly();
  const plot = /** @type {Plot} */ (/** @type {HTMLElement} */ (document.createElement("div")));
  Object.assign(plot.style, { position: "fixed", left: "-20000px", top: "0", width: `${width}px`, height: `${high}px` });
  document.body.append(plot);
  try {
    const { z } = landscape.map.heights.grid;
    const data = landscape.scene.data.map((trace) => coloured({ ...trace, z: trace.z ?? z }, palette));
    const layout = sized(landscape.scene.layout, palette);
    const scene = { ...layout.scene, camera: structuredClone(camera) };
    await Plotly.react(plot, data, { ...layout, scene, width, height: high }, {
      ...{ displayModeBar: false, responsive: false },
      plotGlPixelRatio: Math.min(Math.max(ratio, 1), 4), // as plotly takes it
    });
    if (!sceneWorks(plot)) throw new Error("the scene did not come up");
    const still = { picture: cellPicture(scenePixels(plot)), box: sceneBox(plot), matrix: sceneMatrix(plot) };
    kept.set(key, { of: landscape, scene: still });
    for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
    return still;
  } finally {
    Plotly.purge(plot);
    plot.remove();
  }
}
