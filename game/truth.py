"""Truth files (`*.truth.jsonl`): who simulated participants were, and who decided their rounds, for recovery to compare with.

Beside a simulated log, never in it: what is to be recovered must not be there to be read. Line 1 is
`{"format": "coplay-truth", "version": 1, "seed": ..., "players": ...}`, then one participant a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from game.canonical import encode as canonical
from game.manner import Mode

FORMAT = "coplay-truth"
VERSION = 1


class TruthRound(msgspec.Struct, frozen=True, array_like=True):
    """One round: number of its step in the session, when its first screen was painted (`Round.started_at`), who decided it."""

    step: int
    at: int
    specimen: str
    mode: Mode


class Truth(msgspec.Struct, frozen=True):
    """One simulated participant."""

    participant: str
    study: str
    cell: str
    player: str
    traits: Mapping[str, float]
    rounds: tuple[TruthRound, ...] = ()
    """Empty for players that do not say."""

    def modes(self) -> dict[int, Mode]:
        """Return `Round.started_at` -> who decided."""
        return {each.at: each.mode for each in self.rounds}


class TruthHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    format: Literal["coplay-truth"] = "coplay-truth"
    version: int = VERSION
    seed: str
    players: str


class BadTruth(ValueError):
    """The file cannot be read as a truth file; the message names the line."""


def encode(header: TruthHeader, people: Iterable[Truth]) -> Iterator[bytes]:
    """Yield the lines of a truth file."""
    yield canonical(header) + b"\n"
    for each in people:
        yield canonical(each) + b"\n"


def decode(lines: Iterable[bytes]) -> tuple[TruthHeader, Sequence[Truth]]:
    """Read a truth file's lines; raises BadTruth."""
    numbered = enumerate(lines, 1)
    at, line = next(numbered, (1, b""))
    people: list[Truth] = []
    try:
        header = msgspec.json.decode(line, type=TruthHeader)
        if header.version != VERSION:
            raise BadTruth(f"line 1: version {header.version}; this coplay reads version {VERSION}")
        for at, line in numbered:  # noqa: B007 - the message names it
            people.append(msgspec.json.decode(line, type=Truth))
    except msgspec.MsgspecError as error:
        raise BadTruth(f"line {at} cannot be read as simulated truth: {error}") from error
    return header, people
