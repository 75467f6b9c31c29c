"""Mixtures of players: who takes part in a simulation, with which traits, e.g. "follower:0.3,verifier(skill=0.9):0.7"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import msgspec

from game.events import Value
from game.eyes import Eyes
from game.person import Mode, Person, Reply
from game.registry import player
from game.screen import View
from game.traits import BadTrait, Setting, Trait, drawn

Player = Callable[[View, Random], Mapping[str, Value] | Reply]
_ONE = re.compile(r"\s*([\w.-]+)\s*(?:\(([^()]*)\))?\s*(?::\s*([0-9.]+)\s*)?(?:,|$)")
_SETTING = re.compile(r"\s*([\w.-]+)\s*=\s*(-?[0-9.]+(?:e-?[0-9]+)?)\s*(?:~\s*([0-9.]+)\s*)?$")


class Share(msgspec.Struct, frozen=True):
    """One kind of player in a mixture; weights are relative."""

    name: str
    weight: float = 1.0
    given: Mapping[str, Setting] = {}


class BadMixture(ValueError):
    """A mixture that cannot be read; the message says where and how to write it."""


class Seated(NamedTuple):
    """One simulated person: the player, its kind and its traits, in truth."""

    play: Player
    name: str
    traits: Mapping[str, float]

    @property
    def mode(self) -> Mode | None:
        """Who decides the present round, in truth; None for players that do not say."""
        return self.play.mode if isinstance(self.play, Person) else None


def mixture(text: str) -> tuple[Share, ...]:
    """Read a mixture: `NAME`, `NAME:WEIGHT`, `NAME(TRAIT=VALUE, ...)`, several with commas between.

    A trait is `NAME=VALUE` for everybody, or `NAME=MEAN~SD` over people. Raises BadMixture, BadTrait, `game.registry.Unknown`.

    >>> [(one.name, one.weight) for one in mixture("follower:0.3,ignorer:0.7")]
    [('follower', 0.3), ('ignorer', 0.7)]
    """
    made: list[Share] = []
    at = 0
    while at < len(text) or not made:
        found = _ONE.match(text, at)
        if found is None or found.end() == at:
            how = 'write e.g. "follower:0.3,verifier(skill=0.9):0.7"'
            raise BadMixture(f"players {text!r} cannot be read at {text[at:] or 'the end'!r}: {how}")
        at = found.end()
        name, given, weight = found.groups()
        share = Share(name, float(weight) if weight else 1.0, _settings(name, given or ""))
        drawn(player[name].info.get("traits", ()), share.given, Random(0), name)  # refuses what it does not have
        made.append(share)
    if sum(one.weight for one in made) <= 0:
        raise BadMixture(f"players {text!r}: the weights are all 0")
    return tuple(made)


def _settings(name: str, text: str) -> dict[str, Setting]:
    made: dict[str, Setting] = {}
    for part in text.split(",") if text.strip() else ():
        found = _SETTING.match(part)
        if found is None:
            raise BadMixture(f"player {name!r}: {part.strip()!r} is no trait: write NAME=VALUE or NAME=MEAN~SD")
        trait, mean, sd = found.groups()
        made[trait] = Setting(float(mean), float(sd or 0))
    return made


def traits_of(name: str) -> tuple[Trait, ...]:
    """Return the traits of a player; raises `game.registry.Unknown`."""
    return tuple(player[name].info.get("traits", ()))


def seat(shares: Sequence[Share], rng: Random, eyes: Eyes | None) -> Seated:
    """Draw one person from a mixture. Without eyes, players that look raise BadTrait."""
    share = rng.choices(shares, [one.weight for one in shares])[0]
    entry = player[share.name]
    traits = drawn(entry.info.get("traits", ()), share.given, rng, share.name)
    thing: Any = entry.thing
    looks = isinstance(thing, type) and issubclass(thing, Person)
    if not looks:
        plain: Player = entry.thing
        reads = eyes.read if eyes is not None and entry.info.get("reads") else {}
        return Seated(_reading(plain, reads) if reads else plain, share.name, traits)
    if eyes is None:
        raise BadTrait(f"player {share.name!r} looks at pictures: it plays in simulations only, where it is given eyes")
    return Seated(thing(traits, eyes), share.name, traits)


def _reading(play: Player, read: Mapping[str, str]) -> Player:
    """Let a player answer quizzes and attention pages by what their texts said, so that it is not sent away by them."""

    def reading(screen: View, rng: Random) -> Reply:
        values, ms, gestures = replied(play(screen, rng), rng)
        known = {name: read[name] for name in values.keys() & read.keys()}
        return Reply({**values, **known}, ms, gestures)

    return reading


def replied(reply: Mapping[str, Value] | Reply, rng: Random) -> Reply:
    """Return a player's reply with its time; plain values come after a time drawn as if by anybody."""
    return reply if isinstance(reply, Reply) else Reply(dict(reply), 400 + int(rng.expovariate(1 / 2500)))
