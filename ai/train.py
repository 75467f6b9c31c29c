"""Trains a teammate from scratch on drawn specimens. Seeded: the same recipe on the same machine gives the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ai.drawing import draw_all
from ai.recipe import TrainingRecipe
from ai.teammate import Teammate, new, prepare
from game.registry import specimen

Metrics = dict[str, Any]
Report = Callable[[Metrics], None]


def train(
    name: str, source: str, recipe: TrainingRecipe, report: Report = lambda _: None, workers: int = 1
) -> Teammate:
    """Return a teammate of the registered model `name`, trained on specimens of `source` as `recipe` says.

    `report` gets one dict of metrics per epoch (loss, held-out accuracy, seconds). Raises Unknown, or ValueError when
    the loss is not a finite number.
    """
    drawer = specimen[source].thing()
    started = time.monotonic()
    mate = new(name, len(drawer.species), recipe.seed)
    scenes = drawer.scenes(recipe.images + recipe.held_out, recipe.seed, **recipe.scenes)
    pictures = draw_all(source, scenes, mate.size, workers)
    truth = np.array([s.truth for s in scenes])
    report({"stage": "drawn", "images": len(scenes), "seconds": round(time.monotonic() - started, 1)})
    n = recipe.images
    with repeatable():
        for epoch, loss in enumerate(_epochs(mate.module, pictures[:n], truth[:n], recipe)):
            right = accuracy(mate, pictures[n:], truth[n:])
            seconds = round(time.monotonic() - started, 1)
            report(
                {
                    "stage": "trained",
                    "epoch": epoch + 1,
                    "loss": round(loss, 4),
                    "held_out": round(right, 4),
                    "seconds": seconds,
                }
            )
    return mate


def accuracy(mate: Teammate, pictures: NDArray[np.uint8], truth: NDArray[np.integer]) -> float:
    """Return the share of `pictures` whose most likely class is `truth`; NaN where there are none."""
    return float((mate.logits(pictures).argmax(1) == truth).mean()) if len(truth) else float("nan")


def _epochs(
    module: nn.Module, pictures: NDArray[np.uint8], truth: NDArray[np.integer], recipe: TrainingRecipe
) -> Iterator[float]:
    order = np.random.default_rng([recipe.seed, 1])
    steps = max(1, -(-len(truth) // recipe.batch))
    optimiser = torch.optim.AdamW(module.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps * recipe.epochs + 1)
    for _ in range(recipe.epochs):
        module.train()
        losses: list[float] = []
        for picked in np.array_split(order.permutation(len(truth)), steps):
            loss = nn.functional.cross_entropy(module(prepare(pictures[picked])), torch.from_numpy(truth[picked]))
            if not torch.isfinite(loss):
                raise ValueError("training went wrong: the loss is not a finite number; lower the rate")
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        module.eval()
        yield float(np.mean(losses))


@contextmanager
def repeatable() -> Iterator[None]:
    """One thread and deterministic kernels, so that sums come out the same; the settings come back afterwards."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(strict)
