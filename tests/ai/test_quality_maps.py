"""Metrics that read maps only: against other libraries, against values known by thought, and what chance gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ai.coarse import coarse, ranks
from ai.explainers.random import _noise
from ai.quality import Case
from ai.quality.highlighted import ELSEWHERE, highlighted
from game.registry import quality

SIDE = 56
RNG = np.random.default_rng(11)
A, B = (RNG.random((4, SIDE, SIDE)).astype(np.float32) ** p for p in (1, 3))
CASE = Case((0,) * 4)


def score(name, *maps, case=CASE):
    return quality[name].thing(*maps, case).values


def box(top, left, height, width, n=1, side=SIDE):
    mask = np.zeros((n, side, side), bool)
    mask[:, top : top + height, left : left + width] = True
    return mask


def test_rank_correlations_are_scipys():
    x, y = coarse(A, 28), coarse(B, 28)
    assert score("spearman", A, B) == pytest.approx(
        [stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)]
    )
    x, y = (np.round(coarse(m, 14), 2) for m in (A, B))  # ties
    large = [np.kron(v.reshape(-1, 14, 14), np.ones((1, 4, 4))).astype(np.float32) for v in (x, y)]
    known = [stats.kendalltau(*(coarse(m[None], 14)[0] for m in pair)).statistic for pair in zip(*large, strict=True)]
    assert score("kendall", *large) == pytest.approx(known)


def test_ssim_is_scikit_images():
    metrics = pytest.importorskip("skimage.metrics")
    x, y = (coarse(m, 48).reshape(-1, 48, 48) for m in (A, B))
    x, y = (m / m.max((1, 2), keepdims=True) for m in (x, y))
    full = [
        metrics.structural_similarity(a, b, win_size=7, data_range=1, use_sample_covariance=False, full=True)[1]
        for a, b in zip(x, y, strict=True)
    ]
    known = [np.mean(image[3:-3, 3:-3]) for image in full]
    assert score("ssim", A, B) == pytest.approx(known, rel=1e-6)


def test_the_area_under_the_curve_is_sklearns():
    metrics = pytest.importorskip("sklearn.metrics")
    mask = RNG.random((4, SIDE, SIDE)) < 0.2
    maps = np.round(A, 1)
    known = [metrics.roc_auc_score(m.ravel(), v.ravel()) for m, v in zip(mask, maps, strict=True)]
    assert score("localisation_auc", maps, case=Case((0,) * 4, masks={"cue": mask})) == pytest.approx(known)


def test_entropy_is_scipys():
    assert score("entropy", B) == pytest.approx([stats.entropy(b.ravel().astype(float)) for b in B])


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30))
@settings(max_examples=50, deadline=None)
def test_ranks_are_scipys(values):
    assert ranks(np.array([values], float))[0] == pytest.approx(stats.rankdata(values) - 1)


def test_importance_is_moved_by_how_far_it_lies():
    one, other = (box(20, left, 4, 4).astype(np.float32) for left in (8, 36))
    mean = np.mean([abs(np.cos(np.pi * k / 16)) for k in range(16)])
    assert score("earth_mover", one, other)[0] == pytest.approx(28 / SIDE * mean)


def test_spots_are_counted_and_frequency_is_read():
    three = (box(2, 2, 9, 9) | box(30, 2, 9, 9) | box(30, 30, 9, 9)).astype(np.float32)
    assert score("spots", three) == [3]
    wave = np.cos(2 * np.pi * 6 * np.arange(SIDE) / SIDE, dtype=np.float32)
    assert score("spatial_frequency", np.tile(wave, (1, SIDE, 1)) + 3) == pytest.approx([6])
    assert score("picture_bytes", A[:1])[0] > 2 * score("picture_bytes", three)[0]


def test_all_in_one_place_is_sparse_and_simple():
    one, even = (
        np.full((1, SIDE, SIDE), 1e-9, np.float32),
        np.linspace(1, 1.01, SIDE**2, dtype=np.float32).reshape(1, SIDE, SIDE),
    )
    one[0, 3, 3] = 1
    assert score("sparseness", one)[0] > 0.99
    assert score("sparseness", even)[0] < 0.01
    assert score("entropy", one)[0] < 0.01 < score("entropy", even)[0] == pytest.approx(np.log(SIDE**2), rel=1e-3)
    assert score("effective_complexity", one)[0] == pytest.approx(1 / SIDE**2)


def test_a_spot_on_a_wing_is_not_the_wing():
    parts = {"wing": box(10, 10, 30, 30), "spot": box(20, 20, 8, 8)}
    hot = box(21, 21, 6, 6).astype(np.float32)
    assert highlighted(hot, parts) == ["spot"]
    assert highlighted(box(12, 12, 6, 6).astype(np.float32), parts) == ["wing"]
    assert highlighted(box(45, 45, 6, 6).astype(np.float32), parts) == [ELSEWHERE]
    assert highlighted(np.zeros((1, SIDE, SIDE), np.float32), parts) == [None]
    assert highlighted(hot, {}) == ["centre"]


def test_evidence_is_what_speaks_for_the_answer():
    masks = {"for": box(0, 0, 10, 10, 4), "against": box(30, 30, 10, 10, 4)}
    case = Case((0,) * 4, masks=masks, weights={"for": np.array([1, 1, 1, -1.0]), "against": np.full(4, -0.5)})
    made = quality["relevance_mass"].thing(masks["for"].astype(np.float32), case)
    assert made.values[:3].tolist() == [1, 1, 1]
    assert made.why == ("", "", "", "no evidence for the answer is in view")
    assert made.chance[:3] == pytest.approx(100 / SIDE**2)
    assert score("relevance_mass", masks["against"].astype(np.float32), case=case)[:3].tolist() == [0, 0, 0]


def test_cues_are_to_be_shared_out_by_what_they_tell():
    masks = {"strong": box(0, 0, 10, 10), "weak": box(30, 30, 10, 10)}
    case = Case((0,), masks=masks, weights={"strong": np.array([0.6]), "weak": np.array([0.2])})
    as_due = (0.6 * masks["strong"] + 0.2 * masks["weak"]).astype(np.float32)
    assert score("cue_overlap", as_due, case=case)[0] == pytest.approx(1)
    assert score("cue_overlap", masks["strong"].astype(np.float32), case=case)[0] == pytest.approx(0.75)
    curves = quality["cue_overlap"].thing(as_due, case).curves
    assert {name: y[0, 0] for name, (_, y) in curves.items()} == pytest.approx({"cue strong": 0.75, "cue weak": 0.25})


LOCAL = ("pointing_game", "relevance_mass", "relevance_rank", "top_k_intersection", "localisation_auc",
         "confounder_mass", "confounder_rank")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", LOCAL)
def test_random_maps_are_at_their_stated_chance(name):
    """The maps of the control `random`; masks anywhere, so that the picture's rim does not count."""
    n, size = 600, 48
    maps = np.stack([_noise(i, 7, 6, size) for i in range(n)])
    corners = np.random.default_rng(3).integers(0, size, (n, 2))
    plain = box(0, 0, 14, 11, n, size)
    mask = np.stack([np.roll(m, tuple(c), (0, 1)) for m, c in zip(plain, corners.tolist(), strict=True)])
    made = quality[name].thing(maps, Case((0,) * n, masks={"cue": mask}, confounder=mask))
    stated = np.full(n, quality[name].info["random"]) if made.chance is None else made.chance
    gap = made.values - stated
    assert abs(gap.mean()) < 3.3 * gap.std(ddof=1) / np.sqrt(n)


@pytest.mark.parametrize("name", ["spearman", "kendall", "feature_rank_correlation", "feature_agreement", "rank_agreement",
                                  "pairwise_rank_agreement", "sign_agreement", "signed_rank_agreement", "top_overlap"])  # fmt: skip
def test_unrelated_maps_agree_as_stated(name):
    rng, n = np.random.default_rng(2), 400
    one, other = rng.normal(size=(2, n, 28, 28)).astype(np.float32)
    made = score(name, one, other, case=Case((0,) * n, signed=True))
    gap = made - quality[name].info["random"]
    assert abs(gap.mean()) < 3.3 * gap.std(ddof=1) / np.sqrt(n)
