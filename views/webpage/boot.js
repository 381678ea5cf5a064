// Unpacks the parts of this file by the browser's own means, and starts the player.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~";
const OLD = "This browser is too old for this file; it needs one from 2023 or later.";

/** The bytes that a part is made of: four for every five of its digits. */
function bytesOf(text) {
  const values = new Uint8Array(128);
  for (let i = 0; i < DIGITS.length; i += 1) values[DIGITS.charCodeAt(i)] = i;
  const count = Math.ceil(text.length / 5);
  const view = new DataView(new ArrayBuffer(4 * count));
  for (let i = 0; i < count; i += 1) {
    let word = 0;
    for (let k = 5 * i; k < 5 * i + 5; k += 1) {
      word = word * 85 + (k < text.length ? values[text.charCodeAt(k)] : 84);
    }
    view.setUint32(4 * i, word);
  }
  return new Uint8Array(view.buffer, 0, 4 * count - (5 * count - text.length));
}

async function part(name) {
  const packed = bytesOf(document.getElementById(`part-${name}`).textContent.trim());
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

const text = async (name) => new TextDecoder().decode(await part(name));

async function start() {
  const style = document.createElement("style");
  style.textContent = await text("style");
  document.head.append(style);
  const code = new Blob([await part("code")], { type: "text/javascript" });
  const player = await import(URL.createObjectURL(code));
  const main = document.querySelector("main");
  player.open(main, JSON.parse(await text("page")), part);
  main.querySelector(".wait").remove();
}

start().catch((error) => {
  document.querySelector(".wait").textContent = "DecompressionStream" in window ? String(error) : OLD;
});
