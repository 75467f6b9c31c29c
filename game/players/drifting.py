"""A player that drifts over the rounds: from mediation to delegation to substitution, and never back."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from game.eyes import Eyes
from game.person import LOOKS, TRUST, Met, Mode, Person
from game.registry import player
from game.screen import View
from game.traits import Trait

TO_DELEGATION = Trait("to_delegation", 0.08, 0.03, "chance per round of going over from mediation to delegation", 0, 1)
TO_SUBSTITUTION = Trait(
    "to_substitution", 0.08, 0.03, "chance per round of going over from delegation to substitution", 0, 1
)


@player(
    "drifting",
    about="from mediation to delegation to substitution",
    traits=(*LOOKS, TRUST, TO_DELEGATION, TO_SUBSTITUTION),
)
class Drifting(Person):
    """Mediation: looks and weighs. Delegation: gives cases away, or follows unread. Substitution: hands everything over.

    Rounds alone, before an AI was met, are not counted. Where nothing can be handed over, substitution follows unread too:
    what happens is the same, and only the truth file tells the two apart.
    """

    def __init__(self, traits: Mapping[str, float], eyes: Eyes) -> None:
        super().__init__(traits, eyes)
        self.state: Mode = "mediation"
        self.met = False

    def begins(self, screen: View, rng: Random) -> None:
        """Go over to the next mode, or not."""
        del screen
        if not self.met:
            return
        if self.state == "mediation" and rng.random() < self.traits["to_delegation"]:
            self.state = "delegation"
        elif self.state == "delegation" and rng.random() < self.traits["to_substitution"]:
            self.state = "substitution"

    def meet(self, screen: View, rng: Random) -> Met:
        """Notice that there is an AI."""
        met = super().meet(screen, rng)
        asked = {ask.name for ask in screen.asks}
        if asked & {"who", "offer", "request"} or (met.ai and "final" in asked):
            self.met = True
            self.mode = self.state
        return met

    def hasty(self, met: Met, rng: Random) -> bool:
        """Follow unread after mediation is over."""
        del rng
        return bool(met.ai) and self.state != "mediation"

    def delegates(self, sure: float, rng: Random) -> bool:
        """Give cases away after mediation is over."""
        del sure, rng
        return self.state != "mediation"

    def asks(self, sure: float, rng: Random) -> bool:
        """Ask at once after mediation is over."""
        return self.state != "mediation" or super().asks(sure, rng)

    def hands_over(self, rng: Random) -> bool:
        """Hand over in substitution."""
        del rng
        return self.state == "substitution"

    def arranges(self) -> str:
        """Return the arrangement that fits."""
        return {"delegation": "case_by_case", "substitution": "ai_instead"}.get(self.state, "assisted")

    def bids(self) -> float:
        """Pay for the AI in substitution only."""
        return 0.9 if self.state == "substitution" else 0.0
