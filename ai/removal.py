"""Pictures with a map's most important pixels taken away, or with nothing but them, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ai.inpainting import inpainted


def ranks(values: Tensor, seed: int = 0) -> Tensor:
    """Return the place of each value in its row, (m, d) int64, 0 for the largest; chance decides between equal ones.

    The same chance for every row. A sort by place would favour what is on top of the picture: maps have large even areas.
    """
    d = values.shape[1]
    shuffle = torch.randperm(d, generator=torch.Generator().manual_seed(seed)).to(values.device)
    order = shuffle[values[:, shuffle].argsort(dim=1, descending=True, stable=True)]
    places = torch.arange(d, device=values.device).expand_as(order)
    return torch.empty_like(order).scatter_(1, order, places)


def removals(
    images: Tensor,
    base: Tensor | None,
    places: Tensor,
    counts: Tensor,
    rows: Tensor,
    *,
    keep: bool,
    cells: Tensor | None,
    batch: int,
    seed: int = 0,
) -> Iterator[Tensor]:
    """Yield each row's picture without its `counts[k]` first pixels, row by row, `batch` pictures at a time.

    `places` is (m, pixels or cells) of `ranks`, `rows` (m,) the image of each. `keep` takes all others away instead.
    What is taken away shows `base` (N, C, H, W), or is filled in from what is left where there is none.
    """
    size, k = images.shape[-2:], len(counts)
    for pairs in torch.arange(len(places) * k, device=images.device).split(batch):
        row, step = pairs // k, pairs % k
        image, gone = rows[row], places[row] < counts[step, None]
        if cells is not None:
            where = cells[image] if len(cells) > 1 else cells.expand(len(image), -1, -1)
            gone = gone.gather(1, where.flatten(1))
        gone = gone.view(-1, 1, *size) ^ keep
        shown = images[image]
        yield inpainted(shown, ~gone, seed=seed) if base is None else torch.where(gone, base[image], shown)


def summed(values: Tensor, cells: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of (m, H, W) values over each area of their image and the areas' sizes, (m, cells) float64."""
    index = (cells[rows] if len(cells) > 1 else cells.expand(len(values), -1, -1)).flatten(1)
    zero = values.new_zeros((len(values), int(cells.max()) + 1), dtype=torch.float64)
    flat = values.flatten(1).double()
    return zero.scatter_add(1, index, flat), zero.scatter_add(1, index, torch.ones_like(flat))
