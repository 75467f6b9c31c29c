"""Frames: what a researcher replays is what was played, at every moment of every log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.commands import Join, Leave, Localise, Trace
from game.events import Client, Gesture, Shown
from game.fold import apply
from game.frames import frames
from game.log import Broken, session_events
from game.rounds import rounds_of
from game.state import EMPTY
from game.view import view
from tests.game.session import Session
from tests.tiny import Tiny, study

WORKFLOWS = ("solo", "concurrent", "on_request", "judge_advisor", "delegation")


def played(workflow="concurrent", seed=1, **settings):
    session = Session(Tiny(study(workflow, **settings)))
    session.send(Join(client=Client(width=1366, height=768, theme="dark")), by="system")
    return session.finish(seed=seed)


def reel(session, until=None):
    return frames(session.rows[:until], session.tiny.texts)


def decide_at(session, **values):
    """Answer with gestures of known times."""
    gestures = (Gesture("choose:final", "ardena", 100), Gesture("guide", True, 200))
    return session.answer(gestures=gestures, ms=300, **values)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_views_are_the_screens_that_were_painted(workflow):
    session = played(workflow, feedback=True)
    replay = reel(session)
    state, seen = EMPTY, 0
    for event in session_events(session.rows):
        if isinstance(event, Shown):
            assert replay.views[event.of] == view(state, "researcher", session.tiny.texts[state.lang])
            seen += 1
        state = apply(state, event)
    assert seen > 5
    assert {screen.turn for screen in replay.screens} == set(replay.views)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_round_is_found_by_its_number(workflow):
    session = played(workflow)
    replay, rounds = reel(session), rounds_of(session_events(session.rows))
    assert len(replay.starts) == len(rounds) >= 3
    for each, start in zip(rounds, replay.starts, strict=True):
        (span,) = [span for span in replay.rounds if span.start_ms == start]
        assert span.specimen == each.specimen
        assert any(m.kind == "shown" and m.at_ms == start for m in replay.events)


@pytest.mark.slow
@given(st.sampled_from(WORKFLOWS), st.integers(0, 3), st.integers(1, 60))
def test_any_prefix_can_be_replayed(workflow, seed, until):
    session = played(workflow, seed)
    replay = reel(session, until)
    assert all(0 <= moment.at_ms <= replay.end_ms for moment in replay.events)
    assert [m.at_ms for m in replay.events] == sorted(m.at_ms for m in replay.events)
    assert all(screen.from_ms <= screen.until_ms for screen in replay.screens)
    assert all(span.start_ms <= span.end_ms for span in replay.rounds)
    assert all(screen.turn in replay.views for screen in replay.screens)
    whole = reel(session)
    assert all(whole.views[turn] == seen for turn, seen in replay.views.items())


def test_gestures_stand_where_they_were_made():
    session = Session(Tiny(study("solo")))
    session.start()
    opened = session.events[0].at
    decide_at(session, final="ardena", final_confidence=3)
    painted = (session.at - opened) // 1000 - 500
    assert [(touch.name, touch.at_ms - painted) for touch in reel(session).ui] == [
        ("choose:final", 100),
        ("guide", 200),
    ]


def test_gestures_after_a_reload_count_from_the_new_painting():
    session = Session(Tiny(study("solo")))
    session.send(Join(client=Client()), by="system")
    session.start()
    session.send(Trace(seen=session.state.turn, shown=session.painted))
    session.send(Leave(why="closed"), by="system", after_s=2)
    session.send(Join(client=Client()), by="system", after_s=60)
    decide_at(session, final="ardena", final_confidence=3)
    replay = reel(session)
    joined = next(moment for moment in reversed(replay.events) if moment.kind == "joined")
    assert all(touch.at_ms > joined.at_ms for touch in replay.ui)
    assert replay.gaps[-1].until_ms - replay.gaps[-1].from_ms == 60_000


def test_rounds_tell_who_said_what():
    session = Session(Tiny(study("judge_advisor", rounds=4)))
    session.start()
    for _ in range(4):
        card = next(s for s in session.state.assigned.plan.steps if s.card and s.id in session.screen.place).card
        session.answer(own=card.truth, own_confidence=2)
        session.answer(final=card.advice, final_confidence=4)
    rounds = reel(session).rounds
    assert [span.number for span in rounds] == [1, 2, 3, 4]
    for span in rounds:
        wrong = span.ai != span.truth
        assert span.flags == (("wrong", "over", "change") if wrong else ())
        assert (span.own, span.final, span.by, span.mode) == (span.truth, span.ai, "participant", "x")


def test_a_delegated_round_is_the_ais():
    session = Session(Tiny(study("delegation")))
    session.start()
    session.answer(who="ai")
    session.answer(**{"continue": "next"})
    replay = reel(session)
    assert (replay.rounds[0].by, replay.rounds[0].mode) == ("ai", "d")
    assert "delegation" in replay.rounds[0].flags
    decided = next(screen for screen in replay.screens if screen.advice == "decides")
    assert decided.painted


def test_another_language_is_another_screen():
    session = Session(Tiny(study("solo")))
    session.send(Localise(lang="fr", seen=session.state.turn))
    replay = reel(session)
    assert [replay.views[screen.turn].lang for screen in replay.screens] == ["en", "fr"]
    assert set(replay.titles) == {"en", "fr"}


def test_erased_sessions_keep_only_their_order():
    session = played()
    rows = [
        type(row)(*(None if f in ("data", "salt") else getattr(row, f) for f in row.__struct_fields__))
        for row in session.rows
    ]
    replay = frames(rows, {})
    assert replay.erased
    assert [moment.seq for moment in replay.events] == list(range(len(rows)))
    assert not replay.views
    assert not replay.rounds
    assert all(moment.value is None and not moment.name for moment in replay.events)


def test_a_row_that_cannot_be_read_is_named():
    session = played()
    bad = type(session.rows[5])(
        *("{" if f == "data" else getattr(session.rows[5], f) for f in session.rows[5].__struct_fields__)
    )
    with pytest.raises(Broken, match="row 5"):
        frames([*session.rows[:5], bad], session.tiny.texts)
