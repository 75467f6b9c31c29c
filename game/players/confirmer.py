"""A player that takes from the AI what confirms it: agreement counts, contradiction hardly does."""

from __future__ import annotations

from random import Random

from game.person import LOOKS, TRUST, Met, Person
from game.registry import player
from game.traits import Trait

DISCOUNT = Trait(
    "discount", 0.7, 0.15, "share of the trust that is lost where the AI contradicts the own first answer", 0, 1
)


@player(
    "confirmer",
    about="believes an AI that confirms it, hardly one that does not",
    traits=(*LOOKS, TRUST, DISCOUNT),
)
class Confirmer(Person):
    """Trusts fully an answer that is the own first one (or the likeliest, where none was given), else at a discount."""

    def credit(self, met: Met, rng: Random) -> float:
        """Return the trust, discounted where the AI says something else."""
        del rng
        mine = self.own or (max(met.evidence, key=met.evidence.__getitem__) if met.evidence else "")
        factor = 1.0 if mine == met.ai else 1 - self.traits["discount"]
        return self.traits["trust"] * factor
