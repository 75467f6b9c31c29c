"""Passes through a model, each made once and shared by every method that asks for it.

A model is always run in eval mode; its mode, its parameters and its hooks are as before when a call returns or fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

BATCH = 16
"""Images per pass; 8 to 32 is fastest on a CPU, where larger batches fall out of the cache."""


class Passes:
    """Memoised passes of one model over one set of images.

    `images` is (N, 3, H, W), already normalised. `layer` names the convolution whose activations are read, `has` what
    the model offers ("gradient", "convolution", ...). `used` records which passes were asked for.
    """

    def __init__(
        self,
        module: nn.Module,
        images: Tensor,
        *,
        layer: str = "",
        has: Sequence[str] = (),
        model: str = "",
        batch: int = BATCH,
    ) -> None:
        self.module, self.images, self.layer, self.batch = module, images.detach(), layer, batch
        self.has, self.model, self.used = tuple(has), model, set[str]()
        self._logits: Tensor | None = None
        self._backward: dict[tuple[int, ...], tuple[Tensor, Tensor, Tensor]] = {}

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def predict(self) -> Tensor:
        """Return the logits, (N, classes)."""
        self.used.add("predict")
        if self._logits is None:
            with still(self.module), torch.no_grad():
                self._logits = torch.cat([self.module(x) for x in self.images.split(self.batch)])
        return self._logits

    def gradient(self, targets: Sequence[int]) -> Tensor:
        """Return the gradient of each image's target logit with respect to the image, (N, 3, H, W)."""
        self.used.add("gradient")
        return self._back(targets)[0]

    def activations(self, targets: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Return the layer's activations and the target logit's gradient there, both (N, C, h, w).

        Raises ValueError when the model names no such layer.
        """
        self.used.add("activations")
        if not self.layer:
            raise ValueError(f"model {self.model or type(self.module).__name__!r} names no convolutional layer to read")
        _, acts, grads = self._back(targets)
        return acts, grads

    def _back(self, targets: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        key = tuple(int(t) for t in targets)
        if len(key) != len(self.images):
            raise ValueError(f"{len(key)} targets for {len(self.images)} images: give one each")
        if key not in self._backward:
            chunks = range(0, len(key), self.batch)
            with still(self.module):
                parts = [self._one(self.images[i : i + self.batch], key[i : i + self.batch]) for i in chunks]
            logits, grads, acts, at = (torch.cat(p) for p in zip(*parts, strict=True))
            self._logits = logits if self._logits is None else self._logits
            self._backward[key] = (grads, acts, at)
        return self._backward[key]

    def _one(self, images: Tensor, targets: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Forward and backward once, reading the image's and the layer's gradient together."""
        x = images.clone().requires_grad_(True)
        held: list[Tensor] = []
        hook = None
        if self.layer:
            hook = self.module.get_submodule(self.layer).register_forward_hook(
                lambda _module, _inputs, out: _keep(held, out)
            )
        try:
            with torch.enable_grad():
                logits = self.module(x)
                chosen = logits.gather(1, torch.tensor(targets, device=logits.device)[:, None]).sum()
                grads = torch.autograd.grad(chosen, [x, *held])
        finally:
            if hook is not None:
                hook.remove()
        empty = x.new_zeros((len(x), 0))
        acts, at = (held[0].detach(), grads[1]) if held else (empty, empty)
        return logits.detach(), grads[0], acts, at


def _keep(held: list[Tensor], out: object) -> None:
    if not isinstance(out, Tensor):
        raise TypeError(f"the layer gives {type(out).__name__}, not one tensor: name another layer")
    held.append(out)


@contextmanager
def still(module: nn.Module) -> Iterator[None]:
    """Hold a module in eval mode; every submodule's own mode comes back afterwards, also after an error."""
    modes = [(m, m.training) for m in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for m, training in modes:
            m.training = training
