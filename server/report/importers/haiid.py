"""HAIID: people answer on a slider, see advice said to come from a person or an AI, and answer again; five tasks of two classes.

Advice and answers run from -1 (the wrong side, for certain) to 1 (the right side); 0 is neither. So a label is the right
class, the wrong class, or none, and confidence is how far from the middle, in percent: from 1/2 to 1 as a probability (`MAPPING`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from game.registry import importer
from game.round import Round
from server.report.imported import NOTHING_COUNTED, Imported, Record, records

TABLE = "haiid_dataset.csv"
RELEASED = "be9223b6bf34f996cdace9b1c0d43876df0e480bcb9322e6a7f774de0f2f0eed"
"""SHA-256 of the released table: 35,670 rows of 1,125 participants."""
COLUMNS = (
    "task_name", "task_instance_id", "correct_label", "incorrect_label", "order_appearing_in_survey", "advice_source",
    "advice", "participant_id", "response_1", "response_2",
)  # fmt: skip
MAPPING = "slider-1"
"""Distance d from the middle of the slider, 0 to 1, is read as the probability 1/2 + d/2 of the side that was chosen."""
NOTES = (
    f"confidence is read as a probability by the mapping {MAPPING}: 1/2 in the middle of the slider, 1 at its end",
    "confidence is the distance from the middle of the slider, 0 to 100; an answer in the middle has no label",
    "advice was drawn up for the study, whatever its source was said to be; condition is what people were told",
    "no decision times",
)


@importer(
    "haiid",
    title="Human-AI interactions: two answers on a slider, before and after advice, five tasks (HAIID)",
    cite="arXiv:2107.07015",
    licence="MIT",
    url="https://github.com/kailas-v/human-ai-interactions",
    files=(TABLE,),
)
def haiid(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - nobody is marked as excluded
    """Read haiid_dataset.csv; a table that is not the released one is read too, and said to be another."""
    path = folder / TABLE
    rounds = [_round(row) for row in records(path, COLUMNS)]
    same = hashlib.sha256(path.read_bytes()).hexdigest() == RELEASED
    other = () if same else ("this is not the table that the authors released: its SHA-256 is another",)
    order = sorted(rounds, key=lambda each: (each.study, each.participant, each.round))
    return Imported(rounds=order, notes=(*NOTES, *other))


def _side(row: Record, column: str) -> tuple[str | None, float]:
    """Return the label that a place on the slider stands for, and how far from the middle it is."""
    value = row.number(column)
    if not -1 <= value <= 1:
        raise row.wrong(f"{column} should be between -1 and 1, not {value:g}")
    return (row["correct_label"] if value > 0 else row["incorrect_label"] if value < 0 else None), abs(value)


def _round(row: Record) -> Round:
    truth, source = row["correct_label"], row["advice_source"]
    if source not in {"human", "ai"}:
        raise row.wrong(f"advice_source should be human or ai, not {source!r}")
    (own, first), (ai, sure), (final, last) = (_side(row, name) for name in ("response_1", "advice", "response_2"))
    said = row.cells.get("perceived_accuracy", "")
    return Round(
        study=f"haiid-{row['task_name']}",
        participant=row["participant_id"],
        condition=f"{source}, said to be right in {float(said):g} %" if said else source,
        round=row.count("order_appearing_in_survey"),
        specimen=f"{row['task_name']}-{row['task_instance_id']}",
        source="imported",
        unrecorded=NOTHING_COUNTED,
        protocol="two_stage",
        truth=truth,
        own=own,
        own_confidence=round(100 * first),
        own_probability=None if own is None else 0.5 + first / 2,
        ai=ai,
        ai_shown=True,
        final=final,
        final_confidence=round(100 * last),
        final_probability=None if final is None else 0.5 + last / 2,
        confidence_mapping=MAPPING,
        ai_confidence=None if ai is None else 0.5 + sure / 2,
        attributed="human" if source == "human" else "ai",
        decided_by="participant",
        own_correct=None if own is None else own == truth,
        ai_correct=None if ai is None else ai == truth,
        correct=None if final is None else final == truth,
        followed=None if final is None or ai is None else final == ai,
        scene={"advice": row.number("advice"), "advice_strength": sure},
        options=tuple(sorted({truth, row["incorrect_label"]})),
    )
