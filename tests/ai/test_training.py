"""Training: what is random follows from the seed, what was killed goes on, and what cannot be is said in one line."""

import errno
import os
import signal
import subprocess
import sys
import time

import msgspec
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ai import weights, whole
from ai.cli_train import train as train_command
from ai.lessons import Lessons, moved, split
from ai.optimiser import groups, last_linear, share
from ai.recipe import TrainingRecipe
from ai.teammate import new
from ai.train import How, begin, train
from ai.training import CHECKPOINT, METRICS, Training, place, repeatable
from ai.whole import Unwritable

SIZE = 32


def lessons(n=48, held=16, classes=3):
    """Pictures whose colour tells the class."""
    rng = np.random.default_rng(4)
    truth = np.arange(n + held) % classes
    colours = rng.integers(0, 256, (classes, 3))
    noise = rng.integers(-40, 40, (n + held, SIZE, SIZE, 3))
    pictures = np.clip(colours[truth][:, None, None] + noise, 0, 255).astype(np.uint8)
    return Lessons(pictures[:n], truth[:n], pictures[n:], truth[n:], tuple("abc"[:classes]))


RECIPE = TrainingRecipe(epochs=3, batch=16, rate=3e-3, seed=2, flips=True, shift=0.1)


def changed(**fields):
    return msgspec.structs.replace(RECIPE, **fields)


def trained(recipe=RECIPE, folder=None, report=lambda _: None, taken=None):
    taken = taken or lessons()
    mate = new("small_cnn", len(taken.keys), recipe.seed)
    with repeatable():
        training = Training(mate, taken, recipe)
        training.run(report, folder)
    return training


def numbers(training):
    return {k: v.clone() for k, v in training.module.state_dict().items()}


def same(one, two):
    return all(torch.equal(v, two[k]) for k, v in one.items())


def test_the_same_recipe_gives_the_same_weights_and_another_seed_others():
    one = numbers(trained())
    assert same(one, numbers(trained()))
    assert not same(one, numbers(trained(changed(seed=3))))


def test_it_learns_what_can_be_learned():
    training = trained(changed(epochs=5, rate=1e-2))
    assert training.held_out()[0] > 0.9
    assert [row["epoch"] for row in training.moment.history] == [1, 2, 3, 4, 5]
    assert training.moment.history[-1]["loss"] < training.moment.history[0]["loss"]


@pytest.mark.slow
@pytest.mark.parametrize("patience", [0, 2])
def test_what_was_stopped_goes_on_to_the_same_weights(tmp_path, patience):
    recipe = changed(patience=patience)

    def stop(row):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(recipe, tmp_path, stop)
    rows = []
    resumed = trained(recipe, tmp_path, rows.append)
    assert [row["epoch"] for row in rows] == [3], "only what was missing"
    assert same(numbers(trained(recipe)), numbers(resumed))
    kept = [msgspec.json.decode(line) for line in (tmp_path / METRICS).read_bytes().splitlines()]
    assert [row["epoch"] for row in kept] == [1, 2, 3]


def test_another_recipe_does_not_go_on_from_it(tmp_path):
    trained(changed(epochs=1), tmp_path)
    with pytest.raises(ValueError, match="holds another training: choose another folder"):
        trained(changed(epochs=2), tmp_path)
    (tmp_path / CHECKPOINT).write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="not a checkpoint that training can resume from"):
        trained(changed(epochs=1), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_training_ends_with_the_weights_of_one_that_was_not(tmp_path, environment):
    options = ["--model", "small_cnn", "--images", "48", "--held-out", "12", "--epochs", "12", "--batch", "16"]
    killed, whole_one = tmp_path / "killed", tmp_path / "whole"

    def command(folder):
        last = ["--deterministic", "--workers", "1", "-o", str(folder)]
        return [sys.executable, "-m", "server.cli", "train", "moths", *options, *last]

    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command(killed), **quiet)
    while process.poll() is None and not (killed / METRICS).exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was too fast to be killed"
    done = len((killed / METRICS).read_bytes().splitlines())
    assert 0 < done < 12
    assert not (killed / "weights.safetensors").exists()
    assert subprocess.run(command(killed), **quiet).returncode == 0
    done = CliRunner().invoke(train_command, command(whole_one)[4:])
    assert done.exit_code == 0, done.stderr
    one, two = ((f / "weights.safetensors").read_bytes() for f in (killed, whole_one))
    assert one == two
    assert not (killed / CHECKPOINT).exists()


def test_early_stopping_keeps_the_best():
    training = trained(changed(epochs=12, patience=1, rate=2e-2))
    losses = [row["held_out_loss"] for row in training.moment.history]
    assert len(losses) < 12 or losses[-1] == min(losses)
    assert training.held_out()[1] == pytest.approx(min(losses), abs=1e-3)


def test_a_frozen_trunk_stays():
    before = numbers(trained(changed(epochs=1)))
    mate = new("small_cnn", 3, 0)
    weights.fill(mate.module, before)
    with repeatable():
        training = Training(mate, lessons(), changed(freeze=True, epochs=1))
        training.run()
    after = dict(mate.module.named_parameters())
    moved_on = [name for name, v in after.items() if not torch.equal(v, before[name])]
    assert set(moved_on) == {"head.weight", "head.bias"}


def test_rates_fall_layer_by_layer_towards_the_picture():
    module = new("small_vit", 2).module
    rates = [group["lr"] for group in groups(module, changed(layer_decay=0.5))]
    named = dict(zip((name for name, _ in module.named_parameters()), rates, strict=True))
    assert named["head.weight"] == RECIPE.rate
    assert named["blocks.0.attention.qkv.weight"] < named["blocks.3.grow.weight"]
    assert named["cls"] < named["blocks.0.grow.weight"]
    decays = {
        name: g["weight_decay"] for (name, _), g in zip(module.named_parameters(), groups(module, RECIPE), strict=True)
    }
    assert not decays["cls"]
    assert not decays["head.bias"]
    assert decays["head.weight"] == RECIPE.weight_decay


def test_fine_tuning_begins_from_weights_and_renews_the_last_layer(tmp_path):
    one = trained(changed(epochs=1))
    path = tmp_path / "trunk.safetensors"
    path.write_bytes(weights.encode(one.module, {}))
    mate = new("small_cnn", 5)
    before = last_linear(mate.module).weight.clone()
    begin(mate, path)
    assert torch.equal(last_linear(mate.module).weight, before)
    assert torch.equal(mate.module.stem.weight, one.module.stem.weight.half().float())
    with pytest.raises(ValueError, match=r"trunk.safetensors: weights do not fit the model: they lack"):
        begin(new("small_vit", 3), path)
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        begin(mate, tmp_path / "none.safetensors")


@given(st.integers(1, 400), st.floats(0, 0.9))
def test_the_rate_rises_once_and_then_falls(steps, warm_up):
    rates = [share(s, steps, warm_up) for s in range(steps)]
    top = rates.index(max(rates))
    assert all(0 < r <= 1 for r in rates)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_rare_classes_weigh_more_where_asked():
    rare = lessons()
    keep = np.r_[np.flatnonzero(rare.truth != 2), np.flatnonzero(rare.truth == 2)[:2]]
    rare = Lessons(rare.pictures[keep], rare.truth[keep], rare.held_pictures, rare.held_truth, rare.keys)
    assert rare.weights[2] == pytest.approx(34 / 6)
    assert float((rare.weights[rare.truth]).mean()) == pytest.approx(1)
    assert not same(
        numbers(trained(changed(epochs=1), taken=rare)), numbers(trained(changed(epochs=1, balance=True), taken=rare))
    )


@given(st.integers(0, 2**31))
def test_moved_pictures_are_windows_of_the_picture(seed):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 20, 20, 3), dtype=np.uint8)
    out = moved(pictures, np.random.default_rng(seed), flips=True, shift=0.1)
    assert out.shape == pictures.shape
    for seen, whole_one in zip(out, pictures, strict=True):
        centre = seen[4:16, 4:16]
        places = [whole_one[4 + dy : 16 + dy, 4 + dx : 16 + dx] for dy in range(-2, 3) for dx in range(-2, 3)]
        assert any(np.array_equal(centre, p) or np.array_equal(centre, p[:, ::-1]) for p in places)
    assert moved(pictures, np.random.default_rng(seed), flips=False, shift=0) is pictures


def test_your_own_arrays_are_split_class_by_class():
    rng = np.random.default_rng(1)
    pairs = [(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8), i % 2) for i in range(40)]
    made = split(pairs, ("x", "y"), SIZE, 0.25)
    assert made.pictures.shape == (30, SIZE, SIZE, 3)
    assert np.bincount(made.held_truth).tolist() == [5, 5]
    with pytest.raises(ValueError, match=r"picture 0 is \(30, 40\) float64: give \(h, w, 3\) uint8"):
        split([(np.zeros((30, 40)), 0)], ("x",), SIZE)
    with pytest.raises(ValueError, match="no picture of z to learn from"):
        split(pairs, ("x", "y", "z"), SIZE)
    with pytest.raises(ValueError, match="class number 1 is not one of 1 classes"):
        split(pairs, ("x",), SIZE)


def test_bf16_learns_too_and_what_is_not_there_is_refused():
    assert trained(changed(epochs=1, precision="bf16")).moment.step == 3
    with pytest.raises(ValueError, match="fp16 needs a GPU"):
        trained(changed(precision="fp16"))
    with pytest.raises(ValueError, match="no precision is called 'fp8'; known: fp32"):
        trained(changed(precision="fp8"))
    with pytest.raises(ValueError, match="no device is called 'tpu'"):
        place("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="there is no GPU that torch can use here"):
            train("small_cnn", lessons(), changed(epochs=1), how=How(device="cuda"))
        assert place("auto").type == "cpu"


def test_a_loss_that_is_not_finite_stops_training():
    with pytest.raises(ValueError, match=r"training went wrong at step \d+: the loss is not a finite number"):
        trained(changed(rate=1e30, warm_up=0))


def test_broken_weights_are_named():
    module = new("small_cnn", 3).module
    data = weights.encode(module, {})
    with torch.no_grad():
        module.head.bias[1] = float("nan")
    with pytest.raises(ValueError, match=r"weights cannot be kept: head.bias holds a number that is not finite"):
        weights.encode(module, {})
    held = weights.unpacked(data)[0]
    held["stem.weight"][0, 0, 0, 0] = float("inf")
    target = new("small_cnn", 3, 5).module
    before = {k: v.clone() for k, v in target.state_dict().items()}
    with pytest.raises(ValueError, match=r"weights are broken: stem.weight holds a number that is not finite"):
        weights.load(target, weights.packed(held, {}))
    assert same(before, target.state_dict()), "it was filled in part"


@pytest.mark.parametrize(("code", "said"), [(errno.ENOSPC, "the disk is full: free"), (errno.EROFS, "read-only")])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, code, said):
    path = tmp_path / "kept"
    whole.write(path, b"old")

    def full(_handle):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unwritable, match=said):
        whole.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


@pytest.mark.slow
def test_a_folder_that_cannot_be_is_refused_before_anything_is_learned(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unwritable, match="choose another folder"):
        trained(folder=tmp_path / "file" / "below")
    with pytest.raises(Unwritable, match="there is a file of this name"):
        trained(folder=tmp_path / "file")
