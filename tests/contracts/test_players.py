"""What every simulated participant must hold: it plays every workflow to the end and is the same for the same seed."""

from __future__ import annotations

from itertools import product

import pytest

from game.log import session_events
from game.registry import player, workflow
from game.rounds import rounds_of
from game.simulate import simulate
from game.verify import verify
from tests.tiny import Tiny, study

TINIES = {name: Tiny(study(name, feedback=True)) for name in workflow.names()}


def played(tiny: Tiny, who: str, n: int = 2, seed: str = "a"):
    return list(simulate(tiny.study, tiny.manifest, tiny.texts, tiny.names, n, seed, who))


@pytest.mark.parametrize(("who", "name"), list(product(player.names(), workflow.names())))
def test_it_plays_to_the_end_and_its_log_verifies(who: str, name: str):
    tiny = TINIES[name]
    for rows in played(tiny, who):
        verdict = verify(rows, tiny.read_blob)
        assert verdict.sound, verdict.first
        rounds = rounds_of(session_events(rows), tiny.manifest)
        assert len(rounds) == 3
        assert {r.source for r in rounds} == {"simulated"}


@pytest.mark.parametrize("who", player.names())
def test_equal_seeds_give_equal_rows(who: str):
    tiny = TINIES["concurrent"]
    assert played(tiny, who) == played(tiny, who)
    assert played(tiny, who) != played(tiny, who, seed="b")
