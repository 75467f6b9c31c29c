"""Metrics of explanations beside Quantus 0.6.0, in one run, taking turns.

    python -m tests.bench.quality [--quick] [--repeats 5] [--images 16] [--methods 12] [--threads 2] [--only NAME ...]
        [-o quality.json]

Both sides get the same model, images, maps and numbers of perturbations. Where a metric is asked of several methods, ours is
timed on all of them, Quantus on `--timed` of them and multiplied: it shares nothing, so its time grows with their number. In
each repetition both are timed one right after the other and the ratio is taken within the repetition; what is given is the
median with the lowest and the highest. The model has random weights: speed does not depend on them. Ratios by the
processor's time mean something with `--threads 1` only.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ai.engine import explain
from ai.quality import Case
from game.registry import quality
from tests.bench.explainers import machine, teammate
from tests.bench.quality_sides import ROWS, Row, Scene

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "tests" / "bench" / "quality.json"
METHODS = (
    "saliency", "input_x_gradient", "gradcam", "gradcam_plus_plus", "layercam", "guided_backprop", "deconvolution", "deeplift",
    "lrp_epsilon", "lrp_zplus", "eigencam", "guided_gradcam",
)  # fmt: skip
AIMS = {
    "perturbation": 10.0,
    "in order": 1.0,
    "robustness": 2.0,
    "randomisation": 2.0,
    "localisation": 8.0,
    "complexity": 8.0,
}
"""How many times as fast a family is to be, all its metrics together; no metric is to be slower."""


def scene(arguments: argparse.Namespace) -> Scene:
    """Return the model, images, masks and the maps of each method."""
    mate, passes = teammate("small_cnn", "cpu", arguments.images)
    targets = tuple(int(t) for t in passes.logits().argmax(1))
    maps = {name: _maps(name)(passes, targets) for name in METHODS[: arguments.methods]}
    masks = np.zeros((len(passes), 96, 96), bool)
    masks[:, 30:60, 20:50] = True
    return Scene(mate, passes, targets, maps, masks)


def _maps(method: str) -> Callable[..., Any]:
    def run(passes: Any, targets: Any) -> Any:
        made = torch.from_numpy(explain(method, passes, targets, 0).values)[:, None]
        size = passes.images.shape[-2:]
        return torch.nn.functional.interpolate(made, size=size, mode="bilinear")[:, 0].numpy()

    return run


def ours(row: Row, here: Scene, methods: list[str], quick: bool) -> None:
    """Score the maps of all methods, with no pass over the images known beforehand."""
    held: dict[str, Any] = {}
    ones, passes = np.ones(len(here.targets)), here.passes.over(here.passes.images)
    for method in methods:
        case = Case(
            here.targets, signed=True, method=method, passes=passes, explain=_maps(method), held=held,
            own=here.maps[method], masks={"evidence": here.masks}, weights={"evidence": ones},
        )  # fmt: skip
        for name, settings in row.ours(quick).items():
            made = quality[name].thing(here.maps[method], case, **settings)
            assert np.isfinite(made.values).any(), (name, made.why[0])


def seconds(work: Callable[[], None]) -> tuple[float, float]:
    """Return wall and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(row: Row, here: Scene, arguments: argparse.Namespace) -> dict[str, Any] | None:
    """Return the times of both sides for each repetition; what Quantus cannot do is told instead."""
    many = list(here.maps)
    timed = many[: arguments.timed]
    try:
        row.theirs(here, timed[0], arguments.quick)  # the first call of anything sets things up
    except Exception as error:  # noqa: BLE001 - the point is to tell how it fails
        return {"family": row.family, "metric": row.name, "fails": f"{type(error).__name__}: {error}"[:200]}
    ours(row, here, many[:1], arguments.quick)
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "quantus": []}
    for _ in range(arguments.repeats):
        times["ours"].append(seconds(lambda: ours(row, here, many, arguments.quick)))
        part = seconds(lambda: [row.theirs(here, m, arguments.quick) for m in timed] and None)
        times["quantus"].append((part[0] * len(many) / len(timed), part[1] * len(many) / len(timed)))
    return {"family": row.family, "metric": row.name, "methods": len(many), "timed": len(timed), "times": times}


def spread(values: list[float]) -> list[float]:
    """Return median, lowest and highest."""
    return [round(v, 3) for v in (statistics.median(values), min(values), max(values))]


def ratios(rows: list[dict[str, Any]], by: int) -> list[float]:
    """Return how many times as fast ours is for all rows together, taken within each repetition."""
    repeats = range(len(rows[0]["times"]["ours"]))
    sums = [[sum(r["times"][side][n][by] for r in rows) for n in repeats] for side in ("quantus", "ours")]
    return spread([q / max(o, 1e-6) for q, o in zip(*sums, strict=True)])


def told(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of each metric and of each family together."""
    out: dict[str, Any] = {"metrics": [], "families": {}}
    for r in found:
        if "fails" in r:
            out["metrics"].append(r)
            continue
        row = {k: r[k] for k in ("family", "metric", "methods", "timed")}
        row |= {f"{side}_s": spread([t[0] for t in r["times"][side]]) for side in ("ours", "quantus")}
        out["metrics"].append(row | {"faster": ratios([r], 0), "faster_cpu": ratios([r], 1)})
    for family in dict.fromkeys(r["family"] for r in found):
        rows = [r for r in found if r["family"] == family and "times" in r]
        if rows:
            told_of = {"aim": AIMS.get(family, 1.0), "faster": ratios(rows, 0), "faster_cpu": ratios(rows, 1)}
            out["families"][family] = told_of
    return out


def show(out: dict[str, Any]) -> None:
    """Print the figures."""
    for r in out["metrics"]:
        if "fails" in r:
            print(f"{r['family']:14} {r['metric']:34} Quantus fails: {r['fails'][:70]}")
            continue
        name = f"{r['family']:14} {r['metric']:34} {r['methods']:2} methods"
        sides = f"ours {r['ours_s'][0]:8.3f} s, Quantus {r['quantus_s'][0]:8.3f} s"
        faster = "{:7.2f}x ({:.2f}-{:.2f})".format(*r["faster"])
        print(f"{name} {sides}, {faster}, by processor {r['faster_cpu'][0]:7.2f}x")
    for family, r in out["families"].items():
        met = "met" if r["faster"][0] >= r["aim"] else "MISSED"
        print(f"{family}: {r['faster'][0]}x together (aim {r['aim']}x, {met}), by processor {r['faster_cpu'][0]}x")


def main() -> None:
    """Run everything and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer perturbations, two repetitions, nothing written")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--methods", type=int, default=12)
    parser.add_argument("--timed", type=int, default=1, help="methods that Quantus is timed on")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=[], help="metrics or families")
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    arguments.device = "cpu"
    arguments.repeats = min(arguments.repeats, 2) if arguments.quick else arguments.repeats
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")
    found: list[dict[str, Any]] = []
    about = machine(arguments) | {"images": arguments.images, "quick": arguments.quick}
    here = scene(arguments)
    for row in ROWS:
        if arguments.only and not {row.name, row.family} & set(arguments.only):
            continue
        made = measure(row, here, arguments)
        if made is not None:
            found.append(made)
            print(f"{row.name}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    out = told(found)
    show(out)
    if not arguments.only and (not arguments.quick or arguments.output != OUTPUT):
        about["load_after"] = round(os.getloadavg()[0], 2)
        arguments.output.write_text(json.dumps({"machine": about, **out}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
