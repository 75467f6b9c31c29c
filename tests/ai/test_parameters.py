"""Parameters of methods: refused by name, with what was given and what is allowed, before anything runs."""

import numpy as np
import pytest

from ai import baseline, matching
from ai.allowed import NAMED, Allowed, above, at_least, between, one_of
from ai.engine import explain
from ai.explanation import Maps
from ai.parameters import checked, settings
from ai.passes import Passes
from ai.teammate import new, prepare
from game.registry import Entry, explainer


@pytest.fixture
def passes(pictures):
    mate = new("small_cnn", 4, seed=5)
    return Passes(mate.module, prepare(pictures[:1]), layer=mate.layer, has=mate.has, model=mate.name)


@pytest.mark.parametrize(
    ("method", "params", "told"),
    [
        ("smoothgrad", {"sampels": 4}, "'smoothgrad' has no parameter 'sampels'; did you mean 'samples'? It has: samples, noise"),
        ("gradcam", {"q": 4}, "'gradcam' has no parameter 'q'; it has: none"),
        ("smoothgrad", {"samples": 0}, "smoothgrad.samples is a whole number, 2 or more, not 0"),
        ("expected_gradients", {"samples": 0}, "expected_gradients.samples is a whole number, 1 or more, not 0"),
        ("extremal_mask", {"steps": 0}, "extremal_mask.steps is a whole number, 1 or more, not 0"),
        ("integrated_gradients", {"steps": -1}, "integrated_gradients.steps is a whole number, 0 or more, not -1"),
        ("smoothgrad", {"samples": 4.0}, "smoothgrad.samples is a whole number, 2 or more, not 4.0"),
        ("smoothgrad", {"samples": True}, "smoothgrad.samples is a whole number, 2 or more, not True"),
        ("smoothgrad", {"samples": "4"}, "smoothgrad.samples is a whole number, 2 or more, not '4'"),
        ("smoothgrad", {"noise": float("nan")}, "smoothgrad.noise is a finite number, above 0, not nan"),
        ("blur_ig", {"sigma": float("inf")}, "blur_ig.sigma is a finite number, above 0, not inf"),
        ("rise", {"share": 1.0}, "rise.share is a finite number, between 0 and 1, not 1.0"),
        ("eigencam", {"centred": 1}, "eigencam.centred is true or false, not 1"),
        ("rise", {"baseline": "greay"}, "one of mean, blur, black, grey, noise, not 'greay'; did you mean 'grey'?"),
        ("rise", {"baseline": 3}, "rise.baseline is one of mean, blur, black, grey, noise, not 3"),
        ("centre", {"match": "size"}, "centre.match is one of '', energy, energy+smoothness, not 'size'"),
        ("inverted", {"base": "gradcram"}, "not 'gradcram'; did you mean 'gradcam'?"),
        ("wrong_class", {"which": "best"}, "wrong_class.which is one of runner_up, least, not 'best'"),
        ("lime", {"masks": 40}, "'lime': 40 masks are too few for 36 cells: give at least 110"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_before_anything_runs(method, params, told, passes):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        explain(method, passes, [0], **params)
    assert told in str(caught.value)
    assert passes.runner.forwards == passes.runner.backwards == 0


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"])
def test_a_seed_is_a_number_from_0_on(seed, passes):
    with pytest.raises(ValueError, match="the seed of 'random' is a whole number, 0 or more, not"):
        explain("random", passes, [0], seed)


def test_numbers_of_numpy_and_whole_ones_for_others_are_taken(passes):
    entry = explainer["smoothgrad"]
    given = checked(entry, {"samples": np.int64(3), "noise": 1}, np.int32(4))
    assert given == {"samples": 3, "noise": 1}
    assert type(given["samples"]) is int
    assert checked(entry, {}) == {"samples": 25, "noise": 0.15}
    made = explain("smoothgrad", passes, [0], samples=np.int64(2), noise=1)
    assert isinstance(made, Maps)


def test_a_method_from_elsewhere_keeps_to_what_it_declares():
    def one(passes, targets, seed, *, depth: int = 3, which, **more):
        raise NotImplementedError

    entry = Entry("one", one, {"allowed": {"depth": between(2, 6)}})
    assert checked(entry, {"which": "a", "free": 1.5}) == {"depth": 3, "which": "a", "free": 1.5}
    for given, told in (
        ({"which": "a", "depth": 6}, r"one\.depth is a whole number, between 2 and 6, not 6"),
        ({}, r"one\.which has no default: give it"),
        ({"which": "a", "free": float("nan")}, r"one\.free is a finite number, a word, true or false, not nan"),
        ({"which": [1]}, r"one\.which is a finite number, a word, true or false, not \[1\]"),
    ):
        with pytest.raises(ValueError, match=told):
            checked(entry, given)


def test_what_is_written_is_read_by_the_same_rules():
    assert settings(["lime.masks=200", "lime.width=1", "lime.baseline=blur"], ["lime"]) == {
        "lime": {"masks": 200, "width": 1.0, "baseline": "blur"}
    }
    assert settings(["eigencam.centred=TRUE"], ["eigencam"]) == {"eigencam": {"centred": True}}
    for text, told in (
        ("lime.masks=4.5", r"lime\.masks is a whole number, 1 or more, not '4\.5'"),
        ("lime.width=0", r"lime\.width is a finite number, above 0, not 0\.0"),
        ("lime.widht=1", r"did you mean 'width'\? It has: grid, masks, width, ridge, baseline"),
    ):
        with pytest.raises(ValueError, match=told):
            settings([text], ["lime"])


def test_words_are_those_of_the_files_that_read_them():
    assert NAMED["baseline"].words == baseline.KINDS
    assert NAMED["match"].words == matching.CHOICES


@pytest.mark.parametrize(
    ("allowed", "inside", "outside", "said"),
    [
        (at_least(2), (2, 10**9), (1, -1, 1.9), "2 or more"),
        (above(0), (1e-9, 3), (0, -1), "above 0"),
        (between(0, 1), (0.5,), (0, 1, 2), "between 0 and 1"),
        (Allowed(0, 1), (0, 1), (-0.1, 1.1), "0 to 1"),
        (one_of("", "a"), ("", "a"), ("b",), "one of '', a"),
        (Allowed(), (-1, 1e30, "word"), (None,), ""),
    ],
)
def test_a_range_holds_what_it_says(allowed, inside, outside, said):
    assert all(allowed.holds(value) for value in inside)
    assert not any(allowed.holds(value) for value in outside)
    assert str(allowed) == said
