"""Traits: what simulated people differ in. Each player declares its traits with their distributions; a person's are drawn once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import msgspec


class Trait(msgspec.Struct, frozen=True):
    """One parameter of a player: normal over people with `mean` and `sd`, drawn again where outside `least` to `most`."""

    name: str
    mean: float
    sd: float
    about: str
    """What it is, with its unit."""
    least: float = float("-inf")
    most: float = float("inf")

    def draw(self, rng: Random) -> float:
        """Return one person's value."""
        if self.sd <= 0:
            return min(self.most, max(self.least, self.mean))
        while True:
            value = rng.gauss(self.mean, self.sd)
            if self.least <= value <= self.most:
                return value


class Setting(msgspec.Struct, frozen=True):
    """A trait as the caller wants it: `mean` for everybody, or normal around it with `sd`."""

    mean: float
    sd: float = 0.0


class BadTrait(ValueError):
    """A player was given a trait that it does not have, or a value outside its bounds; the message lists what it has."""


def drawn(traits: Sequence[Trait], given: Mapping[str, Setting], rng: Random, who: str) -> dict[str, float]:
    """Return a person's value of every trait, those `given` instead of the player's own; raises BadTrait."""
    known = {trait.name: trait for trait in traits}
    for name, wanted in given.items():
        if name not in known:
            has = ", ".join(known) or "none"
            raise BadTrait(f"player {who!r} has no trait {name!r}: it has {has}")
        trait = known[name]
        if not trait.least <= wanted.mean <= trait.most:
            raise BadTrait(
                f"trait {name} of {who!r} is {wanted.mean:g}: give a number from {trait.least:g} to {trait.most:g}"
            )
    made: dict[str, float] = {}
    for trait in traits:
        wanted = given.get(trait.name)
        own = trait if wanted is None else msgspec.structs.replace(trait, mean=wanted.mean, sd=wanted.sd)
        made[trait.name] = own.draw(rng)
    return made
