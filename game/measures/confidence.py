"""Confidence of the person: calibration and discrimination of how sure they say to be.

The scale has five steps, from a guess to certain. Step s of 5 is read as a probability of being right, evenly from chance to one:
c = 1/K + (s - 1) / 4 x (1 - 1/K), K classes (mapping `MAPPING`). Of another scale an importer gives the probability and names its
mapping; otherwise such answers are left out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from game.estimate import Estimate, mean, undefined
from game.measures import EVERY, measure
from game.round import Round

MAPPING = "even-5-1"
STEPS = 5
FLEMING = "10.3389/fnhum.2014.00443"
NEEDS = ("final_confidence", "correct")
LEAST = 100
"""Rounds below which no calibration error is given."""
BINS = 10
NO_SCALE = "no final answer of the person has a confidence on the five steps and a known number of classes"

Pair = tuple[float, bool]
"""Probability of being right, as said; whether it was."""


class Murphy(msgspec.Struct, frozen=True):
    """The Brier score's parts: score = reliability - resolution + uncertainty, exact because bins are distinct values."""

    score: float
    reliability: float
    resolution: float
    uncertainty: float


def probability(step: int | None, classes: int) -> float | None:
    """Return what a step of confidence says as a probability; None off the scale or without classes.

    >>> probability(5, 4), probability(1, 4), probability(3, 2)
    (1.0, 0.25, 0.75)
    """
    if step is None or not 1 <= step <= STEPS or classes < 2:
        return None
    return 1 / classes + (step - 1) / (STEPS - 1) * (1 - 1 / classes)


def said(each: Round, which: Literal["own", "final"]) -> float | None:
    """Return how likely the person says an answer of theirs is right: as the importer read it, or by the five steps."""
    read, step = (
        (each.own_probability, each.own_confidence)
        if which == "own"
        else (each.final_probability, each.final_confidence)
    )
    return probability(step, len(each.options)) if read is None else read


def pairs_of(rounds: Sequence[Round]) -> list[Pair]:
    """Return how sure the person was of final answers that they gave, and whether these were right."""
    made: list[Pair] = []
    for each in rounds:
        sure = said(each, "final")
        if sure is not None and each.correct is not None and each.decided_by in ("participant", ""):
            made.append((sure, each.correct))
    return made


def murphy(pairs: Sequence[Pair]) -> Murphy:
    """Return the Brier score and its parts (Murphy 1973). `pairs` must not be empty."""
    bins: defaultdict[float, list[bool]] = defaultdict(list)
    for sure, right in pairs:
        bins[sure].append(right)
    n = len(pairs)
    base = sum(right for _, right in pairs) / n
    shares = {said: sum(values) / len(values) for said, values in bins.items()}
    return Murphy(
        math.fsum((said - right) ** 2 for said, right in pairs) / n,
        math.fsum(len(bins[said]) * (said - shares[said]) ** 2 for said in sorted(bins)) / n,
        math.fsum(len(bins[said]) * (shares[said] - base) ** 2 for said in sorted(bins)) / n,
        base * (1 - base),
    )


def _part(rounds: Sequence[Round], name: str) -> Estimate:
    pairs = pairs_of(rounds)
    return Estimate(getattr(murphy(pairs), name), None, None, len(pairs)) if pairs else undefined(NO_SCALE, len(rounds))


@measure("brier", cite="", needs=NEEDS, protocol=EVERY, unit="distance", better="lower")
def brier(rounds: Sequence[Round]) -> Estimate:
    """Brier score of the person's confidence: mean (c - C)^2; 0 is best (Brier 1950)."""
    return mean([(said - right) ** 2 for said, right in pairs_of(rounds)], NO_SCALE)


@measure("brier_reliability", cite="", needs=NEEDS, protocol=EVERY, unit="distance", better="lower")
def brier_reliability(rounds: Sequence[Round]) -> Estimate:
    """Miscalibration within the Brier score: mean squared gap of confidence and share right, over steps (Murphy 1973)."""
    return _part(rounds, "reliability")


@measure("brier_resolution", cite="", needs=NEEDS, protocol=EVERY, unit="distance", better="higher")
def brier_resolution(rounds: Sequence[Round]) -> Estimate:
    """How far confidence separates right from wrong: mean squared gap of each step's share right to all (Murphy 1973)."""
    return _part(rounds, "resolution")


@measure("brier_uncertainty", cite="", needs=NEEDS, protocol=EVERY, unit="distance")
def brier_uncertainty(rounds: Sequence[Round]) -> Estimate:
    """What the Brier score owes to the share right alone: p (1 - p) (Murphy 1973)."""
    return _part(rounds, "uncertainty")


@measure("overconfidence", cite="", needs=NEEDS, protocol=EVERY, unit="difference")
def overconfidence(rounds: Sequence[Round]) -> Estimate:
    """Mean confidence minus share right: above 0 too sure, below 0 not sure enough."""
    return mean([said - right for said, right in pairs_of(rounds)], NO_SCALE)


@measure("type2_auroc", cite=FLEMING, needs=NEEDS, protocol=EVERY, better="higher")
def type2_auroc(rounds: Sequence[Round]) -> Estimate:
    """How often a right answer is held with more confidence than a wrong one (ties half): 0.5 chance (Fleming & Lau 2014)."""
    pairs = pairs_of(rounds)
    if not pairs:
        return undefined(NO_SCALE, len(rounds))
    counts: defaultdict[float, list[int]] = defaultdict(lambda: [0, 0])
    for said, right in pairs:
        counts[said][right] += 1
    wrong = sum(each[0] for each in counts.values())
    right = len(pairs) - wrong
    if not wrong or not right:
        return undefined("all answers were right" if right else "all answers were wrong", len(pairs))
    below, area = 0, 0.0
    for said in sorted(counts):
        area += counts[said][1] * (below + counts[said][0] / 2)
        below += counts[said][0]
    return Estimate(area / (wrong * right), None, None, len(pairs))


def bins_of(said: Sequence[float], bins: int = BINS) -> list[list[int]]:
    """Return the places of each bin: one per distinct value, or `bins` of equal size where there are more values."""
    values = sorted(set(said))
    order = sorted(range(len(said)), key=lambda at: (said[at], at))
    if len(values) <= bins:
        return [[at for at in order if said[at] == value] for value in values]
    return [part.tolist() for part in np.array_split(np.array(order), bins)]


def calibration_error(pairs: Sequence[Pair], bins: int = BINS) -> float:
    """Return the expected calibration error: mean over bins, by size, of the gap between share right and confidence."""
    said = [each[0] for each in pairs]
    gaps = [abs(math.fsum(pairs[at][1] - said[at] for at in places)) for places in bins_of(said, bins)]
    return math.fsum(gaps) / len(pairs)


def error_if_calibrated(said: Sequence[float], draws: int = 1000, seed: int = 1, bins: int = BINS) -> float:
    """Return the mean calibration error of people who are exactly as often right as they say: what chance alone gives."""
    rng = np.random.default_rng(seed)
    total = np.zeros(draws)
    ordered = sorted(said)
    for places in bins_of(ordered, bins):
        gap = np.zeros(draws)
        for value in sorted({ordered[at] for at in places}):
            n = sum(ordered[at] == value for at in places)
            gap += rng.binomial(n, min(1.0, value), size=draws) - n * value
        total += np.abs(gap)
    return float(total.mean()) / len(said)


def _enough(rounds: Sequence[Round]) -> tuple[list[Pair], str]:
    pairs = pairs_of(rounds)
    few = f"fewer than {LEAST} answers with a confidence: the error would be mostly chance"
    return pairs, "" if len(pairs) >= LEAST else few if pairs else NO_SCALE


@measure("ece", cite="", needs=NEEDS, protocol=EVERY, unit="distance", better="lower", reads="study")
def ece(rounds: Sequence[Round]) -> Estimate:
    """Expected calibration error over the steps of confidence, of a group; refused below 100 answers.

    Too large on average in small groups: read it beside `ece_if_calibrated`.
    """
    pairs, why = _enough(rounds)
    return undefined(why, len(pairs)) if why else Estimate(calibration_error(pairs), None, None, len(pairs))


@measure("ece_if_calibrated", cite="", needs=NEEDS, protocol=EVERY, unit="distance", reads="study", corrected=True)
def ece_if_calibrated(rounds: Sequence[Round]) -> Estimate:
    """Calibration error that perfectly calibrated people would show with the same confidences (1,000 draws, seed 1)."""
    pairs, why = _enough(rounds)
    if why:
        return undefined(why, len(pairs))
    return Estimate(error_if_calibrated([said for said, _ in pairs]), None, None, len(pairs))
