"""Raw rows of an export, compressed: a log file as `coplay verify` reads it, or rows without absolute times."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import msgspec

from game.canonical import Digest, encode
from game.events import CORE, Assigned, Noted, Opened, SessionEvent
from game.log import Row
from game.logfile import VERSION, Header, Length
from server.report.visit import Visit, is_free

FILE, RELATIVE = "events.jsonl.gz", "events-relative.jsonl.gz"
FORMAT = "coplay-log-relative"


CUT = 32 << 20
"""So many bytes of rows make a gzip member; where one ends, an export can be taken up again."""


class Raw:
    """Rows, written stream by stream; the header is known last and put before them as a gzip member of its own."""

    def __init__(self, folder: Path, *, relative: bool, release: bool, begun: tuple[int, int] | None = None) -> None:
        self.path = folder / (RELATIVE if relative else FILE)
        self.heads: dict[str, dict[str, Any]] = {}
        self._part, self._told = folder / "rows.part", folder / "heads.part"
        self._relative, self._release = relative, release
        if begun is not None:
            self._go_on(begun)
        self._rows, self._heads = self._opened("wb" if begun is None else "ab")
        self._bytes = 0

    @property
    def full(self) -> bool:
        """The member that is open has got its bytes."""
        return self._bytes >= CUT

    def cut(self) -> tuple[int, int]:
        """End the member, make everything durable, begin the next; return how long the rows and the heads are."""
        self._rows.close()
        self._heads.close()
        for path in (self._part, self._told):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        lengths = self._part.stat().st_size, self._told.stat().st_size
        self._rows, self._heads = self._opened("ab")
        self._bytes = 0
        return lengths

    def _go_on(self, lengths: tuple[int, int]) -> None:
        """Stand behind what `cut` said; raises ValueError where that is not there."""
        for path, length in zip((self._part, self._told), lengths, strict=True):
            if path.stat().st_size < length:
                raise ValueError(f"{path.name} is shorter than it was")
            os.truncate(path, length)
        for line in self._told.read_bytes().splitlines():
            head = msgspec.json.decode(line, type=dict[str, Any])
            self.heads[head["stream"]] = {name: head[name] for name in ("rows", "head", "state")}

    def _opened(self, mode: Literal["wb", "ab"]) -> tuple[gzip.GzipFile, BinaryIO]:
        return _gzip(self._part, mode), self._told.open(mode)

    def add(self, visit: Visit, *, bare: bool) -> None:
        """Write the rows of a session; `bare` ones without their bodies."""
        last = visit.rows[-1]
        state = "bodies erased" if bare else "whole"
        self.heads[visit.stream] = {"rows": len(visit.rows), "head": last.hash, "state": state}
        self._heads.write(encode({"stream": visit.stream} | self.heads[visit.stream]) + b"\n")
        for row, event in zip(visit.rows, visit.events, strict=True):
            kept = msgspec.structs.replace(row, data=None, salt=None) if bare or self._hides(visit, event) else row
            line = {"row": self._shifted(kept, visit.rows[0].at) if self._relative else kept}
            self._bytes += self._rows.write(encode(line) + b"\n")

    def close(self, blobs: Mapping[Digest, bytes]) -> None:
        """Put header and blobs before the rows; the parts stay, see `begun.drop`."""
        self.abandon()
        lengths = {name: Length(head["rows"], head["head"]) for name, head in self.heads.items()}
        header: Any = Header("coplay-log", VERSION, CORE, lengths)
        if self._relative:
            header = {"format": FORMAT, "version": VERSION, "core": CORE, "streams": lengths}
        first = self._part.with_name("first.part")
        with _gzip(first) as file:
            file.write(encode(header) + b"\n")
            for digest in sorted(blobs):
                file.write(encode({"blob": digest, "text": blobs[digest].decode()}) + b"\n")
        with self.path.open("wb") as whole:
            for part in (first, self._part):
                with part.open("rb") as file:
                    shutil.copyfileobj(file, whole)
        first.unlink()

    def abandon(self) -> None:
        """Close what is open."""
        self._rows.close()
        self._heads.close()

    def _hides(self, visit: Visit, event: SessionEvent) -> bool:
        """Tell whether a release withholds an event's body: words of people's own, platforms, addresses to go back to."""
        if not self._release:
            return False
        if isinstance(event, Opened):
            return bool(event.recruiter or event.intake.leave)
        return (
            isinstance(event, Noted)
            or (isinstance(event, Assigned) and bool(event.plan.leave))
            or is_free(visit, event)
        )

    def _shifted(self, row: Row, began: int) -> dict[str, Any]:
        by = row.by.split(":")[0] if self._release else row.by
        return {
            "stream": row.stream, "seq": row.seq, "kind": row.kind, "v": row.v, "t_us": row.at - began, "by": by,
            "data": row.data, "salt": row.salt, "body": row.body,
        }  # fmt: skip


def compress(lines: Iterable[bytes], path: Path) -> None:
    """Write lines compressed; equal lines give equal bytes."""
    with _gzip(path) as file:
        for line in lines:
            file.write(line)


def _gzip(path: Path, mode: Literal["wb", "ab"] = "wb") -> gzip.GzipFile:
    return _Owner(path, mode)


class _Owner(gzip.GzipFile):
    """A compressed file without name or time inside, that closes the file below it too."""

    def __init__(self, path: Path, mode: Literal["wb", "ab"]) -> None:
        self._below = path.open(mode)
        super().__init__(filename="", mode="wb", fileobj=cast("Any", self._below), mtime=0)

    def close(self) -> None:
        super().close()
        self._below.close()
