"""Blobs: catalogues, study files and manifests that a log names by digest, kept so that it replays for ever."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from game.canonical import Digest, sha256


class Blobs:
    """A folder of content-addressed files, `ab/<sha256>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: Digest) -> Path:
        """Return where a blob lies."""
        return self.folder / digest[:2] / digest

    def put(self, data: bytes) -> Digest:
        """Store bytes and return their digest; half-written files never carry a digest's name."""
        digest = sha256(data)
        path = self.path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{digest}.{secrets.token_hex(4)}")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return digest

    def get(self, digest: Digest) -> bytes:
        """Return a blob's bytes; raises LookupError when it is missing or was altered."""
        try:
            data = self.path(digest).read_bytes()
        except OSError as error:
            raise LookupError(f"blob {digest[:12]} is not in {self.folder}") from error
        if sha256(data) != digest:
            raise LookupError(f"blob {digest[:12]} in {self.folder} was altered")
        return data
