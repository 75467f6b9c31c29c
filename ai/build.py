"""Builds a pack from its recipe: train (or take the shipped weights), draw, answer, explain, write.

The same recipe on the same machine gives the same bytes; nothing in a pack tells when or how long it was built.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from PIL import Image

from ai import weights
from ai.calibration import softmax, temperature
from ai.drawing import draw_all
from ai.engine import explain
from ai.explanation import Maps
from ai.pack import Draft
from ai.passes import Passes
from ai.pictured import by_digest
from ai.pictured import pictures as pictures_of
from ai.recipe import MethodRecipe, ModelRecipe, Recipe
from ai.render import outlines, rendering_of, shade_all, strength, words
from ai.selection import Chosen, Pool, choose, draw_pool, find_causes
from ai.source import Source
from ai.surroundings import surround
from ai.teammate import Teammate, new
from ai.train import train
from game.canonical import digest, sha256
from game.pack import FORMAT, Advice, Card, Class, Credit, Explained, Manifest, Specimen
from game.registry import explainer, model, specimen

Talk = Callable[[dict[str, Any]], None]
"""Told of progress: {"stage": ..., "done": n, "of": m, ...}."""


AROUND = frozenset({"gallery", "twins", "masks", "others"})
"""Needs that are met from the scenes around a specimen; drawing them takes a while, so only where they are asked for."""
GALLERY, OTHERS = 200, 16


class Build:
    """One build of one recipe. `study` is the folder of `pack.toml` and of the weights.

    `retrain` trains even where the weights fit the recipe; `keep` saves what was trained beside the recipe.
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
    ) -> None:
        self.study, self.recipe, self.talk = study, recipe, talk
        self.workers, self.retrain, self.keep = workers, retrain, keep
        self.source: Source = specimen[recipe.source].thing()
        self.keys = [s.key for s in self.source.species]

    def into(self, folder: Path) -> Manifest:
        """Build the pack at `folder`, replacing the one there only when it is whole. Raises Refused, TooFew, Unknown."""
        for method in self.recipe.methods:
            _fits(method)
        mates = {name: self.teammate(name, m) for name, m in self.recipe.models.items()}
        first = next(iter(mates.values()))
        pool = draw_pool(self.recipe.source, self.source, first, self.recipe.selection, self.workers)
        self.talk({"stage": "pool", "images": len(pool.scenes), "accuracy": round(float(pool.right.mean()), 4)})
        causes = find_causes(self.recipe.source, self.source, first, pool)
        chosen = choose(pool, causes, self.keys, self.recipe.selection)
        with Draft(folder) as draft:
            return draft.publish(self._manifest(draft, mates, pool, chosen))

    def teammate(self, name: str, recipe: ModelRecipe) -> Teammate:
        """Return the trained teammate: its weights file where that fits the recipe, otherwise trained and saved."""
        path = self.study / recipe.weights
        key = digest([recipe.model, self.recipe.source, recipe.training])
        data = path.read_bytes() if path.exists() else b""
        if self.retrain or weights.about(path).get("recipe") != key:
            told = {"stage": "training", "model": name}
            mate = train(recipe.model, self.recipe.source, recipe.training, lambda m: self.talk(told | m), self.workers)
            data = weights.encode(mate.module, {"recipe": key, "model": recipe.model})
            if self.keep:
                path.write_bytes(data)
        mate = new(recipe.model, len(self.keys))
        weights.load(mate.module, data)
        return Teammate(mate.name, mate.module, mate.size, mate.layer, mate.has, sha256(data))

    def _manifest(self, draft: Draft, mates: dict[str, Teammate], pool: Pool, chosen: Chosen) -> Manifest:
        picked = [*chosen.indices, *chosen.practice]
        ids = [f"s{i + 1:03}" for i in range(len(chosen.indices))] + [
            f"p{i + 1:03}" for i in range(len(chosen.practice))
        ]
        says, cards = self._answers(mates, pool, chosen)
        explained = {name: self._explain(draft, mate, pool, picked, says[name]) for name, mate in mates.items()}
        specimens: list[Specimen] = []
        for n, (i, name) in enumerate(zip(picked, ids, strict=True)):
            self.talk({"stage": "drawing", "done": n, "of": len(picked)})
            scene, recipe = pool.scenes[i], self.recipe
            image = Image.fromarray(self.source.draw(scene, recipe.image_size))
            specimens.append(
                Specimen(
                    name,
                    draft.picture(image, recipe.image_bytes, recipe.image_quality),
                    self.keys[scene.truth],
                    Credit(recipe.licence, recipe.artist),
                    "study" if i in set(chosen.indices) else "practice",
                    {m: says[m][n] for m in mates},
                    {m: explained[m][n] for m in mates},
                    tuple(round(float(p), 6) for p in pool.posterior[i]),
                    {**self.source.facts(scene), **({"error_from": chosen.causes[i]} if i in chosen.causes else {})},
                )
            )
        methods = {m.method: _about(m) for m in self.recipe.methods}
        return Manifest(
            FORMAT,
            self.recipe.name,
            self.recipe.title,
            self.recipe.question,
            self._classes(draft),
            cards,
            methods,
            tuple(specimens),
            {},
            "coplay pack build",
            {"digest": digest(self.recipe), "seed": self.recipe.selection.seed},
            self.recipe.licence,
        )

    def _classes(self, draft: Draft) -> tuple[Class, ...]:
        out: list[Class] = []
        for k, species in enumerate(self.source.species):
            thumb = Image.fromarray(self.source.draw(self.source.prototype(k), self.recipe.thumb_size))
            out.append(Class(species.key, species.title, draft.picture(thumb, 12_000), species.note))
        return tuple(out)

    def _answers(
        self, mates: dict[str, Teammate], pool: Pool, chosen: Chosen
    ) -> tuple[dict[str, list[Advice]], dict[str, Card]]:
        """Return what each model says of each chosen specimen, its confidence calibrated on the study's own."""
        picked = [*chosen.indices, *chosen.practice]
        says: dict[str, list[Advice]] = {}
        cards: dict[str, Card] = {}
        first = next(iter(mates))
        for name, mate in mates.items():
            logits = pool.logits if name == first else self._logits(mate, pool)
            right = logits.argmax(1) == pool.truth
            study = float(right[chosen.indices].mean())
            heat = temperature(logits[chosen.indices], pool.truth[chosen.indices])
            shown = softmax(logits[picked], heat)
            says[name] = [_advice(p, self.keys) for p in shown]
            stated = float(shown[: len(chosen.indices)].max(1).mean())
            details = {
                "parameters": sum(p.numel() for p in mate.module.parameters()),
                "input_px": mate.size,
                "temperature": round(heat, 4),
                "mean_confidence": round(stated, 4),
                "pool_accuracy": round(float(right.mean()), 4),
                "pool_n": len(right),
            }
            cards[name] = self._card(name, mate, study, len(chosen.indices), details)
        return says, cards

    def _logits(self, mate: Teammate, pool: Pool) -> np.ndarray:
        return mate.logits(draw_all(self.recipe.source, pool.scenes, mate.size, self.workers))

    def _card(self, name: str, mate: Teammate, accuracy: float, n: int, details: dict[str, Any]) -> Card:
        recipe = self.recipe.models[name]
        training = recipe.training
        told = ", ".join(f"{k} {v:g}" for k, v in sorted(training.scenes.items()))
        trained_on = (
            f"{training.images} drawn {self.recipe.source} ({told})"
            if told
            else f"{training.images} drawn {self.recipe.source}"
        )
        about = {**details, "cite": model[recipe.model].info["cite"]}
        return Card(
            recipe.title,
            recipe.about,
            mate.digest,
            trained_on,
            round(accuracy, 4),
            n,
            training.seed,
            self.recipe.licence,
            about,
        )

    def _explain(
        self, draft: Draft, mate: Teammate, pool: Pool, picked: list[int], says: list[Advice]
    ) -> list[dict[str, Explained]]:
        """Return every method's explanation of the answer given, for each chosen specimen."""
        pictures = np.stack([self.source.draw(pool.scenes[i], mate.size) for i in picked])
        passes, gallery = mate.passes(pictures), dict[str, Any]()
        scenes = [pool.scenes[i] for i in picked]
        if any(set(explainer[m.method].info["needs"]) & AROUND for m in self.recipe.methods):
            gallery = self._surround(passes, mate, pool, picked)
        targets = [self.keys.index(a.label) for a in says]
        logits = passes.predict().cpu().numpy()[np.arange(len(targets)), targets]
        out: list[dict[str, Explained]] = [{} for _ in picked]
        for m in self.recipe.methods:
            self.talk({"stage": "explaining", "method": m.method})
            made = explain(m.method, passes, targets, m.seed, **m.params)
            stored = (
                self._maps(draft, m, made)
                if isinstance(made, Maps)
                else self._pictures(draft, m, pictures_of(made, self.source, scenes, gallery, self.recipe.image_size))
            )
            for n, shown in enumerate(stored):
                label, logit = says[n].label, round(float(logits[n]), 4)
                out[n][m.method] = replace(shown, target=label, logit=logit)
        return out

    def _surround(self, passes: Passes, mate: Teammate, pool: Pool, picked: list[int]) -> dict[str, Any]:
        """Give the passes their surroundings from the rest of the pool; return the gallery's scenes by digest."""
        chosen = set(picked)
        rest = [scene for i, scene in enumerate(pool.scenes) if i not in chosen][:GALLERY]
        scenes = [pool.scenes[i] for i in picked]
        passes.surroundings = surround(self.source, mate, scenes, gallery=rest, others=rest[:OTHERS])
        return by_digest(self.source, rest, mate.size)

    def _maps(self, draft: Draft, m: MethodRecipe, made: Maps) -> list[Explained]:
        signed = rendering_of(m.rendering).sign == "signed"
        stored: list[Explained] = []
        for n, grey in enumerate(shade_all(list(made.values), self.recipe.map_size, m.rendering)):
            important = strength(grey, signed)
            stored.append(
                Explained(
                    "map",
                    draft.map(grey),
                    m.method,
                    "",
                    {**m.params, **made.info},
                    m.seed,
                    gap=None if made.gap is None else round(float(made.gap[n]), 6),
                    device="cpu",
                    outlines=outlines(important),
                    words=words(important),
                    signed=signed,
                )
            )
        return stored

    def _pictures(self, draft: Draft, m: MethodRecipe, made: list[Image.Image]) -> list[Explained]:
        most, quality = self.recipe.image_bytes, self.recipe.image_quality
        blobs = [draft.picture(image, most, quality) for image in made]
        return [Explained("picture", blob, m.method, "", dict(m.params), m.seed, device="cpu") for blob in blobs]


def _advice(probabilities: np.ndarray, keys: list[str]) -> Advice:
    k = int(probabilities.argmax())
    return Advice(keys[k], round(float(probabilities[k]), 4), tuple(round(float(p), 4) for p in probabilities))


def _fits(method: MethodRecipe) -> None:
    """Raise Unknown or ValueError where a method or its rendering is not known, or does not suit the other."""
    signed = explainer[method.method].info["signed"]
    if rendering_of(method.rendering).sign == "signed" and not signed:
        raise ValueError(f"{method.method!r} has no evidence against: {method.rendering!r} does not suit it")


def _about(method: MethodRecipe) -> dict[str, Any]:
    info = explainer[method.method].info
    return {"family": info["family"], "signed": info["signed"], "cite": info["cite"], "rendering": method.rendering}
