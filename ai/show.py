"""A contact sheet of a pack, specimen by method: one PNG and one HTML page that needs nothing else. No torch here."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ai.pack import place, with_times
from ai.render import strength
from ai.sheet import CELL, glowing, inline, square
from game.pack import Explained, Manifest, Specimen, path_of

_STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:24px;color:#1c2321;background:#f7f9f6}table{border-collapse:collapse}"
    "th,td{padding:4px 8px;text-align:left;vertical-align:top}th{position:sticky;top:0;background:#f7f9f6}"
    "img{display:block;width:176px;height:176px;object-fit:contain;background:#6b6b6b}.wrong{color:#8a1c4a;font-weight:600}"
)


def sheet(manifest: Manifest, folder: Path, to: Path) -> tuple[Path, Path]:
    """Write the contact sheet of the pack at `folder` to `to` (.html) and beside it (.png); returns both paths."""
    pack, manifest = place(folder), with_times(manifest, folder)
    columns = [(m, x) for m in sorted(manifest.models) for x in sorted(manifest.methods) if _any(manifest, m, x)]
    rows = [[_cell(manifest, pack, s, *column) for column in [("", ""), *columns]] for s in manifest.specimens]
    to.parent.mkdir(parents=True, exist_ok=True)
    picture = to.with_suffix(".png")
    _mosaic(manifest, rows, columns).save(picture)
    to.write_text(_page(manifest, rows, columns), encoding="utf-8")
    return to, picture


def lines(manifest: Manifest) -> list[tuple[str, ...]]:
    """Return one row of text per specimen: id, split, truth, and each model's answer with its confidence."""
    return [(s.id, s.split, s.truth, *(_says(s, m) for m in sorted(manifest.models))) for s in manifest.specimens]


def _any(manifest: Manifest, model: str, method: str) -> bool:
    return any(method in s.explanations.get(model, {}) for s in manifest.specimens)


def _cell(manifest: Manifest, pack: Path, s: Specimen, model: str, method: str) -> Image.Image:
    """Return the specimen itself, or its explanation laid over a grey copy of it."""
    base = _open(manifest, pack, s.image).convert("RGB")
    explained = s.explanations.get(model, {}).get(method)
    if not model:
        return square(base)
    if explained is None:
        return Image.new("RGB", (CELL, CELL), (107, 107, 107))
    return square(_glowing(base, _open(manifest, pack, explained.blob), explained))


def _glowing(base: Image.Image, blob: Image.Image, explained: Explained) -> Image.Image:
    if explained.kind == "picture":
        return blob.convert("RGB")
    return glowing(base, Image.fromarray(strength(np.asarray(blob.convert("L")), explained.signed)))


def _open(manifest: Manifest, pack: Path, digest: str) -> Image.Image:
    with Image.open(pack / path_of(digest, manifest.blobs[digest])) as image:
        image.load()
        return image


def _says(s: Specimen, model: str) -> str:
    advice = s.advice.get(model)
    if advice is None:
        return "-"
    sure = "" if advice.confidence is None else f" {advice.confidence:.0%}"
    return f"{advice.label}{sure}{'' if advice.label == s.truth else ' (wrong)'}"


def _record(made: Explained | None) -> str:
    """Return what an explanation was made with, as far as the pack tells it."""
    if made is None:
        return ""
    told = {
        "of": made.target, "seed": made.seed, **made.params, "baseline": made.baseline, "logit": made.logit, "gap": made.gap,
        "on": made.device, "in": made.precision, "map fidelity": made.fidelity, "ms": made.wall_ms,
    }  # fmt: skip
    return ", ".join(f"{key} {value}" for key, value in told.items() if value not in (None, ""))


def _split(s: Specimen) -> str:
    return f"{s.twin_of} but for {s.twin_cue}" if s.twin_of else s.split


def _mosaic(manifest: Manifest, rows: list[list[Image.Image]], columns: list[tuple[str, str]]) -> Image.Image:
    gap, head, side = 6, 22, 190
    out = Image.new("RGB", (side + (CELL + gap) * (len(columns) + 1), head + (CELL + gap) * len(rows)), (247, 249, 246))
    pen = ImageDraw.Draw(out)
    for c, title in enumerate(["image", *(f"{m} {x}" for m, x in columns)]):
        pen.text((side + c * (CELL + gap), 4), title, fill=(28, 35, 33))
    for r, (s, cells) in enumerate(zip(manifest.specimens, rows, strict=True)):
        y = head + r * (CELL + gap)
        text = [f"{s.id} ({_split(s)})", s.truth, *(f"{m}: {_says(s, m)}" for m in sorted(manifest.models))]
        pen.multiline_text((6, y + 4), "\n".join(text), fill=(28, 35, 33))
        for c, cell in enumerate(cells):
            out.paste(cell, (side + c * (CELL + gap), y))
    return out


def _page(manifest: Manifest, rows: list[list[Image.Image]], columns: list[tuple[str, str]]) -> str:
    title = html.escape(manifest.title.get("en", manifest.name))
    heads = "".join(f"<th>{html.escape(t)}</th>" for t in ["specimen", "image", *(f"{m} {x}" for m, x in columns)])
    body: list[str] = []
    for s, cells in zip(manifest.specimens, rows, strict=True):
        says = "".join(f"<br>{html.escape(m)}: {html.escape(_says(s, m))}" for m in sorted(manifest.models))
        wrong = any(a.label != s.truth for a in s.advice.values())
        credit = html.escape(" · ".join(filter(None, (s.credit.licence, s.credit.artist))))
        about = (
            f"{html.escape(s.id)} ({html.escape(_split(s))})<br>{html.escape(s.truth)}{says}<br><small>{credit}</small>"
        )
        told = f'<td class="{"wrong" if wrong else ""}">{about}</td>'
        names = ["image", *(f"{m} {x}" for m, x in columns)]
        records = ["", *(_record(s.explanations.get(m, {}).get(x)) for m, x in columns)]
        shown = "".join(
            f'<td><img alt="{html.escape(f"{s.id}: {n}")}" title="{html.escape(r)}" src="{inline(c)}"></td>'
            for n, c, r in zip(names, cells, records, strict=True)
        )
        body.append(f"<tr>{told}{shown}</tr>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><table><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></html>"
    )
