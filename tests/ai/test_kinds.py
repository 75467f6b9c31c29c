"""Teammates of a kind are really trained, and what makes them that kind is measured."""

import json

import msgspec
import numpy as np
import pytest
import torch
from click.testing import CliRunner

from ai import scores, weights
from ai.calibration import softmax
from ai.cli_train import evaluate as evaluate_command
from ai.cli_train import train as train_command
from ai.evaluate import Evaluator, fits
from ai.evaluation import Evaluation
from ai.evaluation_page import write
from ai.kinds import KINDS, judged, possible, settled, taught
from ai.matched import pair
from ai.models.small_cnn import SmallCNN
from ai.recipe import TrainingRecipe
from ai.source import Species
from ai.teammate import new
from ai.train import train
from ai.training import answers
from game.registry import model, specimen
from tests.ai.patches import Patches

RECIPE = TrainingRecipe(images=160, held_out=120, epochs=4, batch=16, rate=5e-3, seed=1, warm_up=0.2)


def changed(**fields):
    return msgspec.structs.replace(RECIPE, **fields)


@pytest.fixture(scope="module", autouse=True)
def patches():
    specimen("patches", cite="a test", cues=("a", "b", "c", "d"), known=True)(Patches)
    about = {**model["small_cnn"].info, "size": 32}
    model("tiny_cnn", **about)(SmallCNN)
    yield
    specimen._entries.pop("patches")
    model._entries.pop("tiny_cnn")


@pytest.fixture(scope="module")
def made():
    """Return teammates by kind, each trained once."""
    held = {}

    def of(kind, **fields):
        if kind not in held:
            held[kind] = train("tiny_cnn", Patches(), changed(kind=kind, **fields))
        return held[kind]

    return of


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_it_learns_from(kind):
    recipe = settled(changed(kind=kind, target=0.6, scenes={"rho": 0.5} if kind == "biased" else {}))
    possible(Patches(), recipe)
    assert "rho" not in judged(recipe)
    assert taught(Patches(), recipe).get("rho") == (0.5 if kind == "biased" else None)
    assert recipe.sharpen == (3 if kind == "overconfident" else 0)


def test_a_pair_learns_from_cues_that_do_not_overlap():
    kept = [
        {cue for cue, v in taught(Patches(), changed(kind=kind))["validity"].items() if v > 0.51}
        for kind in ("pair_one", "pair_other")
    ]
    assert kept == [{"a", "c"}, {"b", "d"}], "a strong and a weak one each"
    given = taught(Patches(), changed(kind="pair_one", scenes={"validity": 0.8}))["validity"]
    assert sorted(given.values()) == pytest.approx([0.5, 0.5, 0.8, 0.8])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "lazy"}, "no kind of teammate is called 'lazy'; known: accurate"),
        ({"kind": "under_trained"}, "give target between 0 and 1"),
        ({"kind": "under_trained", "target": 0.999, "epochs": 1}, r"below the target of 0.999: give more epochs"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(fields, said):
    with pytest.raises(ValueError, match=said):
        train("tiny_cnn", Patches(), changed(**fields))


def test_a_source_without_confounder_or_cues_has_no_such_kinds():
    class Plain:
        species = (Species("x", {}, {}),)

        def cards(self):
            return ()

    with pytest.raises(ValueError, match="knows no confounder"):
        possible(Plain(), changed(kind="biased"))
    with pytest.raises(ValueError, match="does not know its cues"):
        possible(Plain(), changed(kind="pair_one"))


@pytest.mark.slow
def test_a_biased_teammate_falls_when_the_confounder_moves(made):
    weak = dict.fromkeys("abcd", 0.75)
    biased, fair = made("biased", scenes={"rho": 0.97, "validity": weak}).details, made("accurate")
    assert biased["accuracy_confounder_truth"] > biased["accuracy_confounder_wrong"] + 0.3
    assert biased["accuracy_drop"] == pytest.approx(
        biased["accuracy_confounder_truth"] - biased["accuracy_confounder_wrong"], abs=1e-3
    )
    assert fair.details["held_out_accuracy"] > 0.7


def test_an_under_trained_teammate_stops_where_it_reaches_its_target(made):
    told = made("under_trained", target=0.5).details
    assert 0.5 <= told["held_out_accuracy"] < 0.9
    assert told["stopped_at_step"] == told["steps"] < 40
    assert told["target"] == 0.5


@pytest.mark.slow
def test_an_overconfident_teammate_is_surer_and_no_better(made):
    plain, sure = made("accurate").details, made("overconfident", sharpen=8).details
    assert sure["confidence_minus_accuracy"] > plain["confidence_minus_accuracy"] + 0.02
    assert abs(sure["held_out_accuracy"] - plain["held_out_accuracy"]) < 0.15
    assert sure["epochs"] == plain["epochs"] + 8


@pytest.mark.slow
def test_a_calibrated_teammate_is_as_sure_as_it_is_good(made):
    told = made("calibrated").details
    assert abs(told["confidence_minus_accuracy"]) < 0.01 <= abs(told["confidence_minus_accuracy_before"]) + 0.01
    mate = plain = made("accurate")
    cooled = made("calibrated")
    pictures = np.stack([Patches().draw(s, mate.size) for s in Patches().scenes(8, 5)])
    ratio = plain.logits(pictures) / cooled.logits(pictures)
    np.testing.assert_allclose(ratio, told["temperature_fitted"], rtol=1e-2)


@pytest.mark.slow
def test_a_pair_is_equally_good_by_different_evidence():
    found = pair(Patches(), changed(images=240, held_out=300, epochs=5), ("tiny_cnn", "tiny_cnn"), measured=400)
    assert found.facts["exactly_one_right"] > 0.1
    assert found.facts["apart"] == pytest.approx(
        abs(found.facts["accuracy_one"] - found.facts["accuracy_other"]), abs=1e-3
    )
    assert found.facts["matched"] == (found.facts["apart"] <= 0.02)
    for mate, mine, not_mine in ((found.one, "ac", "bd"), (found.other, "bd", "ac")):
        weigh = {c.key: c.log_odds.value for c in Evaluator(mate, "patches", n=60, resamples=10).whole().cues}
        assert min(weigh[k] for k in mine) > max(weigh[k] for k in not_mine)


def test_scores_are_the_textbooks():
    p = np.array([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    truth = np.array([0, 1, 1, 2])
    found = scores.formulas(p, truth)
    assert found["accuracy"] == 0.75
    assert found["balanced_accuracy"] == pytest.approx((1 + 0.5 + 1) / 3)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert found["log_loss"] == pytest.approx(-np.mean(np.log([0.7, 0.4, 0.8, 0.6])))
    one_hot = np.eye(3)[truth]
    assert found["brier"] == pytest.approx(((p - one_hot) ** 2).sum(1).mean())
    assert found["ece"] == pytest.approx((0.3 + 0.5 + 0.2 + 0.4) / 4)
    assert found["auroc"] == pytest.approx((1 + 1 + 1) / 3)
    assert scores.confusion(p, truth) == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    two = scores.formulas(p[:, :2] / p[:, :2].sum(1, keepdims=True), np.array([0, 1, 1, 0]))
    assert 0 <= two["auroc"] <= 1
    assert np.isnan(scores.formulas(p[:2], truth[:2])["auroc"])


@pytest.mark.slow
def test_intervals_repeat_and_hold_the_value():
    rng = np.random.default_rng(0)
    p, truth = softmax(rng.normal(size=(80, 3))), rng.integers(0, 3, 80)
    one = scores.scored(p, truth, 3, 40)
    assert one == scores.scored(p, truth, 3, 40)
    assert one != scores.scored(p, truth, 4, 40)
    assert all(s.low <= s.value <= s.high for name, s in one.items() if name != "ece")
    with pytest.raises(ValueError, match="nothing to score"):
        scores.scored(p[:0], truth[:0])
    assert np.isnan(scores.mean(np.array([])).value)


@pytest.mark.slow
def test_an_evaluation_tells_what_a_model_goes_by(made, tmp_path):
    weak = dict.fromkeys("abcd", 0.75)
    lesson = {"rho": 0.97, "validity": weak}
    biased = Evaluator(made("biased", scenes=lesson), "patches", n=150, resamples=20).whole()
    fair = Evaluator(made("accurate"), "patches", n=150, resamples=20).whole()
    assert biased.confounder["drop"].low > 0.2 > fair.confounder["drop"].low
    assert biased.confounder["drop"].value == pytest.approx(
        biased.confounder["truth"].value - biased.confounder["wrong"].value, abs=1e-9
    )
    by = {c.key: c for c in fair.cues}
    assert set(by) == {"a", "b", "c", "d", "frame"}
    assert by["a"].ideal_log_odds == pytest.approx(2 * np.log(0.95 / 0.05), rel=0.01)
    assert by["frame"].ideal_log_odds == pytest.approx(0, abs=1e-9)
    assert sum(by[k].log_odds.value for k in "abcd") > 2
    assert fair.share_of_ideal.value == pytest.approx(fair.scores["accuracy"].value / fair.ideal["accuracy"].value)
    assert sum(s.n for s in fair.by_class) == sum(s.n for s in fair.by_difficulty) == 150
    assert sum(b.n for b in fair.reliability) == sum(map(sum, fair.confusion)) == 150
    card = fair.card()
    assert all(isinstance(v, int | float) for v in card.values())
    assert card["eval_accuracy"] == round(fair.scores["accuracy"].value, 4)
    data, figure, page = write(fair, tmp_path / "out")
    assert msgspec.json.decode(data.read_bytes(), type=Evaluation) == fair
    text = page.read_text("utf-8")
    assert figure.name in text
    assert "ideal observer" in text
    assert "<script" not in text
    again = figure.read_bytes()
    write(fair, tmp_path / "out")
    assert figure.read_bytes() == again


def run(command, *arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


@pytest.mark.slow
def test_train_and_evaluate_from_the_command_line(tmp_path):
    out, tiny = tmp_path / "run", ["--images", 24, "--held-out", 8, "--epochs", 2, "--batch", 8, "--workers", 1]
    recipe = tmp_path / "pack.toml"
    recipe.write_text("[models.m.training]\nseed = 4\nscenes = {rho = 0.2}\n")
    options = ["--model", "tiny_cnn", "--recipe", recipe, "--of", "m", "--deterministic", *tiny]
    done = run(train_command, "patches", *options, "-o", out)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["seed"], told["kind"], told["deterministic"]) == (4, "accurate", True)
    names = {"weights.safetensors", "card.json", "recipe.toml", "metrics.jsonl", "training.svg"}
    assert {p.name for p in out.iterdir()} == names
    assert 'scenes = {"rho" = 0.2}' in (out / "recipe.toml").read_text()
    before = (out / "weights.safetensors").read_bytes()
    assert "finished before" in run(train_command, "patches", *options, "-o", out).stderr
    other = run(train_command, "patches", "--model", "tiny_cnn", *tiny, "-o", out)
    assert other.exit_code == 1
    assert "is of another recipe" in other.stderr
    assert (out / "weights.safetensors").read_bytes() == before
    found = run(
        evaluate_command,
        out / "weights.safetensors",
        "--source",
        "patches",
        "-n",
        60,
        "--resamples",
        10,
        "--workers",
        1,
    )
    assert found.exit_code == 0, found.stderr
    assert msgspec.json.decode(found.stdout, type=Evaluation).n == 60
    again = run(train_command, "patches", *options, "-o", tmp_path / "again")
    assert json.loads(again.stdout)["digest"] == told["digest"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["moth", "--model", "small_cnn"], 2, "did you mean 'moths'"),
        (["moths", "--model", "small_cn"], 2, "did you mean 'small_cnn'"),
        (["moths", "--model", "small_cnn", "--device", "tpu"], 1, "no device is called 'tpu'"),
        (["moths", "--model", "small_cnn", "--kind", "under_trained"], 1, "give target"),
        (["moths", "--model", "small_cnn", "--set", "rho=2"], 1, "rho is 2: give 0 to 1"),
        (["moths", "--model", "small_cnn", "--set", "rho"], 2, "write NAME=VALUE"),
        (["moths", "--model", "small_cnn", "--set", "rho=high"], 2, "is not a number"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_line(tmp_path, arguments, code, said):
    done = run(train_command, *arguments, "-o", tmp_path / "run", "--images", 8, "--held-out", 4, "--workers", 1)
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_for_other_classes_is_not_evaluated(tmp_path):
    path = tmp_path / "two.safetensors"
    path.write_bytes(weights.encode(new("small_cnn", 2).module, {"model": "small_cnn", "classes": "2"}))
    done = run(evaluate_command, path, "-n", 4)
    assert done.exit_code == 1
    assert "the model tells 2 classes apart, moths has 4" in done.stderr
    fits(new("small_cnn", 4), "moths")


@pytest.mark.slow
def test_half_precision_changes_no_answer(made):
    mate = made("accurate")
    again = new("small_cnn", 4)
    weights.load(again.module, weights.encode(mate.module, {}))
    pictures = np.stack([Patches().draw(s, mate.size) for s in Patches().scenes(60, 9)])
    cpu = torch.device("cpu")
    one, two = (answers(m, pictures, cpu).numpy().argmax(1) for m in (mate.module, again.module))
    assert np.array_equal(one, two)
