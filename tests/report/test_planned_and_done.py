"""A report held against its plan: whose margins are declared, the level of tests, what was not done, and both-way rules."""

import pytest
from msgspec.structs import replace

from server.report.against import compare
from server.report.inference.exclusions import LEAVE_OUT
from server.report.page.gather import Gathered
from server.report.page.judge import judge
from server.report.page.story import story
from server.report.planned import Planned, PlannedTest, write
from server.report.prereg_forms import aspredicted
from server.report.source import Source
from server.report.tables import Bootstrap
from tests.bench.inference import world

RULES = tuple((rule.name, rule.limit) for rule in LEAVE_OUT)
TESTS = (
    PlannedTest(outcome="accuracy", columns=(), where="", contrast="map", reference="plain", margin=0.2, declared=True),
    PlannedTest(outcome="over_reliance", columns=(), where="", contrast="map", reference="plain", margin=0.08),
    PlannedTest(outcome="rair", columns=(), where="", contrast="map", reference="plain", margin=0.08),
)
PLAN = Planned(study="w", tests=TESTS, alpha=0.01, rules=RULES)


@pytest.fixture
def held(tmp_path):
    """Judge rounds against the plan; return the effects by outcome, and the lines by what they are of."""

    def hold(plan=PLAN):
        rounds = world(2, people=24, rounds=12, items=12)
        (tmp_path / "prereg.json").write_bytes(write(plan))
        told = story(Gathered(rounds=rounds), Bootstrap(1, 20))
        judge(told, tmp_path)
        lines = compare(tmp_path, Source(rounds=rounds), told.effects)
        return {each.outcome: each for each in told.effects}, {line.what.split(":")[0]: line for line in lines}

    return hold


@pytest.mark.slow
def test_a_default_margin_is_not_called_declared(held):
    effects, _ = held()
    assert (effects["accuracy"].equivalence.margin, effects["accuracy"].equivalence.declared) == (0.2, True)
    assert (effects["over_reliance"].equivalence.margin, effects["over_reliance"].equivalence.declared) == (0.08, False)


@pytest.mark.slow
def test_alpha_is_the_level_of_intervals_and_tests(held):
    effects, lines = held()
    assert {each.level for each in effects.values()} == {0.99}
    usual, _ = held(replace(PLAN, alpha=0.05))
    one, other = effects["accuracy"], usual["accuracy"]
    assert one.low < other.low < other.high < one.high
    assert one.equivalence.low < other.equivalence.low
    assert (lines["level of the tests"].planned, lines["level of the tests"].kind) == ("0.01", "as planned")


@pytest.mark.slow
def test_a_test_that_cannot_be_computed_is_dropped_with_its_reason(held):
    effects, lines = held()
    assert effects["rair"].family == "confirmatory"
    assert lines["rair"].kind == "dropped"
    assert "was the first answer wrong" in lines["rair"].done
    assert lines["accuracy"].kind == lines["over_reliance"].kind == "as planned"
    assert lines["over_reliance"].done == "margin 0.08 (a default), confirmatory"


@pytest.mark.slow
def test_the_rules_of_table_t7_are_those_of_the_plan(held):
    away = "away for more than 60000 ms before the AI"
    assert held()[1][away].kind == "as planned"
    other = replace(PLAN, rules=(("before_away_ms_above", 5000.0),))
    line = held(other)[1]["away for more than 5000 ms before the AI"]
    assert (line.kind, line.done) == ("changed", "limit 60000")


def test_the_forms_name_thresholds_rules_and_what_the_design_measures_besides():
    plan = replace(PLAN, modes={"floor_ms": 600.0, "pace": 0.5, "run": 8}, besides=("response to the evidence",))
    text = aspredicted(plan)
    assert "- response to the evidence" in text
    assert "median time of the rounds before the AI below 1000 ms" in text
    assert "**TO CONFIRM:** No, no data have been collected" in text
