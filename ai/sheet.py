"""Contact sheets: pictures under each other's measure, with what is known of each below it. No torch here."""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

CELL = 176
INFERNO = np.array(
    [(0, 0, 4), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 164)], np.float32
)
"""Anchors of the colour scale, dark to bright; it reads the same without colour vision."""
INK, PAPER, BLANK = (28, 35, 33), (247, 249, 246), (107, 107, 107)
_COLUMNS, _GAP, _LINE, _WIDE = 6, 14, 12, 29
_STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:24px;color:#1c2321;background:#f7f9f6;max-width:1300px}"
    "main{display:grid;grid-template-columns:repeat(auto-fill,minmax(176px,1fr));gap:20px 14px}figure{margin:0}"
    "img{display:block;width:176px;height:176px;object-fit:contain;background:#6b6b6b}"
    "figcaption{font-size:12px;overflow-wrap:anywhere}figcaption b{font-size:14px}dt{font-weight:600}dd{margin:0 0 6px}"
)


@dataclass(frozen=True)
class Cell:
    """One picture of a sheet: its title, what is known of it line by line, and a source that only the page names."""

    title: str
    picture: Image.Image
    lines: tuple[str, ...] = ()
    cite: str = ""


def write(
    to: Path, title: str, about: Sequence[str], cells: Sequence[Cell], refused: Mapping[str, str]
) -> tuple[Path, Path]:
    """Write a sheet to `to` (.html) and beside it (.png); returns both. `refused` is name -> why it is not there."""
    to.parent.mkdir(parents=True, exist_ok=True)
    page, picture = to.with_suffix(".html"), to.with_suffix(".png")
    mosaic(title, about, cells, refused).save(picture)
    page.write_text(_page(title, about, cells, refused), encoding="utf-8")
    return page, picture


def mosaic(title: str, about: Sequence[str], cells: Sequence[Cell], refused: Mapping[str, str]) -> Image.Image:
    """Return the cells in rows, their lines below them, and what was refused at the end."""
    head = [title, *about]
    told = [[c.title, *(part for line in c.lines for part in textwrap.wrap(line, _WIDE))] for c in cells]
    tail = [f"{name}: {why}" for name, why in refused.items()]
    rows = [range(i, min(i + _COLUMNS, len(cells))) for i in range(0, len(cells), _COLUMNS)]
    high = [CELL + _GAP + _LINE * max(len(told[c]) for c in row) for row in rows]
    size = (_GAP + (CELL + _GAP) * _COLUMNS, 2 * _GAP + _LINE * (len(head) + len(tail) + 1) + sum(high))
    out = Image.new("RGB", size, PAPER)
    pen, y = ImageDraw.Draw(out), _GAP
    pen.multiline_text((_GAP, y), "\n".join(head), fill=INK, spacing=2)
    y += _LINE * (len(head) + 1)
    for row, height in zip(rows, high, strict=True):
        for k, c in enumerate(row):
            x = _GAP + k * (CELL + _GAP)
            out.paste(square(cells[c].picture), (x, y))
            for n, line in enumerate(told[c]):
                pen.text((x, y + CELL + 2 + n * _LINE), line, fill=INK)
        y += height
    pen.multiline_text((_GAP, y), "\n".join(tail), fill=INK, spacing=2)
    return out


def glowing(base: Image.Image, grey: Image.Image) -> Image.Image:
    """Return a map laid over a grey copy of the picture it explains, in inferno."""
    share = CELL / max(base.size)
    size = (max(1, round(base.width * share)), max(1, round(base.height * share)))
    under = np.asarray(base.convert("L").resize(size), np.float32)[..., None] * 0.55
    value = np.asarray(grey.convert("L").resize(size), np.float32) / 255
    mixed = under + (inferno(value) - under) * (0.75 * np.clip(value * 1.4, 0, 1))[..., None]
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def inferno(value: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the colours, 0 to 255, of values from 0 to 1."""
    at = value * (len(INFERNO) - 1)
    low = np.clip(at.astype(int), 0, len(INFERNO) - 2)
    return INFERNO[low] + (INFERNO[low + 1] - INFERNO[low]) * (at - low)[..., None]


def square(image: Image.Image) -> Image.Image:
    """Return the picture at the size of a cell, its sides filled up."""
    image = image.copy()
    image.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    out = Image.new("RGB", (CELL, CELL), BLANK)
    out.paste(image, ((CELL - image.width) // 2, (CELL - image.height) // 2))
    return out


def inline(image: Image.Image) -> str:
    """Return the picture as an address that needs no file."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _page(title: str, about: Sequence[str], cells: Sequence[Cell], refused: Mapping[str, str]) -> str:
    e = html.escape
    figures = "".join(
        f'<figure><img alt="{e(c.title)}" src="{inline(square(c.picture))}"><figcaption><b>{e(c.title)}</b><br>'
        f"{'<br>'.join(map(e, c.lines))}{'<br><cite>' + e(c.cite) + '</cite>' if c.cite else ''}</figcaption></figure>"
        for c in cells
    )
    left = "".join(f"<dt>{e(name)}</dt><dd>{e(why)}</dd>" for name, why in refused.items())
    not_there = f"<h2>Not valid here</h2><dl>{left}</dl>" if left else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{e(title)}</title><style>{_STYLE}</style>'
        f"<h1>{e(title)}</h1><p>{'<br>'.join(map(e, about))}</p><main>{figures}</main>{not_there}</html>"
    )
