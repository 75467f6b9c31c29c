"""The models that are compared: their weights files, trained where they are missing; retrained ones; checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ai import weights, whole
from ai.answering import Net
from ai.build import lasting
from ai.checkpoint import Checkpoint
from ai.lab.material import Material
from ai.recipe import ModelRecipe
from ai.teammate import Teammate, new
from ai.train import How, train
from ai.training import CHECKPOINT
from ai.workshop import Talk
from game.canonical import digest, sha256


@dataclass(frozen=True)
class Hired:
    """A model that takes part: its net, weights, what it offers, and the same model trained otherwise."""

    name: str
    recipe: ModelRecipe
    net: Net
    data: bytes
    mate: Teammate
    note: str = ""


def hire(material: Material, names: tuple[str, ...], workers: int, talk: Talk) -> list[Hired]:
    """Return the recipe's models, those of `names` only where there are any.

    Weights that are there are taken as they are; where they were made from another recipe, that is noted. Missing ones are
    trained and saved.
    """
    models = material.recipe.models
    return [_hired(material, name, models[name], workers, talk) for name in models if name in names or not names]


def retrained(
    material: Material, one: Hired, seed: int, folder: Path, workers: int, talk: Talk
) -> list[tuple[str, Net, bytes]]:
    """Return the model trained again under another seed, as "model_seed:SEED"; kept in `folder`."""
    training = replace(one.recipe.training, seed=seed)
    path = folder / f"{digest([one.recipe.model, material.source, training])}.safetensors"
    if not path.is_file():
        told = {"stage": "retraining", "model": one.name, "seed": seed}
        mate = train(one.recipe.model, material.source, training, _teller(talk, told), workers)
        whole.write(path, weights.encode(mate.module, {"model": one.recipe.model, "classes": str(one.net.classes)}))
    data = path.read_bytes()
    return [(f"model_seed:{seed}", Net(one.net.model, one.net.classes, sha256(data)), data)]


def checkpoints(material: Material, one: Hired, folder: Path, workers: int, talk: Talk) -> list[tuple[str, Net, bytes]]:
    """Return the model as it stood after each epoch but the last, as "checkpoint:EPOCH".

    The recipe is trained again to that end, and what is compared with the model are the moments of that same training.
    """
    training, name = one.recipe.training, digest([one.recipe.model, material.source, one.recipe.training])
    epochs = range(1, training.epochs + training.sharpen)
    paths = {n: folder / f"{name}-epoch{n}.safetensors" for n in epochs}
    if not all(path.is_file() for path in paths.values()):
        _train_in_steps(material, one, paths, folder / f"{name}-training", workers, talk)
    held = [(n, path.read_bytes()) for n, path in paths.items() if path.is_file()]
    return [(f"checkpoint:{n}", Net(one.net.model, one.net.classes, sha256(data)), data) for n, data in held]


def _train_in_steps(
    material: Material, one: Hired, paths: Mapping[int, Path], at: Path, workers: int, talk: Talk
) -> None:
    whole.folder(at)
    told, about = (
        {"stage": "checkpoints", "model": one.name},
        {"model": one.recipe.model, "classes": str(one.net.classes)},
    )

    def keep(row: dict[str, Any]) -> None:
        talk(told | row)
        if not (at / CHECKPOINT).is_file():
            return
        held = Checkpoint.read(at / CHECKPOINT)
        if (path := paths.get(held.moment.epoch)) is not None:
            module = new(one.recipe.model, one.net.classes).module
            weights.fill(
                module, {k.removeprefix("model."): v for k, v in held.tensors.items() if k.startswith("model.")}
            )
            whole.write(path, weights.encode(module, about))

    train(one.recipe.model, material.source, one.recipe.training, keep, how=How(workers, folder=at))


def _hired(material: Material, name: str, recipe: ModelRecipe, workers: int, talk: Talk) -> Hired:
    path, note = material.folder / recipe.weights, ""
    key, classes = digest([recipe.model, material.recipe.source, recipe.training]), len(material.made.species)
    if not path.is_file():
        training = recipe.training
        start = str(material.folder / training.start) if training.start else ""
        report = _teller(talk, {"stage": "training", "model": name})
        mate = train(recipe.model, material.source, replace(training, start=start), report, workers)
        about = {"recipe": key, "model": recipe.model, "classes": str(classes), "facts": lasting(mate)}
        whole.write(path, weights.encode(mate.module, about))
    elif weights.about(path).get("recipe") != key:
        note = f"{material.name}: the weights of {name} were not made from this recipe; they are taken as they are"
    data, mate = path.read_bytes(), new(recipe.model, classes)
    try:
        weights.load(mate.module, data)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return Hired(name, recipe, Net(recipe.model, classes, sha256(data)), data, mate, note)


def _teller(talk: Talk, told: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda row: talk({**row, **told})
