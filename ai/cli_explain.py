"""`coplay explain` and `coplay explainers`: what a model goes by on one image, and which methods there are.

Importing this file imports no torch; calling either command does. stdout is data, stderr is talk. Exit codes: 0 ok, 1 a
problem was found, 2 usage, 3 the environment lacks something.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from rich.console import Console
from rich.table import Table

from ai.parameters import settings
from ai.render import RENDERINGS
from ai.sheet import paths
from game.registry import Unknown, explainer

if TYPE_CHECKING:
    from ai.one_image import Explained

PROBLEM, USAGE, ENVIRONMENT = 1, 2, 3
NEEDS_TORCH = "torch is missing: pip install torch==2.13.0, then pip install 'coplay[ai]'"
_talk = Console(stderr=True, highlight=False)


def _stop(text: str, code: int = PROBLEM) -> NoReturn:
    _talk.print(text, markup=False, soft_wrap=True)
    sys.exit(code)


@click.command()
@click.argument("image", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--model", required=True, metavar="NAME|WEIGHTS", help="A model shipped with its weights, or a file of weights."
)
@click.option("--method", "methods", default="all", show_default=True, metavar="all|A,B,...", help="Which methods.")
@click.option(
    "--target", default="", metavar="CLASS", help="Class to explain, by key or number; the model's answer unless given."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of every method.")
@click.option("--set", "sets", multiple=True, metavar="METHOD.KEY=VALUE",
              help="Set a method's parameter, e.g. smoothgrad.samples=64; may be given again.")  # fmt: skip
@click.option("--rendering", type=click.Choice(tuple(RENDERINGS)),
              help="How maps are shown; evidence for, or for and against where a map has a sign, unless given.")  # fmt: skip
@click.option(
    "--batch", type=click.IntRange(1), help="Images a pass; measured unless given, and then maps repeat exactly."
)
@click.option(
    "--precision", type=click.Choice(("fp32", "bf16")), default="fp32", show_default=True, help="Of forward passes."
)
@click.option(
    "--compare/--no-compare", default=True, show_default=True,
    help="In bf16, make each map in fp32 too and tell how near they are; it takes as long again.",
)  # fmt: skip
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a contact sheet: FILE.html and FILE.png, where FILE has neither ending yet.",
)
def explain(
    image: Path, model: str, methods: str, output: Path | None, sets: tuple[str, ...], rendering: str | None, **how: Any
) -> None:
    """Explain what MODEL sees in IMAGE: one JSON line per method, or with -o one contact sheet of all.

    A method that is not valid for the model is named with the reason, and gives no map.
    """
    _need_torch()
    from ai.one_image import explain_image, near, sheet_of  # noqa: PLC0415 - only here is torch needed

    names = _names(methods)
    how |= {"settings": _settings(sets, names), "rendering": rendering or ""}
    _spare(image, output)
    try:
        with _talk.status("explaining") as status:

            def talk(method: str, n: int) -> None:
                status.update(f"explaining: {method}, {n + 1} of {len(names)}")

            made = explain_image(image, model, names, talk=talk, **how)
    except (Unknown, IndexError) as error:
        _stop(str(error), USAGE)
    except (ValueError, LookupError, OSError, MemoryError) as error:
        _stop(str(error))
    for refusal in made.refused.values():
        _talk.print(str(refusal), markup=False, soft_wrap=True)
    for a in made.attributions:
        if a.maps and a.maps.low:
            _talk.print(f"{a.method!r}: {near(a)}; explain it in fp32", markup=False, soft_wrap=True)
    if output is None:
        for line in made.lines():
            click.echo(json.dumps(line, ensure_ascii=False))
    else:
        for path in sheet_of(made, output):
            click.echo(path)
    sys.exit(PROBLEM if _short(made, methods) else 0)


def _short(made: Explained, methods: str) -> bool:
    """Tell whether something that was asked for by name is missing, or everything is."""
    return bool(made.refused and methods != "all") or not made.attributions


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per method.")
def explainers(*, as_json: bool) -> None:
    """List the explanation methods: family, needs, sign, cost in passes (F forward, G forward and backward), source."""
    _need_torch()
    rows = [about(entry.name) for entry in explainer]
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    table = Table("name", "family", "needs", "signed", "cost", "source", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_shown(row[k]) for k in ("name", "family", "needs", "signed", "cost", "cite")))
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)


def about(name: str) -> dict[str, Any]:
    """Return what a method's decorator says of it. Its cost is declared, or follows from the passes it asks for."""
    info = explainer[name].info
    return {
        "name": name,
        "family": info["family"],
        "needs": list(info["needs"]),
        "signed": info["signed"],
        "cost": info.get("cost") or _cost(info["passes"]),
        "cite": info["cite"],
    }


def _cost(passes: tuple[str, ...]) -> str:
    """Return what passes cost: those over the images are made once and shared, so a forward is free beside a gradient."""
    once = {"gradient", "activations", "attention"} & set(passes)
    one = "1 G" if once else "1 F" if {"predict", "features"} & set(passes) else ""
    many = ["n G"] * bool({"backward", "modified"} & set(passes)) + ["n F"] * bool({"forward", "masked"} & set(passes))
    return " + ".join(filter(None, [one, *many])) or "none"


def _shown(value: Any) -> str:
    return (
        ("yes" if value else "no") if isinstance(value, bool) else " ".join(value) if isinstance(value, list) else value
    )


def _names(methods: str) -> tuple[str, ...]:
    """Return the methods asked for, in that order; stops with code 2 at one that does not exist."""
    if methods == "all":
        return explainer.names()
    try:
        names = tuple(explainer[name.strip()].name for name in methods.split(",") if name.strip())
    except Unknown as error:
        _stop(str(error), USAGE)
    if not names:
        _stop(f"--method {methods!r} names none: give all, or names as `coplay explainers` lists them", USAGE)
    return names


def _settings(sets: tuple[str, ...], names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return parameters by method; stops with code 2 where one is none."""
    try:
        return settings(sets, names)
    except (Unknown, ValueError) as error:
        _stop(f"--set: {error}", USAGE)


def _spare(image: Path, output: Path | None) -> None:
    """Stop with code 2 where a sheet would be written over the picture that it is of."""
    for path in paths(output) if output else ():
        if path.exists() and path.samefile(image):
            _stop(f"-o {output} would write over the picture {image}: give another name", USAGE)


def _need_torch() -> None:
    try:
        import torch  # noqa: F401, PLC0415 - the environment is what is asked about
    except ModuleNotFoundError:
        _stop(NEEDS_TORCH, ENVIRONMENT)
