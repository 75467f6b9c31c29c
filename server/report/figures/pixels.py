"""Pixels of specimens and maps for the grid: every map drawn the same way, whatever method made it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from game.pack import Explained, Specimen

SIDE = 104
"""CSS pixels of a thumbnail."""
Pixels = NDArray[np.float64]
ReadBlob = Callable[[str], bytes]


def picture(read: ReadBlob, digest: str, side: int = SIDE) -> Pixels:
    """Return a picture (side, side, 3), 0 to 1, fitted into a grey square; raises LookupError, OSError."""
    with Image.open(io.BytesIO(read(digest))) as opened:
        image = opened.convert("RGB")
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", (side, side), (107, 107, 107))
    paper.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return np.asarray(paper, dtype=np.float64) / 255


def heat(read: ReadBlob, specimen: Specimen, explained: Explained, side: int = SIDE) -> Pixels:
    """Return an explanation over a grey copy of its picture; strength of signed maps is how far they are from zero."""
    if explained.kind == "picture":
        return picture(read, explained.blob, side)
    below = picture(read, specimen.image, side).mean(axis=2, keepdims=True).repeat(3, axis=2)
    with Image.open(io.BytesIO(read(explained.blob))) as opened:
        grey = opened.convert("L").resize((side, side), Image.Resampling.BILINEAR)
    values: Pixels = np.asarray(grey, dtype=np.float64) / 255
    if explained.signed:
        values = np.abs(values - 128 / 255) * 2
    least = float(np.quantile(values, 0.6))
    strength = np.clip((values - least) / max(1e-9, float(values.max()) - least), 0, 1)[..., None]
    return below * (1 - 0.85 * strength) + 0.85 * strength * _inferno(strength[..., 0])


def _inferno(values: Pixels) -> Pixels:
    from matplotlib import colormaps  # noqa: PLC0415 - an extra

    made: Pixels = np.asarray(colormaps["inferno"](0.25 + 0.75 * values))[..., :3]
    return made


def as_data(pixels: Pixels) -> str:
    """Return pixels as an address that stands in a page: a PNG of few colours."""
    image = Image.fromarray((pixels * 255).round().astype(np.uint8)).quantize(96, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
