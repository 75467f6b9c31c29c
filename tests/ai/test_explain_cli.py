"""`coplay explain` and `coplay explainers`: data on stdout, talk on stderr, and the codes that they end with."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from ai import engine, weights
from ai.cli_explain import about, explain, explainers
from ai.opened import opened
from ai.passes import Passes
from ai.sheet import inferno
from ai.surroundings import Gallery, Surroundings
from ai.teammate import new
from game.registry import explainer


@pytest.fixture
def picture(tmp_path, moths):
    path = tmp_path / "moth.png"
    Image.fromarray(moths.draw(moths.scenes(1, 3)[0], 120)[:100]).save(path)
    return path


def run(*arguments, command=explain):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def test_one_line_per_method(picture):
    done = run(picture, "--model", "small_cnn", "--method", "gradcam,feature_ablation", "--batch", 8)
    assert done.exit_code == 0, done.stderr
    one, two = (json.loads(line) for line in done.stdout.splitlines())
    assert (one["method"], two["method"], two["baseline"]) == ("gradcam", "feature_ablation", "mean")
    assert one["target"] == two["target"]
    assert len(one["digest"]) == 64
    assert all(0 < share <= 1 for _, share in one["regions"])


def test_one_sheet_of_many(picture, tmp_path):
    out = tmp_path / "made" / "sheet.html"
    done = run(picture, "--model", "small_cnn", "--method", "saliency,gradcam", "--target", 1, "--batch", 8, "-o", out)
    assert done.exit_code == 0, done.stderr
    page, image = done.stdout.split()
    text = out.read_text("utf-8")
    assert page == str(out)
    with Image.open(image) as drawn:
        assert drawn.size[0] > 500
    for told in ("gradcam", "last_conv", "10.1109/ICCV.2017.74", "logit", "data:image/webp;base64"):
        assert told in text
    assert "http" not in text.replace("https://doi.org", "")


def test_what_is_asked_for_and_not_valid_is_said(picture):
    done = run(picture, "--model", "small_cnn", "--method", "gradcam,rollout", "--batch", 8)
    assert done.exit_code == 1
    assert [json.loads(line)["method"] for line in done.stdout.splitlines()] == ["gradcam"]
    assert "'rollout' is not valid for 'small_cnn'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--model", "small_cnn", "--method", "gradcram"), 2, "did you mean 'gradcam'"),
        (("--model", "small_cnm", "--method", "gradcam"), 2, "did you mean 'small_cnn'"),
        (("--model", "small_cnn", "--method", "gradcam", "--target", "bee"), 2, "no class is called 'bee'; known:"),
        (("--model", "gone.safetensors", "--method", "gradcam"), 1, "there is no such file"),
        (("--model", "timm", "--method", "rollout"), 1, "no weights of 'timm' are shipped"),
        (("--model", "timm:resnet18", "--method", "gradcam"), 1, "no weights of 'timm:resnet18' are shipped: train it"),
        (("--model", "small_cnn", "--method", ","), 2, "--method ',' names none: give all, or names as"),
        (("--model", "small_cnn", "--seed", -1), 2, "-1 is not in the range x>=0"),
        (("--model", "small_cnn", "--rendering", "glow"), 2, "'glow' is not one of"),
        *(
            (("--model", "small_cnn", "--method", "smoothgrad,integrated_gradients", "--set", text), 2, told)
            for text, told in (
                ("smoothgrad.samples=many", "smoothgrad.samples is a whole number, 2 or more, not 'many'"),
                ("smoothgrad.noise=nan", "smoothgrad.noise is a finite number"),
                ("integrated_gradients.steps=-3", "integrated_gradients.steps is a whole number, 0 or more, not -3"),
                ("smoothgrad.sample=3", "has no parameter 'sample'; did you mean 'samples'? It has: samples, noise"),
                ("saliency.pool=2", "was not asked for: add 'saliency' to --method"),
                ("smoothgrad", "write METHOD.PARAMETER=VALUE"),
            )
        ),
    ],
)
def test_wrong_questions_end_with_a_reason(picture, arguments, code, told):
    done = run(picture, *arguments, "--batch", 8)
    assert done.exit_code == code
    assert told in " ".join(done.stderr.split())
    assert not done.stdout


@pytest.mark.slow
def test_parameters_rendering_and_gap_are_told(picture, tmp_path):
    methods = "contrast,integrated_gradients,lrp_zplus,edges"
    sets = ("contrast.base=integrated_gradients", "integrated_gradients.steps=1", "edges.pool=2")
    given = [part for text in sets for part in ("--set", text)]
    done = run(picture, "--model", "small_cnn", "--method", methods, "--batch", 8, *given)
    assert done.exit_code == 0, done.stderr
    one, two, three, four = (json.loads(line) for line in done.stdout.splitlines())
    assert one["base"] == "integrated_gradients"
    assert one["against"] in {"ardena", "brumella", "corvira", "dolmena"} - {one["target"]}
    assert (two["steps"], two["backward_passes"], four["pool"], four["backward_passes"]) == (1, 1, 2, 0)
    assert [line["rendering"] for line in (one, three, four)] == ["signed_p60_p99", "signed_p60_p99", "p60_p99"]
    out = tmp_path / "v1.2"
    done = run(
        picture, "--model", "small_cnn", "--method", methods, "--batch", 8, *given, "-o", out, "--rendering", "p99"
    )
    assert done.stdout.split() == [f"{out}.html", f"{out}.png"]
    text = (tmp_path / "v1.2.html").read_text("utf-8")
    for said in (
        "of the change: not converged",
        "of the logit",
        "against " + one["against"],
        "shown as p99",
        "1 F + 1 G",
    ):
        assert said in text


@pytest.mark.slow
def test_examples_are_drawn_and_what_is_not_valid_has_a_heading(picture, tmp_path):
    out = tmp_path / "made.html"
    done = run(picture, "--model", "small_cnn", "--method", "nearest,rollout", "--batch", 8, "-o", out)
    assert done.exit_code == 1
    assert "<h2>Not valid here</h2><dl><dt>rollout</dt><dd>it reads attention" in out.read_text("utf-8")
    with Image.open(tmp_path / "made.png") as drawn:
        cell = np.asarray(drawn.convert("RGB"))[100:250, 220:370]
    assert len(np.unique(cell.reshape(-1, 3), axis=0)) > 500, "pictures, not a grey square"


def test_a_sheet_never_takes_the_pictures_place(picture):
    before = picture.read_bytes()
    for out in (picture, picture.with_suffix(".html"), picture.with_suffix("")):
        done = run(picture, "--model", "small_cnn", "--method", "random", "-o", out)
        assert done.exit_code == 2
        assert "would write over the picture" in done.stderr
    assert picture.read_bytes() == before


def test_a_picture_is_read_as_it_is_or_not_at_all(tmp_path, moths):
    drawn = moths.draw(moths.scenes(1, 3)[0], 64)
    grey = np.asarray(Image.fromarray(drawn).convert("L"))
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    np.testing.assert_array_equal(np.asarray(opened(tmp_path / "deep.png"))[..., 0], grey)
    clear = np.dstack([drawn, np.zeros((64, 64), np.uint8)])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    assert (np.asarray(opened(tmp_path / "clear.png")) == 255).all(), "what is transparent lies on white"
    (tmp_path / "notes.png").write_text("no picture")
    Image.fromarray(drawn[:2]).save(tmp_path / "flat.png")
    Image.fromarray(grey.astype(np.float32)).save(tmp_path / "loose.tiff")
    for name, why in (
        ("notes.png", "not a picture that can be read; give a PNG"),
        ("flat.png", "64 x 2 pixels are too few to explain"),
        ("loose.tiff", "no known scale; save it with 8 or 16 bits"),
    ):
        with pytest.raises(ValueError, match=why):
            opened(tmp_path / name)
    done = run(tmp_path / "notes.png", "--model", "small_cnn")
    assert (done.exit_code, done.stdout) == (1, "")


def test_a_weights_file_says_what_it_is(picture, tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(weights.encode(new("small_vit", 3).module, {"model": "small_vit"}))
    done = run(picture, "--model", path, "--method", "attention_last", "--target", 2, "--batch", 8)
    assert done.exit_code == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["model"], made["target"]) == ("small_vit", "2")
    path.write_bytes(weights.encode(new("small_vit", 3).module, {}))
    assert run(picture, "--model", path).exit_code == 1


def test_every_method_is_listed_with_its_cost():
    done = run("--json", command=explainers)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["name"] for r in rows] == list(explainer.names())
    assert all(set(r) == {"name", "family", "needs", "signed", "cost", "cite"} for r in rows)
    assert about("saliency")["cost"] == "1 G"
    assert about("random")["cost"] == "none"
    table = run(command=explainers).stdout
    assert "gradcam" in table


@pytest.mark.parametrize(
    "method",
    ["saliency", "contrast", "smoothgrad", "eigencam", "gradcam", "deconvolution", "guided_backprop", "guided_gradcam",
     "deeplift", "lrp_epsilon", "lrp_zplus", "lrp_gamma", "feature_ablation", "rollout", "attention_flow", "attn_lrp",
     "chefer", "nearest"],
)  # fmt: skip
def test_what_a_method_is_said_to_cost_is_what_it_runs(method):
    """By default parameters, and beside one forward at most that only asks how much room is needed."""
    mate = new("small_vit" if {"attention"} & set(explainer[method].info["needs"]) else "small_cnn", 4)
    images = torch.rand((4, 3, 32, 32), generator=torch.Generator().manual_seed(0))
    near = Gallery(torch.rand(5, 128), (0,) * 5, ("",) * 5, tuple("abcde"))
    passes = Passes(mate.module, images, layer=mate.layer, has=mate.has, surroundings=Surroundings(near))
    engine.explain(method, passes, [0, 1, 2, 3])
    said = about(method)["cost"].split(",")[0]
    cost = {kind: int(n) for n, kind in (part.split() for part in said.split(" + "))}
    assert 0 <= passes.runner.forwards - 4 * cost.get("F", 0) <= 1
    assert passes.runner.backwards == 4 * cost.get("G", 0)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["explainers", "explain"])
def test_without_torch_it_says_what_to_install(picture, environment, command):
    code = f"import sys; sys.modules['torch'] = None; from ai.cli_explain import {command}; {command}()"
    given = [str(picture), "--model", "small_cnn"] if command == "explain" else []
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True, env=environment)
    assert done.returncode == 3
    assert done.stderr.strip() == "torch is missing: pip install torch==2.13.0, then pip install 'coplay[ai]'"
    assert not done.stdout


def test_the_palette_grows_brighter():
    light = inferno(np.linspace(0, 1, 50)) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(light) > 0).all()


def test_the_precision_told_is_the_one_a_method_ran_at(picture):
    methods = "gradcam,feature_ablation,scorecam"
    done = run(picture, "--model", "small_cnn", "--method", methods, "--batch", 8, "--precision", "bf16")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["precision"] for line in lines] == ["fp32", "bf16", "mixed"]
    assert lines[0]["fidelity"] == 1
    assert 0.99 < lines[1]["fidelity"] < 1
