"""Deliver generated files: written, or with `--check` compared, so that none is ever out of date."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def stale(files: dict[Path, str], only: Path | None = None) -> list[Path]:
    """Return the files that are not as they would be generated; in folder `only`, also those nobody generates any more."""
    wrong = [path for path, text in files.items() if not same(ROOT / path, text)]
    if only is not None:
        wrong += [path for path in (ROOT / only).rglob("*.*") if path.relative_to(ROOT) not in files]
    return wrong


def same(path: Path, text: str) -> bool:
    """Tell whether a file has exactly this text."""
    return path.exists() and path.read_text(encoding="utf-8") == text


def deliver(files: dict[Path, str], command: str, only: Path | None = None) -> None:
    """Write `files` (paths from the root); with `--check` say which are out of date and exit 1."""
    wrong = stale(files, only)
    if "--check" in sys.argv[1:]:
        for path in wrong:
            print(f"{path} is out of date: run `{command}`", file=sys.stderr)
        sys.exit(1 if wrong else 0)
    for path in wrong:
        if path not in files:
            path.unlink()
            continue
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(files[path], encoding="utf-8")
        print(f"wrote {path}", file=sys.stderr)
