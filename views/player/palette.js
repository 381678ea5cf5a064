// The colours of the page, by name, and how those of entries are drawn with them. The
// tables are views/palettes.py's, one for each theme, which the page's description hands
// over. Nothing here draws with any other colour, but for the entries' own.
//
// An entry has one name of a colour in all themes, `look.colour`: it is drawn as the
// theme's table says, which may be another colour, and with an edge.

export const palette = /** @type {Palette} */ (/** @type {Partial<Palette>} */ ({ trails: {}, letters: 1, strokes: 1 }));

/**
 * Takes a table; whether it is another one than before.
 * @param {Palette} table
 */
export function usePalette(table) {
  const other = palette.name !== table.name;
  Object.assign(palette, table);
  return other;
}

/**
 * How an entry's colour is drawn.
 * @param {string} colour
 * @param {Palette} [table]
 * @returns {Ink}
 */
export const inkOf = (colour, { trails } = palette) => trails[colour] ?? { line: colour };

/**
 * The colour for words about an entry, which have no edge.
 * @param {string} colour
 * @param {Palette} [table]
 */
export function wordsOf(colour, table = palette) {
  const { line, words = line } = inkOf(colour, table);
  return words;
}

const EDGE = 1.8; // pixels by which lines are wider with their edge

/**
 * Strokes a path in an entry's colour, over its edge if it has one.
 * @param {DrawingContext} context  with the width of the line
 * @param {string} colour
 * @param {Outline} [path]  else the current one
 * @param {Palette} [table]
 */
export function strokeAs(context, colour, path, table = palette) {
  const { line, edge } = inkOf(colour, table);
  const { lineWidth } = context;
  /** @type {(stroked: string, wide: number) => void} */
  const stroke = (stroked, wide) => {
    context.strokeStyle = stroked;
    context.lineWidth = wide;
    if (path) context.stroke(path);
    else context.stroke();
  };
  if (edge) stroke(edge, lineWidth + EDGE);
  stroke(line, lineWidth);
}

/**
 * Fills the current path in an entry's colour, over its edge if it has one.
 * @param {DrawingContext} context
 * @param {string} colour
 * @param {Palette} [table]
 */
export function fillAs(context, colour, table = palette) {
  const { line, edge } = inkOf(colour, table);
  if (edge) {
    context.strokeStyle = edge;
    context.lineWidth = EDGE;
    context.stroke();
  }
  context.fillStyle = line;
  context.fill();
}

/**
 * An entry's colour in a style, of lines and marks: it follows the theme by itself.
 * @param {string} colour
 */
export const lineStyle = (colour) => `var(--line-${colour.slice(1)}, ${colour})`;

/**
 * The same for words.
 * @param {string} colour
 */
export const wordStyle = (colour) => `var(--words-${colour.slice(1)}, ${colour})`;

/**
 * The same for what lies around a mark.
 * @param {string} colour
 * @param {string} other  where the theme gives it none
 */
export const edgeStyle = (colour, other) => `var(--edge-${colour.slice(1)}, ${other})`;

/**
 * A table as custom properties of a style sheet, by their names.
 * @param {Palette} table
 * @returns {Map<string, string>}
 */
export function propertiesOf(table) {
  const single = Object.entries(table).filter(([, colour]) => typeof colour === "string" && colour.startsWith("#"));
  const entries = Object.entries(table.trails).flatMap(([colour, { line, edge, words = line }]) => {
    const name = colour.slice(1);
    return [[`line-${name}`, line], [`words-${name}`, words], ...(edge ? [[`edge-${name}`, edge]] : [])];
  });
  const quantities = table.quantities.map((colour, i) => [`quantity-${i}`, colour]);
  return new Map([...single, ...entries, ...quantities, ["heights", table.map.join()]].map(([name, value]) => [`--${name}`, String(value)]));
}
