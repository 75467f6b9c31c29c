"""Faithfulness: what a model that is known by heart must give, one pool for all methods, golden values."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ai.asked import Asked
from ai.curves import area, shares
from ai.inpainting import inpainted
from ai.quality.deletion import deletion_blur, deletion_inpaint, deletion_mean, deletion_noise
from ai.quality.faithfulness_correlation import faithfulness_correlation
from ai.quality.faithfulness_estimate import faithfulness_estimate
from ai.quality.infidelity import infidelity
from ai.quality.insertion import insertion_blur, insertion_inpaint, insertion_mean, insertion_noise
from ai.quality.irof import irof
from ai.quality.monotonicity import monotonicity, monotonicity_correlation
from ai.quality.non_sensitivity import non_sensitivity
from ai.quality.pixel_flipping import pixel_flipping
from ai.quality.region_perturbation import region_perturbation
from ai.quality.road import road
from ai.quality.sensitivity_n import sensitivity_n
from ai.quality.sufficiency import necessity, sufficiency, sufficiency_alike
from ai.removal import ranks
from tests.ai.tiny_net import SIDE, Linear, N, case, images, noisy_map

PIXELS = SIDE * SIDE
SMALL = {"side": SIDE, "baseline": "grey"}


def linear():
    """A model that adds up weighted pixels, and the exact map: weight times pixel, for its own answer."""
    weights = np.random.default_rng(1).normal(size=(3, PIXELS))
    here = case(Linear(weights))
    exact = weights[list(here.targets)].reshape(N, SIDE, SIDE) * here.passes.images[:, 0].numpy()
    return here, exact.astype(np.float32)


def test_the_exact_map_of_a_linear_model_is_perfectly_faithful():
    here, exact = linear()
    for metric in (faithfulness_correlation, faithfulness_estimate, sensitivity_n):
        np.testing.assert_allclose(metric(exact, here, **SMALL).values, 1, atol=1e-5)
    np.testing.assert_allclose(infidelity(exact, here, **SMALL).values, 0, atol=1e-6)
    np.testing.assert_allclose(infidelity(3 * exact, here, **SMALL).values, 0, atol=1e-6)
    assert (infidelity(3 * exact, here, scale="none", **SMALL).values > 1).all()
    np.testing.assert_allclose(infidelity(exact, here, scale="none", **SMALL).values, 0, atol=1e-4)


def test_the_map_upside_down_is_perfectly_unfaithful():
    here, exact = linear()
    for metric in (faithfulness_correlation, faithfulness_estimate, sensitivity_n):
        np.testing.assert_allclose(metric(-exact, here, **SMALL).values, -1, atol=1e-5)


def test_the_exact_map_beats_noise_and_its_own_opposite():
    here, exact = linear()
    noise = noisy_map()
    for metric, sign in ((pixel_flipping, -1), (region_perturbation, 1), (deletion_mean, -1), (insertion_mean, 1)):
        more = {"side": 4, "each": 2, "baseline": "grey"} if metric is region_perturbation else {}
        best, some, worst = (metric(m, here, **more).values.mean() * sign for m in (exact, noise, -exact))
        assert best > some > worst, metric.__name__


def test_a_random_map_has_the_chance_value_that_is_stated():
    here, _ = linear()
    many = [noisy_map(seed) for seed in range(60)]
    for metric, expected in (
        (faithfulness_correlation, 0),
        (faithfulness_estimate, 0),
        (sensitivity_n, 0),
        (infidelity, 1),
    ):
        got = np.mean([metric(m, here, **SMALL).values for m in many])
        assert got == pytest.approx(expected, abs=0.06), metric.__name__


def test_what_depends_on_no_map_is_run_once_for_all_methods():
    here = case()
    one, other = noisy_map(1), noisy_map(2)
    runner = here.passes.runner
    faithfulness_correlation(one, here, **SMALL), sensitivity_n(one, here, **SMALL)
    faithfulness_estimate(one, here, **SMALL)
    before = runner.forwards
    for metric in (faithfulness_correlation, sensitivity_n, faithfulness_estimate, infidelity, non_sensitivity):
        metric(other, here, **SMALL)
    assert runner.forwards == before


def test_metrics_that_read_one_curve_share_it():
    here, maps = case(), noisy_map()
    deletion_blur(maps, here), insertion_blur(maps, here), deletion_mean(maps, here), deletion_inpaint(maps, here)
    before = here.passes.runner.forwards
    sufficiency(maps, here), necessity(maps, here), monotonicity(maps, here), road(maps, here)
    assert here.passes.runner.forwards == before


def test_several_methods_at_once_give_what_each_gives_alone():
    here, one, other = case(), noisy_map(1), noisy_map(2)
    both = np.concatenate([one, other])
    for metric in (deletion_blur, pixel_flipping, region_perturbation, irof, road, faithfulness_correlation, infidelity,
                   monotonicity_correlation, sufficiency_alike, non_sensitivity, sensitivity_n):  # fmt: skip
        more = {"side": 4} if metric in (region_perturbation, irof, faithfulness_correlation, infidelity, non_sensitivity,
                                         sensitivity_n, monotonicity_correlation) else {}  # fmt: skip
        more |= {"each": 1} if metric is region_perturbation else {}
        together = metric(both, here, **more).values
        alone = np.concatenate([metric(m, case(), **more).values for m in (one, other)])
        np.testing.assert_allclose(together, alone, atol=1e-5, err_msg=metric.__name__)


def test_maps_that_are_no_whole_sets_are_refused():
    with pytest.raises(ValueError, match="5 maps for 4 images: give one each"):
        deletion_blur(noisy_map(n=5), case())
    with pytest.raises(ValueError, match="enlarge them first"):
        deletion_blur(np.random.default_rng(0).random((4, 4, 4), np.float32), case())
    with pytest.raises(ValueError, match="6 steps of 99 squares are more than the 16"):
        region_perturbation(noisy_map(), case(), side=4, each=99)


def test_a_map_that_cannot_be_judged_is_undefined_with_the_reason():
    here, maps = case(), noisy_map()
    maps[0], maps[1, 0, 0] = 1, np.nan
    for metric in (deletion_blur, faithfulness_correlation, irof, sufficiency_alike):
        more = {"side": 4} if metric in (faithfulness_correlation, irof) else {}
        made = metric(maps, here, **more)
        assert np.isnan(made.values[:2]).all(), metric.__name__
        assert made.why[:2] == ("the map is the same everywhere", "the map holds a number that is not finite")


def test_a_model_that_reacts_to_nothing_makes_correlations_undefined():
    here = case(Linear(np.zeros((3, PIXELS))))
    for metric in (faithfulness_correlation, faithfulness_estimate, sensitivity_n):
        made = metric(noisy_map(), here, **SMALL)
        assert np.isnan(made.values).all()
        assert "reacts to every cell alike" in made.why[0]
    assert np.isnan(infidelity(noisy_map(), here, **SMALL).values).all()


GOLDEN = {
    "deletion_blur": deletion_blur, "deletion_mean": deletion_mean, "deletion_noise": deletion_noise,
    "deletion_inpaint": deletion_inpaint, "insertion_blur": insertion_blur, "insertion_mean": insertion_mean,
    "insertion_noise": insertion_noise, "insertion_inpaint": insertion_inpaint, "road": road, "monotonicity": monotonicity,
    "pixel_flipping": pixel_flipping, "sufficiency": sufficiency, "necessity": necessity,
}  # fmt: skip
VALUES: dict[str, list[float]] = {
    "deletion_blur": [0.9191, 0.4356, 0.3161, 0.8656],
    "deletion_mean": [0.8212, 0.3705, 0.2321, 0.8171],
    "deletion_noise": [0.6863, 0.5917, 0.6774, 0.7708],
    "deletion_inpaint": [0.7778, 0.3612, 0.2541, 0.73],
    "insertion_blur": [0.7772, 0.5994, 0.6472, 0.8835],
    "insertion_mean": [0.6255, 0.5153, 0.619, 0.7418],
    "insertion_noise": [0.2828, 0.8236, 0.8242, 0.5918],
    "insertion_inpaint": [0.5133, 0.5023, 0.5633, 0.6935],
    "road": [1.0, 0.6, 0.0, 1.0],
    "monotonicity": [0.6667, 0.5, 0.8333, 1.0],
    "pixel_flipping": [0.5412, 0.383, 0.065, 0.6897],
    "sufficiency": [0.2576, 0.0243, -0.0236, 0.2791],
    "necessity": [0.0048, -0.026, 0.2855, 0.003],
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_values_on_a_tiny_fixed_model(name):
    made = GOLDEN[name](noisy_map(), fixed())
    np.testing.assert_allclose(made.values, VALUES[name], atol=2e-3)


def fixed():
    """A linear model whose weights are written down by a formula: the same with every version of torch."""
    k = np.arange(3 * PIXELS).reshape(3, PIXELS)
    return case(Linear(np.cos(0.37 * k) * 0.4), images())


@given(st.integers(2, 40), st.integers(0, 5))
def test_ranks_are_a_permutation_that_sorts(d, seed):
    values = torch.from_numpy(np.random.default_rng(seed).integers(0, 4, (3, d)).astype(np.float32))
    places = ranks(values, seed)
    assert (places.sort(1).values == torch.arange(d)).all()
    order = places.argsort(1)
    assert (values.gather(1, order).diff(dim=1) <= 0).all()


def test_chance_decides_between_equal_pixels_and_not_their_place():
    places = ranks(torch.zeros(2, 100), 1)
    assert not torch.equal(places[0], torch.arange(100))
    assert torch.equal(places[0], places[1])


def test_an_area_under_a_straight_line_is_a_half():
    x = np.array([0.0, *shares(7), 1.0])
    assert area(x, 1 - x[None])[0] == pytest.approx(0.5)
    with pytest.raises(ValueError, match="0 steps"):
        shares(0)


def test_inpainting_solves_what_the_paper_asks():
    """Against the exact solution of the linear system, written out densely."""
    rng = np.random.default_rng(4)
    x = torch.from_numpy(rng.normal(size=(2, 1, 16, 16)).astype(np.float32)).cumsum(2).cumsum(3) / 16
    known = torch.from_numpy(rng.random((2, 1, 16, 16)) > 0.5)
    got = inpainted(x, known, noise=0, sweeps=60)
    for picture, there, filled in zip(x[:, 0].double(), known[:, 0], got[:, 0].double(), strict=True):
        np.testing.assert_allclose(filled.numpy(), _exact(picture.numpy(), there.numpy()), atol=2e-3)
    quick = inpainted(x, known, noise=0)
    assert (quick - got).square().mean().sqrt() < 0.05 * x.std()
    assert torch.equal(quick[known], x[known])
    assert torch.isfinite(inpainted(x, torch.zeros_like(known))).all()


def _exact(x, known):
    """Each missing pixel is the weighted mean of its neighbours, 1/6 beside and 1/12 across, of those there are."""
    side = len(x)
    a, b = np.eye(side * side), x.ravel().copy()
    for i, j in np.argwhere(~known):
        row, total = i * side + j, 0.0
        around = [(i + p, j + q, 1 / 12 if p and q else 1 / 6) for p in (-1, 0, 1) for q in (-1, 0, 1) if p or q]
        near = [(p * side + q, w) for p, q, w in around if 0 <= p < side and 0 <= q < side]
        total = sum(w for _, w in near)
        b[row] = 0
        for place, w in near:
            a[row, place] = -w / total
    return np.linalg.solve(a, b).reshape(side, side)


def test_the_pool_of_another_model_is_another_pool():
    here = case()
    first = Asked.of(here)
    assert Asked.of(here.with_(method="another")) is first
    assert Asked.of(case(held=here.held)) is not first
