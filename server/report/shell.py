"""One self-contained page: opened from disk or e-mail it asks for nothing, evaluates nothing, prints, and knows light and dark.

    page(Cover(title="...", study="...", summary=Html("...")), [Section("lens", "The lens", body=(plate, table))])

Plates (figures) and tables are in `plate.py`; `ink.py` draws what they show. Text is escaped unless it is `Html`. Equal arguments
give equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Literal

import msgspec

from server.report.plate import Html, Plate, Table, as_html

HERE = Path(__file__).parent
ICONS = (
    '<svg class="sprite" aria-hidden="true" focusable="false">'
    '<symbol id="i-ok" viewBox="0 0 20 20"><path d="M4 10.6 8.2 15 16 5.6"/></symbol>'
    '<symbol id="i-no" viewBox="0 0 20 20"><path d="M4 10h12"/></symbol>'
    '<symbol id="i-open" viewBox="0 0 20 20"><circle cx="10" cy="10" r="7.6"/><path d="M10 5.6V10l3 2.2"/></symbol>'
    '<symbol id="i-warn" viewBox="0 0 20 20"><path d="M10 2.8 18.2 17H1.8Z"/><path d="M10 8v4.2M10 14.6v.1"/></symbol>'
    "</svg>"
)
BRAND = (
    '<svg class="brand" viewBox="0 0 34 22" aria-hidden="true"><circle class="b-you" cx="11" cy="11" r="9"/>'
    '<path class="b-ai" d="M22.5 1.2 32.3 11 22.5 20.8 12.7 11Z"/></svg>'
)
Sort = Literal["ok", "no", "open", "warn"]


class Tag(msgspec.Struct, frozen=True):
    """A short verdict under the summary: "ok" supported, "no" not supported, "open" inconclusive, "warn" beware."""

    text: str
    sort: Sort = "open"


class Notice(msgspec.Struct, frozen=True):
    """What a reader must know before any figure: what is the matter, what it means, what would help."""

    title: str
    text: str | Html
    sort: Sort = "warn"


class Section(msgspec.Struct, frozen=True):
    """A part of the page; narrow plates that follow each other stand side by side."""

    id: str
    title: str
    lead: str | Html = ""
    body: Sequence[Plate | Table | Html] = ()
    nav: str = ""
    """Word in the navigation; without it, the title."""


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the page."""

    title: str
    study: str
    """Beside the brand: whose page this is."""
    facts: Sequence[str] = ()
    summary: str | Html = ""
    """A few sentences in plain words, with their uncertainty."""
    tags: Sequence[Tag] = ()
    after_tags: str = ""
    notices: Sequence[Notice] = ()
    foot: str | Html = ""
    lang: str = "en"


def page(cover: Cover, sections: Sequence[Section]) -> str:
    """Return the HTML of a page."""
    links = "".join(f'<li><a href="#{each.id}">{escape(each.nav or each.title)}</a></li>' for each in sections)
    parts = "".join(_section(each) for each in sections)
    return (
        f'<!doctype html>\n<html lang="{cover.lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
        f"<title>{escape(cover.title)} - coplay</title>\n<style>{read('shell.css')}</style>\n</head>\n<body>\n{ICONS}\n"
        f'<header class="bar">{BRAND}<span class="bar__name">coplay</span><span'
        f' class="bar__study">{escape(cover.study)}</span>'
        '<button class="btn" id="theme" type="button" hidden>Theme: automatic</button></header>\n'
        f'<nav class="nav" aria-label="Parts of this page"><ul>{links}</ul></nav>\n'
        f'<main class="report">\n{_head(cover)}\n{parts}</main>\n<footer class="foot">{as_html(cover.foot)}</footer>\n'
        f"<script>{read('shell.js')}</script>\n</body>\n</html>\n"
    )


def policy() -> str:
    """Return the content policy: nothing but this page's own style and script, known by their digests, and pictures in it."""
    style, script = (_digest(read(name)) for name in ("shell.css", "shell.js"))
    return (
        f"default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action"
        " 'none'"
    )


@cache
def read(name: str) -> str:
    """Return a file that lies beside this one."""
    return (HERE / name).read_text("utf-8")


def icon(name: Sort) -> Html:
    """Return a glyph that goes with a word."""
    return Html(f'<svg class="icon" aria-hidden="true"><use href="#i-{name}"/></svg>')


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _head(cover: Cover) -> str:
    facts = " · ".join(escape(each) for each in cover.facts)
    tags = "".join(f'<li class="tag tag--{each.sort}">{icon(each.sort)}{escape(each.text)}</li>' for each in cover.tags)
    after = f'<li class="muted">{escape(cover.after_tags)}</li>' if cover.after_tags else ""
    notices = "".join(
        f'<div class="notice notice--{each.sort}">{icon(each.sort)}'
        f"<div>{_bold(each.title)}{as_html(each.text)}</div></div>"
        for each in cover.notices
    )
    summary = f'<div class="summary">{as_html(cover.summary)}</div>' if cover.summary else ""
    return (
        f'<div class="head"><h1>{escape(cover.title)}</h1><p class="muted num">{facts}</p></div>{summary}'
        + (f'<ul class="tags">{tags}{after}</ul>' if tags or after else "")
        + (f'<section class="notices" aria-label="Before you read on">{notices}</section>' if notices else "")
    )


def _bold(title: str) -> str:
    return f"<b>{escape(title)}</b> " if title else ""


def _section(each: Section) -> str:
    lead = f'<div class="lead">{as_html(each.lead)}</div>' if each.lead else ""
    narrow = [one for one in each.body if isinstance(one, Plate) and one.pictures and not one.wide]
    lone = narrow[-1] if len(narrow) % 2 else None
    body = "".join(_alone(one) if isinstance(one, Plate) and one is lone else as_html(one) for one in each.body)
    return (
        f'<section id="{each.id}" class="part" aria-labelledby="{each.id}-title"><h2'
        f' id="{each.id}-title">{escape(each.title)}</h2>{lead}<div class="plates">{body}</div></section>\n'
    )


def _alone(plate: Plate) -> str:
    """Return a narrow plate that has no neighbour: it takes the whole row."""
    return as_html(plate).replace('<figure class="fig"', '<figure class="fig fig--lone"', 1)


__all__ = ["Cover", "Html", "Notice", "Plate", "Section", "Sort", "Table", "Tag", "icon", "page", "policy", "read"]
