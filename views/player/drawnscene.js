// The surface in three dimensions as a file has it: a picture of the scene, made by plotly
// off the screen at the size that is asked for, and over it the trails.

import { cellPicture } from "./canvas.js";
import { track } from "./geometry.js";
import { Heads } from "./heads.js";
import { Layer, blank } from "./layer.js";
import { lettered, loadPlotly, sceneBox, sceneMatrix, scenePixels, sceneWorks } from "./plotly.js";
import { height } from "./relief.js";

/**
 * A still scene: its pixels, where it lies, and how it projects.
 * @typedef {{picture: HTMLCanvasElement, box: Place, matrix: Float64Array}} StillScene
 */

const MOST_KEPT = 4; // scenes, each of some megabytes

/** @type {Map<string, {of: Landscape, scene: StillScene}>} */
const kept = new Map();

/**
 * What a scene shows, at any step.
 * @typedef {object} ShownScene
 * @property {Landscape} landscape
 * @property {object} camera
 * @property {Moment} moment
 * @property {(matrix: Float64Array, box: Place) => Draw[]} overlays  what lies on it besides
 */

/**
 * @param {import("./paper.js").Paper} paper
 * @param {ShownScene} shown
 * @returns {Promise<Draw>}
 */
export async function drawnScene(paper, { landscape, camera, moment, overlays }) {
  const scene = await stillScene(paper, landscape, camera);
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
  const over = overlays(matrix, box);
  const area = { left: 0, top: 0, right: paper.width, bottom: paper.height };
  return (step) => {
    layer.draw(tracks, step, keptTracks);
    heads.draw(tracks, step, area);
    for (const draw of over) draw(step, paper);
  };
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
    const data = landscape.scene.data.map((trace) => coloured({ ...trace, z }, palette));
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

/**
 * The trails of a race on the surface, as a camera sees it.
 * @param {Race} race
 * @param {Landscape} landscape
 * @param {{matrix: Float64Array, box: Place}} seen
 * @param {?Trail[]} [used]  whose arrays are written again
 * @returns {Trail[]}
 */
export function traced(race, { relief, scene: figure }, { matrix: m, box: { left, top, width, height: high } }, used = null) {
  const { scene } = figure.layout;
  /** @type {Pair[]} */
  const box = [scene.xaxis.range, scene.yaxis.range, scene.zaxis.range];
  const lift = race.base - relief.base; // the race measures from a base of its own
  /** @type {(point: number[], out: Float32Array, at: number) => void} */
  const project = ([x, y, z], out, at) => {
    const w = m[3] * x + m[7] * y + m[11] * z + m[15];
    const px = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
    const py = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
    out[at] = left + ((1 + px) / 2) * width;
    out[at + 1] = top + ((1 - py) / 2) * high;
  };
  return race.runs.map((run, index) => {
    /** @type {(i: number, out: number[]) => void} */
    const position = (i, out) => {
      out[0] = run.points[2 * i];
      out[1] = run.points[2 * i + 1];
      out[2] = height(relief, run.excess[i] + lift);
    };
    const at = [0, 0, 0];
    return {
      ...track(run.excess.length, position, box, project, used?.[index]),
      ...run.look,
      label: run.look.short,
      contains: (/** @type {number} */ i) => {
        position(i, at);
        return at.every((value, k) => value >= box[k][0] && value <= box[k][1]);
      },
    };
  });
}

/**
 * The surface in the colours of a theme.
 * @param {any} trace  as plotly describes it
 * @param {Palette} palette
 */
export function coloured(trace, { map, contour, shade, strokes }) {
  const z = { ...trace.contours.z, color: contour, width: trace.contours.z.width * strokes };
  return {
    ...trace,
    colorscale: map.map((colour, i) => [i / (map.length - 1), colour]),
    contours: { ...trace.contours, z },
    lighting: { ...trace.lighting, ambient: 1 - shade, diffuse: shade },
  };
}

/**
 * The layout in the colours of a theme, with letters as large as the window's.
 * @param {any} layout  as plotly describes it
 * @param {Palette} palette
 */
export function sized(layout, palette) {
  const { camera } = layout.scene;
  const away = palette.letters ** 0.5; // larger names of the axes need more room
  const eye = { x: camera.eye.x * away, y: camera.eye.y * away, z: camera.eye.z * away };
  const scene = { ...layout.scene, camera: { ...camera, eye } };
  for (const name of ["xaxis", "yaxis", "zaxis"]) {
    const axis = lettered(scene[name]);
    axis.tickfont.color = palette.muted;
    axis.title.font.color = palette.ink;
    scene[name] = { ...axis, gridcolor: palette.line };
  }
  return { ...layout, scene };
}
