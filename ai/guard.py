"""Watches over a model while a method works: what the method leaves behind is taken away again and named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class Polluted(RuntimeError):
    """A method changed the model or left something on it; says what."""


@contextmanager
def guarded(module: nn.Module, method: str, seed: int) -> Iterator[None]:
    """Hold eval mode and a random state of its own; afterwards modes, hooks and replaced forwards are as before.

    Raises Polluted where a method that returned left hooks or forwards behind, or wrote into a number of the model;
    after an error the method's own error is raised, and the model is cleaned all the same.
    """
    parts = list(module.modules())
    modes = [m.training for m in parts]
    hooks = [{kind: dict(getattr(m, kind)) for kind in HOOKS} for m in parts]
    forwards = [m.__dict__.get("forward") for m in parts]
    numbers = {name: (id(t), t._version) for name, t in _numbers(module)}
    learning = [(t, t.requires_grad, t.grad) for _, t in _numbers(module)]
    module.eval()
    left: list[str] = []
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            yield
    finally:
        for m, mode, held, forward in zip(parts, modes, hooks, forwards, strict=True):
            left += _cleaned(m, held, forward)
            m.training = mode
        for t, learns, grad in learning:
            if t.requires_grad != learns or t.grad is not grad:
                left.append("a gradient")
                t.requires_grad_(learns).grad = grad
    if left:
        raise Polluted(f"{method!r} left {left[0]} on the model; it was taken away")
    if changed := [name for name, t in _numbers(module) if numbers.get(name) != (id(t), t._version)]:
        raise Polluted(f"{method!r} changed {changed[0]!r} of the model: its numbers are no longer what they were")


def _cleaned(module: nn.Module, held: dict[str, dict[int, object]], forward: object) -> list[str]:
    left: list[str] = []
    for kind, before in held.items():
        now = getattr(module, kind)
        if list(now) != list(before):
            left.append(f"a hook ({kind.strip('_').replace('_', ' ')})")
            now.clear()
            now.update(before)
    if module.__dict__.get("forward") is not forward:
        left.append("a replaced forward")
        if forward is None:
            del module.__dict__["forward"]
        else:
            module.__dict__["forward"] = forward
    return left


def _numbers(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    yield from module.named_parameters()
    yield from module.named_buffers()
