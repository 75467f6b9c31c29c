"""Grounds and scales: smooth noise textures, made once per size and reused by shifting, which halves the drawing time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating]
"""(S, S) numbers, most between 0 and 1."""

GROUNDS = (
    ((98, 110, 80), (58, 72, 54)),
    ((124, 102, 82), (82, 64, 50)),
    ((84, 99, 114), (48, 62, 78)),
    ((132, 124, 108), (92, 84, 72)),
)
"""Light and dark colour of each ground: moss, bark, slate, sand."""

_CLOUDS = ((4, 1.0), (9, 0.55), (23, 0.30), (61, 0.10))
_SCALES = ((90, 1.0), (170, 0.8))
_VARIANTS = 8


@lru_cache(maxsize=4 * _VARIANTS)
def texture(kind: str, variant: int, size: int) -> Field:
    """Return a texture of `size` pixels; the same numbers at every size, so a scene keeps its ground."""
    rng = np.random.default_rng([variant, len(kind)])
    out = np.zeros((size, size), np.float32)
    for cells, weight in _CLOUDS if kind == "clouds" else _SCALES:
        grid = rng.random((cells + 1, cells + 1), dtype=np.float32)
        out += np.float32(weight) * np.asarray(Image.fromarray(grid).resize((size, size), Image.Resampling.BICUBIC))
    low, high = np.percentile(out, (1, 99))
    out = (out - low) / (high - low)
    out.setflags(write=False)
    return out.astype(np.float32)


def pick(kind: str, seed: int, size: int) -> Field:
    """Return one of the textures, turned by `seed` (8 variants x 8 symmetries)."""
    field = texture(kind, seed % _VARIANTS, size)
    turned = np.rot90(field, (seed // _VARIANTS) % 4)
    return turned if (seed // (4 * _VARIANTS)) % 2 else turned[:, ::-1]


@lru_cache(maxsize=8)
def grid(size: int) -> tuple[Field, Field]:
    """Return x and y of every pixel, -0.5 to 0.5."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    return np.broadcast_to(axis[None, :], (size, size)), np.broadcast_to(axis[:, None], (size, size))


def ground(which: int, seed: int, size: int) -> Field:
    """Return the (S, S, 3) ground, 0 to 255: two tones of one colour, soft light from the top left, darker corners."""
    light, dark = (np.array(c, np.float32) for c in GROUNDS[which])
    x, y = grid(size)
    clouds = pick("clouds", seed, size)
    light_field = 1.06 - 0.62 * (x * x + y * y) - 0.10 * (x + y) + 0.05 * (pick("scales", seed + 3, size) - 0.5)
    return (dark + (light - dark) * clouds[..., None]) * light_field[..., None]
