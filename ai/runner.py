"""Runs one model in batches, forward or forward and backward, and leaves it as it found it.

Memory is bounded by the batch: never more than `batch` images with their graph are held; results are what the caller
asked for. Everything else streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from ai.attention import reading
from ai.memory import keep

BATCH = 16
"""Images per pass; 8 to 32 is fastest on a CPU, where larger batches fall out of the cache."""


@dataclass(frozen=True)
class Quick:
    """A private copy that runs faster: its memory layout, and the names of layers whose output it changes."""

    module: nn.Module
    channels_last: bool
    changed: frozenset[str]


@dataclass(frozen=True)
class Form:
    """How passes of one kind are run: how many images at a time, and a copy to run instead, where one is faster."""

    batch: int
    quick: Quick | None = None

    def laid(self, x: Tensor) -> Tensor:
        """Return pictures in the memory layout that the copy runs fastest in."""
        return x.contiguous(memory_format=torch.channels_last) if self._last else x

    def planes(self, images: Tensor) -> Tensor:
        """Return images (M, 3, H, W) in the order in which they run fastest: that, or (M, H, W, 3); contiguous."""
        return self.ordered(images).contiguous()

    def ordered(self, x: Tensor) -> Tensor:
        """Return a view of pictures (M, 3, H, W) as planes."""
        return x.permute(0, 2, 3, 1) if self._last else x

    def shown(self, planes: Tensor) -> Tensor:
        """Return a view of planes as pictures (M, 3, H, W)."""
        return planes.permute(0, 3, 1, 2) if self._last else planes

    @property
    def sides(self) -> tuple[int, int]:
        """Which dimensions of planes are height and width."""
        return (-3, -2) if self._last else (-2, -1)

    @property
    def _last(self) -> bool:
        return self.quick is not None and self.quick.channels_last


Score = Callable[[Tensor], Tensor]
"""Logits (M, classes) -> the one number whose gradient is asked for."""


class Runner:
    """One module, its batch size and its precision. `forwards` and `backwards` count the images that went through."""

    def __init__(
        self,
        module: nn.Module,
        *,
        batch: int = BATCH,
        precision: str = "fp32",
        quick: Quick | None = None,
        back: Form | None = None,
    ) -> None:
        """`precision` is that of `forward`; backward passes are always fp32. Raises ValueError for an unknown one.

        `quick` is a copy to run instead, where the layer that is read gives the same in it. `back` is the form of passes
        that go back too, if not the same.
        """
        if precision not in ("fp32", "bf16"):
            raise ValueError(f"no precision is called {precision!r}; known: fp32, bf16")
        if batch < 1:
            raise ValueError(f"a batch of {batch} images: give at least 1")
        keep()
        self.module, self.batch, self.precision = module, batch, precision
        self.ahead = Form(batch, quick)
        self.back = back or self.ahead
        self.forwards = self.backwards = 0
        self.lacking: dict[str, str] | None = None
        self.classes: int | None = None
        self._mixed: dict[torch.Size, int] = {}

    def forward(self, x: Tensor, precision: str = "") -> Tensor:
        """Return the logits of any (M, 3, H, W), as (M, classes) float32."""
        return self.stream(x.split(self.batch), precision)

    def stream(self, batches: Iterator[Tensor] | Sequence[Tensor], precision: str = "") -> Tensor:
        """Return the logits of batches that are made as they are needed, joined."""
        with still(self.module), torch.no_grad(), self._cast(precision, device_of(self.module)):
            return torch.cat([self._logits(x, self._for(self.ahead)) for x in batches])

    def slopes(self, x: Tensor, score: Score) -> Tensor:
        """Return the gradient of `score` at one batch of any size, in the memory layout it came in where that is quick."""
        with still(self.module):
            return self._one(x, score, "", short=False)[1]

    def backward(
        self, x: Tensor, targets: Sequence[int], layer: str = "", *, short: bool = False
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return logits, the target logit's gradient at each image, and a layer's output with its gradient.

        The last two are empty, (M, 0), where no layer is named. `short` goes back to the layer only, and the second is empty.
        """
        grads = x.new_empty((len(x), 0)) if short else torch.empty_like(x, memory_format=torch.contiguous_format)
        logits, acts, at = list[Tensor](), list[Tensor](), list[Tensor]()
        with still(self.module):
            for i, (part, wanted) in zip(range(0, len(x), self.back.batch), self._pairs(x, targets), strict=True):
                found = self._one(part, partial(chosen, targets=wanted), layer, short=short)
                logits.append(found[0])
                grads[i : i + len(part)] = found[1]
                acts.append(found[2])
                at.append(found[3])
        return torch.cat(logits), grads, torch.cat(acts), torch.cat(at)

    def output(self, x: Tensor, layer: str) -> tuple[Tensor, Tensor]:
        """Return the logits and a layer's output, forward only and in fp32."""
        module, held = self._for(self.ahead, layer), list[Tensor]()
        with still(self.module), torch.no_grad(), _reading_layer(module, layer, held, cut=False):
            logits = [self._logits(part, module) for part in x.split(self.batch)]
        return torch.cat(logits), torch.cat(held)[: len(x)]

    def attention(self, x: Tensor, targets: Sequence[int] | None) -> tuple[list[Tensor], list[Tensor]]:
        """Return every block's attention weights (M, heads, T, T) and, where targets are given, their gradients."""
        pairs = self._pairs(x, targets if targets is not None else [0] * len(x))
        with still(self.module):
            parts = [self._attended(*pair, graph=targets is not None) for pair in pairs]
        weights = [torch.cat(w) for w in zip(*(p[0] for p in parts), strict=True)]
        return weights, [torch.cat(g) for g in zip(*(p[1] for p in parts), strict=True)]

    def mixing(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the logits and every block's attention weights, their mean over heads, (M, T, T); forward only."""
        module, logits, parts = self._for(self.ahead), list[Tensor](), list[list[Tensor]]()
        with still(self.module), torch.no_grad():
            for part in x.split(self.batch):
                with reading(module, mixed=True) as weights:
                    logits.append(self._logits(part, module))
                parts.append([w[: len(part)] for w in weights])
        return torch.cat(logits), [torch.cat(w) for w in zip(*parts, strict=True)]

    def mixed(self, one: Tensor) -> int:
        """Return how many numbers `mixing` gives for one image; asked of the model once for each size."""
        if one.shape not in self._mixed:
            self._mixed[one.shape] = sum(w.numel() for w in self.mixing(one)[1])
        return self._mixed[one.shape]

    def features(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and what the last linear layer reads, (M, D).

        Raises ValueError where the logits are not what one linear layer gives.
        """
        found: list[tuple[Tensor, Tensor]] = []

        def seen(_module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
            found[:] = [(given[0], out)]

        logits, read = list[Tensor](), list[Tensor]()
        hooks = [m.register_forward_hook(seen) for m in self.module.modules() if isinstance(m, nn.Linear)]
        try:
            with still(self.module), torch.no_grad():
                for part in x.split(self.batch):
                    out = self._logits(part)
                    if not found or found[0][1].data_ptr() != out.data_ptr() or found[0][0].ndim != 2:
                        raise ValueError("the model does not end in a linear layer: it has no features to read")
                    logits.append(out)
                    read.append(found[0][0][: len(part)])
        finally:
            for hook in hooks:
                hook.remove()
        return torch.cat(logits), torch.cat(read)

    def _logits(self, x: Tensor, module: nn.Module | None = None) -> Tensor:
        self.forwards += len(x)
        return (module or self.module)(self.ahead.laid(paired(x))).float()[: len(x)]

    def _for(self, form: Form, layer: str = "") -> nn.Module:
        return form.quick.module if form.quick and layer not in form.quick.changed else self.module

    def _pairs(self, x: Tensor, targets: Sequence[int]) -> Iterator[tuple[Tensor, tuple[int, ...]]]:
        if len(targets) != len(x):
            raise ValueError(f"{len(targets)} targets for {len(x)} images: give one each")
        for i in range(0, len(x), self.back.batch):
            yield x[i : i + self.back.batch], tuple(int(t) for t in targets[i : i + self.back.batch])

    def _one(self, images: Tensor, score: Score, layer: str, *, short: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Forward and backward once, reading the image's and the layer's gradient together, or the layer's alone."""
        n, held = len(images), list[Tensor]()
        x = self.back.laid(paired(images.detach())).requires_grad_(not short)
        module = self._for(self.back, layer)
        with torch.enable_grad(), _reading_layer(module, layer, held, cut=short):
            logits = module(x)[:n]
            grads = torch.autograd.grad(score(logits), [*([] if short else [x]), *held])
        self.backwards += n
        empty = x.new_zeros((n, 0))
        acts, at = (held[0].detach()[:n], grads[-1][:n]) if held else (empty, empty)
        return logits.detach(), empty if short else grads[0][:n], acts, at

    def _attended(
        self, x: Tensor, targets: tuple[int, ...], *, graph: bool
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        # The image itself needs a gradient, or frozen parameters would leave nothing to differentiate.
        with torch.set_grad_enabled(graph), reading(self.module) as weights:
            logits = self.module(paired(x.detach()).clone().requires_grad_(graph))[: len(x)]
            grads = torch.autograd.grad(chosen(logits, targets), weights) if graph else ()
        if graph:
            self.backwards += len(x)
        else:
            self.forwards += len(x)
        return tuple(w.detach()[: len(x)] for w in weights), tuple(g[: len(x)] for g in grads)

    def _cast(self, precision: str, device: str) -> torch.autocast | nullcontext[None]:
        low = (precision or self.precision) == "bf16"
        return torch.autocast(device, torch.bfloat16) if low else nullcontext()


def device_of(module: nn.Module) -> str:
    """Return the kind of device that holds the module's parameters; "cpu" where it has none."""
    first = next(module.parameters(), None)
    return first.device.type if first is not None else "cpu"


def paired(x: Tensor) -> Tensor:
    """Return a batch of one twice over: alone it takes other kernels, whose rounding can turn a ReLU at zero on or off."""
    return x.expand(2, *x.shape[1:]) if len(x) == 1 else x


def chosen(logits: Tensor, targets: Sequence[int]) -> Tensor:
    """Return the sum of each row's target logit."""
    return logits.gather(1, torch.tensor(targets, device=logits.device)[:, None]).sum()


@contextmanager
def _reading_layer(module: nn.Module, layer: str, held: list[Tensor], *, cut: bool) -> Iterator[None]:
    """Keep a layer's output; `cut` begins the graph there, so that nothing goes back any further."""

    def keep(_module: nn.Module, _inputs: object, out: object) -> Tensor:
        if not isinstance(out, Tensor):
            raise TypeError(f"the layer gives {type(out).__name__}, not one tensor: name another layer")
        held.append(out.detach().requires_grad_() if cut else out)
        return held[-1]

    hook = module.get_submodule(layer).register_forward_hook(keep) if layer else None
    try:
        yield
    finally:
        if hook is not None:
            hook.remove()


@contextmanager
def still(module: nn.Module) -> Iterator[None]:
    """Hold a module in eval mode; every submodule's own mode comes back afterwards, also after an error."""
    trained = [m for m in module.modules() if m.training]
    if trained:
        module.eval()
    try:
        yield
    finally:
        for m in trained:
            m.training = True
