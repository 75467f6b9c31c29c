"""Draws many scenes, over several processes where asked; the pixels are the same either way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from game.registry import specimen

CHUNK = 100


def draw_all(
    source: str, scenes: Sequence[Any], size: int, workers: int = 1, advance: Callable[[int], None] = lambda _: None
) -> NDArray[np.uint8]:
    """Return the pictures of `scenes` from the registered `source`, (N, size, size, 3).

    `advance` is told how many were drawn, for a progress bar.
    """
    chunks = [(source, list(scenes[i : i + CHUNK]), size) for i in range(0, len(scenes), CHUNK)]
    drawn: list[NDArray[np.uint8]] = []
    if workers <= 1 or len(chunks) < 2:
        for chunk in chunks:
            drawn.append(_draw(chunk))
            advance(len(chunk[1]))
        return np.concatenate(drawn) if drawn else np.zeros((0, size, size, 3), np.uint8)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for chunk, pictures in zip(chunks, pool.map(_draw, chunks), strict=True):
            drawn.append(pictures)
            advance(len(chunk[1]))
    return np.concatenate(drawn)


def _draw(chunk: tuple[str, list[Any], int]) -> NDArray[np.uint8]:
    name, scenes, size = chunk
    source = specimen[name].thing()
    return np.stack([source.draw(scene, size) for scene in scenes])
