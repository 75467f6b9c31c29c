"""Twins counted by hand, extreme players, and stated weights that are found again."""

import math

import numpy as np
import pytest

from game.measures.cue_weights import LensCue, confounder_pull, ideal_fit, model_fit, people_fit, persons_fit
from game.measures.lens import reading, response
from game.registry import measure
from tests.game.measures.table import a_round

OPTIONS = ("a", "b", "c", "d")
CUES = (
    LensCue("wing", (-1, -1, 1, 1)), LensCue("spot", (-1, -1, 1, 1)),
    LensCue("tail", (-1, 1, -1, 1)), LensCue("line", (-1, 1, -1, 1)), LensCue("tag"),
)  # fmt: skip
EVIDENCE = [
    *[a_round(n, f"p{n}", specimen="x", final=f) for n, f in enumerate("aaab", 1)],  # P(a) 3/4, P(b) 1/4
    *[
        a_round(n, f"q{n}", specimen="x~", twin_of="x", probe="evidence", scored=False, truth="b", final=f)
        for n, f in enumerate("ab", 1)  # P(a) 1/2, P(b) 1/2
    ],
]
ADVICE = [
    *[a_round(n, f"p{n}", specimen="x", final=f) for n, f in enumerate("aaac", 1)],  # a said: P(a) 3/4, P(b) 0
    *[
        a_round(n, f"q{n}", specimen="x", twin_of="x", probe="advice", scored=False, ai="b", final=f)
        for n, f in enumerate("abbb", 1)  # b said: P(a) 1/4, P(b) 3/4
    ],
]


def test_twins_counted_by_hand():
    made = measure["response_to_evidence"].thing(EVIDENCE)
    assert made.value == pytest.approx(0.5 * ((3 / 4 - 1 / 2) + (1 / 2 - 1 / 4)))
    assert made.n == 6
    assert measure["response_to_advice"].thing(ADVICE).value == pytest.approx(0.5 * ((3 / 4 - 1 / 4) + (3 / 4 - 0)))


def test_without_twins_it_says_so():
    for kind, rounds in (("evidence", ADVICE), ("advice", EVIDENCE)):
        made = measure[f"response_to_{kind}"].thing(rounds)
        assert math.isnan(made.value)
        assert "no specimen was answered" in made.why_undefined


def test_a_twin_that_changes_no_ideal_answer_tells_nothing_of_evidence():
    same = [a_round(1, specimen="x"), a_round(2, specimen="x~", twin_of="x", probe="evidence", scored=False)]
    assert not measure["response_to_evidence"].thing(same).defined


def test_a_twin_is_compared_with_the_same_answer_of_the_ai_only():
    other = [a_round(1, specimen="x", ai="c"), *EVIDENCE[4:]]
    assert not measure["response_to_evidence"].thing(other).defined


def twin_study(answer, people=60, items=12):
    """Each item is answered by everybody as it is, or as one of its twins."""
    rng = np.random.default_rng(3)
    rounds = []
    for p in range(people):
        for i in range(items):
            kind = ("", "evidence", "advice")[rng.choice(3, p=[0.6, 0.2, 0.2])]
            truth, ai = ("b" if kind == "evidence" else "a"), ("b" if kind == "advice" else "a")
            rounds.append(
                a_round(
                    i + 1, f"p{p}", specimen=f"x{i}~" if kind == "evidence" else f"x{i}", probe=kind, scored=not kind,
                    twin_of=f"x{i}" if kind else "", truth=truth, ai=ai, final=answer(truth, ai, rng),
                )
            )  # fmt: skip
    return rounds


@pytest.mark.parametrize(
    ("answer", "evidence", "advice", "says"),
    [
        (lambda truth, ai, rng: ai, 0, 1, "delegation or substitution"),
        (lambda truth, ai, rng: truth, 1, 0, "solo or disuse"),
        (lambda truth, ai, rng: rng.choice([truth, ai]), 0.5, 0.5, "mediation"),
        (lambda truth, ai, rng: "c", 0, 0, "not shown"),
    ],
)
def test_extreme_players_stand_where_they_must(answer, evidence, advice, says):
    rounds = twin_study(answer)
    sees, heeds = response(rounds, "evidence"), response(rounds, "advice")
    assert sees.estimate.value == pytest.approx(evidence, abs=0.1)
    assert heeds.estimate.value == pytest.approx(advice, abs=0.1)
    assert sees.low <= sees.estimate.value <= sees.high
    assert sees.pairs == 12
    assert sees.participants == 60
    assert reading(sees, heeds) == says


def test_one_participant_has_a_value_and_no_interval():
    rounds = [a_round(n, specimen=f"x{n}") for n in (1, 2)]
    rounds.append(a_round(3, specimen="x1", twin_of="x1", probe="advice", scored=False, ai="b", final="b"))
    made = response(rounds, "advice")
    assert made.estimate.value == 1
    assert math.isnan(made.low)
    assert math.isnan(made.high)


def lens_study(weights, people=40, rounds=40, seed=1, spread=0.0):
    """People with stated weights: four cues, the confounder and the advice."""
    rng = np.random.default_rng(seed)
    codes = np.array([cue.code for cue in CUES[:4]])
    made = []
    for p in range(people):
        own = np.array(weights) + spread * rng.standard_normal(6)
        for n in range(rounds):
            scene = {cue.name: float(rng.uniform()) for cue in CUES[:4]} | {"tag": int(rng.integers(-1, 4))}
            ideal = np.array([1.5, 0.5, 1.0, 0.2]) * np.array([2 * scene[cue.name] - 1 for cue in CUES[:4]]) @ codes
            ai = OPTIONS[rng.integers(4)]
            u = (own[:4] * np.array([2 * scene[cue.name] - 1 for cue in CUES[:4]])) @ codes
            u[scene["tag"]] += own[4] if scene["tag"] >= 0 else 0
            u[OPTIONS.index(ai)] += own[5]
            final = OPTIONS[rng.choice(4, p=np.exp(u) / np.exp(u).sum())]
            posterior = tuple((np.exp(ideal) / np.exp(ideal).sum()).tolist())
            truth = OPTIONS[int(np.argmax(ideal))]
            made.append(
                a_round(
                    n + 1, f"p{p:02}", specimen=f"x{p}-{n}", scene=scene, ai=ai, final=final, truth=truth,
                    options=OPTIONS, posterior=posterior, probabilities=posterior, model="m",
                )
            )  # fmt: skip
    return made


STATED = (1.2, 0.8, 0.4, 0.0, 0.9, 1.5)


def test_stated_weights_are_found_again():
    made = people_fit(lens_study(STATED), CUES)
    assert made.names == ("wing", "spot", "tail", "line", "tag", "advice")
    assert np.abs(np.array(made.weights) - STATED).max() < 0.2
    inside = [low <= w <= high for low, w, high in zip(made.low, STATED, made.high, strict=True)]
    assert sum(inside) >= 5
    assert made.shares["wing"] == pytest.approx(1.2 / 3.3, abs=0.05)
    assert (made.rounds, made.participants) == (1600, 40)


def test_intervals_hold_the_stated_weights_as_often_as_they_say():
    fits = [people_fit(lens_study(STATED, people=15, rounds=20, seed=s), CUES) for s in range(12)]
    inside = [low <= w <= high for f in fits for low, w, high in zip(f.low, STATED, f.high, strict=True)]
    assert np.mean(inside) > 0.85


def test_the_ideal_and_the_model_are_fitted_to_what_they_say():
    rounds = lens_study(STATED, people=3)
    for made in (ideal_fit(rounds, CUES), model_fit(rounds, CUES)):
        assert np.abs(np.array(made.weights) - (1.5, 0.5, 1.0, 0.2, 0)).max() < 0.02
        assert made.low == ()


@pytest.mark.slow
def test_extreme_weights():
    follower = people_fit(lens_study((0, 0, 0, 0, 0, 9)), CUES)
    assert follower.weights[5] > 6
    assert max(map(abs, follower.weights[:5])) < 1
    watcher = people_fit(lens_study((15, 5, 10, 2, 0, 0)), CUES)
    assert watcher.matching > 0.8
    assert watcher.achievement > 0.85
    assert watcher.consistency > 0.8
    chance = people_fit(lens_study((0, 0, 0, 0, 0, 0)), CUES)
    assert chance.consistency < 0.02
    assert chance.achievement == pytest.approx(0.25, abs=0.05)


def test_people_differ_as_they_were_made_to():
    rounds = lens_study(STATED, people=12, rounds=60, spread=0.6)
    apart = np.array(list(persons_fit(rounds, CUES).values()))
    alike = np.array(list(persons_fit(lens_study(STATED, people=12, rounds=60), CUES).values()))
    assert apart.std(axis=0).mean() > 2 * alike.std(axis=0).mean()
    assert np.abs(apart.mean(axis=0) - STATED).max() < 0.7


def test_the_confounder_pulls_who_weighs_it():
    assert confounder_pull(lens_study((0, 0, 0, 0, 12, 0)), CUES[4]).value > 0.98
    assert confounder_pull(lens_study((1, 1, 1, 1, 0, 0)), CUES[4]).value == pytest.approx(0, abs=0.06)
    two = [a_round(1, options=("a", "b"), scene={"tag": 1})]
    assert "two classes" in confounder_pull(two, CUES[4]).why_undefined
    assert "wrong class" in confounder_pull([a_round(1, options=OPTIONS, scene={"tag": -1})], CUES[4]).why_undefined


def test_what_is_not_known_is_said():
    assert "cue" in people_fit([a_round(1)], ()).why_undefined
    assert "known" in people_fit([a_round(1)], CUES).why_undefined
    assert "posterior" in ideal_fit([a_round(1)], CUES).why_undefined
    assert people_fit([], CUES).why_undefined
    assert persons_fit([], CUES) == {}
    one = people_fit(lens_study(STATED, people=1, rounds=10), CUES)
    assert one.low == ()
    assert one.participants == 1
