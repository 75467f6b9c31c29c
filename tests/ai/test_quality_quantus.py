"""Metrics that ask the model equal Quantus 0.6.0 where it is right; `test_quality_defects.py` tells where it is not."""

import numpy as np
import pytest

from ai.asked import Asked
from ai.layers import layers
from ai.quality.efficient_mprt import efficient_mprt
from ai.quality.faithfulness_correlation import faithfulness_correlation
from ai.quality.faithfulness_estimate import faithfulness_estimate
from ai.quality.irof import irof
from ai.quality.local_lipschitz import local_lipschitz
from ai.quality.max_sensitivity import avg_sensitivity, max_sensitivity
from ai.quality.monotonicity import monotonicity_correlation
from ai.quality.mprt import mprt_bottom_up, mprt_independent, mprt_top_down
from ai.quality.non_sensitivity import non_sensitivity
from ai.quality.pixel_flipping import pixel_flipping
from ai.quality.random_logit import random_logit
from ai.quality.region_perturbation import region_perturbation
from ai.quality.relative_stability import (
    relative_input_stability,
    relative_output_stability,
    relative_representation_stability,
)
from ai.quality.sufficiency import sufficiency_alike
from ai.superpixels import superpixels
from tests.ai.quantus_side import PIXELS, PLAIN, ask, explain_for, quantus, same_noise
from tests.ai.tiny_net import CLASSES, SIDE, Linear, N, case, gradient, images, noisy_map

pytestmark = pytest.mark.filterwarnings("ignore")


def test_pixel_flipping_is_equal():
    here, maps = case(), noisy_map()
    theirs = ask(quantus.PixelFlipping(features_in_step=8, perturb_baseline=0.0, **PLAIN), here, maps)
    _, ours = pixel_flipping(maps, here, steps=8, baseline="grey").curves["pixel flipping"]
    np.testing.assert_allclose(ours[:, 1:], np.array(theirs), atol=1e-6)


def test_region_perturbation_is_equal():
    here, maps = case(), noisy_map()
    metric = quantus.RegionPerturbation(patch_size=2, regions_evaluation=10, perturb_baseline=0.0, **PLAIN)
    theirs = ask(metric, here, maps)
    made = region_perturbation(maps, here, side=4, each=1, steps=10, baseline="grey")
    np.testing.assert_allclose(made.curves["region perturbation"][1][:, 1:], np.array(theirs), atol=1e-6)


def test_faithfulness_correlation_is_equal_on_the_same_subsets(monkeypatch):
    here, maps = case(), noisy_map()
    masks, _ = Asked.of(here).subsets(SIDE, 13, 40, "grey")
    chosen = iter(np.repeat([np.flatnonzero(m) for m in masks.numpy()], N, 0))
    monkeypatch.setattr(np.random, "choice", lambda *_, **__: next(chosen))
    metric = quantus.FaithfulnessCorrelation(nr_runs=40, subset_size=13, perturb_baseline=0.0, **PLAIN)
    theirs = ask(metric, here, maps)
    ours = faithfulness_correlation(maps, here, draws=40, side=SIDE, share=13 / PIXELS, baseline="grey")
    np.testing.assert_allclose(ours.values, theirs, atol=1e-5)


def test_faithfulness_estimate_is_equal():
    here, maps = case(), noisy_map()
    theirs = ask(quantus.FaithfulnessEstimate(features_in_step=1, perturb_baseline=0.0, **PLAIN), here, maps)
    ours = faithfulness_estimate(maps, here, side=SIDE, baseline="grey")
    np.testing.assert_allclose(ours.values, theirs, atol=1e-5)


def test_monotonicity_correlation_is_equal():
    here, maps = case(), noisy_map()
    metric = quantus.MonotonicityCorrelation(
        features_in_step=1, nr_samples=1, perturb_baseline=0.0, **{**PLAIN, "abs": True}
    )
    theirs = ask(metric, here, maps)
    ours = monotonicity_correlation(maps, here, side=SIDE, baseline="grey")
    np.testing.assert_allclose(ours.values, theirs, atol=2e-3)  # ranks of changes near 1e-7 differ in single precision


def test_irof_is_equal(monkeypatch):
    here, maps = case(), noisy_map()
    areas = superpixels(here.passes.images.numpy(), 3)
    asked = iter(areas)
    monkeypatch.setattr(quantus.helpers.utils, "get_superpixel_segments", lambda **_: next(asked))
    monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)  # numpy 2.4 has none, and theirs stops
    theirs = ask(quantus.IROF(perturb_baseline=0.0, **PLAIN), here, maps)
    most = max(int(a.max()) + 1 for a in areas)
    _, y = irof(maps, here, steps=most, side=3, baseline="grey").curves["IROF"]
    held = [int(a.max()) + 1 for a in areas]
    ours = [k - np.trapezoid(row[1 : k + 1]) for k, row in zip(held, y, strict=True)]
    full = [i for i, k in enumerate(held) if k == most]  # where areas are fewer, theirs adds a slope down to zero
    np.testing.assert_allclose(np.array(ours)[full], np.array(theirs)[full], atol=1e-5)


def test_non_sensitivity_is_equal():
    here, maps = case(), noisy_map()
    maps[:, :3] *= 1e-7
    maps /= np.abs(maps).max((1, 2), keepdims=True)
    metric = quantus.NonSensitivity(eps=1e-3, features_in_step=1, perturb_baseline=0.0, **{**PLAIN, "abs": True})
    theirs = ask(metric, here, maps)
    ours = non_sensitivity(maps, here, side=SIDE, baseline="grey", small=1e-3, moved=1e-3)
    np.testing.assert_array_equal(np.round(ours.values * PIXELS), np.array(theirs))


@pytest.mark.parametrize(("metric", "name"), [(max_sensitivity, "MaxSensitivity"), (avg_sensitivity, "AvgSensitivity")])
def test_sensitivity_is_equal_under_the_same_noise(metric, name):
    here = case()
    maps = gradient(here.passes, here.targets)
    theirs = ask(
        getattr(quantus, name)(nr_samples=5, perturb_func=same_noise(here, 5), **PLAIN),
        here, maps, explain_func=explain_for(),
    )  # fmt: skip
    np.testing.assert_allclose(metric(maps, here, draws=5).values, theirs, rtol=1e-4)


def test_local_lipschitz_is_equal_under_the_same_noise():
    here = case()
    maps = gradient(here.passes, here.targets)
    metric = quantus.LocalLipschitzEstimate(nr_samples=5, perturb_func=same_noise(here, 5), **PLAIN)
    theirs = ask(metric, here, maps, explain_func=explain_for())
    np.testing.assert_allclose(local_lipschitz(maps, here, draws=5, scale="none").values, theirs, rtol=1e-4)


STABLE = {
    "RelativeInputStability": (relative_input_stability, {}),
    "RelativeOutputStability": (relative_output_stability, {}),
    "RelativeRepresentationStability": (relative_representation_stability, {"layer_names": ["flat"]}),
}


@pytest.mark.parametrize("name", STABLE)
def test_relative_stability_is_equal_under_the_same_noise(name):
    here, (metric, more) = case(), STABLE[name]
    maps = gradient(here.passes, here.targets)
    made = getattr(quantus, name)(nr_samples=5, perturb_func=same_noise(here, 5), **PLAIN, **more)
    theirs = np.asarray(ask(made, here, maps, explain_func=explain_for()))
    ours = metric(maps, here, draws=5, floor=1e-9).values
    kept = np.isfinite(theirs)  # theirs is undefined as soon as one draw changes the answer
    assert kept.any()
    np.testing.assert_allclose(ours[kept], theirs[kept], rtol=1e-3)


ORDERS = {"top_down": mprt_top_down, "bottom_up": mprt_bottom_up, "independent": mprt_independent}


@pytest.mark.parametrize("order", ORDERS)
def test_mprt_is_equal_layer_by_layer_on_the_same_weights(order, monkeypatch):
    here = case()
    maps = gradient(here.passes, here.targets)
    theirs = ask(quantus.MPRT(layer_order=order, seed=42, **PLAIN), here, maps, explain_func=explain_for())
    monkeypatch.setattr("ai.layers.zlib.crc32", lambda _: 43)  # their seed for every layer
    count = len(layers(here.passes.module))
    (_, y) = ORDERS[order](maps, here, layers=count).curves[f"MPRT, {order.replace('_', ' ')}"]
    assert len(theirs) == count + 1  # and the model as it is, called "original"
    np.testing.assert_allclose(y, np.array(list(theirs.values())[1:]).T, atol=1e-4)


def test_efficient_mprt_is_equal_on_the_same_weights(monkeypatch):
    here = case()
    maps = gradient(here.passes, here.targets)
    metric = quantus.EfficientMPRT(layer_order="bottom_up", seed=42, **PLAIN)
    theirs = ask(metric, here, maps, explain_func=explain_for())
    monkeypatch.setattr("ai.layers.zlib.crc32", lambda _: 43)
    np.testing.assert_allclose(efficient_mprt(maps, here).values, theirs, rtol=1e-4)


def test_random_logit_is_equal_where_there_is_one_other_class():
    rng = np.random.default_rng(0)
    here = case(Linear(rng.normal(size=(2, PIXELS))))
    maps = gradient(here.passes, here.targets)
    metric = quantus.RandomLogit(num_classes=2, similarity_func=quantus.similarity_func.correlation_spearman, **PLAIN)
    theirs = ask(metric, here, maps, explain_func=explain_for())
    np.testing.assert_allclose(random_logit(maps, here).values, theirs, atol=1e-6)


def test_sufficiency_is_equal_where_some_map_is_alike():
    here, maps = case(x=images(n=12)), noisy_map(n=12)
    maps[6:] = maps[:6] + 0.05 * noisy_map(seed=2, n=6)
    theirs = np.array(ask(quantus.Sufficiency(threshold=0.6, **{**PLAIN, "abs": True}), here, maps))
    ours = sufficiency_alike(maps, here, threshold=0.6).values
    kept = np.isfinite(ours)
    assert kept.any()
    np.testing.assert_allclose(ours[kept], theirs[kept], atol=1e-9)


def test_the_number_of_classes_is_what_the_tests_say():
    assert case().passes.logits().shape == (N, CLASSES)
