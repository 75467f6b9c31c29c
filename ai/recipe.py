"""The build recipe, `pack.toml`: from it and nothing else a pack is made."""

from __future__ import annotations

from pathlib import Path

import msgspec

from game.pack import Scalar


class BadRecipe(ValueError):
    """A `pack.toml` that cannot be read; says which field, and where."""


class TrainingRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a teammate is trained. `scenes` go to the source (difficulty, rho, occluded, ...)."""

    seed: int = 0
    images: int = 6000
    held_out: int = 1000
    epochs: int = 4
    batch: int = 64
    rate: float = 3e-3
    weight_decay: float = 1e-3
    scenes: dict[str, float] = {}


class ModelRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One teammate: its registered model, what people are told of it, its weights file beside the recipe."""

    model: str
    title: str
    about: str
    weights: str
    training: TrainingRecipe = TrainingRecipe()


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which specimens of a drawn pool enter. Counts are per class, judged by the first model."""

    pool: int = 1000
    seed: int = 0
    right: int = 7
    wrong: int = 3
    sure: float = 0.9
    """Least ideal-observer posterior of the truth."""
    practice_right: int = 2
    practice_wrong: int = 1
    scenes: dict[str, float] = {}


class MethodRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One explanation method, its seed and parameters, and how its maps are rendered."""

    method: str
    seed: int = 0
    rendering: str = "p60_p99"
    params: dict[str, Scalar] = {}


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole pack."""

    name: str
    source: str
    licence: str
    title: dict[str, str]
    question: dict[str, str]
    models: dict[str, ModelRecipe]
    methods: tuple[MethodRecipe, ...]
    selection: Selection = Selection()
    artist: str = ""
    image_size: int = 640
    image_quality: int = 82
    image_bytes: int = 40_000
    thumb_size: int = 128
    map_size: int = 192


def read(study: Path) -> Recipe:
    """Read `pack.toml` of a study folder; raises BadRecipe naming the file and the field."""
    path = study / "pack.toml"
    try:
        recipe = msgspec.toml.decode(path.read_bytes(), type=Recipe)
    except FileNotFoundError:
        raise BadRecipe(f"{path} is missing: a pack is built from the recipe there") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadRecipe(f"{path}: {error}") from None
    if not recipe.models:
        raise BadRecipe(f"{path}: name at least one model under [models]")
    return recipe
