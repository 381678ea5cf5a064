// What each part of the page is, in a sentence: for those that do not say it themselves by
// a title or a label (whatis.js).

/** A part by its selector, and what it is. */
/** @typedef {[selector: string, words: string]} Meaning */

/**
 * Small marks, which are meant from a few pixels around them.
 * @type {Meaning[]}
 */
export const MARKS = [
  [".start:not([data-entry=''])", "The start of this optimizer alone; drag it to move it."],
  [".start", "The start of every run; drag it, or click on the map."],
  [".map .head svg[style*=rotate]", "The run has left the map here, in the direction of the arrow."],
  [".map .head svg", "The head of a run: where it is at the step that is shown."],
  [".scene .head svg", "The head of a run: where it is at the step that is shown."],
  [".losses .head svg[style*=rotate]", "The loss of this run is beyond the axis from here on."],
  [".losses .head svg", "The loss of a run at the step that is shown."],
  [".scale > i", "The colour bar: which colour of the map stands for which loss."],
  [".slider .recommended", "The value that is recommended for this surface."],
  [".slider .best", "By theory, the rate that is fastest near the minimum closest to the run’s end."],
  [".slider .stable", "The border of stability: by theory, the run is unstable there from this rate on."],
  [".playhead", "The step that is shown; click or drag to go to another."],
];

/**
 * What the map says that there is at a place (map.js).
 * @type {Record<string, string>}
 */
export const ON_MAP = {
  minimum: "A minimum (×): no point near it has a lower loss.",
  saddle: "A saddle (◇): the loss rises in one direction and falls in another.",
  maximum: "A maximum (△): no point near it has a higher loss.",
  path: "The path in the file of this grid, as a run elsewhere took it.",
  trail: "A trail: the path of a run through its iterates, which are the dots.",
  ahead: "The faint part of a trail: the steps to come.",
  hatched: "Hatched: the loss has no value to show here; the line above the map says why.",
  kept: "A trail that was kept: dashed, to compare with the race that is shown.",
};

/** @type {Meaning[]} */
export const PARTS = [
  [".map .note", "How this run stands at the step that is shown."],
  [".map .plot", "The map: the loss from above. Along a contour it is the same; a click starts there."],
  [".kept span", "What was different when the dashed trails were kept."],
  ["[data-testid=shows]", "Adds to the map what is chosen here, such as the gradient field."],
  [".scene .plot, .scene canvas", "The surface in 3D: its height is the loss. Drag to turn it, scroll to zoom."],
  [".picture.curve", "The loss along x, with all iterates; at each head the tangent, or the parabola of Newton's method."],
  [".picture.data", "The data, and what each optimizer has fitted up to this step."],
  [".picture.inside", "The lines of the rule, with the numbers of the step that is shown."],
  [".picture.runtable", "All iterates of the inspected run, with the numbers of their steps."],
  [".picture.losses", "The loss curves: the loss of each run by step. Click to go to a step."],
  [".chooser button", "Shows this panel here."],
  [".restart", "Goes back to the start of the race (Home)."],
  [".timeline .back", "Goes one step back (←)."],
  [".timeline .forward", "Goes one step on (→)."],
  [".play", "Plays the race, or pauses it (space)."],
  [".loop", "Whether the race begins again after its end."],
  [".scrub", "The timeline: drag it to any step of the race."],
  [".timeline output", "The step that is shown, and how many there are."],
  ["[data-testid=speed]", "How many steps a second are played; with auto, the whole race takes six seconds at most."],
  [".timeline .save", "Saves what is shown as a picture or a film, or the race as a table, arrays or code."],
  ["[data-tab=optimizers]", "Shows the optimizers, each with its sliders."],
  [".tabs [data-tab=conditions]", "Shows what all optimizers share: schedule, noise, projection, regularization, scale."],
  [".lessons", "Opens a lesson: a few pages, each with a race."],
  [".tabs .add", "Adds another optimizer to the race, or a rule that you type."],
  [".more", "Shows all sliders of the cards, or fewer."],
  [".card .loss", "The loss at this step, and how far away the nearest minimum is."],
  [".card .outcome", "How the run ends, once it has come to that."],
  [".card p.formula", "The rule: what a step does. w is the point, g the gradient."],
  [".card .formula-button", "Shows the formula of the rule."],
  [".card .acts", "More: duplicate, only this one, edit as text, inside the step, own conditions, remove."],
  [".written textarea", "The rule as text. What you change races as soon as you stop typing."],
  [".written .examples", "Puts another rule into the text, to begin with."],
  [".written .lines", "The rule as it was read, in mathematics."],
  [".written .done", "Goes back to the optimizers; the rule stays in the race."],
  [".card .name", "Switches this optimizer on or off."],
  [".card", "The card of an optimizer; a click beside its controls shows the inside of its steps."],
  [".whose select", "Whose conditions stand below: those of all, or of one optimizer."],
  [".status", "What was computed and how fast; or what is wrong."],
  ["[data-testid=share]", "A link to what is shown, its QR code, and a frame for another page."],
  ["[data-testid=help-button]", "How to read this page: its marks, letters and keys."],
  [".lesson .back", "Turns to the page before (Page Up)."],
  [".lesson .next", "Turns to the next page (Page Down)."],
  [".lesson .close", "Closes the lesson; the race stays."],
  [".lesson .options button", "An answer that you may choose."],
  [".lesson .reveal", "Plays the race, and says whether your prediction was right."],
  [".lesson .again", "Brings back the race of this page as it was."],
  [".lesson", "The page of a lesson, with what it asks."],
  [".guess", "Your prediction on the map."],
  [".picture.basins", "Each point is a start, in the colour of where the run from there ends."],
  [".picture.sweep", "What each learning rate leads to. Drag along a line to set its rate."],
  [".picture.plane", "For each pair of two settings, how many steps it takes. Drag to set both."],
  [".picture.fair", "The best learning rate that was found for each optimizer."],
  [".picture.curves", "Loss curves for five learning rates of each optimizer."],
  [".picture.bands", "The losses of many runs: the band that holds most of them, and their median."],
  [".bar progress", "How far the study has come."],
  [".bar .save", "Saves the study as a picture, a table or arrays."],
  [".story", "The formula of the surface, and what it is known for."],
  [".st-key-surface", "The surface: the loss that all runs are to make small."],
  [".st-key-view", "One map for all runs, a map for each, or studies of many runs."],
  [".st-key-start_x, .st-key-start_y", "A coordinate of the point at which the runs start."],
  [".st-key-steps", "How many steps each run has."],
  [".st-key-bar .stPopover", "How to use this page; the rules that run, and their sources."],
  [".st-key-bar .stButton", "Compares the gradient at the start with differences of the loss."],
  [".st-key-typed .stPopover", "Your data: paste a table of two columns, or open a file."],
  [".st-key-typed_model", "What predicts y from x, by two weights: x and y of the map."],
  [".st-key-typed_predict", "The prediction from x, with the weights a and b, as you type it."],
  [".st-key-typed_loss", "What a prediction costs: half its squared error, or the logistic loss of a label."],
  [".st-key-typed_f", "The formula of the surface, as you type it."],
  [".st-key-typed_x, .st-key-typed_y", "The range of the map, from and to."],
];
