"""A study folder that names results of coplay compare is opened with them, frozen with them, and refused without them."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from game.lab import FORMAT, VERSION, Item, Items
from game.pairing import FILE, Pairings
from game.study import Invalid
from server.studies import open_study


@pytest.fixture
def compared_study(study_copy: Path) -> Path:
    """The demo's study with results of a comparison beside it; the later a specimen, the more its maps disagree."""
    opened = open_study(study_copy)
    model = next(c.model for c in opened.study.condition if c.model)
    items = tuple(
        Item(task="moths", model=model, specimen=s.id, disagreement=at / 1000)
        for at, s in enumerate(opened.pack.manifest.specimens)
        if s.split == "study"
    )
    made = Items(format=FORMAT, version=VERSION, packs={"moths": opened.pack.digest}, items=items)
    folder = study_copy / "lab"
    folder.mkdir()
    (folder / "items.json").write_bytes(msgspec.json.encode(made))
    (folder / FILE).write_bytes(msgspec.json.encode(Pairings()))
    text = (study_copy / "study.toml").read_text("utf-8")
    (study_copy / "study.toml").write_text(f'{text}\n[lab]\nresults = "lab"\nmodel = "{model}"\n', "utf-8")
    return study_copy


def test_results_are_filled_into_the_study_and_frozen_with_it(compared_study: Path):
    opened = open_study(compared_study)
    assert opened.study.lab is not None
    assert len(opened.study.lab.disagreement) == 16
    before = opened.frozen().study
    found = compared_study / "lab" / "items.json"
    changed = msgspec.json.decode(found.read_bytes())
    changed["items"][0]["disagreement"] = 0.999
    found.write_bytes(msgspec.json.encode(changed))
    assert open_study(compared_study).frozen().study != before


def test_missing_or_foreign_results_are_refused_with_what_to_do(compared_study: Path):
    found = compared_study / "lab" / "items.json"
    held = found.read_bytes()
    found.write_bytes(held.replace(b'"coplay-lab"', b'"other-lab"'))
    with pytest.raises(Invalid, match=r"lab\.results: lab: items\.json is 'other-lab' version 1"):
        open_study(compared_study)
    shutil.rmtree(found.parent)
    with pytest.raises(Invalid, match=r"No such file.*coplay compare"):
        open_study(compared_study)
