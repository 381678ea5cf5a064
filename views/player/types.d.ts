// What the modules pass to one another, and what the page and the server send them. Only
// the type checker reads this: `npm run types` in tests/js.

/** Low and high, or x and y. */
type Pair = [number, number];

/** A rectangle by its borders, in pixels. */
interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A rectangle by its corner and size, in pixels. */
interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A rectangle, and the part of the plane that it shows. */
interface Frame extends Place {
  x: Pair;
  y: Pair;
}

/** The colours of the page by their names (views/theme.py). */
interface Palette {
  page: string;
  panel: string;
  line: string;
  ink: string;
  muted: string;
  edge: string;
  strong: string;
  critical: string;
  warning: string;
  faint: string;
  lost: string;
  contour: string;
  /** from the minimum upwards */
  map: string[];
  minima: string[];
  /** by how a run ends */
  ends: Record<string, string>;
  /** from few steps to many */
  steps: string[];
  /** from small learning rates to large ones */
  rates: string[];
}

/** A path: of the browser, or of a file of lines (svg.js). */
interface Outline {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  closePath(): void;
}

/** A range of colours, as a context makes them. */
interface Shade {
  addColorStop(part: number, colour: string): void;
  /** as an attribute in SVG */
  toString(): string;
}

/** The part of CanvasRenderingContext2D that pictures use. */
interface DrawingContext extends Outline {
  fillStyle: string | Shade | CanvasPattern;
  strokeStyle: string | Shade | CanvasPattern;
  lineWidth: number;
  lineJoin: CanvasLineJoin;
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  imageSmoothingEnabled: boolean;
  save(): void;
  restore(): void;
  translate(x: number, y: number): void;
  rotate(angle: number): void;
  scale(x: number, y: number): void;
  setLineDash(lengths: number[]): void;
  beginPath(): void;
  clip(): void;
  fill(path?: Outline): void;
  stroke(path?: Outline): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  measureText(text: string): { width: number };
  fillText(text: string, x: number, y: number, most?: number): void;
  strokeText(text: string, x: number, y: number, most?: number): void;
  drawImage(image: HTMLCanvasElement, x: number, y: number, width: number, height: number): void;
  createLinearGradient(x1: number, y1: number, x2: number, y2: number): Shade;
  /** an empty path, where it is none of the browser's */
  newPath?(): Outline;
  /** draws on a canvas of its own, whose pixels are then part of a file of lines */
  asPixels?(paper: import("./paper.js").Paper, draw: () => void): void;
}

/** A tick of an axis: its pixel and its text. */
interface Tick {
  at: number;
  text: string;
}

/** What of an axis is drawn: its ticks, about one in so many pixels, and its label. */
interface AxisTicks {
  label?: string;
  ticks(spacing: number): Tick[];
}

/** What a mark, a line or a colour means, and what it looks like (sheet.js). */
interface LegendItem {
  text: string;
  colour: string;
  line?: boolean;
  dash?: number[];
  width?: number;
  mark?: string;
  hollow?: boolean;
  /** a ring with a cross through it */
  crossed?: boolean;
  swatch?: boolean;
  size?: number;
  /** how opaque it is */
  light?: number;
}

/** The numbers of a picture: a heading for each column, and rows that begin with an entry. */
interface NumberTable {
  head: string[];
  rows: [Look, ...string[]][];
}

/** How an entry is drawn and called (views/described.py). */
interface Look {
  label: string;
  short: string;
  colour: string;
  mark: string;
}

/** A declared parameter: a slider, a switch or a list of choices (views/described.py). */
interface Param {
  key: string;
  label: string;
  meaning: string;
  scale: "linear" | "log" | "root" | "complement" | "switch" | "choice" | "pair";
  symbol: string;
  low: number;
  high: number;
  whole: boolean;
  owner?: string;
  choices: Record<string, string>;
  value: any;
  default: any;
}

/** A condition of one entry, which is its own or that of the race. */
interface OwnParam extends Param {
  /** the key of what the race has in its place */
  common: string;
  /** of a pair: what its numbers may be */
  ranges: [Pair, Pair];
}

/** What a control does when it is moved, let go, or given what is not allowed. */
interface ControlEvents {
  input(value: any): void;
  change(): void;
  wrong(sentence: string): void;
}

/** A card of an optimizer. */
interface Card extends Look {
  key: string;
  rule: string;
  /** what its rule is called where there is little room */
  brief: string;
  formula: string;
  on: boolean;
  next: string;
  sliders: Param[];
}

/** A study as the page offers it. */
interface Tab {
  key: string;
  label: string;
  hint: string;
  settings: Param[];
  /** the parts it is computed of, with their names for who saves them */
  asks: Record<string, string>;
  /** how its panels are laid out (style.css) */
  layout: string;
  /** which panels show each part */
  panels: Record<string, string[]>;
  /** the charts that parts declare (views/studies/chart.py) */
  charts: Record<string, object>;
  map: string;
  how: string;
}

/** The data that a surface is made of. */
interface Samples {
  x: number[];
  y: number[];
  model: "line" | "logistic" | "tanh";
  axes: [string, string];
}

/** What the page says of a setup (views/controls.py, `describe`). */
interface Page {
  palette: Palette;
  query: string;
  edits_seen: number;
  surface: string;
  title: string;
  landscape: string[];
  minibatch: string[];
  place: string;
  domain: [number, number, number, number];
  data: Samples | null;
  start: Pair;
  recommended_start: Pair;
  steps: number;
  view: string;
  study: string;
  second: string;
  studies: Tab[];
  study_keys: string[];
  depends: Record<string, string[]>;
  sized: string[];
  rates: string[];
  shared: number | null;
  params: Param[];
  conditions: Param[];
  own: Record<string, OwnParam[]>;
  most: number;
  recommended: string[];
  others: { group: string; rules: [string, string][] }[];
  looks: Record<string, Look>;
  cards: Card[];
}

/** The page's description with what was changed in the browser since. */
interface Merged extends Page {
  on: string[];
}

/** How a loss becomes a height (views/figures.py, `Relief`). */
interface Relief {
  level: string;
  base: number;
  unit: number;
}

/** The still pictures, as plotly's figures, and what they share. */
interface Landscape {
  map: Figure;
  scene: Figure;
  relief: Relief;
  place?: string;
}

/** What differs from step to step. */
interface StepInputs {
  /** what the learning rate is multiplied by, by step */
  factors: Float32Array;
  /** whether each sample is in each step's minibatch; null where steps take all */
  batches?: Uint8Array | null;
}

/** A run of a race; whose conditions are its own, it has its inputs, too. */
interface Run extends StepInputs {
  /** which entry */
  key: string;
  look: Look;
  /** whether its conditions are its own */
  own: boolean;
  /** how it ended, in words */
  text: string;
  /** how it ended, in one word */
  kind: string;
  /** the step at which it did */
  step: number | null;
  /** x and y of every iterate, the start first */
  points: Float32Array;
  /** the loss above the base at every iterate */
  excess: Float32Array;
}

/** A race, as result.js reads it (views/race.py). */
interface Race extends StepInputs {
  surface: string;
  start: Pair;
  steps: number;
  /** how many samples the data have; 0 where there are none */
  samples: number;
  /** what losses are measured from */
  base: number;
  /** whether that is the lowest there is */
  known: boolean;
  minima: Pair[];
  /** hyperparameters that follow the parameters of the surface */
  following: Record<string, number>;
  device: string;
  milliseconds: number;
  runs: Run[];
  /** which surface it is of, as addresses name it */
  place?: string;
}

/** A run in a study, with its arrays and what else is known of it by name. */
interface StudyRun {
  key: string;
  look: Look;
  [name: string]: any;
}

/** A study, as result.js reads it. */
interface Study {
  kind: string;
  surface: string;
  steps: number;
  ends: string[];
  drawn: any;
  first_near: number;
  first_end: number;
  never: number;
  axes: Record<string, number[]>;
  milliseconds: number;
  steps_per_second: number | null;
  device: string;
  runs: StudyRun[];
  [name: string]: any;
}

/** Sends the page what was changed, as a state of Streamlit's component. */
type Send = (name: string, value: object) => void;

/** What a view of a study is to show besides. */
type Moment = import("./studies.js").Moment;

/** A run made ready for drawing, in pixels (geometry.js). */
interface Track {
  /** four numbers a step, from (x, y) to (x, y), cut to the box; NaN where unseen */
  segments: Float32Array;
  /** every iterate, cut to nothing */
  heads: Float32Array;
}

/** A track with its look, as trails draw it. */
interface Trail extends Track {
  colour: string;
  mark: string;
  /** null where it has none */
  label: string | null;
  /** whether an iterate is on the picture */
  contains(step: number): boolean;
}

/** What is used of plotly.js. Its private parts stay in plotly.js, the module. */
interface Plotly {
  react(plot: HTMLElement, data: object[], layout: object, config: object): Promise<void>;
  relayout(plot: HTMLElement, update: object): Promise<void>;
}

/** A figure of plotly: its schema is plotly's. */
interface Figure {
  data: any[];
  layout: any;
}

/** A contour map, as plotly has decoded it. */
interface MapTrace {
  x: number[];
  y: number[];
  z: (number | null)[][];
  contours: { start: number; end: number; size: number };
}

/** Points, as plotly has decoded them. */
interface PointTrace {
  x?: number[];
  y?: number[];
}

/** An element that plotly has drawn in. */
interface Plot extends HTMLElement {
  _fullLayout: any;
  /** the map, and what its critical points are marked with */
  _fullData: [MapTrace, ...PointTrace[]];
  on(event: string, act: () => void): void;
  removeAllListeners(event: string): void;
}

interface Window {
  Plotly?: Plotly;
}

// A module looks for what its own template holds.
interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(name: K): HTMLElementTagNameMap[K];
  querySelector<E extends HTMLElement = HTMLElement>(selectors: string): E;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(
    name: K,
  ): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends HTMLElement = HTMLElement>(selectors: string): NodeListOf<E>;
}
