"""What a worker does with a job: finds who does its kind, with one thread. Torch is imported when a job needs it."""

from __future__ import annotations

from collections.abc import Mapping

from ai.job import Job
from game.canonical import Digest


def do(job: Job, shared: Mapping[Digest, bytes]) -> tuple[bytes, ...]:
    """Return one result per part; `shared` holds weights by their sha256. Equal jobs give equal bytes, but for the time they tell.

    Raises what the work raises, and ValueError for an unknown kind.
    """
    match job.kind:
        case "observe":
            from ai.observing import observe  # noqa: PLC0415 - without torch

            return observe(job)
        case "draw":
            from ai.drawn import draw  # noqa: PLC0415 - without torch

            return draw(job)
        case "answer":
            from ai.answering import answer  # noqa: PLC0415 - with torch

            return answer(job, shared)
        case "explain":
            from ai.explaining import explained  # noqa: PLC0415 - with torch

            return explained(job, shared)
        case "map":
            from ai.lab.mapping import chart  # noqa: PLC0415 - with torch

            return chart(job, shared)
        case "judge":
            from ai.lab.judging import judge  # noqa: PLC0415 - with torch

            return judge(job, shared)
        case _:
            raise ValueError(f"no job is called {job.kind!r}")
