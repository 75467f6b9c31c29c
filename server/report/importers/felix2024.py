"""FELIX: 302 laypersons alone classify 20 pictures of cats each, in three classes; an AI's answers to 60 of the 90 pictures.

People never saw the AI. Its answers are kept beside the rounds (`ai_shown` false), so that both can be compared on the same
pictures; pictures without a released answer have none.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from game.registry import importer
from game.round import Round
from server.report.imported import NOTHING_COUNTED, BadData, Imported, Record, records

CLASSES = {"1": "domestic cat", "2": "small wild cat", "3": "big cat"}
PER_PERSON = 20
SUBJECTS = (
    "participant_id",
    "Image",
    "Cat",
    "Modified_Img",
    "Modified_Grade",
    "Sequence_Img",
    "Guess",
    "Guess_Correct",
)
IMAGES = ("Image", "Cat", "Classification_AI", "Confidence_AI", "AI_Correct", "Dataset")
NOTES = (
    "people decided alone; the AI's answers were not shown to them and are given for 60 of the 90 pictures",
    "no decision times: only the duration of the whole experiment is known",
)


@importer(
    "felix2024",
    title="Pictures of cats, people alone, with an AI's answers to the same pictures (FELIX)",
    cite="https://github.com/DeepMicroscopy/FELIX",
    licence="CC-BY-SA-4.0",
    url="https://github.com/DeepMicroscopy/FELIX",
    files=("subject_trials.csv", "image_level.csv"),
)
def felix2024(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - nobody was excluded
    """Read subject_trials.csv and image_level.csv; the authors excluded nobody."""
    advice = {row["Image"]: row for row in records(folder / "image_level.csv", IMAGES)}
    subjects = folder / "subject_trials.csv"
    rounds = [_round(row, advice.get(row["Image"])) for row in records(subjects, SUBJECTS)]
    for person, count in Counter(each.participant for each in rounds).items():
        if count != PER_PERSON:
            raise BadData(subjects, 0, f"participant {person} has {count} rounds instead of {PER_PERSON}: truncated?")
    return Imported(rounds=sorted(rounds, key=lambda each: (each.participant, each.round)), notes=NOTES)


def _label(row: Record, column: str) -> str:
    if row[column] not in CLASSES:
        raise row.wrong(f"{column} should be 1, 2 or 3, not {row[column]!r}")
    return CLASSES[row[column]]


def _round(row: Record, advice: Record | None) -> Round:
    truth, final = _label(row, "Cat"), _label(row, "Guess")
    if row.flag("Guess_Correct") is not (truth == final):
        raise row.wrong("Guess_Correct contradicts Guess and Cat")
    if advice is not None and advice["Cat"] != row["Cat"]:
        raise row.wrong(f"picture {row['Image']} is of another class in image_level.csv")
    ai = _label(advice, "Classification_AI") if advice else None
    grade = row["Modified_Grade"]
    return Round(
        study="felix2024",
        participant=row["participant_id"],
        condition="alone",
        round=row.count("Sequence_Img"),
        specimen=row["Image"],
        source="imported",
        unrecorded=NOTHING_COUNTED,
        protocol="alone",
        truth=truth,
        ai=ai,
        ai_confidence=advice.number("Confidence_AI") if advice else None,
        final=final,
        decided_by="participant",
        ai_correct=None if ai is None else ai == truth,
        correct=final == truth,
        scene={"modified": row.flag("Modified_Img") or bool(grade), "grade": grade},
        options=tuple(CLASSES.values()),
    )
