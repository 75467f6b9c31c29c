"""Smoothed random: noise that knows nothing of the model, with the values and the smoothness of a real method's maps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ai import spectrum
from ai.explanation import Maps
from ai.matching import matched
from ai.passes import Passes
from ai.surroundings import draws
from game.registry import explainer


@explainer(
    "smoothed_random",
    cite="surrogates as in Schreiber & Schmitz 1996, Phys. Rev. Lett. 77, doi:10.1103/PhysRevLett.77.635",
    needs=(),
    passes=("activations",),
    family="control",
    signed=False,
)
def smoothed_random(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    base: str = "gradcam",
    match: str = "energy+smoothness",
    size: int = 48,
    slope: float = 4.0,
) -> Maps:
    """Return smooth noise, matched with the maps of `base` (see ai/matching.py), at their resolution.

    Without a `match` it is noise whose power falls with frequency as f^-slope, at (N, size, size), lower half cut away,
    and no model is asked. Before matching, a map depends on the image's pixels and `seed` only.
    """
    maps = [spectrum.noise(size, size, slope, draws(image, seed)) for image in passes.images]
    values = np.stack([np.clip(m - np.median(m), 0, None) if not match else m for m in maps]).astype(np.float32)
    return matched(passes, values, base, match, targets, seed)
