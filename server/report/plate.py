"""A plate: one figure with what a reader needs beside it; and a table that can be sorted and downloaded.

A plate carries its pictures and the tidy CSV of what is drawn within the page, so that a page sent alone still gives them;
`write_files` lays the same files into a folder.
"""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import msgspec

CARRIED = 400_000
"""Bytes of a file that a page carries itself; a longer one is linked to, beside the page. Pictures are always in it."""

LONG = 34
"""Letters of a cell that gets some width, so that a wide table does not become a tall one."""


class Html(str):
    """Text that is HTML already; whoever makes it has escaped what is in it."""

    __slots__ = ()


class Pictures(msgspec.Struct, frozen=True):
    """One figure in three formats (see `ink.pictures`)."""

    svg: bytes
    png: bytes
    pdf: bytes


class Plate(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. Where data lack, `pictures` is None and `missing` says why in words."""

    id: str
    """Stable, e.g. "F02"; also the files' name."""
    topic: str
    """What the figure is about, e.g. "Accuracy by condition"."""
    title: str = ""
    """What is seen, in a sentence with its number; without it the topic stands alone."""
    how: str = ""
    """How to read it."""
    alt: str = ""
    """The same in words, for who does not see it: what is drawn, the values, the pattern."""
    note: str = ""
    """Denominators and what is left out, always visible."""
    pictures: Pictures | None = None
    csv: str = ""
    """Tidy: one row per thing that is drawn."""
    wide: bool = False
    linked: bool = False
    """The page links to PNG, PDF and CSV in `figures/` beside it, and does not carry them."""
    missing: str = ""
    more: Html = Html("")
    """What stands under the picture: links, a small table."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table; cells are text, numbers or None (not known, drawn as a dash)."""

    id: str
    topic: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    how: str = ""
    missing: str = ""
    """Why there is no row."""
    wide: bool = True
    folded: int = 0
    """Rows shown before "all rows"; 0 shows all."""
    linked: bool = False
    """The page links to the CSV in `tables/` beside it, and does not carry it."""


def as_html(part: Plate | Table | str) -> str:
    """Return the HTML of a plate, a table, HTML or plain text."""
    if isinstance(part, Plate):
        return _plate(part)
    if isinstance(part, Table):
        return _table(part)
    return part if isinstance(part, Html) else escape(part)


def tidy(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> str:
    """Return rows as CSV; an empty cell is an unknown number. Columns are those of the first row unless given."""
    listed = list(rows)
    names = list(columns) or (list(listed[0]) if listed else [])
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in listed)
    return text.getvalue() if names else ""


def csv_of(table: Table) -> str:
    """Return a table's tidy CSV."""
    return tidy([dict(zip(table.columns, row, strict=True)) for row in table.rows], table.columns)


def write_files(folder: Path, parts: Iterable[Plate | Table]) -> None:
    """Write the pictures and CSV of plates into `folder/figures` and those of tables into `folder/tables`."""
    for part in parts:
        where = folder / ("figures" if isinstance(part, Plate) else "tables")
        where.mkdir(parents=True, exist_ok=True)
        if isinstance(part, Plate) and part.pictures:
            for kind in Pictures.__struct_fields__:
                (where / f"{part.id}.{kind}").write_bytes(getattr(part.pictures, kind))
        text = part.csv if isinstance(part, Plate) else csv_of(part) if part.rows else ""
        if text:
            (where / f"{part.id}.csv").write_text(text, "utf-8", newline="")


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return str(value).lower() if isinstance(value, bool) else f"{value:.10g}" if isinstance(value, float) else value


def _plate(plate: Plate) -> str:
    wide = " fig--wide" if plate.wide else ""
    title = f'<p class="fig__seen">{escape(plate.title)}</p>' if plate.title else ""
    head = f'<header><h3>{escape(plate.topic)}</h3><span class="num">{escape(plate.id)}</span></header>{title}'
    note = f'<p class="fig__note">{escape(plate.note)}</p>' if plate.note else ""
    if plate.pictures is None:
        why = escape(plate.missing or "no data")
        return (
            f'<figure class="fig fig--none" id="{plate.id}">{head}<p class="none"><b>Not drawn:</b>'
            f" {why}.</p>{note}</figure>"
        )
    source = _data("image/svg+xml", plate.pictures.svg)
    picture = _view(plate.topic, f'<img class="art" src="{source}" alt="{escape(plate.alt or plate.title)}">')
    return (
        f'<figure class="fig{wide}" id="{plate.id}">{head}{picture}{note}{plate.more}<footer>{_words(plate)}'
        f'<p class="get">{_downloads(plate)}</p></footer></figure>'
    )


def _words(plate: Plate) -> str:
    told = (("How to read this", plate.how), ("Text description", plate.alt))
    return "".join(f"<details><summary>{name}</summary><p>{escape(text)}</p></details>" for name, text in told if text)


def _downloads(plate: Plate) -> str:
    assert plate.pictures is not None
    links = [f'<a class="svg" href="figures/{plate.id}.svg" download="{plate.id}.svg">SVG</a>']
    for kind, form in (("pdf", "application/pdf"), ("png", "image/png")):
        held: bytes = getattr(plate.pictures, kind)
        where = _data(form, held) if len(held) <= CARRIED and not plate.linked else f"figures/{plate.id}.{kind}"
        links.append(f'<a href="{where}" download="{plate.id}.{kind}">{kind.upper()}</a>')
    return "".join([*links, _csv_link(plate.id, plate.csv, "figures", linked=plate.linked)])


def _csv_link(name: str, text: str, folder: str, *, linked: bool = False) -> str:
    if not text:
        return ""
    carried = len(text) <= CARRIED and not linked
    where = _data("text/csv;charset=utf-8", text.encode()) if carried else f"{folder}/{name}.csv"
    return f'<a href="{where}" download="{name}.csv">CSV</a>'


def _data(form: str, data: bytes) -> str:
    return f"data:{form};base64,{base64.b64encode(data).decode()}"


def _table(table: Table) -> str:
    head = f'<header><h3>{escape(table.topic)}</h3><span class="num">{escape(table.id)}</span></header>'
    wide = " fig--wide" if table.wide else ""
    if not table.rows:
        why = escape(table.missing or "no data")
        return f'<figure class="fig fig--none" id="{table.id}">{head}<p class="none"><b>Empty:</b> {why}.</p></figure>'
    top = "".join(f'<th scope="col" aria-sort="none">{escape(name)}</th>' for name in table.columns)
    numbers = [all(_is_number(row[at]) for row in table.rows) for at in range(len(table.columns))]
    lines = [_line(row, numbers, hidden=bool(table.folded) and at >= table.folded) for at, row in enumerate(table.rows)]
    more = (
        f'<button class="btn all" type="button">All {len(table.rows)} rows</button>'
        if 0 < table.folded < len(table.rows)
        else ""
    )
    note = f'<p class="fig__note">{escape(table.note)}</p>' if table.note else ""
    how = f"<details><summary>How to read this</summary><p>{escape(table.how)}</p></details>" if table.how else ""
    view = _view(
        table.topic,
        f'<table class="grid"><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table>',
    )
    return (
        f'<figure class="fig{wide}" id="{table.id}">{head}{view}{more}{note}'
        f'<footer>{how}<p class="get">{_csv_link(table.id, csv_of(table), "tables", linked=table.linked)}</p></footer></figure>'
    )


def _view(name: str, inside: str) -> str:
    """Return what scrolls sideways where the screen is narrow; it can be reached by keyboard, so it has a name."""
    return f'<div class="fig__view" tabindex="0" role="group" aria-label="{escape(name)}">{inside}</div>'


def _line(row: Sequence[Any], numbers: Sequence[bool], *, hidden: bool) -> str:
    cells = "".join(_td(value, first=at == 0, number=numbers[at]) for at, value in enumerate(row))
    return f'<tr class="folded">{cells}</tr>' if hidden else f"<tr>{cells}</tr>"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _td(value: Any, *, first: bool, number: bool) -> str:
    shown = value if isinstance(value, Html) else Html(escape(text_of(value)))
    kind = ' class="num"' if number else ' class="long"' if len(shown) > LONG else ""
    return f'<th scope="row">{shown}</th>' if first else f"<td{kind}>{shown}</td>"


def text_of(value: Any) -> str:
    """Return a cell as it is read: at most three decimals, from 10 on one; a dash for what is not known."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.{1 if abs(value) >= 10 else 3}f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)
