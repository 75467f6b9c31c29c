"""Flags: each reason to look twice, and that an ordinary session has none."""

from __future__ import annotations

import pytest

from game.controls import Choice, Rate
from game.events import Client, Gesture
from game.page_options import PageOptions, Question
from game.pages import page
from game.quality import LINE_LEAST, Away, away_by_stage, flags_of
from game.rules import Join, Leave, Trace
from tests.game.walk import QUIZ_TEXTS, Walk, words

QUESTIONS = PageOptions(question=(Question("sees", ("image", "note"), "image"),))


def walk(*names, options=QUESTIONS):
    return Walk({name: page(name, options) for name in names}, {**words(), **QUIZ_TEXTS})


def kinds(here):
    return [flag.kind for flag in flags_of(here.events)]


def gesture(here, *items):
    made = here.send(Trace(seen=here.state.turn, gestures=tuple(Gesture(*item) for item in items)))
    assert made


def rates(here, value):
    """Answer every page of a questionnaire; `value` of the place of an item."""
    while here.state.stage and not here.state.closed and here.screen.layout == "page":
        asks = [ask for ask in here.screen.asks if isinstance(ask, Choice | Rate)]
        if not asks:
            break
        here.answer({ask.name: ask.options[value(n) % len(ask.options)].value for n, ask in enumerate(asks)})


def test_an_ordinary_session_has_no_flag():
    here = walk("attention-1", "quiz", "q.jian", "honesty")
    here.answer(attention_1="rarely")
    here.answer(quiz_sees="image")
    rates(here, lambda n: n)
    assert kinds(here) == []


def test_a_missed_instruction_and_a_second_attempt_are_told_with_numbers():
    here = walk("attention-1", "attention-2", "quiz")
    here.answer(attention_1="never")
    here.answer(attention_2="always")
    here.answer(quiz_sees="note")
    here.answer()
    here.answer(quiz_sees="image")
    assert [str(flag) for flag in flags_of(here.events)] == [
        "attention: 1 of 2 instructed answers missed", "comprehension: the questions were answered 2 times",
    ]  # fmt: skip


def test_a_straight_line_over_a_scale_is_flagged():
    here = walk("q.jian")
    rates(here, lambda _: 3)
    flags = flags_of(here.events)
    assert {flag.kind for flag in flags} == {"straight_line"}
    assert int(flags[0].reason.split()[0]) >= LINE_LEAST


@pytest.mark.parametrize("sign", ["webdriver", "synthetic", "field"])
def test_a_trap_is_flagged_once_however_often_it_snaps(sign):
    here = walk("honesty")
    gesture(here, ("trap", sign), ("trap", sign))
    assert kinds(here) == ["automation"]


def test_honest_answers_flag_and_change_nothing_else():
    here = walk("honesty", "debrief")
    here.answer(honesty_help="ai", honesty_care="no")
    assert kinds(here) == ["honesty", "honesty"]
    assert here.place == "debrief"
    open_left = walk("honesty", "debrief")
    open_left.answer()
    assert kinds(open_left) == []


def test_focus_is_counted_by_stage_hidden_tabs_and_lost_lines_alike():
    here = walk("honesty", "debrief")
    here.join(800, 600)
    gesture(here, ("away", None, 1000), ("back", None, 4000), ("away", None, 5000))
    here.send(Leave(why="lost"), by="system")
    here.send(Join(client=Client(width=1)), by="system", after_s=7)
    assert away_by_stage(here.events) == {"honesty/honesty": Away(3, 10_000)}
    assert kinds(here) == [], "only what happens in scored rounds is flagged"
