import assert from "node:assert/strict";
import { test } from "node:test";

import { lettersOf } from "../../views/player/help.js";

test("each letter of a slider that is there is in words, once", () => {
  /** @type {(symbol: string, label: string, scale?: string) => any} */
  const slider = (symbol, label, scale = "log") => ({ symbol, label, scale });
  const page = /** @type {any} */ ({
    params: [slider("κ", "Condition number")],
    cards: [
      { on: true, sliders: [slider("α", "Learning rate"), slider("c", "Bias correction", "switch")] },
      { on: true, sliders: [slider("α", "Learning rate"), slider("β", "Momentum")] },
      { on: false, sliders: [slider("ρ", "Decay")] },
    ],
  });
  assert.deepEqual(lettersOf(page), [["κ", "condition number"], ["α", "learning rate"], ["β", "momentum"]]);
});
