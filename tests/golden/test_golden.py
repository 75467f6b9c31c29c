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
    "core1-ai_defers.log.jsonl": "70ebf878d694ef8fd75063bda3fb10ed71faae376286073adedaff3503f852e0",
    "core1-arrangement.log.jsonl": "2f43f220163891b497175c356b170323ad982b2cbf16f055cc67fc0c453950e3",
    "core1-audit_model.log.jsonl": "51700fe2a145e49a77ff31731da0fd7dd0d9e17b8012fe46d952b85cc3392923",
    "core1-choose_model.log.jsonl": "6498725b82a8e081d7049a7626d5d00d721280f9627263c9596244b4bc503aed",
    "core1-concurrent.log.jsonl": "5146f5ef11fd1ac60113abd45bd4c07d08679d2130de6199438c3234e41ca2aa",
    "core1-delayed.log.jsonl": "b43dbebdcab34bdf0f7ec839feebacbcae5865a0b9b6edf6a07032aaf08e8f2a",
    "core1-delegation.log.jsonl": "0aedee0109f3b3399e84f24ca96c911aca1ab95bfb4933062173efabd960be93",
    "core1-dialogue.log.jsonl": "4a70c13c9d46f818b15add6bf1cec772e84b0ef4d1eac4d0522e7fbe76fe6d27",
    "core1-distinguish.log.jsonl": "20bccd9aa124b560eaad027635eec17cd9994ab36855faf0e374f559971a4fe7",
    "core1-handover.log.jsonl": "95d40b3e4f083ffb02840776125e9a2712b680f6c16b5389c74804525e9d8c8a",
    "core1-judge_advisor.log.jsonl": "4d0a0180e317720092b185eed69b353a20d3422b1402e294a500c471dc8609b3",
    "core1-on_request.log.jsonl": "add4852856330f5b57bbc42989a051854e949b577664b8eadbfb059839dab885",
    "core1-predict_ai.log.jsonl": "99e7cd147e7b322d99af146801cfc44241e4bf4961ac16b279c717cabffc6736",
    "core1-solo.log.jsonl": "acbda946d8f88d395c260f2325e72e96a71241dbf09fcc4726c2ebf1727185d9",
    "core1-verify.log.jsonl": "dc8c92b60d1f72908968c69add6cf99464e346a5ba38b55fd2b7b4f9651af057",
    "core1-veto.log.jsonl": "686b2097ee031d2dcdb524bf7688cd3eb49155ca694f8bbede991cf27c84f605",
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
