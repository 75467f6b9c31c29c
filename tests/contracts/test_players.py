"""What every simulated participant must hold: it plays every workflow to the end and is the same for the same seed."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from msgspec.structs import replace

from game.eyes import eyes_of
from game.fold import apply
from game.log import Row, seal, session_events
from game.mixture import Seated, mixture, replied, seat
from game.plan import Payoff
from game.registry import player, workflow
from game.rounds import rounds_of
from game.simulate import play_through, simulate
from game.stages import (
    AskAct,
    AskAmount,
    AskCheck,
    AskFrame,
    AskLabel,
    AskMany,
    AskOption,
    AskProbe,
    AskRate,
    AskText,
    Stage,
)
from game.state import EMPTY
from game.verify import verify
from tests.game.session import Session
from tests.game.table import Table, cues_of
from tests.tiny import SALT, Tiny, study

LIMITS = {"limit_s": 3.0, "delay_s": 2.0, "shadow": True, "points": True, "payoff": "p", "feedback": "both"}
PAYOFF = Payoff(10, -5, late=-1)


def seated(table: Table, who: str, rng: Random) -> Seated:
    """Return a person of a kind, with eyes for the table's pictures."""
    return seat(mixture(who), rng, eyes_of(table.study, table.manifest, SALT))


def looks(who: str) -> bool:
    return isinstance(player[who].thing, type)


def played(table: Table, who: str, seed: str) -> list[Row]:
    """Return the rows of one simulated session."""
    rng, rows = Random(seed), list[Row]()
    opened = replace(table.opened(), prefix="simulated")
    for cmd, events in play_through(opened, table.assigned(), table.texts, seated(table, who, rng), rng):
        for event in events:
            rows.append(seal(rows[-1] if rows else None, "s", event, cmd, f"{rng.getrandbits(128):032x}"))
    return rows


@pytest.mark.parametrize(("who", "name"), list(product(player.names(), workflow.names())))
def test_it_plays_to_the_end_and_its_log_verifies(who: str, name: str):
    table = Table(name, cues_of(name, feedback="both"), marks={2: ("defers",)})
    rows = played(table, who, "a")
    verdict = verify(rows, table.read_blob)
    assert verdict.sound, verdict.first
    rounds = rounds_of(session_events(rows), table.manifest)
    assert len(rounds) == 3
    assert {r.source for r in rounds} == {"simulated"}


@pytest.mark.parametrize(("who", "name"), list(product(player.names(), workflow.names())))
def test_the_clock_ends_what_it_does_not(who: str, name: str):
    table = Table(
        name, cues_of(name, **LIMITS), payoff=PAYOFF, draws={n: {"shadow": 0.2} for n in range(1, 7)}, rounds=6
    )
    late = 0
    for seed in "ab":
        rows = played(table, who, seed)
        assert verify(rows, table.read_blob).sound
        state = EMPTY
        for event in session_events(rows):
            state = apply(state, event)
        assert state.closed == "completed"
        rounds = rounds_of(session_events(rows), table.manifest)
        late += sum(each.timed_out for each in rounds)
        assert all(each.points == PAYOFF.late for each in rounds if each.timed_out and each.scored)
    if name in ("solo", "concurrent", "verify", "predict_ai"):
        assert late < 12
        assert late or looks(who)  # who looks sees the countdown too, and is late more seldom


@pytest.mark.parametrize("who", player.names())
def test_a_shift_ends(who: str):
    table = Table("on_request", cues_of("on_request"), rounds=30, shift=20)
    rows = played(table, who, "a")
    assert verify(rows, table.read_blob).sound
    rounds = rounds_of(session_events(rows), table.manifest)
    assert 2 < len(rounds) < 30
    assert session_events(rows)[-1].outcome == "completed"


@pytest.mark.parametrize("who", player.names())
def test_equal_seeds_give_equal_rows(who: str):
    tiny = Tiny(study("concurrent"))

    def simulated(seed: str) -> list[list[Row]]:
        return list(simulate(tiny.study, tiny.manifest, tiny.texts, tiny.names, 2, seed, who))

    assert simulated("a") == simulated("a")
    assert simulated("a") != simulated("b")


EVERY = (
    AskLabel("final", "round.answer"),
    AskRate("agree", "sure", "sure"),
    AskOption("deploy", "audit.deploy", ("yes", "no")),
    AskMany("many", "audit.bias", ("specimen", "background", "mark"), 1, 2),
    AskAmount("estimate", "audit.estimate", 5, 9, 0.5),
    AskText("reason", "round.reason", most=4),
    AskFrame("frame", "round.reason", "https://example.org/"),
    AskCheck("check", "round.reason"),
    AskProbe("legible", "device.legible", "legible"),
    AskProbe("kbit", "device.speed", "speed"),
    AskAct("", "", "ask.confirm", confirms=True),
)


@pytest.mark.parametrize(("who", "seed"), list(product(player.names(), range(8))))
def test_it_answers_every_control_legally(who: str, seed: int):
    table = Table("solo", cues_of("solo"))
    session = Session(table)
    session.answer(**{"continue": "next"})
    plan = session.state.assigned.plan
    stages = {**plan.stages, "rounds": (Stage("all", (), EVERY),)}
    assigned = replace(session.state.assigned, plan=replace(plan, stages=stages))
    session.state = replace(session.state, assigned=assigned, stage="all")
    rng = Random(seed)
    values = replied(seated(table, who, rng).play(session.screen, rng), rng).values
    assert set(values) == {ask.name for ask in EVERY} - {""}
    session.answer(**values)
    assert session.state.step == 2


def told(name: str, who: str, **cues: object):
    table = Table(name, cues_of(name, **cues), rounds=12)
    return rounds_of(session_events(played(table, who, "b")), table.manifest)


@pytest.mark.parametrize(("who", "gets"), [("follower", "ai_instead"), ("ignorer", "alone")])
@pytest.mark.parametrize("bdm", [True, False])
def test_prices_are_answered_as_they_would(who: str, gets: str, bdm: bool):
    table = Table("arrangement", cues_of("arrangement"), prices=(1.0, 2.0), drawn=1.0, bdm=bdm)
    rounds = rounds_of(session_events(played(table, who, "a")), table.manifest)
    assert {each.arrangement for each in rounds} == {gets}


def test_the_follower_follows():
    for name in ("concurrent", "judge_advisor", "on_request", "delayed", "dialogue"):
        rounds = told(name, "follower")
        assert all(each.followed and each.ai_shown for each in rounds), name
    assert all(each.delegated for each in told("delegation", "follower"))
    assert not any(each.vetoed for each in told("veto", "follower"))
    assert all(each.agree == 4 for each in told("verify", "follower"))


def test_the_ignorer_ignores():
    assert not any(each.requested for each in told("on_request", "ignorer"))
    assert not any(each.delegated for each in told("delegation", "ignorer"))
    assert not any(each.handed_over for each in told("handover", "ignorer"))
    assert all(each.vetoed and each.decided_by == "participant" for each in told("veto", "ignorer", veto_s=600.0))
    followed = [each.followed for seed in ("concurrent", "judge_advisor") for each in told(seed, "ignorer")]
    assert sum(followed) < 0.6 * len(followed)
