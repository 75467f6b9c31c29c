"""Assignment: balanced and exact, whoever asks and however often."""

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from game.assignment import Full, Quota, Rule
from game.commands import Trace
from game.events import Published
from game.log import Head, verify_chain
from server import settings
from server.assign import Assigner, Waits
from server.store_sqlite import SqliteStore
from server.sweeper import Sweeper
from tests.server.small import CELLS, Hand

STREAM = "study:test"
NAMES = tuple(f"c{i}" for i in range(6))


RULE = Rule()


def published(at=1, cells=NAMES, salt="salt", rule=RULE):
    return Published(at=at, by="system", study="s", manifest="m", texts={"en": "t"}, cells=cells, salt=salt, rule=rule)


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "log.db")
    yield store
    store.close()


def test_cells_fill_evenly_and_asking_again_gives_the_same_cell(store):
    assigner = Assigner(store)
    assigner.publish(STREAM, published())
    cells = {f"p{i}": assigner.place(STREAM, f"p{i}") for i in range(20)}
    assert sorted(Counter(cells.values()).values()) == [3, 3, 3, 3, 4, 4]
    assert {name: assigner.place(STREAM, name) for name in cells} == cells
    assert len(store.read(STREAM)) == 21
    verify_chain(store.read(STREAM))


def test_arrivals_at_once_from_two_processes_are_counted_exactly(store, tmp_path):
    other = SqliteStore(tmp_path / "log.db")
    assigners = [Assigner(store), Assigner(other)]
    assigners[0].publish(STREAM, published())
    with ThreadPoolExecutor(16) as pool:
        cells = list(pool.map(lambda i: assigners[i % 2].place(STREAM, f"p{i}"), range(120)))
    assert set(Counter(cells).values()) == {20}
    assert assigners[0].roll(STREAM).cell_of == assigners[1].roll(STREAM).cell_of
    verify_chain(store.read(STREAM))
    other.close()


def test_the_same_session_in_two_processes_gets_one_place(store, tmp_path):
    other = SqliteStore(tmp_path / "log.db")
    assigners = [Assigner(store), Assigner(other)]
    assigners[0].publish(STREAM, published())
    with ThreadPoolExecutor(8) as pool:
        cells = set(pool.map(lambda i: assigners[i % 2].place(STREAM, "p1"), range(8)))
    assert len(cells) == 1
    assert [row.kind for row in store.read(STREAM)] == ["published", "placed"]
    other.close()


def test_ties_are_broken_without_a_pattern_but_can_be_checked(store):
    assigner = Assigner(store)
    assigner.publish(STREAM, published())
    firsts = set()
    for _ in range(40):
        name = secrets.token_hex(4)
        firsts.add(assigner.place(STREAM, name))
        assigner.release(STREAM, name, "test")
    assert len(firsts) > 2


def test_publishing_the_same_files_again_adds_nothing_and_new_cells_start_empty(store):
    assigner = Assigner(store)
    assigner.publish(STREAM, published())
    assigner.publish(STREAM, published(at=99))
    assert len(store.read(STREAM)) == 1
    assigner.place(STREAM, "p1")
    assigner.publish(STREAM, published(at=100, cells=("x", "y")))
    assert {assigner.place(STREAM, "p2"), assigner.place(STREAM, "p3")} == {"x", "y"}


def test_a_closed_study_places_nobody_new(store):
    assigner = Assigner(store)
    assigner.publish(STREAM, published())
    cell = assigner.place(STREAM, "p1")
    assigner.shut(STREAM, "enough", "researcher:test")
    with pytest.raises(Waits):
        assigner.place(STREAM, "p2")
    assert assigner.place(STREAM, "p1") == cell
    assigner.reopen(STREAM, "more money", "researcher:test")
    assert assigner.place(STREAM, "p2") in NAMES
    assert [row.kind for row in store.read(STREAM)][-2:] == ["reopened", "placed"]


def test_blocks_are_random_and_every_block_is_whole(store):
    assigner = Assigner(store)
    assigner.publish(STREAM, published(rule=Rule(how="block_random")))
    cells = [assigner.place(STREAM, f"p{i}") for i in range(24)]
    blocks = [cells[i : i + 6] for i in range(0, 24, 6)]
    assert all(sorted(block) == sorted(NAMES) for block in blocks)
    assert len({tuple(block) for block in blocks}) > 1
    assigner.release(STREAM, "p3", "expired")
    assert assigner.place(STREAM, "late") == cells[3]


def test_quotas_are_filled_each_and_balanced_within(store):
    rule = Rule(quotas=(Quota("women", 6, {"gender": ("woman",)}), Quota("others", 3)))
    assigner = Assigner(store)
    assigner.publish(STREAM, published(cells=("x", "y", "z"), rule=rule))
    women = [assigner.place(STREAM, f"w{i}", {"gender": "woman"}) for i in range(6)]
    assert sorted(Counter(women).values()) == [2, 2, 2]
    with pytest.raises(Full, match="all 6 places of quota 'women'"):
        assigner.place(STREAM, "w6", {"gender": "woman"})
    others = [assigner.place(STREAM, f"o{i}", {"gender": "man"}) for i in range(3)]
    assert sorted(others) == ["x", "y", "z"]
    assigner.release(STREAM, "w0", "expired")
    assert assigner.place(STREAM, "w7", {"gender": "woman"}) == women[0]
    assigner.release(STREAM, "w7", "expired")
    assigner.hold(STREAM, "w7", women[0])  # whoever comes back is counted under the same quota
    with pytest.raises(Full):
        assigner.place(STREAM, "w8", {"gender": "woman"})


def test_the_places_of_a_study_are_not_given_twice(store):
    assigner = Assigner(store)
    assigner.publish(STREAM, published(rule=Rule(places=4)))
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda i: _placed(assigner, f"p{i}"), range(12)))
    assert got.count("full") == 8


def _placed(assigner, session):
    try:
        return assigner.place(STREAM, session)
    except Full:
        return "full"


def test_the_sweep_frees_silent_and_unfinished_places_only(store):
    assigner = Assigner(store)
    assigner.publish("study:s", published())
    for name in ("fresh", "silent", "done", "stopped", "away"):
        assigner.place("study:s", name)
    outcomes = {"s/silent": "", "s/done": "completed", "s/stopped": "withdrawn", "s/away": ""}
    heads = [
        Head("s/fresh", 5, "h", "answered", 70_000_000), Head("s/silent", 5, "h", "answered", 10),
        Head("s/done", 5, "h", "closed", 10),
        Head("s/stopped", 5, "h", "left", 70_000_000), Head("s/away", 5, "h", "left", 70_000_000),
    ]  # fmt: skip
    asked = []

    def outcome(stream):
        asked.append(stream)
        return outcomes[stream]

    class Heads:
        read = store.read

        def heads(self, prefix):
            return heads if prefix == "s/" else []

    sweeper = Sweeper(Heads(), assigner, outcome, lease_minutes=1)
    assert sweeper.sweep("s", "", 100_000_000) == ["silent", "stopped"]
    assert set(assigner.roll("study:s").cell_of) == {"fresh", "done", "away"}
    assert sweeper.sweep("s", "", 100_000_000) == []
    assert asked.count("s/done") == 1


def test_who_waits_for_the_next_visit_keeps_the_place(store):
    assigner = Assigner(store)
    assigner.publish("study:s", published())
    for name in ("resting", "gone"):
        assigner.place("study:s", name)

    class Heads:
        read = store.read

        def heads(self, prefix):
            return [Head(f"s/{name}", 5, "h", "answered", 10) for name in ("resting", "gone")] if prefix == "s/" else []

    resting = "s/resting".__eq__
    sweeper = Sweeper(Heads(), assigner, lambda _: "", lease_minutes=1, resting=resting)
    assert sweeper.sweep("s", "", 100_000_000) == ["gone"]


def test_whoever_comes_back_after_the_sweep_is_counted_again(house):
    hand = Hand(house.table, house.table.open_session("small", "en"))
    hand.play(4)
    roll = house.table.assigner.roll
    (name,) = roll("study:small").cell_of
    house.table.assigner.release("study:small", name, "expired")
    again = Hand(house.table, hand.stream)
    assert roll("study:small").cell_of == {name: house.table.load(hand.stream).state.assigned.cell}
    assert again.play() == "end/completed"


def test_sessions_of_a_study_are_spread_over_its_cells(open_again):
    houses = [open_again(), open_again()]
    for i in range(2 * CELLS):
        table = houses[i % 2].table
        Hand(table, table.open_session("small", "en")).play(3)
    roll = houses[0].table.assigner.roll("study:small")
    assert set(roll.counts().values()) == {2}


def test_a_study_that_is_shut_lets_people_wait_and_then_go_on(house):
    assigner = house.table.assigner
    assigner.shut("study:small", "lunch", "researcher:test")
    hand = Hand(house.table, house.table.open_session("small", "en"))
    assert hand.play(5) == "end/waiting"
    assigner.reopen("study:small", "back", "researcher:test")
    assert Hand(house.table, hand.stream).play() == "end/completed"


def test_whoever_finds_no_place_is_told_so_at_once(house, monkeypatch):
    def full(*_):
        raise Full("all 3 places are taken")

    monkeypatch.setattr(house.table.assigner, "place", full)
    hand = Hand(house.table, house.table.open_session("small", "en"))
    assert hand.play(5) == "end/full"
    assert house.table.outcome(hand.stream) == "full"


def test_silence_closes_a_session_for_good_but_any_message_is_a_sign_of_life(house):
    hands = [Hand(house.table, house.table.open_session("small", "en")) for _ in range(2)]
    for hand in hands:
        hand.play(4)
    day = 24 * 3_600_000_000
    later = house.store.read(hands[1].stream)[-1].at + day + 60_000_000
    heard = {hands[1].stream: later - 1}
    house.sweeper.heard = lambda stream: heard.get(stream, 0)
    assert house.sweeper.sweep("small", "", later) == [hands[0].stream.rpartition("/")[2]]
    assert [house.table.outcome(hand.stream) for hand in hands] == ["expired", ""]
    assert hands[0].view["place"] == "end/expired"
    before = house.table.heard(hands[1].stream)
    assert house.table.submit(hands[1].stream, "participant", "", Trace(seen=-5)).code == ""
    assert house.table.heard(hands[1].stream) > before, "it changed nothing, and was heard"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"COPLAY_IDLE_SECONDS": "30"}, "twice the heartbeat"),
        ({"COPLAY_IDLE_SECONDS": "120", "COPLAY_LEASE_MINUTES": "3"}, "at most half"),
        ({"COPLAY_EXPIRE_MINUTES": "60"}, "at least COPLAY_LEASE_MINUTES"),
    ],
)
def test_times_that_contradict_each_other_are_refused_when_they_are_read(variables, told):
    with pytest.raises(msgspec.ValidationError, match=told):
        settings.load(variables)
    assert settings.load({"COPLAY_IDLE_SECONDS": "0", "COPLAY_EXPIRE_MINUTES": "0"}).idle_seconds == 0
