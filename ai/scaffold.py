"""Puts a first `study.toml` beside an imported pack, so that it can be played at once."""

from __future__ import annotations

from pathlib import Path

from game import study
from game.pack import Manifest


def write_study(manifest: Manifest, folder: Path) -> Path | None:
    """Write `folder/study.toml` for a pack and return its path; None where there is one already: it is never replaced."""
    path = folder / "study.toml"
    if path.exists():
        return None
    model = next(iter(manifest.models), "")
    method = next(iter(manifest.methods), "")
    languages = tuple(sorted(set(manifest.title) & set(manifest.question)) or ["en"])
    scored = sum(s.split == "study" for s in manifest.specimens)
    path.write_text(
        study.scaffold(manifest.name, len(manifest.classes), model, method, languages, scored), encoding="utf-8"
    )
    return path
