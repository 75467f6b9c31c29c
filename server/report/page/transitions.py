"""Table T16: how people move between the hidden states, how long they stay, and how many transitions that is told from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from game.measures.hidden import STATES, STAY, modelled
from game.round import Round
from server.report.page.known import notice
from server.report.page.story import Arm, Story
from server.report.plate import Table
from server.report.tables import Bootstrap

Floats = NDArray[np.float64]
COLUMNS = (
    "condition",
    "from",
    "to",
    "probability",
    "low",
    "high",
    "transitions",
    "people",
    "rounds",
    "rounds in a row",
    "beware",
)
FEW = 5
"""Expected transitions out of a state below which its row is mostly the prior."""
HOW = (
    "Each line: how likely somebody in the first state is in the second one in the next round, by the hidden Markov model"
    " of table T8. Transitions: how many rounds in that state with a next one that is told from (expected numbers; they need"
    " be no whole ones). Rounds in a row, beside staying: 1 / (1 - staying), how long a state lasts on average. Low and"
    " high: 95 %, people drawn anew, each with their expected transitions; what the states give off is held fixed, so the"
    " intervals are somewhat too narrow. The model has a prior that states last (8 transitions of staying, 1 of each other):"
    " rows with few transitions are mostly that prior, and say so. The states are ours, not discovered."
)


def moved(story: Story) -> Table:
    """T16: a row per pair of states and condition with an AI."""
    rows = [row for _, arm in story.assisted for row in _arm(arm, story)]
    return Table(
        id="T16", topic="Moves between hidden states", columns=COLUMNS, rows=rows, how=HOW, folded=16, note=notice(story.known),
        missing="there is no condition with an AI in which people have 8 decided rounds",
    )  # fmt: skip


def _arm(arm: Arm, story: Story) -> Iterator[tuple[Any, ...]]:
    made = modelled(with_pace(arm, story.rounds))
    if isinstance(made, str):
        return
    counts = np.array(list(made.moves.values()))
    low, high = ends(counts, story.bootstrap)
    for at, state in enumerate(STATES):
        out = float(counts[:, at].sum())
        told = f"fewer than {FEW} transitions: mostly the prior" if out < FEW else None
        for to, other in enumerate(STATES):
            stay = made.dwell[at] if at == to else None
            yield (
                arm.label, state, other, made.transitions[at][to], low[at, to], high[at, to], float(counts[:, at, to].sum()),
                len(counts), made.rounds, stay, told,
            )  # fmt: skip


def with_pace(arm: Arm, rounds: Sequence[Round]) -> list[Round]:
    """Return the arm's rounds and those that its people had alone before any AI, which give their pace."""
    first: dict[str, int] = {}
    for each in rounds:
        if each.protocol != "alone":
            first[each.participant] = min(each.round, first.get(each.participant, each.round))
    early = [
        e for e in rounds if e.protocol == "alone" and e.participant in arm.people and e.round < first[e.participant]
    ]
    return [*early, *arm.rounds]


def ends(counts: Floats, draws: Bootstrap) -> tuple[Floats, Floats]:
    """Return the ends of each transition's probability, (K, K): participants (N, K, K) drawn anew, with the model's prior."""
    people, k = len(counts), counts.shape[1]
    if people < 2 or draws.resamples < 1:
        none = np.full((k, k), np.nan)
        return none, none
    weights = np.random.default_rng(draws.seed).multinomial(people, np.full(people, 1 / people), size=draws.resamples)
    sums: Any = np.tensordot(weights.astype(float), counts, axes=1) + 1 + (STAY - 1) * np.eye(k)
    tail = (1 - draws.confidence) / 2
    low, high = np.quantile(sums / sums.sum(axis=2, keepdims=True), [tail, 1 - tail], axis=0)
    return low, high
