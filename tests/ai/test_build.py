"""From recipe to pack: the parts on small numbers, and the pack that ships."""

import json
import subprocess
import sys

import msgspec
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from ai import recipe, weights
from ai.build import Build
from ai.calibration import softmax, temperature
from ai.check import examine, facts
from ai.cli import pack
from ai.drawing import draw_all
from ai.pack import read
from ai.recipe import BadRecipe, Selection, TrainingRecipe
from ai.selection import Pool, TooFew, choose
from ai.train import train
from game.canonical import digest, encode, sha256
from game.registry import explainer

TINY = TrainingRecipe(seed=3, images=48, held_out=8, epochs=1, batch=16)


@pytest.fixture
def shipped(root):
    return root / "game" / "studies" / "moths"


@pytest.mark.slow
def test_training_learns_and_repeats():
    told = []
    one, two = (train("small_cnn", "moths", TINY, told.append) for _ in range(2))
    assert weights.encode(one.module, {}) == weights.encode(two.module, {})
    other = train("small_cnn", "moths", msgspec.structs.replace(TINY, seed=4))
    assert weights.encode(one.module, {}) != weights.encode(other.module, {})
    assert {"loss", "held_out", "epoch"} <= set(told[1])
    assert json.dumps(told)


@pytest.mark.slow
def test_one_step_lowers_the_loss(mate, pictures):
    from ai.teammate import prepare

    x, y = prepare(pictures), torch.tensor([0, 1, 2, 3, 0, 1])
    mate.module.train()
    optimiser = torch.optim.SGD(mate.module.parameters(), 0.05)
    losses = []
    for _ in range(2):
        loss = nn.functional.cross_entropy(mate.module(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[1] < losses[0]


def test_training_gives_the_settings_back():
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with pytest.raises(ValueError, match="not a finite number"):
        train("small_cnn", "moths", msgspec.structs.replace(TINY, rate=1e30, epochs=3))
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


@pytest.mark.slow
def test_processes_draw_what_one_draws(moths):
    scenes = moths.scenes(101, 5)
    assert np.array_equal(draw_all("moths", scenes, 32, workers=2), draw_all("moths", scenes, 32))


def test_temperature_makes_confidence_as_frequent_as_being_right():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (4000, 4))
    truth = np.array([rng.choice(4, p=p) for p in softmax(logits)])
    assert temperature(3 * logits, truth) == pytest.approx(3, rel=0.08)
    some = rng.permutation(4000)[:40]
    heat = temperature(logits[some], truth[some])
    assert softmax(logits[some], heat).max(1).mean() == pytest.approx((logits[some].argmax(1) == truth[some]).mean())
    with pytest.raises(ValueError, match="nothing to calibrate"):
        temperature(logits[:0], truth[:0])


def pool(n=80):
    truth = np.arange(n) % 4
    logits = np.eye(4, dtype=np.float32)[np.where(np.arange(n) % 5 == 0, (truth + 1) % 4, truth)]
    sure = np.arange(n) % 7 != 0
    return Pool([None] * n, logits, np.zeros((n, 4)), truth, sure)


def test_only_sure_specimens_and_known_errors_enter():
    made, rules = pool(), Selection(right=3, wrong=1, practice_right=1, practice_wrong=1)
    wrong = np.flatnonzero(~made.right & made.sure).tolist()
    causes = dict.fromkeys(wrong[1:], "confounder")
    chosen = choose(made, causes, "abcd", rules)
    assert np.bincount(made.truth[chosen.indices]).tolist() == [4, 4, 4, 4]
    assert made.right[chosen.indices].sum() == 12
    picked = [*chosen.indices, *chosen.practice]
    assert len(set(picked)) == 18
    assert made.sure[picked].all()
    assert wrong[0] not in picked
    with pytest.raises(TooFew, match="a: 0 specimens the teammate gets wrong"):
        choose(made, {}, "abcd", rules)


@pytest.mark.parametrize(
    ("text", "says"), [("name = 1", "Expected `str`"), ("nonsense", "pack.toml"), ('colour = "red"', "pack.toml")]
)
def test_a_bad_recipe_is_refused_by_name(tmp_path, text, says):
    (tmp_path / "pack.toml").write_text(text)
    with pytest.raises(BadRecipe, match=says):
        recipe.read(tmp_path)
    with pytest.raises(BadRecipe, match="is missing"):
        recipe.read(tmp_path / "nowhere")


@pytest.fixture
def small(shipped, tmp_path):
    """The shipped recipe and weights with a small selection of small pictures."""
    whole = (shipped / "pack.toml").read_text()
    for a, b in (
        ("pool = 1000", "pool = 110"),
        ("right = 7", "right = 1"),
        ("wrong = 3", "wrong = 0"),
        ("image_size = 640", "image_size = 96"),
    ):
        assert a in whole
        whole = whole.replace(a, b, 1)
    whole = whole.replace("practice_wrong = 1", "practice_wrong = 0").replace("map_size = 192", "map_size = 48")
    (tmp_path / "pack.toml").write_text(whole)
    (tmp_path / "small_cnn.safetensors").write_bytes((shipped / "small_cnn.safetensors").read_bytes())
    return tmp_path


@pytest.mark.slow
def test_a_recipe_becomes_a_pack_and_the_same_again(small):
    for where in ("one", "two"):
        Build(small, recipe.read(small)).into(small / where)
    files = [
        {p.relative_to(small / w): p.read_bytes() for p in (small / w).rglob("*") if p.is_file()}
        for w in ("one", "two")
    ]
    assert files[0] == files[1]
    manifest, troubles = examine(small / "one")
    assert manifest is not None
    assert troubles == []
    assert {s.split for s in manifest.specimens} == {"study", "practice"}
    one = manifest.specimens[0]
    assert set(one.explanations["small_cnn"]) == {"saliency", "gradcam", "random"}
    assert all(e.target == one.advice["small_cnn"].label for e in one.explanations["small_cnn"].values())
    assert sum(one.posterior) == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_a_build_that_fails_leaves_the_old_pack(small):
    (small / "pack").mkdir()
    (small / "pack" / "kept").write_text("old")
    text = (small / "pack.toml").read_text()
    (small / "pack.toml").write_text(text.replace("right = 1", "right = 90", 1))
    done = CliRunner().invoke(pack, ["build", str(small), "--workers", "1"])
    assert done.exit_code == 1
    assert "90 wanted" in done.stderr
    assert (small / "pack" / "kept").read_text() == "old"
    (small / "pack.toml").write_text(text.replace('method = "gradcam"', 'method = "gradcan"'))
    done = CliRunner().invoke(pack, ["build", str(small), "--workers", "1"])
    assert done.exit_code == 1
    assert "did you mean 'gradcam'" in done.stderr


def test_build_without_torch_says_what_to_install(shipped, environment):
    code = "import sys; sys.modules['torch'] = None\nfrom ai.cli import pack; pack(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "build", shipped], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "pip install torch==2.13.0, then pip install 'coplay[ai]'" in done.stderr


def test_the_pack_that_ships_is_sound(shipped):
    manifest, troubles = examine(shipped)
    assert manifest is not None
    assert troubles == []
    held = facts(manifest)
    assert held.specimens == {"practice": 3, "study": 40}
    assert {k: v["study"] for k, v in held.classes.items()} == dict.fromkeys(held.classes, 10)
    assert held.models["small_cnn"]["wrong"] == 12
    assert abs(held.models["small_cnn"]["mean_confidence"] - 0.7) < 0.005
    wrong = [s for s in manifest.specimens if s.advice["small_cnn"].label != s.truth]
    assert all(s.scene.get("error_from") for s in wrong)
    size = sum(
        p.stat().st_size for p in [*(shipped / "pack").rglob("*"), shipped / "small_cnn.safetensors"] if p.is_file()
    )
    assert size < 3_000_000


def test_the_pack_that_ships_comes_from_its_recipe(shipped):
    """What can be told without an hour of drawing: recipe, weights, answers and maps belong together."""
    manifest, made = read(shipped), recipe.read(shipped)
    assert manifest.recipe["digest"] == digest(made)
    data = (shipped / "small_cnn.safetensors").read_bytes()
    assert manifest.models["small_cnn"].digest == sha256(data)
    build = Build(shipped, made)
    mate = build.teammate("small_cnn", made.models["small_cnn"])
    scenes = {s.seed: s for s in build.source.scenes(made.selection.pool, made.selection.seed, **made.selection.scenes)}
    chosen = manifest.specimens[:8]
    drawn = np.stack([build.source.draw(scenes[s.scene["seed"]], mate.size) for s in chosen])
    logits = mate.logits(drawn)
    labels = [build.keys[k] for k in logits.argmax(1)]
    assert labels == [s.advice["small_cnn"].label for s in chosen]
    heat = manifest.models["small_cnn"].details["temperature"]
    stated = np.array([s.advice["small_cnn"].probabilities for s in chosen])
    np.testing.assert_allclose(softmax(logits, heat), stated, atol=2e-3)
    assert set(manifest.methods) <= set(explainer.names())


def test_show_prints_and_draws(shipped, tmp_path):
    whole = read(shipped)
    few = msgspec.structs.replace(whole, specimens=whole.specimens[:5])
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "blobs").symlink_to(shipped / "pack" / "blobs")
    (tmp_path / "pack" / "manifest.json").write_bytes(encode(few))
    done = CliRunner().invoke(pack, ["show", str(tmp_path)])
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 6
    done = CliRunner().invoke(pack, ["show", str(tmp_path), "-o", str(tmp_path / "sheet.html")])
    assert done.stdout.split() == [str(tmp_path / "sheet.html"), str(tmp_path / "sheet.png")]
    page = (tmp_path / "sheet.html").read_text()
    assert page.count("<img") == 5 * 4
    assert "http" not in page, "a sheet needs nothing else"


def test_check_says_sound_or_not(shipped, tmp_path):
    done = CliRunner().invoke(pack, ["check", str(shipped), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["troubles"] == []
    done = CliRunner().invoke(pack, ["check", str(tmp_path)])
    assert done.exit_code == 1
    assert "there is no manifest" in done.stdout


@pytest.mark.slow
def test_examples_and_twins_are_stored_as_pictures(small):
    text = (small / "pack.toml").read_text()
    text = text[: text.index("[[methods]]")]
    for method in ("nearest", "prototype", "twin", "ground_truth", "shuffled"):
        text += f'[[methods]]\nmethod = "{method}"\n'
    (small / "pack.toml").write_text(text)
    Build(small, recipe.read(small)).into(small / "pack")
    made, troubles = examine(small / "pack")
    assert made is not None
    assert troubles == []
    for each in made.specimens:
        shown = each.explanations["small_cnn"]
        kinds = {name: one.kind for name, one in shown.items()}
        assert kinds == {
            "nearest": "picture", "prototype": "picture", "twin": "picture", "ground_truth": "map", "shuffled": "map",
        }  # fmt: skip
        assert made.blobs[shown["nearest"].blob].width == 96
        assert shown["twin"].blob != each.image
        assert {one.target for one in shown.values()} == {each.advice["small_cnn"].label}
