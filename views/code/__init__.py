"""A race as a script or a notebook of Python: the same paths without this program.

target.py       the libraries that scripts are written for
expression.py   a formula as code       data.py    losses of samples, as formulas
function.py     loss, gradient, Hessian inputs.py  schedule, noise, minibatches
updates.py      each rule in a few lines; entry.py takes it from the library instead
                where `optim.equivalents` says how
program.py      all of it together, of which script.py and notebook.py are made
plots.py        the notebook's figures  lines.py   indents and breaks lines
"""

from views.code.notebook import notebook
from views.code.script import script
from views.code.target import TARGETS, Target, parse_target

__all__ = ["TARGETS", "Target", "notebook", "parse_target", "script"]
