"""A batch of half-hidden pictures, made again and again in one place, in the order of memory that the model runs fastest in.

What makes masked passes cost more than passes is bookkeeping: copies of pictures, masks as large as they are, changes of
order. Here nothing is copied; a mask of cells is spread along lines of the picture only, and written where it is read.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ai.runner import Form


class Canvas:
    """Room for `batch` pictures. `images` and `base` are (N, 3, H, W): what is shown and what stands where it is hidden.

    Inside, a picture is (planes, H, numbers a line): three planes of a colour each, or one whose lines hold all colours.
    """

    def __init__(self, images: Tensor, base: Tensor, form: Form, batch: int) -> None:
        self._form, self._size = form, tuple(images.shape[-2:])
        self._shown, self._hidden = self._lines(images), self._lines(base)
        self._out = self._shown.new_empty((batch, *self._shown.shape[1:]))
        self._each = self._out.shape[-1] // self._size[1]
        """Numbers a pixel on a line: 1, or as many as there are colours."""
        self._spread: Tensor | None = None

    def put(self, at: int, i: int, masks: Tensor) -> None:
        """Write image `i` under `masks` (k, H, W) of values in [0, 1] to places `at` and following.

        Or (k, H, W x numbers a pixel), where whoever makes them can spread them at less cost: see `numbers_a_pixel`.
        """
        if self._each > 1 and masks.shape[-1] == self._size[1]:
            if self._spread is None:
                pixels = torch.arange(self._size[0] * self._size[1], device=masks.device)
                self._spread = pixels.repeat_interleave(self._each)[None]
            masks = masks.flatten(1).gather(1, self._spread.expand(len(masks), -1))
        self._mix(at, i, masks.view(len(masks), 1, self._size[0], -1), slice(None))

    def put_grid(self, at: int, i: int, masks: Tensor, side: int) -> None:
        """The same for `masks` (k, side x side) of square cells."""
        height, width = self._size
        column = (torch.arange(width, device=masks.device) * side // width).repeat_interleave(self._each)
        lines = masks.view(len(masks), 1, side, side).index_select(3, column)
        for row in range(side):
            tall = slice(-(-row * height // side), -(-(row + 1) * height // side))
            self._mix(at, i, lines[:, :, row : row + 1], tall)

    def put_cells(self, at: int, i: int, masks: Tensor, cells: Tensor) -> None:
        """The same for `masks` (k, cells) where `cells` (H, W) says which cell each pixel belongs to."""
        index = cells.flatten().repeat_interleave(self._each)[None].expand(len(masks), -1)
        self._mix(at, i, masks.gather(1, index).view(len(masks), 1, self._size[0], -1), slice(None))

    def pictures(self, n: int) -> Tensor:
        """Return the first n, (n, 3, H, W): good until something is put on the canvas again."""
        height, width = self._size
        return self._form.shown(
            self._out[:n].view(n, *((height, width, -1) if self._each > 1 else (-1, height, width)))
        )

    def _mix(self, at: int, i: int, masks: Tensor, rows: slice) -> None:
        out = self._out[at : at + len(masks), :, rows]
        torch.lerp(self._hidden[i : i + 1, :, rows], self._shown[i : i + 1, :, rows], masks, out=out)

    def _lines(self, images: Tensor) -> Tensor:
        planes = self._form.planes(images)
        last = self._form.sides == (-3, -2)
        return planes.view(len(images), 1, planes.shape[1], -1) if last else planes


def numbers_a_pixel(form: Form, images: Tensor) -> int:
    """Return how many numbers of a line of the canvas belong to one pixel: 1, or as many as there are colours."""
    return images.shape[1] if form.sides == (-3, -2) else 1


def stretches(start: int, stop: int, each: int) -> Iterator[tuple[int, int, int]]:
    """Yield (image, first mask, last mask + 1) of pairs start..stop, numbered image by image with `each` masks.

    >>> list(stretches(3, 9, 4))
    [(0, 3, 4), (1, 0, 4), (2, 0, 1)]
    """
    while start < stop:
        i, k = divmod(start, each)
        end = min(each, k + stop - start)
        yield i, k, end
        start += end - k
