// What is drawn on the context that writes SVG: its elements, by what a canvas would show.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SvgContext, escaped } from "../../views/player/svg.js";

const measure = (font, text) => 6 * text.length;
const FILE = { width: 200, height: 100, title: "a title", description: "surface=saddle" };

/** The elements of what is drawn, each {tag, attributes, text}, and whether all are closed. */
function drawn(draw, about = FILE) {
  const context = new SvgContext(measure);
  draw(context);
  const file = context.file(about);
  const elements = [];
  const open = [];
  for (const [, close, tag, given, empty, text] of file.matchAll(/<(\/?)([\w:]+)((?: [\w:-]+="[^"<]*")*)(\/?)>([^<]*)/g)) {
    if (close) assert.equal(open.pop(), tag);
    else if (!empty) open.push(tag);
    const attributes = Object.fromEntries([...given.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    if (!close) elements.push({ tag, attributes, text, inside: [...open] });
  }
  assert.deepEqual(open, [], "all are closed");
  assert.equal(file.replace(/<\/?[\w:]+(?: [\w:-]+="[^"<]*")*\/?>/g, "").includes("<"), false, "nothing else has a tag");
  assert.equal(/&(?!(amp|lt|gt|quot);)/.test(file), false, "no sign stands bare");
  return elements;
}

const only = (elements, tag) => elements.filter((one) => one.tag === tag);

test("a line is a path with its colour, width, dashes and opacity", () => {
  const [path] = only(
    drawn((context) => {
      context.strokeStyle = "#123456";
      context.lineWidth = 2.5;
      context.globalAlpha = 0.4;
      context.setLineDash([7, 4]);
      context.beginPath();
      context.moveTo(1, 2);
      context.lineTo(3.14159, 4);
      context.stroke();
    }),
    "path",
  );
  assert.deepEqual(path.attributes, {
    d: "M1 2L3.14 4",
    fill: "none",
    stroke: "#123456",
    "stroke-width": "2.5",
    "stroke-opacity": "0.4",
    "stroke-dasharray": "7 4",
  });
});

test("letters may be slanted, and have the weight of their font", () => {
  const texts = only(
    drawn((context) => {
      for (const font of ["600 12px 'Source Sans', sans-serif", "italic 600 13px serif", "10px serif"]) {
        context.font = font;
        context.fillText("α", 0, 0);
      }
    }),
    "text",
  );
  assert.deepEqual(
    texts.map(({ attributes }) => [attributes["font-weight"], attributes["font-style"], attributes["font-size"]]),
    [["600", undefined, "12"], ["600", "italic", "13"], ["400", undefined, "10"]],
  );
});

test("what is not finite is left out, and a line may begin anywhere", () => {
  const [path] = only(
    drawn((context) => {
      context.beginPath();
      context.lineTo(NaN, 1);
      context.lineTo(5, 5);
      context.lineTo(Infinity, 1);
      context.lineTo(6, 6);
      context.arc(1, 1, NaN, 0, 1);
      context.rect(0, 0, -Infinity, 1);
      context.stroke();
    }),
    "path",
  );
  assert.equal(path.attributes.d, "M5 5L6 6");
});

test("points go through the transform as it is when they are added", () => {
  const [moved, turned, kept] = only(
    drawn((context) => {
      context.beginPath();
      context.moveTo(0, 0);
      context.translate(10, 20);
      context.lineTo(1, 1);
      context.stroke();
      context.save();
      context.rotate(Math.PI / 2);
      context.scale(2);
      context.beginPath();
      context.moveTo(1, 0);
      context.lineTo(0, 1);
      context.stroke();
      context.restore();
      context.beginPath();
      context.moveTo(0, 0);
      context.lineTo(1, 0);
      context.stroke();
    }),
    "path",
  );
  assert.equal(moved.attributes.d, "M0 0L11 21");
  assert.equal(turned.attributes.d, "M10 22L8 20");
  assert.equal(turned.attributes["stroke-width"], "2", "lines scale, too");
  assert.equal(kept.attributes.d, "M10 20L11 20");
});

test("a path of its own is drawn where the transform puts it", () => {
  const [path] = only(
    drawn((context) => {
      const own = context.newPath();
      own.moveTo(1, 1);
      own.lineTo(2, 2);
      context.translate(5, 6);
      context.stroke(own);
    }),
    "path",
  );
  assert.equal(path.attributes.d, "M1 1L2 2");
  assert.equal(path.attributes.transform, "matrix(1 0 0 1 5 6)");
});

test("a circle is two arcs, and a rectangle is closed", () => {
  const [circle, rectangle] = only(
    drawn((context) => {
      context.beginPath();
      context.arc(10, 10, 5, 0, 2 * Math.PI);
      context.fill();
      context.fillRect(1, 2, 3, 4);
    }),
    "path",
  );
  assert.equal(circle.attributes.d, "M15 10A5 5 0 0 1 5 10A5 5 0 0 1 15 10");
  assert.equal(rectangle.attributes.d, "M1 2L4 2L4 6L1 6Z");
});

test("a clip holds until the state before it is back", () => {
  const elements = drawn((context) => {
    context.save();
    context.beginPath();
    context.rect(0, 0, 10, 10);
    context.clip();
    context.save();
    context.beginPath();
    context.rect(2, 2, 4, 4);
    context.clip();
    context.fillRect(0, 0, 1, 1);
    context.restore();
    context.fillRect(0, 0, 2, 2);
    context.restore();
    context.fillRect(0, 0, 3, 3);
  });
  const groups = (d) => elements.find((one) => one.attributes.d === d).inside.filter((tag) => tag === "g").length;
  assert.deepEqual(["M0 0L1 0L1 1L0 1Z", "M0 0L2 0L2 2L0 2Z", "M0 0L3 0L3 3L0 3Z"].map(groups), [2, 1, 0]);
  const clips = only(elements, "clipPath").map(({ attributes }) => `url(#${attributes.id})`);
  const used = only(elements, "g").map(({ attributes }) => attributes["clip-path"]);
  assert.deepEqual(used, clips);
});

test("the state comes back whole", () => {
  const context = new SvgContext(measure);
  const before = JSON.stringify({ ...context });
  context.save();
  Object.assign(context, { fillStyle: "red", lineWidth: 9, globalAlpha: 0.1, textAlign: "right", font: "700 9px serif" });
  context.setLineDash([1]);
  context.translate(3, 4);
  context.restore();
  assert.equal(JSON.stringify({ ...context }), before);
});

test("letters stay letters, in the room that they have", () => {
  const [left, right] = only(
    drawn((context) => {
      context.font = "600 12px 'Source Sans', sans-serif";
      context.textBaseline = "middle";
      context.fillStyle = "#abcdef";
      context.fillText('a < b & "c"', 10, 20);
      context.textAlign = "right";
      context.textBaseline = "alphabetic";
      context.fillText("much too long", 10, 20, 30);
      context.fillText("", 0, 0);
      context.fillText("nowhere", NaN, 0);
    }),
    "text",
  );
  assert.equal(left.text, "a &lt; b &amp; &quot;c&quot;");
  assert.equal(left.attributes["font-weight"], "600");
  assert.equal(left.attributes["font-size"], "12");
  assert.equal(left.attributes["font-family"], "'Source Sans', sans-serif");
  assert.equal(left.attributes["text-anchor"], "start");
  assert.equal(left.attributes.textLength, "66");
  assert.ok(Number(left.attributes.y) > 20, "its middle is at 20");
  assert.equal(right.attributes["text-anchor"], "end");
  assert.equal(right.attributes.textLength, "30");
  assert.equal(right.attributes.y, "20");
});

test("a gradient has its stops, and fills by its name", () => {
  const elements = drawn((context) => {
    const shade = context.createLinearGradient(10, 0, 20, 0);
    shade.addColorStop(0, "#000001");
    shade.addColorStop(1, "rgb(1, 2, 3)");
    context.fillStyle = shade;
    context.fillRect(10, 0, 10, 5);
  });
  const [shade] = only(elements, "linearGradient");
  assert.equal(only(elements, "path")[0].attributes.fill, `url(#${shade.attributes.id})`);
  assert.deepEqual(only(elements, "stop").map(({ attributes }) => attributes["stop-color"]), ["#000001", "rgb(1, 2, 3)"]);
});

test("cells are an image with square pixels", () => {
  const [cells, smooth] = only(
    drawn((context) => {
      const image = { toDataURL: (type) => `data:${type};base64,AAAA` };
      context.imageSmoothingEnabled = false;
      context.drawImage(image, 1, 2, 30, 40);
      context.imageSmoothingEnabled = true;
      context.drawImage(image, 0, 0, 1, 1);
    }),
    "image",
  );
  const { x, y, width, height, href, style } = cells.attributes;
  assert.deepEqual([x, y, width, height], ["1", "2", "30", "40"]);
  assert.equal(href, "data:image/png;base64,AAAA");
  assert.equal(style, "image-rendering: pixelated");
  assert.equal(smooth.attributes.style, undefined);
});

test("title and description are in the metadata, whatever signs they have", () => {
  const about = { ...FILE, title: "x < y", description: "surface=formula&f=x%5E2\u0000" };
  const elements = drawn(() => {}, about);
  assert.deepEqual(elements[0].attributes.viewBox, "0 0 200 100");
  assert.equal(only(elements, "dc:title")[0].text, "x &lt; y");
  assert.equal(only(elements, "dc:description")[0].text, "surface=formula&amp;f=x%5E2");
});

test("escapes leave no sign of XML, and none that XML cannot have", () => {
  assert.equal(escaped('<a href="b">&\u0007\uffff</a>'), "&lt;a href=&quot;b&quot;&gt;&amp;&lt;/a&gt;");
  assert.equal(escaped("α − ½ 𝛼"), "α − ½ 𝛼");
});

test("what is filled and then stroked is written once, unless something is in between", () => {
  /** @param {(context: SvgContext, path: any) => void} between */
  const paths = (between) => {
    const context = new SvgContext(() => 1);
    const path = context.newPath("M0 0L9 0L9 9Z");
    [context.fillStyle, context.strokeStyle] = ["#112233", "#445566"];
    context.fill(path);
    between(context, path);
    context.stroke(path);
    return [...context.file({ width: 9, height: 9, title: "", description: "" }).matchAll(/<path [^>]*>/g)].map(([one]) => one);
  };
  const [once, ...none] = paths(() => {});
  assert.deepEqual(none, []);
  assert.match(once, /^<path d="M0 0L9 0L9 9Z" fill="#112233" stroke="#445566" stroke-width="1"\/>$/);
  assert.equal(paths((context) => context.translate(1, 0)).length, 2);
  assert.equal(paths((context) => context.fillRect(0, 0, 1, 1)).length, 3);
  assert.equal(paths((context) => context.fillText("a", 0, 0)).length, 2);
});
