"""Rehearsal: simulated people play designs of a study before anybody is asked, so that its power is known."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.progress import track

from game.cells import cells, picks, played
from game.design import Arm, design_of
from game.mixture import Share
from game.sets import TooFew
from game.study import Study
from server import crowd
from server.report.inference.outcomes import Outcome
from server.report.power import Pool, Price, Setup, pool_of
from server.report.power_figure import told
from server.resized import resized
from server.studies import OpenStudy

talk = Console(stderr=True)


def pair_of(opened: OpenStudy, contrast: str, reference: str) -> tuple[str, str]:
    """Return reference and contrast; raises LookupError for unknown ones, or where there are not two."""
    arms: Sequence[Arm] = design_of(opened.study, opened.pack.manifest, opened.texts, 0).arms
    names = [arm.condition for arm in arms if arm.ai_right is not None and arm.rounds]
    for name in (contrast, reference):
        if name and name not in {arm.condition for arm in arms}:
            raise LookupError(f"no condition is called {name!r}: {', '.join(arm.condition for arm in arms)}")
    first = reference or next((name for name in names if name != contrast), "")
    other = contrast or next((name for name in reversed(names) if name != first), "")
    if not first or not other:
        raise LookupError("the study has no two conditions with an AI: name --contrast and --reference")
    return first, other


def pools_of(
    opened: OpenStudy, shares: Sequence[Share], outcome: Outcome, pair: tuple[str, str], setups: Sequence[Setup],
    people: int, seed: str, cores: int,
) -> tuple[list[Pool], list[str]]:  # fmt: skip
    """Play every design; returns the pools, and why designs have none."""
    made: list[Pool] = []
    lost: list[str] = []
    for setup in setups:
        study = resized(opened.study, pair, setup.rounds, setup.error_rate)
        try:
            minutes = design_of(study, opened.pack.manifest, opened.texts, 2).minutes
            sides, share = _cells(study, pair)
            made_of = crowd.crowd_of(opened, seed, shares, study)
            jobs = [(number, side[number % len(side)]) for side in sides for number in range(people)]
            playing = crowd.each(made_of, jobs, crowd.as_if, cores)
            rounds = list(track(playing, told(setup), len(jobs), console=talk, transient=True))
        except TooFew as error:
            lost.append(f"{told(setup)}: {error}")
            continue
        first = rounds[:people]
        pool = pool_of((first, rounds[people:] or first), outcome, pair, setup, share, minutes)
        if isinstance(pool, str):
            lost.append(f"{told(setup)}: {pool}")
        else:
            made.append(pool)
    return made, lost


def _cells(study: Study, pair: tuple[str, str]) -> tuple[list[list[str]], tuple[float, float]]:
    """Return the cells with the reference and those with the contrast (one list where they are the same), and their shares."""
    every = cells(study)
    met = {cell: played(study, picks(study, cell)) for cell in every}
    both = [cell for cell in every if set(pair) <= met[cell]]
    if both:
        return [both], (len(both) / len(every), len(both) / len(every))
    sides = [[cell for cell in every if name in met[cell]] for name in pair]
    return sides, (len(sides[0]) / len(every), len(sides[1]) / len(every))


def price_of(opened: OpenStudy) -> Price:
    """Return what an hour costs: the promised floor, or what base pay comes to where that is more."""
    pay = opened.study.pay
    if pay is None:
        return Price()
    hour = max(pay.floor_per_hour, pay.base / pay.minutes * 60 if pay.minutes else 0.0)
    return Price(hour, pay.currency) if hour else Price()
