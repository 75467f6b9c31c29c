"""What figures draw beside the data, to read them by: perfect calibration, people without judgement, the maps' fidelity."""

import re
from random import Random

import pytest
from msgspec.structs import replace

from server.report.figures import calibration, methods, plane, quality
from server.report.page import lab
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.tables import Bootstrap
from tests.report.lab.folder import make


def told(rounds):
    return story(Gathered(rounds=rounds), Bootstrap(1, 20))


def test_an_error_of_calibration_stands_beside_that_of_perfect_calibration(one_round):
    rng = Random(5)
    rounds = []
    for at in range(400):
        step = rng.randint(1, 5)
        right = rng.random() < 0.5 + (step - 1) / 8
        more = {"final_confidence": step, "options": ("a", "b"), "protocol": "alone", "ai_shown": False}
        rounds.append(one_round(at + 1, f"p{at % 8}", correct=right, ai_correct=None, **more))
    note = calibration.plate(told(rounds)).note
    seen, chance = map(float, re.search(r"ECE (0\.\d+), 400 answers \(ECE (0\.\d+) if calibrated\)", note).groups())
    assert 0.01 < chance < 0.06, "80 answers a step: about sqrt(2 / pi) x sqrt(p (1 - p) / 80)"
    assert abs(seen - chance) < 0.03, "who is calibrated shows chance only"


@pytest.fixture
def two_arms(one_round):
    """Alone, 3 of 4 are right on x1 and 1 of 4 on x2; with the AI, which is right on x1 and wrong on x2."""
    rounds = []
    for who, answers in enumerate(("ab", "ab", "aa", "bb")):
        for n, answer in enumerate(answers, 1):
            more = {"protocol": "alone", "ai_shown": False, "final": answer, "truth": "a"}
            made = one_round(n, f"s{who}", correct=answer == "a", ai_correct=None, condition="solo", **more)
            rounds.append(replace(made, followed=None))
    for n, ai in ((1, "a"), (2, "b")):
        more = {"ai": ai, "final": "a", "truth": "a"}
        rounds.append(replace(one_round(n, "p1", correct=True, ai_correct=ai == "a", **more), followed=ai == "a"))
    return rounds


@pytest.mark.slow
def test_people_without_judgement_are_drawn(two_arms):
    made = told(two_arms)
    arms = [arm for arm in made.arms if not arm.alone]
    assert plane.references(made, arms) == {"F": (1.0, 0.5), "I": (0.75, 0.5)}, (
        "took (3/4 + 3/4) / 2, right (3/4 + 1/4) / 2"
    )
    assert "Right: The follower follows 100% and is right in 50% and the ignorer follows 75% and is right in 50%." in (
        plane.plate(made).note
    )
    unscored = [replace(each, scored=each.condition != "solo") for each in two_arms]
    assert "nobody answered these specimens alone: no ignorer" in plane.plate(told(unscored)).note


@pytest.mark.slow
def test_fidelity_of_maps_stands_beside_their_agreement(one_round, tmp_path):
    found = lab.read(make(tmp_path / "lab"))
    scores = {
        "deletion_mean": {("x1", "m", "saliency"): 0.25, ("x2", "m", "saliency"): 0.5, ("x1", "m", "gradcam"): 0.125},
        "deletion_noise": {("x1", "m", "saliency"): 0.9},
        "insertion_blur": {("x1", "m", "saliency"): 0.75},
    }
    made = told([one_round(n, f"p{who}", method="saliency", explanation_shown=True) for who in (1, 2) for n in (1, 2)])
    made.lab = replace(found, scores=scores)
    plate = methods.plate(made)
    lines = [line for line in plate.csv.splitlines() if line.startswith(("deletion", "insertion"))]
    assert [line.split(",")[:4] for line in lines] == [
        ["deletion_mean", "gradcam", "", "0.125"], ["deletion_mean", "saliency", "", "0.375"],
        ["insertion_blur", "saliency", "", "0.75"],
    ]  # fmt: skip
    assert "Deletion mean: gradcam 0.12 and saliency 0.38." in plate.alt
    made.lab = replace(found, scores={})
    assert "insertion" not in methods.plate(made).csv


@pytest.mark.slow
def test_devices_and_lost_connections_are_told_by_condition(one_round):
    rounds = [one_round(1, f"p{n}", condition="map" if n else "plain") for n in range(3)]
    known = {"why": "", "rounds_scored": 1, "viewport_w": 800}
    sessions = [
        {"subject_id": f"p{n}", "pointer": "touch" if n == 2 else "mouse", "reconnects": n, **known} for n in range(3)
    ]
    note = quality.plate(story(Gathered(rounds=rounds, sessions=sessions), Bootstrap(1, 20))).note
    assert (
        "By condition: map 1 of 2 by touch, 2 lost the connection; plain 0 of 1 by touch, 0 lost the connection."
        in note
    )
    assert "By condition" not in quality.plate(told(rounds[1:])).note
