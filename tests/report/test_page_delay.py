"""The delay of messages is told from the server's two times and the browser's length, and never from two clocks."""

import pytest

from game.events import Answered, Gestured, Shown
from server.report.figures import delay
from server.report.page.exchange import LEAST, exchange_ms
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.tables import Bootstrap


def session(delays, before=Answered, image=None):
    """Events of screens that came `delays` ms after what made them, were looked at for a second, and then answered."""
    events, at = [], 1_000_000
    for turn, wait in enumerate(delays):
        more = (
            {"of": turn, "items": ()}
            if before is Gestured
            else {"step": turn, "stage": "decide", "name": "final", "value": "a"}
        )
        events.append(before(at=at, by="participant", **more))
        at += int((wait + 1000 + (image or 0)) * 1000)
        events.append(Shown(at=at, by="participant", of=turn, view="", ago_ms=1000, image_ms=image))
    return events


def test_the_delay_is_what_is_left_between_two_times_of_the_server():
    assert exchange_ms(session([80, 90, 100, 200, 70])) == pytest.approx(90)
    assert exchange_ms(session([80] * 5, image=40)) == pytest.approx(80), "decoding is taken off"


def test_what_tells_nothing_is_left_out():
    assert exchange_ms(session([80] * (LEAST - 1))) is None
    assert exchange_ms(session([80] * 8, before=Gestured)) is None, "gestures make no screen"
    assert exchange_ms(session([-30] * 8)) is None
    assert exchange_ms([]) is None


def test_it_is_drawn_where_sessions_are_known(one_round):
    rounds = [one_round(n, f"p{who}") for who in (1, 2, 3) for n in (1, 2)]
    made = story(Gathered(rounds=rounds), Bootstrap(1, 20))
    assert "a rounds file does not say" in delay.plate(made).missing
    known = ((1, 50.0), (2, 70.0), (3, None))
    made.gathered.sessions = [{"subject_id": f"p{who}", "exchange_ms": ms, "why": ""} for who, ms in known]
    plate = delay.plate(made)
    assert plate.title == "A message takes 60 ms in arm."
    assert plate.note.startswith("2 people; 1 without")
    assert plate.csv.splitlines()[1:] == ["arm,one_stage,p1,50", "arm,one_stage,p2,70"]
    made.gathered.sessions = [{"subject_id": "p1", "exchange_ms": None, "why": ""}]
    assert "no session has 5 screens" in delay.plate(made).missing
