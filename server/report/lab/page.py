"""The report of a results folder: one page that needs nothing else, figures and tables beside it, and a summary in JSON.

    write(Path("results"))

writes `report.html`, `figures/`, `tables/`, `summary.json` and `matched.json` (see `game/pairing.py`) into the folder. Equal
results give equal bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import msgspec

from game.pairing import FILE
from server.report.lab import bias, curves, grid, orders, published, told, variance
from server.report.lab.confounder import Exposure
from server.report.lab.couples import pairings
from server.report.lab.heatmap import heatmap
from server.report.lab.likeness import BASIS
from server.report.lab.numbers import Agreed, Numbers, numbers
from server.report.lab.plots import count, pens, places, plain, slug
from server.report.lab.profile import profile
from server.report.lab.results import Case, Results, read
from server.report.lab.summary import summary
from server.report.lab.tabled import comparisons, scores, spaced, verdicts
from server.report.plate import Html, Plate, Table, write_files
from server.report.shell import Cover, Notice, Section, Tag, page
from server.report.slim import slim

PAGE = "report.html"
FEW = 8
"""With fewer images, a reader is warned."""
Say = Callable[[str], None]


def write(folder: Path, say: Say = lambda _: None, *, light: bool = False) -> Path:
    """Write the report of a results folder and return the page; raises Unreadable, OSError. `say` is told each stage.

    A `light` page links to PNG, PDF and CSV in `figures/` and `tables/` and does not carry them, its drawings are slim (see
    `server/report/slim.py`), and its grids show few specimens; it says so. Files beside the page are whole in any case.
    """
    say("reading")
    results = read(folder)
    say("statistics")
    made = numbers(results)
    (folder / FILE).write_bytes(_json(pairings(made.couples)))
    say("tables")
    published.write(folder / "tables", results, made)
    (folder / "summary.json").write_bytes(_json(summary(results, made)))
    sections: list[Section] = [_overview(results, made), _reading(results, made)]
    for case in results.cases:
        say(f"figures of {case.title}")
        sections.append(_of_case(results, case, made))
    sections.append(_methods(results, made))
    write_files(folder, [part for s in sections for part in s.body if isinstance(part, Plate | Table)])
    if light:
        say("a light page")
        sections = [_light(results, section) for section in sections]
    to = folder / PAGE
    to.write_text(page(_cover(results, made, light=light), sections), "utf-8", newline="")
    return to


def _light(results: Results, section: Section) -> Section:
    grids = {slug("grid", *case.key): case for case in results.cases}
    body: list[Plate | Table | Html] = []
    for part in section.body:
        if isinstance(part, Plate) and part.id in grids:
            body.append(grid.light(results, grids[part.id], part))
        elif isinstance(part, Plate) and part.pictures:
            drawn = msgspec.structs.replace(part.pictures, svg=slim(part.pictures.svg))
            body.append(msgspec.structs.replace(part, linked=True, pictures=drawn))
        else:
            body.append(msgspec.structs.replace(part, linked=True) if isinstance(part, Table) else part)
    return msgspec.structs.replace(section, body=body)


def _json(thing: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(thing), indent=1) + b"\n"


def _of(rows: Sequence[Agreed], case: Case) -> Agreed | None:
    return next((r for r in rows if (r.task, r.model) == case.key and r.family == "all"), None)


def _cover(results: Results, made: Numbers, *, light: bool) -> Cover:
    lab = results.lab
    cases = results.cases
    kept = [(case, _of(made.agreed, case)) for case in cases]
    summary = [f"<b>{escape(case.title)}.</b> {escape(orders.sentence(row))}" for case, row in kept if row]
    for rows in _biases(made.exposures):
        where = escape(f"{rows[0].task}, {rows[0].biased}.")
        summary.append(f"<b>{where}</b> {escape(bias.revealed(rows))}")
    ours = sum(not m.control for m in lab.methods)
    facts = [
        count(len(lab.tasks), "task"), count(len(lab.models), "model"), count(ours, "method"),
        count(len(lab.methods) - ours, "control"), count(len(lab.metrics), "metric"),
        f"{count(lab.images, 'image')} a task", f"preset {lab.preset}", lab.created_by,
    ]  # fmt: skip
    seconds = sum(lab.seconds.values())
    if seconds:
        facts.append(f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{seconds:.0f} seconds")
    return Cover(
        title="Which explanations can be trusted here?", study=" · ".join(dict.fromkeys(t.study or t.name for t in lab.tasks)),
        facts=facts, summary=Html("".join(f"<p>{one}</p>" for one in summary)), tags=_tags(results, cases),
        notices=_notices(results, light=light), foot=f"Made by {lab.created_by} from lab.json. Equal results give equal bytes.",
    )  # fmt: skip


def _tags(results: Results, cases: Sequence[Case]) -> list[Tag]:
    found: list[Tag] = []
    for case in cases:
        ours = [s for s in results.items.sanity if (s.task, s.model) == case.key and s.method not in results.controls]
        failed = [plain(s.method) for s in ours if s.sane is False]
        if failed:
            found.append(Tag(f"{case.task.name}, {case.model.name}: {len(failed)} of {len(ours)} fail sanity", "warn"))
        elif any(s.sane for s in ours):
            found.append(Tag(f"{case.task.name}, {case.model.name}: none fails sanity", "ok"))
    return found


LIGHT = (
    "Every figure and table is here, drawn with fewer bytes; the grids of maps show few specimens. What the links under them "
    "give (PNG, PDF, CSV) lies beside the page, in figures/ and tables/ of the results folder, and not in it. For one page "
    "that holds it all: coplay lab RESULTS, without --light."
)


def _notices(results: Results, *, light: bool) -> list[Notice]:
    lab = results.lab
    found = [Notice("The light page.", LIGHT, "open")] if light else []
    found += [Notice("Note.", note, "open") for note in lab.notes]
    if 0 < lab.images < FEW:
        text = (
            f"Intervals and tests rest on {lab.images} images a model; take `--images {2 * FEW}` or more for a paper."
        )
        found.append(Notice("Few images.", text))
    if refused := _refused(results):
        more = Html("<br>".join(escape(one) for one in refused))
        found.append(Notice("Not valid on a model, so not run.", more, "open"))
    return found


def _refused(results: Results) -> list[str]:
    """Return one line for each reason why methods were not run: on which models, and which methods."""
    models: dict[str, list[str]] = {}
    methods: dict[str, list[str]] = {}
    for model in results.lab.models:
        for name, said in model.refused.items():
            why = said.partition(": ")[2].partition("; use ")[0] or said
            models.setdefault(why, []).append(f"{model.task} {model.name}")
            methods.setdefault(why, []).append(plain(name))
    return [
        f"{', '.join(dict.fromkeys(models[why]))}: {', '.join(dict.fromkeys(methods[why]))} ({why})." for why in models
    ]


def _biases(rows: Sequence[Exposure]) -> list[list[Exposure]]:
    """Return the exposures in groups of one biased model and metric; one metric a model, the first."""
    found: dict[tuple[str, str, str], list[Exposure]] = {}
    for row in rows:
        found.setdefault((row.task, row.biased, row.metric), []).append(row)
    firsts: dict[tuple[str, str], list[Exposure]] = {}
    for (task, biased, _), group in found.items():
        firsts.setdefault((task, biased), group)
    return list(firsts.values())


def _overview(results: Results, made: Numbers) -> Section:
    ours = [[c for c in made.couples if (c.task, c.model) == case.key] for case in results.cases]
    said = told.in_words(sorted((c for some in ours for c in spaced(some)), key=told.most), where=True)
    lines = "".join(f"<li>{escape(one)}</li>" for one in said)
    body: list[Plate | Table | Html] = [Html(f'<div class="prose"><ul>{lines}</ul></div>')] if said else []
    body += [comparisons(case, some) for case, some in zip(results.cases, ours, strict=True)]
    lead = Html(
        "<p>Two methods can only change what people do where they show different things. The sentences and tables below "
        f"say how often they do.</p><p>{escape(told.assumption())}</p>"
    )
    return Section("recommendations", "What this means for a study", lead, body, "Recommendations")


def _reading(results: Results, made: Numbers) -> Section:
    ours = [s for s in made.sources if any(not math.isnan(c.share) for c in s.rows)]
    body: list[Plate | Table | Html] = [orders.orders(made.agreed)]
    groups = _biases(made.exposures)
    body += [bias.confounder(rows) for rows in groups]
    if not groups:
        why = "no biased model was compared with a fair one of the same architecture"
        body.append(Plate(id="confounder", topic="Does the map reveal the bias?", missing=why, wide=True))
    body += [variance.variance(ours), verdicts(results, made)]
    lead = "Whether metrics agree about methods, whether maps reveal a model's bias, and what scores depend on."
    return Section("overview", "Over all models", lead, body, "All models")


def _of_case(results: Results, case: Case, made: Numbers) -> Section:
    cells = [c for c in made.cells if (c.task, c.model) == case.key]
    ways = pens(results, case, places(results, case, cells))
    matrix = next((m for m in made.likeness if (m.task, m.model, m.metric) == (*case.key, BASIS)), None)
    missing = Plate(
        id=slug("agreement", *case.key),
        topic="Agreement of methods",
        missing="no two methods were compared",
        wide=True,
    )
    body = [
        heatmap(results, case, matrix) if matrix else missing, grid.grid(results, case), profile(results, case, cells),
        curves.removal(case, ways), curves.forgetting(case, ways), scores(results, case, cells),
    ]  # fmt: skip
    ours = [c for c in made.couples if (c.task, c.model) == case.key]
    lead = " ".join((told.difference(ours), told.matched(results, ours), told.sanity(results, case)))
    return Section(slug("model", *case.key), case.title, lead, body, f"{case.task.name}, {case.model.name}")


def _methods(results: Results, made: Numbers) -> Section:
    told_ = "".join(f"<p>{escape(one)}</p>" for one in told.paragraph(results, made))
    files = (
        "<h3>Files beside this page</h3><p>All numbers, tidy, as CSV and Parquet in <code>tables/</code>: cells, "
        "contrasts, concordance, variance, pairs, confounder, and item_methods, which joins with published rounds by "
        "specimen, model and method; raw scores in <code>scores</code>, <code>pairs</code> and <code>curves</code>; "
        "every figure as SVG, PNG and PDF in <code>figures/</code>; <code>summary.json</code>; "
        "<code>items.json</code> and <code>matched.json</code>, which studies read.</p>"
    )
    return Section("methods", "How this was made", "", [Html(f'<div class="prose">{told_}{files}</div>')], "Methods")
