"""Dots in the lab (Jaquiery & Yeung): which box holds more dots, an advisor's answer, a final answer; both with confidence.

Read from the table of trials written as CSV, in R: `write.csv(dotstask_lab$trials, "trials.csv", row.names = FALSE)`
without its list columns. Sides are 1 (left) and 2 (right); confidence is the distance from the middle of the bar, 1 to 55 (the
range that the authors' own analysis states), read as a probability by `MAPPING`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from game.registry import importer
from game.round import Round
from server.report.imported import NOTHING_COUNTED, Imported, Record, records

TABLE = "trials.csv"
SIDES = {"1": "left", "2": "right"}
COLUMNS = (
    "participantId", "id", "block", "practice", "obsacc", "agree", "advisorId", "cj1", "cj2", "int1", "int2", "wherelarger",
    "dotdifference",
)  # fmt: skip
CLOCKS = ("time_responseStart1", "time_response1", "time_responseStart2", "time_response2")
NONE = ("", "NA", "NaN", "nan", "0")
"""How a trial without an advisor says so."""
TRUE, FALSE = ("TRUE", "1", "True"), ("FALSE", "0", "False")
TOLD: dict[str, Literal["own", "none"]] = {**dict.fromkeys(TRUE, "own"), **dict.fromkeys(FALSE, "none")}
"""A tone told of own errors, and so, with two sides, of the truth; tables without the column do not say."""
MOST = 55
MAPPING = "bar-55"
"""Distance d from the middle of the bar, 1 to 55, is read as the probability 1/2 + d/110 of the side that was chosen."""
NOTES = (
    f"confidence is read as a probability by the mapping {MAPPING}: 1/2 in the middle of the bar, 1 at its end",
    "the advisor was a program said to be a person; its accuracy was designed",
    "practice trials are kept and do not count",
)


@importer(
    "jaquiery_dots",
    title="Which box holds more dots: two answers with confidence, before and after an advisor's",
    cite="https://osf.io/vgcnb/",
    licence="CC-BY-4.0",
    url="https://github.com/oxacclab/esmData",
    files=(TABLE,),
)
def jaquiery_dots(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - nobody is marked as excluded
    """Read trials.csv."""
    rounds = [_round(row) for row in records(folder / TABLE, COLUMNS)]
    return Imported(rounds=sorted(rounds, key=lambda each: (each.participant, each.round)), notes=NOTES)


def _side(row: Record, column: str) -> str:
    if row[column] not in SIDES:
        raise row.wrong(f"{column} should be 1 (left) or 2 (right), not {row[column]!r}")
    return SIDES[row[column]]


def _flag(row: Record, column: str) -> bool:
    if row[column] in TRUE:
        return True
    if row[column] in FALSE:
        return False
    raise row.wrong(f"{column} should be TRUE or FALSE, not {row[column]!r}")


def _ms(row: Record, start: str, stop: str) -> int | None:
    """Return how long an answer took; seconds are in the table."""
    if any(row.cells.get(name, "NA") in NONE for name in (start, stop)):
        return None
    return max(0, round(1000 * (row.number(stop) - row.number(start))))


def _distance(row: Record, column: str) -> float:
    """Return how far from the middle of the bar an answer is."""
    distance = abs(row.number(column))
    if distance > MOST:
        raise row.wrong(f"{column} should be between -{MOST} and {MOST}, not {row.number(column):g}")
    return distance


def _read(distance: float) -> float:
    return 0.5 + distance / (2 * MOST)


def _advice(row: Record, truth: str, own: str) -> str:
    """Return the advisor's side, from whether it was right, which must fit whether it agreed."""
    ai = truth if _flag(row, "obsacc") else next(side for side in SIDES.values() if side != truth)
    if _flag(row, "agree") is not (ai == own):
        raise row.wrong("agree contradicts obsacc, int1 and wherelarger")
    return ai


def _round(row: Record) -> Round:
    truth, own = _side(row, "wherelarger"), _side(row, "int1")
    advised = row["advisorId"] not in NONE and row["int2"] not in NONE
    ai = _advice(row, truth, own) if advised else None
    final = _side(row, "int2") if advised else own
    sure, surer = _distance(row, "cj1"), _distance(row, "cj2") if advised else None
    last = sure if surer is None else surer
    return Round(
        study="jaquiery_dots",
        participant=row["participantId"],
        condition="advised" if advised else "alone",
        round=row.count("id"),
        specimen=f"{row['participantId']}-{row['id']}",
        block=row["block"],
        phase="practice" if _flag(row, "practice") else "",
        scored=not _flag(row, "practice"),
        source="imported",
        unrecorded=NOTHING_COUNTED,
        protocol="two_stage" if advised else "alone",
        truth=truth,
        own=own if advised else None,
        own_confidence=round(sure) if advised else None,
        own_probability=_read(sure) if advised else None,
        ai=ai,
        ai_shown=advised,
        final=final,
        final_confidence=round(last),
        final_probability=_read(last),
        confidence_mapping=MAPPING,
        attributed="human" if advised else "",
        feedback=TOLD.get(row.cells.get("feedback", ""), ""),
        decided_by="participant",
        own_correct=own == truth if advised else None,
        ai_correct=None if ai is None else ai == truth,
        correct=final == truth,
        followed=None if ai is None else final == ai,
        own_ms=_ms(row, *CLOCKS[:2]) if advised else None,
        final_ms=_ms(row, *CLOCKS[2:]) if advised else _ms(row, *CLOCKS[:2]),
        scene={"dot_difference": row.number("dotdifference")},
        options=tuple(SIDES.values()),
    )
