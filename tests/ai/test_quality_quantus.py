"""Metrics that ask the model equal Quantus 0.6.0 where it is right; where it is not, a test shows how it is wrong."""

import warnings

import numpy as np
import pytest
import torch

from ai.asked import Asked
from ai.layers import layers
from ai.quality.efficient_mprt import efficient_mprt
from ai.quality.faithfulness_correlation import faithfulness_correlation
from ai.quality.faithfulness_estimate import faithfulness_estimate
from ai.quality.irof import irof
from ai.quality.local_lipschitz import local_lipschitz
from ai.quality.max_sensitivity import avg_sensitivity, max_sensitivity
from ai.quality.monotonicity import monotonicity, monotonicity_correlation
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
from ai.quality.sensitivity_n import sensitivity_n
from ai.quality.sufficiency import sufficiency_alike
from ai.superpixels import superpixels
from tests.ai.tiny_net import CLASSES, SIDE, Linear, N, case, gradient, images, net, noisy_map

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    quantus = pytest.importorskip("quantus", "0.6.0")

pytestmark = pytest.mark.filterwarnings("ignore")
PIXELS = SIDE * SIDE
QUIET = {"disable_warnings": True, "display_progressbar": False}
PLAIN = {**QUIET, "normalise": False, "abs": False, "return_aggregate": False}


def explain_for(calls=None):
    """Quantus' way to ask for gradients of the target's logit."""

    def explain(model, inputs, targets, **_):
        x = torch.as_tensor(np.asarray(inputs), dtype=torch.float32).requires_grad_()
        logits = model(x)
        chosen = logits.gather(1, torch.as_tensor(np.asarray(targets))[:, None]).sum()
        if calls is not None:
            calls.append(len(x))
        return torch.autograd.grad(chosen, x)[0].numpy()

    return explain


def ask(metric, here, maps, **more):
    x, y = here.passes.images.numpy(), np.array(here.targets)
    a = None if maps is None else maps[:, None].copy()
    return metric(model=here.passes.module, x_batch=x, y_batch=y, a_batch=a, channel_first=True, **more)


def same_noise(here, draws):
    """Return a perturbation that gives Quantus our noisy images, one draw a call."""
    shape = tuple(here.passes.images.shape)
    drawn = [np.random.default_rng([here.seed, j]).random(shape, np.float32) * 2 - 1 for j in range(draws)]
    left = iter(drawn)

    def perturb(arr, **_):
        return arr + 0.2 * next(left).reshape(arr.shape)

    return perturb


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


# What Quantus gets wrong, and ours does not.


def test_quantus_monotonicity_is_true_of_every_map():
    here = case()
    metric = quantus.Monotonicity(features_in_step=4, perturb_baseline="black", **PLAIN)
    for seed in range(3):  # it puts the baseline where the baseline is: the picture never comes back
        assert all(ask(metric, here, noisy_map(seed)))
    assert (monotonicity(noisy_map(), here).values < 1).any()


def test_quantus_infidelity_adds_squares_up_and_draws_nothing():
    here, maps = case(), noisy_map()
    once, thrice = (
        ask(quantus.Infidelity(perturb_patch_sizes=[2], n_perturb_samples=n, perturb_baseline=0.0, **PLAIN), here, maps)
        for n in (1, 3)
    )
    np.testing.assert_allclose(once, thrice)  # three times the passes for the same numbers
    x, asked = here.passes.images, Asked.of(here)
    cells = asked.grid(4)[0]
    gaps = list[np.ndarray]()
    for k in range(1, 17):  # square after square, from the top left corner on: not one at a time
        gone = cells < k
        shown = torch.where(gone, 0.0, x)
        fall = asked.plain(N, probability=False) - asked.target(here.passes.forward(shown), probability=False)
        gaps.append(fall - (maps * (x - shown)[:, 0].numpy()).sum((1, 2)))
    np.testing.assert_allclose(once, np.mean(np.square(gaps), 0), rtol=1e-3)


def test_quantus_sensitivity_n_compares_images_with_each_other():
    here, maps = case(x=images(n=1)), noisy_map(n=1)
    metric = quantus.SensitivityN(features_in_step=8, n_max_percentage=1.0, perturb_baseline=0.0, **PLAIN)
    with pytest.raises(ValueError, match="at least 2"):  # of one image it can say nothing
        ask(metric, here, maps)
    assert np.isfinite(sensitivity_n(maps, here, side=SIDE).values).all()


def test_quantus_road_counts_the_first_batch_only():
    here, maps = case(x=images(n=6)), noisy_map(n=6)
    all_of = quantus.ROAD(percentages=[10, 60], noise=0.0, **PLAIN)
    some = quantus.ROAD(percentages=[10, 60], noise=0.0, **PLAIN)
    first = case(x=images(n=6)[:2], targets=here.targets[:2])
    told = ask(all_of, here, maps, batch_size=2)
    assert told == ask(some, first, maps[:2], batch_size=2)


def test_quantus_normalises_over_the_batch_so_that_a_score_depends_on_its_neighbours():
    here = case()
    maps = gradient(here.passes, here.targets)
    scores = []
    for factor in (1, 100):
        given = maps.copy()
        given[1:] *= factor  # the other images' maps
        metric = quantus.LocalLipschitzEstimate(
            nr_samples=2, perturb_func=same_noise(here, 2), **{**PLAIN, "normalise": True}
        )
        scores.append(ask(metric, here, given, explain_func=explain_for())[0])
    assert abs(scores[0] - scores[1]) > 0.05 * abs(scores[0])
    other = maps.copy()
    other[1:] *= 100
    assert local_lipschitz(other, here, draws=2).values[0] == pytest.approx(
        local_lipschitz(maps, here, draws=2).values[0]
    )


def test_quantus_relative_stability_only_makes_images_brighter():
    from quantus.functions.perturb_func import batch_uniform_noise

    x = np.zeros((2, PIXELS))
    moved = batch_uniform_noise(x, np.tile(np.arange(PIXELS), (2, 1)), upper_bound=0.2)  # its default for RIS, ROS, RRS
    assert moved.min() >= 0.02


def test_quantus_mprt_counts_the_trained_model_and_draws_alike_layers_alike():
    here = case()
    maps = gradient(here.passes, here.targets)
    by_layer = ask(quantus.MPRT(seed=42, **PLAIN), here, maps, explain_func=explain_for())
    mean = ask(quantus.MPRT(seed=42, return_average_correlation=True, **PLAIN), here, maps, explain_func=explain_for())
    np.testing.assert_allclose(mean, np.mean(list(by_layer.values()), 0))  # "original", always 1, among them
    from quantus.helpers.model.pytorch_model import PyTorchModel

    twins = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)).eval()
    *_, (_, last) = PyTorchModel(twins).get_random_layer_generator("bottom_up", 42)
    assert torch.equal(last[0].weight, last[1].weight)


def test_quantus_input_invariance_shifts_another_model_at_the_border():
    from quantus.helpers.model.pytorch_model import PyTorchModel

    from ai.shifted import Shifted

    module, x = net(), images()
    shifted = PyTorchModel(module).add_mean_shift_to_first_layer(1.0, tuple(x[:1].shape))
    with torch.no_grad():
        assert (shifted(x + 1) - module(x)).abs().max() > 0.01  # a convolution pads with zeros, not with the shift
        torch.testing.assert_close(Shifted(module, 1, 1.0)(x + 1), module(x), atol=1e-5, rtol=1e-5)


def test_quantus_sufficiency_of_a_map_like_no_other_is_zero():
    here = case()
    maps = noisy_map() * np.array([1, 5, 25, 125], np.float32)[:, None, None]
    theirs = np.array(ask(quantus.Sufficiency(threshold=1e-3, **{**PLAIN, "abs": True}), here, maps))
    made = sufficiency_alike(maps, here, threshold=1e-3)
    assert (theirs == 0).all()
    assert np.isnan(made.values).all()
    assert made.why[0] == "no other image has a like map"


def test_quantus_non_sensitivity_of_steps_fails():
    here = case()
    metric = quantus.NonSensitivity(features_in_step=4, perturb_baseline=0.0, **{**PLAIN, "abs": True})
    with pytest.raises(ValueError, match="broadcast"):
        ask(metric, here, noisy_map())


def test_the_number_of_classes_is_what_the_tests_say():
    assert case().passes.logits().shape == (N, CLASSES)
