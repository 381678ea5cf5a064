// Draws the same basins with plotly.js, as heat maps in one figure, for some seconds:
// the next map is asked for when the last one is on the screen.
//
// Returns how many were drawn.
async ({ query, key, size, seconds }) => {
  const place = document.createElement("div");
  place.style = "position: fixed; left: 0; top: 100px; width: 940px; height: 400px; z-index: 9";
  document.body.append(place);
  const layout = { width: 940, height: 400, grid: { rows: 1, columns: 5, pattern: "independent" } };
  const draw = async (k) => {
    const rate = (0.01 * 1.03 ** (k % 100)).toPrecision(4);
    const response = await fetch(`basins?${query}&${key}=${rate}&size=${size}`);
    const whole = await response.arrayBuffer();
    const bytes = whole.slice(new Uint8Array(whole).indexOf(0) + 1);
    const length = new DataView(bytes).getUint32(0, true);
    const { runs } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    const cells = size * size;
    const data = runs.map((_, i) => {
      const ends = new Uint8Array(bytes, 4 + length + runs.length * cells * 2 + i * cells, cells);
      const z = Array.from({ length: size }, (_, row) => ends.subarray(row * size, (row + 1) * size));
      const axis = i ? i + 1 : "";
      return { type: "heatmap", z, zmin: 0, zmax: 255, showscale: false, xaxis: `x${axis}`, yaxis: `y${axis}` };
    });
    await window.Plotly.react(place, data, layout);
    await new Promise(requestAnimationFrame);
  };
  await draw(0);
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 1000 * seconds) await draw((count += 1));
  const took = (performance.now() - start) / 1000;
  place.remove();
  return { seconds: took, count };
};
