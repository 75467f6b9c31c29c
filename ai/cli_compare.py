"""`coplay compare`: how much explanations vary on a task and a model, and which can be trusted. Imports no torch until called.

stdout is data, stderr is talk. Exit codes: 0 ok, 1 a problem was found, 2 usage, 3 the environment lacks something.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import Progress

from ai.jobstore import JobStore, jobs_of
from ai.lab.presets import PRESETS
from game.registry import Unknown, renderer

PROBLEM, USAGE, ENVIRONMENT = 1, 2, 3
NEEDS_TORCH = "torch is missing: pip install torch==2.13.0, then pip install 'coplay[ai]'"
_talk = Console(stderr=True, highlight=False)


def _stop(text: str, code: int = PROBLEM) -> NoReturn:
    _talk.print(text, markup=False, soft_wrap=True)
    sys.exit(code)


@click.command()
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="PACK-OR-STUDY..."
)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False),
              help="Results folder to write. [lab, beside the first recipe]")  # fmt: skip
@click.option("--preset", type=click.Choice(tuple(PRESETS)), default="standard", show_default=True,
              help="How much is asked of each method.")  # fmt: skip
@click.option("--images", type=click.IntRange(1), help="Specimens of each task, instead of the preset's.")
@click.option("--methods", default="all", show_default=True, metavar="all|recipe|A,B,...", help="Which methods.")
@click.option("--models", default="", metavar="A,B,...", help="Which of the recipe's models; all unless given.")
@click.option("--metrics", default="", metavar="A,B,...", help="Which metrics, by name or family; all unless given.")
@click.option("--retrained", type=click.IntRange(0), default=0, show_default=True,
              help="Train each model so many times again, under other seeds, and compare its maps too.")  # fmt: skip
@click.option("--checkpoints", is_flag=True, help="Train each model again and compare the maps after each epoch too.")
@click.option("--seed", default=0, show_default=True, help="Seed of what the metrics draw.")
@click.option("--engine", "on", default="local", show_default=True, help="Where jobs run: local, or ray (a cluster).")
@click.option("--address", default="", help="Address of the cluster, HOST:PORT or auto.")
@click.option(
    "--workers", type=click.IntRange(1), default=lambda: min(4, os.cpu_count() or 1), show_default="cores, at most 4"
)
@click.option("--fresh", is_flag=True, help="Forget results of earlier runs, finished or not.")
@click.option("--report/--no-report", default=True, show_default=True, help="Write the HTML report too.")
def compare(sources: tuple[Path, ...], output: Path | None, fresh: bool, report: bool, **how: Any) -> None:
    """Compare explanation methods on the specimens and models of studies, packs or recipes, and write a results folder.

    Several recipes are several tasks in one folder. Results of jobs are kept beside it, so a run that was stopped goes on,
    and one that asks for more costs only that.
    """
    first = sources[0] if sources[0].is_dir() else sources[0].parent
    folder = output or (first.parent if (first / "manifest.json").is_file() else first) / "lab"
    if fresh:
        JobStore(jobs_of(folder)).clear()
    for name in ("models", "metrics"):
        how[name] = [part.strip() for part in how[name].split(",") if part.strip()]
    try:
        made = _compared(sources, folder, how)
        told = _facts(made, folder)
        if report:
            told["report"] = _reported(folder)
    except Unknown as error:
        _stop(str(error), USAGE)
    except (ValueError, LookupError, OSError, RuntimeError, MemoryError) as error:
        _stop(str(error))
    click.echo(json.dumps(told, ensure_ascii=False))


def _compared(sources: tuple[Path, ...], folder: Path, how: dict[str, Any]) -> Any:
    try:
        from ai.lab.comparison import Comparison  # noqa: PLC0415 - only this command needs torch
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "torch":
            raise
        _stop(NEEDS_TORCH, ENVIRONMENT)
    with Progress(console=_talk, transient=True, disable=not _talk.is_terminal) as bar:
        task = bar.add_task("compare", total=None)

        def talk(told: dict[str, Any]) -> None:
            bar.update(task, description=str(told["stage"]), total=told.get("of"), completed=told.get("done", 0))
            if "done" not in told:
                bar.console.print(json.dumps(told), markup=False, soft_wrap=True)

        return Comparison(sources, talk=talk, images=how.pop("images") or 0, **how).into(folder)


def _facts(made: Any, folder: Path) -> dict[str, Any]:
    families = Counter(metric.family for metric in made.metrics)
    return {
        "folder": str(folder),
        "tasks": [task.name for task in made.tasks],
        "models": len(made.models),
        "methods": len(made.methods),
        "metrics": dict(families),
        "images": made.images,
        "seconds": made.seconds,
        "exposed": sorted({f"{e.task} {e.model}: {e.method}" for e in made.exposures if e.exposed}),
        "notes": list(made.notes),
    }


def _reported(folder: Path) -> str:
    """Have the report written by whoever registered for it; the lab itself draws nothing."""
    write = renderer("lab")
    if write is None:
        _talk.print("no report was written: pip install 'coplay[report]'", markup=False)
        return ""
    return str(write(folder))
