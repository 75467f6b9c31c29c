"""Efficiency of every explanation method, floor / actual, beside Captum in the same run; and a whole pack's worth of maps.

    python -m tests.bench.explainers [--quick] [--repeats 7] [--models small_cnn small_vit] [--methods saliency ...]
        [--images 200 8] [--threads 2] [--device cpu] [-o results.json] [--docs docs/benchmarks.md]

Models have random weights: speed does not depend on them. In each repetition a method's passes, our map and Captum's two
ways are timed one right after the other, and the ratios are taken within the repetition, so that a machine that slows down
slows all alike. What is given is the median, with the lowest and the highest, by the clock and by the processor's time.
The latter means something with `--threads 1` only, where nobody waits, and is then hardly disturbed by other work.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import captum
import numpy as np
import torch
from torch import Tensor

from ai.engine import explain, refusal
from ai.passes import Passes
from ai.specimens.moths import Moths
from ai.teammate import new, prepare
from tests.bench import page, whole
from tests.bench.captum_side import Call, sides
from tests.bench.floor import NEEDS, PARAMS, Needs, Pace, Took, floor, kinds, seconds

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("small_cnn", "small_vit")
IMAGES = (200, 8)
"""Of the pack of each model."""
OUTPUT = ROOT / "tests" / "bench" / "explainers.json"
FILLING = {"small_cnn": 128, "small_vit": 48}
"""How many forward passes one timed call of ours should be worth: it sets how many images it gets, however slow the machine."""
MOST = 96
SLOW = 0.5
"""Captum's calls that take longer are timed in every third repetition only."""
FIRST, SEED = 16, 0


def images(n: int, size: int) -> Tensor:
    """Return drawn moths as a model takes them; some are drawn, the others are those mirrored and rolled."""
    source = Moths()
    drawn = prepare(np.stack([source.draw(scene, size) for scene in source.scenes(min(n, FIRST), 2)]))
    rounds = [torch.roll(drawn.flip(3) if k % 2 else drawn, 3 * k, 3) for k in range(-(-n // len(drawn)))]
    return torch.cat(rounds)[:n].contiguous()


def teammate(name: str, device: str, n: int) -> tuple[Any, Passes]:
    """Return a teammate with random weights and its passes over n images, as tuned for this machine."""
    mate = new(name, 4, seed=1)
    mate.module.eval().to(device)
    shown = images(n, mate.size).to(device)
    return mate, Passes(mate.module, shown, layer=mate.layer, has=mate.has, model=name, batch=None)


class Method:
    """One method on one model: our call, Captum's two, and their times, repetition by repetition."""

    def __init__(self, name: str, mate: Any, passes: Passes, pace: Pace, cost: dict[str, Took]) -> None:
        self.name, self.passes, self.pace = name, passes, pace
        self.needs: Needs = NEEDS[name]
        each = floor(self.needs, cost, 1).cpu - self.needs.once * cost["f"].cpu
        some = math.ceil(FILLING.get(mate.name, 64) * cost["f"].cpu / each)
        self.count = max(1, min(MOST, len(passes), some))
        if self.needs.f + self.needs.g + self.needs.l <= 2:  # one pass or two: at least a full batch of the best size
            kind = "g" if self.needs.g else "l" if self.needs.l else "f"
            self.count = max(self.count, min(len(passes), pace.form[kind][1]))
        if name == "extremal_mask":  # eight passes at once for each image: enough to fill a batch
            self.count = max(self.count, pace.form["g"][1] // 8)
        fewer = max(1, self.count // 6)
        self.counts = {"ours": self.count, "one_by_one": fewer, "batched": max(1, min(self.count, 16))}
        made = sides(name, mate.module, mate.layer, "attention" in mate.has)
        self.captum: dict[str, Call] = {}
        if made is not None:
            self.captum = {"one_by_one": made[0], "batched": made[1]}
        self.counted = (0.0, 0.0)
        self.rows: list[dict[str, Took]] = []

    def ours(self) -> None:
        """Make the maps as `coplay` does: checked, guarded, with a record."""
        passes = self.passes.over(self.passes.images[: self.count])
        before = passes.runner.forwards, passes.runner.backwards
        explain(self.name, passes, self._targets(self.count), SEED, **PARAMS.get(self.name, {}))
        after = passes.runner.forwards, passes.runner.backwards
        self.counted = tuple((b - a) / self.count for a, b in zip(before, after, strict=True))  # type: ignore[assignment]

    def theirs(self, side: str) -> None:
        """Make the maps as Captum does."""
        n = self.counts[side]
        self.captum[side](self.passes.images[:n], torch.tensor(self._targets(n), device=self.passes.images.device))

    def repeat(self) -> None:
        """Time the floor, ours and Captum's, one after the other, and the floor once more."""
        device = self.pace.device
        before = self.pace.again(kinds(self.needs))
        row = {"ours": seconds(self.ours, device).over(self.count)}
        after = self.pace.again(kinds(self.needs))
        cost = {k: (before[k] + after[k]).over(2) for k in before}
        row["floor"] = floor(self.needs, cost, self.count).over(self.count)
        for side in self.captum:
            if len(self.rows) % 3 == 0 or self.rows[0][side].wall * self.counts[side] < SLOW:
                row[side] = seconds(lambda s=side: self.theirs(s), device).over(self.counts[side])
        self.rows.append(row)

    def result(self, model: str) -> dict[str, Any]:
        """Return medians with their extremes: images a second, efficiency, and how much faster than Captum."""
        out: dict[str, Any] = {"model": model, "method": self.name, "needs": str(self.needs), "images": self.count}
        out["counted"] = [round(c, 2) for c in self.counted]
        for by in ("wall", "cpu"):
            name = {"wall": "", "cpu": "_cpu"}[by]
            times = [{k: getattr(took, by) for k, took in row.items()} for row in self.rows]
            out["efficiency" + name] = spread([t["floor"] / t["ours"] for t in times])
            out[f"ours_per_s{name}"] = spread([1 / t["ours"] for t in times])
            for side in self.captum:
                timed = [t for t in times if side in t]
                out[f"captum_{side}_per_s{name}"] = spread([1 / t[side] for t in timed])
                out[f"over_{side}{name}"] = spread([t[side] / t["ours"] for t in timed])
        return out

    def _targets(self, n: int) -> list[int]:
        return [i % 4 for i in range(n)]


def spread(values: list[float]) -> list[float]:
    """Return median, lowest and highest; of seven, these hold the true median with 98 % confidence."""
    return [round(v, 4) for v in (statistics.median(values), min(values), max(values))]


def measure(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return every method's figures on one model."""
    mate, passes = teammate(name, arguments.device, MOST)
    pace = Pace(passes)
    pace.choose()
    cost = pace.again("fgl", 0.3)
    chosen = [m for m in NEEDS if not arguments.methods or m in arguments.methods]
    methods = [Method(m, mate, passes, pace, cost) for m in chosen if refusal(m, passes.offers) is None]
    for m in methods:
        m.ours()  # the first call of anything sets things up
        for side in m.captum:
            m.captum[side](passes.images[:1], torch.zeros(1, dtype=torch.int64, device=passes.images.device))
    for n in range(arguments.repeats):
        for m in methods:
            m.repeat()
        print(f"{name}: repetition {n + 1} of {arguments.repeats}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    rates = {k: round(1 / took.wall, 1) for k, took in pace.again("fgl", 0.3).items()}
    forms = {
        k: {
            "batch": size,
            "fused": r.ahead.quick is not None,
            "channels_last": bool(r.ahead.quick and r.ahead.quick.channels_last),
        }
        for k, (r, size) in pace.form.items()
    }
    found = {
        "passes_per_s": rates,
        "form": forms,
        "batch": passes.batch,
        "fused": passes.runner.ahead.quick is not None,
    }
    found |= {"repeats": arguments.repeats, "load": round(os.getloadavg()[0], 1)}
    return {**found, "methods": [m.result(name) for m in methods]}


def machine(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the figures depend on."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    gpu = torch.cuda.get_device_name() if arguments.device == "cuda" else ""
    return {
        "cpu": cpu, "cores": os.cpu_count(), "gpu": gpu, "threads": torch.get_num_threads(), "system": platform.platform(),
        "python": platform.python_version(), "torch": torch.__version__, "captum": captum.__version__,
        "repeats": arguments.repeats, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "load_before": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def parsed() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two repetitions, packs of 2 images, no page written")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--methods", nargs="+", default=[], choices=sorted(NEEDS))
    parser.add_argument(
        "--images", type=int, nargs="+", default=IMAGES, help="size of each model's pack; 0 leaves it out"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    parser.add_argument("--docs", type=Path, default=ROOT / "docs" / "benchmarks.md", help="the page with the tables")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.repeats, arguments.images = min(arguments.repeats, 2), [min(n, 2) for n in arguments.images]
    return arguments


def main() -> None:
    """Run everything; write figures, and the tables into the page unless it was a quick run or a part of it."""
    arguments = parsed()
    torch.set_num_threads(arguments.threads)
    found: dict[str, Any] = {"machine": machine(arguments), "models": {}, "packs": {}}
    sizes = [*arguments.images, *[arguments.images[-1]] * len(arguments.models)]
    for name, size in zip(arguments.models, sizes, strict=False):
        found["models"][name] = measure(name, arguments)
        if size and not arguments.methods:
            mate, passes = teammate(name, arguments.device, size)
            found["packs"][name] = whole.measure(mate, passes)
        if arguments.output != OUTPUT:
            arguments.output.write_text(
                json.dumps(found, indent=1) + "\n", "utf-8"
            )  # what is there, should it be cut short
    found["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    print(page.tables(found))
    partial = arguments.quick or arguments.methods or len(arguments.models) < len(MODELS)
    if not partial:
        page.write(arguments.docs, found)
    if not partial or arguments.output != OUTPUT:
        arguments.output.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
