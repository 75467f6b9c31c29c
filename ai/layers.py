"""Copies of a model with some of its layers drawn anew, for the model parameter randomisation test."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Collection

import numpy as np
import torch
from torch import nn

ORDERS = ("top_down", "bottom_up", "independent")


def layers(module: nn.Module) -> tuple[str, ...]:
    """Return the names of the parts that hold weights of their own, from the input to the output; "" is the module itself.

    In the order in which the module defines them: our models define their layers as they run.
    """
    return tuple(name for name, part in module.named_modules() if _own(part))


def stages(module: nn.Module, order: str, groups: int) -> list[frozenset[str]]:
    """Return the layers that are drawn anew at each stage: at most `groups` of them, cut evenly.

    "top_down" starts at the output and adds group by group, "bottom_up" at the input; "independent" draws one group alone.
    Raises ValueError for another order.
    """
    if order not in ORDERS:
        raise ValueError(f"no order is called {order!r}; known: {', '.join(ORDERS)}")
    names = layers(module)
    cut = [frozenset(part.tolist()) for part in np.array_split(np.array(names, object), min(groups, len(names)))]
    if order == "independent":
        return cut
    ordered = cut[::-1] if order == "top_down" else cut
    return [frozenset().union(*ordered[: k + 1]) for k in range(len(ordered))]


def anew(module: nn.Module, names: Collection[str], seed: int) -> nn.Module:
    """Return a copy with the named layers drawn anew, each by a seed of its own, so that no two are alike.

    Layers draw as they do when made (`reset_parameters`), on the CPU; a parameter that stands alone is drawn from a normal
    distribution with its own mean and spread.
    """
    home = next((p.device for p in module.parameters()), torch.device("cpu"))
    fresh = copy.deepcopy(module).cpu()
    with torch.random.fork_rng(devices=()), torch.no_grad():
        for name in sorted(names):
            part = fresh.get_submodule(name)
            # Not torch.manual_seed: without a GPU it writes down the whole stack for one that may come.
            torch.default_generator.manual_seed(zlib.crc32(f"{seed} {name}".encode()))
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
                continue
            for own in part.parameters(recurse=False):
                own.normal_(float(own.mean()), float(own.std(correction=0)))
    return fresh.to(home)


def _own(part: nn.Module) -> bool:
    return callable(getattr(part, "reset_parameters", None)) or any(True for _ in part.parameters(recurse=False))
