"""Workflows as a researcher writes them: the study file's switches reach the stages, and simulated people play them."""

from __future__ import annotations

import pytest

from game.log import session_events
from game.registry import player
from game.round import Round
from game.rounds import rounds_of
from game.simulate import simulate
from game.study import parse
from game.verify import verify
from tests.tiny import Tiny

PAYOFF = '[[payoff]]\nname = "p"\nright = 10\nwrong = -5\nlate = -1\ndelegated = -2\n'
PROBES = '[[probe]]\nname = "trust"\nevery = 3\njitter = 0\n[[probe]]\nname = "who_decided"\nevery = 4\njitter = 0\n'
STUDY = """format = 2
name = "tiny"
pack = "pack"
languages = ["en", "fr"]
[[condition]]
name = "arm"
workflow = "{workflow}"
advice = "confidence"
model = "net"
explanation = "gradcam"
{condition}
[[set]]
name = "a"
n = 8
[[phase]]
name = "welcome"
intake = true
pages = ["notice", "consent"]
[[phase]]
name = "main"
blocks = ["arm"]
sets = ["a"]
{phase}
{tables}
"""


def played(workflow: str, who: str, condition: str = "", phase: str = "", tables: str = "") -> list[Round]:
    """Return the rounds of two simulated people; their logs are sound."""
    tiny = Tiny(parse(STUDY.format(workflow=workflow, condition=condition, phase=phase, tables=tables)))
    rounds: list[Round] = []
    for rows in simulate(tiny.study, tiny.manifest, tiny.texts, tiny.names, 2, "a", who):
        verdict = verify(rows, tiny.read_blob)
        assert verdict.sound, verdict.first
        assert session_events(rows)[-1].outcome == "completed"
        rounds += rounds_of(session_events(rows), tiny.manifest)
    return rounds


@pytest.mark.parametrize("who", player.names())
@pytest.mark.parametrize("how", ['"choice"', '"prices"\nprices = [1, 2, 3]', '"bdm"\nprices = [1, 2, 3]'])
def test_arrangements(who: str, how: str):
    rounds = played("arrangement", who, 'stakes = "p"', f"arrangement = {how}", PAYOFF)
    assert len(rounds) == 16
    assert all(each.arrangement for each in rounds)
    if who == "ignorer":
        assert {each.arrangement for each in rounds} == {"alone"}
    for each in rounds:
        assert (each.arrangement == "ai_instead") <= (each.decided_by == "ai")


def test_a_shift_with_a_price():
    condition = 'stakes = "p"\npoints = true\nfeedback = "both"\neffort = "priced"'
    rounds = played("delegation", "follower", condition, "shift_s = 25", PAYOFF)
    assert 2 < len(rounds) < 16
    assert {each.points for each in rounds if each.final} == {8, -7}
    assert {each.stakes for each in rounds} == {"p"}


def test_equal_effort_before_the_picture():
    rounds = played("delegation", "follower", 'effort = "equal"\nwait_s = 5\ndelegation = "before"')
    assert all(each.total_ms >= 5000 and not each.image_seen and each.decided_by == "ai" for each in rounds)


def test_shadows_are_drawn_with_their_propensity():
    rounds = played("delegation", "follower", "shadow = 0.5")
    shadows = [each for each in rounds if each.shadow]
    assert 0 < len(shadows) < 16
    assert all(each.own and each.propensities == {"shadow": 0.5} for each in shadows)


def test_probes_belong_to_the_round_before_them():
    rounds = played("concurrent", "random", phase='probes = ["trust", "who_decided"]', tables=PROBES)
    assert [each.trust is not None for each in rounds[:8]] == [n in (3, 6) for n in range(1, 9)]
    assert [each.who_decided is not None for each in rounds[:8]] == [n in (4, 8) for n in range(1, 9)]


@pytest.mark.parametrize(
    ("workflow", "condition"),
    [
        ("handover", 'feedback = "own"\nauto_s = 1.5'),
        ("veto", "veto_s = 3"),
        ("delayed", "delay_s = 5"),
        ("dialogue", 'parts = ["why", "similar"]'),
        ("concurrent", "probe_initial = 0.5\nlimit_s = 4"),
        ("judge_advisor", 'authority = "justify"'),
        ("on_request", 'authority = "sign"'),
    ],
)
def test_switches_reach_the_stages(workflow: str, condition: str):
    assert len(played(workflow, "random", condition)) == 16
