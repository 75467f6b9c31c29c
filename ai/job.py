"""A job: one shard of a build, as plain data. Its keys are digests of everything that decides its results. No torch here."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from game.canonical import Digest, digest, sha256

LIBRARIES = ("torch", "numpy", "pillow", "captum", "timm")
"""What decides bytes beside our own code."""


class Job(msgspec.Struct, frozen=True):
    """One shard: `parts` are made from the `common` data, one result (bytes) each, stored under `keys`.

    `extra` is data that is too large for a key and named in it by its digest (a gallery).
    """

    kind: str
    common: dict[str, Any]
    parts: tuple[Any, ...]
    keys: tuple[Digest, ...]
    extra: dict[str, Any] = {}

    def only(self, missing: set[Digest]) -> Job:
        """Return the job with those parts only whose results are missing."""
        kept = [(part, key) for part, key in zip(self.parts, self.keys, strict=True) if key in missing]
        return msgspec.structs.replace(self, parts=tuple(p for p, _ in kept), keys=tuple(k for _, k in kept))


def job(kind: str, common: dict[str, Any], parts: Sequence[Any], extra: Mapping[str, Any] | None = None) -> Job:
    """Return the job with the keys of its parts; all data must have canonical JSON, and be equal where results are."""
    shared = digest([revision(), kind, common])
    return Job(kind, common, tuple(parts), tuple(digest([shared, part]) for part in parts), dict(extra or {}))


@cache
def revision() -> Digest:
    """Return the digest of what makes results: our code but for the command line, the libraries, the kind of machine."""
    here = Path(__file__).parent
    files = sorted(p for p in here.rglob("*.py") if not p.name.startswith("cli"))
    code = [[p.relative_to(here).as_posix(), sha256(p.read_bytes())] for p in files]
    return digest([code, [*versions().values()], platform.machine(), platform.python_version()])


def versions() -> dict[str, str]:
    """Return the version of each library that decides bytes, "" where it is not installed."""
    return {name: _version(name) for name in LIBRARIES}


def code_of(thing: Any) -> Digest:
    """Return the digest of the file that defines a registered thing; it may come from another package."""
    path = inspect.getsourcefile(inspect.unwrap(thing) if callable(thing) else type(thing))
    return sha256(Path(path).read_bytes()) if path else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
