// What the page shows over its pictures as SVG, drawn on a paper: arrows, fields, lines. The
// elements lie off the screen, in the size and the colours of the paper.

import { propertiesOf } from "./palette.js";

/**
 * An element off the screen for what is drawn on a paper, with its colours.
 * @param {HTMLElement} parent  within the player, whose style sheet counts
 * @param {import("./paper.js").Paper} paper
 */
export function offscreen(parent, { width, height, palette }) {
  const host = document.createElement("div");
  for (const [name, value] of propertiesOf(palette)) host.style.setProperty(name, value);
  Object.assign(host.style, { position: "absolute", left: "0", top: "0", width: `${width}px`, height: `${height}px` });
  host.style.color = palette.ink;
  parent.append(host);
  return host;
}

/**
 * Draws an SVG element as it is on the page.
 * @param {SVGSVGElement} svg  as large as the paper
 * @param {import("./paper.js").Paper} paper
 */
export function replay(svg, paper) {
  const sides = /inset\(([^)]*)\)/.exec(svg.style.clipPath)?.[1].split(" ").map(parseFloat);
  const draw = () => drawChildren(svg, paper, 1);
  if (!sides) draw();
  else {
    const [top, right = top, below = top, left = right] = sides;
    paper.within({ left, top, right: paper.width - right, bottom: paper.height - below }, draw);
  }
}

/**
 * @param {Element} parent
 * @param {import("./paper.js").Paper} paper
 * @param {number} opacity
 */
function drawChildren(parent, paper, opacity) {
  for (const child of parent.children) drawElement(child, paper, opacity);
}

/**
 * @param {Element} element
 * @param {import("./paper.js").Paper} paper
 * @param {number} opacity  of what it lies in
 */
function drawElement(element, paper, opacity) {
  const style = getComputedStyle(element);
  const own = opacity * Number(style.opacity);
  /** @param {string} name */
  const number = (name) => Number(element.getAttribute(name));
  if (element.tagName === "g") {
    drawChildren(element, paper, own);
  } else if (element.tagName === "svg") {
    const [left, top] = [number("x"), number("y")];
    const box = { left, top, right: left + number("width"), bottom: top + number("height") };
    paper.within(box, () => drawChildren(element, paper, own));
  } else if (element.tagName === "text") {
    drawText(element, paper, style, own);
  } else {
    drawShape(shapeOf(element, number), paper, style, own);
  }
}

/**
 * @param {Element} element
 * @param {(name: string) => number} number  an attribute's
 */
function shapeOf(element, number) {
  const [x, y, r] = ["cx", "cy", "r"].map(number);
  switch (element.tagName) {
    case "line":
      return `M${number("x1")},${number("y1")}L${number("x2")},${number("y2")}`;
    case "polygon":
      return `M${element.getAttribute("points")?.trim().split(/\s+/).join("L")}Z`;
    case "circle":
      return `M${x + r},${y}A${r},${r} 0 0 1 ${x - r},${y}A${r},${r} 0 0 1 ${x + r},${y}Z`;
    default:
      return element.getAttribute("d") ?? "";
  }
}

/**
 * @param {string} d
 * @param {import("./paper.js").Paper} paper
 * @param {CSSStyleDeclaration} style
 * @param {number} opacity
 */
function drawShape(d, paper, { fill, stroke, strokeWidth, strokeDasharray }, opacity) {
  const { context } = paper;
  if (!d) return;
  const path = paper.path(d);
  context.save();
  context.globalAlpha = opacity;
  if (fill !== "none") {
    context.fillStyle = fill;
    context.fill(path);
  }
  if (stroke !== "none") {
    context.strokeStyle = stroke;
    context.lineWidth = parseFloat(strokeWidth);
    context.setLineDash(strokeDasharray === "none" ? [] : strokeDasharray.split(",").map(parseFloat));
    context.stroke(path);
  }
  context.restore();
}

/**
 * @param {Element} element
 * @param {import("./paper.js").Paper} paper
 * @param {CSSStyleDeclaration} style
 * @param {number} opacity
 */
function drawText(element, { context }, style, opacity) {
  const [x, y] = ["x", "y"].map((name) => Number(element.getAttribute(name)));
  const text = element.textContent ?? "";
  context.save();
  context.globalAlpha = opacity;
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} 'Source Sans', sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = parseFloat(style.strokeWidth);
  context.strokeStyle = style.stroke;
  context.strokeText(text, x, y);
  context.fillStyle = style.fill;
  context.fillText(text, x, y);
  context.restore();
}
