"""A second backward pass: the network's steps, run forward once and back again under another rule.

Guided backpropagation, DeepLIFT and LRP are all a backward pass in which some steps answer differently. Here they share
one forward, one traversal and no autograd; the module itself is read and never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional

from ai import steps as network
from ai.calls import spatial
from ai.engine import Refusal, Refused
from ai.passes import Passes
from ai.runner import Runner, paired, still
from ai.steps import Reading, Step, Unreadable

FAITHFUL = 1e-3
"""Largest difference, relative to the largest logit, between the model and its reading."""


@dataclass
class Run:
    """What a forward pass leaves: every step's output, and where each maximum was."""

    values: list[Tensor]
    where: dict[int, Tensor] = field(default_factory=dict[int, Tensor])


Rule = Callable[[int, Run, Tensor], tuple[Tensor, ...] | None]
"""(step, run, what came back to its output) -> what goes back to its inputs; None for the plain gradient."""


class Rewired:
    """The steps of a network. All tensors are float32 on the images' device."""

    def __init__(self, reading: Reading) -> None:
        self.steps, self.layer = reading.steps, reading.layer
        self.layout = torch.contiguous_format

    def forward(self, x: Tensor) -> Run:
        """Run (M, 3, H, W) through all steps; the last value is the logits (M, classes)."""
        run = Run([x.contiguous(memory_format=self.layout)])
        for i, step in enumerate(self.steps[1:], 1):
            run.values.append(_forward(i, step, run))
        return run

    def backward(self, run: Run, given: Tensor, rule: Rule | None = None, until: int = 0) -> Tensor:
        """Return what reaches the output of step `until` when `given` (M, classes) starts at the logits."""
        back: dict[int, Tensor] = {len(self.steps) - 1: given}
        for i in range(len(self.steps) - 1, until, -1):
            if i not in back:
                continue
            g = back.pop(i)
            sent = rule(i, run, g) if rule is not None else None
            sent = _pull(i, self.steps[i], run, g) if sent is None else sent
            for source, part in zip(self.steps[i].inputs, sent, strict=True):
                back[source] = back[source] + part if source in back else part
        return back[until]


def rewire(passes: Passes, method: str, nearest: str = "integrated_gradients") -> Rewired:
    """Return the steps of the passes' model, read once and checked against the model itself.

    Raises Refused where the model holds an operation that has no rule, has no ReLU, or computes something else than was read.
    """
    key = passes.runner  # one for all passes of a model that is run in the same way
    if key not in _READ:
        try:
            _READ[key] = _checked(passes)
        except Unreadable as error:
            _READ[key] = str(error)
    found = _READ[key]
    if isinstance(found, str):
        raise Refused(Refusal(method, passes.model or "this model", "relu", found, nearest))
    return found


def plain_relus(passes: Passes, method: str, nearest: str = "") -> None:
    """Raise Refused unless every ReLU is a module of its own, out of place: what methods that hook modules rely on."""
    for need, reason in passes.lacking.items():
        raise Refused(Refusal(method, passes.model or "this model", need, reason, nearest))


def batches(passes: Passes, targets: Sequence[int], each: int = 1) -> Iterator[tuple[Tensor, Tensor, slice]]:
    """Yield images, targets and their place, as many as fill a batch when each image costs `each` backward passes."""
    size = -(-passes.form.batch // each)
    chosen = torch.as_tensor(targets, device=passes.images.device)
    if len(chosen) != len(passes):
        raise ValueError(f"{len(chosen)} targets for {len(passes)} images: give one each")
    for i in range(0, len(passes), size):
        yield passes.images[i : i + size].float(), chosen[i : i + size], slice(i, i + size)


def one_hot(run: Run, targets: Tensor) -> Tensor:
    """Return 1 at each target's logit, (M, classes), and 0 elsewhere."""
    return functional.one_hot(targets, run.values[-1].shape[1]).to(run.values[-1])


def counted(passes: Passes, forwards: int, backwards: int) -> None:
    """Note modified passes beside those of the model, so that a method's cost is what it really used.

    As there, one that goes back counts as one backward, its way forward included.
    """
    passes.used.add("modified")
    passes.runner.forwards += forwards
    passes.runner.backwards += backwards


_READ: WeakKeyDictionary[Runner, Rewired | str] = WeakKeyDictionary()


def _checked(passes: Passes) -> Rewired:
    made = Rewired(network.read(passes.module, passes.layer))
    quick = passes.form.quick
    if quick is not None and quick.channels_last:
        made.layout = torch.channels_last
    if not any(step.kind == "relu" for step in made.steps):
        raise Unreadable("it has no ReLU")
    with still(passes.module), torch.no_grad():
        theirs = passes.module(passes.images[:1]).float()
        ours = made.forward(passes.images[:1].float()).values[-1]
    if ours.shape != theirs.shape or (ours - theirs).abs().max() > FAITHFUL * theirs.abs().max().clamp_min(1e-3):
        raise Unreadable("what was read of its forward pass does not give its logits")
    return made


def _forward(i: int, step: Step, run: Run) -> Tensor:
    a = run.values[step.inputs[0]]
    o = step.options
    match step.kind:
        case "conv":
            assert step.weight is not None
            rest = (o["stride"], o["padding"], o["dilation"], o["groups"])
            return torch.conv2d(paired(a), step.weight, step.bias, *rest)[: len(a)]
        case "linear":
            assert step.weight is not None
            return functional.linear(a, step.weight, step.bias)
        case "scale":
            assert step.weight is not None
            assert step.bias is not None
            return a * spatial(step.weight, a.ndim) + spatial(step.bias, a.ndim)
        case "relu":
            return a.clamp_min(0)
        case "max_pool":
            out, run.where[i] = functional.max_pool2d_with_indices(a, **o)
            return out
        case "avg_pool":
            return functional.avg_pool2d(a, **o)
        case "adaptive_pool":
            return functional.adaptive_avg_pool2d(a, o["size"])
        case "mean":
            return a.mean((2, 3), keepdim=o["keepdim"])
        case "flatten":
            return a.flatten(1)
        case "add":
            return a + run.values[step.inputs[1]]
        case "cat":
            return torch.cat([run.values[j] for j in step.inputs], 1)
        case _:
            raise Unreadable(f"no step is called {step.kind!r}")


def _pull(i: int, step: Step, run: Run, g: Tensor) -> tuple[Tensor, ...]:
    """Return the plain gradient of one step. `g` may be a larger batch than the run where the step is linear."""
    inputs = [run.values[j] for j in step.inputs]
    shape = (len(g), *inputs[0].shape[1:])
    match step.kind:
        case "conv" | "linear":
            assert step.weight is not None
            return (transposed(step, step.weight, g, inputs[0]),)
        case "scale":
            assert step.weight is not None
            return (g * spatial(step.weight, g.ndim),)
        case "relu":
            return (torch.ops.aten.threshold_backward(g, run.values[i], 0),)
        case "add":
            return g, g
        case "flatten":
            return (g.reshape(shape),)
        case "cat":
            return tuple(g.split([a.shape[1] for a in inputs], 1))
        case "max_pool":
            o = step.options
            lists = (o["kernel_size"], o["stride"], o["padding"], o["dilation"], o["ceil_mode"])
            return (torch.ops.aten.max_pool2d_with_indices_backward(g, inputs[0], *lists, run.where[i]),)
        case _:
            return (_unpooled(step, g, shape),)


def _unpooled(step: Step, g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the gradient of an average."""
    o = step.options
    if step.kind == "mean" or g.shape[-2:] == (1, 1):
        whole = step.kind != "avg_pool" or tuple(o["kernel_size"]) == shape[2:]
        if whole and not any(o.get("padding", ())):
            return (g.reshape(*shape[:2], 1, 1) / (shape[2] * shape[3])).expand(shape)
    like = g.new_empty(1).expand(shape)
    if step.kind == "adaptive_pool":
        return torch.ops.aten._adaptive_avg_pool2d_backward(g, like)
    lists = (o["kernel_size"], o["stride"], o["padding"], o["ceil_mode"], o["count_include_pad"], o["divisor_override"])
    return torch.ops.aten.avg_pool2d_backward(g, like, *lists)


def room(given: Tensor, n: int) -> Tensor:
    """Return n rows of no values in the shape and layout of `given`'s, which is all that a convolution asks of its input.

    An expanded number would do, but is written out in full.
    """
    last = given.is_contiguous(memory_format=torch.channels_last)
    layout = torch.channels_last if last else torch.contiguous_format
    return torch.empty((n, *given.shape[1:]), dtype=given.dtype, device=given.device, memory_format=layout)


def transposed(step: Step, weight: Tensor, g: Tensor, given: Tensor) -> Tensor:
    """Send `g` back through a convolution or linear layer with `weight`, to an input that is shaped like `given`."""
    if step.kind == "linear":
        return g @ weight
    o = step.options
    like = given if len(given) == len(g) else room(given, len(g))
    rest = (o["stride"], o["padding"], o["dilation"], False, [0, 0], o["groups"], [True, False, False])
    return torch.ops.aten.convolution_backward(g, like, weight, None, *rest)[0]
