"""Every method on one image of one model: what was made, what was refused and why, and the sheet of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from ai import completeness, fidelity, recipe, sheet, weights
from ai.attribution import Attribution
from ai.engine import Refusal, Refused, attribute
from ai.explanation import Examples, Maps, Pictures
from ai.opened import opened
from ai.parameters import Settings
from ai.passes import Passes
from ai.pictured import by_digest, pictures
from ai.render import rendering_of, shade, strength, words
from ai.source import Source
from ai.sources import absolute, open_source
from ai.surroundings import surround
from ai.teammate import Teammate, family, new, prepare
from game.canonical import sha256
from game.pack import Scalar
from game.registry import explainer, folder, model

RENDERING, SIGNED = "p60_p99", "signed_p60_p99"
"""How maps are shown unless it is said: evidence for alone, or for and against where a map has a sign."""
GALLERY, OTHERS = 48, 16
"""Scenes of the study's source that serve as examples, and as other images."""
CLASSES = ("against", "explains")
"""Facts that are the number of a class."""


@dataclass(frozen=True)
class Explained:
    """One image with everything that was made of it. `classes` are the model's class keys.

    `passes` are, for each attribution, the forward passes and the passes back that it ran itself: what another method had
    run before it is shared. `strips` are examples as they look, by method. `rendering` is "" for each map's own.
    """

    image: Image.Image
    name: str
    target: str
    probability: float
    attributions: tuple[Attribution, ...]
    refused: dict[str, Refusal]
    classes: tuple[str, ...]
    passes: tuple[tuple[int, int], ...]
    strips: dict[str, Image.Image]
    rendering: str = ""

    def lines(self) -> list[dict[str, Any]]:
        """Return one plain object per method: its facts, and the regions of the picture that matter most."""
        out: list[dict[str, Any]] = []
        for a, (ahead, back) in zip(self.attributions, self.passes, strict=True):
            told: dict[str, Any] = {**a.facts(0), **self.named(a), "target": self.target}
            told |= {"forward_passes": ahead, "backward_passes": back}
            if isinstance(a.explanation, Maps):
                how = self.shown_as(a.explanation)
                grey = strength(shade(a.explanation.values[0], 96, how), rendering_of(how).sign == "signed")
                told |= {"rendering": how, "regions": [list(w) for w in words(grey)]}
            out.append(told)
        return out

    def named(self, a: Attribution) -> dict[str, Scalar]:
        """Return an attribution's parameters and notes, with classes by their keys."""
        known = a.known(0)
        return {k: self.classes[v] if k in CLASSES and isinstance(v, int) and v >= 0 else v for k, v in known.items()}

    def shown_as(self, made: Maps) -> str:
        """Return the rendering of a map."""
        if made.signed or rendering_of(self.rendering or RENDERING).sign != "signed":
            return self.rendering or (SIGNED if made.signed else RENDERING)
        return RENDERING


def explain_image(
    path: Path,
    name: str,
    methods: Sequence[str],
    *,
    target: str = "",
    seed: int = 0,
    batch: int | None = None,
    precision: str = "fp32",
    compare: bool = True,
    settings: Settings | None = None,
    rendering: str = "",
    talk: Callable[[str, int], None] = lambda _method, _n: None,
) -> Explained:
    """Explain the picture at `path`, its middle square at the model's size, with each of `methods`.

    `name` is a shipped model or a weights file, `target` a class key or number (the model's answer unless given).
    At another `precision` than fp32 maps are made twice to `compare` them, unless that is off.
    `settings` are parameters by method, `rendering` is how maps are shown, `talk` is told of each method and its number.
    Examples and other images are drawn by the source of the study that the weights are of.
    Raises Unknown for a model and IndexError for a class that is not there, ValueError where there are no weights.
    """
    if rendering:
        rendering_of(rendering)
    picture = opened(path)
    mate, classes = teammate(name)
    small = ImageOps.fit(picture, (mate.size, mate.size), Image.Resampling.LANCZOS)
    images = prepare(np.array(small)[None])
    passes = Passes(
        mate.module, images, layer=mate.layer, has=mate.has, model=mate.name, batch=batch, precision=precision,
        digest=mate.digest, compared=int(compare),
    )  # fmt: skip
    chosen = _target(target, classes, passes)
    passes.foreseen = {p for method in methods for p in explainer[method].info["passes"]}
    strips = _around(name, methods, mate, passes)
    made, refused, ran, shown = (
        list[Attribution](),
        dict[str, Refusal](),
        list[tuple[int, int]](),
        dict[str, Image.Image](),
    )
    for n, method in enumerate(methods):
        talk(method, n)
        before = passes.runner.forwards, passes.runner.backwards
        try:
            made.append(attribute(method, passes, [chosen], seed, **(settings or {}).get(method, {})))
        except Refused as error:
            refused[method] = error.refusal
            continue
        ran.append((passes.runner.forwards - before[0], passes.runner.backwards - before[1]))
        if strips and isinstance(examples := made[-1].explanation, Examples):
            shown[method] = strips(examples)
    share = float(passes.logits().softmax(1)[0, chosen])
    large = ImageOps.fit(picture, (384, 384))
    return Explained(
        large, path.name, classes[chosen], share, tuple(made), refused, classes, tuple(ran), shown, rendering
    )


def _around(
    name: str, methods: Sequence[str], mate: Teammate, passes: Passes
) -> Callable[[Examples], Image.Image] | None:
    """Give the passes a gallery and other images where a method needs them and the study's source can draw them.

    Returns what draws examples, None where there are none.
    """
    needs = {need for method in methods for need in explainer[method].info["needs"]}
    source, how = _source(_weights(name)[1])
    if source is None or not needs & {"gallery", "others"}:
        return None
    scenes = source.scenes(GALLERY, 0, **how)
    passes.surroundings = surround(source, mate, [], gallery=scenes, others=scenes[:OTHERS])
    known = by_digest(source, scenes, mate.size)
    return lambda made: pictures(made, source, [None], known, sheet.CELL * sheet.DENSE)[0]


def sheet_of(made: Explained, to: Path) -> tuple[Path, Path]:
    """Write the contact sheet to `to` as .html and .png; returns both paths."""
    first = made.attributions[0] if made.attributions else None
    about = [f"explained: {made.target} ({made.probability:.1%})"]
    if first is not None:
        logit, weigh = float(first.logits[0]), first.digest[:12]
        about.append(f"model {first.model}, weights {weigh}, logit {logit:.3f}, {first.precision} on {first.device}")
        shown = sorted({made.shown_as(a.explanation) for a in made.attributions if isinstance(a.explanation, Maps)})
        about.append(f"shown as {' and '.join(shown) or 'examples'}; seed {first.seed}")
        about.append(
            "signed maps: red speaks for the class, blue against it; other maps: the brighter, the more it matters"
        )
    ran = zip(made.attributions, made.passes, strict=True)
    cells = [sheet.Cell("image", made.image), *(_cell(made, a, *passes) for a, passes in ran)]
    refused = {name: _why(told) for name, told in made.refused.items()}
    return sheet.write(to, f"{made.name}: what the model goes by", about, cells, refused)


def teammate(name: str) -> tuple[Teammate, tuple[str, ...]]:
    """Return a trained model and its class keys: a weights file, or a model whose weights a built-in study ships.

    Raises Unknown for a name that is neither and ValueError where no weights are shipped.
    """
    kind, path = _weights(name)
    data = path.read_bytes()
    mate, classes = _filled(kind, data, _keys(path))
    return Teammate(mate.name, mate.module.eval(), mate.size, mate.layer, mate.has, sha256(data)), classes


def _weights(name: str) -> tuple[str, Path]:
    """Return the registered model and the file of weights that a name stands for."""
    path = Path(name)
    if path.suffix != ".safetensors":
        family(name)
        return name, _shipped(name)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    kind = weights.about(path).get("model", "")
    if kind.partition(":")[0] not in model:
        raise ValueError(f"{path}: not weights of a registered model ({', '.join(model.names())})")
    return kind, path


def _source(path: Path) -> tuple[Source | None, dict[str, Any]]:
    """Return the source of the study that a weights file lies in, and how the study's scenes are drawn."""
    if not (path.parent / "pack.toml").is_file():
        return None, {}
    made = recipe.read(path.parent)
    return open_source(absolute(made.source, path.parent)), dict(made.selection.scenes)


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
    source, _ = _source(path)
    return tuple(s.key for s in source.species) if source else ()


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


def _cell(made: Explained, a: Attribution, ahead: int, back: int) -> sheet.Cell:
    info = explainer[a.method].info
    params = ", ".join(f"{k} {_short(v)}" for k, v in made.named(a).items() if k != "baseline" and v != "")
    gap = "" if a.gap is None else completeness.told(a.method, float(a.gap[0]))
    sign = f"{info['family']}{', signed' if info['signed'] else ''}"
    lines = (sign, params, f"baseline {a.baseline}" if a.baseline else "", gap, near(a), _took(a, ahead, back))
    return sheet.Cell(a.method, _picture(made, a), tuple(filter(None, lines)), info["cite"])


def near(a: Attribution) -> str:
    """Return in words how near a method's maps are to those in fp32; "" where they are."""
    if a.precision == "fp32":
        return ""
    return f"{a.precision}, {fidelity.told(a.maps.each if a.maps else (), len(a.targets))}"


def _why(told: Refusal) -> str:
    return told.reason + (f"; use {told.nearest} instead" if told.nearest else "")


def _took(a: Attribution, ahead: int, back: int) -> str:
    """Return how long a method took and what it ran; what another had run before it was shared."""
    ran = " + ".join(f"{n} {kind}" for n, kind in ((ahead, "F"), (back, "G")) if n)
    shared = "shared passes" if explainer[a.method].info["passes"] else "no pass"
    took = 1000 * a.seconds
    return f"{took:.0f} ms, {ran or shared}" if took >= 10 else f"{took:.2g} ms, {ran or shared}"


def _picture(made: Explained, a: Attribution) -> Image.Image:
    match a.explanation:
        case Maps(values=values) as maps:
            how = made.shown_as(maps)
            grey, signed = Image.fromarray(shade(values[0], 192, how)), rendering_of(how).sign == "signed"
            return sheet.glowing(made.image, grey, sheet.CELL * sheet.DENSE, signed=signed)
        case Pictures(values=drawn):
            return Image.fromarray(drawn[0])
        case Examples():
            return made.strips[a.method]


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
