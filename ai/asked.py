"""What a model was asked for the sake of metrics: one pool for all methods on one set of images.

What does not depend on a map (parts taken away by a fixed rule or by chance) is run once and kept; what does (pixels taken
away in a map's order) is run in full batches across images, maps and steps, and kept by the digest of the maps, so that
metrics that read the same curve share it. Only logits are kept; pictures exist one batch at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ai import pool
from ai.passes import Passes
from ai.removal import ranks, removals, summed

KEPT, ORDERS = 4096, 64
"""Curves and orders of pixels that are remembered, some kilobytes and half a megabyte each. The oldest are forgotten first."""


class Asked:
    """The evaluations of one model over n images; `targets` is the class that is explained, one an image.

    Maps may be those of several methods one after another: row i of them belongs to image i modulo n.
    """

    def __init__(self, passes: Passes, targets: Sequence[int], seed: int = 0) -> None:
        self.passes, self.targets, self.seed = passes, tuple(int(t) for t in targets), seed
        self._curves: dict[tuple[Any, ...], Tensor] = {}
        self._ranks: dict[tuple[Any, ...], Tensor] = {}
        self._subsets: dict[tuple[Any, ...], tuple[Tensor, Tensor]] = {}

    @classmethod
    def of(cls, case: Any) -> Asked:
        """Return the pool that all methods of a case's model share."""
        made = case.held.get("asked")
        if made is None or made.passes is not case.passes:
            made = case.held["asked"] = cls(case.passes, case.targets, case.seed)
        return made

    def rows(self, count: int) -> Tensor:
        """Return the image of each of `count` maps; raises ValueError where they are not whole sets of the images."""
        n = len(self.passes)
        if count % n:
            raise ValueError(f"{count} maps for {n} images: give one each, or several whole sets")
        return torch.arange(count, device=self.passes.images.device) % n

    def target(self, logits: Tensor, *, probability: bool) -> NDArray[np.float64]:
        """Return the target's logit or probability, (m, ..., classes) -> (m, ...), in float64."""
        wanted = torch.tensor(self.targets, device=logits.device)[self.rows(len(logits))]
        values = logits.double().softmax(-1) if probability else logits.double()
        index = wanted.view(-1, *[1] * (logits.ndim - 1)).expand(*logits.shape[:-1], 1)
        return values.gather(-1, index)[..., 0].cpu().numpy()

    def plain(self, count: int, *, probability: bool) -> NDArray[np.float64]:
        """Return what the model says of each map's image as it is, (count,)."""
        return self.target(self.passes.logits()[self.rows(count)], probability=probability)

    def curve(
        self,
        maps: NDArray[np.float32],
        counts: Sequence[int],
        baseline: str = "mean",
        *,
        keep: bool = False,
        cells: Tensor | None = None,
    ) -> Tensor:
        """Return the logits (m, k, classes) with each map's `counts` most important pixels taken away, or only they kept.

        Of pixels that a map holds alike, chance decides, in the same way for every map. `cells` (n or 1, H, W) are areas
        that go as a whole, by their mean; `counts` then counts areas. `baseline` may be "inpaint".
        """
        key = (self._key(maps, cells), tuple(counts), baseline, keep)
        if key not in self._curves:
            _room(self._curves, KEPT)
            self._curves[key] = self._asked(maps, counts, baseline, keep, cells)
        return self._curves[key]

    def ends(self, count: int, baseline: str) -> tuple[Tensor, Tensor]:
        """Return the logits with all of each map's image there and with nothing of it, (count, classes) each."""
        key = ("nothing", baseline)
        if key not in self._curves:
            self._curves[key] = self.passes.forward(self.base(baseline))
        rows = self.rows(count)
        return self.passes.logits()[rows], self._curves[key][rows]

    def base(self, baseline: str) -> Tensor:
        """Return what stands for nothing to see, (N, C, H, W); nothing is known to in-paint from but the mean colour."""
        return self.passes.baseline("mean" if baseline == "inpaint" else baseline, self.seed)

    def noise(self, k: int) -> Tensor:
        """Return the k-th picture of noise, (1, C, H, W)."""
        return self.passes.baseline("noise", self.seed + k)[:1]

    def without(self, side: int, baseline: str | Tensor = "mean") -> Tensor:
        """Return the logits (n, side * side, classes) with each cell of a grid taken away alone; shared with ablation."""
        return self.passes.masked(side, side * side, self.seed, baseline, "without")[1]

    def subsets(self, side: int, size: int, draws: int, baseline: str = "mean") -> tuple[Tensor, Tensor]:
        """Return `draws` random subsets of `size` cells, (draws, cells) of 0 and 1, and logits (n, draws, classes) without them.

        Fewer draws are the beginning of more; what is there is not run again.
        """
        key, cells = (side, size, baseline), side * side
        if not 0 < size < cells:
            raise ValueError(f"subsets of {size} of {cells} cells: give between 1 and {cells - 1}")
        masks, logits = self._subsets.get(key, (None, None))
        done = 0 if masks is None else len(masks)
        if masks is None or logits is None or done < draws:
            rng = np.random.default_rng([self.seed, side, size])
            chosen = np.zeros((draws, cells), np.float32)
            np.put_along_axis(chosen, _drawn(rng, draws, cells, size), 1, 1)
            masks = torch.from_numpy(chosen)
            kept, shape = 1 - masks[done:], tuple(self.passes.images.shape[-2:])
            pixels = shape == (side, side)  # then a mask is a picture as it is
            fresh = self.passes.masked_by(kept.view(-1, *shape) if pixels else kept, None if pixels else side, baseline)
            logits = fresh if logits is None else torch.cat([logits, fresh], 1)
            self._subsets[key] = masks, logits
        return masks[:draws], logits[:, :draws]

    def cells(self, maps: NDArray[np.float32], where: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the sum of each map over each area and the areas' sizes, (m, cells) each."""
        sums, sizes = summed(self._tensor(maps), where, self.rows(len(maps)))
        return sums.cpu().numpy(), sizes.cpu().numpy()

    def grid(self, side: int) -> Tensor:
        """Return the cells of a grid, (1, H, W)."""
        return pool.cells_of(side, self.passes.images)

    def _asked(
        self, maps: NDArray[np.float32], counts: Sequence[int], baseline: str, keep: bool, cells: Tensor | None
    ) -> Tensor:
        batches = removals(
            self.passes.images,
            None if baseline == "inpaint" else self.base(baseline),
            self._order(maps, cells),
            torch.tensor(list(counts), device=self.passes.images.device),
            self.rows(len(maps)),
            keep=keep,
            cells=cells,
            batch=self.passes.batch,
            seed=self.seed,
        )
        self.passes.used.add("forward")
        return self.passes.runner.stream(batches).view(len(maps), len(counts), -1)

    def _order(self, maps: NDArray[np.float32], cells: Tensor | None) -> Tensor:
        """Return the place of each map's pixels or areas, the most important first."""
        key = self._key(maps, cells)
        if key not in self._ranks:
            values = self._tensor(maps)
            if cells is not None:
                sums, sizes = summed(values, cells, self.rows(len(maps)))
                # An area that an image does not have goes last, where taking it away changes nothing.
                values = torch.where(sizes > 0, sums / sizes.clamp_min(1), -torch.inf)
            _room(self._ranks, ORDERS)
            self._ranks[key] = ranks(values.flatten(1), self.seed).int()
        return self._ranks[key]

    def _key(self, maps: NDArray[np.float32], cells: Tensor | None) -> tuple[Any, ...]:
        digest = hashlib.blake2b(np.ascontiguousarray(maps, np.float32).tobytes()).hexdigest()
        return digest, maps.shape, "" if cells is None else pool.name_of(cells)

    def _tensor(self, maps: NDArray[np.float32]) -> Tensor:
        values = torch.from_numpy(np.ascontiguousarray(maps, np.float32)).to(self.passes.images.device)
        if values.shape[1:] != self.passes.images.shape[-2:]:
            said, size = tuple(values.shape[1:]), tuple(self.passes.images.shape[-2:])
            raise ValueError(f"maps of {said} for images of {size}: enlarge them first")
        return values


def _room(held: dict[Any, Any], most: int) -> None:
    while len(held) >= most:
        del held[next(iter(held))]


def _drawn(rng: np.random.Generator, draws: int, cells: int, size: int) -> NDArray[np.int64]:
    """Return `size` different cells for each draw, (draws, size); row by row, so fewer draws are the beginning of more."""
    return rng.random((draws, cells)).argpartition(size - 1, axis=1)[:, :size]
