"""Reads the lines of rules, which are LaTeX, and computes their values."""

import re
from typing import Any

import numpy as np

TOKEN = re.compile(
    r"\s*(<\w+>|\\nabla\^2|\\operatorname\{sign\}|\\[a-zA-Z]+|\\,|\d+|[a-zA-Z]'?"
    r"|[-+^_(){},=])"
)


class Line:
    r"""One line in LaTeX, evaluated: sums, products, \frac, \sqrt, powers, functions.

    What stands side by side is multiplied: number by number, or as matrices where one
    is one.
    """

    def __init__(self, text: str, known: dict[str, Any]) -> None:
        self.tokens = TOKEN.findall(text.replace(r"\left", "").replace(r"\right", ""))
        assert "".join(self.tokens) == re.sub(r"\s|\\left|\\right", "", text), (
            f"not all of it is read: {text}"
        )
        self.known, self.at = known, 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.next
        assert expected in ("", token), f"{expected} instead of {token}"
        self.at += 1
        return token

    def value(self) -> Any:
        value = self.sum()
        assert not self.next, f"more than one formula: {self.tokens[self.at :]}"
        return value

    def sum(self) -> Any:
        sign = self.take() if self.next == "-" else ""
        total = -self.product() if sign else self.product()
        while self.next in ("+", "-") and self.next:
            total = (
                total + self.product()
                if self.take() == "+"
                else (total - self.product())
            )
        return total

    def product(self) -> Any:
        value = self.power()
        while self.next not in ("", "+", "-", ")", "}", ",", r"\rvert", "="):
            other = self.power()
            matrices = {np.ndim(value), np.ndim(other)} in ({2}, {1, 2})
            value = value @ other if matrices else value * other
        return value

    def power(self) -> Any:
        base = self.atom()
        if self.next != "^":
            return base
        self.take()
        exponent = self.group() if self.next == "{" else self.atom()
        if np.ndim(base) == 2:
            assert exponent == -1
            return np.linalg.inv(base)
        return base**exponent

    def group(self, opening: str = "{", closing: str = "}") -> Any:
        self.take(opening)
        value = self.sum()
        self.take(closing)
        return value

    def atom(self) -> Any:
        token = self.take()
        if token == "(":
            value = self.sum()
            self.take(")")
            return value
        if token == r"\lvert":
            value = self.sum()
            self.take(r"\rvert")
            return abs(value)
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return np.sqrt(self.group())
        if token == r"\operatorname{sign}":
            return np.sign(self.group("(", ")"))
        if token == r"\max":
            self.take("(")
            first = self.sum()
            self.take(",")
            second = self.sum()
            self.take(")")
            return np.maximum(first, second)
        if token in (r"\nabla", r"\nabla^2", "f"):
            function = "f" if token == "f" else f"{token} {self.take('f')}"
            return self.known[function](self.group("(", ")"))
        if token.isdigit():
            return float(token)
        if self.next == "_" and token != r"\beta":
            token += self.take() + self.take()
        if self.next == "_":
            token += self.take() + self.take()
        return self.known[token.strip("<>") if token[0] == "<" else token]


def evaluated(line: str, known: dict[str, Any]) -> Any:
    """The value of a line; what it defines behind a comma is known within it."""
    text, *definitions = line.split(r",\ ")
    for definition in definitions:
        name, meaning = definition.split(" = ")
        known[name] = Line(meaning, known).value()
    return Line(text, known).value()
