"""Tables T12 and T13: asking, first blocks and order, with effects that were put in; and the main effects by every method."""

import pytest
from msgspec.structs import replace

from server.report.inference.order import by_order, first_only
from server.report.page import methods, order
from server.report.page.gather import Gathered
from server.report.page.judge import judge
from server.report.page.story import story
from server.report.tables import Bootstrap
from tests.bench.inference import world


def told(rounds):
    made = story(Gathered(rounds=list(rounds)), Bootstrap(1, 50))
    judge(made)
    return made


def rows(table):
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


@pytest.fixture(scope="module")
def blocks():
    """16 people with 8 rounds of each condition; "map" makes right in its first block only, whoever has it second does not gain."""
    made = []
    for each in world(3, people=16, rounds=16, items=16):
        who = int(each.participant[1:])
        name = "map" if (each.round <= 8) == bool(who % 2) else "plain"
        right = each.round % 2 == 0 or (name == "map" and each.round <= 8 and each.round % 8 != 1)
        made.append(replace(each, condition=name, correct=right, followed=right == each.ai_correct))
    return made


def test_the_first_block_has_the_effect_that_carry_over_hides(blocks):
    first = first_only(blocks, "accuracy", "map", "plain")
    assert first.estimate == pytest.approx(3 / 8)
    assert (first.n, first.clusters.participants) == (128, 16)


def test_condition_by_order_is_the_difference_of_the_two_effects(blocks):
    made = by_order(blocks, "accuracy", "map", "plain")
    assert made.estimate == pytest.approx(3 / 8)
    assert made.low > 0


def test_conditions_that_alternate_have_no_first_block(blocks):
    mixed = [replace(each, condition="map" if each.round % 2 else "plain") for each in blocks]
    assert "there is no first block" in first_only(mixed, "accuracy", "map", "plain").undefined_because
    assert "there is no first block" in by_order(mixed, "accuracy", "map", "plain").undefined_because


def test_the_table_tells_order_within_people_and_asking_by_draw(blocks):
    asked = [replace(each, protocol="two_stage", own="a", own_correct=True, propensities={"probe_initial": 0.5})
             if (each.round + int(each.participant[1:])) % 2 else each for each in blocks]  # fmt: skip
    made = rows(order.ordered(told(asked)))
    assert {row["question"] for row in made} == {order.APART, order.REACTS, order.FIRST, order.ORDER}
    reacts = next(row for row in made if row["question"] == order.REACTS)
    assert [reacts[name] for name in ("outcome", "condition", "rounds of", "rounds")] == [
        "accuracy", "asked first", "map, plain", 256,
    ]  # fmt: skip


def test_between_people_without_a_draw_there_is_nothing_to_tell():
    table = order.ordered(told(world(2, people=8)))
    assert table.rows == []
    assert "nobody met two conditions" in table.missing


def test_few_clusters_and_many_tests_have_their_corrections():
    made = rows(methods.agreed(told(world(2, people=12, rounds=10, items=10, effect=1))))
    by = {row["by"]: row for row in made if row["outcome"] == "accuracy"}
    assert {"cluster_robust", "bootstrap", "gee", "mixed_logit", "max_t"} < by.keys()
    assert {"small_clusters by participant", "wild_bootstrap by participant"} < by.keys()
    assert by["max_t"]["p adjusted"] >= by["max_t"]["p"]
    assert by["cluster_robust"]["estimate"] == pytest.approx(by["small_clusters by participant"]["estimate"])
