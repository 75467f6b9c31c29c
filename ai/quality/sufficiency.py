"""Sufficiency and necessity: is the most important part of the picture enough, and can the model do without it?"""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.curves import Values, curve
from ai.quality import Case, Maps, Scores, quality, where

ERASER = "DeYoung et al. 2020, ACL, doi:10.18653/v1/2020.acl-main.408"


@quality(
    "sufficiency",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="lower",
    cite=ERASER,
    needs=("passes",),
    unit="probability",
)
def sufficiency(maps: Maps, case: Case, *, steps: int = 5, share: float = 0.1) -> Scores:
    """Return by how much the target's probability falls when only the most important pixels stay and the rest is blurred.

    Read from the curve of `insertion_blur` at the step nearest to `share` of the picture; below zero it rises.
    """
    x, y = curve(Asked.of(case), maps, "blur", steps, keep=True)
    return Scores(y[:, -1] - y[:, _nearest(x, share)])


@quality(
    "necessity",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    cite=ERASER,
    needs=("passes",),
    unit="probability",
)
def necessity(maps: Maps, case: Case, *, steps: int = 5, share: float = 0.1) -> Scores:
    """Return by how much the target's probability falls when the most important pixels are blurred: comprehensiveness.

    Read from the curve of `deletion_blur` at the step nearest to `share` of the picture.
    """
    x, y = curve(Asked.of(case), maps, "blur", steps)
    return Scores(y[:, 0] - y[:, _nearest(x, share)])


@quality(
    "sufficiency_alike",
    family="faithfulness",
    reads="model",
    takes="absolute",
    better="higher",
    cite="Dasgupta, Frost & Moshkovitz 2022, ICML, arXiv:2202.00734",
    needs=("passes",),
    unit="share",
)
def sufficiency_alike(maps: Maps, case: Case, *, threshold: float = 0.6) -> Scores:
    """Return the share of the images with a like map that get the same answer as this one.

    Maps are alike when their distance, each pixel divided by its spread over the images, is at most `threshold` of the
    largest. Undefined where no other map is alike. With few images this says little.
    """
    asked, n = Asked.of(case), len(case.targets)
    answers = asked.passes.logits().argmax(1).cpu().numpy()
    parts = [_shared(maps[i : i + n], answers, threshold) for i in range(0, len(maps), n)]
    good, values = (np.concatenate(p) for p in zip(*parts, strict=True))
    return where(good, values, "no other image has a like map")


def _shared(maps: Maps, answers: np.ndarray, threshold: float) -> tuple[np.ndarray, Values]:
    flat = maps.reshape(len(maps), -1).astype(np.float64)
    spread = flat.std(0, ddof=1) if len(flat) > 1 else np.zeros(flat.shape[1])
    flat = flat[:, spread > 0] / spread[spread > 0]
    products = flat @ flat.T
    squares = np.diag(products)
    gaps = np.sqrt(np.clip(squares[:, None] + squares[None] - 2 * products, 0, None))
    alike = (gaps <= threshold * gaps.max()) & ~np.eye(len(maps), dtype=bool)
    same = answers[:, None] == answers[None]
    return alike.any(1), (alike & same).sum(1) / np.maximum(alike.sum(1), 1)


def _nearest(x: Values, share: float) -> int:
    return 1 + int(np.abs(x[1:-1] - share).argmin())
