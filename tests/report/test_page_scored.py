"""Table T9: scores of questionnaires with their reliability, each with a number or a reason."""

import math

import pytest

from server.report.page.gather import Gathered, Said
from server.report.page.scored import scored
from server.report.page.story import story
from server.report.tables import Bootstrap

ITEMS = ("confident", "reliable", "trust")


def rows(one_round, said, sessions=({"why": "", "rounds_scored": 1},)):
    table = scored(story(Gathered(rounds=[one_round()], said=said, sessions=list(sessions)), Bootstrap(1, 10)))
    return table, [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def answers(people, phase="after", shift=0):
    return [
        Said(f"p{who}", f"q.s_tias.{item}", item, 1 + (who + at * (who % 2) + shift) % 7, 1, 7, phase)
        for who in range(people) for at, item in enumerate(ITEMS)
    ]  # fmt: skip


def test_each_phase_has_its_scores(one_round):
    _, made = rows(one_round, [*answers(12, "before"), *answers(12, "after", shift=1)])
    assert [(row["phase"], row["questionnaire"], row["scale"]) for row in made] == [
        ("before", "s_tias", "trust"), ("after", "s_tias", "trust")]  # fmt: skip
    first = made[0]
    values = [sum(1 + (who + at * (who % 2)) % 7 for at in range(3)) / 3 for who in range(12)]
    assert first["mean"] == pytest.approx(sum(values) / 12)
    assert (first["items"], first["asked"], first["scored"], first["lowest"], first["highest"]) == (3, 12, 12, 1, 7)
    assert math.isfinite(first["alpha"])


def test_few_people_have_a_score_and_no_reliability(one_round):
    _, made = rows(one_round, answers(3))
    assert math.isfinite(made[0]["mean"])
    assert math.isnan(made[0]["alpha"])
    assert "3 people answered all items, 10 are needed" in made[0]["beware"]


def test_an_answer_off_the_scale_is_named(one_round):
    table, made = rows(one_round, [Said("p1", f"q.s_tias.{item}", item, 9, 1, 9, "after") for item in ITEMS])
    assert len(made[0]) == len(table.columns)
    assert "not on its scale, 1 to 7" in made[0]["beware"]


def test_why_it_is_empty(one_round):
    assert rows(one_round, [], ())[0].missing == "a rounds file has no questionnaires"
    assert rows(one_round, [])[0].missing == "no questionnaire was answered"
    own = [Said("p1", "q.mine.one", "one", 3, 1, 5)]
    assert "no question of a registered questionnaire" in rows(one_round, own)[0].missing
