"""The functions and tensor methods that `ai/steps.py` reads, and what their arguments mean."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx
from torch.nn import functional

FUNCTIONS: dict[Any, str] = {
    functional.relu: "relu",
    functional.relu_: "relu",
    torch.relu: "relu",
    torch.relu_: "relu",
    operator.add: "add",
    operator.iadd: "add",
    torch.add: "add",
    torch.cat: "cat",
    torch.concat: "cat",
    torch.flatten: "flatten",
    torch.mean: "mean",
    functional.max_pool2d: "max_pool",
    functional.avg_pool2d: "avg_pool",
    functional.adaptive_avg_pool2d: "adaptive_pool",
    functional.dropout: "dropout",
}
METHODS: dict[Any, str] = {
    "relu": "relu",
    "relu_": "relu",
    "add": "add",
    "add_": "add",
    "flatten": "flatten",
    "view": "view",
    "reshape": "view",
    "mean": "mean",
    "contiguous": "same",
}

Made = tuple[str, tuple[Any, ...], dict[str, Any]]
"""Kind of step, the nodes it reads, its options."""


def call(kind: str, node: fx.Node) -> Made | None:
    """Return what a call is as a step; None where its arguments are not understood."""
    args, named = list(node.args), dict(node.kwargs)
    first = args.pop(0) if args else named.pop("input", named.pop("tensors", None))
    reader = _READERS.get(kind)
    return (kind, (first,), {}) if reader is None else reader(first, args, named)


def pair(value: Any) -> tuple[int, int]:
    """Return one number as two equal ones."""
    return (value[0], value[-1]) if isinstance(value, tuple | list) else (value, value)


def spatial(vector: Tensor, ndim: int, channel: int = 1) -> Tensor:
    """Return a vector over channels in a shape that broadcasts over a tensor of `ndim` dimensions."""
    shape = [1] * ndim
    shape[channel] = -1
    return vector.view(shape)


def max_options(
    kernel: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil: bool = False
) -> dict[str, Any]:
    """Return the options of maximum pooling."""
    stride = kernel if stride is None else stride
    names = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    return {**{k: list(pair(v)) for k, v in names.items()}, "ceil_mode": ceil}


def average_options(
    kernel: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil: bool = False,
    count: bool = True,
    divisor: int | None = None,
) -> dict[str, Any]:
    """Return the options of average pooling."""
    stride = kernel if stride is None else stride
    lists = {"kernel_size": list(pair(kernel)), "stride": list(pair(stride)), "padding": list(pair(padding))}
    return {**lists, "ceil_mode": ceil, "count_include_pad": count, "divisor_override": divisor}


def _add(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    other = args[0] if args else named.get("other")
    fine = isinstance(first, fx.Node) and isinstance(other, fx.Node) and named.get("alpha", 1) == 1 and len(args) <= 1
    return ("add", (first, other), {}) if fine else None


def _cat(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    dim = args[0] if args else named.get("dim", 0)
    return ("cat", tuple(first), {}) if dim in (1, -3) and isinstance(first, list | tuple) else None


def _flatten(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    start, end = (*args, named.get("start_dim", 0), named.get("end_dim", -1))[:2] if len(args) != 1 else (args[0], -1)
    return ("flatten", (first,), {}) if (start, end) == (1, -1) else None


def _view(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    del named  # neither has any that matters
    shape = args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else args
    return ("flatten", (first,), {}) if len(shape) == 2 else None


def _mean(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    dims = args[0] if args else named.get("dim")
    keep = args[1] if len(args) > 1 else named.get("keepdim", False)
    over = sorted(d % 4 for d in dims) if isinstance(dims, list | tuple) else None
    return ("mean", (first,), {"keepdim": keep}) if over == [2, 3] else None


def _dropout(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    training = args[1] if len(args) > 1 else named.get("training", True)
    return ("same", (first,), {}) if training is False else None


def _max_pool(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    indices = named.pop("return_indices", False)
    if "ceil_mode" in named:
        named["ceil"] = named.pop("ceil_mode")
    kernel = args.pop(0) if args else named.pop("kernel_size")
    return None if indices else ("max_pool", (first,), max_options(kernel, *args, **named))


def _avg_pool(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    renamed = {"ceil_mode": "ceil", "count_include_pad": "count", "divisor_override": "divisor"}
    kernel = args.pop(0) if args else named.pop("kernel_size")
    return "avg_pool", (first,), average_options(kernel, *args, **{renamed.get(k, k): v for k, v in named.items()})


def _adaptive(first: Any, args: list[Any], named: dict[str, Any]) -> Made | None:
    return "adaptive_pool", (first,), {"size": args[0] if args else named["output_size"]}


_READERS: dict[str, Callable[[Any, list[Any], dict[str, Any]], Made | None]] = {
    "add": _add,
    "cat": _cat,
    "flatten": _flatten,
    "view": _view,
    "mean": _mean,
    "dropout": _dropout,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "adaptive_pool": _adaptive,
}
