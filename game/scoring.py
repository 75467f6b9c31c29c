"""Scoring questionnaires: from answers to one number per subscale, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping

from game.estimate import Estimate, undefined
from game.questionnaire import Questionnaire, Subscale


def score(questionnaire: Questionnaire, answers: Mapping[str, object]) -> dict[str, Estimate]:
    """Return subscale -> its score. `answers` maps ask names `q.<name>.<item>` to what was answered; others are ignored.

    `n` of an estimate is the number of items answered. Below the subscale's share of answered items, the score is
    undefined with the reason. A sum with missing items counts each as the mean of the others. Raises ValueError for an
    answer that the scale does not have.
    """
    given = {item: answers.get(f"q.{questionnaire.name}.{item}") for item in questionnaire.items}
    return {scale.name: _score(questionnaire, scale, given) for scale in questionnaire.subscale}


def values_of(questionnaire: Questionnaire, scale: Subscale, answers: Mapping[str, object]) -> list[float] | None:
    """Return the numbers of all items of a subscale, reversed ones turned (1 or 0 where answers are right or wrong).

    None where an item was not answered: reliability is told of complete answers. Raises ValueError as `score` does.
    """
    given = {item: answers.get(f"q.{questionnaire.name}.{item}") for item in scale.items}
    if any(value in (None, "") for value in given.values()):
        return None
    if scale.rule == "correct":
        return [float(_is_right(questionnaire, item, value)) for item, value in given.items()]
    return [_value(questionnaire, item, value, turned=item in scale.reversed) for item, value in given.items()]


def _score(questionnaire: Questionnaire, scale: Subscale, given: Mapping[str, object]) -> Estimate:
    there = [item for item in scale.items if given[item] not in (None, "")]
    needed = math.ceil(scale.answered * len(scale.items) - 1e-9)
    if len(there) < needed:
        why = f"{len(there)} of {len(scale.items)} items were answered, {needed} are needed"
        return undefined(why, len(there))
    if scale.rule == "correct":
        right = sum(_is_right(questionnaire, item, given[item]) for item in there)
        return Estimate(float(right), None, None, len(there))
    turned = {*scale.reversed}
    values = [_value(questionnaire, item, given[item], turned=item in turned) for item in there]
    total = math.fsum(values)
    mean = total / len(values)
    match scale.rule:
        case "mean":
            return Estimate(mean, total, float(len(values)), len(values))
        case "sum":
            return Estimate(mean * len(scale.items), None, None, len(values))
        case "percent":
            span = questionnaire.most - questionnaire.least
            return Estimate(100 * (mean - questionnaire.least) / span, None, None, len(values))


def _value(questionnaire: Questionnaire, item: str, answer: object, *, turned: bool) -> float:
    """Return the number of an answer; steps are answered as 1 .. n, whatever their first number is."""
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        raise ValueError(f"q.{questionnaire.name}.{item} was answered {answer!r}, which is no number")
    number = float(answer) + (questionnaire.least - 1 if questionnaire.kind == "steps" else 0)
    if not questionnaire.least <= number <= questionnaire.most:
        span = f"{questionnaire.least:g} to {questionnaire.most:g}"
        raise ValueError(f"q.{questionnaire.name}.{item} was answered {answer!r}, which is not on its scale, {span}")
    return questionnaire.least + questionnaire.most - number if turned else number


def _is_right(questionnaire: Questionnaire, item: str, answer: object) -> bool:
    said = f"{answer:g}" if isinstance(answer, int | float) else str(answer)
    return " ".join(said.lower().split()).rstrip(".!") in questionnaire.right[item]
