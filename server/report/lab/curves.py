"""Curves over methods: how the model's answer falls or rises as pixels go or come, and what is left as layers forget."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from server.report import ink
from server.report.lab.plots import Pen, legend, plain, slug
from server.report.lab.results import Case, Curve
from server.report.plate import Plate, tidy

PANELS = 6
ACROSS = 3
RANDOMISED = "MPRT"
"""Curves whose names begin so are those of the randomisation test."""


def removal(case: Case, pens: dict[str, Pen]) -> Plate:
    """Return the plate of deletion, insertion and their kin."""
    found = [c for c in case.curves if not c.curve.startswith(RANDOMISED)]
    return _plate(
        case, pens, found, ("curves", "Deletion, insertion and their kin"),
        how=(
            "Deletion: the places that a map calls most important are taken away first; a map that is right makes the "
            "model's answer fall early, so lower is better. Insertion begins with nothing and brings them back; "
            "higher is better. x is the share of the picture that was changed, y what is left of the model's answer, "
            "as the mean over images. The dotted line is the random control."
        ),
        lacking="no metric of the run keeps a curve",
    )  # fmt: skip


def forgetting(case: Case, pens: dict[str, Pen]) -> Plate:
    """Return the plate of the model parameter randomisation test."""
    found = [c for c in case.curves if c.curve.startswith(RANDOMISED)]
    return _plate(
        case, pens, found, ("mprt", "What is left of a map when the model forgets"),
        how=(
            "Layers are drawn anew, group by group, and the map of the randomised model is compared with the one "
            "under test (y: rank correlation, x: share of the groups that were randomised). A map that explains what "
            "the model learned must fall towards 0. A line that stays high shows the picture, not the model: such a "
            "method fails the sanity check."
        ),
        lacking="the randomisation test was not run on this model",
    )  # fmt: skip


def _plate(
    case: Case, pens: dict[str, Pen], found: Sequence[Curve], name: tuple[str, str], *, how: str, lacking: str
) -> Plate:
    """Return one panel per name of curve."""
    key, topic = slug(name[0], *case.key), f"{name[1]}: {case.title}"
    panels = list(dict.fromkeys(c.curve for c in found if len(c.x) > 1))[
        :PANELS
    ]  # a single point is no curve: in the CSV only
    if not panels:
        return Plate(id=key, topic=topic, missing=lacking, wide=True)
    rows = -(-len(panels) // ACROSS)
    with ink.style():
        figure: Any = ink.blank(ink.WIDE, 0.7 + 3.0 * rows)
        grid = figure.subplots(
            rows, min(ACROSS, len(panels)), squeeze=False, sharey=len({p.partition(",")[0] for p in panels}) == 1
        )
        handles: dict[str, Any] = {}
        for at, axes in enumerate(grid.flat):
            if at >= len(panels):
                axes.set_axis_off()
                continue
            drawn = [c for c in found if c.curve == panels[at] and c.method in pens]
            for curve in sorted(drawn, key=lambda c: pens[c.method].told):
                pen = pens[curve.method]
                (line,) = axes.plot(
                    curve.x, curve.y, color=pen.colour, linestyle=pen.dashes, linewidth=pen.width, zorder=3 if pen.told else 1,
                    marker=pen.mark or None, markersize=4, markevery=max(1, len(curve.x) // 6),
                )  # fmt: skip
                if pen.told:
                    handles[plain(curve.method)] = line
            axes.set(title=panels[at], xlabel="share", xlim=(-0.02, 1.02))
        legend(figure, {plain(k): handles[plain(k)] for k in pens if plain(k) in handles}, 4)
        pictures = ink.pictures(figure)
    return Plate(
        id=key, topic=topic, wide=True, pictures=pictures, how=how, title=_seen(found, panels[0], pens),
        alt=f"{len(panels)} panels of curves: {', '.join(panels)}. {_ends(found, panels[0], pens)}",
        note=f"Means over {_images(found)} images; grey lines are methods that the legend does not name.",
        csv=tidy(
            {"curve": c.curve, "metric": c.metric, "method": c.method, "x": x, "y": y, "images": c.n}
            for c in found
            for x, y in zip(c.x, c.y, strict=True)
        ),
    )  # fmt: skip


def _images(found: Sequence[Curve]) -> str:
    least, most = min(c.n for c in found), max(c.n for c in found)
    return str(most) if least == most else f"{least} to {most}"


def area(curve: Curve) -> float:
    """Return the area under a curve by trapezoids, over the width it spans."""
    steps = list(zip(curve.x, curve.y, strict=True))
    width = curve.x[-1] - curve.x[0]
    if not width:
        return curve.y[0]
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(steps)) / width


def _ranked(found: Sequence[Curve], panel: str, pens: dict[str, Pen]) -> list[tuple[float, str]]:
    return sorted((area(c), plain(c.method)) for c in found if c.curve == panel and c.method in pens)


def _seen(found: Sequence[Curve], panel: str, pens: dict[str, Pen]) -> str:
    ranked = _ranked(found, panel, pens)
    if not ranked:
        return ""
    return f"{panel}: mean height from {ranked[0][0]:.2f} ({ranked[0][1]}) to {ranked[-1][0]:.2f} ({ranked[-1][1]})."


def _ends(found: Sequence[Curve], panel: str, pens: dict[str, Pen]) -> str:
    return (
        f"Mean heights of {panel}: "
        + ", ".join(f"{name} {value:.2f}" for value, name in _ranked(found, panel, pens))
        + "."
    )
