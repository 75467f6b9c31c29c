"""Texts: every text that any plan of the study can show is there in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from game.catalogue import Texts, fields_of
from game.cells import covering
from game.compile import Names, intake, plan
from game.pack import Manifest
from game.pages import keys_of
from game.plan import Script
from game.strict import Problem
from game.study import Study

FIELDS = {
    "n",
    "of",
    "name",
    "sure",
    "number",
    "percent",
    "parts",
    "region",
    "share",
    "letter",
    "points",
    "left",
    "mbit",
}
"""Fields that a text may use in braces."""

FIXED_KEYS = (
    "page.title", "page.round", "page.round_short", "page.practice", "page.paused", "page.continue", "study.title",
    "panes.image", "panes.same", "panes.map", "panes.none", "panes.waiting", "panes.alt", "panes.label", "panes.less", "panes.more",
    "panes.reading", "panes.against", "panes.for", "panes.signed_reading",
    "teammate.absent", "teammate.waiting", "teammate.suggests", "teammate.decides",
    "teammate.caveat", "own.plain", "own.sure", "verdict.right", "verdict.wrong", "tally.text.one",
    "tally.text.other", "sure.1", "sure.5", "ask.choose", "ask.rate", "ask.tick", "ask.confirm",
    "ends.completed.title", "ends.no_consent.title", "ends.withdrawn.title", "ends.waiting.title",
    "round.confirm", "round.confirm.keep", "round.confirm.change",
)  # fmt: skip


def text_problems(study: Study, texts: Mapping[str, Texts], scripts: Sequence[Script]) -> list[Problem]:
    """Return texts that are missing in a language, and fields in braces that nothing fills."""
    needed: dict[str, str] = dict.fromkeys(FIXED_KEYS, "texts")
    own = {c.text or c.name: f"condition[{i}]" for i, c in enumerate(study.condition)}
    for script in scripts:
        for table in script.stages.values():
            for key in keys_of(table):
                parts = key.split(".")
                needed.setdefault(
                    key, own.get(parts[1], "texts") if parts[0] == "block" and len(parts) > 1 else "texts"
                )
    found: list[Problem] = []
    for lang in study.languages:
        catalogue = texts.get(lang, {})
        found += [
            Problem(f"texts/{lang}.toml", 0, f"text {key!r} is missing", f"write it in {lang} for {where}")
            for key, where in sorted(needed.items())
            if key not in catalogue and f"{key}.keep" not in catalogue
        ]
        found += _braces(lang, catalogue)
    return found


def scripts_of(study: Study, manifest: Manifest) -> list[Script]:
    """Return the intake, and plans of so many cells that every value of every axis of the design occurs."""
    names = Names("", "", "", {})
    return [intake(study, manifest, names), *(plan(study, manifest, names, cell, "") for cell in covering(study))]


def _braces(lang: str, catalogue: Texts) -> list[Problem]:
    found: list[Problem] = []
    for key, text in catalogue.items():
        if key.startswith(("ui.", "desk.")):
            continue
        try:
            odd = fields_of(text) - FIELDS
        except ValueError:
            odd = {"?"}
        if odd:
            what = f"text {key!r} has the field {{{', '.join(sorted(odd))}}}"
            found.append(Problem(f"texts/{lang}.toml", 0, what, f"known fields: {', '.join(sorted(FIELDS))}"))
    return found
