"""The player's modules as one file: one request in place of fifty.

Each module becomes a function that gives what it exports, in an order in which each
comes after those that it imports. Nothing is installed or built for it: the files of
`player/` stay as they are, are served at their own names, too, and are packed when a
server starts. Indents are left out, and comments, a quarter of what is sent: on lines
of their own, and behind code those without quotes, which no text of a line holds.
What the packed file exports: what its entry does, and `modules`, all of them by name.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from graphlib import TopologicalSorter

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE
)
# No text of a template begins a line so, and indents mean nothing in any: a test of the
# modules looks.
_COMMENT = re.compile(
    r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/)[ \t]*\n", re.MULTILINE
)
_BEHIND_CODE = re.compile(r"(?<=[;,(){}[\]:|&?=+]) +// [^\"'`\n]*$", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*$|^.*\bawait import\(.*$", re.MULTILINE)


def packed(
    modules: Mapping[str, str], entry: str = "main", without: Collection[str] = ()
) -> str:
    """One module that does what these do together.

    Args:
        modules: Their texts by name.
        entry: That whose exports are those of all; only what it needs is packed.
        without: What is left out though others import it; they must do without.

    Raises:
        ValueError: If a module imports or exports in another way than by braces and by
            declarations, or if modules import each other in a circle.
    """
    needs = {
        name: {module for _, module in _IMPORT.findall(text)}
        for name, text in modules.items()
    }
    needed = _reached(entry, needs, without)
    order = [name for name in TopologicalSorter(needs).static_order() if name in needed]
    return "\n".join(
        [
            "export const modules = {};",
            *(f"modules.{name} = {{}};" for name in without),
            *(_wrapped(name, modules[name]) for name in order),
            *_exports(entry, modules[entry]),
        ]
    )


def _reached(
    entry: str, needs: Mapping[str, set[str]], without: Collection[str]
) -> set[str]:
    """The modules that an entry needs, by whatever way."""
    reached, ahead = set(), [entry]
    while ahead:
        name = ahead.pop()
        if name not in reached and name not in without:
            reached.add(name)
            ahead += needs[name]
    return reached


def _wrapped(name: str, text: str) -> str:
    """A module as a call that enters what it exports among the others."""

    def bound(found: re.Match[str]) -> str:
        names = found[1].replace(" as ", ": ")
        return f"const {{{names}}} = modules.{found[2]};"

    short = _BEHIND_CODE.sub("", _INDENT.sub("", _COMMENT.sub("", text)))
    body = _EXPORT.sub("", _IMPORT.sub(bound, short))
    if other := _OTHER.search(body):
        raise ValueError(f"{name}.js: “{other[0]}” cannot be packed.")
    exported = ", ".join(_EXPORT.findall(text))
    return f"modules.{name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _exports(entry: str, text: str) -> Iterator[str]:
    for name in _EXPORT.findall(text):
        yield f"export const {name} = modules.{entry}.{name};"
