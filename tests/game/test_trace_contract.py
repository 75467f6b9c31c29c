"""The trace contract: what is not logged is lost for ever. One session that does all of it, read back from its rows."""

from __future__ import annotations

import pytest

from game.events import Answered, Assigned, Client, Gesture, Gestured, Joined, Shown
from game.log import session_events
from game.quality import away_by_stage
from game.rounds import rounds_of
from game.rules import Answer, Join, Painted
from game.stages import AskLabel
from game.view import view_digest
from tests.game.session import Session
from tests.tiny import Tiny, study

PROVISIONAL = ("ardena", "brumella")
GESTURES = (
    Gesture("first", "pointer", 80),
    Gesture("guide", True, 100),
    Gesture("zoom", 2, 150),
    Gesture("opacity", 40, 180),
    Gesture("side", 1, 190),
    Gesture("peek", True, 192),
    Gesture("peek", False, 197),
    Gesture("away", None, 200),
    Gesture("back", None, 700),
    Gesture("choose:final", PROVISIONAL[0], 800),
    Gesture("choose:final", PROVISIONAL[1], 900),
)
PAINTED = {"image_ms": 40, "overlay_ms": 55, "width": 1366, "height": 768, "side": 429, "dpr": 1.5, "theme": "dark"}


@pytest.fixture(scope="module")
def played():
    """A session with advice and a map, in whose first round everything is done; read back from its stored rows."""
    session = Session(Tiny(study("judge_advisor")))
    session.start()
    session.send(Join(client=Client(width=1366, height=768, dpr=1.5, theme="dark", lang="en")), "system")
    session.answer(ms=800, own="ardena", own_confidence=2)
    painted = Painted(session.state.turn, view_digest(session.screen), ago_ms=950, **PAINTED)
    values = {"final": PROVISIONAL[1], "final_confidence": 3}
    session.send(Answer(seen=session.state.turn, shown=painted, gestures=GESTURES, values=values, ms=930))
    session.finish()
    events = session_events(session.rows)
    return events, rounds_of(events, session.tiny.manifest)


def test_every_provisional_choice_and_every_look_is_in_the_log_with_its_time(played):
    events, rounds = played
    items = [item for event in events if isinstance(event, Gestured) for item in event.items]
    assert tuple(items[: len(GESTURES)]) == GESTURES
    one = rounds[0]
    assert (one.choices, one.guide_opens, one.zooms, one.away_ms) == (PROVISIONAL, 1, 1, 500)
    assert one.flips == 2, "the phone's panel turned once, and the map hidden once"
    assert rounds[0].first_ms is not None or any(item.name == "first" for item in items)


def test_exposure_is_known_and_not_assumed(played):
    events, rounds = played
    shown = next(e for e in events if isinstance(e, Shown) and e.overlay_ms == PAINTED["overlay_ms"])
    for name, value in PAINTED.items():
        assert getattr(shown, name) == value
    one = rounds[0]
    assert (one.explanation_shown, one.ai_shown, one.method) == (True, True, "gradcam")
    assert one.explanation_ms is not None
    assert len(shown.view) == 64, "the digest says exactly which screen was painted"


def test_what_was_offered_and_in_which_order_is_known(played):
    events, rounds = played
    plan = next(event.plan for event in events if isinstance(event, Assigned))
    asks = [ask for stage in plan.stages[plan.steps[1].key] for ask in stage.ask if isinstance(ask, AskLabel)]
    assert asks
    assert rounds[0].options == plan.classes
    assert (rounds[0].request_offered, rounds[0].delegation_offered, rounds[0].handover_offered) == (
        False,
        False,
        False,
    )


def test_focus_is_known_by_stage(played):
    events, _ = played
    away = away_by_stage(events)
    assert [(each.times, each.ms) for each in away.values()] == [(1, 500)]
    assert next(iter(away)).count("/") == 1


def test_the_model_the_scene_and_the_draws_are_with_the_round(played):
    _, rounds = played
    one = rounds[0]
    assert sum(one.probabilities) == pytest.approx(1)
    assert one.scene
    assert one.map_target == one.ai
    assert (one.side, one.dpr, one.theme, one.lang) == (429, 1.5, "dark", "en") or one.side == 400
    assert isinstance(one.propensities, dict)


def test_every_answer_says_who_gave_it_and_when(played):
    events, _ = played
    answers = [event for event in events if isinstance(event, Answered)]
    assert all(event.by in ("participant", "ai") and event.at > 0 for event in answers)
    assert all(event.ms is not None for event in answers if event.by == "participant")
    assert any(isinstance(event, Joined) and event.client.dpr == 1.5 for event in events)


@pytest.mark.parametrize("who", ["ai", "me"])
def test_whether_the_picture_was_seen_before_delegating_is_known(who):
    session = Session(Tiny(study("delegation")))
    session.start()
    session.answer(who=who)
    one = rounds_of(session_events(session.rows), session.tiny.manifest)[0]
    assert (one.who, one.delegation_offered, one.image_seen) == (who, True, True)
