"""Manner: what one kind of simulated person thinks and does differently. Players override what is here; the rest is `Person`."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Literal, NamedTuple

from game.eyes import Eyes
from game.screen import View
from game.traits import Trait

Mode = Literal["solo", "mediation", "delegation", "substitution"]
FAST_MS = (250, 550)
"""A decision without looking, shortest and longest: below the engagement rule's floor of 600 ms."""
SLOW_MS = 900
"""A decision with a look takes at least this long."""
GLANCE_MS = 700

ACUITY = Trait(
    "acuity", 2.2, 0.5, "logits per unit of each cue of the picture; 2.2 is right in about two thirds", 0, 20
)
BLUR = Trait("blur", 0.15, 0.05, "SD of what is misperceived per cue, of a cue's -1 to 1", 0, 2)
LURE = Trait("lure", 0.4, 0.3, "logits for the class that a misleading mark points at", -5, 5)
PACE = Trait("pace", 3500, 900, "median time of a decision with a look, ms", 1000, 20000)
TRUST = Trait("trust", 1.2, 0.6, "logits that the AI's answer adds to its class", -10, 20)
LOOKS = (ACUITY, BLUR, LURE, PACE)
"""Traits of everybody who looks."""


class Met(NamedTuple):
    """What a person has before them in a round: options, log evidence of the picture, the AI's answer ("" none), its map."""

    options: tuple[str, ...]
    evidence: Mapping[str, float]
    ai: str
    corners: float | None
    """Share of the map's light in the corners; None without a map."""


class Manner:
    """What players change. Everything has a default: someone who looks, weighs the AI's answer, and decides themselves."""

    def __init__(self, traits: Mapping[str, float], eyes: Eyes) -> None:
        self.traits, self.eyes = traits, eyes
        self.rounds: int = 0
        """Rounds so far."""
        self.own = ""
        """Own first answer of this round."""
        self.mode: Mode = "solo"
        """Who decides the present round, in truth."""

    def begins(self, screen: View, rng: Random) -> None:
        """A round begins; its first screen is there."""

    def weights(self, met: Met) -> tuple[float, ...]:
        """Return logits per unit of each cue."""
        del met
        return (self.traits["acuity"],)

    def lure(self, met: Met) -> float:
        """Return the logits for the class that a misleading mark points at."""
        del met
        return self.traits.get("lure", 0.0)

    def credit(self, met: Met, rng: Random) -> float:
        """Return the logits that the AI's answer adds to its class."""
        del met, rng
        return self.traits.get("trust", TRUST.mean)

    def learns(self, ai_right: bool) -> None:
        """A screen told whether the AI was right."""

    def delegates(self, sure: float, rng: Random) -> bool:
        """Tell whether this case is left to the AI; `sure`: probability of the own best answer."""
        del sure, rng
        return False

    def asks(self, sure: float, rng: Random) -> bool:
        """Tell whether the AI is asked, where it speaks only then."""
        del rng
        return sure < 0.8

    def hands_over(self, rng: Random) -> bool:
        """Tell whether all further rounds are handed over."""
        del rng
        return False

    def takes_back(self, rng: Random) -> bool:
        """Tell whether a hand-over is taken back."""
        del rng
        return False

    def hasty(self, met: Met, rng: Random) -> bool:
        """Tell whether this screen is answered without looking: the AI's answer where there is one, else a guess."""
        del met, rng
        return False

    def arranges(self) -> str:
        """Return the arrangement that is preferred."""
        return "assisted"

    def bids(self) -> float:
        """Return what the AI instead of oneself is worth, as a share of the highest price."""
        return 0.0

    def slowness(self) -> float:
        """Return the factor of the person's pace at present."""
        return 1.0
