"""In which form to run a model: how many images at a time, and whether a fused copy is faster. Measured once per process.

Forward passes and passes that go back have a form each: what fills the cache best differs. It takes a second or so.
"""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn

from ai.fused import fused
from ai.runner import Form, Quick, Runner, device_of, still

ON_CPU = (8, 16, 32)
ON_GPU = (64, 128, 256, 512, 1024)
"""Larger batches are not tried: on a CPU they fall out of the cache, on a GPU they no longer gain."""
ROUNDS = 6
CLEAR = 1.15
"""A form whose best is this many times the best of all after two rounds is not tried again: chance does not explain it."""
CLOSE = 1e-4
"""A copy whose logits differ by more than this is not the same model."""
NEAR = 1.03
"""On a CPU the largest batch that takes at most this many times the best: what is done once a batch is done less often."""

_EAGER = "eager"
_chosen: dict[tuple[object, ...], tuple[str, int]] = {}
"""Kind of model, images and pass -> the copy and the batch that were fastest."""


def tuned(module: nn.Module, images: Tensor) -> tuple[Form, Form]:
    """Return the fastest form of forward passes, and of passes that go back.

    Measured once per process, model kind and image size. The module given is not changed.
    """
    copies = quicker(module, images)
    kind, parameters = device_of(module), sum(p.numel() for p in module.parameters())
    about = (type(module).__qualname__, parameters, tuple(images.shape[1:]), kind, torch.get_num_threads(), *copies)
    forms: list[Form] = []
    for back in (False, True):
        key = (*about, back)
        if key not in _chosen:
            _chosen[key] = _fastest(module, copies, images, ON_CPU if kind == "cpu" else ON_GPU, back)
        name, size = _chosen[key]
        forms.append(Form(size, copies.get(name)))
    return forms[0], forms[1]


def quicker(module: nn.Module, images: Tensor) -> dict[str, Quick]:
    """Return copies without batch norms, in both memory layouts; only those that are the same model."""
    x = images[:2]
    with still(module), torch.no_grad():
        truth = module(x)
        made, changed = fused(module, x[:1])
        last, _ = fused(module, x[:1])
        last.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - torch knows it
        tries = {"fused": Quick(made, False, changed), "fused, channels last": Quick(last, True, changed)}
        return {n: q for n, q in tries.items() if float((q.module(Form(1, q).laid(x)) - truth).abs().max()) <= CLOSE}


def _fastest(
    module: nn.Module, copies: dict[str, Quick], images: Tensor, sizes: tuple[int, ...], back: bool
) -> tuple[str, int]:
    """Return which copy and which batch take the least time an image, all taking turns."""
    forms = {(n, size): Form(size, copies.get(n)) for n in (_EAGER, *copies) for size in sizes}
    best = dict.fromkeys(forms, float("inf"))
    with still(module):
        _seconds(module, forms[_EAGER, sizes[0]], images, back, sizes[0])  # the first pass sets things up
        for k in range(ROUNDS):
            for key, form in list(forms.items()):
                try:
                    # As many images in every try: the shorter a try, the less of other work falls into it.
                    count = sizes[-1] if sizes is ON_CPU else form.batch
                    best[key] = min(best[key], _seconds(module, form, images, back, count) / count)
                except torch.OutOfMemoryError:
                    torch.cuda.empty_cache()
                    del forms[key]
            if k == 1:
                least = min(best.values())
                forms = {key: form for key, form in forms.items() if best[key] < CLEAR * least}
    chosen = min(best, key=lambda k: best[k])
    if sizes is not ON_CPU:  # a larger batch takes memory there
        return chosen
    return max((k for k in best if k[0] == chosen[0] and best[k] <= NEAR * best[chosen]), key=lambda k: k[1])


def _seconds(module: nn.Module, form: Form, images: Tensor, back: bool, count: int) -> float:
    """Time `count` images as they will be run, what is done once a batch included; images repeat where there are fewer."""
    x = images[torch.arange(count, device=images.device) % len(images)]
    runner = Runner(module, batch=form.batch, quick=form.quick)
    wait = torch.cuda.synchronize if x.is_cuda else lambda: None
    # With one thread nobody waits, and the processor's own time is not disturbed by other work.
    clock = time.process_time if torch.get_num_threads() == 1 and not x.is_cuda else time.perf_counter
    wait()
    start = clock()
    if back:
        runner.backward(x, [0] * count)
    else:
        runner.forward(x)
    wait()
    return clock() - start
