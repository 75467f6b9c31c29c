"""Every planned test is computed, the ones that no default comparison has too; what cannot be is refused by its name."""

import pytest

from server.report.page.gather import Gathered
from server.report.page.judge import judge
from server.report.page.story import story
from server.report.planned import FILE, BadPlan, Planned, PlannedTest, write
from server.report.tables import Bootstrap


@pytest.fixture
def rounds(one_round):
    """Six people in each of three conditions; more often right in the later ones."""
    return [
        one_round(n, f"{arm}{who}", condition=arm, correct=(n + who + at) % 4 < 2 + at, ai_correct=n % 3 > 0)
        for at, arm in enumerate(("label", "map", "words")) for who in range(6) for n in range(1, 9)
    ]  # fmt: skip


def told(rounds, tmp_path, *tests):
    (tmp_path / FILE).write_bytes(write(Planned(study="s", tests=tests)))
    made = story(Gathered(rounds=rounds), Bootstrap(1, 20))
    judge(made, tmp_path)
    return {each.name.removesuffix(" (cluster_robust)"): each for each in made.effects}


def test(outcome, contrast, reference, **fields):
    return PlannedTest(outcome=outcome, columns=(), where="", contrast=contrast, reference=reference, **fields)


test.__test__ = False


@pytest.mark.slow
def test_a_pair_beside_the_default_ones_is_computed(rounds, tmp_path):
    found = told(
        rounds, tmp_path, test("accuracy", "map", "label"), test("accuracy", "words", "map", margin=0.5, declared=True)
    )
    more = found["accuracy: words - map"]
    assert more.defined
    assert more.family == "confirmatory"
    assert more.adjustment == "Holm, 2 tests"
    assert more.equivalence.margin == 0.5
    assert more.equivalence.declared
    assert {name for name, each in found.items() if each.family == "confirmatory"} == {
        "accuracy: map - label", "accuracy: words - map"
    }, "a planned outcome makes no other pair confirmatory"  # fmt: skip


@pytest.mark.slow
def test_what_cannot_be_computed_is_refused_by_its_name(rounds, tmp_path):
    found = told(rounds, tmp_path, test("accuracy", "sound", "label"), test("switch", "map", "label"))
    assert "sound" in found["accuracy: sound - label"].undefined_because
    assert found["switch: map - label"].undefined_because
    assert all(found[name].family == "confirmatory" for name in ("accuracy: sound - label", "switch: map - label"))


def test_an_unknown_outcome_is_an_error(rounds, tmp_path):
    with pytest.raises(BadPlan, match="plans a test of 'happiness', which no report computes: outcomes are accuracy"):
        told(rounds, tmp_path, test("happiness", "map", "label"))
