"""Scores of an evaluation on the model card: those of the very weights, or a word why not."""

import math
import re

import msgspec
import pytest

from ai.evaluated import NotEvaluated, facts
from ai.evaluation import Evaluation
from ai.scores import Score

WEIGHTS = "0" * 64


@pytest.fixture
def evaluation(tmp_path):
    """A written evaluation, one score of it undefined."""
    scores = {"accuracy": Score(0.75, 0.7, 0.8), "auroc": Score(math.nan, math.nan, math.nan)}
    found = Evaluation("small_cnn", WEIGHTS, "moths", 400, 7919, {}, ("a", "b"), scores, [[3, 1], [1, 3]], [], [])
    path = tmp_path / "evaluation.json"
    path.write_bytes(msgspec.json.encode(found))
    return path


def test_the_card_tells_what_was_measured_and_leaves_out_what_is_undefined(evaluation):
    told = facts(evaluation, evaluation.with_name("w.safetensors"), WEIGHTS, "moths")
    assert told["eval_accuracy"] == 0.75
    assert told["eval_accuracy_low"] == 0.7
    assert told["evaluated_on"] == 400
    assert "eval_auroc" not in told


@pytest.mark.parametrize(
    ("digest", "source", "why"),
    [
        ("1" * 64, "moths", "measured of other weights"),
        (WEIGHTS, "cells", "measured on 'moths', the pack is of 'cells'"),
    ],
)
def test_what_was_measured_of_something_else_is_put_on_no_card(evaluation, digest, source, why):
    with pytest.raises(NotEvaluated, match=re.escape(why)) as refused:
        facts(evaluation, evaluation.with_name("w.safetensors"), digest, source)
    assert f"coplay evaluate {evaluation.with_name('w.safetensors')} --source {source}" in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1", b'{"model": null}'])
def test_a_file_that_is_no_evaluation_is_named(tmp_path, data):
    path = tmp_path / "evaluation.json"
    path.write_bytes(data)
    with pytest.raises(NotEvaluated, match=r"evaluation\.json is no evaluation"):
        facts(path, path, WEIGHTS, "moths")


def test_a_missing_evaluation_is_named(tmp_path):
    with pytest.raises(NotEvaluated, match=r"no\.json is missing: coplay evaluate"):
        facts(tmp_path / "no.json", tmp_path / "w.safetensors", WEIGHTS, "moths")


def test_another_path_to_the_same_folder_of_images_is_no_other_source(evaluation):
    found = msgspec.json.decode(evaluation.read_bytes()) | {"source": "folder:birds"}
    evaluation.write_bytes(msgspec.json.encode(found))
    assert facts(evaluation, evaluation, WEIGHTS, "folder:/data/birds")["eval_accuracy"] == 0.75
