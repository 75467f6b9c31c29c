"""What is compared on: the specimens of a pack, or scenes drawn for a recipe that has no pack yet. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ai import recipe as recipes
from ai.recipe import Recipe
from ai.source import CONFOUNDER, Source
from ai.sources import absolute, open_source
from game.canonical import Digest, digest, sha256
from game.pack import Manifest, Specimen
from game.pack import decode as unpack

OTHERS = 16
"""More scenes, that serve as other images to methods that need some."""
AHEAD = 4
"""Scenes drawn for each one that is taken, so that classes can be balanced."""


@dataclass(frozen=True)
class Material:
    """One task: scenes with their ids, and what the pack says that its models answered (class indices)."""

    name: str
    folder: Path
    recipe: Recipe
    source: str
    scenes: tuple[Any, ...]
    ids: tuple[str, ...]
    others: tuple[Any, ...]
    pack: Digest = ""
    answers: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])

    @property
    def made(self) -> Source:
        """The source."""
        return open_source(self.source)

    @property
    def truths(self) -> tuple[int, ...]:
        """The class index of each specimen."""
        return tuple(int(scene.truth) for scene in self.scenes)


def gather(path: Path, images: int) -> Material:
    """Return `images` specimens of the study, the recipe or the pack at `path`, spread evenly over classes.

    Raises ValueError saying what is missing, or where pack and recipe do not fit each other.
    """
    folder, pack = _places(path)
    recipe = recipes.read(folder)
    name, source = absolute(recipe.source, folder), open_source(recipe.source, folder)
    if pack is None:
        return _drawn(folder, recipe, name, source, images)
    data = (pack / "manifest.json").read_bytes()
    manifest = unpack(data)
    study = [s for s in manifest.specimens if s.split == "study"]
    taken = _spread(study, [s.truth for s in study], images)
    pool = list(source.scenes(recipe.selection.pool, recipe.selection.seed, **recipe.selection.scenes))
    scenes = _found(pack, source, pool, taken)
    held = {id(scene) for scene in scenes}
    others = tuple(scene for scene in pool if id(scene) not in held)[:OTHERS]
    ids = tuple(s.id for s in taken)
    return Material(recipe.name, folder, recipe, name, scenes, ids, others, sha256(data), _answers(manifest, taken))


def _places(path: Path) -> tuple[Path, Path | None]:
    """Return the folder of the recipe, and the pack where there is one."""
    folder = path.parent if path.name in ("pack.toml", "study.toml", "manifest.json") else path
    if (folder / "manifest.json").is_file() and not (folder / "pack.toml").is_file():
        if not (folder.parent / "pack.toml").is_file():
            raise ValueError(
                f"{folder}: this pack has no recipe beside it ({folder.parent / 'pack.toml'}), so its models cannot be asked; "
                "compare the study that it was built for"
            )
        return folder.parent, folder
    return folder, folder / "pack" if (folder / "pack" / "manifest.json").is_file() else None


def _drawn(folder: Path, recipe: Recipe, name: str, source: Source, images: int) -> Material:
    chosen = recipe.selection
    pool = list(source.scenes(images * AHEAD + OTHERS, chosen.seed, **chosen.scenes))
    scenes = _spread(pool[OTHERS:], [scene.truth for scene in pool[OTHERS:]], images)
    ids = tuple(f"x{n + 1:03d}" for n in range(len(scenes)))
    return Material(recipe.name, folder, recipe, name, tuple(scenes), ids, tuple(pool[:OTHERS]))


def _spread(things: Sequence[Any], truths: Sequence[Any], n: int) -> list[Any]:
    """Return `n` of `things`, as evenly over their truths as these allow, in their order, each class evenly spaced."""
    groups: dict[Any, list[int]] = {}
    for i, truth in enumerate(truths):
        groups.setdefault(truth, []).append(i)
    share, taken = n, list[int]()
    for left, truth in zip(range(len(groups), 0, -1), sorted(groups, key=lambda t: len(groups[t])), strict=True):
        mine = groups[truth]
        count = min(len(mine), -(-share // left))
        taken += [mine[k * len(mine) // count] for k in range(count)]
        share -= count
    return [things[i] for i in sorted(taken)]


def _found(pack: Path, source: Source, pool: Sequence[Any], taken: Sequence[Specimen]) -> tuple[Any, ...]:
    """Return the scene of each specimen: the one of the recipe's pool whose facts the specimen has."""
    facts = [dict(source.facts(scene)) for scene in pool]
    names = sorted({name for told in facts for name in told})
    by = {digest([told.get(name) for name in names]): scene for told, scene in zip(facts, pool, strict=True)}
    out = [by.get(digest([s.scene.get(name) for name in names])) for s in taken]
    lost = [s.id for s, scene in zip(taken, out, strict=True) if scene is None]
    if lost:
        raise ValueError(
            f"{pack}: {len(lost)} specimens ({', '.join(lost[:3])}, ...) are not in the pool that its recipe draws: "
            "build the pack again, it was made from another pack.toml"
        )
    return tuple(out)


def _answers(manifest: Manifest, taken: Sequence[Specimen]) -> dict[str, tuple[int, ...]]:
    keys = [c.key for c in manifest.classes]
    return {
        name: tuple(keys.index(s.advice[name].label) for s in taken)
        for name in manifest.models
        if all(name in s.advice for s in taken)
    }


def confounder_of(source: Source) -> str:
    """Return what the source calls its confounder in its pictures, "" where it knows none."""
    cards = source.cards() if hasattr(source, "cards") else ()
    return next((card.key for card in cards if card.kind == CONFOUNDER), "")
