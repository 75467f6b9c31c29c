"""Makes a control look like the method it stands in for: the same values, and on request the same smoothness.

A control that is paler or rougher than the real map can be told apart without reading it, so people would judge looks.
`match` is one of:

- `""`: the control's own values, at its own resolution;
- `"energy"`: the same values as the base method's map of that image, placed in the control's order of importance (exact);
- `"energy+smoothness"`: besides, the same radial power spectrum but for a share of 0.01 (`TOLERANCE`), by the iterated
  amplitude adjusted Fourier transform of Schreiber & Schmitz 1996, doi:10.1103/PhysRevLett.77.635, with rings instead of
  coefficients, and each round aimed past what the last one missed; a map that is still off then has values swapped, pair
  by pair (ai/swapping.py). How far off each map stays is told as `spectrum_mismatch`; a build and `coplay pack check` tell
  where it is beyond the tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ai import spectrum
from ai.engine import explain
from ai.explanation import Maps
from ai.passes import Passes
from ai.spectrum import TOLERANCE
from ai.surroundings import draws
from ai.swapping import swapped
from game.pack import Scalar

CHOICES = ("", "energy", "energy+smoothness")
ROUNDS, NEAR, ENOUGH = 100, 1e-3, 0.8 * TOLERANCE
Values = NDArray[np.float32]


def base_maps(passes: Passes, base: str, targets: Sequence[int], seed: int) -> Maps:
    """Return the maps of the method called `base`; raises Refused or Unknown as it does, ValueError where it makes none."""
    made = explain(base, passes, targets, seed)
    if not isinstance(made, Maps):
        raise ValueError(f"{base!r} makes no maps: a control needs a base that does")
    return made


def matched(
    passes: Passes, values: Values, base: str, match: str, targets: Sequence[int], seed: int, *, signed: bool = False
) -> Maps:
    """Return a control's maps (N, h, w) as the explanation, matched with those of `base` where `match` asks for it.

    A matched map has the base's resolution and sign. Raises ValueError for an unknown `match`.
    """
    if match not in CHOICES:
        raise ValueError(f"no match is called {match!r}; known: {', '.join(map(repr, CHOICES))}")
    if not match:
        return Maps(np.ascontiguousarray(values, np.float32), signed, info={"match": ""})
    like = base_maps(passes, base, targets, seed)
    info: dict[str, Scalar] = {"base": base, "match": match}
    placed = [
        place(mine, theirs, match == "energy+smoothness", draws(image, seed))
        for mine, theirs, image in zip(values, like.values, passes.images, strict=True)
    ]
    each: dict[str, Sequence[Scalar]] = {}
    if match == "energy+smoothness":
        apart = [_apart(mine, theirs) for mine, theirs in zip(placed, like.values, strict=True)]
        each["spectrum_mismatch"] = [round(share, 4) for share in apart]
    return Maps(np.stack(placed), like.signed, info=info, each=each)


def place(mine: Values, theirs: Values, smooth: bool, rng: np.random.Generator) -> Values:
    """Return the values of `theirs` (h, w) in the order of `mine` (any size), and with its spectrum where `smooth`."""
    want, target = np.sort(theirs.ravel()), spectrum.power(theirs.astype(np.float64))
    best = now = _ranked(_resized(mine, *theirs.shape), want, rng)
    least, aim = spectrum.mismatch(now, target), target
    for _ in range(ROUNDS if smooth else 0):
        if least < NEAR:
            break
        now = _ranked(spectrum.impose(now, aim), want, rng)
        apart = spectrum.mismatch(now, target)
        best, least = (now, apart) if apart < least else (best, least)
        # Placing the values again changes the spectrum much the same way each time: aim past it by as much.
        held = spectrum.power(now)
        missed = np.divide(target, held, out=np.ones_like(held), where=held > 0)
        aim = np.clip(aim * np.sqrt(missed), target / 8, target * 8)
    if smooth and least > ENOUGH:
        best = swapped(best, target, ENOUGH, rng)
    return best.astype(np.float32)


def _apart(mine: Values, theirs: Values) -> float:
    return spectrum.mismatch(mine.astype(np.float64), spectrum.power(theirs.astype(np.float64)))


def _ranked(order: spectrum.Plane, want: NDArray[np.float32], rng: np.random.Generator) -> spectrum.Plane:
    """Place sorted values by rank. Where `order` has ties, the neighbourhood decides, and lots after that."""
    near = np.round(spectrum.blur(order), 9)
    rank = np.lexsort((rng.random(order.size), near.ravel(), order.ravel()))
    out = np.empty(order.size)
    out[rank] = want
    return out.reshape(order.shape)


def _resized(values: Values, height: int, width: int) -> spectrum.Plane:
    if values.shape == (height, width):
        return values.astype(np.float64)
    picture = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC), np.float64)
