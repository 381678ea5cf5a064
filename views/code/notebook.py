"""The whole notebook of a race: cells that run it, and draw it with matplotlib.

What is in them is that of a script, but for that each run keeps all its iterates.
"""

import json
import re

from views.code.lines import WIDTH
from views.code.plots import losses_cell, map_cell
from views.code.program import (
    Program,
    imports,
    modules,
    program,
    safe,
    spaced,
    uses_keras,
)
from views.code.target import Target
from views.mark import mark
from views.setup import Setup
from views.studies.words import conditions, surface_name

PACKAGES = {"np": "numpy", "jax": "jax", "optax": "optax", "torch": "torch"}
"""What a module is installed by."""

_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(setup: Setup, target: Target, address: str) -> str:
    """The race of a setup as a Jupyter notebook.

    Args:
        setup: Of what.
        target: The library.
        address: Of the page that shows it.

    Raises:
        ValueError: If the surface cannot be written as code.
    """
    from nbformat import v4, writes  # A sixth of a second, which few need.

    made = program(setup, target, records=True)
    keys = [key for key in setup["on"] if setup.name(key) not in made.absent]
    cells = {
        "loss": "\n".join(spaced(made.surface)),
        "inputs": "\n".join(spaced(made.inputs)),
        **{
            f"run-{e.called}": _run(e.name, e.called, of) for e, of in made.runs.items()
        },
        "last-iterates": _LAST,
        "map": map_cell(setup, keys, target),
        **({"losses": losses_cell(setup)} if made.runs else {}),
    }
    code = "\n".join(cells.values())
    first = [
        *imports(target, code),
        "",
        "paths = {}  # iterates by optimizer, one a row",
    ]
    cells = {"imports": "\n".join(first)} | cells
    about = v4.new_markdown_cell(_about(setup, target, made, address, code), id="about")
    book = v4.new_notebook(
        cells=[
            about,
            *(v4.new_code_cell(text, id=k) for k, text in cells.items() if text),
        ],
        metadata={
            "kernelspec": _KERNEL,
            "language_info": {"name": "python"},
            "loss_surface": {"setup": mark(setup.text)},
        },
    )
    return writes(book) + "\n"


_LAST = """# The last iterates.
for name, path in paths.items():
    print(f"{name}:", *path[-1].tolist())"""


def _run(name: str, called: str, function: list[str]) -> str:
    shown = json.dumps(name, ensure_ascii=False)
    line = f"paths[{shown}] = np.array({called}())"
    broken = [f"paths[{shown}] = np.array(", f"    {called}()", ")"]
    return "\n".join([*function, "", "", *([line] if len(line) <= WIDTH else broken)])


# -- what it is -----------------------------------------------------------------------


def _about(setup: Setup, target: Target, made: Program, address: str, code: str) -> str:
    surface = setup.plain_surface
    names = [_escaped(setup.name(key)) for key in setup["on"]]
    first, last = ", ".join(names[:-1]), "".join(names[-1:])
    who = " and ".join(filter(None, (first, last))) or "No optimizer"
    x, y = setup["start"]
    under = ", ".join(conditions(setup, ()))  # Entries have theirs in their names.
    sentence = (
        f"{who} {'take' if first else 'takes'} {setup['steps']} steps "
        f"from ({x:g}, {y:g})"
        f"{' on $f(x, y) = ' + surface.latex + '$' if surface.latex else ''}"
        f"{', with ' + _escaped(under) if under else ''}."
    )
    link = re.sub(r"[<>`]", "", safe(address))
    query = f"?{setup.text}"
    remarks = [
        *((e.name, f": {says}") for e in made.runs if (says := e.says(target))),
        *((name, f" is left out: {why}") for name, why in made.absent.items()),
    ]
    paragraphs = [
        f"# Loss-surface visualizer: the race on “{_escaped(surface_name(setup))}”, "
        f"in {target.label}",
        sentence,
        f"The page of this race: <{link}>. On a server of your own, append "
        f"[`{query}`]({query}) to its address.",
        f"The notebook needs {_needed(target, code)}. The last iterates "
        "are the page's, but for rounding, which grows where a run is chaotic. "
        "This file, dropped on the page, opens the setup it came from.",
        "\n".join(f"- **{_escaped(n)}**{_escaped(says)}" for n, says in remarks),
    ]
    return "\n\n".join(filter(None, paragraphs))


def _needed(target: Target, code: str) -> str:
    used = modules(target, code)
    packages = [name for module, name in PACKAGES.items() if module in used]
    if uses_keras(code):
        packages += ["keras", "torch"]
    install = " ".join([*packages, "matplotlib"])
    return f"matplotlib for its figures, too: `pip install {install}`"


def _escaped(text: str) -> str:
    """Text in which nothing means anything to Markdown."""
    return re.sub(r"([\\`*_\[\]<>|~$])", r"\\\1", text)
