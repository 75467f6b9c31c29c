"""The lab from recipe to results folder, on a tiny task whose right answers are known: see squares.py."""

import csv
import json
import math
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from ai.jobstore import JobStore, jobs_of
from ai.lab.comparison import Comparison
from ai.lab.material import gather
from ai.lab.presets import PRESETS, cost, repeated
from game.lab import CURVES, PAIRS, SCORES, decode, decode_items
from game.registry import explainer
from tests.ai import squares

METHODS = (
    "saliency,input_x_gradient,gradcam,eigencam,occlusion,ground_truth,random,randomised_model,attention_last,edges"
)
METRICS = (
    "localisation",
    "complexity",
    "agreement",
    "human",
    "variation",
    "mprt_full",
    "deletion_mean",
    "completeness",
)
IMAGES = 8


@pytest.fixture(scope="module")
def known():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with squares.registered():
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def study(known, tmp_path_factory):
    return squares.study(tmp_path_factory.mktemp("squares"))


def compare(study, folder, **how):
    given = {"preset": "quick", "images": IMAGES, "methods": METHODS, "metrics": METRICS, **how}
    return Comparison([study], **given).into(folder)


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    to = tmp_path_factory.mktemp("results") / "lab"
    compare(study, to)
    return to


@pytest.fixture(scope="module")
def lab(folder):
    return decode((folder / "lab.json").read_bytes())


@pytest.fixture(scope="module")
def scores(folder):
    return list(csv.DictReader(lines_of(folder / "scores.csv")))


def lines_of(path):
    return path.read_text("utf-8").splitlines()


def values(scores, metric, method, model="fair"):
    rows = [r for r in scores if (r["metric"], r["method"], r["model"], r["variant"]) == (metric, method, model, "")]
    return [float(r["value"]) for r in rows if r["value"]]


@pytest.mark.slow
def test_the_folder_holds_what_its_format_says(folder, lab):
    for name, columns in (("scores", SCORES), ("pairs", PAIRS), ("curves", CURVES)):
        lines = list(csv.reader(lines_of(folder / f"{name}.csv")))
        table = pq.read_table(folder / f"{name}.parquet")
        assert tuple(lines[0]) == columns == tuple(table.column_names)
        assert len(lines) - 1 == table.num_rows > 0
    assert len(list(folder.glob("maps/squares/fair/gradcam/*.png"))) == IMAGES
    assert len(list(folder.glob("maps/squares/*.webp"))) == IMAGES
    assert {m.name for m in lab.models} == {"biased", "fair"}
    assert "attention_last" not in {m.key for m in lab.methods}
    assert "'attention_last' is not valid" in lab.models[0].refused["attention_last"]


def test_every_undefined_value_has_a_reason_and_is_no_zero(scores):
    assert all(bool(r["value"]) != bool(r["undefined_because"]) for r in scores)
    assert all(not r["value"] or math.isfinite(float(r["value"])) for r in scores)
    missing = {r["metric"] for r in scores if r["undefined_because"] == "no retrained model is at hand"}
    assert missing == {"model_seed_likeness", "model_seed_flips"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "metric", ["pointing_game", "relevance_mass", "relevance_rank", "top_k_intersection", "cue_overlap"]
)
def test_the_ground_truth_beats_all_on_localisation(scores, lab, metric):
    best = np.mean(values(scores, metric, "ground_truth"))
    held = {m.key: values(scores, metric, m.key) for m in lab.methods if m.key not in ("ground_truth", "gradcam")}
    others = {key: np.mean(found) for key, found in held.items()}
    assert best >= max(others.values()) - 1e-9, others
    assert best > others["random"] + 0.3


def test_a_map_that_is_the_same_everywhere_is_undefined(scores):
    """The planted net's channels speak for one side as much as against the other, so Grad-CAM's weights cancel."""
    names = ("confounder_mass", "sparseness", "mprt_full")
    rows = [r for r in scores if r["method"] == "gradcam" and r["metric"] in names and not r["variant"]]
    # What runs a method again asks some of the images only: three of each net's here.
    assert Counter(r["metric"] for r in rows) == {
        "confounder_mass": 2 * IMAGES,
        "sparseness": 2 * IMAGES,
        "mprt_full": 2 * 3,
    }
    assert {r["value"] for r in rows} == {""}
    assert {r["undefined_because"] for r in rows} == {"the map is the same everywhere"}


def test_a_fair_model_is_shown_to_go_by_the_evidence(scores):
    assert np.mean(values(scores, "relevance_mass", "input_x_gradient")) > 0.8
    assert np.mean(values(scores, "confounder_mass", "input_x_gradient")) < 0.02


def test_the_biased_model_is_exposed_by_one_method_and_hidden_by_another(lab):
    told = {e.method: e for e in lab.exposures}
    assert {e.fair for e in lab.exposures} == {"fair"}
    assert told["input_x_gradient"].exposed is True
    assert told["input_x_gradient"].difference > 0.3
    assert told["eigencam"].exposed is False  # it reads what the layer sees, which both nets share
    assert told["gradcam"].exposed is None
    assert "random" not in told  # a control shows nothing of a model


def test_the_randomised_model_control_fails_the_randomisation_test(folder):
    told = {(s.model, s.method): s for s in decode_items((folder / "items.json").read_bytes()).sanity}
    control = told["fair", "randomised_model"]
    assert control.sane is False
    assert control.because.startswith("mprt_full is 1.00, at most ")
    assert told["fair", "edges"].sane is told["fair", "random"].sane is False
    assert told["fair", "input_x_gradient"].sane is True
    assert told["fair", "gradcam"].sane is None


def test_items_say_where_methods_disagree(folder):
    items = decode_items((folder / "items.json").read_bytes()).items
    assert len(items) == 2 * IMAGES
    fair = [i for i in items if i.model == "fair"]
    assert all(0 <= i.disagreement <= 1 and 0 <= i.flips <= 1 for i in fair)
    assert {i.highlighted["ground_truth"] for i in fair} <= {"square", "stripe", "", "dot"}
    assert len({i.disagreement for i in fair}) > 1


def test_what_is_there_is_not_made_again(study, folder, lab):
    told = []
    again = compare(study, folder, talk=told.append)
    assert not [t for t in told if t.get("of")]
    assert again.cpu_seconds == lab.cpu_seconds
    assert again.counts == lab.counts


def test_a_stopped_comparison_goes_on(study, tmp_path):
    class Stop(Exception):
        pass

    def stop(told):
        if told["stage"].startswith("metrics"):
            raise Stop

    with pytest.raises(Stop):
        compare(study, tmp_path / "lab", methods="saliency,gradcam", talk=stop)
    assert not (tmp_path / "lab" / "lab.json").exists()
    kept = set(jobs_of(tmp_path / "lab").rglob("*"))
    told = []
    compare(study, tmp_path / "lab", methods="saliency,gradcam", talk=told.append)
    assert {t["stage"] for t in told if t.get("of")} == {"metrics of squares"}
    assert len(kept) > 1


def test_one_method_is_undefined_and_says_so(study, tmp_path):
    made = compare(study, tmp_path / "lab", methods="gradcam", models=["fair"], metrics=["agreement", "human"])
    assert [c for c in made.counts if c.metric == "spearman"] == []
    items = decode_items((tmp_path / "lab" / "items.json").read_bytes()).items
    assert {i.disagreement for i in items} == {None}
    assert {i.undefined_because for i in items} == {"fewer than two methods gave maps that can be compared"}


def test_retrained_models_and_checkpoints_are_compared_with(study, tmp_path, monkeypatch):
    text = (study / "pack.toml").read_text("utf-8").replace('weights = "fair.safetensors"', 'weights = "fair.safetensors"\n'
        "training = { images = 32, held_out = 8, epochs = 2, batch = 16 }")  # fmt: skip
    other = tmp_path / "study"
    other.mkdir()
    (other / "pack.toml").write_text(text, "utf-8")
    made = compare(other, tmp_path / "lab", methods="input_x_gradient", models=["fair"], metrics=["variation", "relevance_mass"],
                   retrained=1, checkpoints=True)  # fmt: skip
    assert (other / "fair.safetensors").is_file()
    rows = list(csv.DictReader(lines_of(tmp_path / "lab" / "scores.csv")))
    variants = {r["variant"] for r in rows if r["metric"] == "relevance_mass"}
    assert {"", "model_seed:1", "checkpoint:1"} <= variants
    found = {c.metric: c for c in made.counts}
    assert found["model_seed_likeness"].undefined < found["model_seed_likeness"].rows
    assert found["checkpoint_likeness"].undefined < found["checkpoint_likeness"].rows


def test_two_recipes_of_one_name_are_refused(study):
    with pytest.raises(ValueError, match="two of the recipes are called 'squares'"):
        Comparison([study, study])


@pytest.mark.parametrize(("given", "said"), [
    ({"preset": "huge"}, "no preset is called 'huge'; known: quick, standard, thorough"),
    ({"metrics": ["spearmint"]}, "did you mean 'spearman'"),
    ({"models": ["nobody"]}, "no model is called 'nobody'"),
    ({"methods": "nearest"}, "'nearest' shows examples and gives no map"),
])  # fmt: skip
def test_what_is_not_there_is_named(study, tmp_path, given, said):
    with pytest.raises((ValueError, LookupError), match=said):
        compare(study, tmp_path / "lab", **given)


def test_a_pack_without_a_recipe_is_refused(tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "manifest.json").write_text("{}")
    with pytest.raises(ValueError, match="this pack has no recipe beside it"):
        gather(tmp_path / "pack", 4)


def test_specimens_are_spread_over_classes(study):
    truths = gather(study, 8).truths
    assert sorted(truths) == [0] * 4 + [1] * 4


@pytest.mark.slow
def test_the_shipped_pack_is_found_again_in_its_recipe(shipped):
    material = gather(shipped, 6)
    assert material.pack
    assert len(material.ids) == len(material.scenes) == 6
    manifest = json.loads((shipped / "pack" / "manifest.json").read_bytes())
    by = {s["id"]: s for s in manifest["specimens"]}
    for i, scene in zip(material.ids, material.scenes, strict=True):
        assert by[i]["scene"]["seed"] == scene.seed
    assert set(material.answers) == set(manifest["models"])


def test_costly_methods_are_run_again_on_fewer_images():
    assert cost("saliency") < 10 < cost("occlusion") < cost("shapley_sampling")
    assert repeated(PRESETS["standard"], "saliency") > repeated(PRESETS["standard"], "shapley_sampling") == 0
    assert repeated(PRESETS["thorough"], "shapley_sampling") > 0
    assert all(cost(e.name) > 0 for e in explainer)


def test_results_are_kept_by_what_made_them(folder):
    assert not (JobStore(jobs_of(folder)).folder / "weights").exists()
