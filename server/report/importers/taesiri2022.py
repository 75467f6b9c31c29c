"""Human studies of visual-correspondence explanations on ImageNet and CUB (Nguyen, Taesiri & Nguyen, NeurIPS 2022).

People accept or reject the AI's first label after seeing its confidence and, in five of six arms, nearest neighbours. The logs
hold no labels of the AI and no answers, only whether each was right, so `ai`, `own` and `final` stay empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from game.registry import importer
from game.round import Round
from server.report.imported import NOTHING_COUNTED, BadData, Imported, Record, records

TABLES = ("imagenet_trials.csv", "cub_trials.csv")
PER_PERSON = 30
"""Test rounds of every participant, in both studies."""
NO_EXPLANATION = "ResNet-50"
"""The arm that sees label and confidence only."""
COLUMNS = (
    "dataset",
    "participant_id",
    "condition",
    "trial",
    "item_id",
    "true_label",
    "ai_correct",
    "ai_confidence",
    "difficulty",
    "team_correct",
    "accepted_ai",
    "excluded_by_authors",
)
NOTES = (
    "accept or reject: labels of the AI and of people are not known, only whether they were right",
    "round is the row order inside the participant, not a verified order of presentation",
    "times are known per participant only and are left out",
)


@importer(
    "taesiri2022",
    title="Accept/reject with visual-correspondence explanations, ImageNet and CUB",
    cite="arXiv:2208.00780",
    licence="MIT",
    url="https://github.com/anguyen8/visual-correspondence-XAI",
    files=TABLES,
)
def taesiri2022(folder: Path, keep_excluded: bool) -> Imported:
    """Read imagenet_trials.csv and cub_trials.csv; participants whom the authors excluded are left out unless kept."""
    kept: list[Round] = []
    out: Counter[str] = Counter()
    for name in TABLES:
        rows = list(records(folder / name, COLUMNS))
        _whole(folder / name, rows)
        for row in rows:
            if row.flag("excluded_by_authors") and not keep_excluded:
                out[f"{row['dataset']} {row['participant_id']}"] += 1
            else:
                kept.append(_round(row))
    return Imported(rounds=kept, excluded_participants=len(out), excluded_rounds=out.total(), notes=NOTES)


def _whole(path: Path, rows: Iterable[Record]) -> None:
    for person, count in Counter(row["participant_id"] for row in rows).items():
        if count != PER_PERSON:
            raise BadData(path, 0, f"participant {person} has {count} rounds instead of {PER_PERSON}: truncated?")


def _round(row: Record) -> Round:
    accepted, right, correct = row.flag("accepted_ai"), row.flag("ai_correct"), row.flag("team_correct")
    if correct is not (accepted is right):
        raise row.wrong("team_correct contradicts accepted_ai and ai_correct")
    explained = row["condition"] != NO_EXPLANATION
    scene = {"difficulty": row["difficulty"]}
    return Round(
        study=f"taesiri2022-{row['dataset']}",
        participant=row["participant_id"],
        condition=row["condition"],
        round=row.count("trial"),
        specimen=row["item_id"],
        source="imported",
        unrecorded=NOTHING_COUNTED,
        protocol="one_stage",
        truth=row["true_label"],
        ai_confidence=row.number("ai_confidence"),
        ai_shown=True,
        decided_by="participant",
        ai_correct=right,
        correct=correct,
        followed=accepted,
        method=row["condition"] if explained else "",
        explanation_kind="picture" if explained else "none",
        explanation_shown=explained,
        scene=scene,
        flags=("excluded_by_authors",) if row.flag("excluded_by_authors") else (),
    )
