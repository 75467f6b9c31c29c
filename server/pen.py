"""The pen: seals events into rows and appends them. Held by the table and, for the study's own stream, the assigner."""

from __future__ import annotations

import os
from collections.abc import Sequence

from game.events import Assigned, Event
from game.log import Head, Row, Store, seal


def write(store: Store, last: Row | Head | None, stream: str, events: Sequence[Event], cmd: str = "") -> list[Row]:
    """Append events after `last`; returns their rows once durable. Raises what the store raises, e.g. Conflict.

    `cmd` is the id of the command that made them; a plan is made by the server, so its row carries none.
    """
    rows: list[Row] = []
    for event in events:
        last = seal(last, stream, event, "" if isinstance(event, Assigned) else cmd, os.urandom(16).hex())
        rows.append(last)
    store.append(rows)
    return rows
