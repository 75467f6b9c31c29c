"""Pools of masked passes: which cells of a picture are kept, and what the model says of what is left.

Drawn row by row, so that a smaller pool is the beginning of a larger one and methods share what they have in common.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ai.canvas import Canvas, stretches
from ai.coalitions import coalitions
from ai.runner import Form

KINDS = ("uniform", "paired", "without", "permutation", "shared")


def draw(kind: str, n: int, cells: int, seed: int) -> Tensor:
    """Return (n, cells) masks, 1 where a cell is kept; the first rows are the same for every `n`.

    - `uniform`: each cell is kept with probability 1/2 (LIME, RISE).
    - `paired`: the Shapley kernel: coalitions of 1 to cells - 1 cells, size s drawn by 1 / (s (cells - s)), each
      followed by its complement (Covert & Lee 2021, arXiv:2012.01536).
    - `without`: row i keeps all but cell i modulo `cells`; nothing is drawn.
    - `permutation`: random orders, each followed by its reverse; cells - 1 rows an order, row s keeps its first s + 1.
    - `shared`: one draw for LIME, RISE on a grid, KernelSHAP and ablation, with weights: see `ai/coalitions.py`.

    Raises ValueError for another kind and for fewer than two cells.
    """
    if kind not in KINDS:
        raise ValueError(f"no masks are called {kind!r}; known: {', '.join(KINDS)}")
    if cells < 2 or n < 1:
        raise ValueError(f"{n} masks of {cells} cells: give at least 1 mask and 2 cells")
    return torch.from_numpy(_drawn(kind, n, cells, seed).astype(np.float32))


def _drawn(kind: str, n: int, cells: int, seed: int) -> NDArray[np.bool_]:
    if kind == "shared":
        return coalitions(cells, n, seed) > 0
    rng, sizes = (np.random.default_rng([seed, KINDS.index(kind), k]) for k in (0, 1))
    if kind == "uniform":
        return rng.random((n, cells)) < 0.5
    if kind == "without":
        return np.arange(n)[:, None] % cells != np.arange(cells)
    if kind == "paired":
        pairs = -(-n // 2)
        s = np.arange(1, cells)
        chance = np.cumsum(1 / (s * (cells - s)))
        size = np.searchsorted(chance / chance[-1], sizes.random(pairs), side="right") + 1
        kept = rng.random((pairs, cells)).argsort(1).argsort(1) < np.minimum(size, cells - 1)[:, None]
        return np.stack([kept, ~kept], 1).reshape(-1, cells)[:n]
    orders = -(-n // (2 * (cells - 1)))
    place = rng.random((orders, cells)).argsort(1).argsort(1)
    both = np.stack([place, cells - 1 - place], 1).reshape(-1, 1, cells)
    return (both < np.arange(1, cells)[:, None]).reshape(-1, cells)[:n]


def cells_of(segments: int | Tensor, images: Tensor) -> Tensor:
    """Return which cell each pixel belongs to, (N or 1, H, W) int64; an int is the side of a square grid.

    Raises ValueError for a grid finer than the image and for segments that do not fit the images.
    """
    n, _, height, width = images.shape
    if isinstance(segments, int):
        if not 1 <= segments <= min(height, width):
            raise ValueError(f"a grid of {segments} x {segments} cells does not fit images of {height} x {width}")
        row = torch.arange(height) * segments // height
        column = torch.arange(width) * segments // width
        return (row[:, None] * segments + column)[None].to(images.device)
    if segments.shape not in ((n, height, width), (1, height, width)) or segments.dtype != torch.int64:
        raise ValueError(
            f"segments {tuple(segments.shape)} do not fit images {tuple(images.shape)}: give (N, H, W) int64"
        )
    return segments.to(images.device)


def masked_batches(
    images: Tensor, base: Tensor, masks: Tensor, cells: int | Tensor | None, batch: int, form: Form | None = None
) -> Iterator[Tensor]:
    """Yield every image under every mask, image by image, `batch` at a time; the rest of a picture is `base`.

    `masks` is (n, cells), `cells` the side of a grid or (N or 1, H, W) cell numbers; or (n, H, W) of any values in [0, 1]
    where `cells` is None. Only one batch exists at a time: the next overwrites it.
    """
    canvas, n = Canvas(images, base, form or Form(batch), batch), len(masks)
    for start in range(0, len(images) * n, batch):
        stop = min(start + batch, len(images) * n)
        for i, first, last in stretches(start, stop, n):
            at = i * n + first - start
            if cells is None:
                canvas.put(at, i, masks[first:last])
            elif isinstance(cells, int):
                canvas.put_grid(at, i, masks[first:last], cells)
            else:
                canvas.put_cells(at, i, masks[first:last], cells[i % len(cells)])
        yield canvas.pictures(stop - start)


def name_of(value: int | str | Tensor) -> str:
    """Return a key under which a pool is remembered: the value, or the digest of a tensor's numbers."""
    if not isinstance(value, Tensor):
        return str(value)
    return hashlib.sha256(value.detach().cpu().contiguous().numpy().tobytes()).hexdigest()
