"""Erasure: what goes, what stays, and that nothing brings it back."""

import json

import pytest
from click.testing import CliRunner

from server.cli import main
from server.erasure import erase, mentions, plan_of, reapply, streams_of
from server.lasting import ERASURES, Lasting, Unreadable
from server.office import open_office
from server.recruit import Arrival
from tests.server.small import Hand


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments: runner.invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def lived(house):
    """Two finished sessions of two people, in a data folder that still serves."""
    hands = []
    for worker in ("PERSON-A", "PERSON-B"):
        stream = house.people.claim("/small", Arrival("prolific", worker, f"SUB-{worker}"), f"small/{worker[-1] * 8}")
        house.table.open_session("small", "en", stream.rpartition("/")[2])
        house.people.issue(stream)
        hands.append(Hand(house.table, stream))
        hands[-1].play()
    return house, hands


def on_disk(folder):
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_a_dry_run_changes_nothing_and_says_what_would_go(run, lived):
    house, (hand, _) = lived
    heads = house.store.heads()
    answer = run("erase", "AAAAAAAA", "--data", house.settings.folder, "--json")
    plan = json.loads(answer.stdout)
    assert (answer.exit_code, plan["stream"], plan["links"]) == (0, hand.stream, 3)
    assert plan["rows"] == len(house.store.read(hand.stream))
    assert "Nothing was changed" in answer.stderr
    assert house.store.heads() == heads
    assert not (house.settings.folder / ERASURES).exists()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["AAAAAAAA", "small/AAAAAAAA", "PERSON-A", "SUB-PERSON-A"])
def test_data_go_from_disk_and_the_chain_still_proves_the_order(run, lived, who):
    house, (gone, kept) = lived
    salts = [row.salt for row in house.store.read(gone.stream)]
    before = {row.seq: row.hash for row in house.store.read(gone.stream)}
    assert run("erase", who, "--data", house.settings.folder, "--yes").exit_code == 0
    rows = house.store.read(gone.stream)
    assert all(row.data is None and row.salt is None for row in rows)
    assert rows[-1].kind == "erased"
    assert {row.seq: row.hash for row in rows[:-1]} == before
    assert not [salt for salt in salts if salt.encode() in on_disk(house.settings.folder)]
    assert house.people.arrival(gone.stream) is None
    assert house.people.arrival(kept.stream).worker == "PERSON-B"
    verdicts = [json.loads(line) for line in run("verify", house.settings.folder, "--json").stdout.splitlines()]
    rungs = {verdict["stream"]: verdict["rungs"][0]["outcome"] for verdict in verdicts}
    assert (rungs[gone.stream], rungs[kept.stream]) == ("erased", "sound")
    assert run("verify", house.settings.folder).exit_code == 0
    outcomes = [
        json.loads(line)["outcome"] for line in run("sessions", house.settings.folder, "--json").stdout.splitlines()
    ]
    assert sorted(outcomes) == ["completed", "erased"]


def test_a_server_that_plays_the_session_cannot_go_on_and_the_place_is_free(run, house):
    hand = Hand(house.table, house.table.open_session("small", "en"))
    hand.play(6)
    held = house.table.assigner.roll("study:small").counts().total()
    assert run("erase", hand.stream, "--data", house.settings.folder, "--yes").exit_code == 0
    assert hand.answer().code == "erased"
    assert house.table.assigner.roll("study:small").counts().total() == held - 1
    house.sweeper.sweep("small", "", 0)
    assert house.table.load(hand.stream) is None


def test_the_sweeper_drops_an_erased_session_from_memory(run, lived):
    house, (gone, _) = lived
    assert house.table.load(gone.stream) is not None
    run("erase", gone.stream, "--data", house.settings.folder, "--yes")
    house.sweeper.sweep("small", "", 0)
    assert house.table.load(gone.stream) is None


def test_erasing_twice_or_nobody_changes_nothing(run, lived):
    house, (gone, _) = lived
    run("erase", gone.stream, "--data", house.settings.folder, "--yes")
    rows = house.store.read(gone.stream)
    again = run("erase", gone.stream, "--data", house.settings.folder, "--yes")
    assert again.exit_code == 0
    assert "erased already" in again.stdout
    assert house.store.read(gone.stream) == rows
    assert len(Lasting(house.settings.folder / ERASURES).entries()) == 1
    assert run("erase", "NOBODY", "--data", house.settings.folder, "--yes").exit_code == 1
    assert run("erase", "--data", house.settings.folder).exit_code == 2
    assert run("erase", "x", "--data", house.settings.folder / "no").exit_code == 3


def test_exports_that_name_the_session_are_named(lived, tmp_path):
    _house, (gone, kept) = lived
    for hand in (gone, kept):
        (tmp_path / f"{hand.stream[-3:]}.csv").write_text(f"session,value\n{hand.stream.rpartition('/')[2]},1\n")
    (tmp_path / ERASURES).write_text(f'{{"stream":"{gone.stream}"}}\n')
    assert [path.name for path in mentions([tmp_path], [gone.stream])] == ["AAA.csv"]


def test_a_restored_database_is_erased_again(lived):
    house, (gone, _) = lived
    listed = Lasting(house.settings.folder / ERASURES)
    listed.add([{"stream": gone.stream, "at": 1, "why": "on request"}, {"stream": "small/unknown", "at": 1}])
    with open_office(house.settings.folder) as office:
        assert reapply(office.database, office.people, office.assigner, listed) == [gone.stream]
        assert reapply(office.database, office.people, office.assigner, listed) == []
        assert plan_of(office.database, gone.stream).erased
        assert streams_of(office.database, office.people, "PERSON-A") == []


def test_an_erasure_that_was_cut_off_is_finished_by_the_next(lived):
    house, (gone, _) = lived
    from server.erasure import _entomb

    _entomb(house.database, gone.stream, "on request")  # then the machine stopped
    listed = Lasting(house.settings.folder / ERASURES)
    erase(house.database, house.people, house.table.assigner, listed, gone.stream, "on request")
    rows = house.store.read(gone.stream)
    assert [row.kind for row in rows].count("erased") == 1
    assert all(row.data is None for row in rows)


def test_a_list_that_a_crash_cut_off_is_read_and_written_on(tmp_path):
    listed = Lasting(tmp_path / "list.jsonl")
    assert listed.entries() == []
    listed.add([{"stream": "a/1"}])
    with listed.path.open("ab") as file:
        file.write(b'{"stream": "a/')
    listed.add([{"stream": "a/2"}])
    assert [entry["stream"] for entry in listed.entries()] == ["a/1", "a/2"]
    other = Lasting(tmp_path / "other.jsonl")
    other.add([{"stream": "a/2"}, {"stream": "a/3"}])
    assert (listed.merge(other), listed.merge(other)) == (1, 0)
    listed.path.write_bytes(b'{"stream": [1]}\n')
    with pytest.raises(Unreadable, match="line 1"):
        listed.entries()


@pytest.mark.services
def test_erasure_and_ledger_are_the_same_in_postgresql(postgres_address, study_folder, tmp_path, monkeypatch):
    from server.dues import Due
    from server.house import open_house
    from server.ledger import LISTED, Ledger
    from server.settings import Settings
    from server.studies import open_study

    settings = Settings(data=str(tmp_path / "data"), store=postgres_address)
    house = open_house(settings, [open_study(study_folder)])
    stream = house.people.claim("/small", Arrival("prolific", "PERSON-P", "SUB"), "small/pppppppp")
    house.table.open_session("small", "en", "pppppppp")
    Hand(house.table, stream).play()
    ledger = Ledger(house.database, Lasting(tmp_path / "payments.jsonl"))
    due = Due(stream=stream, kind="base", cents=300)
    assert ledger.claim([due], "EUR", LISTED, "b0001") == [due]
    assert ledger.claim([due], "EUR", LISTED, "b0002") == []
    ledger.settle([(stream, "base")], "p1")
    assert [(p.state, p.batch) for p in ledger.payments("small")] == [("sent", "p1")]
    monkeypatch.setenv("COPLAY_STORE", postgres_address)
    runner = CliRunner()
    answer = runner.invoke(main, ["erase", "PERSON-P", "--data", str(tmp_path / "data"), "--yes"])
    assert answer.exit_code == 0, answer.output
    rows = house.store.read(stream)
    assert all(row.data is None for row in rows)
    assert rows[-1].kind == "erased"
    assert house.people.arrival(stream) is None
    house.close()


def test_exports_that_name_the_session_are_deleted_when_told_so(run, lived, tmp_path):
    house, (gone, kept) = lived
    for hand in (gone, kept):
        (tmp_path / f"{hand.stream[-3:]}.csv").write_text(f"{hand.stream.rpartition('/')[2]},1\n")
    arguments = ("erase", gone.stream, "--data", house.settings.folder, "--look", tmp_path, "--drop-exports")
    assert run(*arguments).exit_code == 0
    assert len(list(tmp_path.glob("*.csv"))) == 2, "first looked at, then carried out"
    assert run(*arguments, "--yes").exit_code == 0
    assert [path.name for path in tmp_path.glob("*.csv")] == ["BBB.csv"]
