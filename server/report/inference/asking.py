"""Asking: what it does to people that they have to answer before they see the AI's answer, told by rounds that chance drew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from game.round import Round
from server.report.inference.clustered import cluster_robust
from server.report.inference.comparison import DRAW, compare, drawn
from server.report.inference.effect import Effect

ASKED, NOT_ASKED = "asked first", "not asked"
OUTCOMES = ("accuracy", "agreement", "over_reliance", "under_reliance", "confidence")
"""Outcomes that mean the same with and without a first answer; time does not, and d' counts other rounds."""


def split_by_draw(rounds: Sequence[Round]) -> dict[str, float]:
    """Return condition -> probability of being asked, of those in which a draw asked some rounds and not others."""
    chances: dict[str, set[float]] = {}
    rest: set[str] = set()
    for each in rounds:
        if each.scored and drawn(each):
            chances.setdefault(each.condition, set()).add(each.propensities[DRAW])
        elif each.scored:
            rest.add(each.condition)
    return {name: min(found) for name, found in sorted(chances.items()) if name in rest and len(found) == 1}


def asking(
    rounds: Sequence[Round], relabelled: Sequence[Round], *, level: float = 0.95
) -> Iterator[tuple[str, Effect]]:
    """Yield (conditions, asked minus not asked) by outcome; conditions with one probability stand together.

    Args:
        rounds: Of one study.
        relabelled: The same rounds, with `ASKED` or `NOT_ASKED` as their condition.
        level: Coverage of the intervals.
    """
    chances = split_by_draw(rounds)
    for chance in sorted(set(chances.values())):
        names = [name for name, p in chances.items() if p == chance]
        mine = [two for one, two in zip(rounds, relabelled, strict=True) if one.condition in names]
        for outcome in OUTCOMES:
            made = cluster_robust(compare(mine, outcome, ASKED, NOT_ASKED), level=level)
            if made.n:
                yield ", ".join(names), replace(made, name=made.name.replace("cluster_robust", "asking"))
