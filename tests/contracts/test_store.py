"""The store's contract: what every `game.log.Store` promises, checked on each, alone and behind the writer."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from game.events import Noted
from game.log import FIRST, Conflict, seal, verify_chain
from server.store_sqlite import SqliteStore
from server.writer import Unavailable, Writer
from tests.server import services

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.services)]


@pytest.fixture(scope="module")
def address():
    """A PostgreSQL server for this file."""
    with services.postgres() as found:
        yield found


@pytest.fixture(params=KINDS)
def opener(request, tmp_path):
    """Opens the same, at first empty, database again and again."""
    opened = []

    def sqlite():
        opened.append(SqliteStore(tmp_path / "log.db"))
        return opened[-1]

    def postgres():
        from server.store_postgres import PostgresStore

        opened.append(PostgresStore(request.getfixturevalue("address")))
        return opened[-1]

    if request.param == "postgres":
        postgres().sql("DROP TABLE IF EXISTS side")
        opened[0].sql("TRUNCATE log")
    yield sqlite if request.param == "sqlite" else postgres
    for store in opened:
        store.close()


@pytest.fixture
def database(opener):
    return opener()


@pytest.fixture(params=["alone", "behind the writer"])
def behind(request):
    return request.param != "alone"


@pytest.fixture
def reopen(opener, behind):
    """Opens the store as another process would."""
    writers = []

    def again():
        if not behind:
            return opener()
        writers.append(Writer(opener()))
        return writers[-1]

    yield again
    for writer in writers:
        writer.close()


@pytest.fixture
def store(reopen):
    return reopen()


def chain(stream, n, last=None, at=1):
    """`n` sealed rows of `stream` after `last`."""
    rows = []
    for i in range(n):
        last = seal(
            last, stream, Noted(at=at + i, by="researcher:test", text=f"note {i} é"), f"cmd{i}", secrets.token_hex(16)
        )
        rows.append(last)
    return rows


def test_rows_come_back_as_they_were_written(store):
    rows = chain("s/a", 3)
    store.append(rows)
    assert list(store.read("s/a")) == rows
    assert list(store.read("s/a", after=0)) == rows[1:]
    assert list(store.read("s/b")) == []
    verify_chain(store.read("s/a"))


def test_a_taken_place_is_a_conflict_and_changes_nothing(store):
    rows = chain("s/a", 2)
    store.append(rows)
    other = chain("s/a", 2, rows[0])
    with pytest.raises(Conflict):
        store.append(other)
    assert list(store.read("s/a")) == rows


def test_a_batch_is_all_or_none(store):
    first = chain("s/a", 1)
    store.append(first)
    more = chain("s/a", 3, first[0])
    store.append(more[1:2])
    with pytest.raises(Conflict):
        store.append(more)  # its second row is taken
    assert [row.seq for row in store.read("s/a")] == [0, 2]


def test_eight_writers_have_one_winner(store):
    barrier = threading.Barrier(8)

    def race(_):
        rows = chain("s/race", 2)
        barrier.wait()
        try:
            store.append(rows)
        except Conflict:
            return None
        return rows

    with ThreadPoolExecutor(8) as pool:
        won = [rows for rows in pool.map(race, range(8)) if rows]
    assert len(won) == 1
    assert list(store.read("s/race")) == won[0]


def test_streams_do_not_mix_and_heads_come_by_name(store):
    for stream in ("moths/b", "moths/a", "pilot/moths/a", "moths2/a", "study:moths", "moths/é"):
        store.append(chain(stream, 2))
    heads = store.heads("moths/")
    assert [head.stream for head in heads] == ["moths/a", "moths/b", "moths/é"]
    assert [head.stream for head in store.heads()] == sorted(
        ["moths/b", "moths/a", "pilot/moths/a", "moths2/a", "study:moths", "moths/é"]
    )
    last = store.read("moths/a")[-1]
    assert (heads[0].seq, heads[0].hash, heads[0].kind, heads[0].at) == (1, last.hash, "noted", last.at)


def test_erasing_keeps_the_chain_and_nothing_else(store):
    rows = chain("s/a", 3)
    store.append(rows)
    store.append(chain("s/b", 1))
    store.erase("s/a")
    left = store.read("s/a")
    assert all(row.data is None and row.salt is None for row in left)
    assert [row.hash for row in left] == [row.hash for row in rows]
    verify_chain(left)
    assert store.read("s/b")[0].data


def test_what_was_written_is_there_after_reopening(store, reopen):
    rows = chain("s/a", 3)
    store.append(rows)
    assert list(reopen().read("s/a")) == rows


def test_another_process_sees_it_and_loses_the_race(store, reopen):
    first = chain("s/a", 1)
    store.append(first)
    other = reopen()
    assert list(other.read("s/a")) == first
    other.append(chain("s/a", 1, first[0]))
    with pytest.raises(Conflict):
        store.append(chain("s/a", 1, first[0]))


def test_large_text_and_odd_characters_survive(store):
    text = "snow ☃, quote ', percent %s ?, newline \n, " + "x" * 100_000
    row = seal(None, "s/odd", Noted(at=1, by="system", text=text), "", "00")
    assert row.prev == FIRST
    store.append([row])
    assert store.read("s/odd")[0] == row


def test_a_conflict_fails_only_its_own_batch(database):
    taken = chain("s/taken", 1)
    database.append(taken)
    batches = [chain("s/one", 2), chain("s/taken", 1), chain("s/two", 2)]
    outcomes = database.append_all(batches)
    assert [type(outcome) for outcome in outcomes] == [type(None), Conflict, type(None)]
    assert len(database.read("s/one")) == len(database.read("s/two")) == 2
    assert list(database.read("s/taken")) == taken


def test_side_tables_take_the_same_statements(database):
    database.sql("CREATE TABLE IF NOT EXISTS side (name TEXT PRIMARY KEY, n BIGINT NOT NULL)")
    database.sql("INSERT INTO side VALUES (?, ?) ON CONFLICT (name) DO NOTHING", "a?", 1)
    database.sql("INSERT INTO side VALUES (?, ?) ON CONFLICT (name) DO NOTHING", "a?", 2)
    assert database.sql("SELECT name, n FROM side") == [("a?", 1)]
    assert database.sql("DELETE FROM side WHERE name = ? RETURNING n", "a?") == [(1,)]


def test_many_waiting_appends_share_transactions(database):
    calls = []
    committed = database.append_all
    database.append_all = lambda batches, *more: calls.append(len(batches)) or committed(batches, *more)
    writer = Writer(database)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda i: writer.append(chain(f"s/{i}", 2)), range(200)))
    writer.close()
    assert sum(calls) == 200
    assert len(calls) < 200
    assert len(database.heads("s/")) == 200


def test_a_failing_store_reaches_everyone_who_waits(database):
    def fail(*_):
        raise OSError("disk full")

    database.append_all = fail
    writer = Writer(database)
    with pytest.raises(Unavailable, match="disk full"):
        writer.append(chain("s/a", 1))
    writer.close()
    with pytest.raises(Unavailable):
        writer.append(chain("s/a", 1))


def test_the_queue_is_bounded(database):
    gate = threading.Event()
    committed = database.append_all

    def slow(batches, *more):
        gate.wait(10)
        return committed(batches, *more)

    database.append_all = slow
    writer = Writer(database, limit=10)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(writer.append, chain("s/first", 1))
        while writer._queue or not first.running():
            pass
        waiting = [pool.submit(writer.append, chain(f"s/{i}", 5)) for i in range(2)]
        while len(writer._queue) < 2:
            pass
        with pytest.raises(Unavailable, match="wait"):
            writer.append(chain("s/more", 1))
        gate.set()
        for future in (first, *waiting):
            future.result(10)
    writer.close()


def test_erased_text_is_not_in_the_file(tmp_path):
    store = SqliteStore(tmp_path / "log.db")
    store.append([seal(None, "s/a", Noted(at=1, by="system", text="a very personal remark"), "", "00")])
    store.erase("s/a")
    store.close()
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"personal remark" not in everything


def test_a_store_opened_for_reading_writes_nothing(tmp_path):
    SqliteStore(tmp_path / "log.db").close()
    before = (tmp_path / "log.db").read_bytes()
    store = SqliteStore(tmp_path / "log.db", read_only=True)
    with pytest.raises(Exception, match=r"readonly|read-only"):
        store.append(chain("s/a", 1))
    store.close()
    assert (tmp_path / "log.db").read_bytes() == before
