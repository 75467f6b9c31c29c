"""Parameters of explanation methods: checked by name, type and value before anything runs, wherever they come from."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ai.allowed import Allowed, allowed, hint
from game.pack import Scalar
from game.registry import Entry, explainer

KINDS = {bool: "true or false", int: "a whole number", float: "a finite number", str: "a word"}
"""Type of a default -> what it is called."""
Settings = Mapping[str, Mapping[str, Scalar]]
"""Method -> parameter -> value."""


def checked(entry: Entry[Any], given: Mapping[str, Scalar], seed: int = 0) -> dict[str, Scalar]:
    """Return every parameter of a method, given or by default.

    Raises ValueError, naming method and parameter, what was given and what is allowed, for a parameter that the method does
    not have, for one of another type or beyond its range, for a number that is not finite, and for a `seed` below 0.
    """
    found = _declared(entry)
    for name, value in given.items():
        if name in found or _open(entry):
            _fits(entry, name, value, found.get(name))
        else:
            close = hint(name, tuple(found))
            has = f"{' It' if close else '; it'} has: {', '.join(found) or 'none'}"
            raise ValueError(f"{entry.name!r} has no parameter {name!r}{close}{has}")
    if missing := [n for n, default in found.items() if default is inspect.Parameter.empty and n not in given]:
        raise ValueError(f"{entry.name}.{missing[0]} has no default: give it")
    if not _is(int, seed) or seed < 0:
        raise ValueError(f"the seed of {entry.name!r} is a whole number, 0 or more, not {seed!r}")
    own = {n: default for n, default in found.items() if default is not inspect.Parameter.empty}
    return own | {name: _plain(value) for name, value in given.items()}


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
        made.setdefault(entry.name, {})[key] = _read(value, _declared(entry).get(key, ""))
    for name, given in made.items():
        checked(explainer[name], given)
    return made


def ranges(entry: Entry[Any]) -> dict[str, Allowed]:
    """Return what each parameter of a method may be."""
    return {name: allowed(entry, name, default) for name, default in _declared(entry).items()}


def _declared(entry: Entry[Any]) -> dict[str, Any]:
    """Return a method's own parameters with their defaults."""
    found = list(inspect.signature(entry.thing).parameters.values())[3:]
    return {p.name: p.default for p in found if p.kind is not p.VAR_KEYWORD}


def _open(entry: Entry[Any]) -> bool:
    """Tell whether a method takes parameters that it does not name."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(entry.thing).parameters.values())


def _fits(entry: Entry[Any], name: str, given: object, default: object) -> None:
    """Raise ValueError where a value is of another type than the default, or none that is allowed."""
    value, kind, range_ = _plain(given), type(default), allowed(entry, name, default)
    if kind not in KINDS:  # no default, or none that tells a kind
        if not any(_is(each, value) for each in KINDS):
            raise ValueError(f"{entry.name}.{name} is a finite number, a word, true or false, not {value!r}")
    elif not (_is(kind, value) and (kind is bool or range_.holds(value))):
        what = ", ".join(filter(None, (KINDS[kind] if not range_.words else "", str(range_))))
        raise ValueError(f"{entry.name}.{name} is {what}, not {value!r}{range_.near(value)}")


def _is(kind: type, given: object) -> bool:
    """Tell whether a value is of a kind; a whole number is a number too, true and false are none."""
    value = _plain(given)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return type(value) is kind


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _read(text: str, default: object) -> Scalar:
    """Return the text as a value of the default's type; as it is where it is none, so that it is refused by name."""
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    for kind in (int, float):
        if type(default) is kind:
            try:
                return kind(text)
            except ValueError:
                return text
    return text
