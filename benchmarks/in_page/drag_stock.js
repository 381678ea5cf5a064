// Drags a slider of the stock page for some seconds, one pointer move a frame, to and
// fro, and lets go.
//
// Returns the inputs made, the pictures with new numbers shown before and after the
// release, the intervals between frames, and the milliseconds from release to picture.
async ({ index, seconds, reach, patience }) => {
  const frame = () => new Promise(requestAnimationFrame);
  const thumb = document.querySelectorAll("[data-testid=stSliderThumbValue]")[index]
    .parentElement;
  const box = thumb.getBoundingClientRect();
  const dispatch = (target, name, by) =>
    target.dispatchEvent(
      new PointerEvent(name, {
        bubbles: true,
        cancelable: true,
        pointerId: 1,
        pointerType: "mouse",
        isPrimary: true,
        button: 0,
        buttons: name === "pointerup" ? 0 : 1,
        clientX: box.x + box.width / 2 + by,
        clientY: box.y + box.height / 2,
      }),
    );
  // A plot counts as soon as its layout holds the new setting, painted or not.
  const shown = () =>
    document.querySelector(".js-plotly-plot")?._fullLayout?.meta?.powers.join();

  let picture = shown();
  let pictures = 0;
  let inputs = 0;
  const intervals = [];
  dispatch(thumb, "pointerdown", 0);
  const start = await frame();
  let last = start;
  do {
    inputs += 1;
    dispatch(window, "pointermove", reach - Math.abs((inputs % (2 * reach)) - reach) + 1);
    const now = await frame();
    intervals.push(now - last);
    last = now;
    const present = shown();
    if (present && present !== picture) {
      picture = present;
      pictures += 1;
    }
  } while (last - start < 1000 * seconds);
  dispatch(window, "pointerup", reach);
  const released = performance.now();
  while (!shown() || shown() === picture) {
    if (performance.now() - released > patience) throw new Error("no picture came");
    await frame();
  }
  return {
    seconds: (last - start) / 1000,
    inputs,
    pictures,
    intervals,
    latency: performance.now() - released,
  };
};
