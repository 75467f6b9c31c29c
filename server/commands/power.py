"""`coplay power STUDY`: how many people, rounds and AI errors a study needs, by simulated people who play it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from game.canonical import encode
from game.mixture import BadMixture, mixture
from game.registry import Unknown
from game.sets import TooFew
from game.study import Invalid
from game.traits import BadTrait
from server.rehearsal import pair_of, pools_of, price_of
from server.report.inference.libraries import Missing
from server.report.inference.outcomes import outcome_of
from server.report.power import Point, Pool, Price, Setup, point
from server.report.power_figure import draw, told
from server.report.power_search import LARGEST, TARGETS, Cheapest, cheapest
from server.resized import Fixed
from server.studies import OpenStudy, open_study

talk = Console(stderr=True)
USUAL = 300
"""Simulated people per design, where the studies asked for are no larger."""
WRONG = (Invalid, Unknown, BadMixture, BadTrait, Fixed, LookupError, TooFew)


class Numbers(click.ParamType):  # pyright: ignore[reportMissingTypeArgument] - generic in newer versions of click only
    """Numbers with commas between, e.g. 60,120,180."""

    name = "NUMBER,..."

    def __init__(self, low: float, high: float, *, whole: bool = False) -> None:
        """`low` and `high` are allowed, too."""
        self._low, self._high, self._whole = low, high, whole

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Read them; refuses what is no number."""
        if isinstance(value, tuple):
            return value  # pyright: ignore[reportUnknownVariableType] - click gives the default as it stands
        try:
            found = tuple(float(part) for part in str(value).split(",") if part.strip())
        except ValueError:
            self.fail(f"{value!r} is no list of numbers: write e.g. 60,120,180", param, ctx)
        for number in found:
            if not self._low <= number <= self._high or (self._whole and number != int(number)):
                kind = "whole numbers" if self._whole else "numbers"
                self.fail(f"{number:g} is not possible: give {kind} from {self._low:g} to {self._high:g}", param, ctx)
        return found


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--outcome", default="over_reliance", show_default=True, help="A share: accuracy, over_reliance, rair, ..."
)
@click.option("--contrast", default="", help="Condition that is compared; the last one with an AI if not named.")
@click.option("--reference", default="", help="Condition it is compared with; the first one with an AI if not named.")
@click.option(
    "--effect", type=Numbers(-1, 1), default="0.05,0.1,0.15", show_default=True, help="Differences of the share."
)
@click.option(
    "-n",
    "sizes",
    type=Numbers(2, 1_000_000, whole=True),
    default="",
    help="Participants in all; half to twice the study's n if not given.",
)
@click.option(
    "--rounds",
    type=Numbers(0, 10_000, whole=True),
    default="0",
    show_default=True,
    help="Rounds of each item set; 0 as in the study.",
)
@click.option(
    "--error-rate",
    "rates",
    type=Numbers(0, 1),
    default=(math.nan,),
    help="Shares the AI gets wrong; if not given as in the study.",
)
@click.option(
    "--player", "who", default="verifier(skill=0)", show_default=True, help="Who takes part; see `coplay simulate`."
)
@click.option(
    "--people",
    default=0,
    type=click.IntRange(0),
    help="Simulated people per design; 0: 300, or the largest -n where that is more.",
)
@click.option("--runs", default=1000, show_default=True, type=click.IntRange(20), help="Simulated studies per point.")
@click.option("--alpha", default=0.05, show_default=True, type=click.FloatRange(0, 1, min_open=True, max_open=True))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option("--cores", default=0, type=click.IntRange(0), help="How many cores; 0 for all. The numbers are the same.")
@click.option(
    "-o", "figure", type=click.Path(dir_okay=False, path_type=Path), help="The curves, as .png, .svg or .pdf."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.pass_context
def power(
    context: click.Context, *, study: Path, outcome: str, contrast: str, reference: str, effect: tuple[float, ...],
    sizes: tuple[float, ...], rounds: tuple[float, ...], rates: tuple[float, ...], who: str, people: int, runs: int,
    alpha: float, seed: int, cores: int, figure: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Simulate the power of STUDY over participants, rounds, AI errors and effect, and find the cheapest design.

    The effect is imposed on what simulated people do in the reference; what they do otherwise in the contrast by themselves is
    told beside it and not counted. The report's default finds it or not: the difference of two shares, errors clustered by
    participant and by specimen.
    """
    try:
        opened, shares, told_of = open_study(study), mixture(who), outcome_of(outcome)
        if told_of.kind != "share":
            raise LookupError(f"{outcome} is no share of rounds: choose e.g. accuracy, over_reliance or rair")
        pair = pair_of(opened, contrast, reference)
        setups = [Setup(int(r), rate) for r in rounds for rate in rates]
        asked = [int(n) for n in sizes] or _usual(opened)
        pools, lost = pools_of(
            opened, shares, told_of, pair, setups, people or min(LARGEST, max(USUAL, *asked)), str(seed), cores
        )
        if not pools:
            raise LookupError("; ".join(lost))
        price = price_of(opened)
        points = [point(pool, e, n, price, seed, runs, alpha) for pool in pools for e in effect for n in asked]
        best = [cheapest(pools, e, target, price, seed, runs, alpha) for e in effect if e for target in TARGETS]
        if figure is not None:
            draw(points, figure, f"{opened.name}: {outcome}, {pair[1]} against {pair[0]}", best)
    except Missing as error:
        talk.print(f"[red]{error}[/]", soft_wrap=True, highlight=False)
        context.exit(3)
    except WRONG as error:
        talk.print(f"[red]{error}[/]", soft_wrap=True, highlight=False)
        context.exit(1)
    for each in lost:
        talk.print(f"[yellow]left out[/] {each}", soft_wrap=True)
    if as_json:
        click.echo(
            encode({"points": points, "cheapest": best, "price": price, "reference": pair[0], "contrast": pair[1]})
        )
        return
    _tell(pools, points, best, price, outcome, pair)


def _usual(opened: OpenStudy) -> list[int]:
    n = opened.study.n or 120
    return sorted({round(n * share) for share in (0.25, 0.5, 0.75, 1, 1.5, 2)})


def _tell(
    pools: Sequence[Pool], points: Sequence[Point], best: Sequence[Cheapest], price: Price, outcome: str,
    pair: tuple[str, str],
) -> None:  # fmt: skip
    out = Console()
    reference, contrast = pair
    for pool in pools:
        low, high = pool.rates
        how = "within people" if pool.within else "between people"
        out.print(
            f"{told(pool.setup)}: {outcome} {low:.1%} in {reference}, {high:.1%} in {contrast} without an effect; {how}; "
            f"about {pool.minutes:.0f} minutes",
            soft_wrap=True,
        )
    table = Table("design", "effect", "people", "power", "± simulation", "formula", f"cost ({price.unit})")
    for each in points:
        shown = "-" if math.isnan(each.power) else f"{each.power:.2f}"
        error = "variance" if not each.drawn else "-" if math.isnan(each.error) else f"{1.96 * each.error:.2f}"
        formula = "-" if math.isnan(each.formula) else f"{each.formula:.2f}"
        table.add_row(told(each.setup), f"{each.effect:+.0%}", str(each.n), shown, error, formula, f"{each.cost:.0f}")
    out.print(table)
    for each in best:
        if not each.n:
            out.print(
                f"{each.target:.0%} power for {each.effect:+.0%}: no design with up to {LARGEST} people", soft_wrap=True
            )
            continue
        out.print(
            f"{each.target:.0%} power for {each.effect:+.0%}: cheapest with {each.n} people, {told(each.setup)} "
            f"({each.cost:.0f} {price.unit})" + ("" if each.drawn else ", from the variance of fewer people"),
            soft_wrap=True,
        )
