// Drags a learning rate of our page for some seconds, one input a frame, to and fro.
//
// Returns the inputs made, the pictures with new numbers shown, the intervals between
// frames, and for each picture how old the newest input in it was when it was painted.
async ({ slider, seconds, low, high, step }) => {
  const player = document.querySelector("[data-testid=player]");
  const range = document.querySelector(`input[type=range][data-testid=${slider}]`);
  const around = 2 * Math.round((high - low) / step);
  const move = (k) => {
    const along = k % around;
    range.value = low + step * Math.min(along, around - along);
    range.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // The player has one request under way: a picture shows the last one answered.
  const ages = [];
  let moved = 0;
  let answered = null;
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function (...more) {
    const asked = moved;
    this.addEventListener("load", () => {
      if (this.responseURL.includes("race?")) answered = asked;
    });
    return send.apply(this, more);
  };
  const painted = new MessageChannel();
  painted.port1.onmessage = ({ data }) => ages.push(performance.now() - data);
  const watch = new MutationObserver(() => {
    if (answered !== null) painted.port2.postMessage(answered);
  });
  watch.observe(player, { attributeFilter: ["data-pictures"] });

  const before = Number(player.dataset.pictures);
  const intervals = [];
  let inputs = 0;
  const start = await new Promise(requestAnimationFrame);
  let last = start;
  while (last - start < 1000 * seconds) {
    moved = performance.now();
    move((inputs += 1));
    const now = await new Promise(requestAnimationFrame);
    intervals.push(now - last);
    last = now;
  }
  const pictures = Number(player.dataset.pictures) - before;
  watch.disconnect();
  XMLHttpRequest.prototype.send = send;
  range.dispatchEvent(new Event("change", { bubbles: true }));
  return { seconds: (last - start) / 1000, inputs, pictures, intervals, ages };
};
