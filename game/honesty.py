"""The page "honesty": did you answer yourself, and with care? Nothing depends on it, and the page says so."""

from __future__ import annotations

from game.page_options import PageOptions
from game.stages import AskOption, Say, Stage
from game.welcome import go_on

HELP, CARE = "honesty_help", "honesty_care"


def honesty(options: PageOptions) -> tuple[Stage, ...]:
    """Two questions that may be left open; the answers only flag a session, with this reason."""
    del options
    show = (Say("honesty.title", "heading"), Say("honesty.text", "lead"))
    asks = (
        AskOption(HELP, "honesty.help", ("alone", "person", "ai", "search"), required=False),
        AskOption(CARE, "honesty.care", ("yes", "partly", "no"), required=False),
    )
    return (Stage("honesty", show, (*asks, go_on(confirms=True))),)
