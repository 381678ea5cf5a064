"""What can be wrong with a formula, each in one sentence."""


class FormulaError(ValueError):
    """What is wrong with a formula, where, and what is allowed, in one sentence."""


def quoted(typed: str) -> str:
    """Typed text, made fit to be quoted in a sentence."""
    tidy = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in typed[:31])
    return f"{tidy[:30]}…" if len(tidy) > 30 else tidy


def unexpected_character(text: str, at: int) -> str:
    """Why a character of a text is no part of a formula."""
    why = f"unexpected `{quoted(text[at])}` at position {at + 1}"
    if text[at] in "=<>":
        return f"{why}; write f(x, y) alone, such as x^2 + 3*sin(x*y)"
    if text[at] in "[]{}":
        return f"{why}; write round parentheses"
    return f"{why}; allowed are numbers, names and + - * / ^ ( ) | ,"
