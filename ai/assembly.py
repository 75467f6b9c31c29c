"""Puts a pack together from the results of jobs: pictures, advice, explanations, and the manifest that names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from ai import drawn, explaining
from ai.answering import Net
from ai.disagreement import disagreement
from ai.explaining import SHARD, Found
from ai.job import Job
from ai.observing import Seen
from ai.pack import Draft
from ai.recipe import MethodRecipe, Recipe
from ai.render import outlines, rendering_of, shade_all, strength, words
from ai.source import Source
from ai.workshop import Workshop
from game.canonical import Digest
from game.pack import Advice, Class, Credit, Explained, Outline, Specimen
from game.registry import explainer

LINES, POINTS = 3, 12
"""Most outlines of a map that are stored, the largest, and most points of one; they follow a grid of 48."""
ASIDE = ("control", "example")
"""Families that are no explanations of the model by a map; they do not count as disagreeing."""


@dataclass(frozen=True)
class Item:
    """One specimen to be: its id, split, scene, what is known of it, what each model says; why models err; whose twin."""

    id: str
    split: str
    scene: Any
    seen: Seen
    truth: int
    says: Mapping[str, Advice]
    notes: Mapping[str, str]
    twin_of: str = ""
    twin_cue: str = ""


class Assembly:
    """One draft being filled from a workshop."""

    def __init__(self, draft: Draft, workshop: Workshop, source: Source, name: str, recipe: Recipe) -> None:
        self.draft, self.workshop, self.source, self.name, self.recipe = draft, workshop, source, name, recipe
        self.keys = [s.key for s in source.species]
        self.seconds: dict[str, dict[str, list[float]]] = {}
        """Model -> method -> seconds of each shard."""
        self.specimen_count = 0

    def specimens(self, items: Sequence[Item], nets: Mapping[str, Net], gallery: Sequence[Any]) -> list[Specimen]:
        """Make every picture and explanation that is missing, and return the specimens."""
        self.specimen_count = len(items)
        images = self._pictures("pictures", [item.scene for item in items], self.recipe.image_size)
        explained = {name: self._explain(name, net, items, gallery) for name, net in nets.items()}
        out: list[Specimen] = []
        for n, item in enumerate(items):
            by = {name: shown[n][0] for name, shown in explained.items()}
            seen, apart = item.seen, next(iter(explained.values()))[n][1] if explained else None
            out.append(
                Specimen(
                    item.id,
                    images[n],
                    self.keys[item.truth],
                    seen.credit or Credit(self.recipe.licence, self.recipe.artist),
                    item.split,
                    item.says,
                    by,
                    _rounded(seen.posterior),
                    {**seen.facts, **item.notes},
                    cues=seen.cues,
                    context=seen.context,
                    posterior_image=_rounded(seen.posterior_image),
                    difficulty=None if seen.difficulty is None else round(seen.difficulty, 4),
                    disagreement=apart,
                    twin_of=item.twin_of,
                    twin_cue=item.twin_cue,
                )
            )
        return out

    def classes(self) -> tuple[Class, ...]:
        """Return the classes, each with its thumbnail and its examples for the field guide."""
        species, few = self.source.species, self.recipe.examples
        first = self._pictures("thumbnails", [self.source.prototype(k) for k in range(len(species))], None)
        guides = [list(self.source.guide(k))[:few] if few else [] for k in range(len(species))]
        flat = self._pictures("field guide", [s for guide in guides for s in guide], self.recipe.example_size)
        rest = iter(flat)
        return tuple(
            Class(s.key, s.title, thumb, s.note, tuple(next(rest) for _ in guide))
            for s, thumb, guide in zip(species, first, guides, strict=True)
        )

    def _pictures(self, stage: str, scenes: Sequence[Any], size: int | None) -> list[Digest]:
        """Return the digests of scenes drawn at `size`; None is that of a thumbnail."""
        r = self.recipe
        most, side = (r.image_bytes, size) if size else (12_000, r.thumb_size)
        quality = r.image_quality if size else 86
        jobs = drawn.jobs(self.name, scenes, side, most, quality)
        self.workshop.make(stage, jobs)
        made: list[Digest] = []
        for key in (key for job in jobs for key in job.keys):
            picture = drawn.unpacked(self.workshop.get(key))
            made.append(self.draft.add(picture.data, "image/webp", picture.width, picture.height))
        return made

    def _explain(
        self, model: str, net: Net, items: Sequence[Item], gallery: Sequence[Any]
    ) -> list[tuple[dict[str, Explained], float | None]]:
        """Return each item's explanations of one model's answer, and how far its methods disagree."""
        wanted = [m for m in self.recipe.methods if not m.models or model in m.models]
        ranks = sorted({m.rank for m in wanted}) or [1]
        each = [
            self._of_rank(model, net, items, gallery, [m for m in wanted if m.rank == rank], rank) for rank in ranks
        ]
        apart = [far for _, far in each[0]]
        return [
            ({key: shown for made in each for key, shown in made[i][0].items()}, far) for i, far in enumerate(apart)
        ]

    def _of_rank(
        self,
        model: str,
        net: Net,
        items: Sequence[Item],
        gallery: Sequence[Any],
        methods: Sequence[MethodRecipe],
        rank: int,
    ) -> list[tuple[dict[str, Explained], float | None]]:
        """Return the explanations of the `rank`-th likeliest class, and how far the methods disagree about it."""
        r = self.recipe
        labels = [_ranked(self.keys, item.says[model], rank) for item in items]
        targets = [self.keys.index(label) for label in labels]
        scenes = [item.scene for item in items]
        drawn_as = {"gallery": gallery, "size": r.picture_size or r.image_size, "most_bytes": r.image_bytes}
        jobs = explaining.jobs(self.name, scenes, targets, net, methods, quality=r.image_quality, **drawn_as)
        self.workshop.make(f"explaining {model}" + (f" {rank}" if rank > 1 else ""), jobs)
        pack_wide = {k: self._shaded_together(jobs, k, m) for k, m in enumerate(methods) if _pack_wide(m)}
        out: list[tuple[dict[str, Explained], float | None]] = []
        for n, job in enumerate(jobs):
            found = [explaining.found(self.workshop.get(key)) for key in job.keys]
            at = slice(n * SHARD, (n + 1) * SHARD)
            by = [
                self._stored(m, one, pack_wide[k][at] if k in pack_wide else None)
                for k, (m, one) in enumerate(zip(methods, found, strict=True))
            ]
            for m, one in zip(methods, found, strict=True):
                self.seconds.setdefault(model, {}).setdefault(m.key, []).append(one.seconds)
            real = _real(methods, found)
            for i, label in enumerate(labels[at]):
                shown = {m.key: replace(by[k][i], target=label) for k, m in enumerate(methods)}
                out.append((shown, disagreement([maps[i] for maps, _ in real], [how for _, how in real])))
        return out

    def _shaded_together(self, jobs: Sequence[Job], k: int, m: MethodRecipe) -> list[NDArray[np.uint8]]:
        maps = [values for job in jobs for values in explaining.found(self.workshop.get(job.keys[k])).maps]
        return shade_all(maps, self.recipe.map_size, m.rendering, self.recipe.map_levels)

    def _stored(self, m: MethodRecipe, made: Found, shaded: list[NDArray[np.uint8]] | None) -> list[Explained]:
        """Return one shard's explanations by one method, their blobs stored; the target is filled in later."""
        if made.pictures:
            pictures = [made.picture(n) for n in range(len(made.pictures))]
            blobs = [self.draft.add(p.data, "image/webp", p.width, p.height) for p in pictures]
            return [self._record("picture", blob, m, made, n) for n, blob in enumerate(blobs)]
        signed = rendering_of(m.rendering).sign == "signed"
        size, levels = self.recipe.map_size, self.recipe.map_levels
        stored: list[Explained] = []
        for n, grey in enumerate(shaded or shade_all(list(made.maps), size, m.rendering, levels)):
            important = strength(grey, signed)
            blob = self.draft.map(grey, self.recipe.map_media)
            one = self._record("map", blob, m, made, n)
            stored.append(replace(one, outlines=_coarse(outlines(important)), words=words(important), signed=signed))
        return stored

    @staticmethod
    def _record(kind: Literal["map", "picture"], blob: Digest, m: MethodRecipe, made: Found, n: int) -> Explained:
        """Return all that is known of a shard's `n`-th explanation but how long it took, which differs at each run."""
        gap = made.gap[n] if made.gap else None
        return Explained(
            kind, blob, m.method, "", made.known[n], m.seed, made.logits[n], made.baseline, gap, None, made.device,
            precision=made.precision, fidelity=made.fidelity[n] if n < len(made.fidelity) else None,
        )  # fmt: skip


def _ranked(keys: Sequence[str], said: Advice, rank: int) -> str:
    """Return the `rank`-th likeliest class; the first is what the model says."""
    if rank == 1:
        return said.label
    order = sorted(zip(said.probabilities, keys, strict=True), key=lambda pair: -pair[0])
    return [key for _, key in order if key != said.label][rank - 2]


def _real(methods: Sequence[MethodRecipe], found: Sequence[Found]) -> list[tuple[NDArray[np.float32], str]]:
    """Return the maps of the methods that explain the model, and how each is rendered."""
    return [
        (made.maps, m.rendering)
        for m, made in zip(methods, found, strict=True)
        if not made.pictures and explainer[m.method].info["family"] not in ASIDE
    ]


def _coarse(lines: Sequence[Outline]) -> tuple[Outline, ...]:
    """Return outlines of fewer points, each to a hundredth of the picture: there are thousands of them in a manifest."""
    made: list[Outline] = []
    for line in lines[:LINES]:
        points = list(zip(line.points[::2], line.points[1::2], strict=True))
        kept = np.unique(np.linspace(0, len(points) - 1, min(len(points), POINTS)).round().astype(int)).tolist()
        made.append(Outline(tuple(round(at, 2) for k in kept for at in points[k])))
    return tuple(made)


def _pack_wide(method: MethodRecipe) -> bool:
    return rendering_of(method.rendering).scope == "pack"


def _rounded(posterior: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(float(p), 6) for p in posterior)
