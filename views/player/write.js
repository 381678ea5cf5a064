// Changes of the page that are made many times a second.
//
// An attribute that is set to what it is, or a new node for a text, has the browser look
// again at every rule of the page with :has(), and lay out what is around it.

/**
 * Hides an element, or shows it.
 * @param {HTMLElement} element
 * @param {boolean} hidden
 */
export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/**
 * Writes all the text of an element, into the node that is there.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function write(element, text) {
  const { firstChild } = element;
  if (firstChild instanceof Text && element.childNodes.length === 1) {
    if (firstChild.data !== text) firstChild.data = text;
  } else if (firstChild || text) element.textContent = text;
}

/**
 * Keeps a data attribute of an element current.
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} text
 */
export function setData(element, name, text) {
  if (element.dataset[name] !== text) element.dataset[name] = text;
}

/**
 * Keeps the title of an element current.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setTitle(element, text) {
  if (element.title !== text) element.title = text;
}
