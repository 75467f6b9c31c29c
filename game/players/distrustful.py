"""A player whose trust falls after each error of the AI that it sees, and comes back slowly."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from game.eyes import Eyes
from game.person import LOOKS, TRUST, Met, Person
from game.registry import player
from game.traits import Trait

DROP = Trait("drop", 0.9, 0.3, "logits of trust lost after an error of the AI that is seen", 0, 20)
REGAIN = Trait("regain", 0.15, 0.05, "logits regained after a right answer that is seen, up to `trust`", 0, 20)
CERTAIN = 0.9
"""So sure of another answer, it sees an error where nobody tells."""


@player(
    "distrustful", about="loses trust after each error it sees, regains it slowly", traits=(*LOOKS, TRUST, DROP, REGAIN)
)
class Distrustful(Person):
    """Sees errors where the screen tells them; where nothing is told, where it is nearly certain of another answer."""

    def __init__(self, traits: Mapping[str, float], eyes: Eyes) -> None:
        super().__init__(traits, eyes)
        self.trust = traits["trust"]
        self.told = False

    def learns(self, ai_right: bool) -> None:
        """Trust goes down or up."""
        self.told = True
        change = self.traits["regain"] if ai_right else -self.traits["drop"]
        self.trust = min(self.traits["trust"], self.trust + change)

    def credit(self, met: Met, rng: Random) -> float:
        """Return the trust there is by now."""
        del rng
        trust = self.trust
        if not self.told and met.evidence and self.traits["drop"]:
            top = max(met.evidence, key=met.evidence.__getitem__)
            if top != met.ai and self.sure(met.evidence) > CERTAIN:
                self.trust -= self.traits["drop"]
        return trust

    def delegates(self, sure: float, rng: Random) -> bool:
        """Leave a case to the AI where there is trust left and the own answer is unsure."""
        return sure < 0.5 and self.trust > 0 and rng.random() < 0.8
