"""A player with stated cue weights, shifted by maps: what the lens model has to find again."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from game.eyes import Eyes
from game.person import PACE, Met, Person
from game.registry import player
from game.screen import View
from game.traits import Trait

TRAITS = (
    Trait("w1", 1.4, 0.2, "logits per unit of the pack's first cue", -20, 20),
    Trait("w2", 2.4, 0.2, "of the second", -20, 20),
    Trait("w3", 2.0, 0.2, "of the third", -20, 20),
    Trait("w4", 1.0, 0.2, "of the fourth and all further ones", -20, 20),
    Trait("lure", 0.4, 0.2, "logits for the class that a confounder points at", -20, 20),
    Trait("advice", 1.5, 0.3, "logits for the class that the AI says", -20, 20),
    Trait("focus", 0.6, 0.0, "factor of the cue weights while a map is seen", 0, 20),
    Trait("pull", 1.2, 0.2, "added to `lure` while a map is seen", -20, 20),
    Trait("blur", 0.0, 0.0, "SD of what is misperceived per cue; it makes recovered weights smaller", 0, 2),
    PACE,
)


@player("lens", about="stated cue weights and a stated weight of the AI's answer, shifted by maps", traits=TRAITS)
class Lens(Person):
    """A softmax over classes of cue weight x cue value, as in `game.measures.cue_weights`; the same in every workflow."""

    def __init__(self, traits: Mapping[str, float], eyes: Eyes) -> None:
        super().__init__(traits, eyes)
        self.mapped = False

    def begins(self, screen: View, rng: Random) -> None:
        """Nothing is drawn: what the weights are depends on what is on the screen."""
        del screen, rng
        self.mapped = False

    def meet(self, screen: View, rng: Random) -> Met:
        """Look again when the map comes up: other weights then hold."""
        met = super().meet(screen, rng)
        if met.corners is not None and not self.mapped:
            self.mapped, self.evidence = True, {}
            met = super().meet(screen, rng)
        return met

    def weights(self, met: Met) -> tuple[float, ...]:
        """Return the stated weights, those under a map while one is seen."""
        factor = 1.0 if met.corners is None else self.traits["focus"]
        return tuple(factor * self.traits[name] for name in ("w1", "w2", "w3", "w4"))

    def lure(self, met: Met) -> float:
        """Return the weight of the confounder."""
        return self.traits["lure"] + (0.0 if met.corners is None else self.traits["pull"])

    def credit(self, met: Met, rng: Random) -> float:
        """Return the stated weight of the AI's answer."""
        del met, rng
        return self.traits["advice"]
