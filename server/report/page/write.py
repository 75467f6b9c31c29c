"""Writing a report: one page, its figures and tables as files, the data, and scripts that compute the numbers again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from server.report.against import Change, changed
from server.report.figures import joined
from server.report.figures.draw import count
from server.report.page import (
    checks,
    data,
    headline,
    known,
    mapped,
    measures,
    methods,
    order,
    posterior,
    prose,
    readings,
    records,
    runs,
    scored,
    scripts,
    states,
    strips,
    summary,
    tables,
    transitions,
    weights,
)
from server.report.page.story import Story
from server.report.plate import Html, Plate, Table, tidy, write_files
from server.report.shell import Section, page

PARTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("lens", "What decisions respond to", "Lens", ("lens",)),
    ("people", "Who took part", "People", ("flow",)),
    ("outcome", "Outcome", "Outcome", ("accuracy", "difficulty", "forest")),
    ("reliance", "Reliance", "Reliance", ("matrix", "revision", "plane")),
    ("deciding", "Who decides", "Who decides", ("modes", "survival", "times")),
    ("confidence", "Confidence and learning", "Confidence", ("calibration", "learning")),
    ("explanations", "Explanations and specimens", "Explanations", ("methods", "joined", "grid", "context")),
    ("asked", "What people said", "Questionnaires", ("scales",)),
    ("quality", "Data quality", "Quality", ("quality", "delay")),
)
"""Parts of the page: id, title, word in the navigation, and modules of `figures/` in their order."""
FIGURES = tuple(name for *_, names in PARTS for name in names)


class Written(msgspec.Struct, frozen=True):
    """What was written, for the person who asked."""

    page: Path
    drawn: int
    missing: Mapping[str, str]
    """Id of a figure -> why it could not be drawn."""


def write(
    story: Story, folder: Path, lines: Sequence[Change] | None = None, done: Callable[[], None] = lambda: None
) -> Written:
    """Write the report into the empty folder; `lines` compare with a preregistration. Raises OSError."""
    plates = draw(story, done)
    others = measures.lines(story)
    listed = [
        tables.sample(story),
        tables.measured(story),
        tables.modelled(story),
        tables.excluded(story),
        joined.table(story),
        measures.table(story, others),
    ]
    own = {
        "deciding": readings.read(story),
        "explanations": mapped.table(story),
        "asked": scored.scored(story),
        "checks": checks.checked(story),
        "order": order.ordered(story),
        "methods": methods.agreed(story),
        "known": known.matrix(story),
        "lens": weights.weighed(story),
        "runs": runs.changing(story),
        "transitions": transitions.moved(story),
        "states": states.counted(story),
    }
    if story.bayes:
        own["posterior"] = posterior.believed(story)
    write_files(folder, [*plates.values(), *listed, *own.values(), *([] if lines is None else [plan_table(lines)])])
    _data(folder / "data", story, others, lines)
    (folder / "tables" / "numbers.csv").write_text(tidy(tables.numbers(story)), "utf-8", newline="")
    (folder / "tables" / "summary.csv").write_text(tidy(headline.numbers(story)), "utf-8", newline="")
    scripts.write(folder / "analysis", story)
    off = None if lines is None else len(changed(tuple(lines)))
    cover = summary.cover(story, off, "" if lines is None else "Compared with the preregistration below.")
    text = page(cover, list(_sections(story, plates, listed, own, lines)))
    target = folder / "report.html"
    target.write_text(text, "utf-8", newline="")
    missing = {each.id: each.missing for each in plates.values() if each.missing}
    return Written(target, len(plates) - len(missing), missing)


def _data(folder: Path, story: Story, others: Sequence[measures.Line], lines: Sequence[Change] | None) -> None:
    """Write what the numbers are computed from."""
    folder.mkdir()
    data.write(folder / data.NAME, story.rounds)
    if story.known:
        data.write_known(folder / data.KNOWN_NAME, story.known)
    records.write(folder, story, lines)
    measures.write(folder / measures.NAME, others)


def draw(story: Story, done: Callable[[], None] = lambda: None) -> dict[str, Plate]:
    """Return module -> plate, each drawn in turn."""
    plates: dict[str, Plate] = {}
    for name in FIGURES:
        plates[name] = import_module(f"server.report.figures.{name}").plate(story)
        done()
    return plates


def _sections(
    story: Story, plates: Mapping[str, Plate], listed: Sequence[Table], own: Mapping[str, Table],
    lines: Sequence[Change] | None,
) -> Iterator[Section]:  # fmt: skip
    lead = readings.LEAD + known.notice(story.known)
    for name, title, nav, names in PARTS:
        body: list[Any] = [plates[each] for each in names]
        if name == "deciding":
            body += [own[name], own["runs"], own["transitions"], own["states"], own["known"], strips.strips(story)]
        if name in ("lens", "asked", "explanations"):
            body.append(own[name])
        yield Section(name, title, lead if name == "deciding" else "", body, nav)
    others = [own[name] for name in ("checks", "order", "methods", "posterior") if name in own]
    yield Section("checks", own["checks"].topic, checks.LEAD, others, nav="Checks")
    if lines is not None:
        yield _planned(lines)
    yield Section("tables", "Tables", body=listed)
    more = Html(prose.methods(story, own.values()) + _files())
    yield Section("methods", "Methods and references", body=(more,), nav="Methods")


def _planned(lines: Sequence[Change]) -> Section:
    off = changed(tuple(lines))
    lead = (
        "Everything is as it was planned."
        if not off
        else f"{count(len(off), 'line is', 'lines are')} not as planned, of {len(lines)}."
    )
    return Section("planned", "Planned and done", lead, (plan_table(lines),), nav="Plan")


def plan_table(lines: Sequence[Change]) -> Table:
    """T6: every line of the plan beside what the data show."""
    rows = [
        (each.topic, each.what, each.planned or None, each.done or None, each.kind, each.note or None) for each in lines
    ]
    return Table(
        id="T6",
        topic="Planned and done",
        columns=("about", "what", "planned", "done", "reading", "note"),
        rows=rows,
        missing="the plan has no line",
        how=(
            "Every line of the preregistration beside what the data show. Added: done, but not planned. Dropped:"
            " planned, but not done."
        ),
    )


def _files() -> str:
    return (
        '<div class="prose"><h3>Compute it again</h3><p>Beside this page lie <code>data/</code> (rounds, values of their'
        " fields, sessions, answers, specimens, with the column names of <code>coplay export</code>; how the numbers were"
        " made is in <code>report.json</code>), <code>figures/</code> and <code>tables/</code>."
        " <code>python analysis/analysis.py</code> (NumPy, pandas, SciPy) or the notebook"
        " <code>analysis/report.ipynb</code> compute every number of them again and say where one differs;"
        " <code>Rscript analysis/analysis.R</code> (base R) computes all that does not hang on random draws. Give them"
        " an exported folder and they read that instead.</p></div>"
    )
