// What the modules pass to one another, and what the page and the server send them. Only
// the type checker reads this: `npm run types` in tests/js.

/** Low and high, or x and y. */
type Pair = [number, number];

/** A known place, as x and y; as x alone where the loss is the same for every y. */
type Known = [x: number, y?: number];

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

/** How an entry's colour is drawn: its line, what lies around that, and words about it. */
interface Ink {
  line: string;
  edge?: string;
  words?: string;
}

/** A theme: the colours of the page by their names (views/palettes.py), and more. */
interface Palette {
  name: string;
  scheme: string;
  /** how large letters are, and how wide lines, beside those of a small window */
  letters: number;
  strokes: number;
  /** how much darker the surface is where it is turned away, of 1 */
  shade: number;
  /** by an entry's colour, where it is not drawn as it is */
  trails: Record<string, Ink>;
  /** what is mixed into a colour where it takes more steps, and the word for less of it */
  base: string;
  faster: string;
  page: string;
  panel: string;
  line: string;
  ink: string;
  muted: string;
  accent: string;
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
  /** of the quantities of a step, one after the other */
  quantities: string[];
}

/** Red, green and blue, from 0 to 255. */
type Colour = [number, number, number];

/** A line of a tip: its text, and its colour if it has one. */
type TipLine = [text: string, colour?: string];

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
  lineDashOffset: number;
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
  newPath?(d?: string): Outline;
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
  /** in a file: whether it has no other value, and else which */
  fixed?: boolean;
  values?: number[];
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
  /** its rule as a text to be changed; empty if it has none */
  text: string;
  /** why it has none, in a sentence */
  textless?: string;
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
  charts: Record<string, ChartSpec>;
  map: string;
  how: string;
}

/** The data that a surface is made of. */
interface Samples {
  x: number[];
  /** the second input; null where there is none */
  x2?: number[] | null;
  y: number[];
  /** the lower and the higher, where the model takes labels; else none */
  labels?: number[];
  /** a key of `MODELS`; of a model that is typed, "typed" and its loss, with its steps */
  model: string;
  /** what a typed model computes (views/postfix.py); null where that is not drawn */
  steps: (number | string)[] | null;
  /** whether its outputs are the probabilities of its scores */
  odds: boolean;
  /** what the columns are called: inputs, then the target */
  axes: string[];
}

/** What the page says of a setup (views/controls.py, `describe`). */
interface Page {
  /** the tables of colours, by theme: dark, and what differs in the others */
  themes: Record<string, Partial<Palette>>;
  /** that is asked for */
  theme: string;
  theme_names: Record<string, string>;
  query: string;
  /** where the player's files are; none in a file or a notebook */
  path?: string;
  edits_seen: number;
  surface: string;
  title: string;
  /** what the surface is: its formula as MathML, and a sentence or two */
  story: { formula: string; facts: string };
  landscape: string[];
  minibatch: string[];
  /** what the switch of the map of a single step is called */
  step_map: string;
  place: string;
  domain: [number, number, number, number];
  data: Samples | null;
  /** a loss of one variable, its slope and its second derivative (views/one_variable.py) */
  curve: { loss: (number | string)[]; slope: (number | string)[] | null; bend: (number | string)[] | null } | null;
  start: Pair;
  recommended_start: Pair;
  steps: number;
  view: string;
  /** the step that is shown at first; null: the first */
  step: number | null;
  /** whether the race plays at first */
  play: boolean;
  /** steps a second; null: as the race is long */
  speed: number | null;
  loop: boolean;
  /** the part of the map that is shown at first, [x from, to, y from, to]; empty: all */
  zoom: number[];
  /** from where the surface is seen at first: the eye, and the middle; empty: as it is */
  camera: number[];
  /** the panels of the race that are chosen, by their names in the address */
  panels: string[];
  /** the entry whose steps are shown from inside; empty: the first */
  inspect: string;
  /** what the map shows besides */
  show: string[];
  /** the groups of controls that are hidden, and those that are locked */
  hide: string[];
  lock: string[];
  /** what belongs to each group, by name (views/groups.py) */
  groups: Record<string, string>;
  /** what can be beside the map, under it besides the charts, and on it, by name */
  beside: Record<string, string>;
  under: string[];
  overlays: Record<string, string>;
  charts: Record<string, RaceChart>;
  study: string;
  second: string;
  studies: Tab[];
  study_keys: string[];
  depends: Record<string, string[]>;
  /** what parts do not depend on, though the race does */
  ignores: Record<string, string[]>;
  sized: string[];
  rates: string[];
  shared: number | null;
  params: Param[];
  conditions: Param[];
  own: Record<string, OwnParam[]>;
  most: number;
  /** the entries whose rules are typed, by name, and the next of them that is free */
  own_rules: string[];
  next_rule: string;
  recommended: string[];
  others: { group: string; rules: [string, string][] }[];
  looks: Record<string, Look>;
  cards: Card[];
  lessons: { key: string; title: string; summary: string }[];
  /** in a file: which entries it has the steps of, and which sliders have other runs */
  kept?: { inside: string[]; sliders: import("./webpage.js").KeptSlider[]; turnable: string[] };
  /** whether lessons may be opened from files, and rooms */
  uploads: boolean;
  rooms: boolean;
  /** the code of the room that the page leads or follows; empty for none */
  room: string;
  /** the page of the lesson that is open */
  lesson: import("./lesson.js").LessonPage | null;
  minima: Known[];
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

/** The still pictures: the map, the scene as plotly's figure, and what they share. */
interface Landscape {
  map: import("./still.js").Still;
  scene: Figure;
  relief: Relief;
  /** where the loss has no value, and why; empty where it has one everywhere */
  undefined: string;
  place?: string;
}

/** What differs from step to step. */
interface StepInputs {
  /** what the learning rate is multiplied by, by step */
  factors: Float32Array;
  /** whether each sample is in each step's minibatch; null where steps take all */
  batches?: Uint8Array | null;
}

/** A chart that comes with a race, as the page offers it (views/charts.py). */
interface RaceChart {
  label: string;
  axis: string;
  meaning: string;
  columns: string[];
  log: boolean;
  /** whether a value comes with its factor per step */
  factors: boolean;
  /** why it shows nothing on this surface, in a sentence; empty if it does */
  lacking: string;
}

/** A run of a race; whose conditions are its own, it has its inputs, too. */
interface Run extends StepInputs {
  /** onto what its iterates are projected: a box as four numbers, a disc as three */
  region?: number[] | null;
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
  /** by chart, a row for each step */
  charts?: Record<string, Float32Array>;
  /** learning rates of note by theory */
  limits?: { stable?: number; best?: number };
  /** of the entry that is inspected: its numbers */
  inside?: import("./inspection.js").InsideArrays;
  /** and what each of its steps computed */
  quantities?: Record<string, Float64Array>;
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
  minima: Known[];
  /** the gradient on a grid */
  field?: { points: Float32Array; grads: Float32Array };
  /** gradient flow from the start */
  flow?: { points: Float32Array };
  /** the entry whose steps are shown from inside */
  inside?: import("./inspection.js").Inside;
  /** those whose arrows are shown besides */
  others?: import("./inspection.js").Inside[];
  /** hyperparameters that follow the parameters of the surface */
  following: Record<string, number>;
  device: string;
  milliseconds: number;
  runs: Run[];
  /** which surface it is of, as addresses name it */
  place?: string;
  /** the address that it came from */
  address?: string;
}

/** A run in a study: which entry. */
interface StudyRun {
  key: string;
  look: Look;
}

/** A study, as result.js reads it (views/studies/work.py). */
interface Study<R extends StudyRun = StudyRun> {
  kind: string;
  surface: string;
  /** what it shows, for a file */
  title: string;
  /** the text of its setup */
  query: string;
  /** the query of the page that shows it */
  page: string;
  /** what was computed */
  computed: string;
  steps: number;
  /** how a run can end that comes to no minimum, in one word */
  ends: string[];
  /** the same in words, by that one */
  end_words: Record<string, string>;
  /** how bright what is slowest is, and what is only near a minimum, beside the fastest */
  brightness: { slowest: number; near: number };
  /** codes of ends: below the first a minimum, below the second one it is only near */
  first_near: number;
  first_end: number;
  /** a step that did not come */
  never: number;
  axes: Record<string, number[]>;
  milliseconds: number;
  steps_per_second: number | null;
  device: string;
  /** how many values it has a side, where one may choose */
  size?: number;
  runs: R[];
}

/** What losses are measured from, and whether that is the lowest there is. */
interface Based {
  base: number;
  known: boolean;
}

/** Where every start of an entry leads: the codes of its ends, and when. */
interface BasinsRun extends StudyRun {
  ends: Uint8Array;
  steps: Uint16Array;
}

interface BasinsStudy extends Study<BasinsRun> {
  size: number;
  /** of the plane: its borders */
  window: [number, number, number, number];
  minima: Known[];
  /** the same in words */
  minima_words: string[];
  saddles: Known[];
}

/** How runs end, by rate or by a pair of settings. */
interface EndedRun extends StudyRun {
  losses: Float32Array;
  /** the step from which the loss stays within the tolerance */
  within: Uint16Array;
  ends: Uint8Array;
}

interface BestRate {
  index: number;
  lr: number;
  loss: number;
  steps: number | null;
  isolated: boolean;
  /** whether it is at the end of the range */
  edge: boolean;
}

interface SweptRun extends EndedRun {
  best: BestRate | null;
}

interface SweepStudy extends Study<SweptRun>, Based {
  start: Pair;
  own_starts: boolean;
  objective: "loss" | "steps";
  tolerance: number;
}

interface PlaneRun extends EndedRun {
  best: { lr: number; second: number; steps: number; isolated: boolean } | null;
  theory: { curvatures: number[]; limit: number[]; optimum: Pair } | null;
}

interface PlaneStudy extends Study<PlaneRun>, Based {
  size: number;
  /** the name of the second setting */
  second: string;
  label: string;
  scale: "linear" | "log" | "root" | "complement";
  tolerance: number;
}

/** Losses by step for some rates, one rate after the other. */
interface CurvesRun extends StudyRun {
  losses: Float32Array;
  rates: number[];
}

interface CurvesStudy extends Study<CurvesRun>, Based {
  /** the names of what has no learning rate */
  without: string[];
}

/** Trails, one after the other: x and y of every iterate. */
interface TrailsRun extends StudyRun {
  points: Float32Array;
  /** the mean of the last points, if all are finite */
  middle?: Pair | null;
}

type TrailsStudy = Study<TrailsRun>;

interface CrowdRun extends TrailsRun {
  /** the borders of a band of losses and their median by step: low, median, high */
  band: Float32Array;
  mean: Float32Array;
  runs: number;
  /** how many of them end outside the domain */
  gone: number;
  middle_loss?: number;
}

interface CrowdStudy extends Study<CrowdRun>, Based {
  /** settings that the study has and the race has not */
  own: Record<string, number>;
  quantiles: [number, number, number];
}

/** A run with the arrays of a study whose chart is declared. */
interface ChartRun extends StudyRun {
  [array: string]: unknown;
}

/** A chart that a part of a study declares (views/studies/chart.py). */
interface ChartSpec {
  kind: "lines" | "points" | "heatmap";
  x: string;
  y: string;
  x_label: string;
  y_label: string;
  log_x: boolean;
  log_y: boolean;
  z?: string;
  z_label?: string;
  log_z?: boolean;
}

/** What a picture is drawn from; those of studies say more (panel.js). */
interface Picture {
  draw(): void;
  legend: LegendItem[];
  notes: string[];
  table?: NumberTable;
}

/** How such a picture is made, and how large it is in a file. */
interface PictureClass<S extends Study = Study, P extends Picture = Picture> {
  new (study: S, moment: Moment, paper: import("./paper.js").Paper): P;
  size(study: S, width: number, moment: Moment): Pair;
}

/** Sends the page what was changed, as a state of Streamlit's component. */
type Send = (name: string, value: object) => void;

/** What a panel may need: whatever of it is new. */
interface Given {
  /** the page's description, with what was changed since */
  page?: Merged;
  /** the still pictures */
  landscape?: Landscape;
  /** the entries that have a map of their own; none: there is one map for all */
  split?: (Look & { key: string })[];
  race?: Race;
  /** a part of a study */
  study?: Study;
}

/** What a panel may need: what it is given, and the range of a linear loss axis. */
type Need = keyof Given | "lossRange";

/** What a choice in a panel does. */
interface PanelEvents {
  /** opens a room that this page leads, or ends it */
  lead(open: boolean): Promise<void>;
  /** follows a room */
  join(code: string): void;
  /** the code of the room that this page leads; empty if it leads none */
  led(): string;
  /** shows the page in a theme */
  theme(name: string): void;
  /** moves the start of all, or of one entry; not done while it is still being dragged */
  start(x: number, y: number, done: boolean, entry?: string): void;
  seek(step: number): void;
  /** sets a learning rate */
  rate(key: string, rate: number, done: boolean): void;
  /** sets any other setting; done: keeps the value that it has */
  value(key: string, value: any, done: boolean): void;
  /** sets a learning rate and another setting of an entry, which is then on */
  pair(pair: { key: string; lr: number; name: string; value: number }, done: boolean): void;
  /** sets learning rates, and gives the texts that were there */
  setRates(rates: Record<string, number>): Record<string, string | null>;
  /** sets texts by key; null for a default */
  setTexts(texts: Record<string, string | null>): void;
  /** the entries that are on, and texts of other settings that change with them */
  toggle(on: string[], more?: Record<string, string | null>): void;
  /** one learning rate for all, or null */
  share(rate: number | null): void;
  /** settings to go back to their defaults */
  reset(keys: string[]): void;
  wrong(sentence: string): void;
  /** the conditions of another entry are shown, or the map of other samples */
  turn(): void;
  /** other panels are shown, by their names in the address */
  panels(names: string[]): void;
  /** what the map shows besides, by names */
  show(names: string[]): void;
  /** shows the steps of an entry from inside */
  inspect(entry: string): void;
  /** slow motion of a step */
  explain(act: "start" | "back" | "next" | "end"): void;
  /** shows how to read the page */
  help(): void;
  /** shows a link to what is shown */
  link(): void;
  /** the query of an address that opens what is shown */
  query(): string;
  /** opens a page of a lesson; without a key, closes it */
  lesson(key: string, page: number): void;
  /** where a reader predicts that a run is, or what path it takes */
  guess(guess: Pair | Pair[]): void;
  /** what was asked is answered: the race plays */
  reveal(): void;
  /** another study */
  select(study: string): void;
  saveRace(format: string): void;
  /** the race as a web page, by the address of the file */
  savePage(address: string): void;
  saveStudy(part: string, format: import("./studybar.js").Format): void;
  /** of what takes long */
  cancel(): void;
  again(): void;
}

/** What draws a panel in a file, once it is made ready for a paper. */
type Drawing = (paper: import("./paper.js").Paper) => Draw | Promise<Draw>;

/** Draws it at a step; on another paper than its own, if one is given. */
type Draw = (step: number, paper?: import("./paper.js").Paper) => void;

/** What the page shows in a frame. */
interface Moment {
  /** as the map shows it; without runs while there is none of the surface that is wanted */
  race: Race;
  /** the same as it was computed; null while it is not there */
  computed: Race | null;
  /** the step that is shown; it may lie between two iterates */
  step: number;
  /** what a lesson asks its reader to predict: what is to come is hidden so long */
  asked: import("./prediction.js").Prediction | null;
  guess: import("./prediction.js").Guess | null;
  /** whether outcomes are shown before the race has come to them */
  foresees: boolean;
  /** the entry whose steps are shown from inside; null while there is none */
  inspection: import("./inspection.js").Inspection | null;
  /** the entries whose arrows are shown */
  arrows: import("./inspection.js").Inspection[];
  /** the losses that the map is drawn from, as heights */
  grid(): HeightGrid | null;
  /** in slow motion: which quantity it has come to */
  stage: number | null;
  /** where the map of an entry is */
  frameOf(entry: string): Frame | null;
  /** where the names of the heads stand on a picture, which come before what lies over it */
  namesOn(picture: "map" | "scene"): Box[];
  /** where the ring is */
  start: Pair;
  /** the starts that entries have of their own */
  ownStarts: import("./map.js").OwnStart[];
  /** the entry that is chosen; empty: all of them */
  entry: string;
  /** a race whose trails stay */
  kept: Race | null;
  /** the range of a linear loss axis, above the base; null where it is logarithmic */
  lossRange: Pair | null;
  /** whether the number of this frame is odd: what is costly to draw takes turns */
  odd: boolean;
  /** whether texts are written in this frame: no person reads sixty a second */
  writes: boolean;
  /** while the race is not there: why */
  waiting: string;
  /** the race's learning rates, by entry */
  rates: Record<string, number>;
  /** another setting of an entry; null where that is off */
  setting(key: string, name: string): number | null;
  /** where the map is, once it is shown */
  frame: Frame | null;
  domain: [number, number, number, number];
  /** the surface, as the page names it */
  place: string;
  /** of a study: whether runs are points that move, not trails */
  dots: boolean;
  /** of a study: whether the best learning rates are marked */
  best: boolean;
  /** whether it is for a file */
  saved?: boolean;
  /** the map below it, which a file has to have */
  still?: import("./still.js").Still | null;
}

/** A run made ready for drawing, in pixels (geometry.js). */
interface Track {
  /** four numbers a step, from (x, y) to (x, y), cut to the box; NaN where unseen */
  segments: Float32Array;
  /** every iterate, cut to nothing */
  heads: Float32Array;
}

/** A track with its look, as trails draw it. */
interface Trail extends Track {
  /** whose it is, where a click on its head inspects that */
  entry?: string;
  colour: string;
  mark: string;
  /** null where it has none */
  label: string | null;
  /** whether it is dashed, without marks and without a head */
  dashed?: boolean;
  /** whether an iterate is on the picture */
  contains(step: number): boolean;
}

/** What is used of plotly.js. Its private parts stay in plotly.js, the module. */
interface Plotly {
  react(plot: HTMLElement, data: object[], layout: object, config: object): Promise<void>;
  relayout(plot: HTMLElement, update: object): Promise<void>;
  purge(plot: HTMLElement): void;
}

/** A figure of plotly: its schema is plotly's. */
interface Figure {
  data: any[];
  layout: any;
}

/** Heights as rows, from the lowest y, with the x and y of each; NaN where there is none. */
interface HeightGrid {
  x: number[];
  y: number[];
  z: Float32Array[];
}

/** An element that plotly has drawn in. */
interface Plot extends HTMLElement {
  _fullLayout: any;
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
