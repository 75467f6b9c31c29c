"""Every method on one image of one model: what was made, what was refused and why, and the sheet of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from ai import recipe, sheet, weights
from ai.attribution import Attribution
from ai.engine import Refused, attribute
from ai.explanation import Examples, Maps, Pictures
from ai.passes import Passes
from ai.render import shade, words
from ai.teammate import Teammate, new, prepare
from game.canonical import sha256
from game.registry import explainer, folder, model, specimen

RENDERING = "p60_p99"
_KNOWN = ("method", "seed", "target", "target_logit", "baseline", "seconds", "device", "model", "digest", "precision",
          "fidelity", "batch", "gap")  # fmt: skip
"""Facts that are not parameters."""


@dataclass(frozen=True)
class Explained:
    """One image with everything that was made of it. `classes` are the model's class keys."""

    image: Image.Image
    name: str
    target: str
    probability: float
    attributions: tuple[Attribution, ...]
    refused: dict[str, str]

    def lines(self) -> list[dict[str, Any]]:
        """Return one plain object per method: its facts, and the regions of the picture that matter most."""
        out: list[dict[str, Any]] = []
        for a in self.attributions:
            told: dict[str, Any] = {**a.facts(0), "target": self.target}
            if isinstance(a.explanation, Maps):
                told["regions"] = [list(w) for w in words(shade(a.explanation.values[0], 96, RENDERING))]
            out.append(told)
        return out


def explain_image(
    path: Path,
    name: str,
    methods: Sequence[str],
    *,
    target: str = "",
    seed: int = 0,
    batch: int | None = None,
    precision: str = "fp32",
) -> Explained:
    """Explain the picture at `path`, its middle square at the model's size, with each of `methods`.

    `name` is a shipped model or a weights file, `target` a class key or number (the model's answer unless given).
    Raises Unknown for a model and IndexError for a class that is not there, ValueError where there are no weights.
    """
    mate, classes = teammate(name)
    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    small = ImageOps.fit(picture, (mate.size, mate.size), Image.Resampling.LANCZOS)
    images = prepare(np.array(small)[None])
    passes = Passes(
        mate.module, images, layer=mate.layer, has=mate.has, model=mate.name, batch=batch, precision=precision,
        digest=mate.digest,
    )  # fmt: skip
    chosen = _target(target, classes, passes)
    passes.foreseen = {p for method in methods for p in explainer[method].info["passes"]}
    made, refused = list[Attribution](), dict[str, str]()
    for method in methods:
        try:
            made.append(attribute(method, passes, [chosen], seed))
        except Refused as error:
            refused[method] = str(error)
    share = float(passes.logits().softmax(1)[0, chosen])
    return Explained(ImageOps.fit(picture, (384, 384)), path.name, classes[chosen], share, tuple(made), refused)


def sheet_of(made: Explained, to: Path) -> tuple[Path, Path]:
    """Write the contact sheet to `to` as .html and .png; returns both paths."""
    first = made.attributions[0] if made.attributions else None
    about = [f"explained: {made.target} ({made.probability:.1%})"]
    if first is not None:
        logit, weigh = float(first.logits[0]), first.digest[:12]
        about.append(f"model {first.model}, weights {weigh}, logit {logit:.3f}, {first.precision} on {first.device}")
        about.append(f"shown as {RENDERING}: evidence for, from the 60th percentile of each map; seed {first.seed}")
    cells = [sheet.Cell("image", made.image), *(_cell(made.image, a) for a in made.attributions)]
    return sheet.write(to, f"{made.name}: what the model goes by", about, cells, made.refused)


def teammate(name: str) -> tuple[Teammate, tuple[str, ...]]:
    """Return a trained model and its class keys: a weights file, or a model whose weights a built-in study ships.

    Raises Unknown for a name that is neither and ValueError where no weights are shipped.
    """
    path = Path(name)
    if path.suffix != ".safetensors":
        kind, path = model[name].name, _shipped(name)
    elif not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    else:
        kind = weights.about(path).get("model", "")
        if kind not in model:
            raise ValueError(f"{path}: not weights of a registered model ({', '.join(model.names())})")
    data = path.read_bytes()
    mate, classes = _filled(kind, data, _keys(path))
    return Teammate(mate.name, mate.module.eval(), mate.size, mate.layer, mate.has, sha256(data)), classes


def _shipped(name: str) -> Path:
    for study in sorted(Path(str(folder("game.studies"))).iterdir()):
        if (study / "pack.toml").is_file():
            for m in recipe.read(study).models.values():
                if m.model == name and (study / m.weights).is_file():
                    return study / m.weights
    raise ValueError(
        f"no weights of {name!r} are shipped: train it (`coplay pack build`) and give the .safetensors file"
    )


def _keys(path: Path) -> tuple[str, ...]:
    """Return the class keys of the study that a weights file lies in; none where it lies elsewhere."""
    if not (path.parent / "pack.toml").is_file():
        return ()
    return tuple(s.key for s in specimen[recipe.read(path.parent).source].thing().species)


def _filled(kind: str, data: bytes, keys: tuple[str, ...]) -> tuple[Teammate, tuple[str, ...]]:
    """Return the model with as many classes as its weights have; without keys, classes go by their number."""
    count = weights.classes(data) if not keys else len(keys)
    mate = new(kind, count)
    weights.load(mate.module, data)
    return mate, keys or tuple(map(str, range(count)))


def _target(target: str, classes: Sequence[str], passes: Passes) -> int:
    if not target:
        return int(torch.argmax(passes.logits()[0]))
    if target in classes:
        return list(classes).index(target)
    if target.isdecimal() and int(target) < len(classes):
        return int(target)
    raise IndexError(f"no class is called {target!r}; known: {', '.join(classes)}")


def _cell(image: Image.Image, a: Attribution) -> sheet.Cell:
    told, info = a.facts(0), explainer[a.method].info
    params = ", ".join(f"{k} {_short(v)}" for k, v in told.items() if k not in _KNOWN and v != "")
    gap = "" if a.gap is None else f"gap {_short(float(a.gap[0]))}"
    sign = f"{info['family']}{', signed' if info['signed'] else ''}"
    lines = (sign, params, f"baseline {a.baseline}" if a.baseline else "", gap, f"{a.seconds * 1000:.0f} ms")
    return sheet.Cell(a.method, _picture(image, a), tuple(filter(None, lines)), info["cite"])


def _picture(image: Image.Image, a: Attribution) -> Image.Image:
    match a.explanation:
        case Maps(values=values):
            return sheet.glowing(image, Image.fromarray(shade(values[0], 192, RENDERING)))
        case Pictures(values=pictures):
            return Image.fromarray(pictures[0])
        case Examples():
            return Image.new("RGB", (sheet.CELL, sheet.CELL), sheet.BLANK)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
