"""Materials of an export: the compiled study, its texts, the pack's contents and credits, and the study's own files."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from game.canonical import Digest, encode
from game.pack import Manifest

FILES = ("study.toml", "study.lock.json", "pack.toml", "README.md", "texts/*.toml")
SCREENSHOTS = ("screenshots/*.png",)
"""Pictures of each condition's screens, which a release shows, too."""
CREDITS = ("pack_id", "stimulus_id", "image_sha256", "licence", "artist", "source")


def write_materials(folder: Path, blobs: Mapping[Digest, bytes], study: Path | None, *, release: bool) -> None:
    """Write what the logs name (study, texts, manifest) and, from the study's folder, what a researcher wrote.

    A release leaves out completion addresses: they are worth money to whoever has them.
    """
    folder.mkdir()
    for digest, data in blobs.items():
        table: dict[str, Any] = msgspec.json.decode(data)
        kind = "pack" if "specimens" in table else "study" if "phase" in table else "texts"
        if kind == "study" and release:
            table.pop("leave", None)
            data = encode(table)  # noqa: PLW2901 - the same blob, without them
        (folder / f"{kind}-{digest[:12]}.json").write_bytes(data)
    if study is None:
        return
    for pattern in SCREENSHOTS if release else (*FILES, *SCREENSHOTS):
        for path in sorted(study.glob(pattern)):
            target = folder / path.relative_to(study)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def write_credits(folder: Path, packs: Mapping[Digest, Manifest]) -> None:
    """Write who made which picture, under which licence: the data's licence is not theirs."""
    if not packs:
        return
    with (folder / "credits.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CREDITS)
        for digest, pack in packs.items():
            for each in pack.specimens:
                credit = each.credit
                writer.writerow([digest[:12], each.id, each.image, credit.licence, credit.artist, credit.source])
