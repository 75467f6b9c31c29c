"""A token bucket: how fast a connection may send. Who is too fast is slowed down first and refused only if it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 10


class Bucket:
    """`rate` messages a second on average, twice as many at once."""

    __slots__ = ("_at", "_clock", "_left", "_rate", "_slowed")

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._left, self._at, self._slowed = rate * 2, clock(), 0

    def take(self) -> float | None:
        """Take one message: seconds to wait before it is handled, or None: it is refused."""
        now = self._clock()
        self._left = min(self._rate * 2, self._left + (now - self._at) * self._rate) - 1
        self._at = now
        if self._left >= 0:
            self._slowed = 0 if self._left >= self._rate else self._slowed
            return 0
        if self._slowed >= self._rate * PATIENCE_SECONDS:
            self._left += 1
            return None
        self._slowed += 1
        return -self._left / self._rate
