// Drags a learning rate of the basins for some seconds, one input a frame, to and fro.
//
// Returns the inputs made, and the maps shown by their size.
async ({ slider, seconds, low, high, step }) => {
  const range = document.querySelector(`input[type=range][data-testid=${slider}]`);
  const around = 2 * Math.round((high - low) / step);
  const move = (k) => {
    const along = k % around;
    range.value = low + step * Math.min(along, around - along);
    range.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // Whatever the maps show, they say below how many starts it took.
  const maps = {};
  const legend = document.querySelector(".player .legend");
  const watch = new MutationObserver(() => {
    const [size] = legend.textContent.match(/\d+(?= × \d+ starts)/) ?? [];
    maps[size] = (maps[size] ?? 0) + 1;
  });
  watch.observe(legend, { childList: true });

  let inputs = 0;
  const start = await new Promise(requestAnimationFrame);
  let last = start;
  while (last - start < 1000 * seconds) {
    move((inputs += 1));
    last = await new Promise(requestAnimationFrame);
  }
  watch.disconnect();
  range.dispatchEvent(new Event("change", { bubbles: true }));
  return { seconds: (last - start) / 1000, inputs, maps };
};
