"""Table T8: three readings of who decides side by side, by condition: the round code, a hidden Markov model, bits of influence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from game.estimate import Estimate
from game.measures.hidden import STATES, Modelled, modelled
from game.measures.influence import ai_influence, mediation_balance, own_influence
from game.measures.modes import sensitivity
from game.round import Round
from server.report.page.known import notice
from server.report.page.story import Arm, Story
from server.report.plate import Table

SCALES = (0.5, 1.0, 2.0)
"""What the time thresholds of the round code are multiplied by, half and double beside the rule itself."""
COLUMNS = (
    "reading",
    "condition",
    "value of",
    "value",
    "thresholds halved",
    "thresholds doubled",
    "unit",
    "people",
    "rounds",
    "beware",
)
CODED, HIDDEN, BITS = "round code", "hidden Markov model", "influence (exploratory)"
BITS_OF = {
    "own answer": (own_influence, "bits"),
    "AI's answer": (ai_influence, "bits"),
    "balance": (mediation_balance, "0 to 1"),
}
HOW = (
    "Three ways to say who decides, from the same rounds. They are readings, no evidence for one another. Round code: the share of"
    " decided rounds; acts come first (handed over, delegated, by design), then one engagement rule, the same in every condition:"
    " mediated where a person took time, changed a choice, or looked closer; accepted or overrode where not. The two columns"
    " beside it multiply the rule's times by a half and by two: what changes much with them hangs on the thresholds. Hidden"
    " Markov model: the mean over people of the share of rounds in each state; its states are named by us, and smooth the round"
    " code over time. Influence: bits of the final answer that the own first answer and the AI's each tell beyond the other;"
    " too large with few rounds, so it is exploratory, and balance is 1 where both tell equally much."
)
LEAD = "Three readings of who decides stand beside one another below, by condition. "
SHORT = "participants with fewer than 8 decided rounds are left out"
NO_TIME = "times are not known, so rounds answered by people have no code and are left out of the shares"


def read(story: Story) -> Table:
    """T8: the readings of each condition with an AI; where one cannot be made, its row says why."""
    alone = _before(story)
    rows = [row for _, arm in story.assisted for row in _arm(arm, _with_pace(arm, alone))]
    beside = notice(story.known)
    return Table(
        id="T8", topic="Who decides: three readings", columns=COLUMNS, rows=rows, how=HOW, note=beside, folded=26,
        missing="there is no condition with an AI",
    )  # fmt: skip


def _before(story: Story) -> list[Round]:
    """Return rounds alone before each person's first round with an AI in any condition."""
    first: dict[str, int] = {}
    for each in story.rounds:
        if each.protocol != "alone":
            first[each.participant] = min(each.round, first.get(each.participant, each.round))
    return [e for e in story.rounds if e.protocol == "alone" and e.round < first.get(e.participant, e.round)]


def _with_pace(arm: Arm, alone: Sequence[Round]) -> list[Round]:
    """Return the arm's rounds and those that its people had alone, from which the round code takes their pace."""
    return [*(each for each in alone if each.participant in arm.people), *arm.rounds]


def _arm(arm: Arm, rounds: Sequence[Round]) -> Iterator[tuple[Any, ...]]:
    yield from _coded(arm, rounds)
    yield from _hidden(arm, modelled(rounds))
    bits: dict[str, Estimate] = {what: measured(arm.rounds) for what, (measured, _) in BITS_OF.items()}
    lacking: dict[tuple[str, int], list[str]] = {}
    for what, made in bits.items():
        if made.defined:
            yield _row(BITS, arm, what, made.value, BITS_OF[what][1], made.n)
        else:
            lacking.setdefault((made.why_undefined, made.n), []).append(what)
    for (why, n), names in lacking.items():
        yield _row(BITS, arm, ", ".join(names), None, "bits", n, told=why)


def _coded(arm: Arm, rounds: Sequence[Round]) -> Iterator[tuple[Any, ...]]:
    found: Mapping[float, Mapping[str, Estimate]] = sensitivity(rounds, SCALES)
    half, plain, double = (found[scale] for scale in SCALES)
    first = next(iter(plain.values()))
    if not first.defined:
        yield _row(CODED, arm, "", None, "share", 0, told=_untimed(arm) or first.why_undefined)
        return
    told = _untimed(arm)
    for name, made in plain.items():
        if any(one[name].value for one in (half, plain, double)):
            beside = (half[name].value, double[name].value)
            yield _row(CODED, arm, name.replace("_", " "), made.value, "share", made.n, told=told, beside=beside)


def _untimed(arm: Arm) -> str:
    """Say that rounds have no code because no time of them is known, or ""."""
    return NO_TIME if any(
        each.ai_shown and each.decided_by != "ai" and each.final_ms is None and each.own_ms is None for each in arm.rounds
    ) else ""  # fmt: skip


def _hidden(arm: Arm, made: Modelled | str) -> Iterator[tuple[Any, ...]]:
    if isinstance(made, str):
        told = f"{made}; {NO_TIME}" if _untimed(arm) else made
        yield _row(HIDDEN, arm, "", None, "share", 0, told=told)
        return
    people = len(made.shares)
    told = f"{made.left_out} {SHORT}" if made.left_out else ""
    for state in STATES:
        mean = sum(theirs[state] for theirs in made.shares.values()) / people
        yield _row(HIDDEN, arm, state, mean, "share", made.rounds, told=told, people=people)


def _row(
    reading: str, arm: Arm, what: str, value: float | None, unit: str, n: int, *, told: str = "",
    beside: tuple[float, float] | tuple[None, None] = (None, None), people: int = 0,
) -> tuple[Any, ...]:  # fmt: skip
    return (reading, arm.label, what or None, value, *beside, unit, people or len(arm.people), n, told or None)
