"""Ten thousand arrivals at once, over several processes on one database: every cell is filled exactly."""

import contextlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from game.assignment import Quota, Rule
from game.events import Published
from game.log import verify_chain
from server.assign import Assigner

pytestmark = [pytest.mark.slow, pytest.mark.services]
STREAM, PEOPLE, PROCESSES = "study:crowd", 10_000, 4
ROOT = Path(__file__).resolve().parents[2]
ARRIVE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from server.assign import Assigner
from server.store_postgres import PostgresStore
address, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
assigner = Assigner(PostgresStore(address, size=4))
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(64) as pool:
    list(pool.map(lambda i: assigner.place("study:crowd", f"p{i}", {"side": str(i % 2)}), range(first, last)))
"""


def test_ten_thousand_arrivals_are_assigned_exactly(postgres_address):
    from server.store_postgres import PostgresStore

    store = PostgresStore(postgres_address, size=1)
    half = PEOPLE // 2
    rule = Rule(how="block_random", quotas=(Quota("left", half, {"side": ("0",)}), Quota("right", half)))
    cells = tuple(f"c{i}" for i in range(10))
    Assigner(store).publish(
        STREAM,
        Published(at=1, by="system", study="s", manifest="m", texts={}, cells=cells, salt="salt", rule=rule),
    )
    share = PEOPLE // PROCESSES
    with contextlib.ExitStack() as stack:
        crowd = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", ARRIVE, postgres_address, str(i * share), str((i + 1) * share)],
                    cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )
            )
            for i in range(PROCESSES)
        ]  # fmt: skip
        for process in crowd:
            assert process.stdout.readline() == "ready\n"
        for process in crowd:
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.wait(200) for process in crowd] == [0] * PROCESSES
    roll = Assigner(store).roll(STREAM)
    assert len(roll.cell_of) == PEOPLE
    assert set(roll.held["left"].values()) == set(roll.held["right"].values()) == {half // len(cells)}
    assert Counter(roll.cell_of.values()) == dict.fromkeys(cells, PEOPLE // len(cells))
    verify_chain(store.read(STREAM))
    store.close()
