"""Recovery of cue weights: what the lens model finds of people whose weights are stated."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from game.measures.cue_weights import LensCue, lens_cues, people_fit, persons_fit, with_cues
from game.pack import Manifest
from server.report.recovery import Person, correlation, drawn, here


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """One weight of the lens model in one condition."""

    cue: str
    condition: str
    truth: float
    """Mean over people."""
    estimate: float
    """Mean over studies."""
    coverage: float
    correlation: float
    """Between people, of the weights drawn towards the group's."""


def weighed(
    people: Sequence[Person], manifest: Manifest, condition: str, *, mapped: bool, size: int, runs: int, seed: int
) -> list[Weight]:
    """Return the weights of lens players in a condition; `mapped`: maps are shown there, which shift them as their traits say."""
    cues = lens_cues(manifest)
    long = [with_cues(here(each, condition, whole=False), manifest) for one in people for each in one.sessions]
    rng = np.random.default_rng(seed)
    fits: list[Any] = []
    for _ in range(runs):
        study = [each for rounds in drawn(people, size, rng) for each in here(rounds, condition, whole=False)]
        fits.append(people_fit(with_cues(study, manifest), cues))
    names: tuple[str, ...] = fits[0].names
    single = persons_fit([each for theirs in long for each in theirs], cues)
    made: list[Weight] = []
    for at, name in enumerate(names):
        true = [stated(one.truth.traits, name, cues, mapped=mapped) for one in people]
        mean = statistics.fmean(true)
        both = [
            (single[p.truth.participant][at], t)
            for p, t in zip(people, true, strict=True)
            if p.truth.participant in single
        ]
        made.append(
            Weight(
                cue=name, condition=condition, truth=mean, estimate=statistics.fmean(fit.weights[at] for fit in fits),
                coverage=statistics.fmean(fit.low[at] <= mean <= fit.high[at] for fit in fits),
                correlation=correlation(both),
            )
        )  # fmt: skip
    return made


def stated(traits: Mapping[str, float], name: str, cues: Sequence[LensCue], *, mapped: bool) -> float:
    """Return the true weight of a lens player for a cue, the confounder or the advice."""
    if name == "advice":
        return traits["advice"]
    evidence = [cue.name for cue in cues if cue.code]
    if name not in evidence:
        return traits["lure"] + (traits["pull"] if mapped else 0.0)
    return traits[f"w{min(4, evidence.index(name) + 1)}"] * (traits["focus"] if mapped else 1.0)
