"""One file each: the folder is the list (see game/registry.py). Here is what players share: how a screen is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from game.blocks import Pair, Teammate
from game.consent import AGAIN
from game.controls import Act, Amount, Ask, Check, Choice, Frame, Many, Option, Probe, Rate, Words
from game.events import Value
from game.screen import View

Pick = Callable[[Choice | Rate], str]
"""Which option of a question is taken."""


def acts_of(screen: View) -> list[Act]:
    """Return the buttons of a screen, without the one that refuses to take part."""
    acts = [ask for ask in screen.asks if isinstance(ask, Act)]
    return [act for act in acts if (act.name, act.value) != ("consent", "no")] or acts


def press(screen: View, act: Act, rng: Random, pick: Pick) -> dict[str, Value]:
    """Return the values that go with a button: its own, and where it confirms, every input's."""
    values: dict[str, Value] = {}
    for ask in screen.asks if act.confirms else ():
        if not isinstance(ask, Act):
            values[ask.name] = pick(ask) if isinstance(ask, Choice | Rate) else legal(ask, rng)
    if AGAIN in values:
        values[AGAIN] = "keep"  # who asks for deletion is nothing that a simulation could tell
    if act.name:
        values[act.name] = act.value
    return values


def legal(ask: Ask, rng: Random) -> Value:
    """Return a legal answer by chance."""
    match ask:
        case Choice() | Rate():
            return rng.choice(ask.options).value
        case Check():
            return True
        case Many():
            chosen = set(rng.sample([o.value for o in ask.options], rng.randint(ask.least, ask.most)))
            return " ".join(o.value for o in ask.options if o.value in chosen)
        case Amount():
            steps = int((ask.most - ask.least) / ask.step + 1e-9)
            return round(ask.least + ask.step * rng.randint(0, steps), 6)
        case Words():
            return "simulated"[: ask.most]
        case Frame():
            return "simulated"
        case Probe():
            return "yes" if ask.of == "legible" else 10_000
        case Act():
            return ask.value


def said(screen: View) -> Iterator[str]:
    """Yield the answers of the AI that stand on a screen, as they are written there."""
    for block in screen.blocks:
        for mate in (block,) if isinstance(block, Teammate) else block.mates if isinstance(block, Pair) else ():
            if mate.label:
                yield mate.label


def option_called(options: tuple[Option, ...], label: str) -> str:
    """Return the value of the option with this label, "" where there is none."""
    return next((option.value for option in options if option.label == label), "")
