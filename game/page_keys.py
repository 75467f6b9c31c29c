"""Which texts a table of stages needs, so that what is missing is found before anyone plays."""

from __future__ import annotations

from game.asking import PROBED
from game.asks import (
    AskAct,
    AskAmount,
    AskCheck,
    AskFrame,
    AskLabel,
    AskMany,
    AskOption,
    AskProbe,
    AskRate,
    AskSpec,
    AskText,
)
from game.stages import Say, Show, ShowGallery, ShowWait, Stage


def keys_of(table: tuple[Stage, ...]) -> set[str]:
    """Return the catalogue keys that a table of stages names directly, fields not filled in."""
    keys: set[str] = set()
    for stage in table:
        for show in stage.show:
            keys |= _shown(show)
        for ask in stage.ask:
            keys |= _asked(ask)
    return keys


_PARTS = {"facts": ("1.term", "1.text"), "details": ("summary", "text")}


def _shown(show: Show) -> set[str]:
    match show:
        case Say():
            return {f"{show.text}.{part}" for part in _PARTS.get(show.block, ())} or {show.text}
        case ShowWait():
            return {show.text}
        case ShowGallery():
            return {show.title}
        case _:
            return set()


def _asked(ask: AskSpec) -> set[str]:
    """Return the keys of an ask's own texts: its label, its options, its scale."""
    match ask:
        case AskAct() | AskCheck():
            return {ask.label} if ask.label else set()
        case AskProbe():
            return {ask.legend, f"{ask.legend}.missing", *(f"{ask.legend}.{part}" for part in PROBED[ask.of])}
        case AskFrame():
            return {ask.title}
        case AskOption() | AskMany():
            return {ask.legend, *(f"{ask.legend}.{value}" for value in ask.values)}
        case AskRate():
            steps = ("low", "high") if ask.ends else map(str, range(1, ask.n + 1))
            return {ask.legend, *(f"{ask.scale}.{step}" for step in steps)}
        case AskAmount():
            ends = {f"{ask.scale}.low", f"{ask.scale}.high"} if ask.scale else set[str]()
            return {ask.legend, ask.unit} - {""} | ends
        case AskLabel() | AskText():
            return {ask.legend}
