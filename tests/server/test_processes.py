"""Two processes over one PostgreSQL and one Redis: one session, wherever its tabs are connected."""

import pytest

from game.verify import verify
from server.blobs import Blobs
from tests.server.process import Process, Tab

pytestmark = [pytest.mark.slow, pytest.mark.services]


@pytest.fixture
def pair(study_folder, tmp_path, postgres_address, redis_address):
    shared = {"store": postgres_address, "redis": redis_address}
    both = [Process(study_folder, tmp_path / "data", **shared) for _ in range(2)]
    yield both
    for process in both:
        process.stop()


def test_the_newest_tab_wins_in_whichever_process_it_is(pair, postgres_address, tmp_path):
    one, two = pair
    token = one.begin()
    with Tab(one.base, token) as older, Tab(two.base, token) as newer:
        older.resume()
        older.do()
        assert newer.resume()["view"] == older.screen["view"]
        event, bye = older.next_push()
        assert (event, bye["code"]) == ("bye", "elsewhere")
        assert older.ask("do", older.command())["code"] == "elsewhere"
        assert newer.do()["ok"]
        with Tab(one.base, token) as third:
            assert third.resume()["view"] == newer.screen["view"]
            while not third.over:
                assert third.do()["ok"]
    from server.store_postgres import PostgresStore

    store = PostgresStore(postgres_address, size=1, read_only=True)
    (head,) = store.heads("small/")
    assert verify(store.read(head.stream), Blobs(tmp_path / "data" / "blobs").get).sound
    store.close()


def test_arrivals_in_both_processes_fill_the_cells_evenly(pair, postgres_address):
    from server.assign import Assigner
    from server.store_postgres import PostgresStore

    for i in range(8):
        process = pair[i % 2]
        with Tab(process.base, process.begin()) as tab:
            tab.resume()
            for _ in range(3):
                assert tab.do()["ok"]
    store = PostgresStore(postgres_address, size=1, read_only=True)
    assert set(Assigner(store).roll("study:small").counts().values()) == {2}
    store.close()
