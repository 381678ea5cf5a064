"""A formula as code, for NumPy, PyTorch and JAX.

Only what the parser has read is written: names that are known, digits and operators.
"""

import math
import re
from collections.abc import Collection

from surfaces.formula import Binary, Call, Name, Negative, Node, Number, Sum
from surfaces.formula.derivative import NONZERO, constant
from surfaces.formula.nodes import BINDS, binding, parts, words
from surfaces.formula.text import digits
from views.code.target import Target

NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2"}
NAMES |= {"asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}
NAMES |= {"min": "minimum", "max": "maximum"}
"""What NumPy and JAX call a function differently."""

OF_TORCH = {"min": "minimum", "max": "maximum", "mod": "remainder"}


class Writer:
    """Writes trees for one library.

    Attributes:
        helpers: Functions that what was written needs, and the library has not.
    """

    def __init__(
        self, target: Target, arrays: Collection[str], *, guarded: bool
    ) -> None:
        """Makes one that has written nothing.

        Args:
            target: The library.
            arrays: Names that hold its arrays, and not Python's numbers.
            guarded: Whether the library is to differentiate what is written: roots
                must then say that they are flat at zero.
        """
        self._target = target
        self._m = target.module
        self._arrays = set(arrays)
        self._guarded = guarded
        self.helpers: set[str] = set()
        self._constants: dict[int, tuple[Node, float | None]] = {}

    def write(self, node: Node, above: int = 0) -> str:
        """A tree, in parentheses unless it binds tighter than what is around it."""
        known = self._known(node)
        if known is not None:
            return known
        if isinstance(node, Call):
            return self._call(node.name, node.values, above)
        if isinstance(node, Sum):
            numbers = f"range({node.first}, {node.last + 1})"
            return f"sum({self.write(node.term)} for {node.index} in {numbers})"
        if isinstance(node, Binary) and node.operator == "^":
            return self._power(node.left, node.right, above)
        if binding(node) <= above:
            return f"({self.write(node)})"
        match node:
            case Number(value):
                return digits(value)
            case Name("pi" | "e" as name):
                return f"{self._m}.{name}"
            case Name(name):
                return name
            case Negative(operand):
                return f"-{self.write(operand, 2)}"
            case Binary(operator, left, right):
                tight = BINDS[operator]
                first = self.write(left, tight - 1)
                return f"{first} {operator} {self.write(right, tight)}"
        raise TypeError(f"{node!r} is no part of a formula")

    def defines(self, name: str, node: Node) -> None:
        """Takes note of a name that will hold the value of a tree."""
        if self._is_array(node):
            self._arrays.add(name)

    def _constant(self, node: Node) -> float | None:
        """As `constant`, and each part is looked at once."""
        if id(node) not in self._constants:
            inner = [self._constant(part) for part in parts(node)]
            value = None if None in inner else constant(node)
            # With the node: another could be given its id.
            self._constants[id(node)] = node, value
        return self._constants[id(node)][1]

    def _known(self, node: Node) -> str | None:
        """A constant whose parts Python or the library could not compute itself."""
        if isinstance(node, Number | Name):
            value = node.value if isinstance(node, Number) else 0.0
        elif (value := self._constant(node)) is None:
            return None
        if math.isfinite(value):
            plain = isinstance(node, Number | Name | Negative) or (
                isinstance(node, Binary) and node.operator != "^"
            )
            return None if plain else f"({value!r})" if value < 0 else repr(value)
        m = self._m
        if math.isnan(value):
            return f"{m}.nan"
        return f"{m}.inf" if value > 0 else f"(-{m}.inf)"

    def _is_array(self, node: Node) -> bool:
        return bool(words(node) & self._arrays)

    def _power(self, base: Node, exponent: Node, above: int) -> str:
        number = self._constant(exponent)
        if number is None:
            power = self.write(exponent, 2)
        else:
            power = digits(number)
            if self._guarded and number > 0 and not number.is_integer():
                self.helpers.add("root")
                return f"root({self.write(base)}, lambda a: a ** {power})"
        below = self.write(base, 4)
        # As formatters have it: blanks where a side is more than a name or a number.
        simple = re.fullmatch(r"[\w.]+", below) and re.fullmatch(r"-?[\w.]+", power)
        text = f"{below}**{power}" if simple else f"{below} ** {power}"
        return f"({text})" if above >= BINDS["^"] else text

    def _call(self, name: str, values: tuple[Node, ...], above: int) -> str:
        first, *others = values
        match name:
            case "pow":
                return self._power(first, others[0], above)
            case "log" if isinstance(first, Call) and first.name == "sigmoid":
                return self._log_sigmoid(self._array(first.values[0]), above)
            case "sigmoid":
                return self._sigmoid(first, above)
            case "where":
                return self._where(*values)
            case "erf" | "sinc":
                return self._special(name, first)
            case "nonzero":
                self.helpers.add(NONZERO)
                return f"nonzero({self.write(first)})"
            case "sqrt" | "cbrt" if self._guarded:
                self.helpers.add("root")
                outer = f"{self._m}.{name}"
                if name == "cbrt" and self._target.key == "torch":
                    outer = "cbrt"
                    self.helpers.add("cbrt")
                return f"root({self._array(first)}, {outer})"
            case "hypot" if self._guarded:
                squares = (Binary("^", value, Number(2.0)) for value in values)
                return self._call("sqrt", (Binary("+", *squares),), above)
        if not name.isidentifier():
            sides = [self.write(value, 1) for value in values]
            compared = f"{sides[0]} {name} {sides[1]}"
            return f"({compared})" if above else compared
        if name in ("and", "or", "not"):
            each = ", ".join(map(self._condition, values))
            return f"{self._m}.logical_{name}({each})"
        names = OF_TORCH if self._target.key == "torch" else NAMES
        called = f"{self._m}.{names.get(name, name)}"
        if not others:
            return f"{called}({self._array(first)})"
        written = self._array(first)
        for other in others:
            written = f"{called}({written}, {self._array(other)})"
        return written

    def _array(self, node: Node) -> str:
        """A value for a function that takes nothing but the library's arrays."""
        text = self.write(node)
        if self._target.key != "torch" or self._is_array(node):
            return text
        if isinstance(node, Number) and math.isfinite(node.value):
            return f"torch.tensor({node.value!r})"
        return f"torch.tensor(float({text}))"

    def _where(self, condition: Node, then: Node, other: Node) -> str:
        known = self._constant(condition)
        if known is not None:
            return f"({self.write(then if known else other)})"
        asked = self._condition(condition)
        return f"{self._m}.where({asked}, {self.write(then)}, {self.write(other)})"

    def _condition(self, node: Node) -> str:
        text = self.write(node)
        plain = self._target.key != "torch" or self._is_array(node)
        return text if plain else f"torch.as_tensor({text})"

    def _special(self, name: str, value: Node) -> str:
        if name == "sinc":
            # That of the libraries has pi in it.
            angle = Binary("/", value, Name("pi"))
            return f"{self._m}.sinc({self._array(angle)})"
        if self._target.key == "optax":
            return f"jax.scipy.special.erf({self.write(value)})"
        if self._target.key == "torch":
            return f"torch.erf({self._array(value)})"
        self.helpers.add(name)
        return f"{name}({self.write(value)})"

    def _sigmoid(self, value: Node, above: int) -> str:
        if self._target.key == "torch":
            return f"torch.sigmoid({self._array(value)})"
        if self._target.key == "optax":
            return f"jax.nn.sigmoid({self.write(value)})"
        one, exponential = Number(1.0), Call("exp", (Negative(value),))
        return self.write(Binary("/", one, Binary("+", one, exponential)), above)

    def _log_sigmoid(self, value: str, above: int) -> str:
        if self._target.key == "torch":
            return f"torch.nn.functional.logsigmoid({value})"
        if self._target.key == "optax":
            return f"jax.nn.log_sigmoid({value})"
        text = f"-np.logaddexp(0, -({value}))"
        return f"({text})" if above else text
