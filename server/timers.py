"""Timers: one heap per process says when the clock must look at a session again."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable

IDLE_SECONDS = 3600.0


class Timers:
    """Calls `ring(stream)` once a moment has passed. Moments are microseconds; a later one may be set before."""

    def __init__(self, ring: Callable[[str], None], clock: Callable[[], int]) -> None:
        self._ring, self._clock = ring, clock
        self._heap: list[tuple[int, str]] = []
        self._set: dict[str, int] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def set(self, stream: str, moment: int | None) -> None:
        """Look at `stream` at `moment`; None: not at all."""
        if moment is None:
            self._set.pop(stream, None)
            return
        if self._set.get(stream) == moment:
            return
        self._set[stream] = moment
        heapq.heappush(self._heap, (moment, stream))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="timers", daemon=True)
            self._thread.start()
        self._wake.set()

    def close(self) -> None:
        """Ring no more."""
        self._closed = True
        self._wake.set()

    def _work(self) -> None:
        while not self._closed:
            self._wake.clear()
            wait = (self._heap[0][0] - self._clock()) / 1e6 if self._heap else IDLE_SECONDS
            if wait > 0:
                self._wake.wait(wait)
                continue
            moment, stream = heapq.heappop(self._heap)
            if self._set.get(stream) == moment:
                del self._set[stream]
                self._ring(stream)
