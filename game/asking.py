"""Resolving what a stage asks into the controls that the browser draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from game import controls as c
from game import stages as s
from game.place import Place

PROBED: Mapping[str, tuple[str, ...]] = {
    "legible": ("how", "sign", "up", "right", "down", "left", "unseen"),
    "speed": ("wait", "done"),
}
"""What is measured -> the texts that it needs, under its legend."""


def ask_of(ask: s.AskSpec, place: Place) -> c.Ask:
    """Return what the browser draws for an ask."""
    script = place.script
    match ask:
        case s.AskLabel():
            classes = ask.classes or script.classes
            options = tuple(c.Option(k, place.named(k), script.thumbs.get(k, "")) for k in classes)
            return c.Choice(ask.name, place.text(ask.legend), options, place.text("ask.choose"), sci=script.sci)
        case s.AskRate():
            return _rate(ask, place)
        case s.AskOption():
            options = tuple(c.Option(v, place.text(f"{ask.legend}.{v}")) for v in ask.values)
            missing = place.text("ask.choose")
            return c.Choice(ask.name, place.text(ask.legend), options, missing, required=ask.required)
        case s.AskMany():
            options = tuple(c.Option(v, place.text(f"{ask.legend}.{v}")) for v in ask.values)
            most = ask.most or len(options)
            return c.Many(ask.name, place.text(ask.legend), options, place.text("ask.choose"), ask.least, most)
        case s.AskAmount():
            unit = place.text(ask.unit) if ask.unit else ""
            ends = (place.text(f"{ask.scale}.low"), place.text(f"{ask.scale}.high")) if ask.scale else None
            return c.Amount(
                ask.name, place.text(ask.legend), float(ask.least), float(ask.most), float(ask.step),
                place.text("ask.amount"), unit, ask.slider, ask.required, ends,
            )  # fmt: skip  # floats, as they are after a plan was stored: a screen has one digest
        case s.AskText():
            legend, missing = place.text(ask.legend), place.text("ask.write")
            return c.Words(ask.name, legend, ask.most, missing, ask.rows, ask.required)
        case s.AskFrame():
            return c.Frame(ask.name, place.text(ask.title), _address(ask, place), ask.height, place.text("ask.frame"))
        case s.AskCheck():
            return c.Check(ask.name, place.text(ask.label), place.text("ask.tick"), ask.required)
        case s.AskProbe():
            texts = {part: place.texts.get(f"{ask.legend}.{part}", part) for part in PROBED[ask.of]}
            return c.Probe(ask.name, place.text(ask.legend), ask.of, place.text(f"{ask.legend}.missing"), texts)
        case s.AskAct():
            return _act(ask, place, script.classes)
    assert_never(ask)


def _address(ask: s.AskFrame, place: Place) -> str:
    """Return the framed address; the other site may be told the session's public code and the language."""
    session = place.state.opened.session if place.state.opened else ""
    return ask.url.replace("{session}", session).replace("{lang}", place.state.lang)


def _rate(ask: s.AskRate, place: Place) -> c.Rate:
    legend, missing = place.text(ask.legend), place.text("ask.rate" if ask.scale == "sure" else "ask.choose")
    if not ask.ends:
        options = tuple(c.Option(str(i), place.text(f"{ask.scale}.{i}")) for i in range(1, ask.n + 1))
        return c.Rate(ask.name, legend, options, missing, required=ask.required)
    options = tuple(c.Option(str(i), str(i)) for i in range(1, ask.n + 1))
    ends = (place.text(f"{ask.scale}.low"), place.text(f"{ask.scale}.high"))
    return c.Rate(ask.name, legend, options, missing, ends, ask.required)


def _act(ask: s.AskAct, place: Place, classes: tuple[str, ...]) -> c.Act:
    labels: dict[str, str] = {}
    if ask.by:
        own = place.given("own")
        for key in classes:
            change = "" if own is None else ".keep" if own == key else ".change"
            labels[key] = place.text(ask.label + change, name=place.named(key))
    short = place.texts.get(f"{ask.label}.short", "")
    label = place.text("ask.confirm") if ask.by else place.text(ask.label)
    return c.Act(ask.name, ask.value, label, ask.style, ask.confirms, short, ask.key, ask.hint, ask.by, labels)
