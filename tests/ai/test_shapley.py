"""Shapley methods against every coalition counted out, their axioms, and the masks they share with LIME and RISE."""

import math

import numpy as np
import pytest
import torch
from captum.attr import KernelShap, ShapleyValues
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from ai.coalitions import LAWS, coalitions, fit, weights
from ai.passes import Passes
from ai.superpixels import grid_of
from game.registry import explainer

SEEDS = st.integers(0, 2**32 - 1)
PARAMS = {"kernel_shap": {}, "shapley_sampling": {"orders": 6}}


class Game(nn.Module):
    """Any game: the image's cells are players, there where they are white, and the logit is looked up in a table."""

    def __init__(self, values, side):
        super().__init__()
        self.side = side
        self.register_buffer("values", torch.from_numpy(values.astype(np.float32)))
        self.register_buffer("place", 2 ** torch.arange(side * side))

    def forward(self, x):
        there = functional.adaptive_avg_pool2d(x[:, :1], self.side).flatten(1) > 0.5
        value = self.values[(there * self.place).sum(1)]
        return torch.stack([value, -value], 1)


def made(name, values, side=3, seed=0, **params):
    """Return a method's values of a game, (cells,), and its gap."""
    passes = Passes(Game(values, side), torch.ones(1, 3, 4 * side, 4 * side))
    out = explainer[name].thing(passes, (0,), seed, grid=side, baseline="grey", **PARAMS[name], **params)
    return out.values.ravel().astype(np.float64), float(out.gap[0])


def table(seed, side=3):
    return np.random.default_rng(seed).normal(size=2 ** (side * side)).astype(np.float32).astype(np.float64)


def exact(values):
    """Return Shapley's values by their definition: every player's gain in every coalition of the others."""
    players = int(math.log2(len(values)))
    index = np.arange(len(values))
    size = (index[:, None] >> np.arange(players) & 1).sum(1)
    chance = np.array([1 / (players * math.comb(players - 1, s)) if s < players else 0 for s in range(players + 1)])
    without = [index[index >> i & 1 == 0] for i in range(players)]
    return np.array([(chance[size[w]] * (values[w + 2**i] - values[w])).sum() for i, w in enumerate(without)])


@given(SEEDS)
@settings(max_examples=10)
def test_kernel_shap_is_exact_up_to_nine_cells(seed):
    values = table(seed)
    np.testing.assert_allclose(made("kernel_shap", values)[0], exact(values), atol=2e-5)


def test_two_by_two_is_exact_too():
    values = table(1, 2)
    np.testing.assert_allclose(made("kernel_shap", values, 2)[0], exact(values), atol=2e-6)
    everyone = explainer["shapley_sampling"].thing(
        Passes(Game(values, 2), torch.ones(1, 3, 8, 8)), (0,), 0, grid=2, orders=4000, baseline="grey"
    )
    np.testing.assert_allclose(everyone.values.ravel(), exact(values), atol=0.05)


def test_shapley_sampling_comes_closer_with_more_orders():
    values = table(2)
    wanted, off = exact(values), []
    for orders in (4, 64, 1024):
        passes = Passes(Game(values, 3), torch.ones(1, 3, 12, 12), batch=64)
        out = explainer["shapley_sampling"].thing(passes, (0,), 1, orders=orders, grid=3, baseline="grey")
        off.append(float(np.abs(out.values.ravel() - wanted).max()))
    assert off[0] > off[1] > off[2]
    assert off[2] < 0.15


@pytest.mark.parametrize("name", PARAMS)
@given(seed=SEEDS)
@settings(max_examples=8)
def test_efficiency(name, seed):
    for side in (3, 4):
        values = table(seed, side)
        shares, gap = made(name, values, side, seed % 7)
        assert shares.sum() == pytest.approx(values[-1] - values[0], abs=1e-4)
        assert gap < 1e-4


@pytest.mark.parametrize("name", PARAMS)
@given(seed=SEEDS, player=st.integers(0, 8))
@settings(max_examples=8)
def test_dummy(name, seed, player):
    values, index = table(seed), np.arange(512)
    values = values[index & ~(1 << player)]
    assert made(name, values)[0][player] == pytest.approx(0, abs=2e-5)


@given(seed=SEEDS, pair=st.permutations(range(9)))
@settings(max_examples=8)
def test_symmetry(seed, pair):
    (a, b), index, values = pair[:2], np.arange(512), table(seed)
    swapped = index & ~(1 << a) & ~(1 << b) | (index >> a & 1) << b | (index >> b & 1) << a
    shares, _ = made("kernel_shap", (values + values[swapped]) / 2)
    assert shares[a] == pytest.approx(shares[b], abs=5e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMS)
@given(seed=SEEDS, factor=st.floats(-3, 3))
@settings(max_examples=8)
def test_linearity(name, seed, factor):
    for side in (3, 4):
        one, two = table(seed, side), table(seed + 1, side)
        both, first, second = (made(name, values, side)[0] for values in (one + factor * two, one, two))
        np.testing.assert_allclose(both, first + factor * second, atol=2e-4)


def smooth(seed, side=4):
    """A game of own worths and pairs, as images are, with some noise."""
    rng = np.random.default_rng(seed)
    players = side * side
    there = (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(np.float64)
    pairs = rng.normal(size=(players, players)) * 0.15
    return there @ rng.normal(size=players) + ((there @ pairs) * there).sum(1) + 0.3 * rng.normal(size=2**players)


def test_sampled_kernel_shap_is_near_the_truth():
    values = smooth(3)
    wanted = exact(values)
    found = np.stack([made("kernel_shap", values, 4, seed, masks=160)[0] for seed in range(6)])
    assert np.corrcoef(found[0], wanted)[0, 1] > 0.97
    assert np.abs(found.mean(0) - wanted).max() < 0.25
    more = made("kernel_shap", values, 4, 0, masks=4000)[0]
    assert np.abs(more - wanted).max() < np.abs(found - wanted).max() / 2


class Plain:
    """What captum asks of an interpretable model: weighted least squares."""

    def fit(self, data):
        x, y, w = (torch.cat(part).double() for part in zip(*data, strict=True))
        x, root = torch.cat([x, torch.ones(len(x), 1).double()], 1), w.reshape(-1, 1).sqrt()
        self.weights = torch.linalg.lstsq(x * root, y.reshape(-1, 1) * root, driver="gelsd").solution[:-1]

    def representation(self):
        return self.weights.T.float()


def test_kernel_shap_and_captums_are_as_near_as_chance_lets_them():
    values = smooth(5)
    wanted = exact(values)
    module, image = Game(values, 4), torch.ones(1, 3, 16, 16)
    theirs = KernelShap(module)
    theirs.interpretable_model = Plain()
    torch.manual_seed(0)
    cells = torch.from_numpy(grid_of(4, 16, 16))[None, None]
    found = theirs.attribute(image, 0, 0, feature_mask=cells, n_samples=400, perturbations_per_eval=16)
    off = np.abs(found[0, 0, ::4, ::4].numpy().ravel() - wanted)
    ours = np.abs(made("kernel_shap", values, 4, 0, masks=400)[0] - wanted)
    assert np.corrcoef(found[0, 0, ::4, ::4].numpy().ravel(), wanted)[0, 1] > 0.95
    assert ours.mean() < 1.25 * off.mean(), (ours.mean(), off.mean())


def test_captums_exact_values_are_ours():
    torch.manual_seed(2)
    module = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 64, 2)).eval()
    images = torch.randn(2, 3, 16, 16)
    passes = Passes(module, images)
    cells = torch.from_numpy(grid_of(2, 16, 16))[None, None]
    theirs = ShapleyValues(module).attribute(
        images, passes.baseline("mean"), target=torch.tensor([0, 1]), feature_mask=cells
    )
    ours = explainer["kernel_shap"].thing(passes, (0, 1), 0, grid=2).values
    theirs = theirs[:, 0, ::8, ::8].detach().numpy()
    assert np.abs(ours - theirs).max() / np.abs(theirs).max() < 1e-5


@pytest.mark.parametrize("law", LAWS)
def test_weights_make_the_shared_draw_unbiased(law):
    """The mean of any function of a mask under a law, over draws, is what all masks give: nothing is estimated anew."""
    values = table(8, 4)
    every = (np.arange(2**16)[:, None] >> np.arange(16) & 1).astype(np.float32)
    mass = np.array([math.comb(16, s) for s in range(17)], np.float64)
    size = every.sum(1).astype(int)
    if law == "coin":
        chance = np.full(2**16, 2.0**-16)
    else:
        kernel = np.array([1 / (s * (16 - s)) if 0 < s < 16 else 0 for s in range(17)])
        chance = (kernel / kernel.sum() / mass)[size]
    wanted = (chance * values) @ every
    found = []
    for seed in range(60):
        rows = coalitions(16, 300, seed)
        at = (rows @ 2 ** np.arange(16)).astype(int)
        found.append((weights(rows, law) * values[at]) @ rows)
    error = np.std(found, 0) / math.sqrt(len(found))
    assert (np.abs(np.mean(found, 0) - wanted) < 4.5 * error + 1e-9).all()


@given(cells=st.integers(2, 40), n=st.integers(130, 400), seed=SEEDS)
@settings(max_examples=12)
def test_a_draw_is_fair_and_begins_alike(cells, n, seed):
    rows = coalitions(cells, fit(cells, n), seed)
    assert np.array_equal(rows, np.round(rows))
    assert np.array_equal(rows[: n // 2], coalitions(cells, n // 2, seed)[: len(rows)])
    assert np.array_equal(rows[0], np.zeros(cells))
    assert np.array_equal(rows[1], np.ones(cells))
    assert np.array_equal(rows[2 : 2 + cells], 1 - np.eye(cells))
    for law in LAWS:
        counted = weights(rows, law)
        assert (counted >= 0).all()
        assert counted.sum() == pytest.approx(1, abs=0.1)


def test_an_odd_number_of_orders_is_refused():
    passes = Passes(Game(table(0), 3), torch.ones(1, 3, 12, 12))
    with pytest.raises(ValueError, match="pairs"):
        explainer["shapley_sampling"].thing(passes, (0,), 0, grid=3, orders=3)
