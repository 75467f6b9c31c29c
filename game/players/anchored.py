"""A player that stays near whatever answer it met first: its own, or the AI's."""

from __future__ import annotations

from random import Random

from game.person import LOOKS, TRUST, Met, Person
from game.registry import player
from game.traits import Trait

ANCHOR = Trait("anchor", 1.5, 0.5, "logits that the answer met first adds to its class", 0, 20)


@player("anchored", about="stays near the answer it met first, its own or the AI's", traits=(*LOOKS, TRUST, ANCHOR))
class Anchored(Person):
    """Where it answers first, its own answer holds it; where the AI's stands there from the start, that does."""

    def think(self, met: Met, rng: Random, *, own: bool = False) -> dict[str, float]:
        """Return the scores, with the anchor's weight."""
        scores = super().think(met, rng, own=own)
        first = self.own or ("" if own else met.ai)
        if first in scores:
            scores[first] += self.traits["anchor"]
        return scores
