"""Opens a picture that a person names: upright, in RGB, eight bits a colour, or one clear error. No torch here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ai.pack import bare

LEAST = 16
"""Pixels of the shorter side, at least; the middle square is what is explained."""
DEEP = 65535


def opened(path: Path) -> Image.Image:
    """Return the picture at `path`: 16 bits are scaled to 8, transparency is laid on white.

    Raises ValueError for a file that is no picture, one whose values have no known scale, and one that is too small.
    """
    try:
        with Image.open(path) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
    except (UnidentifiedImageError, SyntaxError, OSError) as error:
        why = "not a picture that can be read" if isinstance(error, UnidentifiedImageError) else str(error)
        raise ValueError(f"{path}: {why}; give a PNG, JPEG, WebP, TIFF or GIF file that is whole") from None
    if min(upright.size) < LEAST:
        size = f"{upright.width} x {upright.height} pixels"
        raise ValueError(f"{path}: {size} are too few to explain; give a picture of at least {LEAST} x {LEAST}")
    return bare(_shallow(path, upright))


def _shallow(path: Path, image: Image.Image) -> Image.Image:
    """Return a picture of more than 8 bits in 8; Pillow would cut off what is above 255."""
    if image.mode == "F":
        raise ValueError(f"{path}: its values are fractions of no known scale; save it with 8 or 16 bits a colour")
    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > DEEP:
        raise ValueError(
            f"{path}: its values go from {values.min()} to {values.max()}; save it with 8 or 16 bits a colour"
        )
    return Image.fromarray(np.round(values * (255 / DEEP)).astype(np.uint8))
