"""What the dearest formulas cost that may be typed.

Measured: processor seconds and memory until a race of a formula is there that was
not typed before, in a process that has run another; nests and products of functions,
as deep as they are allowed. Against: x^2 + y^2, in the same way.
"""

import json
import subprocess
import sys

from benchmarks.server import ROOT
from benchmarks.table import Table, number, times
from surfaces import FormulaError, parse_formula
from surfaces.formula import FUNCTIONS
from surfaces.formula.parser import MOST_TERMS
from surfaces.program import MOST, operations
from surfaces.typed import TypedLoss

RULES = ("newton", "lbfgs")
PLAIN = "x^2 + y^2"
NESTS = {
    name: (f"{name}(", "+y)" if function.arity == 1 else ",y)")
    for name, function in FUNCTIONS.items()
    if name not in ("sign", "floor", "ceil", "pow", "where")
} | {
    "where": ("where(x<y,", "+y,x)"),
    "^63": ("(", "+y)^63"),
    "^2.5": ("(", "+y)^2.5"),
    "^y": ("(", "+x)^y"),
}
TOTALS = ("cos(kx)sin(ky)", "erf(kx)exp(-ky)")
PRODUCTS = {"sinh(x*y)": "*", "sigmoid(x*y)": "*", "hypot(x,y)": "/", "x^63": "*"}

MEASURE = """
import sys, time, json
from optim import OPTIMIZERS, descend
from surfaces import Domain, typed_surface
from surfaces.budget import usage
square, rule = Domain(-2.0, 2.0, -2.0, 2.0), OPTIMIZERS[sys.argv[2]]
def race(text):
    surface = typed_surface(text, square)
    descend(surface, rule, surface.start, rule.hypers(), 20)
race("x + 2*y^2")
cpu, memory = time.process_time(), usage().memory
race(sys.argv[1])
print(json.dumps([time.process_time() - cpu, (usage().memory - memory) / 1e6]))
"""


def allowed(text: str) -> bool:
    """Whether a formula may be typed."""
    try:
        parsed = parse_formula(text)
    except FormulaError:
        return False
    return operations(TypedLoss(parsed.text, parsed)) <= MOST


def counted(text: str) -> int:
    """The operations of the second derivatives of a formula."""
    return operations(TypedLoss(text, parse_formula(text)))


def deepest() -> dict[str, str]:
    """By what it is made of, the longest formula that is allowed."""
    found = {}
    for name, (before, after) in NESTS.items():
        depth = 1
        while allowed(before * (depth + 1) + "x" + after * (depth + 1)):
            depth += 1
        found[f"{depth} nested {name}"] = before * depth + "x" + after * depth
    for factor, joint in PRODUCTS.items():
        count = 1
        while allowed("x" + f"{joint}{factor}" * (count + 1)):
            count += 1
        found[f"{count} × {factor}"] = "x" + f"{joint}{factor}" * count
    for term in TOTALS:
        count = 1
        while count < MOST_TERMS and allowed(f"sum(k,1,{count + 1},{term})"):
            count += 1
        found[f"the sum of {count} × {term}"] = f"sum(k,1,{count},{term})"
    return found


def measured(text: str, rule: str) -> tuple[float, float]:
    """Processor seconds, and MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, text, rule],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def tables() -> list[Table]:
    """Seconds and memory of each, the dearest first."""
    plain = {rule: measured(PLAIN, rule) for rule in RULES}
    rows = [(PLAIN, operations(TypedLoss(PLAIN, parse_formula(PLAIN))), plain)]
    rows += [
        (
            name,
            counted(text),
            {rule: measured(text, rule) for rule in RULES},
        )
        for name, text in deepest().items()
    ]
    rows.sort(key=lambda row: -max(seconds for seconds, _ in row[2].values()))
    return [
        Table(
            "The dearest formulas that may be typed, until a race is there",
            ("", "operations", *RULES),
            [
                (
                    name,
                    f"{count:,}",
                    *(
                        f"{number(seconds)} s, {memory:.0f} MB "
                        f"({times(seconds, plain[rule][0])})"
                        for rule, (seconds, memory) in each.items()
                    ),
                )
                for name, count, each in rows
            ],
            f"× is against {PLAIN}.",
        )
    ]
