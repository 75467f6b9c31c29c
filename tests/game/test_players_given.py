"""What players are given, and the two whose bounds are told by no other test: the lens player and random."""

from random import Random

import msgspec
import pytest
from msgspec.structs import replace

from game.canonical import encode
from game.eyes import eyes_of
from game.mixture import seat
from game.registry import player
from game.screen import View
from game.simulate import play_through
from tests.game.test_players import PACK, people, rounds, value
from tests.tiny import SALT


@pytest.mark.parametrize("who", player.names())
def test_a_player_needs_no_more_than_the_browser_gets(who):
    """Its replies are the same from the bytes of the view, by eyes of a pack in which the truth of what it saw is another."""
    made = people(who, "judge_advisor", n=8, wrong=3)
    one = seat(made.shares, Random("p"), made.eyes)
    seen: list[tuple[bytes, object, object]] = []

    def watched(screen, rng):
        before = rng.getstate()
        reply = one.play(screen, rng)
        seen.append((encode(screen), before, reply))
        return reply

    opened, assigned = made.play(0).events[:2]
    list(play_through(opened, assigned, made.texts, one._replace(play=watched), Random("r")))
    shown = {step.card.specimen for step in assigned.plan.steps if step.card}
    keys = [kind.key for kind in PACK.classes]
    changed = sorted(shown)[:6]  # few, so that what the field guide says of the classes stays
    other = replace(
        PACK,
        specimens=tuple(
            replace(s, truth=keys[keys.index(s.truth) - 1]) if s.id in changed else s for s in PACK.specimens
        ),
    )
    again = seat(made.shares, Random("p"), eyes_of(made.study, other, SALT))
    assert len(seen) > 20
    for data, before, reply in seen:
        rng = Random()
        rng.setstate(before)
        assert again.play(msgspec.json.decode(data, type=View), rng) == reply


@pytest.mark.slow
def test_the_lens_player_at_the_bounds_of_its_weights_and_random_is_chance():
    blind = "w1=0,w2=0,w3=0,w4=0,lure=0,pull=0"
    assert value("agreement", rounds(people(f"lens({blind},advice=20)"), 3)) == 1
    assert value("agreement", rounds(people("lens(advice=-20)"), 3)) == 0
    for who in (f"lens({blind},advice=0)", "random"):
        guessed = rounds(people(who), 24)
        assert value("accuracy_team", guessed) == pytest.approx(0.25, abs=0.07), who
        assert value("agreement", guessed) == pytest.approx(0.25, abs=0.07), who
