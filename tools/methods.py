"""One reference page for each explanation method: what it returns, its parameters, needs, passes, cost and source."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from game.registry import Entry, explainer
from tools.structs import code, table

FOLDER = Path("docs/reference/methods")


def pages() -> dict[str, str]:
    """Return the text of each method's page by the method's name."""
    return {entry.name: _page(entry) for entry in explainer}


def _page(entry: Entry[Any]) -> str:
    text = inspect.getdoc(entry.thing) or ""
    parts = [f"# {entry.name}", text, table(["fact", "value"], _facts(entry))]
    if rows := _parameters(entry.thing):
        parts += ["## Parameters", table(["name", "default"], rows)]
    parts.append("[All methods](../explainers.md)")
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def _facts(entry: Entry[Any]) -> list[list[str]]:
    info = entry.info
    module = entry.thing.__module__.replace(".", "/")
    return [
        ["family", str(info.get("family", ""))],
        ["signed", "yes" if info.get("signed") else "no"],
        ["needs of the model", ", ".join(map(code, info.get("needs", ()))) or "nothing"],
        ["passes it reads", ", ".join(map(code, info.get("passes", ()))) or "none"],
        ["cost (F forward, G forward and backward)", str(info.get("cost", "")) or "as its passes"],
        ["instead, where it is not valid", str(info.get("instead", "")) or "the nearest of its family"],
        ["source", str(info.get("cite", "")) or "a control of our own"],
        ["code", code(f"{module}.py")],
    ]


def _parameters(method: Any) -> list[list[str]]:
    found = inspect.signature(method).parameters.values()
    return [[code(p.name), code(repr(p.default))] for p in found if p.default is not inspect.Parameter.empty]
