"""The shelf: logs as they lie on disk, whatever their form: a data folder, a database file or a log file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from game.canonical import Digest
from game.log import Row
from game.logfile import LogFile, Truncated, read
from server.blobs import Blobs


class NotALog(ValueError):
    """The path holds no log; the message says what was looked for."""


class Shelf:
    """Read-only access to streams and blobs."""

    def __init__(
        self, streams: Mapping[str, int], rows: Callable[[str], Sequence[Row]], blob: Callable[[Digest], bytes]
    ) -> None:
        self.streams, self.rows, self._blob = streams, rows, blob

    def blob(self, digest: Digest) -> bytes:
        """Return a blob; raises KeyError when it is missing, ValueError when it was altered."""
        try:
            return self._blob(digest)
        except LookupError as error:
            raise KeyError(str(error)) from error


def open_shelf(path: Path) -> Shelf:
    """Open a data folder, a database file or a `*.log.jsonl`; raises NotALog or game.logfile.Truncated."""
    if path.is_dir():
        return _database(_inside(path))
    if not path.is_file():
        raise NotALog(f"{path} does not exist")
    with path.open("rb") as file:
        if file.read(16) == b"SQLite format 3\0":
            return _database(path)
        file.seek(0)
        return _file(read(file))


def _inside(folder: Path) -> Path:
    found = [folder / "coplay.db"] if (folder / "coplay.db").is_file() else sorted(folder.glob("*/coplay.db"))
    if not found:
        raise NotALog(f"{folder} holds no coplay.db")
    if len(found) > 1:
        raise NotALog(f"{folder} holds several studies: name one of {', '.join(str(p.parent) for p in found)}")
    return found[0]


def _database(path: Path) -> Shelf:
    from server.store_sqlite import SqliteStore  # noqa: PLC0415 - not needed for files

    store = SqliteStore(path, read_only=True)
    heads = {head.stream: head.seq + 1 for head in store.heads()}
    return Shelf(heads, store.read, Blobs(path.parent / "blobs").get)


def _file(log: LogFile) -> Shelf:
    return Shelf({name: len(rows) for name, rows in log.streams.items()}, lambda name: log.streams[name], log.read_blob)


__all__ = ["NotALog", "Shelf", "Truncated", "open_shelf"]
