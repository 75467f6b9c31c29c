"""Maps of the models that ship, made image by image and thirty-two at a time: the same numbers."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from ai.engine import explain, refused_by
from ai.explanation import Examples, Maps, Pictures
from ai.one_image import teammate
from ai.passes import Passes
from ai.specimens.moths import Moths
from ai.surroundings import surround
from ai.teammate import prepare
from game.registry import explainer

FEW = {
    "grid": 4,
    "masks": 50,
    "samples": 4,
    "steps": 4,
    "orders": 2,
    "permutations": 2,
    "nodes": 4,
    "n": 8,
    "window": 32,
    "stride": 32,
}
IMAGES = 2
LOOSER = {"smoothed_random": 1e-3}
"""Matched step by step to another map, every step carrying the rounding of the one before."""


@pytest.fixture(scope="module")
def scenes():
    return Moths().scenes(IMAGES + 12, 41)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["small_cnn", "small_vit"])
def test_maps_are_the_same_one_by_one_and_thirty_two_at_a_time(kind, scenes):
    mate, _ = teammate(kind)
    if kind == "small_vit":
        del mate.module.blocks[2:]  # half of it says as much, in half the time
        mate = replace(mate, layer="blocks.1.norm_1")
    shown, rest = scenes[:IMAGES], scenes[IMAGES:]
    x = prepare(np.stack([Moths().draw(scene, mate.size) for scene in shown]))
    around = surround(Moths(), mate, shown, gallery=rest, others=rest)

    def passes(images, batch):
        about = {"layer": mate.layer, "has": mate.has, "model": kind, "surroundings": around}
        return Passes(mate.module, images, batch=batch, **about)

    whole, apart, targets = passes(x, 32), [passes(x[i : i + 1], 1) for i in range(IMAGES)], [0, 1]
    seen = 0
    for name in explainer.names():
        if refused_by(name, whole) is not None:
            continue
        given = {k: v for k, v in FEW.items() if k in inspect.signature(explainer[name].thing).parameters}
        many = numbers(explain(name, whole, targets, 5, **given))
        one = np.concatenate([numbers(explain(name, apart[i], targets[i : i + 1], 5, **given)) for i in range(IMAGES)])
        scale = max(1.0, float(np.abs(many).max()))
        assert np.abs(one - many).max() <= LOOSER.get(name, 1e-5) * scale, name
        seen += 1
    assert seen >= {"small_cnn": 40, "small_vit": 40}[kind], seen


def numbers(made):
    match made:
        case Maps():
            return made.values
        case Pictures():
            return made.values.astype(np.float64)
        case Examples():
            return made.scores
    raise AssertionError(made)
