"""Fuses each batch normalisation with the convolution before it: the same numbers in fewer steps, on a private copy."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fused(module: nn.Module, images: Tensor) -> tuple[nn.Module, frozenset[str]]:
    """Return a frozen copy in eval mode without batch norms, and the names of the layers whose output this changes.

    Which norm follows which convolution is seen by running `images` once; a pair is fused only where both run once.
    A fused norm becomes an identity, so names stay; the convolution then gives what the norm gave.
    """
    made = copy.deepcopy(module).eval().requires_grad_(requires_grad=False)
    changed: set[str] = set()
    for conv_name, norm_name in _pairs(made, images):
        conv, norm = made.get_submodule(conv_name), made.get_submodule(norm_name)
        assert isinstance(conv, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        made.set_submodule(conv_name, fuse_conv_bn_eval(conv, norm))
        made.set_submodule(norm_name, nn.Identity())
        changed |= {conv_name}
    return made, frozenset(changed)


def _pairs(module: nn.Module, images: Tensor) -> list[tuple[str, str]]:
    runs: list[tuple[str, Tensor, Tensor]] = []
    kinds = {n: type(m) for n, m in module.named_modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)}

    def seen(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        return lambda _module, given, out: runs.append((name, given[0], out))

    hooks = [module.get_submodule(name).register_forward_hook(seen(name)) for name in kinds]
    try:
        with torch.no_grad():
            module(images)
    finally:
        for hook in hooks:
            hook.remove()
    names = [name for name, _, _ in runs]
    norms = {id(given): name for name, given, _ in runs if kinds[name] is nn.BatchNorm2d}
    pairs = [(name, norms[id(out)]) for name, _, out in runs if kinds[name] is nn.Conv2d and id(out) in norms]
    return [(conv, norm) for conv, norm in pairs if names.count(conv) == names.count(norm) == 1]
