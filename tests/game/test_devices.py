"""The page "device": what it asks for, who passes, and that there is always a way out; a turned phone is measured anew."""

from __future__ import annotations

import pytest

from game.asks import AskAct, AskProbe
from game.consent import consent_of
from game.events import Client, Resized
from game.inputs import Refused, check_values
from game.page_check import page_problems
from game.page_options import Device, PageOptions
from game.pages import page
from game.rules import Join, Trace, decide
from game.state import EMPTY
from game.verify import restate
from tests.game.walk import Walk, words

ALL = PageOptions(width=600, height=500, device=Device(touch=False, kbit=1600, legible=True, reads=True))
FIT = {"device_reads": "yes", "device_legible": "yes", "device_kbit": 2500}


def walk(options=ALL, width=1000, height=800, touch=False):
    here = Walk({"notice": page("notice"), "device": page("device", options), "consent": page("consent")})
    here.send(Join(client=Client(width=width, height=height, touch=touch)), by="system")
    here.answer()
    return here


def press(here, value):
    made = here.give({"device": value})
    assert not isinstance(made, Refused), made
    return here.place


def test_who_can_do_it_all_sees_one_screen_only():
    here = walk()
    assert here.place == "checks"
    here.answer(**FIT)
    assert here.place == "consent"


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        ({"device_reads": "no"}, "unread"),
        ({"device_legible": "no"}, "illegible"),
        ({"device_kbit": 1500}, "slow"),
        ({"device_kbit": 0}, "slow"),
    ],
)
def test_each_lack_has_its_own_words_another_look_and_a_way_out(given, stage):
    here = walk()
    here.answer(**FIT | given)
    assert here.place == stage
    press(here, "again")
    assert here.place == "checks"
    here.answer(**FIT | given)
    press(here, "leave")
    assert here.state.closed == "incompatible_device"


def test_fingers_only_are_told_so_where_a_mouse_is_needed():
    here = walk(touch=True)
    assert here.place == "touch"
    press(here, "leave")
    assert here.state.closed == "incompatible_device"


def test_a_turned_phone_is_let_in_without_a_reload():
    here = walk(width=400)
    assert here.place == "device"
    press(here, "again")
    assert here.place == "device"
    here.send(Trace(client=Client(width=800, height=600)))
    assert isinstance(here.events[-1], Resized)
    press(here, "again")
    assert here.place == "checks"


def test_the_same_window_again_and_a_closed_session_tell_nothing():
    here = walk()
    before = len(here.events)
    here.send(Trace(client=here.state.client))
    assert len(here.events) == before
    here.answer(**FIT | {"device_reads": "no"})
    press(here, "leave")
    assert decide(here.state, Trace(client=Client(width=1)), "participant", here.state.at) == ()


def test_the_log_can_be_restated():
    event = Resized(at=1, by="participant", client=Client(width=5))
    assert restate([event], EMPTY).client == Client(width=5)


@pytest.mark.parametrize(
    ("of", "value", "good"),
    [
        ("legible", "yes", True), ("legible", "no", True), ("legible", "perhaps", False), ("legible", True, False),
        ("speed", 100, True), ("speed", "1500", True), ("speed", "-1", False), ("speed", 1.5, False), ("speed", True, False),
        ("speed", "9" * 30, False),
    ],
)  # fmt: skip
def test_what_a_browser_may_say_it_found_out(of, value, good):
    from game.stages import Stage

    stage = Stage("s", (), (AskProbe("p", "device.speed", of), AskAct("", "", "ask.confirm", confirms=True)))
    made = check_values(stage, {"p": value}, EMPTY)
    assert isinstance(made, Refused) != good


def test_a_consent_has_further_boxes_that_may_be_left_open():
    options = PageOptions(boxes=("contact",))
    for ticked in ({}, {"consent_contact": True}):
        here = Walk({"consent": page("consent", options)}, {**words(), "consent.contact": "You may write to me."})
        here.give({"consent_read": True, "consent_adult": True, "consent": "yes", **ticked})
        assert here.given()["consent_contact"] is bool(ticked)
        assert consent_of(here.events, lambda _: {}).boxes["consent_contact"] is bool(ticked)
    wrong = page_problems(["consent"], PageOptions(boxes=("reuse", "contact", "contact", "Write me")))
    assert [problem.path for problem in wrong] == ["consent[0]", "consent[2]", "consent[3]"]


def test_without_any_wish_the_page_is_a_mistake_and_only_the_result_is_in_the_log():
    assert page_problems(["device"], PageOptions())[0].path == "window"
    assert page_problems(["device"], PageOptions(device=Device(legible=True))) == []
    here = walk()
    here.answer(**FIT)
    assert {name: here.given()[name] for name in FIT} == FIT
