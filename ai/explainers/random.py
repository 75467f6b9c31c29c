"""Random: a smooth map that knows nothing of the model. The control that every other method must beat."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from ai.explanation import Maps
from ai.passes import Passes
from game.registry import explainer


@explainer(
    "random",
    cite="placebo as in Eiband et al. 2019, CHI EA, doi:10.1145/3290607.3312787",
    needs=(),
    passes=(),
    family="control",
    signed=False,
)
def random(passes: Passes, targets: Sequence[int], seed: int, *, grid: int = 6, size: int = 48) -> Maps:
    """Return smoothed noise, (N, size, size): `grid` x `grid` random numbers, bicubic in between, lower half cut away.

    A map depends on the image's pixels and `seed` only, so it is the same in every batch and for every target.
    """
    del targets  # the same map whatever the answer
    maps = [_noise(_digest(image.cpu().numpy()), seed, grid, size) for image in passes.images]
    return Maps(np.stack(maps), info={"grid": grid})


def _digest(image: np.ndarray) -> int:
    return int.from_bytes(hashlib.sha256(np.ascontiguousarray(image).tobytes()).digest()[:8])


def _noise(image: int, seed: int, grid: int, size: int) -> np.ndarray:
    rng = np.random.default_rng([image, seed])
    cells = Image.fromarray(rng.random((grid, grid), dtype=np.float32))
    smooth = np.asarray(cells.resize((size, size), Image.Resampling.BICUBIC))
    return np.clip(smooth - np.median(smooth), 0, None).astype(np.float32)
