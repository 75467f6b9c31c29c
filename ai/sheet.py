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
from PIL import Image, ImageDraw, ImageFont

CELL, DENSE = 176, 2
"""Side of a picture on a sheet, and how many of its pixels a page has for each, for screens that show them all."""
INFERNO = np.array(
    [(0, 0, 4), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 164)], np.float32
)
"""Anchors of the colour scale, dark to bright; it reads the same without colour vision."""
COOLWARM = np.array(
    [(59, 76, 192), (124, 159, 249), (192, 212, 245), (221, 221, 221), (245, 195, 173), (237, 132, 103), (180, 4, 38)],
    np.float32,
)
"""Anchors of the colour scale of signed maps, from against (blue) through neither (grey) to for (red)."""
INK, PAPER, BLANK = (28, 35, 33), (247, 249, 246), (107, 107, 107)
_COLUMNS, _GAP, _LINE, _WIDE, _TYPE = 6, 14, 14, 30, 11
_STYLE = """
:root{color-scheme:light dark;--ground:light-dark(#e9ede8,#0f1413);--surface:light-dark(#f8faf7,#171e1c);
--ink:light-dark(#16211f,#e8ede8);--soft:light-dark(#43504d,#b8c3be);--line:light-dark(#d0d8d2,#303a37)}
body{font:1rem/1.45 system-ui,sans-serif;margin:0 auto;padding:clamp(12px,3vw,32px);max-width:1400px;
color:var(--ink);background:var(--ground)}
h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Noto Serif",Georgia,serif;overflow-wrap:anywhere;line-height:1.25}
h1{font-size:1.625rem;margin:0 0 8px}h2{font-size:1.25rem}
header p{margin:0 0 20px;color:var(--soft)}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(190px,44vw),1fr));gap:clamp(8px,1.2vw,16px)}
figure{margin:0;background:var(--surface);border:1px solid var(--line);border-radius:10px;overflow:hidden;break-inside:avoid}
img{display:block;width:100%;aspect-ratio:1;object-fit:contain;background:#6b6b6b}
figcaption{padding:8px 10px 10px;font-size:.8125rem;overflow-wrap:anywhere;color:var(--soft)}
figcaption b{display:block;font-size:1rem;color:var(--ink)}cite{display:block;margin-top:4px}
dl{columns:2 24rem;margin:0}dt{font-weight:600}dd{margin:0 0 8px;color:var(--soft)}
@media print{body{background:none}}
"""
"""The colours and type of the rest of coplay; of itself, for a sheet is sent on alone."""


@dataclass(frozen=True)
class Cell:
    """One picture of a sheet: its title, what is known of it line by line, and its source."""

    title: str
    picture: Image.Image
    lines: tuple[str, ...] = ()
    cite: str = ""


def write(
    to: Path, title: str, about: Sequence[str], cells: Sequence[Cell], refused: Mapping[str, str]
) -> tuple[Path, Path]:
    """Write a sheet to `paths(to)`, the page and the picture; returns both. `refused` is name -> why it is not there."""
    to.parent.mkdir(parents=True, exist_ok=True)
    page, picture = paths(to)
    mosaic(title, about, cells, refused).save(picture)
    page.write_text(_page(title, about, cells, refused), encoding="utf-8")
    return page, picture


def paths(to: Path) -> tuple[Path, Path]:
    """Return where the page and the picture of a sheet go.

    >>> [path.name for path in paths(Path("v1.2"))], [path.name for path in paths(Path("moth.png"))]
    (['v1.2.html', 'v1.2.png'], ['moth.html', 'moth.png'])
    """
    stem = to.with_suffix("") if to.suffix.lower() in (".html", ".png") else to
    return stem.with_name(f"{stem.name}.html"), stem.with_name(f"{stem.name}.png")


def mosaic(title: str, about: Sequence[str], cells: Sequence[Cell], refused: Mapping[str, str]) -> Image.Image:
    """Return the cells in rows, their lines below them, and what was refused at the end."""
    head = [title, *about]
    told = [[c.title, *(part for line in (*c.lines, c.cite) for part in textwrap.wrap(line, _WIDE))] for c in cells]
    across = (CELL + _GAP) * _COLUMNS
    listed = [part for name, why in refused.items() for part in textwrap.wrap(f"{name}: {why}", across // 6)]
    tail = ["Not valid here", *listed] if refused else []
    rows = [range(i, min(i + _COLUMNS, len(cells))) for i in range(0, len(cells), _COLUMNS)]
    high = [CELL + _GAP + _LINE * max(len(told[c]) for c in row) for row in rows]
    size = (_GAP + across, 2 * _GAP + _LINE * (len(head) + len(tail) + 1) + sum(high))
    out = Image.new("RGB", size, PAPER)
    y = _lines(out, _GAP, _GAP, head) + _LINE
    for row, height in zip(rows, high, strict=True):
        for k, c in enumerate(row):
            x = _GAP + k * (CELL + _GAP)
            out.paste(square(cells[c].picture), (x, y))
            _lines(out, x, y + CELL + 2, told[c])
        y += height
    _lines(out, _GAP, y, tail)
    return out


def _lines(out: Image.Image, x: int, y: int, lines: Sequence[str]) -> int:
    """Write lines of text; returns where the next one goes."""
    pen, font = ImageDraw.Draw(out), ImageFont.load_default(_TYPE)
    for line in lines:
        pen.text((x, y), line, fill=INK, font=font)
        y += _LINE
    return y


def glowing(base: Image.Image, grey: Image.Image, side: int = CELL, *, signed: bool = False) -> Image.Image:
    """Return a map laid over a grey copy of the picture it explains: in inferno, or in coolwarm where it is `signed`."""
    share = side / max(base.size)
    size = (max(1, round(base.width * share)), max(1, round(base.height * share)))
    under = np.asarray(base.convert("L").resize(size), np.float32)[..., None] * 0.55
    value = np.asarray(grey.convert("L").resize(size), np.float32) / 255
    strength = np.abs(value * 255 - 128) / 127 if signed else value
    over = _coloured(COOLWARM, value) if signed else inferno(value)
    mixed = under + (over - under) * (0.75 * np.clip(strength * 1.4, 0, 1))[..., None]
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def inferno(value: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the colours, 0 to 255, of values from 0 to 1."""
    return _coloured(INFERNO, value)


def _coloured(scale: NDArray[np.float32], value: NDArray[np.floating]) -> NDArray[np.floating]:
    at = value * (len(scale) - 1)
    low = np.clip(at.astype(int), 0, len(scale) - 2)
    return scale[low] + (scale[low + 1] - scale[low]) * (at - low)[..., None]


def square(image: Image.Image, side: int = CELL) -> Image.Image:
    """Return the picture at the size of a cell, its sides filled up."""
    image = image.copy()
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = Image.new("RGB", (side, side), BLANK)
    out.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return out


def inline(image: Image.Image) -> str:
    """Return the picture as an address that needs no file."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _page(title: str, about: Sequence[str], cells: Sequence[Cell], refused: Mapping[str, str]) -> str:
    e = html.escape
    figures = "".join(
        f'<figure><img alt="{e(c.title)}" src="{inline(square(c.picture, CELL * DENSE))}"><figcaption><b>{e(c.title)}</b>'
        f"{'<br>'.join(map(e, c.lines))}{'<cite>' + e(c.cite) + '</cite>' if c.cite else ''}</figcaption></figure>"
        for c in cells
    )
    left = "".join(f"<dt>{e(name)}</dt><dd>{e(why)}</dd>" for name, why in refused.items())
    not_there = f"<h2>Not valid here</h2><dl>{left}</dl>" if left else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{e(title)}</title><style>{_STYLE}</style><header><h1>{e(title)}</h1><p>{'<br>'.join(map(e, about))}</p>"
        f"</header><main>{figures}</main>{not_there}</html>"
    )
