"""Formulas as browsers draw them themselves."""

import re
from functools import lru_cache
from itertools import pairwise
from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import unescape

from latex2mathml.converter import convert_to_element

_THIN = "0.167em"
"""TeX's thin space: without it around a function's name, x cos t is read as xcost."""

_BETWEEN = re.compile(r",\\ |[({})]")
"""What separates clauses, outside of parentheses and braces."""

_CLOSING = ("&#x00029;", "&#x0005D;")


@lru_cache(maxsize=500)
def mathml(formula: str, display: str = "inline") -> str:
    """A formula in LaTeX as MathML.

    Args:
        formula: The LaTeX, without dollars.
        display: "inline", or "block" for a line of its own.
    """
    tree = convert_to_element(formula, display=display)
    for parent in list(tree.iter()):
        _space_functions(parent)
    return unescape(tostring(tree, encoding="unicode"))


def in_clauses(formula: str) -> str:
    """A formula as MathML, each of its clauses by itself: they may be in two lines.

    Args:
        formula: The LaTeX; a comma and a space are between clauses.
    """
    clauses, depth, begin = [], 0, 0
    for found in _BETWEEN.finditer(formula):
        depth += (found[0] in "({") - (found[0] in ")}")
        if depth == 0 and found[0].startswith(","):
            clauses.append(formula[begin : found.start() + 1])
            begin = found.end()
    return " ".join(map(mathml, [*clauses, formula[begin:]]))


def _space_functions(row: Element) -> None:
    """Sets names of functions off from what is multiplied or called, as TeX does."""
    if row.tag not in ("math", "mrow", "mstyle", "msqrt", "mtd"):
        return  # There, children are side by side; elsewhere they are above each other.
    for before, after in reversed(list(pairwise(row))):
        called = _is_function(before) and not _begins_with_sign(after)
        multiplied = _is_function(after) and not _ends_with_sign(before)
        if called or multiplied:
            row.insert(list(row).index(after), Element("mspace", width=_THIN))


def _is_function(part: Element) -> bool:
    """Whether it is a name such as sin, also with an index or a power."""
    if part.tag in ("msub", "msup", "msubsup"):
        part = part[0]
    name = part.text or ""
    return part.tag == "mi" and len(name) > 1 and name.isalpha()


def _begins_with_sign(part: Element) -> bool:
    while part.tag == "mrow" and len(part):
        part = part[0]
    return part.tag in ("mo", "mspace")


def _ends_with_sign(part: Element) -> bool:
    return part.tag == "mspace" or (part.tag == "mo" and part.text not in _CLOSING)
