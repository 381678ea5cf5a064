"""The whole script of a race."""

import json

from views.code.entry import left_out
from views.code.lines import WIDTH
from views.code.program import imports, program, safe, spaced
from views.code.target import Target
from views.mark import mark
from views.setup import Setup


def script(setup: Setup, target: Target, address: str) -> str:
    """The race of a setup as a script.

    Args:
        setup: Of what.
        target: The library.
        address: Of the page that shows it.

    Raises:
        ValueError: If the surface cannot be written as code.
    """
    made = program(setup, target)
    ends = [line for name, why in made.absent.items() for line in left_out(name, why)]
    for entry in made.runs:
        shown = json.dumps(f"{entry.name}:", ensure_ascii=False)
        values = f"*{entry.called}().tolist()"
        line = f"print({shown}, {values})"
        broken = ["print(", f"    {shown},", f"    {values},", ")"]
        ends += [line] if len(line) <= WIDTH else broken
    blocks = [*made.surface, *made.inputs, *made.runs.values(), ends]
    code = "\n".join(spaced(blocks))
    title = f"The race on the surface “{setup.plain_surface.label}”, in {target.label}."
    head = [
        f'"""{title}',
        "",
        "Prints the last iterate of each optimizer: the page's, but for rounding,",
        "which grows where a run is chaotic.",
        '"""',
        "",
        f"# {safe(address)}",
        f"# {mark(setup.text)}",
        "",
        *imports(target, code),
        "",
    ]
    return "\n".join([*head, code, ""])
