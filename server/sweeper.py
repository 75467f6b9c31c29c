"""The sweeper: frees the places of people who went away, so that cells stay balanced."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from game.log import Head, Store
from server.assign import Assigner, stream_of

SECONDS = 60.0
OVER = ("closed", "left")
"""Kinds of a last row behind which a session may be over."""

log = logging.getLogger("coplay.sweeper")


class Sweeper:
    """Looks at the heads of all placed sessions; reads only those that were silent or may be over."""

    def __init__(
        self,
        store: Store,
        assigner: Assigner,
        outcome: Callable[[str], str],
        *,
        lease_minutes: float,
        forget: Callable[[str], None] = lambda _: None,
        resting: Callable[[str], bool] = lambda _: False,
        expire_minutes: float = 0,
    ) -> None:
        """`outcome` says how a session's stream was closed, "" while it is open; `forget` drops an erased one from memory.

        `resting` says that a session waits for a later visit. After `expire_minutes` of silence (0: never) a session is over.
        """
        self._store, self._assigner, self._outcome = store, assigner, outcome
        self._forget, self._resting = forget, resting
        self._expire_us = int(expire_minutes * 60_000_000)
        self._lease_us = int(lease_minutes * 60_000_000)
        self._settled: set[tuple[str, int]] = set()
        self._stop = threading.Event()
        self.heard: Callable[[str], int] = lambda _: 0
        """When a session was last heard of, also by what left no row: any message is a sign of life."""
        self._asked: set[tuple[str, int]] = set()
        self._over: set[tuple[str, int]] = set()
        self.part: Callable[[str], bool] = lambda _: False
        self.expire: Callable[[str], object] = lambda _: None

    def start(
        self,
        studies: Sequence[str],
        prefix: str,
        clock: Callable[[], int],
        part: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Sweep every minute in the background. `part` erases a closed session where its person asked for it."""
        self.part = part

        def work() -> None:
            while not self._stop.wait(SECONDS):
                for study in studies:
                    try:
                        self.sweep(study, prefix, clock())
                    except Exception:
                        log.exception("the sweep of %s failed; the next one is in a minute", study)

        threading.Thread(target=work, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        """Sweep no more."""
        self._stop.set()

    def sweep(self, study: str, prefix: str, now: int) -> list[str]:
        """Release silent sessions and those that ended unfinished; returns their names. Finished ones keep their place."""
        stream = stream_of(study, prefix)
        placed = self._assigner.roll(stream).cell_of
        released: list[str] = []
        for head in self._store.heads(f"{prefix}/{study}/" if prefix else f"{study}/"):
            session = head.stream.rpartition("/")[2]
            if head.kind == "erased":
                self._forget(head.stream)
            if self._ripe(head, now) and self.part(head.stream):
                continue
            if self._expired(head, now):
                self.expire(head.stream)
            if session not in placed or (why := self._why(head, now)) == "":
                continue
            self._assigner.release(stream, session, why)
            released.append(session)
        return released

    def _ripe(self, head: Head, now: int) -> bool:
        """Tell, once, that a session may be over for so long that its person has the code and can be parted with."""
        seen = (head.stream, head.seq)
        if head.kind not in OVER or head.at >= now - self._lease_us or seen in self._asked:
            return False
        self._asked.add(seen)
        return True

    def _expired(self, head: Head, now: int) -> bool:
        """Tell that an open session was silent for too long; whoever waits for a later visit is not."""
        late = self._expire_us and self._seen(head) < now - self._expire_us
        seen = (head.stream, head.seq)
        if not late or head.kind in ("closed", "erased") or seen in self._over:
            return False
        over = self._outcome(head.stream) != ""
        if over:
            self._over.add(seen)
        return not over and not self._resting(head.stream)

    def _seen(self, head: Head) -> int:
        return max(head.at, self.heard(head.stream))

    def _why(self, head: Head, now: int) -> str:
        """Return why a session's place is to be freed, "" if it keeps it."""
        silent = self._seen(head) < now - self._lease_us
        seen = (head.stream, head.seq)
        if seen in self._settled or not (silent or head.kind in OVER):
            return ""
        ended = self._outcome(head.stream)
        if ended == "completed":
            self._settled.add(seen)
            return ""
        return ended or ("expired" if silent and not self._resting(head.stream) else "")
