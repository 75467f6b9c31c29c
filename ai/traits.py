"""What a model does, seen by running it: methods that replace ReLUs are wrong, without a word, where these are not plain.

A ReLU that is called as a function, used twice or works in place cannot be replaced; a GELU has no rule that is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from ai.runner import still

CURVED = ("gelu", "silu", "elu", "hardswish", "mish", "sigmoid", "tanh", "softplus", "leaky_relu", "clamp", "clamp_min",
          "hardtanh", "_softmax", "_prelu_kernel", "maximum", "_scaled_dot_product_flash_attention_for_cpu",
          "_scaled_dot_product_flash_attention", "_scaled_dot_product_efficient_attention", "native_layer_norm")  # fmt: skip
"""Steps that are neither linear nor a ReLU nor a pooling."""


class _Counting(TorchDispatchMode):
    """Counts the steps a model really takes, whatever they are called through."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        del types
        self.steps[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))


def lacking(module: nn.Module, image: Tensor) -> dict[str, str]:
    """Return need -> why the model does not offer it, for `relu` and `no_inplace`; empty where it offers both.

    `image` is (1, 3, H, W); the model runs once.
    """
    calls: Counter[str] = Counter()
    hooks = [
        m.register_forward_hook(_counter(calls, name)) for name, m in module.named_modules() if isinstance(m, nn.ReLU)
    ]
    try:
        with still(module), torch.no_grad(), _Counting() as counting:
            module(image)
    finally:
        for hook in hooks:
            hook.remove()
    steps, found = counting.steps, dict[str, str]()
    relus = steps["relu"] + steps["relu_"]
    if curved := [name for name in CURVED if steps[name]]:
        found["relu"] = f"it is right for ReLUs only, and this model also uses {curved[0].strip('_')}"
    elif twice := [name for name, n in calls.items() if n > 1]:
        found["relu"] = f"the ReLU {twice[0]!r} is used {calls[twice[0]]} times in a pass: give each use its own"
    elif relus > calls.total():
        found["relu"] = "a ReLU is called as a function and cannot be replaced: make it an nn.ReLU of its own"
    elif not relus:
        found["relu"] = "this model has no ReLU"
    if steps["relu_"]:
        found["no_inplace"] = "a ReLU works in place and overwrites what is to be read: set inplace=False"
    return found


def _counter(calls: Counter[str], name: str) -> Callable[[nn.Module, object, object], None]:
    def count(_module: nn.Module, _given: object, _out: object) -> None:
        calls[name] += 1

    return count
