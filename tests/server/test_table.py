"""The table: durable before acknowledged, exactly once, refusals change nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from game.canonical import sha256
from game.commands import Answer, Join, Leave, Localise, Painted, Pause, Trace, Unpause, Withdraw
from game.events import Client, Gesture
from game.log import Conflict, session_events
from game.verify import verify
from game.view import view, view_digest
from server.writer import Unavailable
from tests.server.small import Hand


@pytest.fixture
def hand(house):
    return Hand(house.table, house.table.open_session("small", "en"))


def rows(house, hand):
    return list(house.store.read(hand.stream))


def test_a_session_plays_to_its_end_and_verifies(house, hand):
    assert hand.play() == "end/completed"
    verdict = verify(rows(house, hand), house.blobs.get)
    assert verdict.sound, verdict.first
    assert {rung.name: rung.outcome for rung in verdict.rungs} == dict.fromkeys(("chain", "rules", "screens"), "sound")


def test_the_screen_sent_is_the_one_that_is_hashed(house, hand):
    session = house.table.load(hand.stream)
    drawn = view(session.state, "participant", house.table.texts(session))
    assert house.table.screen(session).hash == view_digest(drawn) == sha256(bytes(house.table.screen(session).view))


def test_a_repeated_command_gets_the_same_answer_and_appends_nothing(house, hand):
    command = hand.command()
    first = house.table.submit(hand.stream, "participant", "again-01", command, joined=hand.joined)
    before = rows(house, hand)
    again = house.table.submit(hand.stream, "participant", "again-01", command, joined=hand.joined)
    hand.answer("later-01")
    late = house.table.submit(hand.stream, "participant", "again-01", command, joined=hand.joined)
    assert first.seq == again.seq == late.seq
    assert not again.code
    assert rows(house, hand)[: len(before)] == before
    assert sum(row.cmd == "again-01" for row in rows(house, hand)) == len(before) - 2


def test_a_repeated_command_is_known_after_a_restart(open_again):
    one = open_again()
    hand = Hand(one.table, one.table.open_session("small", "en"))
    command = hand.command()
    first = one.table.submit(hand.stream, "participant", "again-01", command, joined=hand.joined)
    two = open_again()
    again = two.table.submit(hand.stream, "participant", "again-01", command, joined=hand.joined)
    assert (again.seq, again.code) == (first.seq, "")
    assert len(two.store.read(hand.stream)) == first.seq + 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seen": -1}, "stale"),
        ({"seen": 10_000}, "stale"),
        ({"shown": None}, "not_shown"),
        ({"shown": Painted(1, "forged")}, "not_shown"),
        ({"values": {"never": "asked"}}, "not_asked"),
        ({"values": {}}, "missing"),
        ({"gestures": tuple(Gesture("zoom") for _ in range(201))}, "too_much"),
    ],
)
def test_refusals_have_a_code_and_change_nothing(house, hand, change, code):
    before = rows(house, hand)
    assert hand.answer("refused-1", **change).code == code
    assert rows(house, hand) == before
    assert not hand.answer("refused-1").code  # a refused id is free: nothing of it was stored


def test_a_screen_that_was_never_sent_cannot_be_reported(house, hand):
    turn = house.table.load(hand.stream).state.turn
    before = rows(house, hand)
    assert hand.answer(shown=Painted(turn, "0" * 64)).code == "wrong_view"
    assert rows(house, hand) == before


def test_unknown_sessions_are_refused(house):
    assert house.table.submit("small/nobody", "participant", "x" * 8, Trace()).code == "not_open"


def test_an_older_tab_is_refused_and_its_leaving_is_not_recorded(house, hand):
    newer = Hand(house.table, hand.stream)
    before = rows(house, hand)
    assert hand.answer().code == "elsewhere"
    assert house.table.submit(hand.stream, "participant", "", Leave(), joined=hand.joined).code == "elsewhere"
    assert rows(house, hand) == before
    assert not newer.answer().code


def test_the_newest_tab_wins_over_processes_too(open_again):
    one, two = open_again(), open_again()
    older = Hand(one.table, one.table.open_session("small", "en"))
    newer = Hand(two.table, older.stream)
    assert older.answer().code == "elsewhere"
    assert not newer.answer().code


def test_a_process_that_lags_behind_reads_again_before_it_refuses(open_again):
    one, two = open_again(), open_again()
    hand = Hand(one.table, one.table.open_session("small", "en"))
    two.table.load(hand.stream)
    hand.answer()
    command = hand.command()
    assert not two.table.submit(hand.stream, "participant", "fresh-01", command, joined=hand.joined).code


def test_sixteen_equal_commands_at_once_are_one(house, hand):
    command = hand.command()
    barrier = threading.Barrier(16)

    def send(_):
        barrier.wait()
        return house.table.submit(hand.stream, "participant", "once-0001", command, joined=hand.joined)

    with ThreadPoolExecutor(16) as pool:
        acks = [ack for ack in pool.map(send, range(16)) if ack.code != "busy"]
    assert {ack.code for ack in acks} == {""}
    assert len({ack.seq for ack in acks}) == 1
    assert [e.name for e in session_events(rows(house, hand)) if hasattr(e, "name")].count("continue") == 1


def test_a_conflict_is_decided_again_and_gives_up_as_busy(house, hand, monkeypatch):
    before = rows(house, hand)

    def lose(_):
        raise Conflict("second")

    monkeypatch.setattr(house.store, "append", lose)
    assert hand.answer().code == "busy"
    monkeypatch.undo()
    assert rows(house, hand) == before
    assert not hand.answer().code


def test_a_failing_store_is_unavailable_and_nothing_is_published(house, hand, monkeypatch):
    seen = []
    house.table.watch(lambda session, events, origin: seen.append(session))

    def fail(_):
        raise Unavailable("disk full")

    monkeypatch.setattr(house.store, "append", fail)
    turn = house.table.load(hand.stream).state.turn
    assert hand.answer("kept-0001").code == "unavailable"
    assert seen == []
    monkeypatch.undo()
    assert house.table.load(hand.stream).state.turn == turn
    assert not hand.answer("kept-0001").code
    assert len(seen) == 1


def test_publishing_comes_after_storing_and_a_failing_watcher_harms_nobody(house, hand):
    stored = []

    def watcher(session, events, origin):
        stored.append(house.store.read(session.stream)[-1] == session.last)
        raise RuntimeError("a watcher's mistake")

    house.table.watch(watcher)
    assert not hand.answer().code
    assert stored == [True]


def test_leaving_and_coming_back_shows_the_same_screen(open_again):
    one = open_again()
    hand = Hand(one.table, one.table.open_session("small", "en"))
    hand.play(6)
    before = hand.view
    one.table.submit(hand.stream, "participant", "", Leave(why="transport close"), joined=hand.joined)
    again = Hand(open_again().table, hand.stream)
    assert again.view == before
    assert again.play() == "end/completed"


def test_gestures_of_the_present_screen_come_back_as_ui(house, hand):
    turn = house.table.load(hand.stream).state.turn
    items = (Gesture("opacity", 0.2, 1), Gesture("guide", True, 2), Gesture("opacity", 0.7, 3))
    house.table.submit(hand.stream, "participant", "trace-01", Trace(seen=turn, gestures=items), joined=hand.joined)
    assert house.table.load(hand.stream).ui == {"opacity": 0.7, "guide": True}
    house.table.forget(hand.stream)
    assert house.table.load(hand.stream).ui == {"opacity": 0.7, "guide": True}
    hand.answer()
    assert house.table.load(hand.stream).ui == {}


def test_language_pause_and_withdrawal_change_the_screen(house, hand):
    table = house.table
    table.submit(hand.stream, "participant", "lang-001", Localise(lang="fr"), joined=hand.joined)
    assert hand.view["lang"] == "fr"
    assert (
        table.submit(hand.stream, "participant", "", Localise(lang="xx"), joined=hand.joined).code == "not_a_language"
    )
    table.submit(hand.stream, "researcher:test", "", Pause(why="fire drill"))
    assert hand.answer().code == "paused"
    table.submit(hand.stream, "researcher:test", "", Unpause())
    assert not hand.answer().code
    table.submit(hand.stream, "participant", "", Withdraw(), joined=hand.joined)
    assert hand.view["place"] == "end/withdrawn"
    assert verify(rows(house, hand), house.blobs.get).sound


def test_erased_sessions_are_closed_to_everybody(house, hand):
    hand.play(4)
    house.store.erase(hand.stream)
    house.table.forget(hand.stream)
    assert house.table.submit(hand.stream, "participant", "", Join(client=Client())).code == "erased"


def test_the_cache_is_bounded_and_forgetting_costs_nothing(open_again):
    house = open_again(sessions_cached=3)
    hands = [Hand(house.table, house.table.open_session("small", "en")) for _ in range(6)]
    assert len(house.table._cache) == 3
    assert all(not hand.answer().code for hand in hands)


def test_prefixed_sessions_take_no_places_of_the_study(open_again):
    pilot, real = open_again(prefix="pilot"), open_again()
    stream = pilot.table.open_session("small", "en")
    assert stream.startswith("pilot/small/")
    Hand(pilot.table, stream).play(4)
    assert real.table.assigner.roll("study:small").cell_of == {}
    assert len(real.table.assigner.roll("study:pilot/small").cell_of) == 1


def test_a_time_limit_rings_without_anybody_sending(house, monkeypatch):
    from msgspec.structs import replace

    from server.studies import OpenStudy

    made = OpenStudy.intake(house.studies["small"])
    short = {key: tuple(replace(stage, within_s=0.3) for stage in table) for key, table in made.stages.items()}
    monkeypatch.setattr(OpenStudy, "intake", lambda _: replace(made, stages=short))
    hand = Hand(house.table, house.table.open_session("small", "en"))
    moved = threading.Event()
    house.table.watch(lambda session, events, origin: moved.set() if events[0].by == "clock" else None)
    place = hand.view["place"]
    session = house.table.load(hand.stream)
    trace = Trace(seen=session.state.turn, shown=Painted(session.state.turn, house.table.screen(session).hash))
    house.table.submit(hand.stream, "participant", "painted-1", trace, joined=hand.joined)
    assert moved.wait(5)
    assert hand.view["place"] != place
    assert verify(rows(house, hand), house.blobs.get).sound
    assert isinstance(hand.command(), Answer)
