"""A player for whom there is no AI: it decides everything itself, by chance, whatever is suggested."""

from __future__ import annotations

from random import Random

from game.controls import Amount, Choice, Rate
from game.events import Value
from game.players import acts_of, press
from game.registry import player
from game.screen import View


@player(
    "ignorer",
    about="never asks the AI, delegates or hands over, stops it where it can; guesses every answer",
    reads=True,
)
def play(screen: View, rng: Random) -> dict[str, Value]:
    """Return the values to send for `screen`; {} waits where there is nothing to do. Sees only the participant's view."""
    acts = acts_of(screen)
    mine = [act for act in acts if act.style != "ai"]
    if not acts:
        return {}
    act = next((a for a in mine if a.style == "you"), next((a for a in mine if a.confirms), (mine or acts)[0]))
    values = press(screen, act, rng, lambda ask: _pick(ask, rng))
    return values | {ask.name: ask.least for ask in screen.asks if ask.name == "bid" and isinstance(ask, Amount)}


def _pick(ask: Choice | Rate, rng: Random) -> str:
    if ask.name.startswith("price_"):
        return ask.options[-1].value
    return ask.options[0].value if ask.name in ("arrangement", "preferred") else rng.choice(ask.options).value
