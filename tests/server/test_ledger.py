"""The ledger: a due is claimed once, by whoever comes first, also after a database was put back."""

import threading

import pytest

from server.dues import Due
from server.lasting import PAYMENTS, Lasting
from server.ledger import LISTED, SENDING, SENT, Ledger
from server.store_sqlite import SqliteStore


@pytest.fixture
def ledger(tmp_path):
    store = SqliteStore(tmp_path / "ledger.db")
    yield Ledger(store, Lasting(tmp_path / PAYMENTS))
    store.close()


def due(stream="small/a", kind="bonus", cents=50):
    return Due(stream=stream, kind=kind, cents=cents)


def test_a_due_is_claimed_once(ledger):
    assert ledger.claim([due(), due(kind="base")], "EUR", LISTED, "b0001") == [due(), due(kind="base")]
    assert ledger.claim([due(), due("small/b")], "EUR", LISTED, "b0002") == [due("small/b")]
    assert ledger.unpaid([due(), due("small/c")]) == [due("small/c")]
    assert ledger.next_batch() == "b0003"


def test_two_who_pay_at_the_same_time_never_pay_the_same(tmp_path):
    stores = [SqliteStore(tmp_path / "ledger.db") for _ in range(2)]
    ledgers = [Ledger(store, Lasting(tmp_path / PAYMENTS)) for store in stores]
    dues = [due(f"small/{n}") for n in range(40)]
    taken = [[], []]
    threads = [
        threading.Thread(target=lambda i=i: taken[i].extend(ledgers[i].claim(dues, "EUR", SENDING, f"b{i}")))
        for i in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(d.stream for d in taken[0] + taken[1]) == sorted(d.stream for d in dues)
    for store in stores:
        store.close()


def test_a_database_that_was_put_back_does_not_pay_again(ledger, tmp_path):
    ledger.claim([due(), due("small/b"), due("small/c")], "EUR", SENDING, "x")
    ledger.settle([("small/a", "bonus")], "p1")
    ledger.void([("small/b", "bonus")])
    again = SqliteStore(tmp_path / "again.db")
    restored = Ledger(again, Lasting(tmp_path / PAYMENTS))
    assert [(p.stream, p.state) for p in restored.payments()] == [("small/a", SENT), ("small/c", SENDING)]
    assert restored.unpaid([due(), due("small/b")]) == [due("small/b")]
    again.close()
