"""What the events say of each round beside its fields: images, sizes, the network, how the map was drawn, the server's clock."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from game.events import Answered, Gestured, Joined, SessionEvent, Shown
from game.round import Round
from game.stages import ShowPanes, ShowPart
from game.state import steps_of
from server.report.page.exchange import MAKES
from server.report.visit import Visit

Row = dict[str, Any]


def seen(visit: Visit, rounds: Sequence[Round]) -> Iterator[Row]:
    """Yield the columns of each round that its events tell."""
    begins = [each.started_at or 0 for each in rounds]
    found: list[Row] = [{"reconnects": 0} for _ in rounds]
    trips: list[list[int]] = [[] for _ in rounds]
    views: list[str] = ["" for _ in rounds]
    pointer = None
    for before, event in zip((None, *visit.events), visit.events, strict=False):
        if isinstance(event, Joined):
            pointer = "touch" if event.client.touch else "mouse"
        began = event.at - event.ago_ms * 1000 if isinstance(event, Shown) else event.at
        place = bisect.bisect_right(begins, began) - 1
        if place < 0:
            continue
        row = found[place]
        if isinstance(event, Joined):
            row["reconnects"] += 1
        elif isinstance(event, Shown):
            trips[place] += _trip(before, event)
            if "viewport_w" not in row:
                row |= {
                    "viewport_w": event.width or None,
                    "viewport_h": event.height or None,
                    "t_image_ms": event.image_ms,
                }
        elif isinstance(event, Gestured):
            chosen = [str(item.value) for item in event.items if item.name == "rendering"]
            row |= {"chosen": chosen[-1]} if chosen else {}
        elif isinstance(event, Answered):
            views[place] = views[place] or _display(visit, event)
            if event.name == "final" and "rt_server_ms" not in row:
                row["rt_server_ms"] = (event.at - begins[place]) // 1000
        row["pointer"] = pointer
    for each, row, ms, display in zip(rounds, found, trips, views, strict=True):
        chosen = row.pop("chosen", "")
        mapped = each.explanation_shown and each.explanation_kind == "map"
        yield row | {"rtt_ms": _middle(ms), "explanation_view": (chosen or display or None) if mapped else None}


def _trip(before: SessionEvent | None, event: Shown) -> list[int]:
    """Return how long a screen was under way in ms, as `exchange` has it; nothing where that cannot be told."""
    if not isinstance(before, MAKES) or before.at >= event.at:
        return []
    spent = (event.at - before.at) // 1000 - event.ago_ms - max(event.image_ms or 0, event.overlay_ms or 0)
    return [spent] if spent >= 0 else []


def _display(visit: Visit, event: Answered) -> str:
    """Return how the map of the round that an answer belongs to is drawn unless the person chooses otherwise; "" without one."""
    steps, state = steps_of(visit.state), visit.state
    if not state.intake_steps <= event.step < len(steps):
        return ""
    stages = visit.script.stages.get(steps[event.step].key, ())
    shows = [show for stage in stages for show in stage.show]
    panes = (show.display for show in shows if isinstance(show, ShowPanes) and show.second == "map")
    return next(panes, "beside" if any(isinstance(show, ShowPart) for show in shows) else "")


def _middle(values: Sequence[int]) -> int | None:
    return round(median(values)) if values else None
