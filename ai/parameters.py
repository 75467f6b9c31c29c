"""Parameters of explanation methods as people write them: `smoothgrad.samples=64`, checked against what a method takes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

from game.pack import Scalar
from game.registry import Entry, explainer

KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}
"""Type of a default -> what it is called."""
Settings = Mapping[str, Mapping[str, Scalar]]
"""Method -> parameter -> value."""


def settings(texts: Sequence[str], methods: Sequence[str]) -> dict[str, dict[str, Scalar]]:
    """Return what texts like "method.parameter=value" set; raises Unknown for a method, ValueError for anything else amiss.

    >>> settings(["contrast.base=integrated_gradients"], ["contrast"])
    {'contrast': {'base': 'integrated_gradients'}}
    """
    made: dict[str, dict[str, Scalar]] = {}
    for text in texts:
        (name, dot, key), sign, value = text.partition("=")[0].partition("."), "=" in text, text.partition("=")[2]
        if not (dot and sign and name and key):
            raise ValueError(f"{text!r} sets nothing: write METHOD.PARAMETER=VALUE, as in smoothgrad.samples=64")
        entry = explainer[name]
        if entry.name not in methods:
            raise ValueError(f"{text!r} is of a method that was not asked for: add {name!r} to --method")
        defaults = known(entry)
        if key not in defaults and not _open(entry):
            has = ", ".join(defaults) or "none"
            raise ValueError(f"{name!r} has no parameter {key!r}; it has: {has}")
        made.setdefault(entry.name, {})[key] = _read(f"{name}.{key}", value, defaults.get(key, ""))
    return made


def known(entry: Entry) -> dict[str, Scalar]:
    """Return a method's parameters with their defaults."""
    found = list(inspect.signature(entry.thing).parameters.values())[3:]
    return {p.name: p.default for p in found if p.kind is not p.VAR_KEYWORD and p.default is not p.empty}


def _open(entry: Entry) -> bool:
    """Tell whether a method takes parameters that it does not name."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(entry.thing).parameters.values())


def _read(where: str, text: str, default: Scalar) -> Scalar:
    """Return the text as a value of the default's type. A count is not below zero, unless its default is."""
    kind = type(default)
    wanted = f"{where} is {KINDS.get(kind, 'a word')}, not {text!r}"
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(wanted)
        return text.lower() == "true"
    if kind not in (int, float):
        return text
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(wanted) from None
    if kind is int and isinstance(default, int) and value < min(0, default):
        raise ValueError(f"{where} is {min(0, default)} or more, not {text}")
    if value - value != 0:
        raise ValueError(f"{where} is a finite number, not {text}")
    return value
