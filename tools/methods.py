"""One reference page for each explanation method: what it returns, its parameters, needs, passes, cost and source."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from ai.allowed import Allowed
from ai.cli_explain import about
from ai.parameters import ranges
from game.registry import Entry, explainer
from tools.structs import code, table

FOLDER = Path("docs/reference/methods")
MEANINGS = {
    "baseline": "what stands for nothing to see: mean, blur, black, grey or noise",
    "base": "the method whose maps the control stands in for or is made of",
    "match": '"" for its own values, "energy" for those of the base\'s map, "energy+smoothness" for its spectrum too',
    "grid": "cells on a side",
    "masks": "masked copies of each image, at least 1",
    "samples": "points or copies of each image, at least 1",
    "steps": "points on each image's way; 0 takes as many as its sum needs",
    "side": "superpixels on a side, about",
    "pool": "side of the squares of pixels that are taken together; 1 is each pixel",
    "size": "cells on a side of the map",
    "slope": "how fast power falls with frequency: 0 is white noise, 4 is smooth",
    "orders": "random orders in which cells are added",
    "width": "width of the kernel that weighs masked copies by how near they are to the image",
    "gamma_conv": "gain of contributions of a unit's own sign in convolutions; 0 is none",
    "gamma_linear": "gain of contributions of a unit's own sign in linear layers; 0 is none",
    "flat": "whether the first convolution shares evenly",
}
"""What a parameter means wherever it is called so; a method's own text comes before."""


def pages() -> dict[str, str]:
    """Return the text of each method's page by the method's name."""
    return {entry.name: _page(entry) for entry in explainer}


def _page(entry: Entry[Any]) -> str:
    text = inspect.getdoc(entry.thing) or ""
    parts = [f"# {entry.name}", text, table(["fact", "value"], _facts(entry))]
    if rows := _parameters(entry):
        parts += ["## Parameters", table(["name", "kind", "default", "allowed", "meaning"], rows)]
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
        ["cost (F forward, G forward and backward)", about(entry.name)["cost"]],
        ["instead, where it is not valid", str(info.get("instead", "")) or "the nearest of its family"],
        ["source", str(info.get("cite", "")) or "a control of our own"],
        ["code", code(f"{module}.py")],
    ]


def _parameters(entry: Entry[Any]) -> list[list[str]]:
    found, held = inspect.signature(entry.thing).parameters.values(), ranges(entry)
    text = " ".join((inspect.getdoc(entry.thing) or "").split())
    return [
        [code(p.name), type(p.default).__name__, code(repr(p.default)), _range(p.name, held), _meaning(text, p.name)]
        for p in found
        if p.default is not inspect.Parameter.empty
    ]


def _range(name: str, held: dict[str, Allowed]) -> str:
    """Return what a parameter may be; the base of a control is any method."""
    return "the name of a method" if name == "base" else str(held[name])


def _meaning(text: str, name: str) -> str:
    """Return the sentences of a method's text that name the parameter, or what it means everywhere; "see above" is no help."""
    said = [part for part in re.split(r"(?<=[.;])\s+(?=[A-Z`])", text) if f"`{name}`" in part or f"`{name} " in part]
    return " ".join(said).rstrip(";") or MEANINGS.get(name, "")
