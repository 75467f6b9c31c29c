"""Words: the researcher's interface in every language it has; one file a language, `game/texts/<lang>/desk.toml`."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from flask import Request

from game import registry

COOKIE = "coplay_desk_lang"
DEFAULT = "en"
AREA = "desk."


@functools.cache
def _words() -> Mapping[str, Mapping[str, str]]:
    found = {
        lang: {key.removeprefix(AREA): text for key, text in texts.items() if key.startswith(AREA)}
        for lang, texts in registry.texts().items()
    }
    return {lang: words for lang, words in sorted(found.items()) if words}


def languages() -> tuple[str, ...]:
    """Return the languages the desk speaks."""
    return tuple(_words())


def words_in(lang: str) -> Mapping[str, str]:
    """Return all words of the desk in one language, by dotted key."""
    return _words()[lang]


def language_of(request: Request) -> str:
    """Return the language a request asks for: in its address, chosen before, or by the browser's settings."""
    wishes = [request.args.get("lang"), request.cookies.get(COOKIE)]
    chosen = next((wish for wish in wishes if wish in languages()), None)
    return chosen or request.accept_languages.best_match(languages()) or DEFAULT
