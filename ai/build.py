"""Builds a pack from its recipe: train (or take the weights), draw, answer, choose, explain, write.

The same recipe on the same machine gives the same bytes; nothing in a pack tells when or how long it was built. All but
training runs as jobs whose results are kept beside the pack, so a build that was killed goes on where it was.
"""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from ai import weights
from ai.answering import Net
from ai.assembly import Assembly, Item
from ai.calibration import softmax, temperature
from ai.engine import Refused, refusal
from ai.evaluated import facts
from ai.explaining import FULL, SHARD
from ai.facts import near, rough
from ai.job import versions
from ai.jobstore import JobStore, jobs_of
from ai.pack import Draft
from ai.parameters import checked
from ai.polling import Logits, Poll
from ai.recipe import MethodRecipe, ModelRecipe, Recipe
from ai.render import rendering_of
from ai.selection import Chosen, choose
from ai.source import Source
from ai.sources import absolute, open_source
from ai.teammate import Teammate, new
from ai.train import train
from ai.twinning import Twin, twins
from ai.workshop import Engine, Talk, Workshop
from game.canonical import digest, sha256
from game.pack import FORMAT, Advice, Built, Card, Manifest
from game.registry import engine, explainer

GALLERY = 200
"""Scenes of the pool that are not chosen and serve as examples and as other images."""
AROUND = ("gallery", "others", "twins", "masks")
"""What a build offers to methods beside the model."""


class Build:
    """One build of one recipe. `study` is the folder of `pack.toml` and of the weights.

    `retrain` trains even where the weights fit the recipe; `keep` saves what was trained beside the recipe. `on` names
    the engine, `address` where it is; `every` adds each method that the models allow. Results of jobs are in `.NAME-jobs`
    beside the pack `NAME`.
    """

    def __init__(
        self,
        study: Path,
        recipe: Recipe,
        *,
        workers: int = 1,
        retrain: bool = False,
        keep: bool = True,
        talk: Talk = lambda _: None,
        on: str = "local",
        address: str = "",
        every: bool = False,
    ) -> None:
        named = {m.method for m in recipe.methods}
        others = tuple(MethodRecipe(e.name) for e in explainer if e.name not in named) if every else ()
        self.study, self.recipe, self.talk = study, replace(recipe, methods=(*recipe.methods, *others)), talk
        self._lenient = {m.method for m in others}
        self.workers, self.retrain, self.keep = workers, retrain, keep
        self.name = absolute(recipe.source, study)
        self.source: Source = open_source(self.name)
        self.keys = [s.key for s in self.source.species]
        self.engine: Engine = engine[on].thing(workers, address)
        self._weights: dict[str, bytes] = {}

    def into(self, folder: Path) -> Manifest:
        """Build the pack at `folder`, replacing the one there only when it is whole.

        Raises Refused, TooFew, Unknown, DiskFull, ValueError, ConnectionError.
        """
        for method in self.recipe.methods:
            _fits(method)
        mates = {name: self.teammate(name, m) for name, m in self.recipe.models.items()}
        self.recipe = _valid(self.recipe, mates, self._lenient)
        nets = {name: Net(self.recipe.models[name].model, len(self.keys), mate.digest) for name, mate in mates.items()}
        store = JobStore(jobs_of(folder))
        workshop = Workshop(self.engine, store, self.talk)
        try:
            self.engine.start({mates[name].digest: data for name, data in self._weights.items()})
            with Draft(folder) as draft:
                assembly = Assembly(draft, workshop, *self._named())
                manifest = draft.publish(self._manifest(assembly, mates, nets), lambda pack: _built(pack, assembly))
        finally:
            self.engine.stop()
        for note in rough(manifest):
            self.talk({"stage": "control", "note": note})
        for note in near(manifest):
            self.talk({"stage": "precision", "note": note})
        swept = store.sweep(workshop.used)
        self.talk({"stage": "written", "made": workshop.made, "kept": len(workshop.used), "swept": swept})
        return manifest

    def teammate(self, name: str, recipe: ModelRecipe) -> Teammate:
        """Return the trained teammate: its weights file where that fits the recipe, otherwise trained and saved."""
        path = self.study / recipe.weights
        key = digest([recipe.model, self.recipe.source, recipe.training])
        data = path.read_bytes() if path.exists() else b""
        if self.retrain or weights.about(path).get("recipe") != key:
            told = {"stage": "training", "model": name}
            training = recipe.training
            if training.start:
                training = replace(training, start=str(self.study / training.start))
            mate = train(recipe.model, self.name, training, lambda m: self.talk(told | m), self.workers)
            about = {"recipe": key, "model": recipe.model, "classes": str(len(self.keys)), "facts": lasting(mate)}
            data = weights.encode(mate.module, about)
            if self.keep:
                path.write_bytes(data)
        mate = new(recipe.model, len(self.keys))
        tensors, about = weights.unpacked(data)
        weights.fill(mate.module, tensors)
        self._weights[name], key = data, sha256(data)
        told = json.loads(about.get("facts", "{}"))
        if recipe.evaluation:
            told |= facts(self.study / recipe.evaluation, path, key, self.name)
        return dataclasses.replace(mate, digest=key, details=told)

    def _named(self) -> tuple[Source, str, Recipe]:
        return self.source, self.name, self.recipe

    def _manifest(self, assembly: Assembly, mates: Mapping[str, Teammate], nets: Mapping[str, Net]) -> Manifest:
        recipe, source = self.recipe, self.source
        poll = Poll(assembly.workshop, source, self.name, recipe, nets)
        for name in nets:
            right = float(poll.pool.right(name).mean())
            self.talk({"stage": "pool", "model": name, "images": len(poll.scenes), "accuracy": round(right, 4)})
        chosen = choose(poll.pool, poll.causes(), self.keys, recipe.selection)
        flipped = twins(poll, chosen.indices, recipe.twins)
        items, heats = self._items(poll, chosen, flipped)
        taken = {*chosen.indices, *chosen.practice}
        gallery = [scene for i, scene in enumerate(poll.scenes) if i not in taken][:GALLERY]
        specimens = assembly.specimens(items, nets, gallery)
        cards = {name: self._card(name, mate, items, poll, heats[name]) for name, mate in mates.items()}
        return Manifest(
            FORMAT,
            recipe.name,
            recipe.title,
            recipe.question,
            assembly.classes(),
            cards,
            {m.key: _about(m) for m in recipe.methods},
            tuple(specimens),
            {},
            "coplay pack build",
            {"digest": digest(recipe), "seed": recipe.selection.seed},
            recipe.licence,
            tuple(source.cards(recipe.selection.scenes.get("validity"))),
            tuple(source.contexts) if any(item.seen.context for item in items) else (),
        )

    def _items(self, poll: Poll, chosen: Chosen, flipped: list[Twin]) -> tuple[list[Item], dict[str, float]]:
        """Return what becomes a specimen, and the temperature of each model, calibrated on the study's own."""
        picked = [*chosen.indices, *chosen.practice]
        asked = poll.ask("the twins' answers", [t.scene for t in flipped], [t.seen for t in flipped]) if flipped else {}
        heats: dict[str, float] = {}
        says: list[dict[str, Advice]] = [{} for _ in [*picked, *flipped]]
        for name, logits in poll.logits.items():
            heats[name] = temperature(logits[chosen.indices], poll.truth[chosen.indices])
            every: Logits = np.concatenate([logits[picked], *([asked[name]] if flipped else [])])
            for n, probabilities in enumerate(softmax(every, heats[name])):
                says[n][name] = _advice(probabilities, self.keys)
        wide = max(3, len(str(len(chosen.indices))))
        ids = {i: f"s{n + 1:0{wide}}" for n, i in enumerate(chosen.indices)}
        ids |= {i: f"p{n + 1:0{wide}}" for n, i in enumerate(chosen.practice)}
        items: list[Item] = []
        for n, i in enumerate(picked):
            split = "study" if n < len(chosen.indices) else "practice"
            why = {f"error_from_{name}": told[i] for name, told in chosen.causes.items() if i in told}
            items.append(Item(ids[i], split, poll.scenes[i], poll.seen[i], int(poll.truth[i]), says[n], why))
        for n, twin in enumerate(flipped):
            best = int(np.argmax(twin.seen.posterior))  # a probe is scored by what an ideal observer would say
            told, own = {"drawn_as": str(twin.seen.truth)}, says[len(picked) + n]
            items.append(
                Item(f"t{n + 1:0{wide}}", "twin", twin.scene, twin.seen, best, own, told, ids[twin.of], twin.cue)
            )
        return items, heats

    def _card(self, name: str, mate: Teammate, items: list[Item], poll: Poll, heat: float) -> Card:
        recipe, training = self.recipe.models[name], self.recipe.models[name].training
        study = [item for item in items if item.split == "study"]
        told = ", ".join(f"{k} {_plain(v)}" for k, v in sorted(training.scenes.items()))
        right = [item.says[name].label == self.keys[item.truth] for item in study]
        details = {
            "parameters": sum(p.numel() for p in mate.module.parameters()),
            "input_px": mate.size,
            "temperature": round(heat, 4),
            "mean_confidence": round(float(np.mean([item.says[name].confidence or 0 for item in study])), 4),
            "pool_accuracy": round(float(poll.pool.right(name).mean()), 4),
            "pool_n": len(poll.scenes),
            "training": training.kind,
            "cite": mate.cite,
            **mate.details,
        }
        if poll.told:
            details |= {"told": " ".join(c.key for c in poll.told), "temperature_image": round(poll.heat[name], 4)}
        return Card(
            recipe.title,
            recipe.about,
            mate.digest,
            f"{training.images} drawn {self.recipe.source}" + (f" ({told})" if told else ""),
            round(float(np.mean(right)), 4),
            len(study),
            training.seed,
            self.recipe.licence,
            details,
        )


def _built(pack: bytes, assembly: Assembly) -> Built:
    """Return what is another at each run."""
    seconds = {model: {key: tuple(each) for key, each in by.items()} for model, by in assembly.seconds.items()}
    return Built(
        sha256(pack), f"{platform.system()} {platform.machine()}", versions(), SHARD, assembly.specimen_count, seconds
    )


def lasting(mate: Teammate) -> str:
    """Return what training found out, as JSON: nothing that is another at each run."""
    kept = {k: v for k, v in mate.details.items() if not k.endswith("seconds") and k not in ("kind", "device")}
    return json.dumps(kept, sort_keys=True)


def _advice(probabilities: np.ndarray, keys: list[str]) -> Advice:
    k = int(probabilities.argmax())
    return Advice(keys[k], round(float(probabilities[k]), 4), tuple(round(float(p), 4) for p in probabilities))


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _fits(method: MethodRecipe) -> None:
    """Raise Unknown or ValueError where a method, its rendering or a parameter is not known, or does not suit the others."""
    checked(explainer[method.method], method.params, method.seed)
    signed = explainer[method.method].info["signed"]
    if method.rank < 1:
        raise ValueError(
            f"{method.method!r}: rank {method.rank} is no rank: 1 is the model's answer, 2 the next likeliest class"
        )
    if rendering_of(method.rendering).sign == "signed" and not signed:
        raise ValueError(f"{method.method!r} has no evidence against: {method.rendering!r} does not suit it")


def _valid(recipe: Recipe, mates: Mapping[str, Teammate], lenient: set[str]) -> Recipe:
    """Return the recipe with each method for the models that allow it; raises Refused unless it is one of `lenient`."""
    kept: list[MethodRecipe] = []
    for m in recipe.methods:
        wanted = m.models or tuple(mates)
        told = {name: refusal(m.method, (*mates[name].has, *AROUND), name) for name in wanted}
        if m.method not in lenient and (no := next(filter(None, told.values()), None)):
            raise Refused(no)
        good = tuple(name for name in wanted if not told[name])
        if good:
            kept.append(replace(m, models=() if len(good) == len(mates) else good))
    return replace(recipe, methods=tuple(kept))


def _about(method: MethodRecipe) -> dict[str, Any]:
    info = explainer[method.method].info
    about = {"family": info["family"], "signed": info["signed"], "cite": info["cite"], "rendering": method.rendering}
    about |= {} if method.precision == FULL else {"precision": method.precision}
    return about if method.rank == 1 else {**about, "rank": method.rank}
