"""Reliance without feedback (Lu & Yin, CHI 2021): own answer, the model's, a final answer; agreement was designed.

Three experiments of two phases; the last ten tasks of everybody are the second phase, in which the authors measured
agreement and switching. In the first the model was made to agree with a person in a designed share of tasks.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from game.registry import importer
from game.round import Round
from server.report.imported import NOTHING_COUNTED, Imported, Record, records

TABLES = {
    "One": "expOneFinalPredictionsValid1125.csv",
    "Two": "expTwoFinalPredictionsValid1125.csv",
    "Three": "expThreeFinalPredictionsValid1125.csv",
}
COLUMNS = ("workerId", "taskId", "decision", "selfPrediction", "finalPrediction", "prediction", "mlCorrect")
ARMS = ("idpAgreement", "acc", "treatment")
"""Columns that name a person's arm, where an experiment has them."""
SECOND_PHASE = 10
FLAGS = {"TRUE": True, "FALSE": False, "1": True, "0": False, "True": True, "False": False}
NOTES = (
    "block is phase-1 or phase-2: the last ten tasks of everybody are phase 2",
    "round is the rank of the task's number in the person's tasks",
    "the data state no licence: for your own analysis only",
)


@importer(
    "luyin2021",
    title="Reliance on a model when feedback is limited: two answers a task, designed agreement",
    cite="doi:10.1145/3411764.3445562",
    licence="none stated",
    url="https://github.com/ZhuoranLu/Trustworthy-ML",
    files=tuple(TABLES.values()),
)
def luyin2021(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - the tables hold valid workers only
    """Read the tables of valid workers that are there, at least one of the three experiments."""
    there = {name: folder / file for name, file in TABLES.items() if (folder / file).exists()}
    if not there:
        raise FileNotFoundError(2, "none of the three tables is there", str(folder / TABLES["One"]))
    rounds = [each for name, path in there.items() for each in _experiment(name, path)]
    missing = [f"experiment {name.lower()} is not there: {TABLES[name]}" for name in TABLES if name not in there]
    return Imported(rounds=rounds, notes=(*NOTES, *missing))


def _experiment(name: str, path: Path) -> list[Round]:
    people: defaultdict[str, list[Record]] = defaultdict(list)
    for row in records(path, COLUMNS):
        people[row["workerId"]].append(row)
    made: list[Round] = []
    for rows in people.values():
        ordered = sorted(rows, key=lambda row: row.number("taskId"))
        first = max(0, len(ordered) - SECOND_PHASE)
        made += [_round(name, row, n + 1, "phase-2" if n >= first else "phase-1") for n, row in enumerate(ordered)]
    return made


def _round(experiment: str, row: Record, number: int, block: str) -> Round:
    truth, own, ai, final = (row[name] for name in ("decision", "selfPrediction", "prediction", "finalPrediction"))
    said = FLAGS.get(row["mlCorrect"])
    if said is None:
        raise row.wrong(f"mlCorrect should be TRUE or FALSE, not {row['mlCorrect']!r}")
    if said is not (ai == truth):
        raise row.wrong("mlCorrect contradicts prediction and decision")
    arm = " ".join(f"{name} {row[name]}" for name in ARMS if row.cells.get(name))
    return Round(
        study=f"luyin2021-{experiment.lower()}",
        participant=row["workerId"],
        condition=arm or "all",
        round=number,
        specimen=row.cells.get("globalId") or row["taskId"],
        block=block,
        source="imported",
        unrecorded=NOTHING_COUNTED,
        protocol="two_stage",
        truth=truth,
        own=own,
        ai=ai,
        ai_shown=True,
        final=final,
        decided_by="participant",
        own_correct=own == truth,
        ai_correct=said,
        correct=final == truth,
        followed=final == ai,
        options=("0", "1"),
    )
