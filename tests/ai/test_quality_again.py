"""Robustness, randomisation and invariance: a method run again, on a model that is known by heart, and within a budget."""

import numpy as np
import pytest
import torch

from ai.budget import SPARED, Budget
from ai.engine import Refused, explain
from ai.layers import anew, layers, stages
from ai.quality.efficient_mprt import efficient_mprt, entropy
from ai.quality.input_invariance import input_invariance
from ai.quality.label_permuted import label_permuted
from ai.quality.local_lipschitz import local_lipschitz
from ai.quality.max_sensitivity import avg_sensitivity, max_sensitivity
from ai.quality.mprt import mprt_bottom_up, mprt_full, mprt_independent, mprt_top_down
from ai.quality.random_logit import random_logit
from ai.quality.relative_stability import (
    relative_input_stability,
    relative_output_stability,
    relative_representation_stability,
)
from ai.quality.smooth_mprt import smooth_mprt
from ai.relabelled import relabelled
from ai.shifted import Shifted
from ai.teammate import new
from tests.ai.tiny_net import SIDE, Linear, N, case, gradient, images, net, noisy_map

ROBUST = (
    max_sensitivity, avg_sensitivity, local_lipschitz,
    relative_input_stability, relative_output_stability, relative_representation_stability,
)  # fmt: skip
RANDOM = (mprt_top_down, mprt_bottom_up, mprt_independent, mprt_full, smooth_mprt, random_logit, label_permuted)


def same(passes, targets):
    """A method that reads neither image nor model."""
    del targets
    return np.repeat(noisy_map(n=1), len(passes), 0)


def linear():
    return Linear(np.random.default_rng(1).normal(size=(3, SIDE * SIDE)))


def test_the_gradient_of_a_linear_model_never_changes():
    here = case(linear())
    maps = gradient(here.passes, here.targets)
    for metric in ROBUST:
        np.testing.assert_allclose(metric(maps, here, draws=3).values, 0, atol=1e-6, err_msg=metric.__name__)
    np.testing.assert_allclose(input_invariance(maps, here).values, 0, atol=1e-6)


def test_gradient_times_input_changes_with_a_shift_that_the_model_does_not_see():
    def product(passes, targets):
        return gradient(passes, targets) * passes.images.sum(1).numpy()

    here = case(linear(), explain=product)
    assert (input_invariance(product(here.passes, here.targets), here).values > 0.1).all()


def test_a_map_that_reads_no_model_fails_every_randomisation():
    here = case(explain=same)
    maps = same(here.passes, here.targets)
    for metric in RANDOM:
        np.testing.assert_allclose(metric(maps, here).values, 1, atol=1e-9, err_msg=metric.__name__)
    np.testing.assert_allclose(efficient_mprt(maps, here).values, 0, atol=1e-9)


def test_the_gradient_passes_when_all_is_drawn_anew():
    here = case()
    maps = gradient(here.passes, here.targets)
    assert np.abs(mprt_full(maps, here).values).mean() < 0.5
    made = mprt_top_down(maps, here, layers=3)
    x, y = made.curves["MPRT, top down"]
    assert x.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(y[:, -1], mprt_full(maps, here).values, atol=1e-9)
    np.testing.assert_allclose(y.mean(1), made.values)


def test_six_metrics_of_robustness_run_a_method_once():
    counted = list[int]()

    def counting(passes, targets):
        counted.append(len(passes))
        return gradient(passes, targets)

    here = case(explain=counting)
    maps = gradient(here.passes, here.targets)
    for metric in ROBUST:
        metric(maps, here, draws=5)
    assert counted == [1, 5 * N], "once on one image for its cost, once on all noisy images"
    before = len(counted)
    for metric in (mprt_top_down, mprt_bottom_up, mprt_independent):
        metric(maps, here, layers=3)
    mprt_full(maps, here), efficient_mprt(maps, here)
    assert len(counted) - before == 3 + 2 + 1, "cascades end in one model and begin with models of one group"


def test_noise_is_the_same_for_every_method_and_every_number_of_draws():
    seen = list[torch.Tensor]()

    def looking(passes, targets):
        seen.append(passes.images)
        return gradient(passes, targets)

    here = case(explain=looking)
    maps = gradient(here.passes, here.targets)
    max_sensitivity(maps, here, draws=3)
    max_sensitivity(maps, here.with_(method="another"), draws=3)
    max_sensitivity(maps, here, draws=5)
    few, again, many = (pictures for pictures in seen if len(pictures) > 1)
    assert few is again
    assert torch.equal(many[: 3 * N], few)
    assert (few - here.passes.images.repeat(3, 1, 1, 1)).abs().max() <= 0.2


def test_a_dear_method_is_run_on_fewer_images_and_says_so():
    def dear(passes, targets):
        passes.runner.forwards += 500 * len(passes)
        return gradient(passes, targets)

    here = case(x=images(n=12), explain=dear)
    made = max_sensitivity(gradient(here.passes, here.targets), here, draws=8)
    assert np.isfinite(made.values).tolist() == [True] * 2 + [False] * 10
    assert made.why[5] == SPARED.format(2, 502)
    assert made.why[5].startswith("not asked: ")


def test_a_budget_never_gives_more_than_was_asked_for():
    for weight in (0, 12, 12.5, 120, 121, 1e5):
        for n in (1, 2, 5, 12, 48):
            made = Budget.of(weight, n, 6, 4)
            assert 1 <= made.images <= n
            assert 1 <= made.draws <= 6
            assert 1 <= made.layers <= 4
    assert Budget.of(500, 12, 1, 1).draws == 1


def test_a_method_that_cannot_be_run_again_is_undefined_with_its_reason():
    def refusing(passes, targets):
        raise Refused_of(passes, targets)

    class Refused_of(ValueError):  # noqa: N801
        pass

    here = case(explain=refusing)
    made = max_sensitivity(noisy_map(), here)
    assert np.isnan(made.values).all()
    assert made.why[0].startswith("the method cannot be run again here")
    assert max_sensitivity(noisy_map(), case(explain=None)).why[0] == "the method cannot be run again"
    assert issubclass(Refused, ValueError)


def test_relative_stability_counts_draws_that_keep_the_answer_only():
    steep = Linear(np.random.default_rng(1).normal(size=(3, SIDE * SIDE)) * 0)
    steep.head.weight.data[0, 0], steep.head.weight.data[1, 0] = 1000, -1000
    x = images() * 0  # on the edge between two answers: any noise decides
    here = case(steep, x, targets=(0,) * N, explain=lambda p, t: p.images[:, 0].numpy() + 1)
    made = relative_output_stability(noisy_map(), here, draws=1)
    lost = np.isnan(made.values)
    assert all(why == "every noisy image gets another answer" for why, bad in zip(made.why, lost, strict=True) if bad)
    assert np.isfinite(relative_output_stability(noisy_map(), here, draws=12).values).any()


def test_layers_are_drawn_anew_each_by_its_own_seed():
    module = net()
    before = {k: v.clone() for k, v in module.state_dict().items()}
    names = layers(module)
    assert names == ("one", "two", "head")
    made = anew(module, {"two"}, 0)
    changed = {k for k, v in made.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"two.weight", "two.bias"}
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items()), "the model itself is never touched"
    assert torch.equal(anew(module, names, 0).two.weight, made.two.weight), "whatever else is drawn"
    assert not torch.equal(anew(module, names, 1).two.weight, made.two.weight)
    vit = new("small_vit", 4).module
    assert layers(vit)[0] == "", "what stands alone, as the class token, belongs to the module itself"
    assert not torch.equal(anew(vit, layers(vit), 0).place, vit.place)


def test_stages_end_with_the_whole_model_and_cover_it():
    module = net()
    assert stages(module, "top_down", 3) == [{"head"}, {"head", "two"}, {"head", "two", "one"}]
    assert stages(module, "bottom_up", 2)[-1] == {"one", "two", "head"}
    assert frozenset().union(*stages(module, "independent", 2)) == {"one", "two", "head"}
    assert len(stages(module, "top_down", 99)) == 3
    with pytest.raises(ValueError, match="no order is called 'sideways'"):
        stages(module, "sideways", 2)


@pytest.mark.parametrize(
    ("name", "method"), [("small_cnn", "gradcam"), ("small_cnn", "guided_backprop"), ("small_vit", "chefer")]
)
def test_a_shifted_model_gives_equal_answers_and_methods_can_read_it(name, method):
    mate = new(name, 3, seed=1)
    mate.module.eval()
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 3, 48, 48)).astype(np.float32))
    made = Shifted(mate.module, 3, 0.5)
    with torch.no_grad():
        torch.testing.assert_close(made(x + 0.5), mate.module(x), atol=1e-4, rtol=1e-4)
    from ai.passes import Passes

    plain = Passes(mate.module, x, layer=mate.layer, has=mate.has)
    other = Passes(made, x + 0.5, layer=f"inside.{mate.layer}", has=mate.has)
    a, b = (explain(method, p, [0, 1]).values for p in (plain, other))
    assert np.abs(a - b).max() <= 0.02 * np.abs(a).max()


def test_a_model_learns_wrong_labels_by_heart_or_says_that_it_did_not():
    here = case(x=images(n=8))
    made = relabelled(here.passes.module, here.passes.images, here.targets, 3, 0)
    with torch.no_grad():
        answers = made(here.passes.images).argmax(1).tolist()
    assert sum(a != t for a, t in zip(answers, here.targets, strict=True)) >= 7
    with pytest.raises(ValueError, match="cannot be permuted"):
        relabelled(here.passes.module, here.passes.images, here.targets, 1, 0)
    dead = Linear(np.zeros((3, SIDE * SIDE)))
    with pytest.raises(ValueError, match="learned only"):
        relabelled(dead, torch.zeros(6, 1, SIDE, SIDE), [0, 1, 2, 0, 1, 2], 3, 0)


def test_entropy_is_that_of_the_histogram():
    flat = np.arange(100, dtype=np.float32).reshape(1, 10, 10)
    assert entropy(flat, 100)[0] == pytest.approx(np.log(100))
    half = np.repeat([0.0, 1.0], 50).astype(np.float32).reshape(1, 10, 10)
    assert entropy(half, 100)[0] == pytest.approx(np.log(2))


def test_golden_values_on_a_tiny_fixed_model():
    k = np.arange(3 * SIDE * SIDE).reshape(3, SIDE * SIDE)

    def product(passes, targets):
        return gradient(passes, targets) * passes.images.sum(1).numpy()

    here = case(Linear(np.cos(0.37 * k) * 0.4), explain=product)
    maps = product(here.passes, here.targets)
    for metric, expected in ((max_sensitivity, GOLDEN[0]), (avg_sensitivity, GOLDEN[1]), (local_lipschitz, GOLDEN[2])):
        np.testing.assert_allclose(metric(maps, here, draws=4).values, expected, atol=1e-3)


GOLDEN = (
    [0.1254, 0.1345, 0.1246, 0.1262],
    [0.117, 0.1238, 0.1127, 0.113],
    [0.1252, 0.1418, 0.1175, 0.1284],
)
