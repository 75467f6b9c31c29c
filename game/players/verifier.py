"""A player that checks the AI's answer against the picture, and its map for where the light falls."""

from __future__ import annotations

from random import Random

from game.person import LOOKS, TRUST, Met, Person
from game.registry import player
from game.traits import Trait

SKILL = Trait(
    "skill", 0.5, 0.2, "how far a map that lies in the corners takes credit from the AI: 0 not at all, 1 fully", 0, 1
)
DOUBTS = 5.0
"""Logits between a map that lies all in the middle and one all in the corners, at skill 1."""
LEVEL = 0.45
"""Share of light in the corners at which a map speaks neither for nor against the AI."""


@player(
    "verifier",
    about="checks the AI's answer against the picture, and its map for where the light falls",
    traits=(*LOOKS, TRUST, SKILL),
)
class Verifier(Person):
    """Weighs the AI's answer with what the picture shows; distrusts answers whose map does not lie on the specimen."""

    def credit(self, met: Met, rng: Random) -> float:
        """Return trust, less what a map in the corners takes from it."""
        del rng
        if met.corners is None:
            return self.traits["trust"]
        return self.traits["trust"] - DOUBTS * self.traits["skill"] * (met.corners - LEVEL)
