"""Methods by specimens: every map, rendered alike, those specimens first on which the methods disagree most.

One mosaic in an SVG of our own (a WebP of small pictures and text that the page can recolour), the same as PNG and PDF.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from server.report import ink
from server.report.lab.plots import plain, slug
from server.report.lab.results import Case, Results
from server.report.lab.spread import Floats
from server.report.plate import Pictures, Plate, tidy

HIGH, LOW = 8, 4
"""Specimens with the most and with the least disagreement."""
FEW, COARSE = 3, 45
"""In a light page: specimens with the most disagreement (and one with the least), at half their pixels; the quality of the WebP."""
SIDE, GAP = 64, 4
HEAD, LEFT, LEAST, APART = 46, 190, 1000, 40
"""Room above, at the left and between blocks, and the least width of the whole, so that few specimens are not blown up."""
INFERNO = ((0, 0, 4), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 164))
"""Anchors of the colour scale, dark to bright; it reads the same without colour vision."""
BLANK = (107, 107, 107)


def grid(results: Results, case: Case) -> Plate:
    """Return the plate of one model."""
    name, topic = slug("grid", *case.key), f"Specimens and methods: {case.title}"
    known = _known(results, case)
    ordered = list(known)
    shown = ordered if len(ordered) <= HIGH + LOW else [*ordered[:HIGH], *ordered[-LOW:]]
    if not shown:
        why = "no specimen has two maps that can be compared"
        return Plate(id=name, topic=topic, missing=why, wide=True)
    methods, names, heads = _methods(results, case), _names(results, case), _heads(known, shown)
    pixels = _mosaic(results.folder / "maps", case, ["", *methods], shown)
    ends = f"{shown[0]} ({known[shown[0]]:.2f}) to {shown[-1]} ({known[shown[-1]]:.2f})"
    return Plate(
        id=name, topic=topic, wide=True, linked=True, pictures=_pictures(pixels, names, heads),
        title=f"Disagreement from {ends}; 0 is all maps alike, 0.5 unrelated.",
        how=(
            "A column is a specimen, a row a method; all maps are rendered alike, bright is important. Specimens "
            "stand from the most to the least disagreement between methods: (1 - mean rank correlation of all pairs) "
            "/ 2, the number under the id. * marks controls, which explain nothing of the model on purpose. Grey: no "
            "map."
        ),
        alt=f"A grid of {len(methods)} methods by {len(shown)} specimens. Specimens with their disagreement: "
        + ", ".join(f"{one} {known[one]:.2f}" for one in shown) + ".",
        note=f"{len(shown)} of {len(known)} specimens, those with the most and the least disagreement.",
        csv=tidy({"specimen": one, "disagreement": known[one], "shown": one in shown} for one in ordered),
    )  # fmt: skip


def light(results: Results, case: Case, whole: Plate) -> Plate:
    """Return the plate with a smaller picture, coarser and of few specimens, and a note that says what is left out."""
    known = _known(results, case)
    ordered = list(known)
    if whole.pictures is None or len(ordered) <= FEW + 1:
        return whole
    shown = [*ordered[:FEW], ordered[-1]]
    methods, names = _methods(results, case), _names(results, case)
    half = -(-len(methods) // 2)
    blocks: list[str] = []
    room = (0, 0)
    for at in (slice(0, half), slice(half, None)):
        pixels = _mosaic(results.folder / "maps", case, ["", *methods[at]], shown)
        high, wide = pixels.shape[:2]
        blocks.append(_block(_webp(pixels, COARSE, 2), wide, high, [names[0], *names[1:][at]], _heads(known, shown)))
        room = (wide, max(room[1], high))
    note = (
        f"{len(shown)} of {len(known)} specimens at half their grain: the {FEW} with the most disagreement and the one with the "
        f"least. More, and finer: figures/{whole.id}.png, or the page that coplay lab writes without --light."
    )
    told = ", ".join(f"{one} {known[one]:.2f}" for one in shown)
    return msgspec.structs.replace(
        whole, pictures=Pictures(_svg(blocks, *room).encode(), whole.pictures.png, whole.pictures.pdf), note=note,
        alt=f"A grid of {len(methods)} methods by {len(shown)} specimens. Specimens with their disagreement: {told}.",
    )  # fmt: skip


def _known(results: Results, case: Case) -> dict[str, float]:
    """Return specimen -> disagreement of the methods about it, the most first."""
    found = {
        i.specimen: i.disagreement
        for i in results.items.items
        if (i.task, i.model) == case.key and i.disagreement is not None
    }
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _methods(results: Results, case: Case) -> list[str]:
    """Return the methods as they stand in rows, controls last."""
    return sorted(case.methods, key=lambda name: name in results.controls)


def _names(results: Results, case: Case) -> list[str]:
    return ["the picture", *(plain(m) + (" *" if m in results.controls else "") for m in _methods(results, case))]


def _heads(known: dict[str, float], shown: Sequence[str]) -> list[tuple[str, str]]:
    return [(one, f"{known[one]:.2f}") for one in shown]


def _mosaic(folder: Path, case: Case, rows: Sequence[str], columns: Sequence[str]) -> Any:
    """Return the small pictures in rows and columns, a gap between them, uint8 RGBA (transparent gaps)."""
    step = SIDE + GAP
    out = np.zeros((step * len(rows) - GAP, step * len(columns) - GAP, 4), np.uint8)
    for i, method in enumerate(rows):
        for k, specimen in enumerate(columns):
            cell = _cell(folder / case.task.name, case.model.name, method, specimen)
            out[i * step : i * step + SIDE, k * step : k * step + SIDE, :3] = cell
            out[i * step : i * step + SIDE, k * step : k * step + SIDE, 3] = 255
    return out


def _cell(folder: Path, model: str, method: str, specimen: str) -> Any:
    from PIL import Image  # noqa: PLC0415 - only where pictures are drawn

    path = folder / model / method / f"{specimen}.png" if method else folder / f"{specimen}.webp"
    try:
        with Image.open(path) as opened:
            small = opened.convert("L" if method else "RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    except OSError:
        return np.full((SIDE, SIDE, 3), BLANK, np.uint8)
    values: Any = np.asarray(small)
    return inferno(values / 255.0) if method else values


def inferno(value: Floats) -> Any:
    """Return the colours, uint8, of values from 0 to 1."""
    anchors = np.array(INFERNO, float)
    spot = value * (len(anchors) - 1)
    low = np.clip(spot.astype(int), 0, len(anchors) - 2)
    made: Any = anchors[low] + (anchors[low + 1] - anchors[low]) * (spot - low)[..., None]
    return made.clip(0, 255).astype(np.uint8)


def _webp(pixels: Any, quality: int, reduced: int = 1) -> str:
    """Return a mosaic as WebP in base64, with so many times fewer pixels in both directions."""
    from PIL import Image  # noqa: PLC0415 - as above

    image: Any = Image.fromarray(pixels).convert("RGB")
    buffer = io.BytesIO()
    (image.reduce(reduced) if reduced > 1 else image).save(buffer, "WEBP", quality=quality, method=4)
    return base64.b64encode(buffer.getvalue()).decode()


def _pictures(pixels: Any, names: Sequence[str], heads: Sequence[tuple[str, str]]) -> Pictures:
    high, wide = pixels.shape[:2]
    svg = _svg([_block(_webp(pixels, 72), wide, high, names, heads)], wide, high)
    with ink.style():
        figure: Any = ink.blank((LEFT + wide) / 96, (HEAD + high) / 96)
        figure.set_layout_engine("none")
        axes = figure.add_axes((LEFT / (LEFT + wide), 0, wide / (LEFT + wide), high / (HEAD + high)))
        axes.imshow(pixels, interpolation="nearest", aspect="auto")
        axes.set_axis_off()
        for i, name in enumerate(names):
            axes.text(-8, i * (SIDE + GAP) + SIDE / 2, name, ha="right", va="center", fontsize=9)
        for k, (name, told) in enumerate(heads):
            axes.text(k * (SIDE + GAP) + SIDE / 2, -8, f"{name}\n{told}", ha="center", va="bottom", fontsize=8)
        drawn = ink.pictures(figure)
    return Pictures(svg.encode(), drawn.png, drawn.pdf)


def _block(webp: str, wide: int, high: int, names: Sequence[str], heads: Sequence[tuple[str, str]]) -> str:
    """Return one mosaic with its names at the left and above."""
    step = SIDE + GAP
    rows = "".join(
        f'<text x="{LEFT - 8}" y="{HEAD + i * step + SIDE / 2 + 4:g}" text-anchor="end" font-size="13">{escape(name)}</text>'
        for i, name in enumerate(names)
    )
    columns = "".join(
        f'<text x="{LEFT + k * step + SIDE / 2:g}" y="18" text-anchor="middle" font-size="12">{escape(name)}</text>'
        f'<text x="{LEFT + k * step + SIDE / 2:g}" y="35" text-anchor="middle" font-size="12">{escape(told)}</text>'
        for k, (name, told) in enumerate(heads)
    )
    gaps = "".join(
        f'<rect x="{LEFT}" y="{HEAD + i * step - GAP}" width="{wide}" height="{GAP}" fill="{ink.PAPER}"/>'
        for i in range(1, len(names))
    ) + "".join(
        f'<rect x="{LEFT + k * step - GAP}" y="{HEAD}" width="{GAP}" height="{high}" fill="{ink.PAPER}"/>'
        for k in range(1, len(heads))
    )
    return (
        f'<image x="{LEFT}" y="{HEAD}" width="{wide}" height="{high}" href="data:image/webp;base64,{webp}"/>{gaps}'
        f"{rows}{columns}"
    )


def _svg(blocks: Sequence[str], wide: int, high: int) -> str:
    """Return mosaics side by side; `wide` and `high` are the room for each."""
    step = LEFT + wide + APART
    page = max(step * len(blocks) - APART, LEAST)
    inside = "".join(f'<g transform="translate({step * at})">{one}</g>' if at else one for at, one in enumerate(blocks))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page}" height="{HEAD + high}" '
        f'viewBox="0 0 {page} {HEAD + high}"><g font-family="{escape(ink.SANS)}" fill="{ink.INK}">{inside}</g></svg>'
    )
