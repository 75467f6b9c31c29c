"""Verification names the first thing wrong, whichever rung it is on."""

from __future__ import annotations

import msgspec
import pytest

from game.log import Broken, Row, chain_hash, event_of, seal, verify_chain
from game.logfile import Truncated, blobs_named, read, write
from game.verify import verify
from tests.game.session import STREAM, Session
from tests.tiny import Tiny, study

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def played() -> Session:
    return Session(Tiny(study("judge_advisor", feedback=True))).finish()


def resealed(rows: list[Row], seq: int, **fields: object) -> list[Row]:
    """Forge: change the event at `seq` and make the chain right again."""
    made: list[Row] = []
    for row in rows:
        event = event_of(row)
        if row.seq == seq:
            event = replace(event, **fields)
        made.append(seal(made[-1] if made else None, row.stream, event, row.cmd, row.salt or ""))
    return made


def test_a_played_session_is_sound(played: Session):
    verdict = verify(played.rows, played.tiny.read_blob)
    assert verdict.sound, verdict.first
    assert [r.outcome for r in verdict.rungs] == ["sound"] * 3
    assert verdict.rungs[2].checked > 8


def test_changed_data(played: Session):
    rows = list(played.rows)
    rows[7] = replace(rows[7], data=rows[7].data.replace("}", ',"x":1}', 1))
    first = verify(rows, played.tiny.read_blob).first
    assert (first.name, first.seq, first.why) == ("chain", 7, "its data were changed after it was written")


def test_missing_doubled_and_swapped_rows(played: Session):
    for rows in (
        played.rows[:5] + played.rows[6:],
        played.rows[:5] + played.rows[4:],
        [*played.rows[:4], played.rows[5], played.rows[4]],
    ):
        assert verify(rows, played.tiny.read_blob).first.name == "chain"


def test_a_forged_answer_breaks_the_rules_though_the_chain_is_right(played: Session):
    seq = next(r.seq for r in played.rows if r.kind == "answered" and '"name":"own"' in r.data)
    rows = resealed(played.rows, seq, value="wolf")
    first = verify(rows, played.tiny.read_blob).first
    assert (first.name, first.seq) == ("rules", seq - 1 if rows[seq - 1].cmd == rows[seq].cmd else seq)
    assert "not_an_option" in first.why


def test_a_forged_screen_is_found(played: Session):
    seq = next(r.seq for r in played.rows if r.kind == "shown")
    first = verify(resealed(played.rows, seq, view="0" * 64), played.tiny.read_blob).first
    assert (first.name, first.seq) == ("screens", seq)


def test_missing_texts_are_not_a_broken_log(played: Session):
    verdict = verify(played.rows, {}.__getitem__)
    assert verdict.sound
    assert verdict.rungs[2].outcome == "not checkable"


def test_another_core_is_not_checkable(played: Session):
    verdict = verify(resealed(played.rows, 0, core=99), played.tiny.read_blob)
    assert verdict.sound
    assert "made by core 99" in verdict.rungs[1].why


def test_erased_rows_keep_the_chain(played: Session):
    rows = [replace(row, data=None, salt=None) for row in played.rows]
    verify_chain(rows)
    assert verify(rows, played.tiny.read_blob).rungs[0].outcome == "erased"
    with pytest.raises(Broken, match="erased"):
        event_of(rows[0])


def test_at_never_goes_back(played: Session):
    rows = list(played.rows)
    rows[3] = replace(rows[3], at=1)
    rows[3] = replace(rows[3], hash=chain_hash(rows[3]))
    assert "before the row before it" in verify(rows, played.tiny.read_blob).first.why


def test_log_file_round_trip_and_truncation(played: Session):
    lines = list(write({STREAM: played.rows}, played.tiny.blobs))
    back = read(lines)
    assert list(back.streams[STREAM]) == played.rows
    assert blobs_named(played.rows) <= set(back.blobs)
    with pytest.raises(Truncated, match="the file was cut off"):
        read(lines[:-1])
    with pytest.raises(Truncated, match=f"line {len(lines)} cannot be read"):
        read([*lines[:-1], lines[-1][:20]])
    with pytest.raises(Truncated, match="not the header"):
        read([b"hello\n"])
    with pytest.raises(Truncated, match="was altered"):
        read([lines[0], lines[1].replace(b"a", b"b", 9), *lines[2:]])


def test_unreadable_rows_are_named(played: Session):
    row = replace(played.rows[0], data="{}")
    with pytest.raises(Broken, match="cannot be read as opened version 1"):
        event_of(row)
