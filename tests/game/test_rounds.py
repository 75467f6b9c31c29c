"""Rounds tell what happened in a session, workflow by workflow."""

from __future__ import annotations

from msgspec.structs import replace

from game.events import Client, Gesture
from game.pay import PayoffRule
from game.rounds import Round, rounds_of
from game.rules import Join, Leave
from tests.game.session import Session
from tests.tiny import Tiny, manifest, study


def told(session: Session) -> list[Round]:
    return rounds_of(session.events, session.tiny.manifest)


def test_two_stage():
    session = Session(Tiny(study("judge_advisor")))
    card = session.start().assigned.plan.steps[1].card
    other = "corvira" if card.truth != "corvira" else "ardena"
    session.answer(ms=800, own=other, own_confidence=2)
    gestures = (
        Gesture("choose:final", other, 100),
        Gesture("guide", True, 150),
        Gesture("choose:final", card.advice, 300),
    )
    session.answer(ms=500, gestures=gestures, final=card.advice, final_confidence=4)
    one = told(session)[0]
    assert (one.protocol, one.own, one.final, one.ai) == ("two_stage", other, card.advice, card.advice)
    assert (one.own_confidence, one.final_confidence) == (2, 4)
    assert (one.own_ms, one.final_ms) == (800, 500)
    assert one.ai_shown
    assert one.followed is True
    assert one.own_correct is False
    assert one.correct is (card.advice == card.truth)
    assert one.choices == (other, card.advice)
    assert one.guide_opens == 1
    assert one.explanation_shown
    assert one.method == "gradcam"
    assert one.probabilities == (0.75, 0.15, 0.05, 0.05)
    assert one.scene == {"wing": 1}
    assert one.side == 400


def test_solo_has_no_ai():
    session = Session(Tiny(study("solo")))
    session.start()
    session.answer(final="ardena", final_confidence=1)
    one = told(session)[0]
    assert (one.protocol, one.ai, one.followed, one.ai_correct) == ("alone", None, None, None)
    assert not one.ai_shown
    assert one.explanation_kind == "none"
    assert one.explanation_ms is None


def test_delegation():
    session = Session(Tiny(study("delegation")))
    card = session.start().assigned.plan.steps[1].card
    session.answer(who="ai")
    session.answer(**{"continue": "next"})
    session.answer(who="me")
    session.answer(final="ardena", final_confidence=3)
    first, second = told(session)[:2]
    assert (first.delegated, first.decided_by, first.final) == (True, "ai", card.advice)
    assert not first.ai_shown
    assert first.final_ms is None
    assert (second.delegated, second.decided_by, second.final) == (False, "participant", "ardena")
    assert second.ai is not None
    assert not second.ai_shown


def test_request():
    session = Session(Tiny(study("on_request")))
    session.start()
    session.answer(request="ai")
    session.answer(request="explanation")
    session.answer(final="ardena", final_confidence=3)
    session.answer(final="ardena", final_confidence=3)
    first, second = told(session)[:2]
    assert (first.requested, first.ai_shown, first.explanation_shown) == (True, True, True)
    assert (second.requested, second.ai_shown, second.explanation_shown) == (False, False, False)


def test_time_away_is_taken_out():
    session = Session(Tiny(study("solo")))
    session.start()
    session.send(Join(client=Client()))
    from game.rules import Trace

    session.send(Trace(seen=session.state.turn, shown=session.painted))
    session.send(Leave(why="lost"), after_s=2)
    session.send(Join(client=Client()), after_s=100)
    session.answer(final="ardena", final_confidence=3)
    one = told(session)[0]
    assert one.away_ms == 100_000
    assert 2_000 < one.total_ms < 6_000


def test_a_session_without_a_plan_has_no_rounds():
    session = Session(Tiny(study("solo")))
    assert told(session) == []


def test_unfinished_rounds_are_kept_with_what_is_known():
    session = Session(Tiny(study("judge_advisor")))
    session.start()
    session.answer(own="ardena", own_confidence=3)
    (one,) = told(session)
    assert one.own == "ardena"
    assert one.final is None
    assert one.correct is None
    assert one.total_ms is not None


def test_a_round_says_whose_answer_was_told_in_it():
    for when, told_of in (("round", "both"), ("block", "none")):
        session = Session(Tiny(study("concurrent", feedback='"both"', feedback_when=f'"{when}"')))
        session.start()
        session.answer(final="ardena", final_confidence=3)
        if when == "round":
            session.answer(**{"continue": "next"})
        assert told(session)[0].feedback == told_of
    silent = Session(Tiny(study("concurrent")))
    silent.start()
    silent.answer(final="ardena", final_confidence=3)
    assert told(silent)[0].feedback == "none"


def test_a_round_knows_the_family_of_its_method_by_the_pack():
    pack = replace(manifest(), methods={"gradcam": {"family": "control"}, "random": {}})
    session = Session(Tiny(study("concurrent"), pack))
    session.start()
    session.answer(final="ardena", final_confidence=3)
    assert told(session)[0].method_family == "control"
    assert rounds_of(session.events)[0].method_family == ""


def test_what_delegating_costs_is_the_payoff_rules_price():
    priced = replace(study("delegation"), payoff=(PayoffRule(name="p", right=1, delegated=-2),))
    priced = replace(priced, condition=(replace(priced.condition[0], stakes="p", effort="priced"),))
    session = Session(Tiny(priced))
    session.start()
    session.answer(who="ai")
    assert told(session)[0].delegation_price == 2
    free = Session(Tiny(study("delegation")))
    free.start()
    free.answer(who="ai")
    assert told(free)[0].delegation_price is None
