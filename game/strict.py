"""Strict reading of a parsed TOML table into structs: every mistake at once, each with its line and a hint."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mistake: where (path and line; 0 if unknown), what, how to fix it. `warning`: the study can still be played."""

    path: str
    line: int
    what: str
    hint: str = ""
    warning: bool = False

    def __str__(self) -> str:
        at = f"line {self.line}, {self.path}" if self.line else self.path
        return f"{at}: {self.what}" + (f" ({self.hint})" if self.hint else "")


_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\"]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\".]+)\s*=")


def line_index(text: str) -> dict[str, int]:
    """Map paths such as `condition[1].workflow` to line numbers (from 1) by reading headers and keys."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            name = header[2].replace('"', "")
            table = name
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                table = f"{name}[{counts[name]}]"
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[1].replace('"', "")
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return lines


def line_of(path: str, lines: Mapping[str, int]) -> int:
    """Return the line of `path`, or of the nearest table around it; 0 if nothing is known."""
    while path:
        if path in lines:
            return lines[path]
        path = path.rpartition(".")[0] if "." in path else re.sub(r"\[\d+\]$", "", path) if path.endswith("]") else ""
    return 0


def convert(
    table: Mapping[str, Any], kind: type[T], path: str, lines: Mapping[str, int], problems: list[Problem]
) -> T | None:
    """Build a `kind` from `table`, appending to `problems`; None when it cannot be built."""
    hints, fields = get_type_hints(kind), {f.name: f for f in msgspec.structs.fields(kind)}
    start = len(problems)
    for key in table:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(fields)}"
            where = f"{path}.{key}" if path else key
            problems.append(Problem(where, line_of(where, lines), f"unknown key {key!r}", hint))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        where = f"{path}.{name}" if path else name
        if name not in table:
            if field.required:
                what = f"{name!r} is missing"
                problems.append(Problem(where, line_of(path, lines), what, _meaning(field.type)))
            continue
        values[name] = _value(table[name], hints[name], where, lines, problems)
    return None if len(problems) > start else kind(**values)


def _value(value: Any, hint: Any, where: str, lines: Mapping[str, int], problems: list[Problem]) -> Any:
    inner = get_args(hint)[0] if get_origin(hint) is tuple else None
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        if not isinstance(value, Sequence) or isinstance(value, str):
            problems.append(Problem(where, line_of(where, lines), f"should be a list of tables [[{where}]]"))
            return None
        entries = cast("Sequence[Any]", value)
        return tuple(_entry(v, inner, f"{where}[{i}]", lines, problems) for i, v in enumerate(entries))
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        what = re.sub(r" - at `.*`$", "", str(error))
        problems.append(Problem(where, line_of(where, lines), what, _meaning(hint)))
        return None


def _entry(value: Any, kind: type[T], where: str, lines: Mapping[str, int], problems: list[Problem]) -> T | None:
    if isinstance(value, Mapping):
        return convert(cast("Mapping[str, Any]", value), kind, where, lines, problems)
    problems.append(Problem(where, line_of(where, lines), "should be a table", f"write [[{where.partition('[')[0]}]]"))
    return None


def _meaning(hint: Any) -> str:
    """Say in words what a field takes."""
    choices = get_args(hint)
    if choices and all(isinstance(choice, str) for choice in choices):
        return f"one of {', '.join(map(repr, choices))}"
    names = {str: "text in quotes", int: "a whole number", bool: "true or false", float: "a number"}
    if get_origin(hint) is tuple:
        return f"a list of {names.get(choices[0], 'tables')}"
    return names.get(hint, "")
