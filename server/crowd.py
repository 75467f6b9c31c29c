"""A crowd: simulated people of one study over all cores. Who they are depends on seed and number only, never on the cores."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple, TypeVar

import msgspec

from game.canonical import encode
from game.catalogue import Texts
from game.compile import Names
from game.logfile import Length, line_of
from game.mixture import Share
from game.pack import decode
from game.round import Round
from game.rounds import rounds_of
from game.simulate import People
from game.study import Study
from game.truth import Truth
from server.studies import OpenStudy

T = TypeVar("T")
Job = TypeVar("Job")
TOGETHER = 8
"""People played in one go by one core."""
FEW = 24
"""So few are played in this process: starting others takes longer."""
_people: list[People] = []
"""Of this process, where it plays for another one."""


class Lines(NamedTuple):
    """One person's session as lines of a log file, and who it was in truth, as a line of a truth file."""

    stream: str
    length: Length
    rows: bytes
    truth: bytes


class Crowd(NamedTuple):
    """What people are made from; sent to other processes as it is.

    Study and manifest are bytes: encoding leaves out what *is* a default, and a pickled copy of a text is not the default itself.
    """

    study: bytes
    manifest: bytes
    texts: Mapping[str, Texts]
    names: Names
    seed: str
    shares: Sequence[Share]

    def people(self) -> People:
        """Return the people, who are not played yet."""
        study = msgspec.json.decode(self.study, type=Study)
        return People(study, decode(self.manifest), self.texts, self.names, self.seed, self.shares)


def crowd_of(opened: OpenStudy, seed: str, shares: Sequence[Share], study: Study | None = None) -> Crowd:
    """Return the crowd of an open study, or of a changed one; blob names are keyed by the seed, so equal seeds give equal files."""
    names = Names(seed, opened.names.study, opened.names.manifest, opened.names.texts)
    return Crowd(encode(study or opened.study), opened.pack.data, opened.texts, names, seed, shares)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def lines(people: People, number: int) -> Lines:
    """Play one person and write the session down."""
    rows, truth = people.sealed(number)
    body = b"".join(map(line_of, rows))
    return Lines(rows[0].stream, Length(len(rows), rows[-1].hash), body, encode(truth) + b"\n")


def told(people: People, number: int) -> tuple[list[Round], Truth]:
    """Play one person and return the rounds, without writing anything down."""
    played = people.play(number)
    return rounds_of(played.events, people.manifest), played.truth


def as_if(people: People, job: tuple[int, str]) -> list[Round]:
    """Play person `number` in a cell, with the same specimens and the same draws as in any other cell; return the rounds."""
    number, cell = job
    return rounds_of(people.play(number, cell).events, people.manifest)


def each(crowd: Crowd, jobs: Sequence[Job], do: Callable[[People, Job], T], most: int = 0) -> Iterator[T]:
    """Yield `do(people, job)` for all jobs in order, over `most` cores (0: all there are). Raises what `do` raises."""
    wanted = min(most or cores(), max(1, len(jobs) // TOGETHER))
    if wanted < 2 or len(jobs) <= FEW:
        people = crowd.people()
        yield from (do(people, job) for job in jobs)
        return
    parts = [jobs[at : at + TOGETHER] for at in range(0, len(jobs), TOGETHER)]
    # A fresh interpreter each: a fork would share locks and sockets of whoever calls.
    with ProcessPoolExecutor(wanted, get_context("spawn"), _begin, (crowd,)) as pool:
        for made in pool.map(_several, [do] * len(parts), parts):
            yield from made


def _begin(crowd: Crowd) -> None:
    _people[:] = [crowd.people()]
    gc.freeze()
    gc.set_threshold(
        200_000, 50, 50
    )  # a session is plain data without cycles: looking for them takes a tenth of the time


def _several(do: Callable[[People, Job], T], jobs: Sequence[Job]) -> list[T]:
    return [do(_people[0], job) for job in jobs]
