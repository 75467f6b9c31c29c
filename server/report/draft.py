"""A draft folder beside the one to come: filled, then renamed; a killed export leaves no half-written folder of its name."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Generator
from pathlib import Path

MARK = "datapackage.json"


class Taken(Exception):
    """The folder cannot be written now; the message says why and what to do."""


@contextlib.contextmanager
def draft(
    target: Path, *, force: bool = False, mark: str = MARK, what: str = "export", keep: bool = False
) -> Generator[Path]:
    """Yield an empty folder that becomes `target` when the block ends well, and is gone when it does not.

    What a killed export left is cleared first. With `keep` it stays, also when the block is interrupted, so that it can be taken
    up: whoever fills the folder then clears it (see `begun`). `force` replaces an earlier one, never another folder: the file
    `mark` tells them apart, `what` is the word for them. Raises Taken, OSError.
    """
    _may_write(target, mark, what, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.with_name(f".{target.name}.draft")
    folder.mkdir(exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken(f"another {what} is writing {target}: wait for it, or name another folder") from None
        if not keep:
            _clear(folder)
        kept = False
        try:
            yield folder
            _may_write(target, mark, what, force=force)
            _put(folder, target)
        except KeyboardInterrupt:
            kept = keep
            raise
        finally:
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _may_write(target: Path, mark: str, what: str, *, force: bool) -> None:
    if not target.exists():
        return
    if target.is_dir() and not any(target.iterdir()):
        return
    if not force:
        raise Taken(f"{target} exists: name another folder, or --force to replace an earlier {what}")
    if not (target / mark).is_file():
        raise Taken(f"{target} is no {what} (it has no {mark}): --force replaces {what}s only")


def _clear(folder: Path) -> None:
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def _put(folder: Path, target: Path) -> None:
    """Make everything durable, then rename; an earlier export is moved away first and deleted last."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    folder.rename(target)
    shutil.rmtree(old, ignore_errors=True)
