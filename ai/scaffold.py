"""Puts a first `study.toml` beside an imported pack, so that it can be played at once."""

from __future__ import annotations

from pathlib import Path

from game.pack import Manifest
from game.scaffold import scaffold


def write_study(manifest: Manifest, folder: Path) -> Path | None:
    """Write `folder/study.toml` for a pack and return its path; None where there is one already: it is never replaced."""
    path = folder / "study.toml"
    if path.exists():
        return None
    path.write_text(scaffold(manifest), encoding="utf-8")
    return path
