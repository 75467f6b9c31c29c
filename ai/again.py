"""A method run again: on noisy images, on models with other weights, for another class. Each run serves all metrics.

Images and models are made once for all methods; passes over them are shared like those over the images themselves. The
maps of all runs are kept while a case's metrics are computed, some 10 MB a method for a dozen images of 96 pixels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ai.asked import Asked
from ai.budget import BACK, Budget
from ai.layers import anew
from ai.noisy import Noisy
from ai.passes import Passes
from ai.runner import Form, Quick, Runner

Maps = NDArray[np.float32]
MODELS = 24
"""Copies of the model with other weights that are held at most."""


class Again:
    """The method of a case, run again. `maps` are those under test, (n, H, W), with their sign."""

    def __init__(self, case: Any, maps: Maps) -> None:
        self.case, self.maps, self.asked = case, maps, Asked.of(case)
        self.passes: Passes = case.passes
        self.targets: tuple[int, ...] = tuple(case.targets)
        self.weight = self._weighed()
        self._made: dict[tuple[Any, ...], Maps] = {}

    @classmethod
    def of(cls, case: Any, maps: Maps) -> Again:
        """Return the runs of a case's method; raises ValueError where it cannot be run."""
        held: dict[Any, Again] = case.held.setdefault("again", {})
        key = (case.method, maps.shape, hashlib.blake2b(np.ascontiguousarray(maps).tobytes()).hexdigest())
        if key not in held or held[key].passes is not case.passes:
            held[key] = cls(case, maps)
        return held[key]

    def budget(self, draws: int = 1, layers: int = 1) -> Budget:
        """Return how often it is to be run, of what was asked for."""
        return Budget.of(self.weight, len(self.maps), draws, layers)

    def noisy(self, budget: Budget) -> Noisy:
        """Return the noisy images of a budget, shared by all methods."""
        return self._noisy(budget, self.passes, "")

    def under_noise(self, budget: Budget) -> Maps:
        """Return the maps of the noisy images, (draws, k, H, W)."""
        return self._folded(("noise", budget.images, budget.draws), self.noisy(budget))

    def under_noise_and(self, names: Collection[str], budget: Budget) -> Maps:
        """Return the same for a model whose named layers are drawn anew."""
        key = ("noise", budget.images, budget.draws, *sorted(names))
        return self._folded(key, self._noisy(budget, self.anew(names, budget), "\n".join(sorted(names))))

    def under(self, names: Collection[str], budget: Budget) -> Maps:
        """Return the maps (k, H, W) for a model whose named layers are drawn anew."""
        passes = self.anew(names, budget)
        return self._run(("anew", budget.images, *sorted(names)), passes, self.targets[: budget.images])

    def of_others(self, targets: tuple[int, ...], budget: Budget) -> Maps:
        """Return the maps (k, H, W) of other classes."""
        part = self._held(("first", budget.images), lambda: self._first(self.passes.module, budget.images))
        return self._run(("others", budget.images, *targets), part, targets[: budget.images])

    def of_model(self, kind: str, passes: Passes) -> Maps:
        """Return the maps (k, H, W) of another model's passes over the first images."""
        return self._run((kind, len(passes)), passes, self.targets[: len(passes)])

    def anew(self, names: Collection[str], budget: Budget) -> Passes:
        """Return passes over the first images of a model whose named layers are drawn anew, shared by all methods."""
        key = ("anew", budget.images, *sorted(names))
        return self._held(key, lambda: self._first(anew(self.passes.module, names, self.asked.seed), budget.images))

    def _noisy(self, budget: Budget, model: Passes, what: str) -> Noisy:
        plain = self.passes.images[: budget.images]
        key = ("noisy", budget.images, budget.draws, what)
        return self._held(key, lambda: Noisy(plain, budget.draws, self.asked.seed, model))

    def _first(self, module: nn.Module, k: int) -> Passes:
        """Return passes of a module over the first k images, run as those of the case."""
        old, images = self.passes, self.passes.images[:k]
        if module is old.module:
            return old if k == len(old) else _with(old.over(images), old)
        made = Passes(module, images, layer=old.layer, has=old.has, model=old.model, batch=old.batch)
        quick = old.form.quick
        if quick is not None and quick.channels_last:  # the layout in which the model itself is fastest
            same = Quick(module.to(memory_format=torch.channels_last), True, frozenset())  # pyright: ignore[reportCallIssue]
            made.runner = Runner(module, batch=old.batch, quick=same, back=Form(old.form.batch, same))
        made.runner.lacking = old.lacking  # other weights of the same kind of model
        return _with(made, old)

    def _folded(self, key: tuple[Any, ...], noisy: Noisy) -> Maps:
        made = self._run(key, noisy.passes, tuple(noisy.targets(self.targets)))
        return made.reshape(noisy.draws, -1, *made.shape[1:])

    def _run(self, key: tuple[Any, ...], passes: Passes, targets: tuple[int, ...]) -> Maps:
        if key not in self._made:
            self._made[key] = self.case.explain(passes, targets)
            self._lighten(passes)
        return self._made[key]

    def _held(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return what all methods share, made when it is first asked for; the oldest go when there are too many."""
        pool: dict[tuple[Any, ...], Any] = self.case.held.setdefault("other models", {})
        if key not in pool:
            while len(pool) >= MODELS:
                del pool[next(iter(pool))]
            pool[key] = make()
        return pool[key]

    def _lighten(self, passes: Passes) -> None:
        """Let go of passes that hold attention weights: many megabytes, and quickly made again."""
        if "attention" in passes.used and passes is not self.passes:
            pool: dict[tuple[Any, ...], Any] = self.case.held.get("other models", {})
            for key in [k for k, v in pool.items() if v is passes or getattr(v, "passes", None) is passes]:
                del pool[key]

    def _weighed(self) -> float:
        """Run the method on one image, with nothing shared, and count its passes."""
        alone = _with(self.passes.over(self.passes.images[:1]), self.passes)
        runner = alone.runner
        before = runner.forwards, runner.backwards
        self.case.explain(alone, self.targets[:1])
        return runner.forwards - before[0] + BACK * (runner.backwards - before[1])


def _with(made: Passes, old: Passes) -> Passes:
    made.foreseen, made.surroundings, made.room = set(old.foreseen), old.surroundings, old.room
    return made
