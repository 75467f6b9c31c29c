"""`coplay pack`: build, check, show and import packs. Imports no torch; only `build` needs it.

stdout is data, stderr is talk. Exit codes: 0 ok, 1 a problem was found, 2 usage, 3 the environment lacks something.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from ai import importer, recipe, table
from ai.check import examine, facts
from ai.compare import compare
from ai.scaffold import write_study
from ai.show import lines, sheet

PROBLEM, ENVIRONMENT = 1, 3
NEEDS_TORCH = "torch is missing: pip install torch==2.13.0, then pip install 'coplay[ai]'"
_talk = Console(stderr=True, highlight=False)


def _say(text: str) -> None:
    _talk.print(text, markup=False, soft_wrap=True)


def _stop(text: str, code: int = PROBLEM) -> NoReturn:
    _say(text)
    sys.exit(code)


@click.group()
def pack() -> None:
    """Build, check, show and import packs: images, model answers and explanations."""


@pack.command()
@click.argument("study", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--compare", "against", is_flag=True, help="Build again elsewhere and tell what differs; writes nothing.")
@click.option("--retrain", is_flag=True, help="Train anew even where the weights fit the recipe.")
@click.option(
    "--workers", type=click.IntRange(1), default=lambda: min(4, os.cpu_count() or 1), show_default="cores, at most 4"
)
def build(study: Path, against: bool, retrain: bool, workers: int) -> None:
    """Make STUDY/pack from STUDY/pack.toml. A failed build leaves the old pack as it was."""
    make = _builder()
    try:
        if not against:
            manifest = make(study, study / "pack", workers, retrain)
            click.echo(json.dumps(msgspec.to_builtins(facts(manifest)), ensure_ascii=False))
            return
        if not (study / "pack" / "manifest.json").exists():
            _stop(f"{study / 'pack'}: there is no pack to compare with; build it first")
        with tempfile.TemporaryDirectory() as other:
            make(study, Path(other) / "pack", workers, retrain)
            differences = compare(study / "pack", Path(other) / "pack")
    except (ValueError, LookupError, OSError) as error:
        _stop(str(error))
    for d in differences:
        click.echo(f"{d.where}: {d.what}{' (within tolerance)' if d.within else ''}")
    beyond = sum(not d.within for d in differences)
    _say("equal bytes" if not differences else f"{len(differences)} differences, {beyond} beyond tolerance")
    sys.exit(PROBLEM if beyond else 0)


def _builder() -> Callable[[Path, Path, int, bool], Any]:
    """Return the build function, or stop with code 3 where torch is missing."""
    try:
        from ai.build import Build  # noqa: PLC0415 - only this command needs torch
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "torch":
            raise
        _stop(NEEDS_TORCH, ENVIRONMENT)

    def make(study: Path, to: Path, workers: int, retrain: bool) -> Any:
        with Progress(console=_talk, transient=True, disable=not _talk.is_terminal) as bar:
            task = bar.add_task("build", total=None)

            def talk(told: dict[str, Any]) -> None:
                bar.update(task, description=str(told["stage"]), total=told.get("of"), completed=told.get("done", 0))
                if "done" not in told:
                    bar.console.print(json.dumps(told), markup=False, soft_wrap=True)

            return Build(study, recipe.read(study), workers, retrain, talk).into(to)

    return make


@pack.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print facts and troubles as one JSON object.")
def check(path: Path, as_json: bool) -> None:
    """List everything wrong with the pack at PATH (the pack or its study), and count what it holds."""
    manifest, troubles = examine(path)
    held = facts(manifest) if manifest else None
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins({"facts": held, "troubles": troubles}), ensure_ascii=False))
    else:
        for name, value in msgspec.to_builtins(held).items() if held else ():
            click.echo(f"{name}: {json.dumps(value, ensure_ascii=False)}")
        for t in troubles:
            click.echo(f"{t.where}: {t.what}; {t.fix}")
    _say(f"{len(troubles)} troubles" if troubles else "sound")
    sys.exit(PROBLEM if troubles else 0)


@pack.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a contact sheet: FILE.html and FILE.png.",
)
def show(path: Path, output: Path | None) -> None:
    """Print what the models say of each specimen, or draw a contact sheet of specimen by method."""
    manifest, troubles = examine(path)
    if manifest is None or any(t.where.startswith("blob") for t in troubles):
        _stop("\n".join(f"{t.where}: {t.what}; {t.fix}" for t in troubles))
    if output is None:
        click.echo("\t".join(("specimen", "split", "truth", *sorted(manifest.models))))
        for line in lines(manifest):
            click.echo("\t".join(line))
        return
    with _talk.status("drawing the contact sheet"):
        page, picture = sheet(path, output.with_suffix(".html"))
    click.echo(page)
    click.echo(picture)


@pack.command("import")
@click.argument("images", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("csv", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Study folder to write."
)
@click.option("--name", help="Name of the pack; the output folder's name unless given.")
@click.option("--title", multiple=True, metavar="LANG=TEXT", help="Title of the pack in one language.")
@click.option("--question", multiple=True, metavar="LANG=TEXT", help="What people are asked about each image.")
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="VALUE=KEY[:EN[:FR]]",
    help="A class: its value in the table, key and titles.",
)
@click.option("--image", "image_column", help="Column with the file name or id.")
@click.option("--truth", help="Column with the true class.")
@click.option("--advice", help="Column with the AI's label.")
@click.option("--confidence", help="Column with the AI's confidence.")
@click.option("--artist", help="Column with the artist.")
@click.option("--licence-column", help="Column with the licence.")
@click.option("--source", help="Column with the address it came from.")
@click.option("--solo", help="Column with the share of people who are right without help.")
@click.option(
    "--probabilities", default="", metavar="A,B,...", help="Columns with a probability per class, in class order."
)
@click.option(
    "--scale", type=click.Choice(table.SCALES), default="auto", help="Whether confidences run to 1 or to 100."
)
@click.option("--licence", default="", help="Licence of every image that names none.")
@click.option(
    "--overlays", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of heat-maps or overlays."
)
@click.option("--method", default="gradcam", show_default=True, help="What made the overlays.")
@click.option("--model", default="ai", show_default=True, help="Name of the model in the pack.")
@click.option("--model-title", default="AI", show_default=True, help="What people are told it is called.")
@click.option("--model-about", default="", help="What people are told of it.")
@click.option(
    "--practice", type=click.IntRange(0), default=3, show_default=True, help="Specimens to set aside for practice."
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of the new order; file names often tell the answer."
)
@click.option("--longest", type=click.IntRange(64), default=800, show_default=True, help="Longest side in pixels.")
@click.option("--keep", is_flag=True, help="Keep every image's size and spend any number of bytes.")
@click.option("--skip-missing", is_flag=True, help="Leave out rows whose image or overlay is missing, and say which.")
def import_(
    images: Path, csv: Path, output: Path, overlays: Path | None, image_column: str | None, **asked: Any
) -> None:
    """Make a pack from a folder of IMAGES and a CSV of answers. Nothing is written unless everything is right."""
    columns = {k: asked[k] for k in ("truth", "advice", "confidence", "artist", "source", "solo") if asked[k]}
    columns |= {"image": image_column} if image_column else {}
    columns |= {"licence": asked["licence_column"]} if asked["licence_column"] else {}
    rows = table.read(
        csv, columns, [c for c in asked["probabilities"].split(",") if c], asked["scale"], asked["licence"]
    )
    for note in rows.notes:
        _say(note)
    name = asked["name"] or output.resolve().name
    plan = importer.Plan(
        name,
        _by_language(asked["title"], {"en": name}),
        _by_language(asked["question"], {"en": "Which class is this?", "fr": "De quelle classe s'agit-il ?"}),
        tuple(_naming(c) for c in asked["classes"]),
        **{
            k: asked[k]
            for k in (
                "model",
                "model_title",
                "model_about",
                "method",
                "practice",
                "seed",
                "longest",
                "keep",
                "skip_missing",
            )
        },
    )
    try:
        with Progress(console=_talk, transient=True, disable=not _talk.is_terminal) as bar:
            task = bar.add_task("import", total=None)
            manifest, skipped = importer.import_pack(
                images,
                rows,
                plan,
                output / "pack",
                overlays=overlays,
                advance=lambda done, of: bar.update(task, completed=done, total=of),
            )
    except importer.Refused as refused:
        _stop("\n".join([*map(str, refused.problems), f"{len(refused.problems)} problems; nothing was written"]))
    for problem in skipped:
        _say(f"left out: {problem}")
    if written := write_study(manifest, output):
        _say(f"wrote {written}")
    click.echo(json.dumps(msgspec.to_builtins(facts(manifest)), ensure_ascii=False))


def _by_language(given: Sequence[str], otherwise: dict[str, str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if any(not (lang and mark and text) for lang, mark, text in pairs):
        raise click.UsageError("write a text as LANG=TEXT, e.g. en=Cats")
    return {lang: text for lang, _, text in pairs} or otherwise


def _naming(text: str) -> importer.Naming:
    value, mark, rest = text.partition("=")
    key, *titles = rest.split(":")
    if not (mark and value and key):
        raise click.UsageError(
            f"--class {text!r}: write VALUE=KEY:ENGLISH:FRENCH, e.g. 1=domestic:Domestic cat:Chat domestique"
        )
    return importer.Naming(value, key, dict(zip(("en", "fr"), titles or [key], strict=False)))
