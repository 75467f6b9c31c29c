"""From a map to grey, lines and words."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.build import Build
from ai.contours import loops
from ai.recipe import MethodRecipe, read
from ai.render import REGIONS, RENDERINGS, ZERO, outlines, shade, shade_all, strength, words
from game.registry import folder


def bump(x, y, size=40):
    at = (np.arange(size) + 0.5) / size
    return np.exp(-((at[None, :] - x) ** 2 + (at[:, None] - y) ** 2) / 0.01).astype(np.float32)


def area(loop):
    x, y = np.asarray(loop).reshape(-1, 2).T
    return (np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def test_p99_ends_at_the_99th_percentile():
    values = np.arange(10_000, dtype=np.float32).reshape(100, 100)
    shown = shade(values, 100, "p99", levels=256)
    assert shown.dtype == np.uint8
    assert (shown == 255).mean() == pytest.approx(0.01, abs=0.003)
    assert shown.min() == 0


def test_p60_p99_shows_nothing_below_the_60th_percentile():
    values = np.arange(10_000, dtype=np.float32).reshape(100, 100)
    shown = shade(values, 100, "p60_p99", levels=256)
    assert (shown == 0).mean() == pytest.approx(0.6, abs=0.01)
    assert (shown == 255).mean() == pytest.approx(0.01, abs=0.003)


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_an_empty_map_stays_empty(rendering):
    signed = RENDERINGS[rendering].sign == "signed"
    grey = shade(np.zeros((6, 6), np.float32), 32, rendering)
    assert (grey == (ZERO if signed else 0)).all()
    assert outlines(strength(grey, signed)) == ()
    assert words(strength(grey, signed)) == ()


def test_evidence_against_is_shown_only_where_asked():
    values = np.full((4, 4), -1, np.float32)
    assert not shade(values, 16, "p99").any()
    assert shade(values, 16, "absolute_p99").all()


def test_bad_maps_are_refused():
    with pytest.raises(ValueError, match="no rendering is called"):
        shade(np.zeros((4, 4), np.float32), 8, "rainbow")
    with pytest.raises(ValueError, match="not a finite number"):
        shade(np.full((4, 4), np.nan, np.float32), 8)


def test_words_say_where():
    assert words(shade(bump(0.5, 0.17), 64))[0][0] == "top_centre"
    assert words(shade(bump(0.83, 0.83), 64))[0][0] == "bottom_right"
    even = words(np.full((90, 90), 200, np.uint8), most=9)
    assert {name for name, _ in even} == set(REGIONS)
    assert all(share == pytest.approx(1 / 9, abs=1e-3) for _, share in even)


def test_an_outline_goes_around_the_bright_area():
    (line,) = outlines(shade(bump(0.3, 0.6), 96))
    points = np.array(line.points).reshape(-1, 2)
    assert points.mean(0) == pytest.approx((0.3, 0.6), abs=0.03)
    assert 0.02 < abs(area(points)) < 0.3


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_outlines_stay_inside_and_few(seed):
    grey = np.random.default_rng(seed).integers(0, 256, (60, 60), dtype=np.uint8)
    lines = outlines(grey)
    assert len(lines) <= 4
    for line in lines:
        assert len(line.points) <= 48
        assert min(line.points) >= 0
        assert max(line.points) <= 1


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_loops_enclose_as_much_as_is_above(seed, level):
    """Marching squares on a two-valued grid: rings around what is above, holes taken away."""
    grid = (np.random.default_rng(seed).random((12, 9)) > level).astype(float)
    enclosed = sum(area(loop) for loop in loops(grid, 0.5))
    assert abs(enclosed) == pytest.approx(grid.mean(), abs=0.35)
    assert (enclosed == 0) == (not grid.any())


def test_a_hole_turns_the_other_way():
    ring = np.zeros((9, 9))
    ring[2:7, 2:7] = 1
    ring[4, 4] = 0
    turns = sorted(np.sign([area(loop) for loop in loops(ring, 0.5)]).tolist())
    assert turns == [-1, 1]


SHADED = {
    "p60_p99": "0ebb1b5515dcbad1",
    "absolute_p60_p99": "0ebb1b5515dcbad1",
    "p99": "53e00231cda15a21",
    "absolute_p99": "20b86dfc778f7c5e",
    "peak": "94962fa325f36c65",
}
"""Rendering -> digest of six maps under it: what packs were built with keeps its meaning, to the byte."""


@pytest.mark.parametrize("rendering", SHADED)
def test_a_rendering_keeps_its_bytes(rendering):
    told = hashlib.sha256()
    for seed in range(6):
        values = np.random.default_rng(seed).integers(-40, 200, (12, 12)).astype(np.float32)
        told.update(shade(values, 48, rendering).tobytes())
    assert told.hexdigest()[:16] == SHADED[rendering]


@pytest.mark.parametrize("rendering", [name for name, how in RENDERINGS.items() if how.sign == "signed"])
def test_a_signed_map_and_its_opposite_mirror_each_other_at_zero(rendering):
    values = bump(0.3, 0.3) - bump(0.7, 0.7)
    grey, other = (shade(v, 64, rendering).astype(int) for v in (values, -values))
    assert np.abs(grey + other - 2 * ZERO).max() <= 1
    assert grey[19, 19] == 255
    assert grey[44, 44] == 1
    assert grey[0, 63] == ZERO
    assert strength(grey.astype(np.uint8), True)[44, 44] == 255


def test_one_range_for_all_maps_of_a_pack_keeps_faint_maps_faint():
    strong, faint = bump(0.5, 0.5), bump(0.5, 0.5) / 4
    alone = shade_all([strong, faint], 48, "p60_p99")
    together = shade_all([strong, faint], 48, "pack_p60_p99")
    assert (alone[0] == alone[1]).all()
    assert together[0].max() == 255
    assert 40 < together[1].max() < 128


def test_smoothing_spreads_a_point_and_keeps_a_plain():
    point = np.zeros((48, 48), np.float32)
    point[24, 24] = 1
    assert (shade(point, 48, "smooth_p60_p99") > 0).sum() > 3 * (shade(point, 48, "p60_p99") > 0).sum()
    plain = np.ones((48, 48), np.float32)
    assert (shade(plain, 48, "smooth_p60_p99") == 255).all()


@pytest.mark.parametrize(
    ("method", "rendering", "says"),
    [
        ("saliency", "signed_p99", "has no evidence against"),
        ("saliency", "rainbow", "no rendering is called 'rainbow'"),
    ],
)
def test_a_rendering_that_does_not_suit_is_refused_before_anything_is_made(tmp_path, method, rendering, says):
    recipe = read(Path(folder("game.studies")) / "moths")
    wrong = msgspec.structs.replace(recipe, methods=(MethodRecipe(method, rendering=rendering),))
    with pytest.raises(ValueError, match=says):
        Build(tmp_path, wrong).into(tmp_path / "pack")
    assert not list(tmp_path.iterdir())
