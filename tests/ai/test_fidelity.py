"""Maps at half precision: how near they are to those in float32 is measured, told, and said aloud where it is low."""

import json

import msgspec
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from ai import fidelity, recipe
from ai.answering import Net
from ai.cli_explain import explain as command
from ai.engine import attribute, explain
from ai.explaining import explained, found, jobs
from ai.explanation import Examples, Pictures
from ai.facts import near, notes
from ai.passes import Passes
from ai.recipe import BadRecipe, MethodRecipe
from ai.teammate import new, prepare
from ai.weights import encode
from game.canonical import sha256
from game.pack import Explained
from tests.tiny import manifest

TARGETS = (0, 1, 2)
FEW = {"grid": 4, "masks": 64}
maps = arrays(np.float32, (3, 4), elements=st.floats(-100, 100, width=32))


def passes(pictures, precision="bf16", **more):
    mate = new("small_cnn", 4, seed=5)
    images = prepare(pictures[:3])
    how = {"layer": mate.layer, "has": mate.has, "model": mate.name, "precision": precision, "batch": 8}
    return Passes(mate.module, images, **how, **more)


def far(scale=50.0):
    """A model whose logits are so large that half precision cannot tell what changes them."""
    mate = new("small_cnn", 4, seed=5)
    with torch.no_grad():
        mate.module.head.bias += scale
    return mate


@pytest.mark.slow
@given(maps, maps)
def test_a_correlation_is_one_of_equal_maps_and_blind_to_scale(one, other):
    assert fidelity.correlation(one, one) == pytest.approx(1)
    assert fidelity.top(one, one) == 1
    assert -1 <= fidelity.correlation(one, other) <= 1
    assert fidelity.correlation(one, other) == pytest.approx(fidelity.correlation(other, one))
    if one.std() > 1e-3:
        assert fidelity.correlation(one, 2 * one + 1) == pytest.approx(1, abs=1e-3)
        assert fidelity.correlation(one, -one) == pytest.approx(-1)


def test_maps_without_contrast_are_near_where_they_are_equal():
    flat = np.zeros((4, 4), np.float32)
    assert fidelity.correlation(flat, flat) == 1
    assert fidelity.correlation(flat, flat + 1) == 0
    assert fidelity.correlation(flat, np.eye(4, dtype=np.float32)) == 0


def test_a_top_is_the_largest_tenth_whatever_its_sign():
    one = np.zeros((10, 10), np.float32)
    one[0] = np.resize([1, -1], 10) * np.arange(1, 11)
    other = one.copy()
    other[0, :5] = 0
    other[1, :5] = 7
    assert fidelity.top(one, other) == 0.5


def test_examples_and_pictures_are_the_same_or_not():
    a = Examples((("a", "b"), ("c", "d")), np.ones((2, 2), np.float32))
    b = Examples((("b", "x"),), np.ones((1, 2), np.float32))
    assert fidelity.compared(a, b, 2).each == (0.5,)
    drawn = Pictures(np.zeros((2, 4, 4, 3), np.uint8))
    assert fidelity.compared(drawn, Pictures(drawn.values[:1]), 2).each == (1.0,)
    assert fidelity.compared(drawn, Pictures(drawn.values[:1] + 1), 2).low
    with pytest.raises(TypeError, match="Examples and Pictures"):
        fidelity.compared(a, drawn, 2)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "precision"), [("rise_grid", "bf16"), ("scorecam", "mixed")])
def test_a_map_at_half_precision_tells_how_near_it_is(method, precision, pictures):
    params = {k: v for k, v in FEW.items() if method == "rise_grid"}
    low, full = (explain(method, passes(pictures, p), TARGETS, 3, **params).values for p in ("bf16", "fp32"))
    made = attribute(method, passes(pictures), TARGETS, 3, **params)
    assert made.precision == precision
    assert np.array_equal(made.explanation.values, low)
    assert made.maps.each == (pytest.approx(np.corrcoef(low[0].ravel(), full[0].ravel())[0, 1], abs=2e-6),)
    assert not np.array_equal(low, full)
    told = made.facts(1)
    assert (told["map_fidelity"], told["map_fidelity_over"]) == (made.maps.each[0], "1 of 3")
    assert 0 <= told["map_top"] <= 1
    assert len(attribute(method, passes(pictures, compared=9), TARGETS, 3, **params).maps.each) == 3


def test_float32_is_compared_with_nothing_and_half_precision_only_on_request(pictures):
    for made in (
        attribute("rise_grid", passes(pictures, "fp32"), TARGETS, **FEW),
        attribute("saliency", passes(pictures), TARGETS),
    ):
        assert (made.precision, made.maps, made.fidelity) == ("fp32", None, 1)
        assert "map_fidelity" not in made.facts(0)
    ran = []
    for compared in (0, 1):
        p = passes(pictures, compared=compared)
        made = attribute("rise_grid", p, TARGETS, **FEW)
        assert (made.maps is None) == (compared == 0)
        assert (made.facts(0)["map_fidelity"] is None) == (compared == 0)
        ran.append(p.runner.forwards)
    assert ran[0] == ran[1], "what is run to compare is in no count"
    assert ran[0] == 3 * FEW["masks"] + 3, "nor what the fidelity of logits takes"


@pytest.mark.slow
def test_a_control_has_the_precision_of_its_base(pictures):
    assert attribute("inverted", passes(pictures), TARGETS).precision == "fp32"
    assert attribute("inverted", passes(pictures), TARGETS, base="rise_grid").precision == "mixed"
    assert attribute("centre", passes(pictures), TARGETS, base="rise_grid").precision == "fp32", "no base is asked"


def test_a_model_that_half_precision_cannot_hold_is_seen_in_its_maps(pictures):
    mate = far()
    p = Passes(mate.module, prepare(pictures[:1]), has=mate.has, precision="bf16")
    made = attribute("feature_ablation", p, (0,))
    assert made.fidelity > 0.999, "the logits do not tell"
    assert made.maps.low


@pytest.mark.slow
def test_a_low_fidelity_is_said_aloud(pictures, tmp_path):
    Image.fromarray(pictures[0]).save(tmp_path / "moth.png")
    (tmp_path / "far.safetensors").write_bytes(encode(far().module, {"model": "small_cnn"}))
    arguments = [str(tmp_path / "moth.png"), "--model", str(tmp_path / "far.safetensors"), "--batch", "8"]
    arguments += ["--method", "feature_ablation,saliency", "--precision", "bf16"]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.stderr
    assert "'feature_ablation': bf16, map fidelity" in done.stderr
    assert "over 1 of 1 image: low, not the maps of float32; explain it in fp32" in done.stderr
    one, two = map(json.loads, done.stdout.splitlines())
    assert one["map_fidelity"] < fidelity.LEAST
    assert "map_fidelity" not in two
    off = CliRunner().invoke(command, [*arguments, "--no-compare"])
    assert off.stderr == ""
    assert json.loads(off.stdout.splitlines()[0])["map_fidelity"] is None
    CliRunner().invoke(command, [*arguments, "-o", str(tmp_path / "sheet")])
    assert "over 1 of 1 image: low, not the maps of float32" in (tmp_path / "sheet.html").read_text("utf-8")


@pytest.fixture(scope="module")
def hired():
    data = encode(new("small_cnn", 4, seed=5).module, {"model": "small_cnn"})
    return Net("small_cnn", 4, sha256(data)), {sha256(data): data}


def made_jobs(moths, net, *methods):
    drawn = {"gallery": [], "size": 24, "most_bytes": 9000, "quality": 60}
    return jobs("moths", moths.scenes(2, 4), [0, 1], net, methods, **drawn)[0]


@pytest.mark.slow
def test_a_job_never_mixes_precisions(moths, hired):
    net, shared = hired
    full, low = (MethodRecipe("feature_ablation", precision=p) for p in ("fp32", "bf16"))
    saliency = MethodRecipe("saliency")
    plain = made_jobs(moths, net, MethodRecipe("feature_ablation"), saliency)
    assert made_jobs(moths, net, full, saliency) == plain, "what is not said changes no key"
    assert all(len(part) == 5 for part in plain.parts)
    both = made_jobs(moths, net, low, saliency, full)
    assert both.keys[1:] == (plain.keys[1], plain.keys[0])
    assert both.keys[0] not in plain.keys
    one, two, three = (found(data) for data in explained(both, shared))
    alone, beside = (found(data) for data in explained(plain, shared))
    assert [f.precision for f in (one, two, three)] == ["bf16", "fp32", "fp32"]
    assert (three.values, two.values) == (alone.values, beside.values), "no bit of them comes from the others' passes"
    assert one.values != three.values
    assert one.fidelity == (pytest.approx(fidelity.correlation(one.maps[0], three.maps[0]), abs=1e-5),)
    assert three.fidelity == two.fidelity == ()
    again = found(explained(both.only({both.keys[0]}), shared)[0])
    assert (again.values, again.fidelity) == (one.values, one.fidelity)


def test_a_recipe_names_a_precision_that_there_is(tmp_path, shipped):
    text = (shipped / "pack.toml").read_text("utf-8")
    for written, told in (
        ('"fp8"', "no precision of maps is called 'fp8'; give fp32 or bf16"),
        ("16", r"Expected `str`, got `int` - at `\$.methods"),
    ):
        (tmp_path / "pack.toml").write_text(f'{text}\n[[methods]]\nmethod = "rise"\nprecision = {written}\n')
        with pytest.raises(BadRecipe, match=told):
            recipe.read(tmp_path)
    (tmp_path / "pack.toml").write_text(f'{text}\n[[methods]]\nmethod = "rise"\nprecision = "bf16"\n')
    assert recipe.read(tmp_path).methods[-1].precision == "bf16"
    assert "precision" not in msgspec.to_builtins(MethodRecipe("rise", precision="fp32"))


def test_a_pack_tells_how_near_its_maps_are():
    held = manifest()
    name = next(iter(held.models))

    def low(n, shown):
        fidelity_ = (0.91, 0.999)[n] if n < 2 else None
        return msgspec.structs.replace(shown, precision="bf16", fidelity=fidelity_)

    key = next(iter(held.specimens[0].explanations[name]))
    specimens = tuple(
        msgspec.structs.replace(s, explanations={name: {key: low(n, s.explanations[name][key])}})
        for n, s in enumerate(held.specimens)
    )
    told = near(msgspec.structs.replace(held, specimens=specimens))
    many = len(specimens)
    assert told == [
        f"{key} for {name}, bf16: map fidelity 0.9100 at least over 2 of {many} images: low, not the maps of float32"
    ]
    assert set(told) <= set(notes(msgspec.structs.replace(held, specimens=specimens)))
    assert near(held) == []
    assert "fidelity" not in msgspec.to_builtins(Explained("map", "d", "m", "t"))
