"""Results of `coplay compare` as studies use them: read from their folder and filled into the study that names them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from game.canonical import Digest
from game.fromlab import filled
from game.lab import decode_items
from game.pairing import FILE, Pairings, decode
from game.strict import Problem
from game.study import Study

AGAIN = "run coplay compare; it writes the folder"


def compared(folder: Path, study: Study, pack: Digest) -> tuple[Study, list[Problem]]:
    """Return a study with what its `[lab]` names filled in, and what is wrong with it; `pack` is the manifest's digest."""
    if study.lab is None:
        return study, []
    where = folder / study.lab.results
    try:
        items = decode_items((where / "items.json").read_bytes())
        pairs = where / FILE
        pairings = decode(pairs.read_bytes()) if pairs.exists() else Pairings()
    except OSError as error:
        return study, [Problem("lab.results", 0, f"{study.lab.results}: {error.strerror}", AGAIN)]
    except (msgspec.MsgspecError, ValueError) as error:
        return study, [Problem("lab.results", 0, f"{study.lab.results}: {error}", AGAIN)]
    return filled(study, items, pairings, pack)
