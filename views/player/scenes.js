// The surface in three dimensions as plotly is given it, and the trails on it.

import { track } from "./geometry.js";
import { lettered } from "./plotly.js";
import { height } from "./relief.js";

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
 * The surface, or a path on it, in the colours of a theme.
 * @param {any} trace  as plotly describes it
 * @param {Palette} palette
 */
export function coloured(trace, { map, contour, shade, strokes, critical }) {
  if (!trace.contours) return { ...trace, line: { color: critical, width: 3 * strokes }, marker: { color: critical, size: 2 * strokes } };
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
