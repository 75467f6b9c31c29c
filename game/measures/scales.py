"""Questionnaire scores of many people, with the reliability of each subscale: Cronbach's alpha and McDonald's omega.

Alpha: k / (k - 1) x (1 - sum of item variances / variance of the sum). Omega total of one factor: (sum of loadings)^2 over
itself plus the unique variances, from least squares of the covariances. Both over people who answered every item, after reversing.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate, undefined
from game.questionnaire import Questionnaire, Subscale
from game.scoring import score, values_of

ALPHA = "10.1007/BF02310555"
OMEGA = "10.1007/s11336-003-0974-7"
LEAST = 10
"""People with complete answers below which no reliability is given."""
ROUNDS, CLOSE = 500, 1e-10
Floats = NDArray[np.float64]
Answers = Mapping[str, Mapping[str, object]]
"""Participant -> ask name `q.<questionnaire>.<item>` -> answer."""
_linalg: Any = np.linalg


class ScaleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One subscale over all people. Undefined numbers are NaN, with the reason."""

    questionnaire: str
    subscale: str
    people: int
    """Who was asked: answered at least one item of the questionnaire."""
    scored: int
    mean: float
    sd: float
    alpha: Estimate
    omega: Estimate
    why_undefined: str = ""
    """Why there is no mean."""


def scale_rows(questionnaires: Sequence[Questionnaire], answers: Answers) -> list[ScaleRow]:
    """Return a row per subscale of the questionnaires that anybody answered; raises ValueError for an answer off its scale."""
    made: list[ScaleRow] = []
    for each in questionnaires:
        names = {f"q.{each.name}.{item}" for item in each.items}
        asked = [given for _, given in sorted(answers.items()) if any(given.get(n) not in (None, "") for n in names)]
        if asked:
            scores = [score(each, given) for given in asked]
            made += [_row(each, scale, asked, [one[scale.name] for one in scores]) for scale in each.subscale]
    return made


def person_scores(questionnaires: Sequence[Questionnaire], answers: Answers) -> dict[tuple[str, str, str], Estimate]:
    """Return (participant, questionnaire, subscale) -> score, of questionnaires of which a person answered anything."""
    made: dict[tuple[str, str, str], Estimate] = {}
    for who, given in sorted(answers.items()):
        for each in questionnaires:
            if any(given.get(f"q.{each.name}.{item}") not in (None, "") for item in each.items):
                made |= {(who, each.name, scale): value for scale, value in score(each, given).items()}
    return made


def _row(
    of: Questionnaire, scale: Subscale, asked: Sequence[Mapping[str, object]], scores: Sequence[Estimate]
) -> ScaleRow:
    values = [each.value for each in scores if each.defined]
    table = _complete(of, scale, asked)
    return ScaleRow(
        questionnaire=of.name, subscale=scale.name, people=len(asked), scored=len(values),
        mean=statistics.fmean(values) if values else math.nan, sd=statistics.stdev(values) if len(values) > 1 else math.nan,
        alpha=alpha(table), omega=omega(table), why_undefined="" if values else scores[0].why_undefined,
    )  # fmt: skip


def _complete(of: Questionnaire, scale: Subscale, asked: Sequence[Mapping[str, object]]) -> Floats:
    """Return (people, items), reversed items turned, of those who answered all items."""
    rows = [values for given in asked if (values := values_of(of, scale, given)) is not None]
    return np.array(rows, dtype=float).reshape(len(rows), len(scale.items))


def _unreliable(table: Floats, items: int, name: str) -> str:
    people, count = table.shape
    if count < items:
        return f"{name} needs {items} items, there {'is' if count == 1 else 'are'} {count}"
    if people < LEAST:
        return f"{people} people answered all items, {LEAST} are needed"
    if bool((np.ptp(table, axis=0) == 0).any()):
        return "an item was answered alike by everybody"
    return ""


def alpha(table: Floats) -> Estimate:
    """Return Cronbach's alpha of (people, items); it can be below 0 (Cronbach 1951)."""
    people, count = table.shape
    if why := _unreliable(table, 2, "alpha"):
        return undefined(why, people)
    total = float(table.sum(axis=1).var(ddof=1))
    if total < 1e-12:
        return undefined("the sums of all people are equal", people)
    parts = float(table.var(axis=0, ddof=1).sum())
    return Estimate(count / (count - 1) * (1 - parts / total), None, None, people)


def omega(table: Floats) -> Estimate:
    """Return McDonald's omega total of (people, items) under one factor (Zinbarg et al. 2005 compare it with alpha).

    Undefined where the one-factor model does not fit as it must: a unique variance of 0 or below, or loadings of both signs.
    """
    people = table.shape[0]
    if why := _unreliable(table, 3, "omega"):
        return undefined(why, people)
    covariance: Any = np.cov(table, rowvar=False)
    unique: Any = 0.5 * np.diag(covariance)
    loadings: Any = np.zeros(len(unique))
    for _ in range(ROUNDS):
        values, vectors = _linalg.eigh(covariance - np.diag(unique))
        loadings = vectors[:, -1] * math.sqrt(max(float(values[-1]), 0.0))
        fresh = np.diag(covariance) - loadings**2
        if float(np.abs(fresh - unique).max()) < CLOSE:
            break
        unique = fresh
    if bool((unique <= 0).any()):
        return undefined("one factor explains more than all of an item (Heywood case)", people)
    if bool((loadings > 0).any()) and bool((loadings < 0).any()):
        return undefined("items load on the factor with both signs: is one reversed?", people)
    common = float(loadings.sum()) ** 2
    if common < 1e-12:
        return undefined("the items share no variance", people)
    return Estimate(common / (common + float(unique.sum())), None, None, people)
