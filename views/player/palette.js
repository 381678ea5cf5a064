// The colours of the page, by name: views/theme.py's table, which the page's description
// hands over. Nothing here draws with any other, but for the entries' own.

export const palette = /** @type {Palette} */ ({});

/**
 * Takes the table.
 * @param {Palette} table
 */
export function usePalette(table) {
  Object.assign(palette, table);
}
