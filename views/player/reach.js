// What scrolls and holds nothing that keys reach is given a place among what they do.

const SCROLLS = "[data-testid=stPopoverBody], .story .of, .player :is(.formula, .fair)";

/** Marks what scrolls now: keys pressed there are its own. */
export function reach() {
  for (const part of document.querySelectorAll(SCROLLS)) {
    const scrolls = part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1;
    if (scrolls === (part.dataset.reached !== undefined)) continue;
    if (scrolls) {
      part.tabIndex = 0;
      part.dataset.reached = "";
    } else {
      part.removeAttribute("tabindex");
      delete part.dataset.reached;
    }
  }
}
