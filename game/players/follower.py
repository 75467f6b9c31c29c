"""A player that takes the AI's answer wherever it can have it: a reference point on every plot of reliance."""

from __future__ import annotations

from random import Random

from game.controls import Amount, Choice, Rate
from game.events import Value
from game.players import acts_of, option_called, press, said
from game.registry import player
from game.screen import View


@player(
    "follower",
    about="asks for the AI's answer, takes it, delegates, never stops it; guesses where it sees none",
    reads=True,
)
def play(screen: View, rng: Random) -> dict[str, Value]:
    """Return the values to send for `screen`; {} lets the AI go on. Sees only the participant's view."""
    acts, answers = acts_of(screen), list(said(screen))
    going = [act for act in acts if act.style != "you"]
    if not going:  # the only button would stop the AI
        return {} if screen.within_ms else press(screen, acts[0], rng, lambda ask: _pick(ask, answers, rng))
    asking = [act for act in going if act.style == "ai"]
    act = asking[0] if asking and not answers else next((a for a in going if a.confirms), going[0])
    if not any(a.confirms for a in going):  # handing over, or going on
        act = (asking or going)[0]
    values = press(screen, act, rng, lambda ask: _pick(ask, answers, rng))
    return values | {ask.name: ask.most for ask in screen.asks if ask.name == "bid" and isinstance(ask, Amount)}


def _pick(ask: Choice | Rate, answers: list[str], rng: Random) -> str:
    taken = next((value for label in answers if (value := option_called(ask.options, label))), "")
    if taken:
        return taken
    if ask.name.startswith("price_"):
        return ask.options[0].value
    if ask.name == "deploy":  # yes, or alone, without anybody's eye on it
        return ask.options[0].value
    if ask.name in ("agree", "arrangement", "preferred"):  # for the AI, as far as it goes
        return ask.options[-1].value
    return rng.choice(ask.options).value
