"""Delivery: what a participant's page loads, made from the sources in `static/`: one script, one style sheet, rare blocks apart.

Their address holds a digest of all of it, so a browser keeps them for ever and never asks again.
"""

from __future__ import annotations

import functools
from typing import Any, cast

import brotli  # pyright: ignore[reportMissingTypeStubs]
from msgspec.structs import replace

from server import assets, bundle
from server.assets import Asset

SIGN = "~"
"""Begins the part of an address that names the digest."""
TEXT = ("text/javascript", "text/css", "image/svg")


def script() -> str:
    """Return the address of the script of the participant's page."""
    return f"/static/{SIGN}{_made()[0]}/{bundle.ENTRY}"


def sheet() -> str:
    """Return the address of the style sheet of every page around the game."""
    return f"/static/{SIGN}{_made()[0]}/{assets.SHEETS}"


def find(name: str) -> tuple[Asset | None, bool]:
    """Return the file of an address below `/static/`, and whether a browser may keep it for ever."""
    if not name.startswith(SIGN):
        return assets.find(name), False
    mark, _, rest = name.removeprefix(SIGN).partition("/")
    now, files = _made()
    # A page of another version gets what there is: the server tells it to load itself again when it connects.
    return files.get(rest) or assets.find(rest), mark == now


def warm() -> None:
    """Make everything now, so that nobody waits for it."""
    _made()


def _made() -> tuple[str, dict[str, Asset]]:
    """Return the digest and the files; made again when a source was changed, so that a reload shows it."""
    return _make(max(path.stat().st_mtime_ns for path in _sources()))


@functools.cache
def _sources() -> tuple[Any, ...]:
    root = assets.root()
    modules = assets.modules(bundle.ENTRY)
    names = (*modules, *assets.styles(), *(sheet for name in modules if (sheet := assets.sheet(name))))
    return tuple(root / name for name in dict.fromkeys(names))


@functools.lru_cache(maxsize=1)
def _make(_changed: int) -> tuple[str, dict[str, Asset]]:
    mark = bundle.mark_of(path.read_bytes() for path in _sources())
    shared = [name for name in assets.first(bundle.ENTRY) if name.startswith("blocks/")]
    blocks = [name for name in assets.modules(bundle.ENTRY) if name.startswith("blocks/")]
    first = [*shared, bundle.ENTRY]
    within = bundle.names_in(first, _source)
    made = {bundle.ENTRY: bundle.bundle(first, _source)}
    for name in blocks:
        if name not in within:
            made[name] = bundle.bundle([name], _source, within, f"../{bundle.ENTRY}")
        if beside := assets.sheet(name):
            made[beside] = bundle.lean_sheet(_source(beside))
    made[assets.SHEETS] = bundle.lean_sheet(_source(assets.SHEETS))
    return mark, {name: _squeezed(name, text) for name, text in made.items()}


def _source(name: str) -> str:
    asset = assets.find(name)
    if asset is None:
        raise LookupError(f"{name} is imported and is not in {assets.root()}")
    return asset.data.decode()


def _squeezed(name: str, text: str) -> Asset:
    asset = assets.asset(text.encode(), assets.MEDIA[name[name.rindex(".") :]])
    compress: Any = brotli.compress  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return replace(asset, brotli=cast("bytes", compress(asset.data, quality=11)))
