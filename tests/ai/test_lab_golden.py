"""Golden values: every metric of two methods on a fixed tiny net. `python -m tests.ai.test_lab_golden` writes them anew.

A value that moves here moves in everybody's results: say so in the changelog.
"""

import csv
import json
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch

from ai.lab.comparison import Comparison
from game.registry import quality
from tests.ai import squares

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "lab-squares.json"
CLOSE = 2e-3
"""Relative; sums of floating-point numbers differ a little between processors."""
APART = ("label_permuted",)
"""It trains a net, and a training amplifies such differences."""


def compared(folder):
    """Return metric -> method (or two) -> mean and n, of the fair planted net on four specimens."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with squares.registered():
        given = {"preset": "quick", "images": 4, "models": ["fair"], "methods": "saliency,input_x_gradient"}
        Comparison([squares.study(folder / "study")], **given).into(folder / "lab")
    torch.set_num_threads(before)
    held = defaultdict(lambda: defaultdict(list))
    for name in ("scores", "pairs"):
        for row in csv.DictReader((folder / "lab" / f"{name}.csv").read_text("utf-8").splitlines()):
            if row["value"] and not row.get("variant"):
                held[row["metric"]][row.get("method") or f"{row['method_a']} {row['method_b']}"].append(
                    float(row["value"])
                )
    return {
        m: {k: [round(float(np.mean(v)), 6), len(v)] for k, v in sorted(by.items())} for m, by in sorted(held.items())
    }


@pytest.fixture(scope="module")
def now(tmp_path_factory):
    return compared(tmp_path_factory.mktemp("golden"))


def test_every_metric_has_golden_values():
    known = set(json.loads(GOLDEN.read_text("utf-8")))
    never = {n for n in quality.names() if n.startswith(("model_seed", "checkpoint"))}  # no such model is at hand here
    signed = {"sign_agreement", "signed_rank_agreement"}  # one of the two methods has no sign
    assert set(quality.names()) - never - signed - set(APART) <= known


@pytest.mark.slow
def test_values_are_as_they_were(now):
    golden = json.loads(GOLDEN.read_text("utf-8"))
    moved = {
        f"{metric}, {method}": (value, now[metric][method][0])
        for metric, by in golden.items()
        if metric not in APART
        for method, (value, n) in by.items()
        if now[metric][method][1] != n or now[metric][method][0] != pytest.approx(value, rel=CLOSE, abs=1e-4)
    }
    assert not moved


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(json.dumps(compared(Path(folder)), indent=1) + "\n", "utf-8")
