"""From recipe to pack: the same again, goes on where it was, makes what is missing, and never breaks the old one."""

import json
import subprocess
import sys
import time
from collections import Counter

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from ai import recipe, weights
from ai.build import Build
from ai.check import examine
from ai.cli import pack
from ai.facts import notes
from ai.recipe import MethodRecipe, Selection, Twins
from game.canonical import digest, encode, sha256
from game.pack import Built, timed


@pytest.fixture
def small(shipped, tmp_path):
    """The shipped weights in a recipe of two models that are one, with few small pictures."""
    whole = recipe.read(shipped)
    name, first = next(iter(whole.models.items()))
    made = msgspec.structs.replace(
        whole,
        models={name: msgspec.structs.replace(first, evaluation="")},
        selection=Selection(
            pool=64, seed=41, right=1, wrong=0, practice_right=1, practice_wrong=0, scenes={"difficulty": 0.5}
        ),
        methods=(MethodRecipe("gradcam"), MethodRecipe("saliency"), MethodRecipe("random", 5)),
        twins=Twins(("eye_spots", "confounder"), 2),
        ai_told=("wingbeat",),
        examples=1,
        image_size=96,
        picture_size=0,
        example_size=64,
        map_size=48,
    )
    write(tmp_path, made)
    tensors, _ = weights.unpacked((shipped / first.weights).read_bytes())
    told = {"recipe": digest([first.model, made.source, first.training]), "model": first.model, "classes": "4"}
    (tmp_path / first.weights).write_bytes(weights.packed(tensors, told))
    return tmp_path


def write(folder, made):
    plain = msgspec.to_builtins(made)
    (folder / "pack.toml").write_text("".join(f"{key} = {toml(value)}\n" for key, value in plain.items()))


def toml(value):
    """A value as TOML: JSON, but for tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {toml(each)}' for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def change(folder, **changes):
    write(folder, msgspec.structs.replace(recipe.read(folder), **changes))


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "build.json"}


def built(study, where="pack", **how):
    told = []
    manifest = Build(study, recipe.read(study), talk=told.append, **how).into(study / where)
    return manifest, told[-1]


@pytest.mark.slow
def test_a_recipe_becomes_a_pack_and_the_same_again(small):
    manifest, told = built(small, "one")
    assert told["made"] == told["kept"]
    _, again = built(small, "one")
    assert again["made"] == 0
    before = files(small / "one")
    built(small, "two", workers=2)
    assert files(small / "two") == before
    assert examine(small / "one") == (manifest, [])
    assert Counter(s.split for s in manifest.specimens) == {"study": 4, "practice": 1, "twin": 4}
    one = manifest.specimens[0]
    name = next(iter(manifest.models))
    assert set(one.explanations[name]) == {"saliency", "gradcam", "random"}
    assert all(e.target == one.advice[name].label for e in one.explanations[name].values())
    assert sum(one.posterior) == pytest.approx(1, abs=1e-5)
    assert one.posterior != one.posterior_image
    assert set(one.context) == {"site", "wingbeat"}
    assert 0 < one.disagreement < 1
    assert manifest.models[name].details["told"] == "wingbeat"
    assert all(len(c.examples) == 1 for c in manifest.classes)
    told = msgspec.json.decode((small / "one" / "build.json").read_bytes(), type=Built)
    assert told.pack == sha256((small / "one" / "manifest.json").read_bytes())
    assert told.versions["torch"]
    ms = [one.wall_ms for s in timed(manifest, told).specimens for one in s.explanations[name].values()]
    assert len(ms) == 9 * 3
    assert all(took >= 0 for took in ms)
    assert sum(ms) == pytest.approx(1000 * sum(map(sum, told.seconds[name].values())), abs=0.1)


@pytest.mark.slow
def test_every_map_carries_all_it_was_made_with_and_nothing_of_its_neighbours(small):
    methods = (
        MethodRecipe("contrast"), MethodRecipe("smoothed_random", 5, params={"slope": 3.0}), MethodRecipe("wrong_class"),
        MethodRecipe("integrated_gradients", params={"steps": 2}), MethodRecipe("twin"),
    )  # fmt: skip
    change(small, methods=methods, twins=Twins(), ai_told=())
    manifest, _ = built(small)
    name, keys = next(iter(manifest.models)), [c.key for c in manifest.classes]
    for s in manifest.specimens:
        shown, said = s.explanations[name], s.advice[name]
        assert {(one.device, one.precision) for one in shown.values()} == {("cpu", "fp32")}
        assert all(one.wall_ms is None for one in shown.values()), "equal builds have equal bytes"
        second = shown["contrast"].params["against"]
        assert shown["contrast"].params == {"base": "input_x_gradient", "against": second}
        assert shown["wrong_class"].params["explains"] == second
        assert keys[second] != said.label
        assert said.probabilities[second] == sorted(said.probabilities)[-2]
        noise = shown["smoothed_random"].params
        assert {k: noise[k] for k in ("base", "match", "size", "slope")} == {
            "base": "gradcam", "match": "energy+smoothness", "size": 48, "slope": 3.0,
        }  # fmt: skip
        assert noise["spectrum_mismatch"] <= 0.01
        path = shown["integrated_gradients"]
        assert (path.baseline, path.params) == ("mean", {"baseline": "mean", "steps": 2})
        assert path.gap >= 0
        assert shown["twin"].params["cue"] in s.cues
    assert examine(small) == (manifest, [])


@pytest.mark.slow
def test_maps_at_half_precision_tell_it_and_how_near_they_are(small):
    cells = {"grid": 3}
    change(small, methods=(MethodRecipe("saliency"),), twins=Twins(), ai_told=())
    plain, _ = built(small)
    told, low = [], MethodRecipe("feature_ablation", params=cells, precision="bf16")
    change(small, methods=(low, MethodRecipe("saliency")))
    manifest = Build(small, recipe.read(small), talk=told.append).into(small / "pack")
    name = next(iter(manifest.models))
    assert told[-1]["kept"] - told[-1]["made"] > 1, "what is in fp32 is not made again"
    first, *rest = (s.explanations[name]["feature_ablation"] for s in manifest.specimens)
    assert {one.precision for one in (first, *rest)} == {"bf16"}
    assert 0.9 < first.fidelity <= 1
    assert {one.fidelity for one in rest} == {None}
    assert manifest.methods["feature_ablation"]["precision"] == "bf16"
    assert manifest.methods["saliency"] == plain.methods["saliency"]
    for s, before in zip(manifest.specimens, plain.specimens, strict=True):
        assert s.explanations[name]["saliency"] == before.explanations[name]["saliency"]
    note = next(t["note"] for t in told if t["stage"] == "precision")
    assert note.startswith(f"feature_ablation for {name}, bf16: map fidelity ")
    assert f"over 1 of {len(manifest.specimens)} images" in note
    assert note in notes(manifest)


@pytest.mark.slow
def test_twins_differ_in_one_cue_and_have_their_own_answers_and_maps(small):
    manifest, _ = built(small)
    by_id, name = {s.id: s for s in manifest.specimens}, next(iter(manifest.models))
    probes = [s for s in manifest.specimens if s.split == "twin"]
    assert {s.twin_cue for s in probes} == {"eye_spots", "tag"}
    for s in probes:
        of = by_id[s.twin_of]
        assert of.split == "study"
        assert {key for key in of.cues if of.cues[key] != s.cues[key]} == {s.twin_cue}
        assert s.image != of.image
        assert set(s.advice) == set(of.advice)
        assert s.explanations[name]["saliency"].blob != of.explanations[name]["saliency"].blob
        best = [c.key for c in manifest.classes][int(np.argmax(s.posterior))]
        assert s.truth == best
        assert s.context == of.context


@pytest.mark.slow
def test_only_what_a_recipe_changes_is_made_again(small):
    built(small)
    held = recipe.read(small)
    more = (*held.methods, MethodRecipe("smoothgrad", params={"samples": 2}))
    change(small, methods=more)
    manifest, told = built(small)
    shards = 1
    assert told["made"] == shards
    change(small, map_size=32, title={"en": "Other"})
    _, told = built(small)
    assert told["made"] == 0, "renderings and texts cost nothing"
    assert set(manifest.methods) == {"gradcam", "saliency", "random", "smoothgrad"}


@pytest.mark.slow
def test_a_build_that_is_killed_goes_on_where_it_was(small, environment):
    store = small / ".pack-jobs"
    command = [sys.executable, "-m", "server.cli", "pack", "build", str(small), "--workers", "1"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None and len(list(store.glob("??/*"))) < 3:
            time.sleep(0.02)
        process.kill()
    finally:
        process.wait()
    held = {p.name for p in store.glob("??/*") if not p.name.endswith(".half")}
    assert len(held) >= 3
    assert not (small / "pack").exists()
    manifest, told = built(small)
    assert told["made"] <= told["kept"] - 3
    assert not [p for p in small.iterdir() if p.name.startswith(".draft")], "the killed build's draft is gone"
    fresh, _ = built(small, "other")
    assert encode(fresh) == encode(manifest)


@pytest.mark.slow
def test_a_full_disk_is_one_clear_error(small, environment):
    """A limit on file sizes is the nearest thing to a full disk that a test can have without being root."""
    (small / "pack").mkdir()
    (small / "pack" / "kept").write_text("old")
    code = (
        "import resource, sys; from server.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "sys.argv = ['coplay', 'pack', 'build', *sys.argv[1:]]; main()"
    )
    command = [sys.executable, "-c", code, str(small), "--workers", "1"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith("file too large: the pack is as it was; free some space and try again")
    )
    assert "Traceback" not in done.stderr
    assert [p.name for p in (small / "pack").iterdir()] == ["kept"]


@pytest.mark.slow
def test_a_build_that_fails_leaves_the_old_pack(small):
    (small / "pack").mkdir()
    (small / "pack" / "kept").write_text("old")
    held = recipe.read(small)
    for changes, says in (
        ({"selection": msgspec.structs.replace(held.selection, right=90)}, "90 wanted"),
        ({"methods": (MethodRecipe("gradcan"),)}, "did you mean 'gradcam'"),
        ({"methods": (MethodRecipe("rollout"),)}, "'rollout' is not valid"),
        (
            {"methods": (MethodRecipe("random", params={"gird": 4}),)},
            "'random' has no parameter 'gird'; did you mean 'grid'?",
        ),
        ({"methods": (MethodRecipe("rise", params={"masks": 0}),)}, "rise.masks is a whole number, 1 or more, not 0"),
        ({"methods": (MethodRecipe("rise", precision="half"),)}, "methods.rise: no precision of maps is called 'half'"),
        ({"ai_told": ("smell",)}, "no context is called smell; the source has site, wingbeat"),
        ({"twins": Twins(("legs",))}, "no cue is called 'legs'"),
        (
            {"selection": msgspec.structs.replace(held.selection, scenes={"fog": 1})},
            "unexpected keyword argument 'fog'",
        ),
    ):
        write(small, msgspec.structs.replace(held, **changes))
        done = CliRunner().invoke(pack, ["build", str(small), "--workers", "1"])
        assert done.exit_code == 1
        assert says in done.stderr
        assert (small / "pack" / "kept").read_text() == "old"


@pytest.mark.slow
def test_examples_and_twins_are_stored_as_pictures(small):
    methods = ("nearest", "prototype", "twin", "ground_truth", "shuffled")
    change(small, methods=tuple(map(MethodRecipe, methods)), twins=Twins())
    made, _ = built(small)
    assert examine(small / "pack") == (made, [])
    for each in made.specimens:
        shown = next(iter(each.explanations.values()))
        kinds = {name: one.kind for name, one in shown.items()}
        assert kinds == {
            "nearest": "picture", "prototype": "picture", "twin": "picture", "ground_truth": "map", "shuffled": "map",
        }  # fmt: skip
        assert made.blobs[shown["nearest"].blob].width == 96
        assert shown["twin"].blob != each.image
        assert {one.target for one in shown.values()} == {next(iter(each.advice.values())).label}
