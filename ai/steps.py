"""Reads a network as a short list of steps, with every batch normalisation folded into the layer before it.

Methods that change the backward pass work on this reading, never on the module: nothing is hooked, replaced or left
behind, and a ReLU counts the same as a module, a function, in place or used twice. What cannot be read is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor, fx, nn

from ai.calls import FUNCTIONS, METHODS, average_options, call, max_options, pair, spatial
from ai.runner import still


class Unreadable(ValueError):
    """A network holds an operation that has no place in the list; says which and where."""


@dataclass(frozen=True)
class Step:
    """One operation: `inputs` are indices of earlier steps, step 0 is the image.

    `weight` and `bias` of a `scale` are per channel. `positive` says that its output is never below zero.
    """

    kind: str
    inputs: tuple[int, ...] = ()
    name: str = ""
    weight: Tensor | None = None
    bias: Tensor | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    positive: bool = False


@dataclass(frozen=True)
class Reading:
    """The steps in order, the last one gives the logits; `layer` is the step that a named layer's output is."""

    steps: tuple[Step, ...]
    layer: int | None = None


def read(module: nn.Module, layer: str = "") -> Reading:
    """Read `module` in eval mode. Raises Unreadable where an operation is not one of a ReLU network's."""
    with still(module):
        try:
            graph = fx.Tracer().trace(module)
        except Exception as error:
            raise Unreadable(f"its forward pass cannot be read as a graph ({_first_line(error)})") from error
        return _Reader(module, graph, layer).reading()


class _Reader:
    def __init__(self, module: nn.Module, graph: fx.Graph, layer: str) -> None:
        self.graph, self.modules = graph, dict(module.named_modules())
        self.at: dict[fx.Node, int] = {}
        self.steps = list[Step]()
        inside = [n for n in graph.nodes if layer and layer in n.meta.get("nn_module_stack", {})]
        self.kept = inside[-1] if inside else None

    def reading(self) -> Reading:
        """Walk the graph once; operations that no tensor passes through (sizes) are left out."""
        end: fx.Node | None = None
        for node in self.graph.nodes:
            if node.op == "placeholder":
                if self.steps:
                    raise Unreadable("it takes more than one input")
                self._add(node, Step("image"))
            elif node.op == "output":
                end = node.args[0] if isinstance(node.args[0], fx.Node) else None
            else:
                self._operation(node)
        if end is None or end not in self.at:
            raise Unreadable(f"its output comes from {end if end is not None else 'more than one tensor'}")
        return _pruned(self.steps, self.at[end], None if self.kept is None else self.at.get(self.kept))

    def _operation(self, node: fx.Node) -> None:
        if node.op == "call_module":
            self._module(node, self.modules[str(node.target)])
            return
        table = FUNCTIONS if node.op == "call_function" else METHODS if node.op == "call_method" else {}
        kind = table.get(node.target) if isinstance(node.target, Callable | str) else None
        if kind is None:
            return  # an error only if a tensor that counts passes through it, see _input
        made = call(kind, node)
        if made is None:
            raise Unreadable(f"`{node.name}` is used in a way that is not read")
        kind, sources, options = made
        self._add(node, self._made(kind, tuple(self._input(s) for s in sources), node.name, options))

    def _module(self, node: fx.Node, m: nn.Module) -> None:
        made = _layer(m)
        if made is None:
            return
        step = replace(made, inputs=(self._input(node.args[0]),), name=str(node.target))
        before = self.steps[step.inputs[0]]
        source = node.args[0]
        alone = isinstance(source, fx.Node) and len(source.users) == 1 and source is not self.kept
        if step.kind == "scale" and before.kind in ("conv", "linear") and alone:
            self.steps[step.inputs[0]] = _folded(before, step)
            self.at[node] = step.inputs[0]
        elif step.weight is not None:
            self._add(node, step)
        else:
            self._add(node, self._made(step.kind, step.inputs, step.name, step.options))

    def _made(self, kind: str, inputs: tuple[int, ...], name: str, options: dict[str, Any]) -> Step:
        positive = kind == "relu" or all(self.steps[i].positive for i in inputs)
        return Step(kind, inputs, name, options=options, positive=positive)

    def _add(self, node: fx.Node, step: Step) -> None:
        self.at[node] = len(self.steps)
        self.steps.append(step)

    def _input(self, node: Any) -> int:
        if node not in self.at:
            where = f" at {node.target}" if isinstance(node, fx.Node) and node.op == "call_module" else ""
            what = type(self.modules[str(node.target)]).__name__ if where else getattr(node, "name", repr(node))
            raise Unreadable(f"it has a {what}{where}, and only convolution, linear, ReLU, pooling, normalisation "
                             "and addition are read")  # fmt: skip
        return self.at[node]


def _layer(m: nn.Module) -> Step | None:
    """Return a module as a step without inputs; None for a kind that is not read."""
    match m:
        case nn.Conv2d() if m.padding_mode == "zeros" and not (m.padding == "same" and m.kernel_size[0] % 2 == 0):
            same = [d * (k - 1) // 2 for d, k in zip(m.dilation, m.kernel_size, strict=True)]
            padding = same if m.padding == "same" else [0, 0] if m.padding == "valid" else list(pair(m.padding))
            options = {"stride": list(m.stride), "padding": padding, "dilation": list(m.dilation), "groups": m.groups}
            return Step("conv", weight=_plain(m.weight), bias=_plain(m.bias), options=options)
        case nn.Linear():
            return Step("linear", weight=_plain(m.weight), bias=_plain(m.bias))
        case nn.BatchNorm2d() | nn.BatchNorm1d() if m.running_mean is not None and m.running_var is not None:
            scale = _plain(m.running_var).add(m.eps).rsqrt()
            scale = scale if m.weight is None else scale * _plain(m.weight)
            shift = -_plain(m.running_mean) * scale
            return Step("scale", weight=scale, bias=shift if m.bias is None else shift + _plain(m.bias))
        case nn.ReLU():
            return Step("relu")
        case nn.MaxPool2d() if not m.return_indices:
            return Step("max_pool", options=max_options(m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode))
        case nn.AvgPool2d():
            options = average_options(
                m.kernel_size, m.stride, m.padding, m.ceil_mode, m.count_include_pad, m.divisor_override
            )
            return Step("avg_pool", options=options)
        case nn.AdaptiveAvgPool2d():
            return Step("adaptive_pool", options={"size": m.output_size})
        case nn.Flatten() if m.start_dim == 1 and m.end_dim == -1:
            return Step("flatten")
        case nn.Dropout() | nn.Dropout2d() | nn.Identity():
            return Step("same")
        case _:
            return None


def _folded(layer: Step, norm: Step) -> Step:
    """Return a convolution or linear layer that does what it and the normalisation after it do."""
    assert layer.weight is not None
    assert norm.weight is not None
    assert norm.bias is not None
    weight = layer.weight * spatial(norm.weight, layer.weight.ndim, 0)
    bias = norm.bias if layer.bias is None else layer.bias * norm.weight + norm.bias
    return replace(layer, weight=weight, bias=bias)


def _pruned(steps: list[Step], end: int, layer: int | None) -> Reading:
    """Leave out what the logits do not come from, and steps that change nothing."""
    actual = list(range(len(steps)))
    for i, step in enumerate(steps):
        if step.kind == "same":
            actual[i] = actual[step.inputs[0]]
    needed = {0, actual[end]}
    for i in range(len(steps) - 1, 0, -1):
        if i in needed:
            needed |= {actual[j] for j in steps[i].inputs}
    order = sorted(needed)
    new = {old: k for k, old in enumerate(order)}
    kept = tuple(replace(steps[i], inputs=tuple(new[actual[j]] for j in steps[i].inputs)) for i in order)
    return Reading(kept, None if layer is None else new.get(actual[layer]))


def _plain(value: Tensor | None) -> Any:
    return None if value is None else value.detach().float()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
