"""Passes through a model, each made once and shared by every method that asks for it.

A model is always run in eval mode; its mode, its parameters and its hooks are as before when a call returns or fails.
Memory: one batch with its graph at a time, and what is remembered: per request at most `ROOM` bytes of gradients or of
attention weights, and for a pool of n masks n x classes numbers an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from ai import pool
from ai.baseline import baseline
from ai.batching import tuned
from ai.runner import BATCH, Form, Runner, Score, still
from ai.traits import lacking

__all__ = ["BATCH", "Passes", "still"]

ROOM = 2 * 2**30
"""Bytes that one request may leave in memory; a larger one is refused with advice, never tried."""


class Passes:
    """Memoised passes of one model over one set of images.

    `images` is (N, 3, H, W), already normalised. `layer` names the layer whose activations are read, `has` what the
    model offers ("gradient", "convolution", ...). `used` records which passes were asked for, `runner` counts them.
    A fixed `batch` repeats to the last bit; None measures the fastest, and runs a private faster copy where there is
    one. `precision` "bf16" is for `forward` and masked passes; `fidelity` then tells what it costs, and `ai.engine.attribute`
    makes the first `compared` maps again in fp32. `surroundings` is what some methods need beside the model: a gallery,
    twins, masks, other images. `foreseen` are passes that will be asked for: with "gradient" among them, one that asks for
    activations first makes both at once.
    """

    def __init__(
        self,
        module: nn.Module,
        images: Tensor,
        *,
        layer: str = "",
        has: Sequence[str] = (),
        model: str = "",
        batch: int | None = BATCH,
        precision: str = "fp32",
        digest: str = "",
        surroundings: Any = None,
        compared: int = 1,
    ) -> None:
        self.module, self.images, self.layer = module, images.detach(), layer
        self.has, self.model, self.used = tuple(has), model, set[str]()
        ahead, back = tuned(module, self.images) if batch is None else (Form(batch), None)
        self.batch = ahead.batch
        self.runner = Runner(module, batch=ahead.batch, precision=precision, quick=ahead.quick, back=back)
        self.digest, self.surroundings, self.room, self.compared = digest, surroundings, ROOM, compared
        self.foreseen = set[str]()
        self._logits: Tensor | None = None
        self._features: Tensor | None = None
        self._layer: Tensor | None = None
        self._backward: dict[tuple[int, ...], tuple[Tensor, Tensor, Tensor]] = {}
        self._short: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}
        self._attention: dict[tuple[int, ...] | None, tuple[list[Tensor], list[Tensor]]] = {}
        self._mixing = list[Tensor]()
        self._pools: dict[tuple[str, ...], tuple[Tensor, Tensor]] = {}

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.images)

    def over(self, images: Tensor) -> Passes:
        """Return passes of the same model, in the same way, over other images."""
        other = Passes(self.module, images, layer=self.layer, has=self.has, model=self.model, batch=self.batch)
        other.runner, other.digest, other.room = self.runner, self.digest, self.room
        return other

    @property
    def offers(self) -> tuple[str, ...]:
        """What the model and its surroundings offer to methods."""
        return (*self.has, *getattr(self.surroundings, "has", ()))

    @property
    def lacking(self) -> dict[str, str]:
        """Need -> why the model does not offer it, seen by running one image; see `ai/traits.py`."""
        if self.runner.lacking is None:  # once for all images of a model that is run in the same way
            self.runner.lacking = lacking(self.module, self.images[:1])
        return self.runner.lacking

    @cached_property
    def fidelity(self) -> float:
        """The cosine of the logits at the runner's precision to those in fp32, on up to 16 images; 1 in fp32."""
        if self.runner.precision == "fp32":
            return 1.0
        some, before = self.images[:16], self.runner.forwards
        low, full = self.runner.forward(some).flatten(), self.runner.forward(some, "fp32").flatten()
        self.runner.forwards = before  # no method asked for them
        return float(torch.nn.functional.cosine_similarity(low, full, 0))

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of a transformer's tokens; raises ValueError where the model has no tokens."""
        patch = getattr(self.module, "patch", 0)
        if not isinstance(patch, int) or patch < 1:
            raise ValueError(f"model {self._name!r} has no grid of tokens")
        return self.images.shape[-2] // patch, self.images.shape[-1] // patch

    @property
    def prefix(self) -> int:
        """How many tokens stand before those of the grid: the class token."""
        return int(getattr(self.module, "prefix", 0))

    def logits(self) -> Tensor:
        """Return the logits, (N, classes), in fp32 and without recording that they were asked for."""
        if self._logits is None:
            self._logits = self.runner.forward(self.images, "fp32")
        return self._logits

    def predict(self) -> Tensor:
        """Return the logits, (N, classes)."""
        self.used.add("predict")
        return self.logits()

    def features(self) -> Tensor:
        """Return what the model's last linear layer reads, (N, D)."""
        self.used.add("features")
        if self._features is None:
            self._logits, self._features = self.runner.features(self.images)
        return self._features

    def gradient(self, targets: Sequence[int]) -> Tensor:
        """Return the gradient of each image's target logit with respect to the image, (N, 3, H, W)."""
        self.used.add("gradient")
        return self._back(targets)[0]

    def activations(self, targets: Sequence[int] | None = None) -> tuple[Tensor, Tensor]:
        """Return the layer's activations and the target logit's gradient there, both (N, C, h, w).

        Without targets there is no backward pass and the second is empty. Tokens, (N, T, C), are laid out on their grid
        and the class token is left out. Raises ValueError when the model names no such layer or what it gives is neither.
        """
        self.used.add("activations")
        if not self.layer:
            raise ValueError(f"model {self._name!r} names no convolutional layer to read")
        if targets is None:
            acts = self._output()
            return self.laid_out(acts), acts.new_zeros((len(acts), 0))
        acts, grads = self._at_layer(targets)
        return self.laid_out(acts), self.laid_out(grads)

    def laid_out(self, values: Tensor) -> Tensor:
        """Return tokens (N, T, C) as (N, C, rows, columns) without the class token; a picture stays as it is."""
        if values.ndim == 4:
            return values
        rows, columns = self.grid
        if values.ndim != 3 or values.shape[1] != self.prefix + rows * columns:
            raise ValueError(f"{tuple(values.shape)} is neither a picture nor tokens of a {rows} x {columns} grid")
        return values[:, self.prefix :].transpose(1, 2).reshape(len(values), -1, rows, columns)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of any (M, 3, H, W), as (M, classes)."""
        self.used.add("forward")
        return self.runner.forward(x)

    def backward(self, x: Tensor, targets: Sequence[int]) -> Tensor:
        """Return the gradient of each target logit at any (M, 3, H, W), in the same shape."""
        self.used.add("backward")
        self._must_fit("gradients", x.numel() * 4)
        return self.runner.backward(x, targets)[1]

    def slopes(self, planes: Tensor, score: Score) -> Tensor:
        """Return the gradient of `score` at one batch of points, in the order of `form.planes` as they are.

        Nothing is copied: for methods that make points themselves and sum over them, a batch at a time.
        """
        self.used.add("backward")
        back = self.form
        return back.ordered(self.runner.slopes(back.shown(planes), score))

    @property
    def form(self) -> Form:
        """How passes that go back are run."""
        return self.runner.back

    def attention(self, targets: Sequence[int] | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """Return every block's weights (N, heads, T, T), first block first, and the target logit's gradients there.

        Without targets there is no backward pass and the second list is empty.
        """
        self.used.add("attention")
        key = None if targets is None else self._key(targets)
        if key is None and self._attention:
            return next(iter(self._attention.values()))[0], []
        if key not in self._attention:
            one = self.runner.attention(self.images[:1], None)[0]
            self._must_fit("attention weights", 8 * len(self) * sum(w.numel() for w in one))
            self._attention[key] = self.runner.attention(self.images, key)
        return self._attention[key]

    def mixing(self) -> list[Tensor]:
        """Return every block's attention weights, their mean over heads (N, T, T), first block first."""
        self.used.add("attention")
        if not self._mixing and self._attention:
            return [w.mean(1) for w in next(iter(self._attention.values()))[0]]
        if not self._mixing:
            self._must_fit("attention weights", 4 * len(self) * self.runner.mixed(self.images[:1]))
            self._logits, self._mixing = self.runner.mixing(self.images)
        return self._mixing

    def masked(
        self,
        segments: int | Tensor,
        n: int,
        seed: int = 0,
        baseline: str | Tensor = "mean",
        kind: str = "uniform",
        cells: int | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return `n` masks (n, cells) and the logits (N, n, classes) of every image under every mask.

        `segments` is the side of a grid or (N, H, W) int64 cell numbers; `kind` is one of `ai.pool.KINDS`. `cells` is the
        number of cells where segments differ in it, so that masks are the same in every batch. One pool serves all that
        ask alike: a smaller `n` is its beginning, a larger one makes only what is missing.
        """
        self.used.add("masked")
        where = pool.cells_of(segments, self.images)
        count = cells or (segments**2 if isinstance(segments, int) else int(where.max()) + 1)
        key = (pool.name_of(segments), str(seed), pool.name_of(baseline), kind, str(count))
        masks, logits = self._pools.get(key, (None, None))
        done = 0 if masks is None else len(masks)
        if masks is None or logits is None or done < n:
            drawn = pool.draw(kind, n, count, seed).to(self.images)
            fresh = self._under(drawn[done:], segments if isinstance(segments, int) else where, self.baseline(baseline))
            masks, logits = drawn, fresh if logits is None else torch.cat([logits, fresh], 1)
            self._pools[key] = masks, logits
        return masks[:n], logits[:, :n]

    def masked_by(self, masks: Tensor, segments: int | Tensor | None = None, baseline: str | Tensor = "mean") -> Tensor:
        """Return the logits (N, n, classes) under given masks: (n, cells) of `segments`, or (n, H, W) without; not kept."""
        self.used.add("masked")
        where = None if segments is None else pool.cells_of(segments, self.images)
        cells = segments if isinstance(segments, int) else where
        return self._under(masks.to(self.images), cells, self.baseline(baseline))

    def baseline(self, kind: str | Tensor = "mean", seed: int = 0) -> Tensor:
        """Return a baseline for each image, (N, 3, H, W): `mean`, `blur`, `black`, `grey`, `noise`, or the given tensor."""
        if isinstance(kind, Tensor):
            return kind.to(self.images).expand_as(self.images)
        return baseline(self.images, kind, seed)

    @property
    def _name(self) -> str:
        return self.model or type(self.module).__name__

    def _under(self, masks: Tensor, cells: int | Tensor | None, base: Tensor) -> Tensor:
        batches = pool.masked_batches(self.images, base, masks, cells, self.batch, self.runner.ahead)
        return self.runner.stream(batches).view(len(self), len(masks), -1)

    def _key(self, targets: Sequence[int]) -> tuple[int, ...]:
        key = tuple(int(t) for t in targets)
        if len(key) != len(self.images):
            raise ValueError(f"{len(key)} targets for {len(self.images)} images: give one each")
        return key

    def _back(self, targets: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        key = self._key(targets)
        if key not in self._backward:
            self._must_fit("gradients", self.images.numel() * 4)
            logits, *read = self.runner.backward(self.images, key, self.layer)
            self._logits = logits if self._logits is None else self._logits
            self._backward[key] = read[0], read[1], read[2]
        return self._backward[key]

    def _at_layer(self, targets: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Return the layer's activations and gradients; nothing goes back further unless the image's gradient is wanted."""
        key = self._key(targets)
        if key in self._backward or "gradient" in self.foreseen:
            return self._back(targets)[1:]
        if key not in self._short:
            logits, _, acts, grads = self.runner.backward(self.images, key, self.layer, short=True)
            self._logits = logits if self._logits is None else self._logits
            self._short[key] = acts, grads
        return self._short[key]

    def _output(self) -> Tensor:
        """Return the layer's activations, from a pass that was made anyway where there is one."""
        for held in (*self._backward.values(), *self._short.values()):
            return held[-2]
        if self._layer is None:
            self._logits, self._layer = self.runner.output(self.images, self.layer)
        return self._layer

    def _must_fit(self, what: str, size: int) -> None:
        if size > self.room:
            gib = f"{size / 2**30:.1f} GiB of {what}"
            raise MemoryError(f"{gib} for {len(self)} images, {self.room / 2**30:.1f} allowed: explain fewer at a time")
