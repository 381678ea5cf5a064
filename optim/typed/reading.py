"""From the text of a rule to its lines.

A rule is read in three passes: its lines are set off from its declarations; every name
is found to be a hyperparameter, memory, or the value of a line before; and all values
are found to be numbers, vectors or matrices.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property

from optim.typed import names, shapes
from surfaces import Param
from surfaces.formula import latex
from surfaces.formula.errors import FormulaError, quoted
from surfaces.formula.functions import ALIASES, CONSTANTS, REWRITTEN
from surfaces.formula.nodes import Binary, Name, Negative, Node, words
from surfaces.formula.parser import Parser
from surfaces.formula.sliders import DECLARED, digits_of, numbers, scale_of
from surfaces.formula.text import text
from surfaces.formula.tokens import WORDS, Vocabulary
from surfaces.typos import closest

LONGEST = 1000
"""Characters of a rule."""

MOST_LINES = 16
MOST_HYPERS = 8
MOST_LOOKS = 6
"""Losses, gradients and Hessians of other points that a rule may ask for."""

_MEANING = "A hyperparameter of the rule."

KNOWN = ("w", "g", "t", "f", "eye", "rand", "randn")

_EXAMPLE = "w = w - alpha*g"
_LINE = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*(?P<sign>=(?!=)|:=|<-|←)", re.ASCII)
_ASSIGNED = re.compile(r"\s*([^\W\d]\w*)\s*([-+*/^])=", re.ASCII)
# Of 1e3 nothing is a name; so numbers are found, too, and passed over.
_WORD = re.compile(
    r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
    r"|(?<![A-Za-z_.])(?P<name>[A-Za-z_][A-Za-z_0-9]*)\b(?!\.)"
)


@dataclass(frozen=True)
class Line:
    """One line: its name, its value, and where it stands in the text, from 1."""

    name: str
    node: Node
    number: int
    shape: shapes.Shape = "number"


@dataclass(frozen=True)
class Program:
    """A rule as it was read.

    Attributes:
        hypers: Its hyperparameters, with their declarations and defaults, by the names
            in the text.
        lines: Its lines but the last.
        delta: The last: what is added to the point.
        moves: The last as it was written, without `w =`.
        memories: Which names hold the value of the step before.
        rate: The name of the learning rate; empty if there is none.
    """

    hypers: dict[str, tuple[Param, float]]
    lines: tuple[Line, ...]
    delta: Line
    moves: Node
    memories: tuple[str, ...]
    rate: str

    @cached_property
    def used(self) -> frozenset[str]:
        """The names and functions that occur."""
        trees = (line.node for line in (*self.lines, self.delta))
        return frozenset().union(*map(words, trees))

    @property
    def random(self) -> bool:
        """Whether it draws random numbers."""
        return bool(self.used & {"rand", "randn"})

    @cached_property
    def symbols(self) -> dict[str, str]:
        """By name, how hyperparameters and what is known are written."""
        own = {name: param.symbol for name, (param, _) in self.hypers.items()}
        return {**own, "f": "f(w)", "eye": "I", "rand": "u", "randn": "z"}

    @cached_property
    def latex_lines(self) -> tuple[str, ...]:
        """Each line in LaTeX."""
        written = self.symbols | {
            line.name: names.symbol(line.name) for line in self.lines
        }
        each = [
            rf"{written[line.name]} \leftarrow {latex.latex(line.node, written)}"
            for line in self.lines
        ]
        move = rf"w \leftarrow {latex.latex(self.moves, written)}"
        return *each, move

    @property
    def latex(self) -> str:
        """All lines in LaTeX."""
        return r",\quad ".join(self.latex_lines)

    @cached_property
    def text(self) -> str:
        """The rule in plain characters, from which the same is read."""
        declared = [
            f"{name} = {digits_of(default)} in "
            f"{digits_of(param.low)}..{digits_of(param.high)}"
            for name, (param, default) in self.hypers.items()
            if (param, default) != names.param_of(name)
        ]
        lines = [f"{line.name} = {text(line.node)}" for line in self.lines]
        return "\n".join((*declared, *lines, f"w = {text(self.moves)}"))


def read(rule: str) -> Program:
    """Reads a rule.

    Raises:
        FormulaError: With one sentence.
    """
    if len(rule) > LONGEST:
        raise FormulaError(f"the rule is longer than {LONGEST} characters")
    rule = names.spelled(rule)
    declared, statements = _statements(rule)
    given = [name for name, _, _ in statements]
    if "w" not in given:
        raise FormulaError(f"the rule has no line that moves w; write {_EXAMPLE}")
    if given[-1] != "w":
        raise FormulaError("the line that moves w must be the last")
    hypers = _hypers(declared, statements)
    vocabulary = Vocabulary(
        (*KNOWN, *hypers, *given[:-1]), tuple(CONSTANTS), shapes.FUNCTIONS
    )
    lines = [
        _line(name, value, number, vocabulary) for name, value, number in statements
    ]
    _check_looks(lines)
    memories = _memories(lines)
    # The line of w is checked as it was written, and computed as what is added.
    shaped = shapes.shaped(lines, set(hypers))
    moves = shaped.pop()
    for line in shaped:
        if line.shape == "matrix" and line.name in memories:
            raise FormulaError(
                f"line {line.number} remembers a matrix; allowed are numbers and "
                "vectors"
            )
    delta = Line("delta", _added(moves.node), moves.number, "vector")
    if any("rand" in name for line in lines for name in words(line.node)):
        hypers = {**hypers, "seed": hypers.get("seed", (names.SEED, 0))}
    elif "seed" in hypers:
        raise FormulaError("the rule has a seed, and no random numbers: rand or randn")
    rate = next((name for name in names.RATES if name in hypers), "")
    for name in hypers.keys() & set(names.RATES) - {rate}:  # Where eta is the rate.
        param, default = hypers[name]
        own = replace(param, label=name, meaning=_MEANING)
        hypers = {**hypers, name: (own, default)}
    return Program(hypers, tuple(shaped), delta, moves.node, memories, rate)


Statement = tuple[str, str, int]


def _statements(rule: str) -> tuple[dict[str, tuple[str, int]], list[Statement]]:
    """Declarations of hyperparameters by name, and the lines after them."""
    declared: dict[str, tuple[str, int]] = {}
    found: list[Statement] = []
    for number, line in enumerate(re.split(r"[\n;]", rule), 1):
        line = line.partition("#")[0]
        if not line.strip():
            continue
        head = _LINE.match(line)
        if head is None and (assigned := _ASSIGNED.match(line)):
            name, sign = assigned.groups()
            raise FormulaError(
                f"line {number} has `{sign}=`; write {quoted(name)} = {quoted(name)} "
                f"{sign} …"
            )
        if head is None:
            raise FormulaError(
                f"line {number} gives no name a value; write a line such as {_EXAMPLE}"
            )
        name, value = head["name"], line[head.end() :]
        _check_name(name, number)
        if name in declared or any(name == before for before, _, _ in found):
            raise FormulaError(f"line {number} gives `{quoted(name)}` a second value")
        if not value.strip():
            raise FormulaError(f"line {number} gives `{quoted(name)}` no value")
        number_only = DECLARED.fullmatch(value)
        ranged = number_only and number_only["low"]
        if ranged and found:
            raise FormulaError(
                f"line {number} declares a hyperparameter; such lines come first"
            )
        if ranged or (number_only and not found and name in names.CUSTOMARY):
            declared[name] = (value, number)
        else:
            if name == "seed":
                raise FormulaError(f"line {number} must give seed a whole number")
            # Blanks stand for what was read, so that positions count in the line.
            found.append((name, " " * head.end() + value, number))
        if len(found) > MOST_LINES:
            raise FormulaError(f"the rule has more than {MOST_LINES} lines")
    if not found:
        raise FormulaError(f"the rule is empty; write one such as {_EXAMPLE}")
    return declared, found


def _check_name(name: str, number: int) -> None:
    taken = name in {*KNOWN} - {"w", "g"} or name in shapes.FUNCTIONS
    if taken or name in ALIASES or name in CONSTANTS:
        raise FormulaError(
            f"line {number} gives `{quoted(name)}` a value, but that name is already "
            "taken"
        )
    if name.startswith("_") or len(name) > 20:
        raise FormulaError(
            f"line {number} has the name `{quoted(name)}`; a name begins with a letter "
            "and has at most 20 of them"
        )


def _hypers(
    declared: dict[str, tuple[str, int]], statements: list[Statement]
) -> dict[str, tuple[Param, float]]:
    """The hyperparameters: the learning rate, and others as they occur."""
    hypers = {name: _declared(name, *line) for name, line in declared.items()}
    given = {name for name, _, _ in statements}
    always = {*KNOWN, *CONSTANTS, *ALIASES, *REWRITTEN, *shapes.FUNCTIONS, *WORDS}
    for _, value, number in statements:
        for match in _WORD.finditer(value):
            name = match["name"]
            if name is None or name in always or name in given or name in hypers:
                continue
            customary = names.param_of(name) if name != "seed" else None
            if customary is None:
                called = value[match.end() :].lstrip().startswith("(")
                raise FormulaError(
                    _unknown(name, number, match.start() + 1, given, called)
                )
            hypers[name] = customary
    # A card begins with the learning rate.
    rates = {name: k for k, name in enumerate(names.RATES)}
    first = sorted(hypers.items(), key=lambda one: rates.get(one[0], len(rates)))
    hypers = dict(first)
    if len(hypers) > MOST_HYPERS:
        raise FormulaError(f"the rule has more than {MOST_HYPERS} hyperparameters")
    return hypers


_INSTEAD = {
    "in": "a range as 0..1, in the first lines, as in gamma = 0.5 in 0..1",
    "sum": "dot(a, b), the sum of a product",
    "mean": "dot(a, b)/2, the mean of a product",
    "clip": "max(min(a, b), -b)",
}
"""Words of other languages, and what says the same here."""

_SOME = "abs, sign, sqrt, exp, log, min, max, where, dot, norm, solve"


def _unknown(
    name: str, number: int, position: int, given: set[str], called: bool
) -> str:
    known = (*given, *names.CUSTOMARY, *KNOWN, *shapes.FUNCTIONS)
    word = quoted(name)
    where = f"line {number}: `{word}` at position {position}"
    if name in _INSTEAD:
        return f"{where} is not known here; write {_INSTEAD[name]}"
    why = f"{where} has no value"
    bare = name.removesuffix("_t").removesuffix("_")
    if bare != name and bare in known:
        return f"{where} is written `{bare}` here, without the step"
    if called:
        return f"{where} is no function here; there are {_SOME} and others"
    if likely := closest(name, known):
        return f"{why}; did you mean `{likely}`?"
    return (
        f"{why}; for a hyperparameter, write {word} = 0.5 in 0..1 in a line before, "
        f"and for memory a line {word} = … of its own"
    )


def _declared(name: str, value: str, number: int) -> tuple[Param, float]:
    """A hyperparameter as it is declared, in the customary range if none is given."""
    found = DECLARED.fullmatch(value)
    assert found
    given, customary = numbers(found), names.param_of(name)
    if given.low is None:
        assert customary
        given = given._replace(low=customary[0].low, high=customary[0].high)
    if fault := given.fault(name):
        raise FormulaError(f"line {number} {fault}")
    default, low, high = given
    assert low is not None
    assert high is not None
    whole = default.is_integer()
    if customary and (low, high) == (customary[0].low, customary[0].high):
        if whole or not customary[0].whole:
            return customary[0], int(default) if customary[0].whole else default
    if name == "seed":
        raise FormulaError(f"line {number} must give seed a whole number, 0 to 9999")
    scale = scale_of(low, high)
    label = customary[0].label if customary else name
    meaning = customary[0].meaning if customary else _MEANING
    return Param(names.symbol(name), label, low, high, scale, meaning), default


def _line(name: str, value: str, number: int, vocabulary: Vocabulary) -> Line:
    try:
        return Line(name, Parser(value, words=vocabulary).whole(), number)
    except FormulaError as error:
        raise FormulaError(f"line {number}: {error}") from None


def _check_looks(lines: list[Line]) -> None:
    looks = sum(map(shapes.looks, (line.node for line in lines)))
    if looks > MOST_LOOKS:
        raise FormulaError(
            f"the rule asks for the loss, its gradient or its Hessian {looks} times a "
            f"step; allowed are {MOST_LOOKS}"
        )


def _memories(lines: list[Line]) -> tuple[str, ...]:
    """What is read before it has a value in this step."""
    found: dict[str, None] = {}
    given = {line.name for line in lines} - {"w"}
    done: set[str] = set()
    for line in lines:
        for name in sorted(words(line.node) & (given - done)):
            if name == "g":
                raise FormulaError(
                    f"line {line.number} reads `g` before its own line; give the "
                    "gradient another name there"
                )
            found[name] = None
        done.add(line.name)
    return tuple(found)


def _added(node: Node) -> Node:
    """What is added to w where that is written so; else the difference from it."""
    return _without_w(node) or Binary("-", node, Name("w"))


def _without_w(node: Node) -> Node | None:
    """The rest of a sum that begins with w."""
    if not isinstance(node, Binary) or node.operator not in "+-":
        return None
    if node.left == Name("w"):
        return node.right if node.operator == "+" else Negative(node.right)
    rest = _without_w(node.left)
    return rest and Binary(node.operator, rest, node.right)
