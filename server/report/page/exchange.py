"""How long a message takes: from the server's taking an answer to the painting of the next screen, as the log tells it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from game.events import Answered, Assigned, Joined, SessionEvent, Shown, TimedOut

LEAST = 5
"""Screens below which a session has no value."""
MAKES = (Answered, Assigned, Joined, TimedOut)
"""Events after which the server sends a screen at once."""


def exchange_ms(events: Sequence[SessionEvent]) -> float | None:
    """Return the median of a session's exchanges in ms; None where fewer than `LEAST` are known.

    A screen is sent when the event before it is stored, at a time of the server. The command that reports its painting is
    stored later, at a time of the same server, and says how many milliseconds before it was sent the screen had been painted
    (a length by the browser's clock). What is left between the two is the way there and back and the drawing; decoding the
    pictures is taken off where the browser told it. No two clocks are compared, so none has to agree with another.
    """
    found: list[float] = []
    for before, event in pairwise(events):
        if isinstance(event, Shown) and isinstance(before, MAKES) and before.at < event.at:
            spent = (event.at - before.at) / 1000 - event.ago_ms - max(event.image_ms or 0, event.overlay_ms or 0)
            if spent >= 0:
                found.append(spent)
    return float(median(found)) if len(found) >= LEAST else None
