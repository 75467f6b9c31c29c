"""Intervals that simulation has to hold to account: in worlds whose truth is known they cover it, and tests of nothing rarely find.

Seeds are fixed. Bounds are 4 Monte Carlo errors of 95 % (or 5 %): they catch a wrong variance; `tests/bench/inference.py` says
more.
"""

import math
from functools import partial

import numpy as np
import pytest

from game.measures.handing_over import survival
from game.measures.lens import response
from game.round import Round
from server.report.figures.plane import region
from server.report.inference.small import wild_bootstrap
from server.report.page.gap import team_gap
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.tables import Bootstrap
from tests.bench import inference
from tests.bench.inference import calibrated, complied, family, shadowed

SMALL = {"people": 30, "items": 20, "rounds": 10}


def least(worlds):
    """How many of so many worlds a 95 % interval covers at least."""
    return worlds * (0.95 - 4 * math.sqrt(0.95 * 0.05 / worlds))


def most(worlds):
    """In how many worlds a test at 5 % finds what is not there at most."""
    return worlds - least(worlds)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "worlds", "within"), [
    ("gee", 80, False), ("gee", 80, True), ("wild_bootstrap", 80, False), ("wild_bootstrap", 80, True), ("mixed_logit", 15, False),
])  # fmt: skip
def test_models_cover_and_rarely_find_nothing(name, worlds, within, monkeypatch):
    monkeypatch.setitem(inference.METHODS, "wild_bootstrap", (partial(wild_bootstrap, resamples=199), 0))
    covered, found = calibrated(worlds, [name], SMALL | {"within": within})[name]
    assert len(covered) == worlds
    assert sum(covered) >= least(worlds)
    assert sum(found) <= most(worlds)


@pytest.mark.slow
def test_models_cover_an_effect():
    covered, found = calibrated(60, ["gee"], SMALL | {"people": 60, "effect": 1.2})["gee"]
    assert sum(covered) >= least(60)
    assert sum(found) > 40, "and find it"


@pytest.mark.slow
def test_a_family_of_three_tests_of_nothing_rarely_finds_anything():
    assert sum(map(family, range(1, 41))) <= most(40)


@pytest.mark.slow
def test_complier_effects_and_shadow_weights_cover():
    assert sum(map(complied, range(1, 31))) >= least(30)
    assert sum(map(shadowed, range(1, 41))) >= least(40)


def team(seed, people=24, items=20):
    """Everybody decides each item alone (0.7 on average), then with an AI that is right on 12 of 20; the team is 0.06 better."""
    draw = np.random.default_rng(seed)
    ease, skill = draw.choice([0.6, 0.7, 0.8], items), draw.uniform(-0.1, 0.1, people)
    made = []
    for who in range(people):
        for item in range(items):
            more = {"study": "w", "participant": f"p{who}", "specimen": f"x{item}", "decided_by": "participant"}
            chance = ease[item] + skill[who]
            made.append(Round(
                condition="solo", round=item + 1, protocol="alone", correct=bool(draw.random() < chance), **more
            ))  # fmt: skip
            right, ai = bool(draw.random() < chance + 0.06), item % 5 < 3
            made.append(Round(
                condition="arm", round=items + item + 1, protocol="one_stage", ai_shown=True, ai_correct=ai, correct=right,
                followed=right == ai, **more
            ))  # fmt: skip
    return made


@pytest.mark.slow
def test_the_gap_of_team_and_better_member_covers():
    covered = 0
    for seed in range(1, 31):
        told = story(Gathered(rounds=team(seed)), Bootstrap(seed, 200))
        (arm,) = (arm for arm in told.arms if not arm.alone)
        _, low, high = team_gap(told, arm)
        covered += low <= 0.06 <= high
    assert covered >= least(30)


def twins(seed, people=30, pairs=8):
    """Originals are called right in 0.8, their evidence twins in 0.5: the decision responds to the evidence by 0.3."""
    draw = np.random.default_rng(seed)
    own = draw.uniform(-0.15, 0.15, people)
    for who in range(people):
        for pair in range(pairs):
            flipped = bool(draw.random() < 0.5)
            as_said = draw.random() < (0.5 if flipped else 0.8) + own[who]
            yield Round(
                study="w", participant=f"p{who}", condition="arm", round=pair + 1, protocol="one_stage", decided_by="participant",
                specimen=f"t{pair}" if flipped else f"x{pair}", twin_of=f"x{pair}" if flipped else "", ai="a", ai_shown=True,
                probe="evidence" if flipped else "", truth="b" if flipped else "a", final="a" if as_said else "b",
                scored=not flipped,
            )  # fmt: skip


def test_the_response_to_the_evidence_covers():
    made = [response(list(twins(seed)), "evidence", seed, 300) for seed in range(1, 61)]
    assert sum(each.low <= 0.3 <= each.high for each in made) >= least(60)


def leaving(seed, people=40, rounds=8):
    """Everybody hands over with a chance of 0.1 in each round that offers it; 0.9 to the 5th have not after five."""
    draw = np.random.default_rng(seed)
    for who in range(people):
        for at in range(1, int(draw.integers(5, rounds + 1)) + 1):
            gone = bool(draw.random() < 0.1)
            yield Round(
                study="w", participant=f"p{who}", condition="arm", round=at, specimen=f"x{at}", protocol="delegation",
                handover_offered=True, handed_over=gone,
            )  # fmt: skip
            if gone:
                break


def test_the_curve_of_handing_over_covers():
    ends = [next(each for each in reversed(survival(list(leaving(seed)))) if each.round <= 5) for seed in range(1, 101)]
    assert sum(each.low <= 0.9**5 <= each.high for each in ends) >= least(100)


@pytest.mark.parametrize("people", [6, 40])
def test_the_region_of_a_mean_covers(people):
    draw = np.random.default_rng(people)
    covered = 0
    for _ in range(400):
        skill = draw.normal(size=people)
        pairs = np.stack([0.6 + 0.1 * skill, 0.5 + 0.1 * skill + 0.05 * draw.normal(size=people)], axis=1)
        mean, spread, limit = region(pairs)
        away = mean - (0.6, 0.5)
        covered += float(away @ np.linalg.solve(spread, away)) <= limit
    assert covered >= least(400)
    assert covered <= 400 * (0.95 + 4 * math.sqrt(0.95 * 0.05 / 400)), "and are not too wide either"
