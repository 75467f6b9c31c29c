"""A player that answers some rounds without looking, whatever stands there."""

from __future__ import annotations

from random import Random

from game.person import LOOKS, TRUST, Met, Person
from game.registry import player
from game.screen import View
from game.traits import Trait

SLIP = Trait("slip", 0.3, 0.1, "share of rounds that are answered without looking", 0, 1)


@player("careless", about="answers some rounds without looking, by chance", traits=(*LOOKS, TRUST, SLIP))
class Careless(Person):
    """In a slipped round any class is taken, not the AI's: carelessness is no reliance."""

    slipped = False

    def begins(self, screen: View, rng: Random) -> None:
        """Draw whether the round is slipped."""
        del screen
        self.slipped = rng.random() < self.traits["slip"]

    def hasty(self, met: Met, rng: Random) -> bool:
        """Answer at once in a slipped round."""
        del met, rng
        return self.slipped

    def meet(self, screen: View, rng: Random) -> Met:
        """See neither picture nor AI in a slipped round."""
        met = super().meet(screen, rng)
        return met._replace(ai="", evidence={}, corners=None) if self.slipped else met
