"""Exposure, exclusions, weights and cautions: what a design can support, and what is refused."""

import math

import pytest
from msgspec.structs import replace

from server.report.inference.cautions import warnings_for
from server.report.inference.clustered import cluster_robust
from server.report.inference.comparison import compare
from server.report.inference.exclusions import Rule, both_ways, excluded_by
from server.report.inference.exposure import as_treated, cace, intention_to_treat
from server.report.inference.weighted import ipw
from tests.bench.inference import calibrated, delegating, equivalent, world


def codes(rounds):
    return {each.code for each in warnings_for(rounds)}


def test_the_complier_effect_is_the_assigned_one_over_the_share_that_looks():
    comparison = compare(world(2, people=60, complies=0.6, effect=1.0), "accuracy", "map", "plain")
    assigned, complied = intention_to_treat(comparison), cace(comparison)
    share = complied.details["exposed_more"]
    assert 0.3 < share < 0.9
    assert complied.estimate == pytest.approx(assigned.estimate / share)
    seen = as_treated(comparison)
    assert not seen.causal
    assert "no effect of the explanation" in seen.warnings[-1]
    assert seen.estimate != assigned.estimate


def test_exposure_that_nobody_or_everybody_has_is_refused():
    rounds = [replace(each, explanation_shown=False) for each in world(2)]
    for method in (cace, as_treated):
        made = method(compare(rounds, "accuracy", "map", "plain"))
        assert "nothing to compare with" in made.undefined_because
        assert math.isnan(made.estimate)


def test_shadow_weights_undo_that_hard_cases_are_delegated():
    rounds = delegating(1, people=120)
    made = ipw(rounds, "free")
    kept = [each.correct for each in rounds if not each.delegated]
    assert sum(kept) / len(kept) > 0.75  # what is seen of people without weights: the easy cases
    assert made.estimate == pytest.approx(0.70, abs=0.04)
    assert made.low < 0.70 < made.high


def test_weights_are_refused_without_shadows_or_propensities():
    rounds = delegating(1, people=6)
    assert "no shadow round" in ipw([replace(e, shadow=False) for e in rounds], "free").undefined_because
    assert "is not logged" in ipw([replace(e, propensities={}) for e in rounds], "free").undefined_because
    assert "no scored round" in ipw(rounds, "other").undefined_because
    assert "one participant" in ipw([e for e in rounds if e.participant == "p1"], "free").undefined_because


def test_exclusions_read_what_was_before_the_ai_and_are_shown_both_ways():
    rounds = world(4, people=20)
    early = [
        replace(each, protocol="alone", condition="solo", round=each.round - 20, ai_shown=False, explanation_shown=False,
                followed=None, total_ms=100 if each.participant in ("p0", "p1") else 3000)
        for each in rounds if each.round <= 3
    ]  # fmt: skip
    rules = [Rule("before_median_ms_below", 1000)]
    assert excluded_by([*early, *rounds], rules) == {("w", "p0"), ("w", "p1")}
    assert excluded_by(rounds, rules) == set()  # quick rounds with the AI exclude nobody

    def of(some):
        return [cluster_robust(compare(some, "accuracy", "map", "plain"))]

    (made,) = both_ways([*early, *rounds], rules, of)
    assert made.excluded == {"map": 1, "plain": 1}
    assert made.everybody.clusters.participants - made.kept.clusters.participants == 2
    with pytest.raises(ValueError, match="refused: only rules on data from before the AI"):
        excluded_by(rounds, [Rule("median_ms_below", 1000)])


def test_cautions_say_what_the_design_cannot_support():
    rounds = world(1, people=50, rounds=30, items=30)
    assert codes(rounds) == {"simulated", "modes", "no_own_answer"}
    assert "few_ai_errors" in codes([replace(e, ai_correct=True) for e in rounds])
    assert "few_participants" in codes(world(1, people=10))
    tied = [replace(e, specimen=f"{e.condition}{e.specimen}") for e in rounds]
    assert "item_in_one_condition" in codes(tied)
    assert "mixed_protocols" in codes([replace(e, protocol="two_stage") if e.round > 5 else e for e in rounds])
    assert "protocol_differs" in codes(
        [replace(e, protocol="two_stage") if e.condition == "map" else e for e in rounds]
    )
    ordered = [
        replace(e, condition="plain" if e.round <= 15 else "map", explanation_shown=e.round > 15) for e in rounds
    ]
    assert {"carry_over", "fixed_order"} <= codes(ordered)
    assert "ai_accuracy_differs" in codes([replace(e, ai_correct=True) if e.condition == "map" else e for e in rounds])
    left = [replace(e, delegation_offered=True, delegated=True, decided_by="ai") for e in rounds]
    assert "no_shadow_rounds" in codes(left)
    late = [replace(e, correct=None) if e.condition == "map" and e.round < 9 else e for e in rounds]
    assert "unanswered_differs" in codes(late)
    assert "empty_condition" in codes([replace(e, scored=e.condition == "map") for e in rounds])
    assert codes([]) == {"no_rounds"}


def alone_of(rounds, people):
    """Rounds alone of `people` for each specimen."""
    items = {each.specimen: each for each in rounds}.values()
    blank = {"protocol": "alone", "condition": "alone", "ai": None, "ai_shown": False, "followed": None, "phase": "pre"}
    return [replace(each, participant=f"q{p}", final=each.truth, **blank) for each in items for p in range(people)]


def test_noisy_solo_rates_are_told():
    rounds = [replace(e, ai="a", final="a", truth="a") for e in world(1, people=50, rounds=30, items=30)]
    assert "noisy_solo_rates" not in codes(rounds)  # nobody alone: no solo rates are used
    few = [*rounds, *alone_of(rounds, 9)]
    assert "noisy_solo_rates" in codes(few)
    (told,) = (each for each in warnings_for(few) if each.code == "noisy_solo_rates")
    assert "by 9 people (median)" in told.text
    assert "dprime_mixed" in told.outcomes
    assert "noisy_solo_rates" not in codes([*rounds, *alone_of(rounds, 10)])
    fresh = [replace(each, specimen=f"{each.participant}{each.specimen}") for each in rounds]
    assert "noisy_solo_rates" in codes([*fresh, *alone_of(fresh, 1)])


@pytest.mark.slow
def test_intervals_cover_and_tests_of_nothing_rarely_find():
    """Bounds are 4 Monte Carlo errors wide: they catch a wrong variance, `tests/bench/inference.py` measures the rest."""
    names = ["cluster_robust", "small_clusters", "odds_ratio", "bootstrap"]
    for settings in (
        {"people": 30, "items": 20, "rounds": 10},
        {"people": 30, "items": 20, "rounds": 10, "within": True},
    ):
        found = calibrated(40, names, settings)
        for name, (covered, positive) in found.items():
            assert len(covered) == 40
            assert sum(covered) / 40 >= 0.81, (name, settings)
            assert sum(positive) / 40 <= 0.19, (name, settings)


def test_equivalence_is_not_claimed_on_the_margin():
    assert sum(equivalent(seed) for seed in range(1, 21)) <= 4
