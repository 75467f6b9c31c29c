"""What `coplay measure --by study` prints: measures of whole studies, and effects of conditions; as tables, JSON and CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from game.canonical import encode
from game.registry import measure
from server.report.export import FORMAT, VERSION
from server.report.inference.effect import Caution, Effect
from server.report.terminal import NOTHING, UNITS, number
from server.report.whole import EVERYBODY, WholeRow

LEFT_OUT = ("details", "warnings", "equivalence", "means", "clusters")
"""Fields of an effect that have parts, and columns of their own in CSV."""


def show_whole(out: Console, rows: Sequence[WholeRow]) -> None:
    """Print one table per study and condition; what is undefined is counted by reason."""
    for (study, condition), theirs in groupby(rows, key=lambda row: (row.study, row.condition)):
        listed = list(theirs)
        table = _table("measure", "unit", "value", "interval", "people", "rounds")
        for row in listed:
            if row.estimate.defined:
                value = number(row.estimate.value, row.unit)
                table.add_row(row.measure, UNITS[row.unit], value, _ends(row), str(row.people), str(row.estimate.n))
        _print(out, f"{study} · {'all conditions' if condition == EVERYBODY else condition}", table)
        _reasons(out, [(row.estimate.why_undefined, row.measure) for row in listed if not row.estimate.defined])


def show_effects(out: Console, effects: Sequence[Effect]) -> None:
    """Print one table of effects per study: estimate, interval, p as it is and adjusted."""
    for study, theirs in groupby(effects, key=lambda each: each.study):
        listed = list(theirs)
        table = _table("outcome", "contrast - reference", "scale", "effect", "interval", "p", "p adj.", "equivalent")
        for each in listed:
            if each.defined:
                table.add_row(
                    each.outcome, f"{each.contrast} - {each.reference}", each.scale, f"{each.estimate:.3f}",
                    f"{each.low:.3f} to {each.high:.3f}", _p(each.p), _p(each.p_adjusted), _same(each),
                )  # fmt: skip
        _print(out, f"{study} · effects of conditions", table)
        _reasons(
            out, [(each.undefined_because, f"{each.outcome} {each.contrast}") for each in listed if not each.defined]
        )


def whole_json(
    rows: Sequence[WholeRow], effects: Sequence[Effect], cautions: Sequence[Caution], about: Mapping[str, Any]
) -> bytes:
    """Return the JSON document of a study (`coplay-measures`, "by": "study"); undefined numbers are null."""
    measures = [
        {"name": entry.name, "what": (entry.thing.__doc__ or "").split("\n", maxsplit=1)[0], **entry.info}
        for entry in measure
        if entry.info["reads"] != "cell"
    ]
    listed = [_known(msgspec.structs.asdict(row) | msgspec.structs.asdict(row.estimate)) for row in rows]
    for row in listed:
        del row["estimate"]
    document = {
        "format": FORMAT, "version": VERSION, "by": "study", "measures": measures, "rows": listed,
        "effects": [_known(msgspec.to_builtins(each)) for each in effects],
        "cautions": [msgspec.to_builtins(each) for each in cautions], "source": dict(about),
    }  # fmt: skip
    return encode(document) + b"\n"


def study_csv(effects: Sequence[Effect], rows: Sequence[WholeRow]) -> str:
    """Return one line per effect, then one per measure of a study (`row`); an empty cell is an unknown number, never a zero."""
    lines = [_flat(each) | {"row": "effect"} for each in effects]
    lines += [_as_line(row) for row in rows]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(
        text, [*_flat(Effect(name="", outcome="", contrast="", reference="")), "row"], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def _as_line(row: WholeRow) -> dict[str, Any]:
    """Return a measure in the columns of an effect: its condition as `contrast` ("" all of them), its unit as `scale`."""
    one = row.estimate
    return _known({
        "row": "measure", "name": row.measure, "study": row.study, "source": row.source, "outcome": row.measure,
        "contrast": row.condition, "estimate": one.value, "low": one.low, "high": one.high,
        "level": None if one.low is None else 0.95, "scale": row.unit, "method": row.interval, "n": one.n,
        "participants": row.people, "undefined_because": one.why_undefined,
    })  # fmt: skip


def _ends(row: WholeRow) -> str:
    one = row.estimate
    if one.low is None or one.high is None:
        return NOTHING
    return f"{number(one.low, row.unit)} to {number(one.high, row.unit)}"


def _flat(each: Effect) -> dict[str, Any]:
    row = {name: value for name, value in msgspec.structs.asdict(each).items() if name not in LEFT_OUT}
    near = each.equivalence
    row |= {
        "mean": each.means[0], "mean_reference": each.means[1], "participants": each.clusters.participants,
        "items": each.clusters.items, "margin": near.margin if near else None, "p_equivalence": near.p if near else None,
        "equivalent": near.equivalent if near else None, "warnings": "; ".join(each.warnings),
    }  # fmt: skip
    return _known(row)


def _known(value: Any) -> Any:
    """Return plain values with None for what is not a finite number."""
    if isinstance(value, Mapping):
        return {str(name): _known(one) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return [_known(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _p(value: float) -> str:
    return NOTHING if math.isnan(value) else "< .001" if value < 0.001 else f"{value:.3f}"


def _same(each: Effect) -> str:
    near = each.equivalence
    return NOTHING if near is None else f"{'yes' if near.equivalent else 'no'} (±{near.margin:g})"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for at, name in enumerate(columns):
        table.add_column(name, justify="right" if at > 1 else "left", overflow="fold")
    return table


def _print(out: Console, title: str, table: Table) -> None:
    out.print(Text(title, style="bold"))
    if table.row_count:
        out.print(table)


def _reasons(out: Console, pairs: Sequence[tuple[str, str]]) -> None:
    for why in sorted({why for why, _ in pairs}):
        names = ", ".join(dict.fromkeys(name for told, name in pairs if told == why))
        out.print(Padding(Text(f"undefined: {names}: {why}", style="dim"), (0, 0, 0, 2), expand=False))
    out.print()
