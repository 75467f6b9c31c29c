"""What Quantus 0.6.0 gets wrong, and ours does not."""

import numpy as np
import pytest
import torch

from ai.asked import Asked
from ai.quality.irof import irof
from ai.quality.local_lipschitz import local_lipschitz
from ai.quality.monotonicity import monotonicity
from ai.quality.road import road
from ai.quality.sensitivity_n import sensitivity_n
from ai.quality.sufficiency import sufficiency_alike
from tests.ai.quantus_side import PIXELS, PLAIN, ask, explain_for, quantus, same_noise
from tests.ai.tiny_net import SIDE, Linear, N, case, gradient, images, net, noisy_map

pytestmark = pytest.mark.filterwarnings("ignore")


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


def test_quantus_road_and_irof_fail_on_pictures_in_colour(monkeypatch):
    monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(N, 3, SIDE, SIDE)).astype(np.float32))
    here = case(Linear(np.random.default_rng(1).normal(size=(3, 3 * PIXELS))).eval(), x)
    with pytest.raises(IndexError):  # it counts the colours of a pixel as pixels
        ask(quantus.ROAD(percentages=[90], noise=0.0, **PLAIN), here, noisy_map())
    monkeypatch.setattr(quantus.helpers.utils, "get_superpixel_segments", lambda **_: np.indices((SIDE, SIDE))[0])
    with pytest.raises(AssertionError, match="shape"):
        ask(quantus.IROF(perturb_baseline=0.0, **PLAIN), here, noisy_map())
    assert np.isfinite(road(noisy_map(), here).values).all()
    assert np.isfinite(irof(noisy_map(), here, side=4).values).all()
