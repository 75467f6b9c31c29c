"""Writes packs: blobs named by their sha256, everything beside the old pack first, then one rename. No torch here."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from game.canonical import Digest, encode, sha256
from game.pack import Blob, Built, Manifest, decode, path_of, timed

MANIFEST, BUILT = "manifest.json", "build.json"
QUALITIES = (86, 82, 76, 70, 62, 54, 46, 38)
"""WebP qualities tried from best to worst until a picture is small enough."""


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFull(OSError):
    """No room to write; says where, and that the pack is as it was."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            f"{folder}: {(error.strerror or 'no room').lower()}: the pack is as it was; free some space and try again"
        )


class Draft:
    """A pack being written. Used as a context: without `publish`, or after an error, the old pack stays as it was."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the pack's final place, usually `STUDY/pack`; its parents are made."""
        self.folder = folder
        self.blobs: dict[Digest, Blob] = {}
        self._work = Path()

    def __enter__(self) -> Self:
        """Make the working folder beside the final one, so that the rename stays on one disk."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        for left in self.folder.parent.glob(".draft-*"):
            if not _alive(left.name.split("-")[1]):  # its build was killed
                shutil.rmtree(left, ignore_errors=True)
        self._work = Path(tempfile.mkdtemp(prefix=f".draft-{os.getpid()}-", dir=self.folder.parent))
        self._work.chmod(0o755)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not published; raises DiskFull where that was the error."""
        shutil.rmtree(self._work, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in FULL:
            raise DiskFull(self.folder, error) from None

    def add(self, data: bytes, media: str, width: int, height: int) -> Digest:
        """Store bytes and return their sha256; equal bytes are stored once."""
        digest, blob = sha256(data), Blob(media, len(data), width, height)
        if digest not in self.blobs:
            path = self._work / path_of(digest, blob)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            self.blobs[digest] = blob
        return digest

    def picture(self, image: Image.Image, most_bytes: int = 60_000, quality: int = QUALITIES[0]) -> Digest:
        """Store an image as WebP without metadata, at most `most_bytes` where any quality allows it."""
        data, size = encoded(image, most_bytes, quality)
        return self.add(data, "image/webp", *size)

    def map(self, grey: NDArray[np.uint8], media: str = "image/png") -> Digest:
        """Store an 8-bit grey map (h, w) without loss, as PNG or as WebP, which is a third smaller."""
        buffer = io.BytesIO()
        if media == "image/webp":
            Image.fromarray(grey).convert("RGB").save(buffer, "WEBP", lossless=True, quality=100, method=6)
        else:
            Image.fromarray(grey).save(buffer, "PNG", optimize=True)
        return self.add(buffer.getvalue(), media, grey.shape[1], grey.shape[0])

    def publish(self, manifest: Manifest, built: Callable[[bytes], Built] | None = None) -> Manifest:
        """Write the manifest with this draft's blobs and put the pack in its place; returns what was written.

        `built` tells, of the manifest's bytes, how it was built, and goes beside it.
        """
        whole = msgspec.structs.replace(manifest, blobs=dict(sorted(self.blobs.items())))
        data = encode(whole)
        (self._work / MANIFEST).write_bytes(data)
        if built:
            (self._work / BUILT).write_bytes(encode(built(data)))
        old = self._work.with_name(self._work.name + ".old")
        held = self.folder.exists()
        if held:
            self.folder.rename(old)
        try:
            self._work.rename(self.folder)
        except OSError:
            if held:
                old.rename(self.folder)
            raise
        shutil.rmtree(old, ignore_errors=True)
        return whole


def encoded(image: Image.Image, most_bytes: int, quality: int = QUALITIES[0]) -> tuple[bytes, tuple[int, int]]:
    """Return the image as WebP without metadata and its size: of less quality, then smaller, until it fits."""
    clean = bare(image)
    data = b""
    for q in [quality, *(q for q in QUALITIES if q < quality)]:
        data = _webp(clean, q)
        if len(data) <= most_bytes:
            break
    while len(data) > most_bytes and min(clean.size) > 64:
        clean = clean.resize((clean.width * 4 // 5, clean.height * 4 // 5), Image.Resampling.LANCZOS)
        data = _webp(clean, QUALITIES[3])
    return data, clean.size


def bare(image: Image.Image) -> Image.Image:
    """Return upright RGB pixels and nothing else: no EXIF, profile, text or thumbnail; transparency on white."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        rgba = upright.convert("RGBA")
        white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        upright = Image.alpha_composite(white, rgba)
    rgb = upright.convert("RGB")
    return Image.frombytes("RGB", rgb.size, rgb.tobytes())


def fit(image: Image.Image, longest: int) -> Image.Image:
    """Return the image with its longest side at most `longest` pixels; smaller images stay as they are."""
    share = longest / max(image.size)
    if share >= 1:
        return image
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS)


def read(folder: Path) -> Manifest:
    """Read a pack's manifest from its folder, or from the study folder around it.

    Raises FileNotFoundError, msgspec.ValidationError or ValueError, each saying what is wrong.
    """
    return decode((place(folder) / MANIFEST).read_bytes())


def with_times(manifest: Manifest, folder: Path) -> Manifest:
    """Return the manifest with wall times where `build.json` beside it tells them of this very manifest; else as it is."""
    pack = place(folder)
    try:
        built = msgspec.json.decode((pack / BUILT).read_bytes(), type=Built)
    except (OSError, msgspec.MsgspecError):
        return manifest
    return timed(manifest, built) if built.pack == sha256((pack / MANIFEST).read_bytes()) else manifest


def place(folder: Path) -> Path:
    """Return the pack folder for a path that may be the pack, its manifest or its study."""
    if folder.name == MANIFEST:
        return folder.parent
    return folder / "pack" if not (folder / MANIFEST).exists() and (folder / "pack").is_dir() else folder


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _webp(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()
