"""A player that leaves to the AI what it is unsure of, before it sees the AI's answer; otherwise it decides itself."""

from __future__ import annotations

from random import Random

from game.person import LOOKS, TRUST, Met, Person
from game.registry import player
from game.traits import Trait

BAR = Trait("bar", 0.6, 0.12, "probability of the own best answer below which the case is left to the AI", 0, 1)


@player("delegator", about="leaves to the AI what it is unsure of", traits=(*LOOKS, TRUST, BAR))
class Delegator(Person):
    """Delegates where that is offered; where the AI's answer just stands there, takes it unread when unsure."""

    def delegates(self, sure: float, rng: Random) -> bool:
        """Return whether the own best answer is less likely than the bar."""
        del rng
        return sure < self.traits["bar"]

    def asks(self, sure: float, rng: Random) -> bool:
        """Ask the AI about the same cases."""
        return self.delegates(sure, rng)

    def hasty(self, met: Met, rng: Random) -> bool:
        """Take the AI's answer without weighing it, in the same cases."""
        return bool(met.ai) and self.delegates(self.sure(self.think(met, rng, own=True)), rng)

    def arranges(self) -> str:
        """Choose for each case."""
        return "case_by_case"
