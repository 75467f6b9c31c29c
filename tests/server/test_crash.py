"""Killed in mid-round: the same screen comes back, no acknowledged command is missing, none is doubled."""

import threading
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from game.log import verify_chain
from game.verify import verify
from server.blobs import Blobs
from server.store_sqlite import SqliteStore
from tests.server.process import Process, Tab

pytestmark = pytest.mark.slow
STORES = ["sqlite", pytest.param("postgres", marks=pytest.mark.services)]
ERRORS = (ConnectionClosed, OSError, EOFError, TimeoutError)


@pytest.fixture(params=STORES)
def settings(request):
    """Settings of the store under test."""
    return {} if request.param == "sqlite" else {"store": request.getfixturevalue("postgres_address")}


@pytest.fixture
def server(study_folder, tmp_path, settings):
    process = Process(study_folder, tmp_path / "data", **settings)
    yield process
    process.stop()


def logs(server):
    """Stream -> rows of all sessions."""
    if "COPLAY_STORE" in server.variables:
        from server.store_postgres import PostgresStore

        store = PostgresStore(server.variables["COPLAY_STORE"], size=1, read_only=True)
    else:
        store = SqliteStore(server.data / "coplay.db", read_only=True)
    found = {head.stream: store.read(head.stream) for head in store.heads("small/")}
    verify_chain(store.read("study:small"))
    store.close()
    return found


def test_killed_between_answer_and_next_the_person_goes_on_where_they_were(server):
    token = server.begin()
    sent = []
    tab = Tab(server.base, token)
    tab.resume()
    for _ in range(5):
        command = tab.command()
        assert tab.do(command)["ok"]
        sent.append(command)
    view, lost = tab.screen["view"], tab.command()
    server.kill()
    tab.close()
    server.start()
    with Tab(server.base, token) as again:
        assert again.resume()["view"] == view
        assert again.do(sent[-1])["ok"]  # the browser did not see the acknowledgement and sends it again
        again.resume()
        assert again.do(lost)["ok"]  # kept in the browser while the server was down
        while not again.over:
            assert again.do()["ok"]
    (rows,) = logs(server).values()
    for command in (*sent, lost):
        stored = [
            row for row in rows if row.cmd == command["id"] and row.kind == "answered" and row.by == "participant"
        ]
        assert len(stored) == len(command["values"])
    verdict = verify(rows, Blobs(server.data / "blobs").get)
    assert verdict.sound, verdict.first


def test_killed_under_load_nothing_that_was_acknowledged_is_missing_or_doubled(server):
    acknowledged, lock = {}, threading.Lock()
    tokens = [server.begin() for _ in range(12)]
    enough = threading.Event()

    def person(token):
        with suppress(*ERRORS), Tab(server.base, token) as tab:
            tab.resume()
            while not tab.over:
                command = tab.command()
                answer = tab.do(command)
                assert answer["ok"], answer
                with lock:
                    acknowledged[command["id"]] = (token, answer["seq"], len(command["values"]))
                if len(acknowledged) > 60:
                    enough.set()

    people = [threading.Thread(target=person, args=(token,)) for token in tokens]
    for thread in people:
        thread.start()
    assert enough.wait(30)
    server.kill()
    for thread in people:
        thread.join(20)
    server.start()
    held = logs(server)
    assert len(held) == len(tokens)
    for rows in held.values():
        verify_chain(rows)
        assert verify(rows, Blobs(server.data / "blobs").get).sound
    by_command = {}
    for rows in held.values():
        for row in rows:
            if row.cmd:
                by_command.setdefault(row.cmd, []).append(row)
    for command, (_, seq, answers) in acknowledged.items():
        rows = by_command[command]
        assert rows[-1].seq in (seq, seq - 1)  # the plan may follow in a row of the server's own
        assert sum(row.kind == "answered" and row.by == "participant" for row in rows) == answers


def test_ctrl_c_stops_without_a_traceback_and_loses_nothing(server):
    token = server.begin()
    with Tab(server.base, token) as tab:
        tab.resume()
        answer = tab.do()
        code, said = server.stop()
        assert code == 0
        assert "Traceback" not in said
        (rows,) = logs(server).values()
        assert rows[-1].seq >= answer["seq"]
