import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { Linter } from "eslint";

const PLAYER = new URL("../../views/player/", import.meta.url);
const LOOKS_LIKE_ONE = /^[ \t]*(\/\/|\/\*\*)|[;,(){}[\]:|&?=+] +\/\/ [^"'`\n]*$/m;

/**
 * The texts of templates of a module, as they are written.
 * @param {string} text
 */
function templatesOf(text) {
  const linter = new Linter();
  linter.verify(text, [{ languageOptions: { ecmaVersion: "latest", sourceType: "module" } }]);
  return linter.getSourceCode().ast.tokens.filter(({ type }) => type === "Template").map(({ value }) => value);
}

test("no text of a template looks like a comment (views/packed.py)", () => {
  for (const text of ["`\n // b`", "`a; // b\n`"]) assert.match(text, LOOKS_LIKE_ONE);
  assert.deepEqual(templatesOf("const a = `\\n // b`; // c `d`"), ["`\\n // b`"]);
  for (const name of readdirSync(PLAYER).filter((one) => one.endsWith(".js"))) {
    const templates = templatesOf(readFileSync(new URL(name, PLAYER), "utf8"));
    for (const text of templates) assert.doesNotMatch(text, LOOKS_LIKE_ONE, name);
  }
});

test("indents mean nothing in a template of several lines (views/packed.py)", () => {
  for (const name of readdirSync(PLAYER).filter((one) => one.endsWith(".js"))) {
    const several = templatesOf(readFileSync(new URL(name, PLAYER), "utf8")).filter((text) => /\n[ \t]/.test(text));
    for (const text of several) {
      assert.match(text, /</, `${name}: it is HTML`);
      assert.doesNotMatch(text, /<(pre|textarea)[^>]*>[^<]*\n/, name);
    }
  }
});
