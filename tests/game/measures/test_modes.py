"""Modes counted by hand; acts before inference; the same behaviour gives the same shares in every condition."""

import math

import numpy as np
import pytest

from game.measures.handing_over import survival
from game.measures.modes import Rule, code_of, coded, engaged, mode_shares, sensitivity, threshold_ms
from game.registry import measure
from tests.game.measures.table import a_round, alone

PACE = [alone(n, final_ms=1000 * n) for n in range(1, 6)]  # median 3000, half of it 1500


def seen(number, ms, **fields):
    return a_round(number, final_ms=ms, **fields)


def test_the_threshold_is_half_the_own_pace_and_never_below_the_floor():
    assert threshold_ms(PACE) == 1500
    assert threshold_ms(PACE[:4]) == 600
    assert threshold_ms([alone(n, final_ms=800) for n in range(1, 6)]) == 600
    assert threshold_ms([a_round(1), *[alone(n, final_ms=9000) for n in range(2, 9)]]) == 600
    assert threshold_ms(PACE, Rule(scale=2)) == 3000


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"final_ms": 1500}, True),
        ({"final_ms": 1499}, False),
        ({"final_ms": 100, "own_ms": 1500}, True),
        ({"final_ms": 100, "choices": ("a", "b")}, True),
        ({"final_ms": 100, "choices": ("a", "a")}, False),
        ({"final_ms": 100, "guide_opens": 1}, True),
        ({"final_ms": 100, "zooms": 1}, True),
        ({"final_ms": 100, "explanation_shown": True, "explanation_ms": 60_000, "flips": 3}, False),
        ({}, False),
    ],
)
def test_the_rule_and_that_exposure_is_no_part_of_it(fields, expected):
    assert engaged(a_round(1, **fields), 1500) is expected


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"handed_over": True, "decided_by": "ai"}, "handed_over"),
        ({"arrangement": "ai_instead", "decided_by": "ai"}, "handed_over"),
        ({"delegated": True, "decided_by": "ai"}, "delegated"),
        ({"decided_by": "ai"}, "by_design"),
        ({"final": None, "decided_by": "clock"}, ""),
        ({"ai_shown": False}, "solo"),
        ({"final_ms": 9000}, "mediated"),
        ({"final_ms": 9000, "final": "b"}, "mediated"),
        ({"final_ms": 10}, "accepted"),
        ({"final_ms": 10, "final": "b"}, "overrode"),
    ],
)
def test_explicit_acts_come_first(fields, code):
    assert code_of(a_round(1, **fields), 600) == code


TEN = [seen(n, 5000 if n < 5 else 100, block="one", final="b" if n == 4 else "a") for n in range(1, 5)]
RUN = [*TEN, *[seen(n, 100, block="one") for n in range(5, 13)]]  # 4 engaged, 8 accepted to the end


def test_shares_counted_by_hand():
    made = {name: each.value for name, each in mode_shares(RUN).items()}
    assert made["mediated"] == pytest.approx(4 / 12)
    assert made["accepted"] == pytest.approx(8 / 12)
    assert sum(made.values()) == pytest.approx(1)
    assert measure["mediation_rate"].thing(RUN).value == pytest.approx(4 / 12)
    assert measure["unengaged_acceptance"].thing(RUN).value == pytest.approx(8 / 12)
    assert measure["unengaged_override"].thing(RUN).value == 0


def test_a_run_is_unconditional_only_if_it_is_long_and_lasts_to_the_end_of_its_block():
    assert measure["unconditional_acceptance"].thing(RUN).value == pytest.approx(8 / 12)
    assert measure["unconditional_acceptance"].thing(RUN[:-1]).value == 0
    assert measure["unconditional_acceptance"].thing([*RUN, seen(13, 9000, block="one")]).value == 0
    assert measure["unconditional_acceptance"].thing([*RUN, seen(13, 9000, block="two")]).value == pytest.approx(8 / 13)
    assert sum(each.unconditional for each in coded(RUN, Rule(run=5))) == 8
    assert sum(each.unconditional for each in coded(RUN, Rule(run=9))) == 0


def test_thresholds_can_be_doubled():
    half, double = (sensitivity(RUN)[scale]["mediated"].value for scale in (0.5, 2))
    assert half == double == pytest.approx(4 / 12)
    slow = [seen(n, 700) for n in range(1, 4)]
    assert [made["mediated"].value for made in sensitivity(slow).values()] == [1, 1, 0]


ACTS = {"protocol": "other", "handover_offered": True}
HANDED = [
    a_round(1, **ACTS), a_round(2, handed_over=True, decided_by="ai", **ACTS),
    a_round(3, handed_over=True, took_back=True, **ACTS), a_round(4, **ACTS), a_round(5, handed_over=True, **ACTS),
]  # fmt: skip


def test_hand_overs_and_their_way_back():
    made = measure["takeback_rate"].thing(HANDED)
    assert (made.numerator, made.denominator) == (1, 2)
    assert measure["explicit_substitution"].thing(HANDED).value == pytest.approx(3 / 5)
    assert "handed over" in measure["takeback_rate"].thing(HANDED[:1]).why_undefined
    assert "offered" in measure["explicit_substitution"].thing([*PACE, a_round(9)]).why_undefined


def test_arrangements_are_counted_by_block():
    rounds = [a_round(n, block=f"b{n // 4}", arrangement="ai_instead" if n < 4 else "alone") for n in range(12)]
    made = measure["arrangement_ai_instead"].thing(rounds)
    assert (made.numerator, made.denominator) == (1, 3)
    assert not measure["arrangement_ai_instead"].thing([a_round(1)]).defined


def test_survival_is_kaplan_and_meiers():
    # four people, 4 offers each: handed over in rounds 2 and 3, one left after 2 offers, one never
    def person(name, offers, handed):
        return [
            a_round(n, name, protocol="other", handover_offered=True, handed_over=n == handed)
            for n in range(1, offers + 1)
        ]

    rounds = [*person("a", 4, 2), *person("b", 4, 3), *person("c", 2, 0), *person("d", 4, 0)]
    curve = survival(rounds)
    assert [(each.round, each.at_risk, each.handed) for each in curve] == [(2, 4, 1), (3, 2, 1), (4, 1, 0)]
    assert [each.survival for each in curve] == pytest.approx([3 / 4, 3 / 8, 3 / 8])
    assert curve[0].low < 0.75 < curve[0].high
    made = measure["handover_survival"].thing(rounds)
    assert (made.value, made.low, made.high) == (pytest.approx(3 / 8), curve[-1].low, curve[-1].high)
    assert measure["handover_survival"].thing(person("a", 3, 1)).low is None
    assert survival([a_round(1)]) == []
    everybody = survival(person("a", 3, 1))
    assert everybody[-1].survival == 0
    assert math.isnan(everybody[-1].low)


def offered(number, who, item, delegated, confidence, right=True):
    return a_round(
        number, who, protocol="delegation", specimen=item, delegation_offered=True, delegated=delegated, ai_shown=False,
        ai_confidence=confidence, ai="a" if right else "b", decided_by="ai" if delegated else "participant",
    )  # fmt: skip


SOLO = [
    alone(n, f"s{n}", specimen=item, final=f)
    for item, answers in (("e", "aaab"), ("h", "abbb"))
    for n, f in enumerate(answers)
]
GOOD = [offered(1, "p", "e", False, 0.7), offered(2, "p", "h", True, 0.7)]


def test_delegation_is_judged_in_probabilities():
    # easy: person .75, AI .7, kept; hard: person .25, AI .7, delegated
    made = measure["delegation_quality"].thing(SOLO + GOOD)
    assert made.value == pytest.approx((0.7 - 0.25) - (0.7 - 0.75))
    assert measure["delegation_oracle_gap"].thing(SOLO + GOOD).value == pytest.approx(0)
    bad = [offered(1, "p", "e", True, 0.7), offered(2, "p", "h", False, 0.7)]
    assert measure["delegation_quality"].thing(SOLO + bad).value == pytest.approx(-made.value)
    assert measure["delegation_oracle_gap"].thing(SOLO + bad).value == pytest.approx((0.05 + 0.45) / 2)
    assert "all or none" in measure["delegation_quality"].thing(SOLO + GOOD[:1]).why_undefined
    assert "solo rate" in measure["delegation_quality"].thing(GOOD).why_undefined


def shadowed(number, own, ai, propensity=0.2, **fields):
    return a_round(
        number, protocol="delegation", delegated=True, decided_by="ai", own=own, ai=ai, final=ai, shadow=own is not None,
        propensities={"shadow": propensity}, **fields,
    )  # fmt: skip


def test_shadow_rounds_are_weighted_by_their_propensity():
    rounds = [shadowed(1, "a", "a", 0.2), shadowed(2, "b", "a", 0.1), shadowed(3, None, "a")]
    assert measure["shadow_agreement"].thing(rounds).value == pytest.approx(5 / 15)
    assert measure["shadow_gain"].thing(rounds).value == pytest.approx(10 / 15)
    assert "shadow" in measure["shadow_agreement"].thing(rounds[2:]).why_undefined
    assert "delegated" in measure["shadow_gain"].thing([a_round(1)]).why_undefined
    assert "propensity" in measure["shadow_gain"].thing([shadowed(1, "a", "a", 0.0)]).why_undefined


def test_identical_behaviour_gives_equal_shares_in_every_condition():
    """People who decide in the same way; conditions differ in what is shown and how long it is looked at."""
    made = {}
    for condition, kind, dwell in (("none", "none", 0), ("map", "map", 4000), ("picture", "picture", 800)):
        rounds = []
        for p in range(150):
            rng = np.random.default_rng(p)  # the same person in each condition
            pace = float(rng.lognormal(8, 0.4))
            rounds += [alone(n, f"p{p}", final_ms=int(rng.lognormal(np.log(pace), 0.5))) for n in range(1, 13)]
            for n in range(13, 40):
                quick = rng.random() < 0.4
                ms = int(rng.lognormal(np.log(pace * (0.2 if quick else 1)), 0.5))
                final = "a" if rng.random() < 0.7 else "b"
                rounds.append(
                    a_round(
                        n, f"p{p}", condition=condition, final_ms=ms, final=final, explanation_kind=kind,
                        explanation_shown=kind != "none", explanation_ms=dwell or None, flips=int(dwell > 0),
                        choices=(final,), guide_opens=int(rng.random() < 0.05),
                    )
                )  # fmt: skip
        made[condition] = mode_shares(rounds)
    for name in made["none"]:
        values = [made[condition][name].value for condition in made]
        assert max(values) - min(values) <= 0.02, name
    assert 0.2 < made["none"]["accepted"].value < 0.4
