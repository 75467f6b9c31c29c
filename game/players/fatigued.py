"""A player that tires: sees less and decides faster with every round, and leans on the AI."""

from __future__ import annotations

from random import Random

from game.person import LOOKS, TRUST, Met, Person
from game.registry import player
from game.traits import Trait

HALF_LIFE = Trait("half_life", 40, 10, "rounds in which acuity and pace are halved", 2, 100000)
LEAST = 0.15
"""Below this share of freshness it no longer looks."""


@player("fatigued", about="sees less and decides faster with every round", traits=(*LOOKS, TRUST, HALF_LIFE))
class Fatigued(Person):
    """Freshness halves every `half_life` rounds, counted over the whole session."""

    def fresh(self) -> float:
        """Return what is left, 1 to 0."""
        return 0.5 ** (max(0, self.rounds - 1) / self.traits["half_life"])

    def weights(self, met: Met) -> tuple[float, ...]:
        """See less."""
        return (super().weights(met)[0] * self.fresh(),)

    def slowness(self) -> float:
        """Decide faster."""
        return max(0.2, self.fresh())

    def hasty(self, met: Met, rng: Random) -> bool:
        """Stop looking in the end."""
        del met, rng
        return self.fresh() < LEAST

    def delegates(self, sure: float, rng: Random) -> bool:
        """Give away more, the more tired."""
        del sure
        return rng.random() < 0.5 * (1 - self.fresh())
