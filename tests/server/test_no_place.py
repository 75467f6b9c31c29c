"""Somebody who found no place: the log says so, and is sound."""

from game.assignment import Full
from game.verify import verify
from tests.server import small


def test_the_log_of_somebody_who_found_no_place_verifies(house, monkeypatch):
    def full(*_: object) -> str:
        raise Full("no place is left")

    monkeypatch.setattr(house.table.assigner, "place", full)
    hand = small.Hand(house.table, house.table.open_session("small", "en"))
    assert hand.play() == "end/full"
    assert verify(house.store.read(hand.stream), house.blobs.get).sound
