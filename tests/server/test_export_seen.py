"""What an export tells of rounds beside their fields, from the events: the network, and how maps were drawn."""

from random import Random

import msgspec

from game.events import Answered, Client, Gesture
from game.registry import player
from game.rules import Join
from tests.game.session import Session
from tests.server.exported import ANTS, exported, log, sealed, table


class Browser(Session):
    """Screens are painted 0.5 s before they are answered, their map was decoded after 180 ms."""

    @property
    def painted(self):
        return msgspec.structs.replace(super().painted, image_ms=120, overlay_ms=180)


def test_the_network_and_the_drawing_of_maps_are_read_from_the_events(tmp_path):
    session = Browser(ANTS)
    session.send(Join(client=Client(width=800, height=600)), "system")
    play, rng = player["random"].thing, Random(1)
    while not session.state.closed:
        values = play(session.screen, rng)
        second = len([event for event in session.events if isinstance(event, Answered) and event.name == "final"]) == 1
        drawn = (Gesture("rendering", "overlay", 90),) if second and "final" in values else ()
        session.answer(gestures=drawn, **values) if values else session.wait()
    made = exported(log(tmp_path / "x.log.jsonl", sealed("ants/p1", session.events)), tmp_path / "out")
    rows = table(made, "trials")
    assert {row["rtt_ms"] for row in rows} == {"320"}, "answered after 1 s, 0.5 s of it painted, 0.18 s decoding"
    assert table(made, "sessions")[0]["rtt_ms"] == "320"
    assert [row["explanation_view"] for row in rows] == ["beside", "overlay", "beside"]
