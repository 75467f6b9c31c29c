"""The build recipe, `pack.toml`: from it and nothing else a pack is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from game.pack import Scalar

PRECISIONS = ("fp32", "bf16")
"""What forward passes of explanation methods are run at."""


class BadRecipe(ValueError):
    """A `pack.toml` that cannot be read; says which field, and where."""


class TrainingRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a teammate is trained. `scenes` go to the source (difficulty, rho, occluded, validity, ...)."""

    kind: str = "accurate"
    """One of `ai.kinds.KINDS`: accurate, biased, under_trained, overconfident, calibrated, pair_one, pair_other."""
    seed: int = 0
    images: int = 6000
    held_out: int = 1000
    epochs: int = 4
    batch: int = 64
    rate: float = 3e-3
    weight_decay: float = 1e-3
    scenes: dict[str, Any] = {}
    warm_up: float = 0.3
    """Share of the steps in which the rate rises; then it falls as a cosine."""
    flips: bool = False
    """Show every training picture mirrored left to right half of the time."""
    shift: float = 0.0
    """Largest random shift of a training picture, as a share of its side."""
    smoothing: float = 0.0
    balance: bool = False
    """Weigh classes by how rare they are."""
    patience: int = 0
    """Stop after so many epochs without a lower held-out log loss, and keep the best; 0 trains to the end."""
    freeze: bool = False
    """Train the last linear layer only."""
    layer_decay: float = 1.0
    """Each layer's rate as a share of the next one's."""
    precision: str = "fp32"
    """fp32, bf16, or fp16 (with a GPU)."""
    start: str = ""
    """Weights to begin from: a .safetensors file, beside the recipe unless absolute."""
    target: float = 0.0
    """Held-out accuracy at which an under-trained teammate stops."""
    sharpen: int = 0
    """Epochs in which an overconfident teammate is trained towards its own answers."""


class ModelRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One teammate: its registered model, what people are told of it, its weights file beside the recipe."""

    model: str
    title: str
    about: str
    weights: str
    training: TrainingRecipe = TrainingRecipe()
    evaluation: str = ""
    """The `evaluation.json` that `coplay evaluate -o` wrote of these weights, beside the recipe: its scores go on the card."""


class Selection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which specimens of a drawn pool enter. Counts are per class."""

    pool: int = 1000
    seed: int = 0
    right: int = 7
    """Specimens that the first model gets right; used where no `strata` are given."""
    wrong: int = 3
    strata: dict[str, int] = {}
    """Which models are right -> how many: one digit a model in their order, e.g. "10": the first is right, the second not."""
    bins: int = 3
    """Each stratum is spread over so many steps of difficulty, as evenly as the pool allows."""
    sure: float = 0.9
    """Least posterior that an ideal observer, told every context, gives the truth."""
    sure_image: float = 0.0
    """The same from the picture alone; 0 asks nothing."""
    practice_right: int = 2
    practice_wrong: int = 1
    scenes: dict[str, Any] = {}


class Twins(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Evidence twins: `n` study specimens again with one cue flipped, for each of `cues` ("confounder" is one too)."""

    cues: tuple[str, ...] = ()
    n: int = 12


class MethodRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One explanation method, its seed and parameters, how its maps are rendered, and for which models (all by default)."""

    method: str
    seed: int = 0
    rendering: str = "p60_p99"
    params: dict[str, Scalar] = {}
    models: tuple[str, ...] = ()
    rank: int = 1
    """Which answer is explained: 1 the model's own, 2 the next likeliest class, ... (for "why not?" and for candidates)."""
    precision: str = "fp32"
    """Of forward passes, fp32 or bf16: the first map of each job is then made in fp32 too, and the pack tells how near it is."""

    @property
    def key(self) -> str:
        """The name in the pack: the method, with the rank behind it where that is not the answer's own."""
        return self.method if self.rank == 1 else f"{self.method}_{self.rank}"


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole pack."""

    name: str
    source: str
    """A registered source, or `folder:PATH`, beside the recipe unless absolute."""
    licence: str
    title: dict[str, str]
    question: dict[str, str]
    models: dict[str, ModelRecipe]
    methods: tuple[MethodRecipe, ...]
    selection: Selection = Selection()
    twins: Twins = Twins()
    ai_told: tuple[str, ...] = ()
    """Contexts that the AI is told and uses by Bayes' rule; the study decides what people are told."""
    examples: int = 0
    """Pictures of each class for the field guide, beside its thumbnail."""
    artist: str = ""
    image_size: int = 640
    image_quality: int = 82
    image_bytes: int = 40_000
    thumb_size: int = 128
    example_size: int = 320
    picture_size: int = 0
    """Side of explanations that are pictures (examples, twins); 0 is that of the images."""
    map_size: int = 192
    map_levels: int = 64
    map_media: Literal["image/png", "image/webp"] = "image/png"
    """Both keep every value; WebP takes a third less."""


def read(study: Path) -> Recipe:
    """Read `pack.toml` of a study folder; raises BadRecipe naming the file and the field."""
    path = study / "pack.toml"
    try:
        recipe = msgspec.toml.decode(path.read_bytes(), type=Recipe)
    except FileNotFoundError:
        raise BadRecipe(f"{path} is missing: a pack is built from the recipe there") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadRecipe(f"{path}: {error}") from None
    if wrong := mistakes(recipe):
        raise BadRecipe("\n".join(f"{path}: {line}" for line in wrong))
    return recipe


def mistakes(recipe: Recipe) -> list[str]:
    """Return everything in a recipe that contradicts itself: where, what is wrong, what to write."""
    out: list[str] = []
    if not recipe.models:
        out.append("models: there is none; name at least one under [models.NAME]")
    n, chosen = len(recipe.models), recipe.selection
    for key, count in chosen.strata.items():
        if len(key) != n or set(key) - {"0", "1"}:
            out.append(f"selection.strata: {key!r} should have {n} digits, 1 where that model is right and 0 where not")
        if count < 0:
            out.append(f"selection.strata: {key!r} is {count}; give how many specimens of each class, 0 or more")
    for field in ("sure", "sure_image"):
        if not 0 <= getattr(chosen, field) <= 1:
            out.append(f"selection.{field}: {getattr(chosen, field)} is no probability; give 0 to 1")
    names = [m.key for m in recipe.methods]
    out += [f"methods: {name!r} stands there twice" for name in sorted({*names}) if names.count(name) > 1]
    for m in recipe.methods:
        if m.precision not in PRECISIONS:
            known = " or ".join(PRECISIONS)
            out.append(f"methods.{m.method}: no precision of maps is called {m.precision!r}; give {known}")
        if unknown := [name for name in m.models if name not in recipe.models]:
            out.append(f"methods.{m.method}: no model is called {unknown[0]!r}; there are {', '.join(recipe.models)}")
    if recipe.twins.n < 0:
        out.append(f"twins.n: {recipe.twins.n}; give how many specimens get twins, 0 or more")
    files = [m.weights for m in recipe.models.values()]
    out += [f"models: two of them keep their weights in {f!r}" for f in sorted({*files}) if files.count(f) > 1]
    return out


def scaled(recipe: Recipe, specimens: int, classes: int) -> Recipe:
    """Return the recipe for about so many study specimens: every count and the pool grow or shrink alike.

    Each stratum keeps at least one specimen of each class, so very small numbers come out larger.
    """
    chosen = recipe.selection
    counts = dict(chosen.strata) or {"right": chosen.right, "wrong": chosen.wrong}
    share = specimens / (classes * sum(counts.values()))
    grown = {key: max(1, round(count * share)) if count else 0 for key, count in counts.items()}
    numbers: dict[str, Any] = {"strata": grown} if chosen.strata else grown
    pool = max(classes * 20, round(chosen.pool * max(share, 0.1)))
    twins = replace(recipe.twins, n=min(recipe.twins.n, classes * sum(grown.values())))
    return replace(recipe, selection=replace(chosen, pool=pool, **numbers), twins=twins)
