"""What was read of a text that is typed, as mathematics.

`GET read?rule=TEXT` reads a rule; without one, it is what there is to begin with:
names, and texts that may be changed. `GET read?f=TEXT` reads a formula, and compiles
nothing.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from optim.typed import EXAMPLES, read, typed_rule
from surfaces import params
from surfaces.formula import FormulaError, parse
from surfaces.formula.pasted import LONGEST
from surfaces.formula.sliders import printed
from surfaces.formula.variables import renamed
from views.mathml import in_clauses, mathml
from views.own_rules import parse_rule
from views.serving.server import SERVER, client_of
from views.stream import Assignment, Refused, deliver

KIND = "application/json"


def what_was_read(texts: Mapping[str, str | None]) -> dict[str, Any]:
    """What a page shows of a text: of a rule its name, lines in MathML and settings.

    Of a formula it is the formula in MathML, and in words how it was read. Of a text
    that is neither, it is what is wrong, in a sentence; without a text, rules to begin
    with.

    Args:
        texts: Of an address, by key.

    Raises:
        ValueError: In one sentence, if something else is asked for.
    """
    if len(texts) > 1 or texts.keys() - {"rule", "f"}:
        raise ValueError(
            "Only a rule or a formula is read here, as in read?rule=w = w - alpha*g or "
            "read?f=x^2 + y^2."
        )
    if (formula := texts.get("f")) is not None:
        return _formula(formula)
    text = texts.get("rule")
    if text is None:
        named = {name: f"# {name}\n{text}" for name, text in EXAMPLES.items()}
        return {"examples": named}
    try:
        rule = parse_rule(text)
    except ValueError as error:
        return {"wrong": sentence_of(error)}
    if not rule:
        return {"wrong": "The rule is empty; write one such as w = w - alpha*g."}
    made = typed_rule(rule)
    defaults = made.hypers._field_defaults
    return {
        "name": made.label,
        "lines": [mathml(line) for line in read(rule).latex_lines],
        "settings": {
            name: {"low": param.low, "high": param.high, "default": defaults[name]}
            for name, param in params(made.hypers).items()
        },
    }


def _formula(text: str) -> dict[str, str]:
    if len(text) > LONGEST:
        return {"wrong": f"The formula is longer than {LONGEST} characters."}
    try:
        expression = parse(text)
    except FormulaError as error:
        return {"wrong": sentence_of(error)}
    names = renamed(text, expression).items()
    read = " and ".join(f"{typed} as {meant}" for typed, meant in names)
    notes = (printed(expression.sliders), read and f"read with {read}")
    return {
        "formula": in_clauses(f"f(x, y) = {expression.latex}"),
        "notes": "\u2002·\u2002".join(filter(None, notes)),
    }


def sentence_of(error: Exception) -> str:
    """What an error says, as a sentence of its own."""
    words = str(error)
    end = "" if words.endswith((".", "?")) else "."
    return f"{words[:1].upper()}{words[1:]}{end}"


async def reading(request: Request) -> Response:
    """The same, of the address of a request."""

    def compute(_: Any) -> bytes:
        try:
            found = what_was_read(dict(request.query_params))
        except ValueError as error:
            raise Refused(sentence_of(error)) from None
        return json.dumps(found).encode()

    assignment = Assignment(SERVER.pictures, client_of(request), SERVER.limits)
    return await deliver(request, compute, assignment, KIND)
