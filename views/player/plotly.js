// Loads plotly.js, for the surface in three dimensions, and all that is known of it beyond
// its public API: where a point lands on the screen. Read against plotly.js 4.1.1; a browser
// test compares picture and overlay.

import { grown } from "./axis.js";
import { contextOf } from "./context.js";
import { source } from "./source.js";
import { Trouble } from "./trouble.js";

const AGAIN = [1000, 3000]; // milliseconds after which its file is asked for again
const MISSING =
  "plotly.js did not load, so there is no 3D view; check the connection and reload the page.";

/** @type {?Promise<Plotly>} */
let loading = null;

/** Loads plotly.js, once for the page. */
export function loadPlotly() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load() {
  for (const pause of AGAIN) {
    try {
      return await script();
    } catch {
      await new Promise((done) => {
        setTimeout(done, pause);
      });
    }
  }
  return script();
}

/** @returns {Promise<Plotly>} */
async function script() {
  const address = window.Plotly ? "" : await source.script("plotly.min.js");
  return new Promise((resolve, reject) => {
    if (window.Plotly) {
      resolve(window.Plotly);
      return;
    }
    const element = document.createElement("script");
    element.src = address;
    const fail = () => {
      element.remove();
      reject(new Trouble(MISSING));
    };
    element.onload = () => (window.Plotly ? resolve(window.Plotly) : fail());
    element.onerror = fail;
    document.head.append(element);
  });
}

/**
 * The scene's WebGL state; undefined where there is no WebGL or it is not up yet.
 * @param {Plot} plot
 */
function glplot(plot) {
  return plot._fullLayout?.scene?._scene?.glplot;
}

/**
 * An axis with letters as large as the window's; in the figure they are for a small one.
 * @param {any} axis  as plotly describes it
 */
export function lettered(axis) {
  /** @param {{size: number}} font */
  const large = (font) => ({ ...font, size: grown(font.size) });
  const { tickfont, title } = axis;
  return { ...axis, tickfont: large(tickfont), title: { ...title, font: large(title.font) } };
}

/**
 * Whether a plotted scene came up.
 * @param {Plot} plot
 */
export function sceneWorks(plot) {
  return Boolean(glplot(plot)?.cameraParams);
}

/**
 * Where the scene is looked at from; undefined where there is none.
 * @param {Plot} plot
 */
export function sceneCamera(plot) {
  return plot._fullLayout?.scene?._scene?.getCamera();
}

/**
 * How the scene projects: from data to clip space, a column-major 4 × 4 matrix.
 * @param {Plot} plot
 */
export function sceneMatrix(plot) {
  const scene = plot._fullLayout.scene._scene;
  const { model, view, projection } = scene.glplot.cameraParams;
  const scale = scene.dataScale;
  const matrix = multiply(multiply(projection, view), model);
  for (let column = 0; column < 3; column += 1) {
    for (let row = 0; row < 4; row += 1) matrix[4 * column + row] *= scale[column];
  }
  return matrix;
}

/**
 * Where the scene lies in its plot, in pixels. It asks for a layout: not every frame.
 * @param {Plot} plot
 * @returns {Place}
 */
export function sceneBox(plot) {
  const box = plot._fullLayout.scene._scene.container.getBoundingClientRect();
  const host = plot.getBoundingClientRect();
  return {
    left: box.left - host.left,
    top: box.top - host.top,
    width: box.width,
    height: box.height,
  };
}

/**
 * The pixels that the scene shows now.
 * @param {Plot} plot
 */
export function scenePixels(plot) {
  const { glplot: scene } = plot._fullLayout.scene._scene;
  scene.redraw(); // its pixels may only be read in the task that drew them
  const { canvas } = scene.gl;
  const copy = contextOf(document.createElement("canvas"));
  copy.canvas.width = canvas.width;
  copy.canvas.height = canvas.height;
  copy.drawImage(canvas, 0, 0);
  return copy.getImageData(0, 0, canvas.width, canvas.height);
}

/**
 * Has the scene keep its size, or follow that of its place: for that plotly.js asks in each
 * frame, and each time the page is laid out.
 * @param {Plot} plot
 * @param {boolean} keeps
 */
export function keepSize(plot, keeps) {
  const place = glplot(plot)?.canvas.parentNode;
  for (const side of ["clientWidth", "clientHeight"]) {
    if (keeps) Object.defineProperty(place, side, { value: place[side], configurable: true });
    else if (place) delete place[side];
  }
}

/**
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b
 */
function multiply(a, b) {
  const product = new Float64Array(16);
  for (let column = 0; column < 4; column += 1) {
    for (let row = 0; row < 4; row += 1) {
      for (let k = 0; k < 4; k += 1) {
        product[4 * column + row] += a[4 * k + row] * b[4 * column + k];
      }
    }
  }
  return product;
}
