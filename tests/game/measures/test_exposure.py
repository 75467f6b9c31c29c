"""Exposure by hand."""

import pytest
from msgspec.structs import replace

from game.registry import measure
from tests.game.measures.table import a_round

SHOWN = {"method": "gradcam", "explanation_shown": True}
HAND = [
    a_round(1, explanation_ms=1000, guide_opens=2, flips=1, **SHOWN),
    a_round(2, explanation_ms=4000, zooms=1, **SHOWN),
    a_round(3, method="gradcam"),
    a_round(4, method="gradcam", parts=("why", "similar")),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("explanation_seen", 2 / 4),
        ("explanation_ms_median", 2500),
        ("explanation_ms_per_round", 1250),
        ("guide_use", 1 / 4),
        ("zoom_use", 1 / 4),
        ("flip_use", 1 / 4),
        ("parts_asked", 2 / 4),
    ],
)
def test_by_hand(name, value):
    assert measure[name].thing(HAND).value == value


def test_without_an_explanation_nothing_is_zero():
    for name in ("explanation_seen", "explanation_ms_median", "explanation_ms_per_round", "flip_use", "parts_asked"):
        assert not measure[name].thing([a_round(1)]).defined
    assert measure["guide_use"].thing([a_round(1)]).value == 0


def test_what_was_not_recorded_is_unknown_and_not_nought():
    imported = [replace(each, unrecorded="guide_opens zooms flips away_ms", explanation_ms=None) for each in HAND]
    for name, field in (("guide_use", "guide_opens"), ("zoom_use", "zooms"), ("flip_use", "flips")):
        assert measure[name].thing(imported).why_undefined == f"not known in any round: {field}"
    made = measure["explanation_ms_per_round"].thing(imported)
    assert made.why_undefined == "how long the explanation was up is not known in 2 rounds"
    assert measure["explanation_ms_per_round"].thing(imported[2:]).value == 0, "nothing was up, and that is known"
    partly = [replace(imported[0], unrecorded="zooms"), *imported[1:]]
    assert measure["guide_use"].thing(partly).value == 1, "rounds that say nothing are left out"


def test_selective_exposure():
    two = [
        a_round(n, protocol="two_stage", own=own, explanation_ms=ms, **SHOWN)
        for n, (own, ms) in enumerate([("a", 3000), ("a", 5000), ("b", 1000)])
    ]
    assert measure["selective_exposure"].thing(two).value == 3000
    assert "disagrees" in measure["selective_exposure"].thing(two[:2]).why_undefined
    assert "agrees" in measure["selective_exposure"].thing(two[2:]).why_undefined
