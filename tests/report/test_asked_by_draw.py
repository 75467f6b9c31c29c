"""Own answers asked in drawn rounds give an arm two protocols: effects are of the other rounds, and nothing is pooled."""

import random

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from server.commands.measure import find
from server.commands.simulate import simulate
from server.report.inference.cautions import warnings_for
from server.report.inference.comparison import compare
from server.report.inference.effects import effects
from tests.bench.inference import world


@pytest.fixture(scope="module")
def plain():
    return world(2, people=24, rounds=12, items=12)


@pytest.fixture(scope="module")
def asked(plain):
    """The same rounds; in some of them, drawn, the first answer was asked."""
    draw = random.Random(1)
    return [
        replace(each, protocol="two_stage", own="a", own_correct=True, propensities={"probe_initial": 0.3})
        if draw.random() < 0.3
        else each
        for each in plain
    ]


def test_effects_are_those_of_the_rounds_that_were_not_asked(asked):
    left = [each for each in asked if each.protocol == "one_stage"]
    for name in ("accuracy", "over_reliance", "agreement", "time"):
        made, same = (compare(rounds, name, "map", "plain") for rounds in (asked, left))
        assert made.rounds == same.rounds
        assert made.protocol == "one_stage"
        assert "first answer was asked" in made.warnings[0]
        assert not same.warnings


def test_the_drawn_rounds_are_compared_apart(asked):
    made = compare(asked, "accuracy", "map", "plain", asked=True)
    assert made.protocol == "two_stage"
    assert len(made.y) + len(compare(asked, "accuracy", "map", "plain").y) == len(asked)


def test_two_protocols_without_a_draw_are_still_refused(asked):
    undrawn = [replace(each, propensities={}) for each in asked]
    assert "several protocols" in compare(undrawn, "accuracy", "map", "plain").undefined_because
    assert {each.code for each in warnings_for(undrawn)} >= {"mixed_protocols", "protocol_differs"}
    told = {each.code for each in warnings_for(asked)}
    assert "asked_by_draw" in told
    assert not told & {"mixed_protocols", "protocol_differs"}


@pytest.mark.slow
def test_the_flagship_study_has_its_main_effects(root, tmp_path):
    path = tmp_path / "lens.log.jsonl"
    wanted = [root / "game/studies/human_lens", "-n", "6", "-o", path, "--player", "verifier", "--cores", "1"]
    done = CliRunner().invoke(simulate, [str(each) for each in wanted])
    assert done.exit_code == 0, done.output
    made = effects(find(str(path), "simulated").rounds)
    found = {(each.outcome, each.contrast): each for each in made if each.reference == "plain"}
    for outcome in ("accuracy", "over_reliance", "under_reliance", "agreement", "time"):
        for arm in ("map", "placebo"):
            assert found[outcome, arm].defined, found[outcome, arm].undefined_because
            assert found[outcome, arm].protocol == "one_stage"
