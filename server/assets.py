"""Assets: the browser's files, served as they are, with digests so that a browser never runs a mixture of versions."""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from pathlib import Path

import msgspec

MEDIA = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
LIBRARIES = ("node_modules/lit-html/",)
"""What of the installed packages runs in a browser; nothing else of them is served."""
SHEETS = "style.css"
"""All style sheets of the participant's pages as one file: a dozen small ones weigh and wait more than they need."""
FIRST_STYLES = ("style/tokens.css", "style/base.css")

_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


class Asset(msgspec.Struct, frozen=True):
    """One file as it is sent."""

    data: bytes
    media: str
    digest: str
    packed: bytes = b""
    """The same, compressed; empty where that would not make it smaller."""
    brotli: bytes = b""
    """The same, compressed better; empty where it was not worth the time."""


@functools.cache
def root() -> Path:
    """Return the folder of the browser's files: beside the packages in a checkout, inside this one in a wheel."""
    here = Path(__file__).resolve().parent
    packaged = here / "_static"
    return packaged if packaged.is_dir() else here.parent / "static"


@functools.lru_cache(maxsize=512)
def _read(path: Path, _changed: int) -> Asset:
    return asset(path.read_bytes(), MEDIA[path.suffix])


@functools.lru_cache(maxsize=8)
def _together(sheets: tuple[Asset, ...]) -> Asset:
    return asset(b"\n".join(sheet.data for sheet in sheets), MEDIA[".css"])


def asset(data: bytes, media: str) -> Asset:
    """Return bytes as they are sent."""
    packed = gzip.compress(data, 9, mtime=0)
    smaller = len(packed) < len(data) * 0.9
    return Asset(data, media, hashlib.sha256(data).hexdigest()[:20], packed if smaller else b"")


def find(name: str) -> Asset | None:
    """Return the file called `name` below the root, or None when there is none or it is not for browsers."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or part.startswith(".") for part in parts):
        return None
    if name == SHEETS:
        return _together(tuple(asset for sheet in styles() if (asset := find(sheet))))
    if parts[0] == "node_modules" and not name.startswith(LIBRARIES):
        return None
    path = root() / name
    if path.suffix not in MEDIA or not path.is_file():
        return None
    return _read(path, path.stat().st_mtime_ns)


@functools.cache
def modules(entry: str) -> tuple[str, ...]:
    """Return `entry`, all blocks and all modules that these import, directly or not, as names below the root."""
    return _reached([entry, *_blocks()])


@functools.cache
def first(entry: str) -> tuple[str, ...]:
    """Return the same without rare blocks: those that bring a sheet of their own come with their first screen."""
    return _reached([entry, *(name for name in _blocks() if sheet(name) is None)])


def _blocks() -> list[str]:
    """The renderer imports blocks by their names, which no pattern finds."""
    return [f"blocks/{path.name}" for path in sorted((root() / "blocks").glob("*.js"))]


def _reached(todo: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    while todo:
        name = todo.pop()
        asset = find(name)
        if name in found or asset is None:
            continue
        found[name] = None
        if not name.startswith("node_modules/"):
            todo += [_join(name, target) for target in _IMPORT.findall(asset.data.decode())]
    return tuple(found)


def sheet(module: str) -> str | None:
    """Return the style sheet that lies beside a block's module, or None."""
    beside = module.removesuffix(".js") + ".css"
    return beside if module.startswith("blocks/") and find(beside) is not None else None


def _join(module: str, target: str) -> str:
    parts = module.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


@functools.cache
def styles() -> tuple[str, ...]:
    """Return the style sheets of the participant's pages, tokens first."""
    names = [f"style/{path.name}" for path in sorted((root() / "style").glob("*.css"))]
    return (*(n for n in FIRST_STYLES if n in names), *(n for n in names if n not in FIRST_STYLES))


@functools.cache
def digest() -> str:
    """Return the digest of everything that draws the participant's screen; logged as the renderer of a session."""
    every = hashlib.sha256()
    sheets = {beside for name in modules("play.js") if (beside := sheet(name))}
    for name in sorted({*modules("play.js"), *styles(), *sheets}):
        asset = find(name)
        every.update(f"{name} {asset.digest if asset else ''}\n".encode())
    return every.hexdigest()[:16]
