"""What every metric keeps to. A new file in ai/quality is tested here without another word.

Maps are random numbers on a tiny task with planted nets (tests/ai/squares.py): what is tested is the contract, not the value.
"""

import inspect
import re
from typing import get_args

import numpy as np
import pytest
import torch

from ai.passes import Passes
from ai.quality import CONSTANT, NEEDS, NOT_FINITE, Case, Scores, quality
from ai.surroundings import Surroundings
from ai.teammate import new, prepare
from game.lab import Family
from game.registry import quality as registry
from tests.ai import squares

NAMES = registry.names()
MAPS = tuple(n for n in NAMES if registry[n].info["reads"] == "map")
PAIRS = tuple(n for n in NAMES if registry[n].info["reads"] == "pair")
MODELS = tuple(n for n in NAMES if registry[n].info["reads"] == "model")
FAMILIES = set(get_args(Family))
FEW = {"draws": 2, "steps": 2, "layers": 2}
N = 3


def few(name):
    return {k: v for k, v in FEW.items() if k in registry[name].info["settings"]}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with squares.registered():
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def maps():
    rng = np.random.default_rng(5)
    return rng.normal(size=(N, squares.SIZE, squares.SIZE)).astype(np.float32)


@pytest.fixture
def case(maps):
    task = squares.Squares()
    scenes = task.scenes(N, 4)
    with torch.random.fork_rng():
        net = squares.planted({"square": 1, "stripe": 0.5})
    images = prepare(np.stack([task.draw(s, squares.SIZE) for s in scenes]))
    held = new(squares.NAME, 2)
    passes = Passes(net, images, layer=held.layer, has=held.has, model="squares", surroundings=Surroundings())
    parts = [task.parts(s, squares.SIZE) for s in scenes]
    evidence = [task.evidence(s, squares.SIZE) for s in scenes]
    targets = tuple(s.truth for s in scenes)

    def explain(passes, targets):
        return passes.gradient(targets).sum(1).cpu().numpy() * passes.images.sum(1).cpu().numpy()

    return Case(
        targets, signed=True, own=maps, passes=passes, explain=explain, method="own", specimens=tuple("abc"),
        masks={k: np.stack([e[k] for e in evidence]) for k in evidence[0]},
        weights={"square": np.full(N, 0.6), "stripe": np.full(N, 0.3)},
        confounder=np.stack([p["dot"] for p in parts]),
        parts={k: np.stack([p[k] for p in parts]) for k in parts[0]},
        variants=dict.fromkeys(("method_seed", "hyper_parameter", "model_seed", "checkpoint"), (maps + 0.1, maps[::-1])),
    )  # fmt: skip


def score(name, maps, case, other=None):
    entry = registry[name]
    given = (maps, maps[::-1].copy() if other is None else other, case) if name in PAIRS else (maps, case)
    return entry.thing(*given, **few(name))


def one_reason_each(made):
    assert isinstance(made, Scores)
    assert made.values.dtype == np.float64
    assert [bool(w) for w in made.why] == np.isnan(made.values).tolist()
    assert not np.isinf(made.values).any()


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    info, doc = registry[name].info, inspect.getdoc(registry[name].thing)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert info["family"] in FAMILIES
    assert info["reads"] in ("map", "pair", "model")
    assert info["better"] in ("higher", "lower", "")
    assert info["takes"] in ("positive", "absolute", "signed")
    assert set(info["needs"]) <= set(NEEDS)
    assert info["unit"]
    assert doc.startswith("Return ")
    assert info["cite"] or info["family"] in ("human", "variation", "agreement", "complexity", "localisation")


@pytest.mark.parametrize("name", NAMES)
def test_each_image_has_a_value_or_a_reason(name, maps, case):
    made = score(name, maps, case)
    one_reason_each(made)
    assert len(made.values) == N
    assert made.chance is None or (made.chance.shape == (N,) and ((made.chance >= 0) & (made.chance <= 1)).all())
    for x, y in made.curves.values():
        assert y.shape == (N, len(x))


@pytest.mark.parametrize("name", NAMES)
def test_a_map_that_cannot_be_judged_is_undefined_and_the_others_are_not(name, maps, case):
    bad = maps.copy()
    bad[1, 0, 0] = np.nan
    bad[2] = 0
    whole, made = score(name, maps, case), score(name, bad, case, maps[::-1].copy())
    one_reason_each(made)
    assert np.isnan(made.values[1:]).all() or registry[name].info["constant"]
    assert made.why[1] == NOT_FINITE
    assert made.why[2] == CONSTANT or registry[name].info["constant"]
    assert made.values[0] == pytest.approx(whole.values[0], abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", [n for n in NAMES if registry[n].info["needs"]])
def test_what_is_missing_is_named(name, maps):
    made = score(name, maps, Case((0, 1, 0), signed=True))
    assert np.isnan(made.values).all()
    assert set(made.why) <= set(NEEDS.values())


@pytest.mark.parametrize("name", NAMES)
def test_what_it_is_given_stays_as_it_was(name, maps, case):
    before, masks = maps.copy(), {k: v.copy() for k, v in case.masks.items()}
    score(name, maps, case)
    assert (maps == before).all()
    assert all((case.masks[k] == v).all() for k, v in masks.items())


@pytest.mark.parametrize("name", NAMES)
def test_the_same_again_gives_the_same(name, maps, case):
    one, other = score(name, maps, case), score(name, maps, case.with_(held={}))
    np.testing.assert_allclose(one.values, other.values, rtol=1e-6, equal_nan=True)


@pytest.mark.parametrize("name", [*MAPS, *PAIRS])
def test_an_image_is_judged_by_itself(name, maps, case):
    alone = case.with_(
        targets=case.targets[:1], specimens=("a",), own=maps[:1], confounder=case.confounder[:1],
        masks={k: v[:1] for k, v in case.masks.items()}, weights={k: v[:1] for k, v in case.weights.items()},
        parts={k: v[:1] for k, v in case.parts.items()},
        variants={k: tuple(m[:1] for m in v) for k, v in case.variants.items()},
    )  # fmt: skip
    other = maps[::-1].copy()
    assert score(name, maps[:1], alone, other[:1]).values[0] == pytest.approx(
        score(name, maps, case).values[0], nan_ok=True
    )


@pytest.mark.parametrize("name", PAIRS)
def test_two_maps_are_compared_either_way_round(name, maps, case):
    other = maps[::-1].copy()
    thing = registry[name].thing
    np.testing.assert_allclose(thing(maps, other, case).values, thing(other, maps, case).values, equal_nan=True)


@pytest.mark.parametrize("name", PAIRS)
def test_a_map_agrees_best_with_itself(name, maps, case):
    thing = registry[name].thing
    same, other = thing(maps, maps, case).values, thing(maps, -maps[:, ::-1], case).values
    far = registry[name].info["family"] == "human" or name == "earth_mover"
    assert (same <= other + 1e-9).all() if far else (same >= other - 1e-9).all()
    assert same == pytest.approx(0 if far else 1)


def test_a_signed_metric_of_two_maps_needs_two_signs(maps, case):
    signed = [n for n in PAIRS if registry[n].info["takes"] == "signed"]
    assert signed
    for name in signed:
        assert set(score(name, maps, case.with_(signed=False)).why) == {"the map has no sign"}


def test_a_reason_is_given_for_each_value():
    with pytest.raises(ValueError, match="1 reasons for 2 values"):
        Scores(np.zeros(2), ("why",))
    assert Scores(np.array([np.inf, 1])).why == ("it is not defined here", "")


def test_two_metrics_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two metrics are called 'spearman'"):

        @quality("spearman", family="agreement", reads="pair", cite="")
        def spearman(a, b, case):
            """Return nothing."""
