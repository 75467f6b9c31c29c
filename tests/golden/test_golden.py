"""Old logs replay for ever: each golden log is sound and still says what it said when it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from game.events import CORE
from game.logfile import read
from game.verify import verify
from tests.golden.make import told

FOLDER = Path(__file__).parent
SAID = {
    "core1-concurrent.log.jsonl": "8a5a3a2660ecc5630ea0600032608bc147aa9566b4779144d017db9641547867",
    "core1-delegation.log.jsonl": "53ad370e2ee3f55c72b2c16b0595e6abd4259e9f5c4037faf90542ff39b3a79f",
    "core1-judge_advisor.log.jsonl": "67af686f39368bee851216e442d1000d2049d1a999b14044a583f10c32dc79e4",
    "core1-on_request.log.jsonl": "fcc489be76aa724d428ce76f20050986f8488a8c4764b2e8e118035f334dfc66",
    "core1-solo.log.jsonl": "9187b3b48ca315d5d9828848b6f2adc2b7238914b56b5be7c6eca21370f8629a",
}
"""File -> digest of its state and rounds. A changed digest means that old data would now be read differently."""


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.log.jsonl")))
def test_a_golden_log_says_what_it_said(name: str):
    assert told(FOLDER / name) == SAID[name]


@pytest.mark.parametrize("name", sorted(SAID))
def test_a_golden_log_is_sound(name: str):
    file = read((FOLDER / name).read_bytes().splitlines())
    for rows in file.streams.values():
        verdict = verify(rows, file.read_blob)
        assert verdict.sound, verdict.first
        if name.startswith(f"core{CORE}-"):
            assert [rung.outcome for rung in verdict.rungs] == ["sound", "sound", "sound"]


def test_every_workflow_of_this_core_has_one():
    from game.registry import workflow

    assert {f"core{CORE}-{name}.log.jsonl" for name in workflow.names()} <= set(SAID)
