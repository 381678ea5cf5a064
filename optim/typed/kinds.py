"""What sort of thing each line of a rule is, from which follows how it is drawn.

A line is known by its powers: of the gradient, and of the learning rate. A mean of
gradients has the first power of the gradient, a mean of squares the second, and a
velocity that is added to the point has the learning rate in it.
"""

from typing import NamedTuple

from optim.quantities import Kind
from optim.typed.names import param_of
from optim.typed.reading import Program
from surfaces.formula.nodes import Binary, Call, Name, Negative, Node, Number, parts


class Powers(NamedTuple):
    """Of the gradient and of the learning rate; or that of a point."""

    gradient: float = 0.0
    rate: float = 0.0
    point: bool = False


NONE = Powers()
POINT = Powers(point=True)


def _known(program: Program) -> dict[str, Powers]:
    """The powers of each line."""
    known = {"w": POINT, program.rate: Powers(rate=1.0)}
    if all(line.name != "g" for line in program.lines):
        known["g"] = Powers(gradient=1.0)
    # Memory is known after one round. What a line was before says nothing new of it.
    for _ in range(2):
        for line in program.lines:
            known[line.name] = _powers(line.node, {**known, line.name: NONE})
    return known


def kinds(program: Program) -> dict[str, Kind]:
    """By name, the kind of each line."""
    known = _known(program)
    lines = (*program.lines, program.delta)
    divisors = set().union(*(_divisors(line.node) for line in lines))
    found: dict[str, Kind] = {}
    for line in program.lines:
        powers = known[line.name]
        if line.shape == "number":
            found[line.name] = "number"
        elif line.shape == "matrix":
            found[line.name] = "curvature"
        elif powers.point:
            found[line.name] = "point"
        elif line.name in divisors:
            found[line.name] = "scale"
        elif powers.gradient == 2:
            found[line.name] = "square"
        else:
            found[line.name] = "step" if powers.rate else "gradient"
    return found


def rate_from(program: Program) -> tuple[str, float] | None:
    """Whose recommended learning rate suits a rule, and times what; None if unknown.

    A step that grows with the gradient is like gradient descent's. One that does not is
    like Adam's if a mean of gradients is remembered, else like RMSProp's if a mean of
    squares is, and else, or where only signs count, like Lion's. A rate that the text
    declares is its own.
    """
    customary = param_of(program.rate)
    if customary is None or program.hypers[program.rate][1] != customary[1]:
        return None
    known = _known(program)
    step = _powers(program.delta.node, known)
    if step.point or step.gradient not in (0, 1):
        return None
    if step.gradient == 1:
        return "gradient_descent", 1.0
    remembered = {known[name].gradient for name in program.memories}
    if "sign" in program.used or not remembered & {1, 2}:
        return "adam", 0.1
    return ("adam" if 1 in remembered else "rmsprop"), 1.0


def _divisors(node: Node) -> set[str]:
    """The names that something is divided by."""
    own: set[str] = set()
    if isinstance(node, Binary) and node.operator == "/":
        own = {node.right.name} if isinstance(node.right, Name) else set()
    return own.union(*map(_divisors, parts(node)))


def _powers(node: Node, known: dict[str, Powers]) -> Powers:
    each = [_powers(part, known) for part in parts(node)]
    match node:
        case Number():
            return NONE
        case Name(name):
            return known.get(name, NONE)
        case Negative():
            return each[0]
        case Binary("*" | "/" as operator):
            sign = 1.0 if operator == "*" else -1.0
            first, second = each
            return Powers(
                first.gradient + sign * second.gradient,
                first.rate + sign * second.rate,
            )
        case Binary("^", _, Number(exponent)):
            return Powers(exponent * each[0].gradient, exponent * each[0].rate)
        case Call("sqrt"):
            return Powers(each[0].gradient / 2, each[0].rate / 2)
        case Call("grad"):
            return Powers(gradient=1.0)
        case Call("solve"):
            return Powers(rate=1.0)
        case Call("sign" | "f" | "hess"):
            return NONE
        case Call("where"):
            each = each[1:]  # What is asked is no part of the value.
        case Call("dot", _):
            return Powers(each[0].gradient + each[1].gradient)
    return max(each, key=lambda one: (one.point, abs(one.gradient), one.rate))
