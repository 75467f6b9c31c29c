"""Read a struct as its source says it: docstring, fields, types, defaults and the line under each field."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import NamedTuple


class Field(NamedTuple):
    """One field: what its source says."""

    name: str
    type: str
    default: str
    text: str


def fields(cls: type) -> list[Field]:
    """Return the fields of a struct, those of its bases first."""
    found: dict[str, Field] = {}
    for owner in reversed(cls.__mro__):
        if owner is object or owner.__module__.startswith(("msgspec", "builtins", "typing")):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
        found |= {field.name: field for field in _fields(body)}
    return list(found.values())


def _fields(node: ast.AST) -> list[Field]:
    made: list[Field] = []
    for statement in getattr(node, "body", []):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            default = ast.unparse(statement.value) if statement.value else ""
            made.append(Field(statement.target.id, ast.unparse(statement.annotation), default, ""))
        elif made and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            made[-1] = made[-1]._replace(text=" ".join(str(statement.value.value).split()))
    return made


def summary(thing: object) -> str:
    """Return the first paragraph of a docstring on one line, the module's if the thing has none."""
    text = inspect.getdoc(thing) if isinstance(thing, type) or callable(thing) or inspect.ismodule(thing) else ""
    text = text or inspect.getdoc(inspect.getmodule(thing) or inspect.getmodule(type(thing))) or ""
    return " ".join(text.split("\n\n")[0].split())


def whole(cls: type) -> str:
    """Return the docstring, its paragraphs kept."""
    return "\n\n".join(" ".join(part.split()) for part in (inspect.getdoc(cls) or "").split("\n\n"))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; nothing for no rows, and no column that is empty in all rows."""
    keep = [index for index in range(len(head)) if any(row[index] for row in rows)]
    if not rows:
        return ""
    lines = [[head[index] for index in keep], ["---"] * len(keep)]
    lines += [[row[index].replace("|", "\\|").replace("\n", " ") for index in keep] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def code(text: str) -> str:
    """Return text in code marks; nothing for nothing."""
    return f"`{text}`" if text else ""


def field_table(cls: type) -> str:
    """Return the table of a struct's fields."""
    rows = [[code(field.name), code(field.type), code(field.default), field.text] for field in fields(cls)]
    return table(["field", "type", "default", "meaning"], rows)
