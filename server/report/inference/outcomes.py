"""Outcomes: what is compared between conditions, one value a round; None where the round says nothing about it.

They are the registered measures of `game/measures`, round by round, so that rounds may be clustered by participant and specimen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from game.measures.reliance import advised
from game.measures.signal import judged
from game.round import Round

Kind = Literal["share", "time", "number", "signal"]
"""share: true or false; time: ms, compared as a ratio; number: on the question's scale; signal: following, by whether the
AI was right (d' and criterion)."""
Read = Callable[[Round], float | None]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome; `margin` is our default of what counts as no difference, on the scale of the effect; 0 for none."""

    name: str
    about: str
    """What a report calls it, in lower case."""
    kind: Kind
    read: Read
    needs: str
    """What a round must have to count, as the end of "in no round of X ..."."""
    better: Literal["higher", "lower", ""] = ""
    margin: float = 0.0
    measure: str = ""
    """The registered measure that it is, round by round; "" where that has another name for every protocol."""


def _flag(value: bool | None) -> float | None:
    return None if value is None else float(value)


def _advised(each: Round) -> bool:
    return bool(advised((each,)))


def _accuracy(each: Round) -> float | None:
    return _flag(each.correct)


def _agreement(each: Round) -> float | None:
    return _flag(each.followed) if _advised(each) else None


def _over(each: Round) -> float | None:
    return _agreement(each) if each.ai_correct is False else None


def _under(each: Round) -> float | None:
    followed = _agreement(each) if each.ai_correct else None
    return None if followed is None else 1 - followed


def _switch(each: Round) -> float | None:
    differs = each.protocol == "two_stage" and None not in (each.own, each.ai) and each.own != each.ai
    return _agreement(each) if differs else None


def _revised(each: Round, own: bool, ai: bool) -> float | None:
    asked = each.protocol == "two_stage" and _advised(each) and each.own_correct is own and each.ai_correct is ai
    return _flag(each.correct) if asked else None


def _delegated(each: Round) -> float | None:
    return _flag(each.delegated) if each.delegation_offered and not each.handed_over else None


def _handed(each: Round) -> float | None:
    return float(each.handed_over) if each.handover_offered or each.handed_over else None


def _requested(each: Round) -> float | None:
    return _flag(each.requested) if each.request_offered else None


def _confidence(each: Round) -> float | None:
    return None if each.final_confidence is None else float(each.final_confidence)


def _time(each: Round) -> float | None:
    decided = each.decided_by in ("participant", "") and not each.timed_out
    return float(each.total_ms) if decided and each.total_ms else None


def _trust(each: Round) -> float | None:
    return each.trust


def _signal(each: Round) -> float | None:
    return _flag(each.followed) if judged((each,)) else None


RIGHT = "was there a final answer"
SEEN = "was a suggestion seen and answered by the person"
_LISTED = (
    Outcome(name="accuracy", about="share of right final answers", kind="share", read=_accuracy, needs=RIGHT,
            better="higher", margin=0.05),
    Outcome(name="over_reliance", about="share of wrong suggestions that were followed", kind="share", read=_over,
            needs="was a wrong suggestion seen and answered", better="lower", margin=0.08, measure="over_reliance"),
    Outcome(name="under_reliance", about="share of right suggestions that were not followed", kind="share", read=_under,
            needs="was a right suggestion seen and answered", better="lower", margin=0.08, measure="under_reliance"),
    Outcome(name="dprime", about="telling right from wrong suggestions (d')", kind="signal", read=_signal, needs=SEEN,
            better="higher", margin=0.3, measure="dprime_mixed"),
    Outcome(name="criterion", about="criterion for following (below 0: says yes)", kind="signal", read=_signal,
            needs=SEEN, measure="criterion_mixed"),
    Outcome(name="agreement", about="share of suggestions that were followed", kind="share", read=_agreement,
            needs=SEEN, margin=0.08, measure="agreement"),
    Outcome(name="switch", about="share of differing first answers changed to the AI's", kind="share", read=_switch,
            needs="did a first answer differ from the suggestion", margin=0.08, measure="switch"),
    Outcome(name="rair", about="relative AI reliance (RAIR)", kind="share", read=lambda each: _revised(each, False, True),
            needs="was the first answer wrong and the suggestion right", better="higher", margin=0.08, measure="rair"),
    Outcome(name="rsr", about="relative self-reliance (RSR)", kind="share", read=lambda each: _revised(each, True, False),
            needs="was the first answer right and the suggestion wrong", better="higher", margin=0.08, measure="rsr"),
    Outcome(name="delegation", about="share of cases left to the AI", kind="share", read=_delegated,
            needs="was delegating offered", margin=0.08, measure="delegation_rate"),
    Outcome(name="handover", about="share of rounds under a hand-over", kind="share", read=_handed,
            needs="was handing over offered", margin=0.08, measure="handover_share"),
    Outcome(name="request", about="share of cases in which the AI was asked", kind="share", read=_requested,
            needs="was asking for the AI offered", margin=0.08, measure="request_rate"),
    Outcome(name="time", about="time of a round", kind="time", read=_time, needs="is the time of an own decision known",
            measure="total_ms_mean"),
    Outcome(name="confidence", about="confidence in the final answer", kind="number", read=_confidence,
            needs="was confidence asked"),
    Outcome(name="trust", about="trust as asked during the rounds", kind="number", read=_trust, needs="was trust asked"),
)  # fmt: skip
OUTCOMES: Mapping[str, Outcome] = {each.name: each for each in _LISTED}
"""Name -> outcome, the most important first."""


def outcome_of(name: str) -> Outcome:
    """Return the outcome called `name`; raises LookupError with the names there are."""
    if name not in OUTCOMES:
        raise LookupError(f"no outcome is called {name!r}. Known: {', '.join(OUTCOMES)}")
    return OUTCOMES[name]
