"""The loss of a surface and its derivatives, as code.

NumPy is given the derivatives as formulas (surfaces/formula/derivative.py); PyTorch and
JAX find them by themselves.
"""

from collections.abc import Iterable, Sequence

from surfaces import Surface
from surfaces.formula import Binary, Expression, Name, Node, Number, parse_declared
from surfaces.formula.derivative import Definitions, derivative
from surfaces.formula.nodes import size, words
from surfaces.formula.period import STEP
from surfaces.own_grid import GridLoss
from surfaces.typed import TypedLoss
from views.code.data import SAMPLES, columns, sample_loss
from views.code.expression import Writer
from views.code.lines import array, docstring, indented, statement
from views.code.target import Target

LONGEST = 4_000
"""Parts of the longest derivatives that are written out."""

HELPERS = {
    "nonzero": (
        "def nonzero(a):",
        '    """a, and 1 where a is 0: a root is flat there, not infinitely steep."""',
        "    return np.where(a == 0, 1.0, a)",
    ),
    "cbrt": (
        "def cbrt(a):",
        '    """The cube root."""',
        "    return torch.sign(a) * torch.abs(a) ** (1 / 3)",
    ),
    "erf": (
        "def erf(a):",
        '    """The error function; SciPy has a quicker one."""',
        "    return np.vectorize(lambda b: math.erf(b), otypes=[float])(a)",
    ),
    "root": (
        "def root(a, of):",
        '    """A root that is flat at 0, not infinitely steep."""',
        "    zero = a == 0",
        "    return {m}.where(zero, 0.0, of({m}.where(zero, 1.0, a)))",
    ),
}
"""Functions that a library does not have, by name."""

_X, _Y = Name("x"), Name("y")


class TooLong(ValueError):
    """The derivatives would fill a book."""

    def __init__(self) -> None:
        """Says so."""
        super().__init__(
            "the derivatives of this formula are too long to be written out"
        )


class Function:
    """The loss of a surface and its derivatives, as lines of a script.

    Attributes:
        chooses: Whether it has branches, so that slopes are found forwards.
    """

    def __init__(self, surface: Surface, l2: float, target: Target) -> None:
        """Reads the formula.

        Args:
            surface: With its parameters as chosen.
            l2: Lambda of the penalty.
            target: The library.

        Raises:
            ValueError: If the surface has no formula.
        """
        expression = _expression_of(surface)
        self._surface, self._l2, self._target = surface, l2, target
        self._node = expression.node
        if l2:
            square = Binary("+", *(Binary("^", w, Number(2.0)) for w in (_X, _Y)))
            half = Binary("/", Name("l2"), Number(2.0))
            self._node = Binary("+", self._node, Binary("*", half, square))
        self._definitions: Definitions = tuple(reversed(expression.definitions))
        self._writer = Writer(
            target,
            {"x", "y", *([STEP] if surface.period else []), *SAMPLES},
            guarded=bool(target.library),
        )
        self._is_mean = bool(surface.data or surface.period)
        self._given = "w, weights=EVEN" if self._is_mean else "w"
        self.chooses = "where" in expression.words
        # Backwards, a branch that is not taken would still count, times 0.
        self._slope = "jacfwd" if self.chooses else "grad"

    def constants(self) -> list[str]:
        """The parameters, and the samples."""
        lines = [
            f"{name} = {float(value)!r}"
            for name, value in self._surface.params._asdict().items()
        ]
        if self._l2:
            lines.append(f"l2 = {float(self._l2)!r}  # the penalty is l2 / 2 |w|^2")
        make, m = self._target.array, self._target.module
        if data := self._surface.data:
            for name, column in columns(data).items():
                lines += array(name, make, column)
            size = data.size
            lines.append(f"EVEN = {m}.ones({size}) / {size}  # all samples count alike")
        elif size := self._surface.period:
            lines += [
                f"PERIOD = {m}.arange(1.0, {size + 1}.0)  # its steps, again and again",
                f"EVEN = {m}.ones({size}) / {size}  # the mean over these steps",
            ]
        return lines

    def loss(self) -> list[str]:
        """The function of the loss."""
        of = "steps of a period" if self._surface.period else "samples"
        says = f"The mean loss of the {of}, by weights." if self._is_mean else ""
        return self._function(
            f"def loss({self._given}):",
            says or "The loss at a point.",
            self._definitions,
            [self._node],
            self._loss_of,
        )

    def gradient(self) -> list[str]:
        """The function of the gradient.

        Raises:
            TooLong: If it is.
        """
        if self._target.key == "torch":
            return [f"gradient = torch.func.{self._slope}(loss)"]
        if self._target.key == "optax":
            return [f"gradient = jax.jit(jax.{self._slope}(loss))"]
        definitions, slopes = self._first()
        return self._function(
            f"def gradient({self._given}):",
            "The derivatives of the loss, as formulas.",
            definitions,
            slopes,
            lambda parts: self._stacked(parts, "np.array([{}])"),
        )

    def hessian(self) -> list[str]:
        """The function of the second derivatives.

        Raises:
            TooLong: If it is.
        """
        if self._target.key == "torch":
            if self.chooses:
                return ["hessian = torch.func.jacfwd(torch.func.jacfwd(loss))"]
            return ["hessian = torch.func.hessian(loss)"]
        if self._target.key == "optax":
            if self.chooses:
                return ["hessian = jax.jit(jax.jacfwd(jax.jacfwd(loss)))"]
            return ["hessian = jax.jit(jax.hessian(loss))"]
        by_x, f_x = derivative(self._definitions, self._node, "x")
        by_y, f_y = derivative(self._definitions, self._node, "y")
        xx, xy, yy = (
            derivative(by_x, f_x, "x"),
            derivative(by_x, f_x, "y"),
            derivative(by_y, f_y, "y"),
        )
        return self._function(
            f"def hessian({self._given}):",
            "The second derivatives of the loss, as formulas.",
            _joined(by_x, by_y, xx[0], xy[0], yy[0]),
            [xx[1], xy[1], yy[1]],
            lambda parts: self._stacked(parts, "np.array([[{0}, {1}], [{1}, {2}]])"),
        )

    def helpers(self) -> list[list[str]]:
        """The functions that those written so far need."""
        return [
            [line.format(m=self._target.module) for line in HELPERS[name]]
            for name in HELPERS
            if name in self._writer.helpers
        ]

    def _first(self) -> tuple[Definitions, list[Node]]:
        by_x, f_x = derivative(self._definitions, self._node, "x")
        by_y, f_y = derivative(self._definitions, self._node, "y")
        return _joined(by_x, by_y), [f_x, f_y]

    def _function(
        self,
        head: str,
        says: str,
        definitions: Definitions,
        nodes: Sequence[Node],
        result,
    ) -> list[str]:
        if len(nodes) > 1:
            _check_length(node for _, node in (*definitions, *enumerate(nodes)))
        needed: set[str] = set().union(*map(words, nodes))
        kept: list[tuple[str, Node]] = []
        for name, node in reversed(definitions):
            if name in needed:
                kept.append((name, node))
                needed |= words(node)
        unpacked = ", ".join(name if name in needed else "_" for name in "xy")
        lines = [f"{unpacked} = w"] if {"x", "y"} & needed else []
        if self._surface.period and STEP in needed:
            lines.append(f"{STEP} = PERIOD")
        for name, node in reversed(kept):
            self._writer.defines(name, node)
            lines += statement(f"{name} = ", self._writer.write(node))
        lines += result([self._writer.write(node) for node in nodes])
        return [head, *indented([*docstring(says), *lines])]

    def _loss_of(self, parts: list[str]) -> list[str]:
        if not self._is_mean:
            return statement("return ", parts[0])
        return [*statement("each = ", parts[0]), "return weights @ each"]

    def _stacked(self, parts: list[str], form: str) -> list[str]:
        names = ["f_x", "f_y"] if len(parts) == 2 else ["f_xx", "f_xy", "f_yy"]
        lines = []
        for name, part in zip(names, parts, strict=True):
            lines += statement(f"{name} = ", part)
        if self._is_mean:
            of = ", ".join(names)
            lines.append(f"{of} = ((weights * f).sum() for f in ({of}))")
        text = ", ".join(names) if form.count("{}") else ""
        return [*lines, f"return {form.format(*([text] if text else names))}"]


def _check_length(nodes: Iterable[Node]) -> None:
    """Refuses what is too long.

    Raises:
        TooLong: If it is.
    """
    if size(list(nodes)) > LONGEST:
        raise TooLong


def _joined(*several: Definitions) -> Definitions:
    """All definitions, each once; what one needs is before it."""
    return tuple({name: node for one in several for name, node in one}.items())


def _expression_of(surface: Surface) -> Expression:
    if surface.data:
        found = sample_loss(surface)
        if found is None:
            raise ValueError(f"{surface.label} has no formula to write as code")
        return found
    if isinstance(surface.loss, TypedLoss):
        return surface.loss.expression
    if isinstance(surface.loss, GridLoss):
        raise ValueError(f"{surface.label} has no formula to write as code")
    return parse_declared(surface.formula, _symbols(surface.params._fields))


def _symbols(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}
