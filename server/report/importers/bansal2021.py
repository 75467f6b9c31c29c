"""Complementary team performance (Bansal et al., CHI 2021): people alone, with confidence, and with four explanations.

One answer a question, after the AI's label, confidence and highlighted words were seen; people in the arm "Human" saw none
of it. The AI's label is kept beside their answers (`ai_shown` false), so that both can be compared on the same questions.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from game.registry import importer
from game.round import Round
from server.report.imported import NOTHING_COUNTED, Imported, Record, records

TABLE = "decision-result-filter.csv"
ALONE, PLAIN = "Human", "Conf."
CONDITIONS = (
    ALONE, PLAIN, "Conf.+Single", "Conf.+Double", "Conf.+Adaptive", "Conf.+Adaptive (Expert)",
)  # fmt: skip
COLUMNS = ("assignmentId", "questionId", "task", "condition", "time", "choice", "y", "pred", "conf")
NOTES = (
    "the table is what is left after the authors' filter; who was filtered out is not in it",
    "round is the row order inside the assignment, not a verified order of presentation",
    "participant is the assignment: one person who took several would count as several",
)


@importer(
    "bansal2021",
    title="Does the whole exceed its parts? Texts and law questions with an AI's confidence and explanations",
    cite="doi:10.1145/3411764.3445717",
    licence="none stated",
    url="https://github.com/uw-hai/Complementary-Performance",
    files=(TABLE,),
)
def bansal2021(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - the table holds no excluded people
    """Read decision-result-filter.csv."""
    seen: Counter[tuple[str, str]] = Counter()
    rounds: list[Round] = []
    for row in records(folder / TABLE, COLUMNS):
        who = row["task"], row["assignmentId"]
        seen[who] += 1
        rounds.append(_round(row, seen[who]))
    return Imported(rounds=rounds, notes=NOTES)


def _round(row: Record, number: int) -> Round:
    condition = row["condition"]
    if condition not in CONDITIONS:
        raise row.wrong(f"condition should be one of {', '.join(CONDITIONS)}, not {condition!r}")
    advised, explained = condition != ALONE, condition not in (ALONE, PLAIN)
    truth, ai, final = row["y"], row["pred"] or None, row["choice"] or None
    sure = row.number("conf") if row["conf"] else None
    if sure is not None and not 0 <= sure <= 1:
        raise row.wrong(f"conf should be between 0 and 1, not {sure:g}")
    return Round(
        study=f"bansal2021-{row['task']}",
        participant=row["assignmentId"],
        condition=condition,
        round=number,
        specimen=f"{row['task']}-{row['questionId']}",
        source="imported",
        unrecorded=NOTHING_COUNTED,
        protocol="one_stage" if advised else "alone",
        truth=truth,
        ai=ai,
        ai_confidence=sure,
        ai_shown=advised and ai is not None,
        final=final,
        decided_by="participant" if final else "",
        ai_correct=None if ai is None else ai == truth,
        correct=None if final is None else final == truth,
        followed=final == ai if advised and ai is not None and final is not None else None,
        method=condition.removeprefix("Conf.+") if explained else "",
        explanation_kind="map" if explained else "none",
        explanation_shown=explained,
        final_ms=round(1000 * row.number("time")) if row["time"] else None,
    )
