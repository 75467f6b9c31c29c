"""Real data, where it is at hand: the folder COPLAY_SHARED, or `shared` beside the clone."""

import os
from pathlib import Path

import pytest

from game.round import Round


def shared(name):
    """The folder of a real data set; skips when it is not here."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("COPLAY_SHARED", root.parent / "shared")) / "data" / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not at hand (set COPLAY_SHARED to the folder that holds data/{name})")
    return folder


@pytest.fixture(scope="session")
def taesiri_folder():
    return shared("taesiri2022")


@pytest.fixture(scope="session")
def felix_folder():
    return shared("felix2024")


@pytest.fixture
def one_round():
    """Make a finished one-stage round of participant `who`."""

    def make(number=1, who="p1", *, correct=True, ai_correct=True, condition="arm", **fields):
        known = {
            "study": "s",
            "specimen": f"x{number}",
            "protocol": "one_stage",
            "ai_shown": True,
            "decided_by": "participant",
        }
        known |= {"correct": correct, "ai_correct": ai_correct, "followed": correct == ai_correct}
        return Round(participant=who, condition=condition, round=number, **(known | fields))

    return make
