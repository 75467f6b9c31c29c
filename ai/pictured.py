"""Explanations that are not maps, as pictures for a pack: nearest examples side by side, a twin as it would look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from ai.explanation import Examples, Pictures
from ai.source import Source
from game.canonical import Digest, sha256

GROUND = (107, 107, 107)
"""The neutral ground of the screen (#6b6b6b), so that a strip of examples has no edge of its own."""
GAP = 0.02
"""Space between examples, as a share of the picture's side."""


def by_digest(source: Source, scenes: Sequence[Any], size: int) -> dict[Digest, Any]:
    """Return scenes by the sha256 of their (size, size, 3) pixels, as a gallery names its examples."""
    return {sha256(np.ascontiguousarray(source.draw(scene, size)).tobytes()): scene for scene in scenes}


def pictures(
    made: Examples | Pictures, source: Source, scenes: Sequence[Any], gallery: Mapping[Digest, Any], size: int
) -> list[Image.Image]:
    """Return one (size, size) picture per scene, drawn again at that size where the scene behind it is known."""
    if isinstance(made, Examples):
        return [_together([gallery[d] for d in digests], source, size) for digests in made.digests]
    if cues := made.each.get("cue"):
        pairs = zip(scenes, cues, strict=True)
        return [Image.fromarray(source.draw(source.twin(scene, str(cue)), size)) for scene, cue in pairs]
    return [Image.fromarray(values).resize((size, size), Image.Resampling.LANCZOS) for values in made.values]


def _together(scenes: Sequence[Any], source: Source, size: int) -> Image.Image:
    """Lay examples on a square, as many beside each other as above each other, the closest first."""
    across = int(np.ceil(np.sqrt(len(scenes))))
    gap = round(size * GAP)
    side = (size - gap * (across - 1)) // across
    sheet = Image.new("RGB", (size, size), GROUND)
    for n, scene in enumerate(scenes):
        row, column = divmod(n, across)
        sheet.paste(Image.fromarray(source.draw(scene, side)), (column * (side + gap), row * (side + gap)))
    return sheet
