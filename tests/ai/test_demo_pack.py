"""The pack that ships: sound, from its recipe, and what the commands say of it."""

import json
import subprocess
import sys
from collections import Counter

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from ai import recipe
from ai.build import Build
from ai.calibration import softmax
from ai.check import examine
from ai.cli import pack
from ai.facts import facts
from ai.pack import read, with_times
from game.canonical import digest, encode, sha256


def test_build_without_torch_says_what_to_install(shipped, environment):
    code = "import sys; sys.modules['torch'] = None\nfrom ai.cli import pack; pack(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "build", shipped], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "pip install torch==2.13.0, then pip install 'coplay[ai]'" in done.stderr


@pytest.mark.slow
def test_the_pack_that_ships_is_sound(shipped):
    manifest, troubles = examine(shipped)
    assert manifest is not None
    assert troubles == []
    held = facts(manifest)
    assert held.specimens == {"practice": 12, "study": 120, "twin": 24}
    assert {k: v["study"] for k, v in held.classes.items()} == dict.fromkeys(held.classes, 30)
    assert held.pairs == {"small_cnn small_vit": {"both_right": 56, "only_first": 28, "only_second": 28, "none": 8}}
    for name, told in held.models.items():
        assert told["wrong"] == 36, "each is right on 70 % of the study's items"
        assert abs(told["mean_confidence"] - 0.7) < 0.005
        wrong = [s for s in manifest.specimens if s.split == "study" and s.advice[name].label != s.truth]
        assert all(s.scene[f"error_from_{name}"] for s in wrong)
    twins = [s for s in manifest.specimens if s.twin_of]
    assert Counter(s.twin_cue for s in twins) == {"eye_spots": 12, "antennae": 12}
    assert all(set(s.explanations) == {"small_cnn", "small_vit"} for s in twins)
    assert all(len(c.examples) == 4 for c in manifest.classes)
    assert [c.key for c in manifest.contexts] == ["site", "wingbeat"]
    families = {name: about["family"] for name, about in manifest.methods.items()}
    assert sum(f != "control" for f in families.values()) >= 4
    assert sum(f == "control" for f in families.values()) >= 2
    held_files = [*(shipped / "pack").rglob("*"), *shipped.glob("*.safetensors")]
    assert sum(p.stat().st_size for p in held_files if p.is_file()) < 8_000_000


@pytest.mark.slow
def test_the_pack_that_ships_comes_from_its_recipe(shipped):
    """What can be told without an hour of drawing: recipe, weights, answers and maps belong together."""
    manifest, made = read(shipped), recipe.read(shipped)
    assert manifest.recipe["digest"] == digest(made)
    build = Build(shipped, made)
    scenes = {s.seed: s for s in build.source.scenes(made.selection.pool, made.selection.seed, **made.selection.scenes)}
    chosen = [s for s in manifest.specimens if s.split == "study"][:6]
    for name, model in made.models.items():
        mate = build.teammate(name, model)
        assert manifest.models[name].digest == mate.digest == sha256((shipped / model.weights).read_bytes())
        drawn = np.stack([build.source.draw(scenes[s.scene["seed"]], mate.size) for s in chosen])
        logits = mate.logits(drawn)
        assert [build.keys[k] for k in logits.argmax(1)] == [s.advice[name].label for s in chosen]
        heat = manifest.models[name].details["temperature"]
        stated = np.array([s.advice[name].probabilities for s in chosen])
        np.testing.assert_allclose(softmax(logits, heat), stated, atol=2e-3)


@pytest.mark.slow
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
    columns = {(m, x) for s in few.specimens for m, by in s.explanations.items() for x in by}
    assert page.count("<img") == 5 * (1 + len(columns))
    assert "http" not in page, "a sheet needs nothing else"
    assert "slope 4.0, spectrum_mismatch 0.0" in page
    assert " ms " not in page, "build.json is of another manifest"
    assert not [s for s in whole.specimens for by in s.explanations.values() for e in by.values() if not e.precision]
    timed = with_times(whole, shipped)
    assert all(e.wall_ms > 0 for s in timed.specimens for by in s.explanations.values() for e in by.values())


@pytest.mark.slow
def test_check_says_sound_or_not(shipped, tmp_path):
    done = CliRunner().invoke(pack, ["check", str(shipped), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["troubles"] == []
    done = CliRunner().invoke(pack, ["check", str(tmp_path)])
    assert done.exit_code == 1
    assert "there is no manifest" in done.stdout
