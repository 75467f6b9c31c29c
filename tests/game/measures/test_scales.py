"""Questionnaire scores with reliability: known tables, a known factor, and what has none."""

import math

import numpy as np
import pytest

from game.measures.scales import LEAST, alpha, omega, person_scores, scale_rows
from game.registry import questionnaire


def factor(people, loadings, seed=1):
    draw = np.random.default_rng(seed)
    common = draw.normal(size=(people, 1))
    return common * loadings + draw.normal(size=(people, len(loadings)))


def answered(name, steps):
    of = questionnaire[name].thing
    return {f"p{n:02d}": {f"q.{name}.{item}": value for item, value in zip(of.items, row, strict=True)}
            for n, row in enumerate(steps)}  # fmt: skip


def test_alpha_of_a_table_by_hand():
    table = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0]] * 3)
    # item variances 60/44 each, variance of the sum: sums 3, 3, 7, 7
    assert alpha(table).value == pytest.approx(2 * (1 - (2 * 15 / 11) / (48 / 11)))
    assert alpha(table).n == 12


def test_alpha_and_omega_agree_where_loadings_are_equal_and_part_where_not():
    equal = factor(20_000, np.ones(4))
    assert alpha(equal).value == pytest.approx(0.8, abs=0.01)  # 16 / (16 + 4)
    assert omega(equal).value == pytest.approx(0.8, abs=0.01)
    loadings = np.array([2.0, 1.0, 0.5, 0.5])
    unequal = factor(20_000, loadings)
    assert omega(unequal).value == pytest.approx(16 / 20, abs=0.01)
    assert alpha(unequal).value < omega(unequal).value - 0.05


def test_what_has_no_reliability_says_why():
    table = factor(20, np.ones(4))
    assert "are needed" in alpha(table[: LEAST - 1]).why_undefined
    assert "needs 2 items" in alpha(table[:, :1]).why_undefined
    assert "needs 3 items" in omega(table[:, :2]).why_undefined
    assert "alike by everybody" in alpha(np.ones((20, 3))).why_undefined
    turned = factor(500, np.array([1.0, 1.0, -1.0]))
    assert "both signs" in omega(turned).why_undefined


def test_a_questionnaire_is_scored_reversed_and_told_with_its_reliability():
    draw = np.random.default_rng(4)
    trust = draw.integers(1, 6, 30)
    rows = [[t, t, t, t, t, 6 - t, t, min(5, max(1, t + int(draw.integers(-1, 2))))] for t in trust.tolist()]
    answers = answered("txai", rows)
    made = {row.subscale: row for row in scale_rows([questionnaire["txai"].thing], answers)}
    assert set(made) == {"trust", "trust_7"}
    assert made["trust"].scored == made["trust"].people == 30
    assert made["trust"].mean == pytest.approx(made["trust_7"].mean, abs=0.1)
    assert made["trust"].alpha.value > 0.95
    scores = person_scores([questionnaire["txai"].thing], answers)
    assert scores["p00", "txai", "trust_7"].value == pytest.approx(np.mean([*rows[0][:5], *rows[0][6:]]))


def test_too_few_answers_are_no_score_and_no_zero():
    answers = {"p": {"q.txai.confident": 3}, "q": {}}
    (row, _) = scale_rows([questionnaire["txai"].thing], answers)
    assert (row.people, row.scored) == (1, 0)
    assert math.isnan(row.mean)
    assert "1 of 8 items" in row.why_undefined
    assert "are needed" in row.alpha.why_undefined
    assert scale_rows([questionnaire["txai"].thing], {}) == []
