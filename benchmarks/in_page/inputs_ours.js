// Single inputs on a learning rate of our page, one by one and out of step with the frames;
// the milliseconds from each to the painted picture that shows it.
async ({ slider, count, gap, low, step, release }) => {
  const player = document.querySelector("[data-testid=player]");
  const range = document.querySelector(`input[type=range][data-testid=${slider}]`);
  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const picture = () =>
    new Promise((resolve, reject) => {
      const painted = new MessageChannel();
      const late = setTimeout(() => reject(new Error("no picture came")), 10_000);
      painted.port1.onmessage = () => {
        clearTimeout(late);
        painted.port1.close();
        resolve(performance.now());
      };
      const watch = new MutationObserver(() => {
        watch.disconnect();
        // A message sent from a frame's callback arrives after the frame is painted.
        painted.port2.postMessage(null);
      });
      watch.observe(player, { attributeFilter: ["data-pictures"] });
    });

  const latencies = [];
  for (let k = 1; k <= count; k += 1) {
    await wait(gap * (0.8 + 0.4 * Math.random()));
    const shown = picture();
    const began = performance.now();
    range.value = low + step * k;
    range.dispatchEvent(new Event("input", { bubbles: true }));
    latencies.push((await shown) - began);
    if (release) range.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if (!release) range.dispatchEvent(new Event("change", { bubbles: true }));
  return latencies;
};
