"""Questionnaire scores with reliability, from the answers in a log: `coplay measure --by scale`.

A questionnaire that is asked at several places of a study is told apart by `time`: 1 the first time a person met it, 2 the second.
"""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from game.canonical import encode
from game.estimate import Estimate
from game.events import Answered, Opened, SessionEvent
from game.measures.scales import ALPHA, OMEGA, ScaleRow, person_scores, scale_rows
from game.registry import questionnaire
from server.report.export import FORMAT, VERSION
from server.report.terminal import NOTHING

ABOUT = {"alpha": f"Cronbach's alpha (doi:{ALPHA})", "omega": f"McDonald's omega total of one factor (doi:{OMEGA})"}


class Occasion(msgspec.Struct, frozen=True, order=True):
    """Answers that may be pooled: one study, people or simulated ones, the first or a later time."""

    study: str
    source: str
    time: int


Given = Mapping[Occasion, Mapping[str, Mapping[str, object]]]
"""Occasion -> participant -> name of an ask, `q.<questionnaire>.<item>` -> answer."""


class Answers:
    """Collects what was answered to questionnaires, session by session."""

    def __init__(self) -> None:
        self._given: defaultdict[Occasion, dict[str, dict[str, object]]] = defaultdict(dict)

    def add(self, events: Iterable[SessionEvent]) -> None:
        """Add a session; of an item that was changed on its page the last answer counts."""
        opened: Opened | None = None
        steps: defaultdict[str, dict[int, object]] = defaultdict(dict)
        for event in events:
            if isinstance(event, Opened):
                opened = event
            elif isinstance(event, Answered) and event.name.startswith("q."):
                steps[event.name][event.step] = event.value
        if opened is None:
            return
        source = "simulated" if opened.prefix == "simulated" else "coplay"
        for name, by_step in steps.items():
            for time, (_, value) in enumerate(sorted(by_step.items()), 1):
                people = self._given[Occasion(opened.study, source, time)]
                people.setdefault(opened.session, {})[name] = value

    @property
    def given(self) -> Given:
        """Everything that was added, by occasion."""
        return dict(sorted(self._given.items()))


def rows_of(given: Given) -> list[tuple[Occasion, ScaleRow]]:
    """Return a row per occasion and subscale; raises ValueError for an answer that its scale does not have."""
    known = [entry.thing for entry in questionnaire]
    return [(occasion, row) for occasion, answers in given.items() for row in scale_rows(known, answers)]


def show(out: Console, rows: Sequence[tuple[Occasion, ScaleRow]]) -> None:
    """Print one table per occasion, and why there is no mean or no reliability."""
    for occasion in dict.fromkeys(each for each, _ in rows):
        table = Table(box=None, pad_edge=False)
        for at, name in enumerate(("scale", "mean ± SD", "scored/asked", "alpha", "omega", "complete")):
            table.add_column(name, justify="right" if at else "left", no_wrap=True)
        theirs = [row for each, row in rows if each == occasion]
        for row in theirs:
            people, complete = f"{row.scored}/{row.people}", str(row.alpha.n)
            table.add_row(_name(row), _mean(row), people, _number(row.alpha.value), _number(row.omega.value), complete)
        simulated = " · simulated" if occasion.source == "simulated" else ""
        later = f" · time {occasion.time}" if occasion.time > 1 else ""
        out.print(Text(f"{occasion.study}{simulated}{later} · questionnaires", style="bold"))
        out.print(table)
        for lead, why in sorted({pair for row in theirs for pair in _reasons(row)}):
            names = ", ".join(_name(row) for row in theirs if (lead, why) in _reasons(row))
            out.print(Text(f"  no {lead}: {names}: {why}", style="dim"))
        out.print()


def as_json(given: Given, about: Mapping[str, Any]) -> bytes:
    """Return the JSON document (`coplay-measures`, "by": "scale"): scales, and each participant's scores; unknown is null."""
    known = [entry.thing for entry in questionnaire]
    scores = [
        {
            **msgspec.structs.asdict(occasion),
            "participant": who,
            "questionnaire": name,
            "subscale": scale,
            **_plain(made),
        }
        for occasion, answers in given.items()
        for (who, name, scale), made in person_scores(known, answers).items()
    ]
    document = {
        "format": FORMAT, "version": VERSION, "by": "scale", "measures": [{"name": n, "what": w} for n, w in ABOUT.items()],
        "rows": [flat(*each) for each in rows_of(given)], "participants": scores, "source": dict(about),
    }  # fmt: skip
    return encode(document) + b"\n"


def as_csv(given: Given) -> str:
    """Return one line per occasion and subscale; an empty cell is an unknown number, never a zero."""
    lines = [flat(*each) for each in rows_of(given)]
    text = io.StringIO(newline="")
    if lines:
        writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return text.getvalue()


def flat(occasion: Occasion, row: ScaleRow) -> dict[str, Any]:
    """Return a row as plain names and values; `complete` are the people who answered all items, undefined numbers None."""
    made = {
        **msgspec.structs.asdict(occasion), "questionnaire": row.questionnaire, "subscale": row.subscale, "people": row.people,
        "scored": row.scored, "mean": row.mean, "sd": row.sd, "why_undefined": row.why_undefined, "complete": row.alpha.n,
        "alpha": row.alpha.value, "alpha_why_undefined": row.alpha.why_undefined, "omega": row.omega.value,
        "omega_why_undefined": row.omega.why_undefined,
    }  # fmt: skip
    return {name: _known(value) for name, value in made.items()}


def _plain(made: Estimate) -> dict[str, Any]:
    return {"score": _known(made.value), "items": made.n, "why_undefined": made.why_undefined}


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _reasons(row: ScaleRow) -> list[tuple[str, str]]:
    found = [("mean", row.why_undefined), ("alpha", row.alpha.why_undefined), ("omega", row.omega.why_undefined)]
    return [(name, why) for name, why in found if why]


def _name(row: ScaleRow) -> str:
    return f"{row.questionnaire}.{row.subscale}"


def _mean(row: ScaleRow) -> str:
    return NOTHING if math.isnan(row.mean) else f"{row.mean:.2f} ± {_number(row.sd)}"


def _number(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.2f}"
