"""The player's modules as one file."""

import re

import pytest

from views.packed import packed
from views.player_files import PACKED, PLAYER_PATH


def test_each_module_comes_after_what_it_needs():
    text = packed(
        {
            "main": 'import { half, TWO as two } from "./numbers.js";\n'
            "const one = 1;\n"
            "export function show() { return [half(one), two]; }\n"
            "export class Other {}",
            "numbers": 'import { one } from "./one.js";\n'
            "export const TWO = 2 * one;\n"
            "export function half(value) { return value / TWO; }",
            "one": "export const one = 1;",
        }
    )
    assert re.findall(r"^modules\.(\w+) =", text, re.M) == ["one", "numbers", "main"]
    assert re.findall(r"^export const (\w+)", text, re.M) == [
        *("modules", "show", "Other")
    ]
    assert 'from "./' not in text


def test_comments_are_left_out():
    text = packed(
        {
            "main": "// What it is.\n\n/**\n * Gives `one`.\n * @returns {number}\n"
            " */\nexport function show() {\n  // Why.\n  return 1; // here\n}\n"
            '/** @type {string} */\nexport const link = "http://a"; /* b */\n'
        }
    )
    body = "function show() {\nreturn 1;\n}\n"
    assert body + 'const link = "http://a"; /* b */\n' in text
    assert "What it is" not in text
    assert "@" not in text


@pytest.mark.parametrize(
    "line",
    [
        'const text = "a; // b";',
        "const text = 'a, // b'; // its 'c'",
        "const text = f(`a) // b`);",
        "const half = a // b\n/ 2;",
    ],
)
def test_what_may_be_part_of_a_text_stays(line):
    assert line in packed({"main": line})


@pytest.mark.parametrize(
    "line",
    [
        "export default function () {}",
        "export let count = 0;",
        "export { one };",
        'export * from "./one.js";',
        'import * as all from "./one.js";',
        'import "./one.js";',
        'const { one } = await import("./one.js");',
    ],
)
def test_what_cannot_be_packed_is_refused(line):
    with pytest.raises(ValueError, match="cannot be packed"):
        packed({"main": line, "one": "const one = 1;"})


def test_modules_that_need_each_other_are_refused():
    one = 'import { b } from "./b.js";\nexport const a = 1;'
    other = 'import { a } from "./a.js";\nexport const b = 1;'
    with pytest.raises(ValueError, match="cycle"):
        packed({"main": "export const show = 1;", "a": one, "b": other})


def test_the_player_is_served_as_one_file(get):
    text = get(f"/{PLAYER_PATH}/{PACKED}").text
    assert "export const show = modules.main.show;" in text
    assert not re.search(r"^import\b", text, re.M)
