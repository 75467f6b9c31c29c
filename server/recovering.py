"""Recovering: known people play studies that come with coplay, and what is measured of them is held against what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from game.measures.modes import mode_shares
from game.mixture import mixture
from game.registry import folder
from game.round import Round
from game.rounds import rounds_of
from game.simulate import People
from server import crowd
from server.report.recovery import Grouped, Linked, Person, Recovered, grouped, linked, measured
from server.report.recovery_lens import Weight, weighed
from server.report.recovery_modes import confusion, share_of
from server.studies import OpenStudy, open_study

APART = 10_000
"""Numbers of the people of another sample begin so far on."""


STUDIES_MOST = 20
"""Studies for measures of everybody together: some fit models."""


Tables = tuple[tuple[str, dict[tuple[str, str], int]], ...]
Shares = tuple[tuple[str, list[tuple[float, float]]], ...]


class Rehearsed(NamedTuple):
    """One study and who plays it."""

    study: str
    players: str
    lens: bool = False
    modes: bool = False
    links: tuple[tuple[str, str, str, str], ...] = ()
    """(player, trait, measure, condition)."""


STUDIES = (
    Rehearsed(
        "reference",
        "verifier:0.4,anchored:0.2,confirmer:0.2,distrustful:0.2",
        links=(
            ("verifier", "trust", "agreement", "label"),
            ("verifier", "skill", "over_reliance", "map"),
            ("anchored", "anchor", "switch", "label"),
            ("confirmer", "discount", "switch", "label"),
            ("distrustful", "drop", "agreement", "label"),
        ),
    ),
    Rehearsed("human_lens", "lens", lens=True),
    Rehearsed(
        "who_decides",
        "drifting:0.6,delegator:0.2,verifier:0.2",
        modes=True,
        links=(
            ("drifting", "to_delegation", "mediation_rate", "chosen"),
            ("drifting", "to_substitution", "explicit_substitution", "chosen"),
            ("delegator", "bar", "delegation_rate", "chosen"),
        ),
    ),
    Rehearsed(
        "known_groups",
        "drifting:0.4,delegator:0.3,verifier:0.3",
        modes=True,
        links=(("delegator", "bar", "delegation_rate", "decide"),),
    ),
)
SAME = "verifier(skill=0):0.5,drifting:0.5"
"""Players who behave alike in every condition of the reference study."""


class Sizes(NamedTuple):
    """How large a run is."""

    people: int = 150
    """In each cell."""
    sessions: int = 8
    """Of each person, for the truth."""
    size: int = 40
    """People in one study."""
    runs: int = 200
    seed: int = 1
    cores: int = 0


class Found(NamedTuple):
    """What one study gave."""

    rehearsed: Rehearsed
    cells: int
    measures: tuple[Recovered, ...]
    together: tuple[Grouped, ...]
    weights: tuple[Weight, ...]
    links: tuple[Linked, ...]
    tables: Tables
    """Reading -> (true mode, mode read) -> rounds."""
    shares: Shares
    """Mode -> (share read, true share) of each person."""


def person(people: People, job: tuple[int, str, int]) -> Person:
    """Play one person: the session of the study, and `job[2] - 1` further ones."""
    number, cell, sessions = job
    played = [people.play(number, cell, again) for again in range(sessions)]
    return Person(played[0].truth, [rounds_of(one.events, people.manifest) for one in played])


def shipped(name: str) -> OpenStudy:
    """Open a study that comes with coplay."""
    return open_study(Path(str(folder("game.studies"))) / name)


def recover(rehearsed: Rehearsed, sizes: Sizes, done: Callable[[str], None]) -> Found:
    """Let people play a study in every cell, and compare."""
    opened = shipped(rehearsed.study)
    made = crowd.crowd_of(opened, str(sizes.seed), mixture(rehearsed.players))
    jobs = [(number, cell, sizes.sessions) for cell in opened.cells for number in range(sizes.people)]
    done(f"{rehearsed.study}: {len(jobs) * sizes.sessions} sessions of {rehearsed.players}")
    everybody = list(crowd.each(made, jobs, person, sizes.cores))
    arms: dict[str, list[Person]] = {}
    for one in everybody:
        for name in dict.fromkeys(each.condition for each in one.rounds if each.scored):
            arms.setdefault(name, []).append(one)
    arms = {name: theirs[: sizes.people] for name, theirs in arms.items()}
    measures = [
        each for name, theirs in arms.items() for each in measured(theirs, name, sizes.size, sizes.runs, sizes.seed)
    ]
    together = [
        each
        for name, theirs in arms.items()
        for each in grouped(theirs, name, sizes.size, min(sizes.runs, STUDIES_MOST), sizes.seed)
    ]
    manifest = opened.pack.manifest
    weights = [
        each
        for name, theirs in (arms if rehearsed.lens else {}).items()
        for each in weighed(
            theirs, manifest, name, mapped=_mapped(theirs, name), size=sizes.size, runs=sizes.runs, seed=sizes.seed
        )
    ]
    links = [
        found
        for player, trait, name, condition in rehearsed.links
        if (found := _linked(arms.get(condition, []), player, trait, name, condition)) is not None
    ]
    tables, shares = _modes(everybody) if rehearsed.modes else ((), ())
    return Found(
        rehearsed, len(opened.cells), tuple(measures), tuple(together), tuple(weights), tuple(links), tables, shares
    )


def _modes(people: Sequence[Person]) -> tuple[Tables, Shares]:
    """Return confusions and shares; the same number plays every cell, and counts there as another person."""
    numbered = [one.named(f"p{at:06d}") for at, one in enumerate(people)]
    tables = tuple((how, confusion(numbered, how)) for how in ("codes", "hidden"))
    return tables, tuple((mode, share_of(numbered, mode)) for mode in ("mediation", "delegation", "substitution"))


def _linked(people: Sequence[Person], player: str, trait: str, name: str, condition: str) -> Linked | None:
    theirs = [one for one in people if one.truth.player == player]
    return linked(theirs, trait, name, condition) if theirs else None


def _mapped(people: Sequence[Person], condition: str) -> bool:
    return any(e.explanation_shown for one in people for e in one.rounds if e.condition == condition)


def invariance(sizes: Sizes, *, same: bool) -> dict[str, dict[str, float]]:
    """Return condition -> code -> share in the reference study, for people who behave alike in all of its conditions.

    `same`: the same people with the same specimens and draws play each condition; else other people do.
    """
    opened = shipped("reference")
    made = crowd.crowd_of(opened, str(sizes.seed), mixture(SAME))
    jobs = [
        (number + (0 if same else APART * at), cell)
        for at, cell in enumerate(opened.cells)
        for number in range(sizes.people)
    ]
    by_arm: dict[str, list[Round]] = {}
    for at, rounds in enumerate(crowd.each(made, jobs, crowd.as_if, sizes.cores)):
        arm = next((each.condition for each in rounds if each.scored and each.protocol != "alone"), "")
        by_arm.setdefault(arm, []).extend(replace(each, participant=f"p{at:06d}") for each in rounds)
    return {
        arm: {code: share.value for code, share in mode_shares(rounds).items()} for arm, rounds in by_arm.items() if arm
    }
