"""One entry as a function: from its start to its last iterate, or to all of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from optim import Optimizer
from optim.equivalents import Equivalent
from optim.typed import read, text_of, typed_rule
from views.code.inputs import StepNames
from views.code.keras import KERAS, SCALED
from views.code.lines import comment, docstring, indented, statement, uses
from views.code.target import Target
from views.code.typed import typed_update
from views.code.updates import LEFT_OUT, UPDATES, Given, Update

SWITCHES = frozenset({"look_ahead", "eps_inside", "l2_in_r", "bias_correction"})
"""Hyperparameters that decide which lines there are, and are no numbers in them."""


WHERE: dict[tuple[str, float], str] = {
    ("eps_inside", 0): "epsilon is beside the root",
    ("eps_inside", 1): "epsilon is under the root",
    ("bias_correction", 1): "the means are corrected",
    ("l2_in_r", 1): "the slope of the penalty goes into r",
}
"""What switches mean, in words that complete a sentence."""


@dataclass(frozen=True, eq=False)
class Entry:
    """What is written of an entry.

    Attributes:
        name: What the page calls it.
        called: The name of its function.
        rule: Its rule.
        hypers: Its hyperparameters.
        start: Its start, as code.
        names: Of what differs from step to step.
        records: Whether its function returns all iterates, and not only the last.
        l2: Lambda of the penalty of the loss.
    """

    name: str
    called: str
    rule: Optimizer
    hypers: Any
    start: str
    names: StepNames
    records: bool = False
    l2: float = 0.0

    def says(self, target: Target) -> str:
        """A convention that others have otherwise; empty if there is none."""
        found, why = self._equivalent(target)
        if found is not None:
            return self._says(found)
        return " ".join(filter(None, (self._in_lines._update(target).says, why)))

    def lines(self, target: Target) -> list[str]:
        """Its function.

        Raises:
            LookupError: If there is none for the library, with the reason.
        """
        found, why = self._equivalent(target)
        if found is not None:
            return self._with_library(target, found)
        entry = self._in_lines
        if entry.rule.key not in UPDATES and not entry.rule.text:
            reason = LEFT_OUT.get(self.rule.key, "it is not written out for scripts")
            raise LookupError(" ".join(filter(None, (f"{reason}.", why))))
        lines = entry._written_out(target)
        return self._function(self.says(target), lines)

    def _function(self, says: str, lines: list[str]) -> list[str]:
        lines = [*docstring(f"{self.name}."), *comment(says), *lines]
        return [f"def {self.called}():", *indented(lines)]

    def _looped(self, begin: list[str], step: list[str], point: str) -> list[str]:
        """The steps in a loop, and what is returned of the points.

        Args:
            begin: Lines before the first step.
            step: One step.
            point: The iterate after a step, as code.
        """
        loop = "for t in range(STEPS):" if uses(step, "t") else "for _ in range(STEPS):"
        if not self.records:
            return [*begin, loop, *indented(step), f"return {point}"]
        kept = [f"path.append({point}.tolist())"]
        if not re.fullmatch(r"[\w.()]+", point):
            kept = [f"point = {point}", "path.append(point.tolist())"]
        path = f"path = [{self.start}]"
        return [*begin, path, loop, *indented([*step, *kept]), "return path"]

    # -- by the rule's lines ----------------------------------------------------------

    @property
    def _in_lines(self) -> "Entry":
        """The same by the lines that its rule declares, if none are written here."""
        if self.rule.key in UPDATES or not self.rule.lines:
            return self
        rule = typed_rule(text_of(self.rule, self.hypers, self.l2))
        return replace(self, rule=rule, hypers=rule.hypers())

    def _update(self, target: Target) -> Update:
        given = Given(target.module, self.hypers, self.names)
        if self.rule.text:
            return typed_update(read(self.rule.text), given, target)
        return UPDATES[self.rule.key](given)

    def _written_out(self, target: Target) -> list[str]:
        update = self._update(target)
        if project := self.names.project:
            update = replace(update, lines=[*update.lines, f"w = {project}(w)"])
        step = update.lines
        memory = {"w": f"{target.array}({self.start})", **update.memory}
        begin = [f"{name} = {value}" for name, value in memory.items()]
        if target.key == "optax" and not update.decides:
            compiled, step = _compiled(update, memory)
            begin = [*compiled, *begin]
        lines = self._looped([*update.before, *begin], step, "w")
        return [*_values(self.hypers, lines), *lines]

    # -- by the library's own ---------------------------------------------------------

    def _equivalent(self, target: Target) -> tuple[Equivalent | None, str]:
        """How the library takes the same path; or None, and why it does not."""
        if self.names.project:
            return None, f"{target.named or 'NumPy'} projects nothing by itself."
        reasons = []
        own = target.key == "keras"
        known = KERAS.get(self.rule.key, ()) if own else self.rule.equivalents
        for one in known:
            if one.library != target.library:
                continue
            hypers = self.hypers._asdict()
            other = [k for k, value in one.where.items() if hypers[k] != value]
            if not one.code:
                reasons.append(one.note)
            elif other and one.note and not SWITCHES & set(other):
                reasons.append(f"{target.named}: {one.note}")
            elif other:
                met = " and ".join(WHERE.get((k, one.where[k]), k) for k in other)
                reasons.append(f"{target.named} takes this path only where {met}.")
            elif self.names.factor and not one.under_schedule:
                reasons.insert(
                    0,
                    f"{target.named} scales v by the learning rate when it moves, "
                    "which under a schedule is another path.",
                )
            else:
                return one, ""
        return None, reasons[0] if reasons else ""

    def _code_of(self, one: Equivalent, lr: str) -> str:
        values = {name: _number(value) for name, value in self._numbers().items()}
        code = one.code
        if values.get("beta", "0.0") != "0.0":
            code = code.replace("max({beta}, 1e-300)", "{beta}")
        code = code.replace("(params,", "([w],")
        return code.format(**values | ({"lr": lr} if lr else {}))

    def _numbers(self) -> dict[str, float]:
        return {
            name: value
            for name, value in self.hypers._asdict().items()
            if name not in SWITCHES
        }

    def _recovered(self, one: Equivalent, point: str, kept: str) -> str:
        """The point that follows from the one that a library keeps."""
        beta = _number(self.hypers.beta)
        if one.under_schedule:  # The learning rate is in what it remembers.
            return f"{point} - {beta} * {kept}"
        return f"{point} + {_number(self.hypers.lr)} * {beta} * {kept}"

    def _says(self, one: Equivalent) -> str:
        if one.keeps != "w":
            return f"{one.library} keeps w + beta v: w follows from it at the end."
        return one.note

    def _with_library(self, target: Target, one: Equivalent) -> list[str]:
        write = {"torch": self._by_torch, "keras": self._by_keras}
        lines = write.get(target.key, self._by_optax)(one)
        return self._function(self._says(one), lines)

    def _by_torch(self, one: Equivalent) -> list[str]:
        given = Given("torch", self.hypers, self.names)
        slope = ["optimizer.zero_grad()", f"{given.loss()}.backward()"]
        if self.names.forwards:
            slope = [f"w.grad = {given.gradient('w.detach()')}"]
        step = [*slope, "optimizer.step()"]
        if self.names.factor:
            rate = f"{_number(self.hypers.lr)} * {self.names.factor}(t)"
            step.insert(0, f'optimizer.param_groups[0]["lr"] = {rate}')
        point = "w.detach()"
        if one.keeps != "w":
            buffer = 'optimizer.state[w]["momentum_buffer"]'
            point = self._recovered(one, point, buffer)
        begin = [
            f"w = torch.tensor({self.start}, requires_grad=True)",
            *statement("optimizer = ", self._code_of(one, "")),
        ]
        return self._looped(begin, step, point)

    def _by_keras(self, one: Equivalent) -> list[str]:
        given = Given("np", self.hypers, self.names)
        step = [
            f"g = keras.ops.convert_to_tensor({given.gradient('w.numpy()')})",
            "optimizer.apply([g], [w])",
        ]
        if one.note == SCALED:
            root = f"(1 - {_number(self.hypers.beta2)} ** (t + 1)) ** 0.5"
            step.insert(0, f"optimizer.epsilon = {_number(self.hypers.eps)} * {root}")
        if self.names.factor:
            rate = f"{_number(self.hypers.lr)} * {self.names.factor}(t)"
            step.insert(0, f"optimizer.learning_rate = {rate}")
        begin = [
            f"w = keras.Variable(np.array({self.start}))",
            *statement("optimizer = ", self._code_of(one, "")),
        ]
        return self._looped(begin, step, "w.numpy()")

    def _by_optax(self, one: Equivalent) -> list[str]:
        given, scheduled = (
            Given("jnp", self.hypers, self.names),
            self.names.factor * ("{lr}" in one.code),
        )
        lines = []
        if scheduled:
            rate = f"{_number(self.hypers.lr)} * {scheduled}(t)"
            lines += ["", "def rate(t):", f"    return {rate}", ""]
        lines += statement("optimizer = ", self._code_of(one, "rate" * bool(scheduled)))
        update = [
            f"g = {given.gradient()}",
            "updates, state = optimizer.update(g, state, w)",
        ]
        if self.rule.searches_lines:
            update = [
                "def seen(w):",
                f"    return {given.loss()}",
                "",
                "value, g = jax.value_and_grad(seen)(w)",
                "updates, state = optimizer.update(",
                "    g, state, w, value=value, grad=g, value_fn=seen",
                ")",
            ]
        update.append("return optax.apply_updates(w, updates), state")
        timed = "t, " if uses(update, "t") else ""
        point = "w"
        if one.keeps != "w":
            trace = 'optax.tree_utils.tree_get(state, "trace")'
            point = self._recovered(one, "w", trace)
        begin = [
            *lines,
            "",
            "@jax.jit",
            f"def step({timed}w, state):",
            *indented(update),
            "",
            f"w = jnp.array({self.start})",
            "state = optimizer.init(w)",
        ]
        return self._looped(begin, [f"w, state = step({timed}w, state)"], point)


def _compiled(update: Update, memory: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """A step that JAX compiles: its function, and how it is called."""
    timed = "t, " if uses(update.lines, "t") else ""
    names = ", ".join(memory)
    function = [
        "",
        "@jax.jit",
        f"def step({timed}{names}):",
        *indented([*update.lines, f"return {names}"]),
        "",
    ]
    return function, [f"{names} = step({timed}{names})"]


def _values(hypers: Any, lines: list[str]) -> list[str]:
    """The hyperparameters that lines name."""
    values = {
        name: _number(value)
        for name, value in hypers._asdict().items()
        if name not in SWITCHES and uses(lines, name)
    }
    if not values:
        return []
    return [f"{', '.join(values)} = {', '.join(values.values())}"]


def _number(value: float) -> str:
    return repr(value) if isinstance(value, int) else repr(float(value))


def function_name(entry: str) -> str:
    """The name of the function of an entry."""
    return re.sub(r"\W", "_", entry)


def left_out(name: str, why: str) -> list[str]:
    """That an entry is not in the script."""
    return comment(f"{name} is left out: {why}")
