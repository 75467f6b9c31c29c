"""Biases by hand, of extreme players, and refused without their design."""

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from msgspec.structs import replace

from game.measures.bias import arm_of
from game.registry import measure
from tests.game.measures.table import a_round, alone

REAL = {"explanation_shown": True, "method": "gradcam"}
TOLD = {"feedback": "both"}
FAKE = {"explanation_shown": True, "method": "shuffled"}


def thing(name, rounds):
    return measure[name].thing(rounds)


def arm(fields, right, wrong, start=0):
    """Rounds from "1010": whether a right and a wrong suggestion was followed."""
    made = [a_round(start + n, final="a" if f == "1" else "b", **fields) for n, f in enumerate(right)]
    return made + [
        a_round(start + 50 + n, ai="b", final="b" if f == "1" else "a", **fields) for n, f in enumerate(wrong)
    ]


def test_arms():
    assert [arm_of(a_round(1, **fields)) for fields in ({}, REAL, FAKE)] == ["none", "real", "placebo"]
    assert arm_of(a_round(1, explanation_shown=True, method="smoothed_random.signed")) == "placebo"
    for method in ("wrong_class", "inverted", "ground_truth"):
        assert arm_of(a_round(1, explanation_shown=True, method=method)) == "control"
    own = {"explanation_shown": True, "method": "somebodys"}
    assert arm_of(a_round(1, **own)) == "real"
    assert arm_of(a_round(1, method_family="control", **own)) == "control"


def test_every_control_explainer_is_a_placebo_or_left_out():
    found = {
        path.stem: path.read_text("utf-8") for path in (Path(__file__).parents[3] / "ai" / "explainers").glob("*.py")
    }
    controls = {name for name, text in found.items() if 'family="control"' in text}
    assert len(controls) >= 8
    for name in controls:
        assert arm_of(a_round(1, explanation_shown=True, method=name)) in ("placebo", "control"), name
    assert all(
        arm_of(a_round(1, explanation_shown=True, method=name)) == "real" for name in ("gradcam", "lime", "rise")
    )


def test_controls_that_know_the_model_enter_no_arm():
    rounds = arm(REAL, "11", "110") + arm({}, "00", "1000")
    other = arm({"explanation_shown": True, "method": "wrong_class"}, "11", "111")
    for name in ("automation_bias", "placebo_persuasion"):
        assert str(thing(name, rounds + other)) == str(thing(name, rounds))


def test_automation_bias_by_hand():
    rounds = arm(REAL, "11", "110") + arm({}, "00", "1000")
    assert thing("automation_bias", rounds).value == pytest.approx(2 / 3 - 1 / 4)
    assert "without explanation" in thing("automation_bias", arm(REAL, "1", "1")).why_undefined
    assert "with an explanation" in thing("automation_bias", arm({}, "1", "1")).why_undefined
    assert thing("automation_bias", arm(REAL, "1", "11") + arm({}, "1", "00")).value == 1


def test_placebos_by_hand():
    rounds = arm(FAKE, "11", "10") + arm({}, "10", "00")
    assert thing("placebo_persuasion", rounds).value == pytest.approx(3 / 4 - 1 / 4)
    assert "placebo" in thing("placebo_persuasion", arm({}, "1", "1")).why_undefined
    informative = arm(REAL, "1" * 8, "0" * 8) + arm(FAKE, "10" * 4, "10" * 4)
    assert thing("placebo_information", informative).value == pytest.approx(2 * NormalDist().inv_cdf(8.5 / 9))
    assert thing("placebo_information", arm(REAL, "10" * 4, "10" * 4) + arm(FAKE, "1" * 8, "1" * 8)).value == 0
    assert "8" in thing("placebo_information", informative[:20]).why_undefined


def sequence(table, **fields):
    """Rounds from "R1 W0": the suggestion right or wrong, followed or not."""
    made = []
    for n, cell in enumerate(table.split(), 1):
        ai = "a" if cell[0] == "R" else "b"
        made.append(a_round(n, ai=ai, final=ai if cell[1] == "1" else "c", **fields))
    return made


def test_after_an_error():
    # after right: 1 0 -> 1/2; after wrong: 0 -> 0
    assert thing("after_error_drop", sequence("R1 R1 W0 R0", **TOLD)).value == pytest.approx(1 / 2 - 0)
    averse = sequence("R1 R1 W1 R0 R1 W1 R0 R1", **TOLD)
    assert thing("after_error_drop", averse).value == 1
    assert "wrong" in thing("after_error_drop", sequence("R1 R1", **TOLD)).why_undefined
    gap = [*sequence("R1", **TOLD), a_round(3, final="b")]
    assert not thing("after_error_drop", gap).defined


def test_an_error_that_nobody_told_of_is_no_error_seen():
    assert "not known" in thing("after_error_drop", sequence("R1 R1 W0 R0")).why_undefined
    assert "no round" in thing("after_error_drop", sequence("R1 R1 W0 R0", feedback="none")).why_undefined
    # told after the first and the third round: after right 1, after wrong 0; what follows the untold second (0) does not count
    mixed = [replace(e, feedback="ai" if e.round != 2 else "none") for e in sequence("R1 R1 W0 R0")]
    assert thing("after_error_drop", mixed).value == 1


def test_anchoring():
    solo = [alone(n, f"s{n}", specimen="x", final=f) for n, f in enumerate("abbb")]  # alone: 1/4 choose a
    follower = [a_round(n, f"p{n}", specimen="x", ai="a", final="a") for n in range(4)]
    unmoved = [a_round(n, f"p{n}", specimen="x", ai="a", final=f) for n, f in enumerate("abbb")]
    halfway = [a_round(n, f"p{n}", specimen="x", ai="a", final=f) for n, f in enumerate("aabb")]
    assert thing("anchoring", solo + follower).value == 1
    assert thing("anchoring", solo + unmoved).value == 0
    assert thing("anchoring", solo + halfway).value == pytest.approx((0.5 - 0.25) / 0.75)
    assert "alone" in thing("anchoring", follower).why_undefined


def test_first_impressions():
    # early accuracy 1, .6, .2 and later following 1, .5, 0: slope 1.25
    people = [("R1 R1 R1 R1 R1", "R1 R1"), ("R1 R1 R1 W1 W1", "R1 R0"), ("R1 W1 W1 W1 W1", "R0 R0")]
    rounds = [
        each for n, (early, later) in enumerate(people) for each in sequence(f"{early} {later}", participant=f"p{n}")
    ]
    assert thing("first_impression", rounds).value == pytest.approx(1.25)
    assert "three" in thing("first_impression", rounds[:14]).why_undefined
    same = [each for n in range(3) for each in sequence("R1 R1 R1 R1 W1 R1", participant=f"p{n}")]
    assert "equally often" in thing("first_impression", same).why_undefined


def confirming(agree, apart, n=200, seed=1):
    """People who move by `agree` or `apart` times the evidence, in logits; steps are .5 .625 .75 .875 1."""
    rng = np.random.default_rng(seed)
    steps = np.array([0.5, 0.625, 0.75, 0.875, 1])
    evidence = math.log(0.75 / 0.25)
    made = []
    for k in range(n):
        right, own, step = k % 4 != 0, rng.choice(["a", "b"]), int(rng.integers(1, 5))
        ai = "a" if right else "b"
        move = agree * evidence if own == ai else -apart * evidence
        p = 1 / (1 + math.exp(-(math.log(steps[step - 1] / (1 - steps[step - 1])) + move)))
        final = own if p >= 0.5 else ("b" if own == "a" else "a")
        after = int(np.abs(steps - max(p, 1 - p)).argmin()) + 1
        made.append(
            a_round(
                k, f"p{k % 10}", protocol="two_stage", options=("a", "b"), own=own, own_confidence=step, ai=ai,
                final=final, final_confidence=after,
            )
        )  # fmt: skip
    return made


def test_confirmation():
    assert abs(thing("confirmation", confirming(0.5, 0.5)).value) < 0.25
    assert thing("confirmation", confirming(0.8, 0.1)).value > 0.4
    assert thing("confirmation", confirming(0.1, 0.8)).value < -0.4


def test_confirmation_is_refused_without_its_design():
    many = [
        a_round(n, protocol="two_stage", own="a", own_confidence=3, final_confidence=3, options=("a", "b", "c"))
        for n in (1, 2)
    ]
    assert "two classes" in thing("confirmation", many).why_undefined
    assert "20" in thing("confirmation", confirming(1, 1, n=40)).why_undefined
    assert "always right" in thing("confirmation", [r for r in confirming(1, 1) if r.ai_correct]).why_undefined


def test_bias_in_judging_the_ai():
    rounds = [
        a_round(1, protocol="other", estimate=90.0, accuracy_shown=0.7),
        a_round(2, protocol="other", estimate=60.0, accuracy_shown=0.7),
    ]
    assert thing("estimated_minus_true_accuracy", rounds).value == pytest.approx(0.05)
    assert not thing("estimated_minus_true_accuracy", [a_round(1, protocol="other")]).defined
