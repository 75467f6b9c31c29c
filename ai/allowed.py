"""What values a method's parameter may have: by its name, which means the same in every method, or as a method declares.

A method that asks for more or less says so: `@explainer(..., allowed={"samples": at_least(2)})`. No torch here.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Any

from game.registry import Entry, explainer


@dataclass(frozen=True)
class Allowed:
    """Numbers from `least` to `most`, or one of `words`. An `open` range leaves out both ends."""

    least: float = -math.inf
    most: float = math.inf
    open: bool = False
    words: tuple[str, ...] = ()

    def holds(self, value: object) -> bool:
        """Tell whether a number is in the range, or a word is one of these."""
        if isinstance(value, str):
            return not self.words or value in self.words
        if not isinstance(value, int | float):
            return False
        return self.least < value < self.most if self.open else self.least <= value <= self.most

    def __str__(self) -> str:
        """Say what is allowed; "" where everything is.

        >>> str(at_least(2)), str(between(0, 1)), str(one_of("a", "b"))
        ('2 or more', 'between 0 and 1', 'one of a, b')
        """
        if self.words:
            return f"one of {', '.join(word or repr(word) for word in self.words)}"
        if math.isinf(self.least):
            return ""
        if math.isinf(self.most):
            return f"above {self.least:g}" if self.open else f"{self.least:g} or more"
        return f"between {self.least:g} and {self.most:g}" if self.open else f"{self.least:g} to {self.most:g}"

    def near(self, value: object) -> str:
        """Return the word that was probably meant, as a question; "" where none is near."""
        return hint(str(value), self.words)


def hint(name: str, known: tuple[str, ...]) -> str:
    """Return "; did you mean ...?" where a known name is near, else "".

    >>> hint("sample", ("samples", "noise"))
    "; did you mean 'samples'?"
    """
    found = difflib.get_close_matches(name, known, 1) if name else []
    return f"; did you mean {found[0]!r}?" if found else ""


def at_least(least: float) -> Allowed:
    """Return the numbers from `least` on."""
    return Allowed(least)


def above(least: float) -> Allowed:
    """Return the numbers above `least`."""
    return Allowed(least, open=True)


def between(least: float, most: float) -> Allowed:
    """Return the numbers between two, without them."""
    return Allowed(least, most, open=True)


def one_of(*words: str) -> Allowed:
    """Return a few words."""
    return Allowed(words=words)


ANYTHING = Allowed()
NAMED = {
    "against": at_least(-1),
    "alpha": at_least(1),
    "baseline": one_of("mean", "blur", "black", "grey", "noise"),
    "epsilon": at_least(0),
    "gamma": at_least(0),
    "gamma_conv": at_least(0),
    "gamma_linear": at_least(0),
    "grid": at_least(2),
    "head": at_least(-1),
    "k": at_least(1),
    "masks": at_least(1),
    "match": one_of("", "energy", "energy+smoothness"),
    "noise": above(0),
    "orders": at_least(2),
    "pool": at_least(1),
    "rate": above(0),
    "ridge": at_least(0),
    "samples": at_least(1),
    "share": between(0, 1),
    "side": at_least(1),
    "sigma": above(0),
    "size": at_least(2),
    "slope": at_least(0),
    "steps": at_least(1),
    "stride": at_least(1),
    "together": at_least(0),
    "width": above(0),
    "window": at_least(1),
}
"""Parameter -> what it may be in every method that does not say otherwise. 0 is allowed besides where it is the default of
a count: the method then finds out how many it takes. What depends on the image or on the model a method checks itself."""


def allowed(entry: Entry[Any], name: str, default: object) -> Allowed:
    """Return what a method's parameter may be: as it declares, else by its name, else anything of its type."""
    declared: dict[str, Allowed] = entry.info.get("allowed", {})
    if name in declared:
        return declared[name]
    if name == "base":
        return one_of(*explainer.names())
    found = NAMED.get(name, ANYTHING)
    return at_least(0) if type(default) is int and default == 0 and found.least > 0 else found
