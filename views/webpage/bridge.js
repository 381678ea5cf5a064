// The page of a race in a notebook, and its messages to the kernel and back.

const GONE = "The kernel has ended; run the cell again.";

function render({ model, el }) {
  const frame = document.createElement("iframe");
  const view = crypto.getRandomValues(new Uint32Array(2)).join("-");
  frame.title = "Loss-surface visualizer";
  frame.srcdoc = model.get("document");
  frame.style.cssText = `border: 0; width: 100%; height: ${model.get("height")}px`;
  const toPage = (message) => frame.contentWindow?.postMessage(message, "*");
  const toKernel = ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    try {
      model.send({ ...data, view });
    } catch {
      toPage({ gone: GONE });
    }
  };
  // Another view of this model has answers of its own.
  const fromKernel = (message, buffers) => {
    const [bytes] = buffers ?? [];
    const own = bytes?.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    if (message.view === view) toPage({ ...message, bytes: own });
  };
  window.addEventListener("message", toKernel);
  model.on("msg:custom", fromKernel);
  el.append(frame);
  return () => {
    window.removeEventListener("message", toKernel);
    model.off("msg:custom", fromKernel);
  };
}

export default { render };
