"""A results folder made by chance, small and complete: three tasks' worth of structure in one, undefined cells and all."""

from __future__ import annotations

import csv
import fcntl
import io
from itertools import combinations
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from game.lab import CURVES, FORMAT, PAIRS, SCORES, VERSION, Item, Items, Lab, Method, Metric, Model, Sanity, Task
from server.report.lab.page import PAGE, write

TASK = "moths"
METHODS = ("saliency", "gradcam", "occlusion", "rise", "vargrad")
CONTROLS = ("random", "ground_truth")
PARTS = ("wing", "antenna", "tag")
METRICS = (
    Metric(name="spearman", family="agreement", reads="pair", takes="positive", random=0.0, cite="doi:10.2307/1412159"),
    Metric(
        name="deletion_blur",
        family="faithfulness",
        reads="model",
        takes="positive",
        better="lower",
        cite="arXiv:1806.07421",
    ),
    Metric(
        name="insertion_blur",
        family="faithfulness",
        reads="model",
        takes="positive",
        better="higher",
        cite="arXiv:1806.07421",
    ),
    Metric(
        name="pointing_game",
        family="localisation",
        reads="map",
        takes="positive",
        better="higher",
        cite="doi:10.1007/s11263-017-1059-x",
        needs=("masks",),
    ),
    Metric(
        name="max_sensitivity",
        family="robustness",
        reads="model",
        takes="signed",
        better="lower",
        cite="arXiv:1901.09392",
    ),
    Metric(
        name="mprt_full",
        family="randomisation",
        reads="model",
        takes="signed",
        better="lower",
        most=0.7,
        cite="arXiv:1810.03292",
    ),
    Metric(
        name="sparseness", family="complexity", reads="map", takes="absolute", better="higher", cite="arXiv:1810.06583"
    ),
    Metric(
        name="confounder_mass",
        family="localisation",
        reads="map",
        takes="positive",
        needs=("confounder",),
        random=0.05,
    ),
)
MODELS = (
    Model(task=TASK, name="net", title="Net", architecture="small_cnn", kind="accurate", accuracy=0.94, n=8),
    Model(
        task=TASK,
        name="biased",
        title="Biased",
        architecture="small_cnn",
        kind="biased",
        accuracy=0.6,
        n=8,
        fair="fair",
    ),
    Model(task=TASK, name="fair", title="Fair", architecture="small_cnn", kind="accurate", accuracy=0.9, n=8),
)
QUALITY = {
    "saliency": 0.3,
    "gradcam": 0.6,
    "occlusion": 0.7,
    "rise": 0.5,
    "vargrad": 0.2,
    "random": 0.0,
    "ground_truth": 1.0,
}


def shared(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with its report that is written once for all workers of a run; nobody changes it."""
    base = factory.getbasetemp()
    base = base.parent if base.name.startswith("popen-") else base
    folder = base / "lab-reported"
    with (base / "lab-reported.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / PAGE).exists():  # the page is written last
            write(make(folder))
    return folder


def make(
    folder: Path, images: int = 8, seed: int = 1, methods: tuple[str, ...] = METHODS, models: tuple[Model, ...] = MODELS
) -> Path:
    """Write a folder: better methods score better on every metric but sparseness; the last method's map is constant on s000."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    names, keys = tuple(f"s{i:03d}" for i in range(images)), (*methods, *CONTROLS)
    scores, pairs, curves, items = [], [], [], []
    for model in models:
        for at, key in enumerate(keys):
            for metric in METRICS:
                if metric.reads != "pair":
                    scores += _scores(rng, model, key, metric, names, constant=at == len(methods) - 1)
            curves += _curves(model.name, key)
        for a, b in combinations(keys, 2):
            for name in names:
                value = np.clip(1 - abs(QUALITY[a] - QUALITY[b]) + rng.normal(0, 0.1), -1, 1)
                pairs.append((TASK, model.name, a, b, "spearman", name, f"{value:.6g}", ""))
        for at, name in enumerate(names):
            parts = {key: PARTS[int(QUALITY[key] * 2 + at % 2 * (key == "rise"))] for key in keys}
            items.append(
                Item(
                    task=TASK, model=model.name, specimen=name, disagreement=0.1 + at / 50, flips=0.5, highlighted=parts
                )
            )
    lab = Lab(
        format=FORMAT, version=VERSION, created_by="coplay 0", preset="quick", images=images, tasks=(_task(names),), models=models,
        methods=tuple(Method(key=k, method=k, family="gradient", cite="arXiv:1312.6034") for k in methods)
        + tuple(Method(key=k, method=k, family="control", control=True) for k in CONTROLS),
        metrics=METRICS, counts=(), seed=1, seconds={"maps": 1.5}, versions={"coplay": "0", "torch": "2"},
    )  # fmt: skip
    sanity = tuple(
        Sanity(
            task=TASK,
            model=m.name,
            method=k,
            sane=k != "vargrad",
            because="mprt_full 0.9 is above 0.7" * (k == "vargrad"),
        )
        for m in models
        for k in methods
    )
    made = Items(format=FORMAT, version=VERSION, packs={TASK: "d" * 64}, items=tuple(items), sanity=sanity)
    (folder / "lab.json").write_bytes(msgspec.json.encode(lab))
    (folder / "items.json").write_bytes(msgspec.json.encode(made))
    for name, columns, rows in (("scores", SCORES, scores), ("pairs", PAIRS, pairs), ("curves", CURVES, curves)):
        _csv(folder / f"{name}.csv", columns, rows)
    _pictures(folder, rng, [m.name for m in models], keys, names)
    return folder


def _task(names: tuple[str, ...]) -> Task:
    return Task(
        name=TASK, title={"en": "Moths"}, pack="d" * 64, specimens=names, truths=dict.fromkeys(names, "ardena"),
        cues={"evidence": ("wing", "antenna"), "confounder": ("tag",)},
    )  # fmt: skip


def _scores(rng, model: Model, key: str, metric: Metric, names: tuple[str, ...], *, constant: bool) -> list[tuple]:
    rows = []
    good = QUALITY[key]
    for at, name in enumerate(names):
        if metric.name == "confounder_mass":
            value = 0.05 + (0.5 * good if model.name == "biased" and key != "saliency" else 0) + rng.normal(0, 0.01)
        elif metric.name == "sparseness":
            value = 1 - good + rng.normal(0, 0.05)
        else:
            value = (good if metric.better == "higher" else 1 - good) + rng.normal(0, 0.05)
        why = "the map is the same everywhere" if constant and at == 0 else ""
        chance = "0.2" if metric.name == "pointing_game" else ""
        rows.append((TASK, model.name, key, metric.name, name, 0, "", "" if why else f"{value:.6g}", chance, why))
        if model.name == "net" and key in ("gradcam", "rise") and not why:
            for kind in ("method_seed:1", "hyper_parameter:steps=8", "model_seed:2"):
                other = value + rng.normal(0, 0.02 if kind.startswith("method") else 0.1)
                rows.append((TASK, model.name, key, metric.name, name, 0, kind, f"{other:.6g}", chance, ""))
    return rows


def _curves(model: str, key: str) -> list[tuple]:
    good = QUALITY[key]
    rows = []
    for x in (0, 0.25, 0.5, 0.75, 1):
        rows.append((TASK, model, key, "deletion_blur", "deletion, blur", x, f"{0.9 - good * x * 0.8:.4g}", 8))
        rows.append((TASK, model, key, "insertion_blur", "insertion, blur", x, f"{0.1 + good * x * 0.8:.4g}", 8))
        if x:
            rows.append((TASK, model, key, "mprt_top_down", "MPRT, top down", x, f"{(1 - good) * (1 - x / 2):.4g}", 8))
    return rows


def _csv(path: Path, columns: tuple[str, ...], rows: list[tuple]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8", newline="")


def _pictures(folder: Path, rng, models: list[str], keys: tuple[str, ...], names: tuple[str, ...]) -> None:
    for name in names:
        to = folder / "maps" / TASK / f"{name}.webp"
        to.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(to)
        for model in models:
            for key in keys:
                to = folder / "maps" / TASK / model / key / f"{name}.png"
                to.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(rng.integers(0, 255, (24, 24), dtype=np.uint8)).save(to)
