"""A rule that a reader typed, as lines of a script.

Names of the text are variables there, under another name where the script has its own.
"""

from collections.abc import Collection

from optim.typed.names import field
from optim.typed.reading import Line, Program
from surfaces.formula import Call, Name, Node
from surfaces.formula.nodes import parts
from views.code.expression import Writer
from views.code.lines import statement
from views.code.target import Target
from views.code.updates import Given, Update

TAKEN = frozenset(
    "np jnp jax torch math keras optax range path point loss gradient hessian draws "
    "noisy_loss factor step solve float lr STEPS START NOISE WEIGHTS eye z".split()
)
"""Names that scripts have for something else."""

COUNT = "count"
"""The step from 1: in scripts, t counts from 0. No line of a rule can be called so."""

_COUNTED = {
    "numpy": "np.float64(t + 1)",
    "keras": "np.float64(t + 1)",
    "torch": "torch.tensor(t + 1.0)",
    "optax": "t + 1.0",
}
"""As a number of the library: its quotients by zero are infinite, Python's an error."""

_SOLVE = (
    "def solve(a, b):",
    "    det = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]",
    "    x = a[1, 1] * b[0] - a[0, 1] * b[1]",
    "    y = a[0, 0] * b[1] - a[1, 0] * b[0]",
    "    return {m}.stack([x, y]) / det",
    "",
)
_OF_THE_LOSS = ("f", "grad", "hess")
_ARRAYS = (*_OF_THE_LOSS, "norm", "where")
"""Functions that give an array of the library, whatever they are given."""
_OWN = frozenset({*_OF_THE_LOSS, "dot", "norm", "solve"})


def typed_update(program: Program, given: Given, target: Target) -> Update:
    """The lines of a rule.

    Raises:
        LookupError: If it cannot be written for scripts, with the reason.
    """
    if "rand" in program.used:
        raise LookupError("it draws uniform random numbers, which are the page's own")
    called = _called(program, given)
    arrays = {"g", "w", "t", "randn", "eye", "f", *program.memories}
    writer = _RuleWriter(target, arrays, called, given)
    lines, before = [], []
    own = {line.name for line in program.lines}
    used = program.used
    if "t" in used:
        lines.append(f"{COUNT} = {_COUNTED[target.key]}")
    if "randn" in used:
        before.append("z = draws(seed)")
    if "solve" in used:
        before += [line.format(m=target.module) for line in _SOLVE]
    if "g" in used and "g" not in own:
        lines.append(f"g = {given.gradient()}")
    for line in program.lines:
        value = writer.write(line.node)
        writer.defines(line.name, line.node)
        lines += statement(f"{called[line.name]} = ", value, 8)
    lines += statement("w = ", writer.write(program.moves), 8)
    memory = {
        called[line.name]: _zero(line, target)
        for line in program.lines
        if line.name in program.memories
    }
    return Update(lines, memory, tuple(before))


def _zero(line: Line, target: Target) -> str:
    if line.shape == "vector":
        return f"{target.module}.zeros(2)"
    return f"{target.array}(0.0)"


def _called(program: Program, given: Given) -> dict[str, str]:
    """What each name of a text is called in a script."""
    called = {name: field(name) for name in program.hypers}
    for line in program.lines:
        name = field(line.name)
        called[line.name] = f"{name}_" if name in TAKEN else name
    if program.rate:
        called[program.rate] = f"({given.rate})" if given.names.factor else "lr"
    m = given.m
    return called | {"w": "w", "g": called.get("g", "g"), "t": COUNT} | {
        "eye": f"{m}.eye(2)",
        "randn": "z[t]",
        "f": given.loss(),
    }  # fmt: skip


class _RuleWriter(Writer):
    """Writes what a rule has and a formula has not."""

    def __init__(
        self,
        target: Target,
        arrays: Collection[str],
        called: dict[str, str],
        given: Given,
    ) -> None:
        super().__init__(target, arrays, guarded=False)
        self._called = called
        self._given = given

    def write(self, node: Node, above: int = 0) -> str:
        """A tree, in parentheses unless it binds tighter than what is around it."""
        if isinstance(node, Name) and node.name in self._called:
            return self._called[node.name]
        return super().write(node, above)

    def _constant(self, node: Node) -> float | None:
        own = isinstance(node, Call) and node.name in _OWN
        return None if own else super()._constant(node)

    def _call(self, name: str, values: tuple[Node, ...], above: int) -> str:
        if name not in _OWN:
            return super()._call(name, values, above)
        each = [self.write(value) for value in values]
        match name:
            case "f":
                return self._given.loss(each[0])
            case "grad":
                noise = self._given.names.noise
                written = self._given.gradient(each[0])
                return f"({written})" if noise and above else written
            case "hess":
                return self._given.hessian(each[0])
            case "solve":
                return f"solve({', '.join(each)})"
            case "norm":
                return f"{self._m}.linalg.norm({each[0]})"
        product = " @ ".join(self.write(value, 2) for value in values)
        return f"({product})" if above else product

    def _is_array(self, node: Node) -> bool:
        own = isinstance(node, Call) and node.name in _ARRAYS
        return own or any(map(self._is_array, parts(node))) or super()._is_array(node)
