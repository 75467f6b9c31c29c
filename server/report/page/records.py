"""What lies beside the rounds in a report's data: values of their fields, sessions, answers, specimens, scores, and the plan.

Tables have the columns of `coplay export`, so that the report's scripts read either; `report.json` says how the numbers were made.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from game.pack import Manifest
from game.questionnaire import Questionnaire
from game.registry import questionnaire
from game.round import Round
from server.report.against import SHARE, WRONG, Change
from server.report.columns import LISTS
from server.report.figures.methods import AGREEMENT
from server.report.inference.outcomes import OUTCOMES
from server.report.jackknife import PEOPLE
from server.report.pack_rows import specimen_columns, specimen_rows
from server.report.page import posterior
from server.report.page.checks import CHECKED, LEAVE_OUT
from server.report.page.data import packed
from server.report.page.lab import LabRead
from server.report.page.methods import MIXED_ROUNDS
from server.report.page.states import FITTED
from server.report.page.story import Story

FORMAT, VERSION = "coplay-report", 1
SESSIONS = (
    "subject_id",
    "assigned",
    "why",
    "outcome",
    "rounds_scored",
    "locale",
    "duration_ms",
    "flags",
    "exchange_ms",
)
VALUES = ("subject_id", "round_index", "field", "place", "key", "value")
RESPONSES = ("subject_id", "phase", "item", "value_number", "least", "most")
SPECIMENS = ("pack_id", "stimulus_id", "truth", "twin_of")


def write(folder: Path, story: Story, lines: Sequence[Change] | None = None) -> None:
    """Write every table that has rows into `folder`, and `report.json`; `lines` compare with a plan. Raises OSError."""
    gathered = story.gathered
    _table(folder / "roundvalues.csv.gz", VALUES, _values(story.rounds))
    if gathered.sessions:
        _table(folder / "sessions.csv.gz", SESSIONS, _sessions(story))
    if gathered.said:
        said = ((s.participant, s.phase, s.item, s.number, s.least, s.most) for s in gathered.said)
        _table(folder / "responses.csv.gz", RESPONSES, said)
    if gathered.packs:
        cues = [each.name for each in specimen_columns(gathered.packs.values()) if each.name.startswith("cue_")]
        rows = [row for digest, pack in sorted(gathered.packs.items()) for row in specimen_rows(digest, pack)]
        names = (*SPECIMENS, *cues)
        _table(folder / "stimuli.csv.gz", names, ([row.get(name) for name in names] for row in rows))
    if story.lab:
        _scores(folder, story.lab)
    text = json.dumps(plan(story) | _planned(lines), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / "report.json").write_text(text, "utf-8", newline="")


def plan(story: Story) -> dict[str, Any]:
    """Return how the numbers were made: seed and draws, what is compared with which margin, scoring, and what packs mean."""
    gathered, draws = story.gathered, story.bootstrap
    tested = [each.equivalence for each in story.effects if each.equivalence]
    named = {each.outcome: each.equivalence for each in story.effects if each.equivalence}
    tests = [(each.outcome, each.contrast, each.reference, each.family) for each in story.effects]
    asked = {each.item.split(".")[1] for each in gathered.said if each.item.count(".") >= 2}
    asked_for = {"bayes": posterior.plan(story)} if story.bayes else {}
    return asked_for | {
        "format": FORMAT, "version": VERSION, "study": story.study, "simulated": story.simulated, "seed": draws.seed,
        "resamples": draws.resamples, "confidence": draws.confidence, "level": story.level,
        "tests": tests,
        "margins": {name: each.margin for name, each in OUTCOMES.items() if each.margin > 0}
        | {name: each.margin for name, each in named.items()},
        "margins_declared": sorted({name for name, each in named.items() if each.declared}) if tested else [],
        "checked": CHECKED, "measures_of_people": PEOPLE, "mixed_rounds": MIXED_ROUNDS,
        "leave_out": [[rule.name, rule.limit] for rule in LEAVE_OUT], "facts": dict(gathered.facts),
        "left_out": {} if gathered.sessions else dict(gathered.left_out), "sessions": bool(gathered.sessions),
        "states": FITTED, "packs": [_pack(digest, pack) for digest, pack in sorted(gathered.packs.items())],
        "questionnaires": [_asked(entry.thing) for entry in questionnaire if entry.name in asked],
        "pictures": story.pictures is not None, "agreement": AGREEMENT if story.lab else None,
    }  # fmt: skip


def _planned(lines: Sequence[Change] | None) -> dict[str, Any]:
    """Return the study that was planned, and planned condition that was met -> whether wrong answers of its AI were planned."""
    if lines is None:
        return {}
    study = next(line.planned for line in lines if (line.topic, line.what) == ("study", "study"))
    whats = {line.what for line in lines}
    names = sorted(what.removeprefix(SHARE) for what in whats if what.startswith(SHARE))
    return {"planned": {"study": study, "conditions": {name: WRONG + name in whats for name in names}}}


def _values(rounds: Iterable[Round]) -> Iterator[Sequence[Any]]:
    for each in rounds:
        for field in LISTS:
            for place, (key, value) in enumerate(_named(getattr(each, field)), 1):
                yield each.participant, each.round, field, place, key, value


def _named(values: Any) -> list[tuple[str, Any]]:
    """Return the values of a field with their names, "" where it has none."""
    if isinstance(values, Mapping):
        return list(cast("Mapping[str, Any]", values).items())
    return [("", value) for value in values]


def _sessions(story: Story) -> Iterator[Sequence[Any]]:
    """Yield the sessions that are told of, then one row with its reason alone for each that is not."""
    told: dict[str, int] = {}
    for row in story.gathered.sessions:
        yield [row.get(name) for name in SESSIONS]
        told[row["why"]] = told.get(row["why"], 0) + 1
    for why, n in sorted(story.gathered.left_out.items()):
        for _ in range(n - told.get(why, 0)):
            yield [why if name == "why" else None for name in SESSIONS]


def _pack(digest: str, pack: Manifest) -> dict[str, Any]:
    return {
        "pack_id": digest[:12], "classes": [each.key for each in pack.classes],
        "cues": [{"key": each.key, "kind": each.kind} for each in pack.cues],
        "contexts": [
            {"key": each.key, "values": [{"key": one.key, "prior": list(one.prior)} for one in each.values]}
            for each in pack.contexts
        ],
    }  # fmt: skip


def _asked(of: Questionnaire) -> dict[str, Any]:
    scales = [
        {"name": s.name, "items": s.items, "reversed": s.reversed, "rule": s.rule, "answered": s.answered}
        for s in of.subscale
    ]
    right = {item: list(answers) for item, answers in of.right.items()}
    return {
        "name": of.name, "items": of.items, "kind": of.kind, "least": of.least, "most": of.most, "right": right,
        "subscale": scales,
    }  # fmt: skip


def _scores(folder: Path, lab: LabRead) -> None:
    """Write the lab's scores of maps as they were, without those of altered maps, and how far pairs of maps agree."""
    for name, columns in (
        ("scores", ("metric", "specimen", "model", "method", "value")),
        ("pairs", ("metric", "method_a", "method_b", "value")),
    ):
        with (lab.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            kept = (row for row in csv.DictReader(file) if row["value"] and not row.get("variant"))
            _table(folder / f"{name}.csv.gz", columns, ([row[each] for each in columns] for row in kept))


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with packed(path) as writer:
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value
