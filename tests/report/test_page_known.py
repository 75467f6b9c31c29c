"""Table T14: a log of known groups lifts the notice where people made it, and says what the readings make of them."""

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from game import roundsfile
from game.measures.modes import NOTICE
from server.commands.report import report
from server.commands.simulate import simulate
from server.report.page import known, readings
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.source import Unreadable
from server.report.tables import Bootstrap


def rows(table, **wanted):
    made = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return [row for row in made if all(row[name] == value for name, value in wanted.items())]


@pytest.fixture
def groups(one_round):
    """Three people a group: those who decide take their time, those who delegate give 8 of 10, those who hand over give all."""

    def make(who, group):
        alone = [one_round(n, who, protocol="alone", ai_shown=False, ai_correct=None, condition="alone", final_ms=4000)
                 for n in range(1, 11)]  # fmt: skip
        given = {"decide": {}, "delegate": {"delegated": True}, "hand_over": {"handed_over": True}}[group]
        fields = {"condition": group, "protocol": "delegation", "final_ms": 3000}
        own = 2 if group == "delegate" else 0
        return alone + [one_round(10 + n, who, **fields, **(given if n > own else {})) for n in range(1, 11)]

    return [each for at, group in enumerate(known.GROUPS) for n in range(3) for each in make(f"p{at}{n}", group)]


@pytest.fixture
def told(one_round, groups):
    """A study of 4 people who were asked who had decided, with the known groups beside it."""
    mine = [one_round(n, f"q{who}", final_ms=3000 if n % 2 else 100, who_decided="me" if n % 2 else "ai")
            for who in range(4) for n in range(1, 11)]  # fmt: skip
    made = story(Gathered(rounds=mine), Bootstrap(1, 50))
    made.known = groups
    return made


def test_codes_and_states_find_what_people_were_told(told):
    table = known.matrix(told)
    for group, mode, share in (
        ("decide", "mediated", 1),
        ("delegate", "delegated", 0.8),
        ("hand over", "handed over", 1),
    ):
        row = rows(table, reading=known.CODED, group=group, mode=mode)[0]
        assert row["share"] == pytest.approx(share)
        assert (row["people"], row["rounds"]) == (3, 30)
    for group, state in (("decide", "mediation"), ("delegate", "delegation"), ("hand over", "substitution")):
        shares = {row["mode"]: row["share"] for row in rows(table, reading=known.HIDDEN, group=group)}
        assert sum(shares.values()) == pytest.approx(1)
        assert max(shares, key=lambda name: shares[name]) == state


def test_what_people_said_stands_beside_the_code(told):
    mine = rows(known.matrix(told), reading=known.SAID, mode="mediated")
    assert {row["group"]: row["share"] for row in mine} == {"said: ai": 0, "said: me": 1}


def test_people_lift_the_notice_and_simulated_ones_do_not(told, groups):
    assert NOTICE not in readings.read(told).note
    assert "9 people who were told and paid" in readings.read(told).note
    assert known.notice([]) == NOTICE
    faked = known.notice([replace(each, source="simulated") for each in groups])
    assert faked.startswith(NOTICE)
    assert "validate nothing" in faked


def test_another_log_is_no_known_group(one_round):
    with pytest.raises(Unreadable, match="give a log of the study template known_groups"):
        known.check([one_round(1)], "x.log.jsonl")


def test_a_release_asks_whether_known_groups_agreed_to_share(root, groups, tmp_path):
    """Their rounds lie in `data/`, too; a rounds file does not say who agreed."""
    path, log = tmp_path / "known.rounds.jsonl", tmp_path / "played.log.jsonl"
    path.write_bytes(b"".join(roundsfile.encode(roundsfile.Header(), groups)))
    run = CliRunner().invoke
    done = run(simulate, [str(root / "game/studies/known_groups"), "-n", "1", "-o", str(log), "--cores", "1"])
    assert done.exit_code == 0, done.output
    done = run(
        report, [str(log), "-o", str(tmp_path / "out"), "--known-groups", str(path), "--release", "--resamples", "20"]
    )
    assert done.exit_code == 1
    assert "known.rounds.jsonl: --release needs a log" in done.output
