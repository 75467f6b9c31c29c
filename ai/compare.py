"""Compares two packs made from one recipe: equal bytes, or what differs and by how much."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from ai.pack import MANIFEST
from game.pack import Manifest, Specimen, decode, path_of

PIXELS = 2.0
"""Mean difference of two pictures, of 255, that counts as the same picture on another machine."""
PROBABILITY = 0.01
"""Difference of two probabilities that counts as the same answer on another machine."""


class Difference(msgspec.Struct, frozen=True):
    """One thing that differs: where, what, and whether it stays within what another machine may change."""

    where: str
    what: str
    within: bool = False


def compare(old: Path, new: Path) -> list[Difference]:
    """Return how the pack folder `new` differs from `old`; an empty list means equal bytes."""
    a, b = ((folder / MANIFEST).read_bytes() for folder in (old, new))
    if a == b:
        return []
    one, two = decode(a), decode(b)
    out: list[Difference] = []
    for name in ("name", "title", "question", "classes", "models", "methods", "recipe", "licence"):
        if getattr(one, name) != getattr(two, name):
            out.append(Difference(name, "differs", within=name in ("models", "classes")))
    held, made = ({s.id: s for s in m.specimens} for m in (one, two))
    for missing in sorted(set(held) ^ set(made)):
        out.append(Difference(missing, "is only in one of the packs"))
    for key in sorted(set(held) & set(made)):
        if held[key] != made[key]:
            out += _specimen(held[key], made[key], (old, one), (new, two))
    return out or [Difference(MANIFEST, "differs in order or blobs only", within=True)]


def _specimen(a: Specimen, b: Specimen, old: tuple[Path, Manifest], new: tuple[Path, Manifest]) -> list[Difference]:
    out: list[Difference] = []
    if (a.truth, a.split, dict(a.scene)) != (b.truth, b.split, dict(b.scene)):
        out.append(Difference(a.id, "is another scene"))
    if a.image != b.image:
        out.append(_pixels(f"{a.id} image", a.image, b.image, old, new))
    for model in sorted({*a.advice} | {*b.advice}):
        one, two = a.advice.get(model), b.advice.get(model)
        if one is None or two is None or one.label != two.label:
            out.append(Difference(f"{a.id} {model}", "gives another answer"))
        elif one != two:
            far = float(np.abs(np.subtract(one.probabilities, two.probabilities)).max(initial=0.0))
            out.append(Difference(f"{a.id} {model}", f"probabilities differ by {far:.4f}", far <= PROBABILITY))
    for model, by in a.explanations.items():
        for method, one in by.items():
            two = b.explanations.get(model, {}).get(method)
            if two is None:
                out.append(Difference(f"{a.id} {model} {method}", "has no explanation"))
            elif one.blob != two.blob:
                out.append(_pixels(f"{a.id} {model} {method}", one.blob, two.blob, old, new))
    return out


def _pixels(where: str, a: str, b: str, old: tuple[Path, Manifest], new: tuple[Path, Manifest]) -> Difference:
    pictures: list[np.ndarray] = []
    for digest, (folder, manifest) in ((a, old), (b, new)):
        with Image.open(folder / path_of(digest, manifest.blobs[digest])) as image:
            pictures.append(np.asarray(image, np.float32))
    if pictures[0].shape != pictures[1].shape:
        return Difference(where, "has another size")
    mean = float(np.abs(pictures[0] - pictures[1]).mean())
    return Difference(where, f"pixels differ by {mean:.2f} of 255 on average", mean <= PIXELS)
