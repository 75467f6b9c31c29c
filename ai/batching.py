"""How many images to pass at once, and whether a fused copy is faster: measured once per process, for a second or so."""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn

from ai.fused import fused
from ai.runner import Quick, device_of, still

ON_CPU = (8, 16, 32)
ON_GPU = (64, 128, 256, 512, 1024)
"""Larger batches are not tried: on a CPU they fall out of the cache, on a GPU they no longer gain."""
ROUNDS = 5
CLOSE = 1e-4
"""A copy whose logits differ by more than this is not the same model."""
GAIN = 0.97
"""A copy must take less than this share of the time, or it is not worth its memory."""

_batches: dict[tuple[object, ...], int] = {}


def tuned(module: nn.Module, images: Tensor, quick: Quick | None = None) -> int:
    """Return the batch size with the most images a second, forward, of a module or its quick copy.

    Measured once per process, model kind and image size.
    """
    kind = device_of(module)
    parameters = sum(p.numel() for p in module.parameters())
    key = (
        type(module).__qualname__,
        parameters,
        tuple(images.shape[1:]),
        kind,
        torch.get_num_threads(),
        quick is not None,
    )
    if key not in _batches:
        sizes = ON_CPU if kind == "cpu" else ON_GPU
        laid = _laid(images, quick) if quick else images
        _batches[key] = _fastest(quick.module if quick else module, laid, sizes)
    return _batches[key]


def quicker(module: nn.Module, images: Tensor, batch: int) -> Quick | None:
    """Return a copy without batch norms, in the faster memory layout; None where none is faster or the same model.

    The module given is not changed. It is tried on up to `batch` of the images.
    """
    x = _filled(images, batch)
    with still(module), torch.no_grad():
        truth = module(x)
        made, changed = fused(module, x[:1])
        last, _ = fused(module, x[:1])
        last.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - torch knows it
        tries = [Quick(made, False, changed), Quick(last, True, changed)]
        same = [q for q in tries if float((q.module(_laid(x, q)) - truth).abs().max()) <= CLOSE]
        times = dict.fromkeys(range(-1, len(same)), float("inf"))
        for _ in range(ROUNDS):
            times[-1] = min(times[-1], _seconds(module, x))
            for k, q in enumerate(same):
                times[k] = min(times[k], _seconds(q.module, _laid(x, q)))
    best = min(times, key=lambda k: times[k])
    return same[best] if best >= 0 and times[best] < GAIN * times[-1] else None


def _fastest(module: nn.Module, images: Tensor, sizes: tuple[int, ...]) -> int:
    best = dict.fromkeys(sizes, float("inf"))
    with still(module), torch.no_grad():
        _seconds(module, _filled(images, sizes[0]))  # the first pass sets things up
        for _ in range(ROUNDS):
            for size in sizes:
                try:
                    best[size] = min(best[size], _seconds(module, _filled(images, size)) / size)
                except torch.OutOfMemoryError:
                    torch.cuda.empty_cache()
                    break
    return min(best, key=lambda size: best[size])


def _filled(images: Tensor, size: int) -> Tensor:
    """Return `size` images, repeated where there are fewer."""
    return images[torch.arange(size, device=images.device) % len(images)]


def _laid(x: Tensor, quick: Quick) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last) if quick.channels_last else x


def _seconds(module: nn.Module, x: Tensor) -> float:
    wait = torch.cuda.synchronize if x.is_cuda else lambda: None
    wait()
    start = time.perf_counter()
    module(x)
    wait()
    return time.perf_counter() - start
