"""`coplay prereg STUDY`: draft a preregistration, for AsPredicted, for OSF, and as data that a report is compared with."""

from __future__ import annotations

import math
from pathlib import Path

import click
from rich.console import Console

from game.design import design_of
from game.mixture import mixture
from game.study import Invalid
from server.rehearsal import pair_of, pools_of, price_of
from server.report import planned
from server.report.inference.libraries import Missing
from server.report.inference.outcomes import outcome_of
from server.report.planned import PlannedPower
from server.report.power import Setup, point
from server.report.prereg import plan_of
from server.report.prereg_forms import aspredicted, osf
from server.studies import OpenStudy, open_study
from server.version import version

talk = Console(stderr=True)
PLAYER = "verifier(skill=0)"


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o", "out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder, made if needed."
)
@click.option("--outcome", "outcomes", multiple=True, help="A confirmatory outcome; several times for more.")
@click.option("--reference", default="", help="Condition that others are compared with.")
@click.option(
    "--margin",
    "margins",
    multiple=True,
    metavar="OUTCOME=NUMBER",
    help="Smallest difference that matters; several times.",
)
@click.option("--effect", default=0.1, show_default=True, type=float, help="Difference whose power is told.")
@click.option(
    "--people", default=120, show_default=True, type=click.IntRange(0), help="Simulated people for the power; 0: none."
)
@click.option("--alpha", default=0.05, show_default=True, type=click.FloatRange(0, 1, min_open=True, max_open=True))
@click.pass_context
def prereg(
    context: click.Context, *, study: Path, out: Path, outcomes: tuple[str, ...], reference: str, margins: tuple[str, ...],
    effect: float, people: int, alpha: float,
) -> None:  # fmt: skip
    """Draft the preregistration of STUDY into a folder: aspredicted.md, osf.md, and prereg.json for `coplay report --against`.

    What only you know is marked TO WRITE. Files that are there already are not overwritten.
    """
    try:
        opened = open_study(study)
        declared = dict(_margin(each) for each in margins)
        design = design_of(opened.study, opened.pack.manifest, opened.texts, 0)
        digests = (opened.names.study, opened.names.manifest)
        told = plan_of(
            opened.study, design, digests, version(), opened.version, outcomes=outcomes, reference=reference,
            margins=declared, alpha=alpha, power=_powers(opened, outcomes, reference, effect, people, alpha),
        )  # fmt: skip
    except Missing as error:
        talk.print(f"[red]{error}[/]", soft_wrap=True, highlight=False)
        context.exit(3)
    except (Invalid, LookupError, ValueError) as error:
        talk.print(f"[red]{error}[/]", soft_wrap=True, highlight=False)
        context.exit(1)
    files = {
        "aspredicted.md": aspredicted(told).encode(),
        "osf.md": osf(told).encode(),
        planned.FILE: planned.write(told),
    }
    there = [name for name in files if (out / name).exists()]
    if there:
        raise click.ClickException(
            f"{out} holds {', '.join(there)} already: name another folder, a registered plan stays"
        )
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (out / name).write_bytes(data)
    for problem in opened.problems:
        talk.print(f"[yellow]warning[/] {problem}", soft_wrap=True)
    if not told.tests:
        talk.print("[yellow]warning[/] no test is planned: the study has no two conditions with an AI", soft_wrap=True)
    talk.print(f"{', '.join(files)} in {out}; search for TO WRITE", soft_wrap=True)


def _margin(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        raise ValueError(f"--margin {text!r}: write e.g. over_reliance=0.08") from None
    outcome_of(name)
    if not value > 0 or math.isinf(value):
        raise ValueError(f"--margin {text!r}: a margin is above 0")
    return name, value


def _powers(
    opened: OpenStudy, outcomes: tuple[str, ...], reference: str, effect: float, people: int, alpha: float
) -> list[PlannedPower]:
    """Return the simulated power of the planned n for the confirmatory shares; none without n or a pair of conditions."""
    n, made = opened.study.n, list[PlannedPower]()
    if not n or not people:
        return made
    try:
        pair = pair_of(opened, "", reference)
    except LookupError:
        return made
    for name in outcomes or ("over_reliance", "accuracy"):
        outcome = outcome_of(name)
        if outcome.kind != "share":
            continue
        pools, _ = pools_of(opened, mixture(PLAYER), outcome, pair, [Setup(0, math.nan)], people, "1", 0)
        for pool in pools:
            found = point(pool, effect, n, price_of(opened), alpha=alpha)
            if not math.isnan(found.power):
                how = f"simulated, errors clustered by participant and specimen: {pair[1]} against {pair[0]}, players {PLAYER}; "
                how += f"formula {found.formula:.0%}"
                made.append(PlannedPower(outcome=name, effect=effect, n=n, power=round(found.power, 3), how=how))
    return made
