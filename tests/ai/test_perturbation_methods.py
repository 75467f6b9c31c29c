"""Perturbation methods: captum's numbers, answers that are known beforehand, and bounded memory."""

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, Lime, Occlusion
from torch import nn
from torch.nn import functional

from ai.canvas import Canvas
from ai.coalitions import coalitions, fit, weights
from ai.explainers.lime import near
from ai.passes import Passes
from ai.superpixels import grid_of, superpixels
from game.registry import explainer

TARGETS = (0, 1, 2)
SMALL = {
    "occlusion": {"window": 8, "stride": 4},
    "feature_ablation": {"grid": 4},
    "superpixel_ablation": {"side": 4},
    "rise": {"masks": 300, "grid": 4},
    "rise_grid": {"grid": 4, "masks": 400},
    "lime": {"grid": 4, "masks": 400},
    "kernel_shap": {"grid": 4, "masks": 400},
    "shapley_sampling": {"grid": 4, "orders": 8},
    "extremal_mask": {"side": 8, "steps": 30},
}


class Quadrant(nn.Module):
    """Sees the top right quarter alone: class 0 by its brightness, class 1 by its darkness."""

    def forward(self, x):
        seen = torch.tanh(x[:, :, : x.shape[2] // 2, x.shape[3] // 2 :].mean((1, 2, 3)))
        return torch.stack([4 * seen, -4 * seen, 0 * seen], 1)


@pytest.fixture
def passes():
    torch.manual_seed(4)
    module = nn.Sequential(
        nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 64, 3)
    ).eval()
    return Passes(module, torch.randn(3, 3, 32, 32), has=("gradient",))


def made(name, passes, targets=TARGETS, seed=0, **params):
    return explainer[name].thing(passes, targets, seed, **params)


def captums(attribution):
    """Return one map of captum's attribution, alike in every colour."""
    values = attribution.detach()
    return (values[:, 0] if values.shape[1] == 1 else values.mean(1)).numpy()


def apart(ours, theirs):
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize(("window", "stride"), [(12, 6), (8, 4), (10, 7), (32, 32)])
def test_occlusion_is_captums(passes, window, stride):
    theirs = Occlusion(passes.module).attribute(
        passes.images,
        (3, window, window),
        strides=(3, stride, stride),
        target=torch.tensor(TARGETS),
        baselines=passes.baseline("mean"),
    )
    ours = made("occlusion", passes, window=window, stride=stride).values
    assert apart(ours, captums(theirs)) < 1e-5


def test_occlusion_refuses_to_leave_gaps(passes):
    with pytest.raises(ValueError, match="gaps"):
        made("occlusion", passes, window=4, stride=5)


def test_feature_ablation_is_captums(passes):
    cells = torch.from_numpy(grid_of(5, 32, 32))
    theirs = FeatureAblation(passes.module).attribute(
        passes.images, target=torch.tensor(TARGETS), feature_mask=cells[None, None], baselines=passes.baseline("grey")
    )
    ours = made("feature_ablation", passes, grid=5, baseline="grey").values
    rows = np.arange(32) * 5 // 32
    assert apart(ours[:, rows][:, :, rows], captums(theirs)) < 1e-5


def test_superpixel_ablation_is_captums_over_the_same_areas(passes):
    areas = superpixels(passes.images.numpy(), 4)
    ours = made("superpixel_ablation", passes, side=4).values
    for k, target in enumerate(TARGETS):
        theirs = FeatureAblation(passes.module).attribute(
            passes.images[k : k + 1],
            target=target,
            feature_mask=torch.from_numpy(areas[k])[None, None],
            baselines=passes.baseline("mean")[k : k + 1],
        )
        assert apart(ours[k : k + 1], captums(theirs)) < 1e-5


class Ridge:
    """What captum asks of an interpretable model: weighted ridge regression in closed form."""

    def __init__(self, alpha):
        self.alpha = alpha

    def fit(self, data):
        x, y, w = (torch.cat(part).double() for part in zip(*data, strict=True))
        y, w = y.reshape(-1, 1), w.reshape(-1, 1)
        x_mean, y_mean = ((w * v).sum(0) / w.sum() for v in (x, y))
        x, y = x - x_mean, y - y_mean
        self.weights = torch.linalg.solve((w * x).T @ x + self.alpha * torch.eye(x.shape[1]).double(), (w * x).T @ y)

    def representation(self):
        return self.weights.T.float()


def captums_lime(passes, k, rows, masses):
    """Captum's LIME of image k, asked for these very masks and weights."""
    index = {tuple(row.tolist()): float(mass) for row, mass in zip(rows, masses, strict=True)}

    def given(*_, **__):
        yield from rows[:, None].long()

    method = Lime(
        passes.module,
        interpretable_model=Ridge(1.0),
        similarity_func=lambda _a, _b, row, **_: torch.tensor([index[tuple(row[0].float().tolist())]]),
        perturb_func=given,
    )
    cells = torch.from_numpy(grid_of(4, 32, 32))[None, None]
    image, base = passes.images[k : k + 1], passes.baseline("mean")[k : k + 1]
    return method.attribute(image, base, TARGETS[k], feature_mask=cells, n_samples=len(rows), perturbations_per_eval=16)


def test_lime_is_captums_on_the_same_masks(passes):
    rows = torch.from_numpy(coalitions(16, 200, 3))
    law = weights(rows.numpy(), "coin")
    masses = torch.from_numpy(law * len(law) / law.sum()) * near(rows.double(), 0.25)
    ours = made("lime", passes, seed=3, grid=4, masks=200).values
    for k in range(3):
        theirs = captums(captums_lime(passes, k, rows, masses))[0, ::8, ::8]
        assert apart(ours[k], theirs) < 1e-4


def test_lime_finds_what_every_mask_would_give(passes):
    """All 65,536 masks of a 4 x 4 grid, on a game whose values are a table: no sampling error on their side."""
    rng = np.random.default_rng(0)
    every = np.array(np.unravel_index(np.arange(2**16), (2,) * 16)).T.astype(np.float32)
    own, both = rng.normal(size=16), rng.normal(size=(16, 16)) * 0.2

    class Additive(nn.Module):
        def forward(self, x):
            z = functional.avg_pool2d(x[:, :1], 8).flatten(1).double()
            value = z @ torch.from_numpy(own) + ((z @ torch.from_numpy(both)) * z).sum(1)
            return torch.stack([value, -value], 1).float()

    value = every @ own + ((every @ both) * every).sum(1)
    root = np.sqrt(np.exp(-((1 - np.sqrt(every.mean(1))) ** 2) / 0.25**2) / 2**16)
    design = np.column_stack([every, np.ones(len(every))]) * root[:, None]
    wanted = np.linalg.lstsq(design, value * root, rcond=None)[0][:-1]
    game = Passes(Additive(), torch.ones(1, 3, 32, 32))
    found = made("lime", game, (0,), grid=4, masks=800, ridge=0.01, baseline="grey").values[0].ravel()
    assert np.corrcoef(found, wanted)[0, 1] > 0.98
    assert apart(found, wanted) < 0.15


def test_rise_is_its_mean_over_masks():
    """Where the score is the shown part of one pixel, the mean given that pixel is its square over its mean."""

    class Pixel(nn.Module):
        def forward(self, x):
            chance = x[:, 0, 5, 9].clamp(1e-6, 1 - 1e-6)
            return torch.stack([chance.log(), (1 - chance).log()], 1)

    values = made("rise", Passes(Pixel(), torch.ones(1, 3, 16, 16)), (0,), masks=600, grid=4, baseline="grey").values[0]
    assert np.unravel_index(values.argmax(), values.shape) == pytest.approx((5, 9), abs=1)
    assert values[5, 9] > values.mean() + 0.1
    assert 0.4 < np.median(values) < 0.6, "far from the pixel nothing but chance"


@pytest.mark.parametrize("name", SMALL)
def test_a_model_that_sees_one_quarter_is_explained_by_it(name):
    rng = torch.Generator().manual_seed(1)
    images = torch.rand((2, 3, 32, 32), generator=rng) * 0.2 - 0.5
    images[0, :, 2:14, 18:30] = 1.5
    images[1, :, 4:12, 20:28] = 1.5
    passes = Passes(Quadrant(), images, has=("gradient",))
    values = torch.from_numpy(made(name, passes, (0, 0), 5, **SMALL[name]).values)[:, None]
    values = functional.interpolate(values, (32, 32), mode="bilinear")[:, 0]
    values = (values - values.flatten(1).median(1).values[:, None, None]).clamp_min(0)
    inside = values[:, :16, 16:].sum((1, 2)) / values.sum((1, 2))
    # An extremal mask of 40 % has to keep more than there is to see: its rest may lie anywhere.
    assert name == "extremal_mask" or (inside > 0.75).all(), inside
    brightest = values.flatten(1).argsort(1, descending=True)[:, :40]
    assert ((brightest // 32 < 16) & (brightest % 32 >= 16)).all()


@pytest.mark.parametrize("name", [n for n in SMALL if explainer[n].info["signed"]])
def test_what_speaks_against_the_target_is_below_zero(name):
    images = torch.zeros(1, 3, 32, 32)
    images[:, :, :16, 16:] = 1
    passes = Passes(Quadrant(), images, has=("gradient",))
    ours = [made(name, passes, (target,), 5, **SMALL[name]).values for target in (0, 1)]
    np.testing.assert_allclose(ours[0], -ours[1], atol=1e-6)
    assert ours[1].min() < -0.1


@pytest.mark.parametrize(
    ("name", "params"),
    [("feature_ablation", {"grid": 4}), ("occlusion", {"window": 8, "stride": 8})],
)
def test_a_shifted_image_has_a_shifted_map(name, params):
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 4, 3, padding=1, padding_mode="circular")
    module = nn.Sequential(conv, nn.Tanh(), nn.Conv2d(4, 3, 1), nn.ELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    images = torch.randn(2, 3, 32, 32)
    one, two = (made(name, Passes(module, x), (0, 1), **params).values for x in (images, images.roll((8, 16), (2, 3))))
    cell = one.shape[1] // 4
    np.testing.assert_allclose(np.roll(one, (cell, 2 * cell), (1, 2)), two, atol=1e-5)


@pytest.mark.parametrize("name", ["occlusion", "rise", "superpixel_ablation", "shapley_sampling"])
def test_no_more_than_a_few_batches_are_held(name, monkeypatch):
    held, ran = [], []

    def watched(put):
        return lambda self, at, i, masks, *more: (held.append(len(masks)), put(self, at, i, masks, *more))[1]

    for way in ("put", "put_grid", "put_cells"):
        monkeypatch.setattr(Canvas, way, watched(getattr(Canvas, way)))
    module = Quadrant()
    module.register_forward_pre_hook(lambda _module, given: ran.append(len(given[0])))
    made(name, Passes(module, torch.randn(3, 3, 32, 32), has=("gradient",), batch=4), **SMALL[name])
    assert held, "masks are put on a canvas, one batch of pictures at a time"
    assert max(held) <= 4
    assert max(ran) <= 4
    assert sum(n == 4 for n in ran) >= len(ran) - 4, "batches are full, across images"


def test_one_pool_serves_four_methods(passes):
    counts = []
    for name in ("kernel_shap", "lime", "rise_grid", "feature_ablation"):
        made(name, passes, **SMALL[name])
        counts.append(passes.runner.forwards)
    assert counts == [3 * 400] * 4
    made("lime", passes, grid=4, masks=500)
    assert passes.runner.forwards == 3 * 500, "a larger pool makes only what is missing"


def test_grid_ablation_alone_draws_nothing(passes):
    one, two = (made("feature_ablation", passes.over(passes.images), seed=seed, grid=4) for seed in (1, 2))
    assert np.array_equal(one.values, two.values)
    assert passes.runner.forwards == 2 * 3 * (16 + 2), "the picture whole and empty, and without each cell"


def test_an_extremal_mask_keeps_to_its_areas(passes):
    values = made("extremal_mask", passes, side=8, steps=40).values
    assert values.shape == (3, 8, 8)
    assert values.min() >= 0
    assert values.max() <= 1
    assert values.mean((1, 2)) == pytest.approx([0.1875] * 3, abs=0.02), "the mean of 5, 10, 20 and 40 %"
    assert passes.runner.backwards == 3 * 8 * 40


def test_an_extremal_mask_keeps_more_of_the_logit_than_chance_does(passes):
    values = torch.from_numpy(made("extremal_mask", passes, seed=2, side=8).values)
    large = functional.interpolate(values[:, None], (32, 32), mode="bilinear")
    base, rng = passes.baseline("blur"), torch.Generator().manual_seed(0)
    kept = [passes.forward(torch.lerp(base, passes.images, large))]
    for _ in range(20):
        places = torch.randperm(64, generator=rng)
        other = functional.interpolate(values.flatten(1)[:, places].view(-1, 1, 8, 8), (32, 32), mode="bilinear")
        kept.append(passes.forward(torch.lerp(base, passes.images, other)))
    ours, *others = ([float(logits[k, t]) for k, t in enumerate(TARGETS)] for logits in kept)
    assert all(own > max(rest) for own, rest in zip(ours, zip(*others, strict=True), strict=True))


@pytest.mark.parametrize(("name", "params"), [("extremal_mask", {"steps": 0}), ("lime", {"masks": 40})])
def test_a_parameter_out_of_range_is_refused(name, params, passes):
    with pytest.raises(ValueError, match=r"at least"):
        made(name, passes, **params)


def test_a_few_masks_are_enough_for_few_cells():
    assert fit(9, 10) == 512
    assert fit(16, 401) == 400
    with pytest.raises(ValueError, match="nothing to compare"):
        fit(1, 100)
