"""How far an export came: written beside what is settled of it, so that the next run with the same source takes it up there.

A killed export leaves its draft folder. What was written since everything was last made durable is cut off again. Where that is
done depends on the data alone, so an export that is taken up ends with the bytes of one that never stopped.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import msgspec

from game.events import CORE
from server.report.lines import Until
from server.version import version

FILE = "begun.msgpack"
KEEP = ("rows.part", "heads.part")
HERE = Path(__file__).parent


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables of an export counted so far, and how long their files are."""

    left_out: dict[str, int]
    kinds: dict[str, int]
    studies: set[str]
    versions: dict[str, int]
    people: int
    withdrawn: int
    last: int
    met: dict[tuple[str, str], str]
    files: dict[str, Until]
    """Name of a table -> how far it was written."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What is settled of an export."""

    key: str
    """Stands for source, choices and program: with another one, nothing here may be used."""
    done: int
    """Streams, or rounds of a rounds file, that are settled."""
    tables: Counts
    raw: tuple[int, int] = (0, 0)
    blobs: set[str] = set()
    langs: dict[str, str] = {}
    packs: list[str] = []
    notes: set[str] = set()
    crowd: int = 0
    single: dict[tuple[str, str], int] = {}
    whole: dict[tuple[tuple[str, str], ...], int] = {}
    people: dict[tuple[str, str], tuple[int, int]] = {}
    """Rounds files: (study, participant) -> rounds, of them scored."""


def key_of(mark: str, choices: object, name: str) -> str:
    """Return the key of an export: a digest over its source's `mark`, what was chosen, and the program's own files."""
    seen = hashlib.sha256(f"{mark}\0{choices!r}\0{name}\0{version()}\0{CORE}".encode())
    for path in sorted([*HERE.glob("*.py"), *(HERE.parents[1] / "game").glob("*.py")]):
        seen.update(path.read_bytes())
    return seen.hexdigest()


def write(folder: Path, begun: Begun) -> None:
    """Write how far the export in `folder` came; what it speaks of must be durable already."""
    part = folder / f"{FILE}.part"
    with part.open("wb") as file:
        file.write(msgspec.msgpack.encode(begun))
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / FILE)


def read(folder: Path, key: str) -> Begun | None:
    """Return how far an export with this key came, None where there is none; what else lies in `folder` is deleted."""
    begun = _read(folder / FILE, key)
    kept = {FILE}
    if begun is not None:
        kept |= {*KEEP, *(path.name for path in (folder / "data").glob("*_data.csv"))}
    clear(folder, kept if begun is not None else set())
    return begun


def drop(folder: Path) -> None:
    """Delete what only served to take up the export in `folder`: what it is made of is complete."""
    for path in (folder / FILE, *(folder / "data" / "raw" / name for name in KEEP)):
        path.unlink(missing_ok=True)


def clear(folder: Path, kept: set[str]) -> None:
    """Delete everything in a draft but the files called so, and the folders that hold them."""
    for path in folder.iterdir():
        if path.is_symlink() or path.is_file():
            if path.name not in kept:
                path.unlink()
        elif path.name in ("data", "raw") and kept:
            clear(path, kept)
        else:
            shutil.rmtree(path)


def _read(path: Path, key: str) -> Begun | None:
    try:
        begun = msgspec.msgpack.decode(path.read_bytes(), type=Begun)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return begun if begun.key == key else None
