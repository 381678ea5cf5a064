// Listens to an animation for some seconds: the intervals between frames in
// milliseconds, and how many different pictures of the race were shown.
async ({ seconds }) => {
  const player = document.querySelector("[data-testid=player]");
  const plot = document.querySelector(".js-plotly-plot");
  let pictures = 0;
  if (!player && plot) plot.on("plotly_animatingframe", () => (pictures += 1));
  let step = player?.dataset.step;
  const intervals = [];
  let last = await new Promise(requestAnimationFrame);
  const end = last + 1000 * seconds;
  while (last < end) {
    const now = await new Promise(requestAnimationFrame);
    intervals.push(now - last);
    last = now;
    if (player && player.dataset.step !== step) {
      step = player.dataset.step;
      pictures += 1;
    }
  }
  return { intervals, pictures };
};
