"""What all measures promise, on rounds with everything in them: probes, several people, acts, confidences, explanations."""

import math
from random import Random

import pytest
from msgspec.structs import replace

from game.measures import EVERY
from game.registry import measure
from tests.game.measures.hand import EXACT
from tests.game.measures.hand_team import HAND
from tests.game.measures.table import a_round

BOUNDS = {"fraction": (0, 1), "distance": (0, 1), "difference": (-1, 1)}


def some_rounds(seed):
    """Rounds of up to five people; half of the time of one protocol."""
    rng = Random(seed)
    kinds = [rng.choice(EVERY)] if seed % 2 else EVERY
    options = rng.choice([(), ("a", "b"), ("a", "b", "c", "d")])

    def one(number):
        kind, label = rng.choice(kinds), options or ("a", "b", "c")
        assisted, two = kind != "alone", kind == "two_stage"
        probe = rng.choice(("", "", "", "evidence", "advice", "conflict"))
        specimen = rng.choice("klm")
        shown = assisted and rng.random() < 0.6
        asked = kind == "on_request"
        delegated = rng.random() < 0.5 if kind == "delegation" else None
        maybe = lambda value, p=0.8: value if rng.random() < p else None  # noqa: E731
        return a_round(
            number, rng.choice("pqrst"), condition="c", protocol=kind, block=rng.choice("xy"), options=options,
            specimen=specimen, probe=probe, twin_of=specimen if probe else "", scored=not probe,
            truth=label[(ord(specimen) + len(probe)) % len(label)], own=maybe(rng.choice(label)) if two else None,
            final=maybe(rng.choice(label), 0.9),
            ai=rng.choice(label) if assisted else None, ai_shown=assisted and rng.random() < 0.8, delegated=delegated,
            delegation_offered=delegated is not None, handover_offered=rng.random() < 0.3, handed_over=rng.random() < 0.1,
            request_offered=asked, requested=rng.random() < 0.5 if asked else None, took_back=rng.random() < 0.1,
            decided_by="ai" if delegated else "participant", arrangement=maybe("ai_instead", 0.1),
            own_confidence=maybe(rng.randint(1, 6)), final_confidence=maybe(rng.randint(1, 6)), ai_confidence=maybe(rng.random()),
            explanation_shown=shown, method=rng.choice(("gradcam", "shuffled")) if shown else "",
            map_mass=number % 7 / 7 if shown else None, map_plausibility=float(number % 5) if shown else None,
            explanation_ms=rng.randint(0, 9000) if shown else None, own_ms=maybe(rng.randint(0, 9000)),
            final_ms=maybe(rng.randint(0, 9000)), total_ms=maybe(rng.randint(0, 9000)), trust=maybe(float(rng.randint(0, 100))),
            shadow=two and rng.random() < 0.5, propensities={"shadow": 0.2}, parts=("why",) * rng.randint(0, 2),
            predicted=maybe(rng.choice(label), 0.3), predicted_confidence=rng.randint(1, 6), agree=maybe(rng.randint(1, 4), 0.3),
            candidate=maybe(rng.choice(label), 0.3), deploy=maybe(rng.choice(("yes", "no")), 0.3),
            feedback=rng.choice(("", "none", "both", "ai")), attributed=rng.choice(("", "ai", "human")),
            delegation_price=maybe(rng.choice((0.0, 1.0, 2.0))), since_ai_ms=maybe(rng.randint(0, 9000), 0.5),
            estimate=maybe(rng.random() * 100, 0.3), accuracy_shown=maybe(rng.random(), 0.3), guide_opens=rng.randint(0, 1),
        )  # fmt: skip

    return [one(n) for n in range(1, rng.choice([3, 12, 60, 300]))]


LISTS = [some_rounds(seed) for seed in range(40)]
every = pytest.mark.parametrize("entry", list(measure), ids=[entry.name for entry in measure])


def same(one, two):
    if math.isnan(one.value) or math.isnan(two.value):
        return math.isnan(one.value) and math.isnan(two.value) and one.why_undefined == two.why_undefined
    return math.isclose(one.value, two.value, abs_tol=1e-6)


@every
def test_it_holds_together(entry):
    for rounds in LISTS:
        made = entry.thing(rounds)
        assert math.isnan(made.value) == bool(made.why_undefined)
        assert 0 <= made.n <= len(rounds)
        low, high = BOUNDS.get(entry.info["unit"], (-math.inf, math.inf))
        assert math.isnan(made.value) or low - 1e-12 <= made.value <= high + 1e-12
        assert (made.numerator is None) == (made.denominator is None)
        if made.denominator and made.defined:
            assert math.isclose(made.value, made.numerator / made.denominator)


@every
def test_shuffled_or_doubled_it_says_the_same(entry):
    for at, rounds in enumerate(LISTS[:24]):
        once = entry.thing(rounds)
        if not entry.info["ordered"]:
            assert same(once, entry.thing(Random(at).sample(rounds, len(rounds))))
        if not entry.info["corrected"]:
            twice = entry.thing(rounds * 2)
            assert math.isnan(once.value) or math.isclose(once.value, twice.value, abs_tol=1e-6)


@every
def test_practice_changes_nothing(entry):
    for rounds in LISTS[:12]:
        practice = [replace(each, scored=False, probe="") for each in rounds]
        assert same(entry.thing(rounds), entry.thing([*practice, *rounds]))


def test_most_are_defined_somewhere():
    nowhere = {entry.name for entry in measure if not any(entry.thing(rounds).defined for rounds in LISTS)}
    rare = {"confirmation", "discrimination_loss_share", "reliance_loss_share"}  # need what chance does not give
    rare |= {"ece", "ece_if_calibrated", "own_influence", "ai_influence", "mediation_balance"}  # need 100 rounds
    rare |= {
        "unaided_change",
        "unaided_change_by_ai",
        "confidence_heed",
    }  # need rounds alone on both sides; 20 disagreements
    rare |= {
        "trust_gain",
        "trust_loss",
        "delegation_hazard_error",
    }  # need following that rises; offers after told errors
    rare |= {"delegation_per_point", "delegation_per_second_saved"}  # need two conditions
    assert nowhere <= rare, nowhere


@every
def test_it_gives_what_was_worked_out_by_hand(entry):
    if not entry.thing.__module__.startswith("game.measures."):
        return  # somebody's own, registered by another test
    assert entry.name in HAND, f"write rounds and a value by hand for {entry.name} in tests/game/measures/hand.py"
    rounds, expected, *rel = HAND[entry.name]
    assert entry.thing(rounds).value == pytest.approx(expected, rel=rel[0] if rel else EXACT, abs=EXACT)
    assert expected != 0, "a value that a broken measure gives as well shows nothing"


def test_the_table_by_hand_holds_nothing_else():
    assert set(HAND) <= {entry.name for entry in measure}
