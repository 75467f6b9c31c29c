"""The confounder test as a figure: where each method's map lies on the mark, for the biased model and for the fair one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from game.lab import NOTICEABLE
from server.report import ink
from server.report.lab.confounder import Exposure
from server.report.lab.plots import legend, plain, slug
from server.report.plate import Pictures, Plate, tidy

HOW = (
    "The biased model learned from a mark that went with the class; the other one saw the same marks, but they said "
    "nothing. A method that reveals the bias puts more of its map on the mark for the biased model (diamond) than for the "
    "other (circle), on the same pictures. exposes: the 95 % interval of this gain lies above "
    f"{NOTICEABLE:g} (of 1, all of the map), and more of the map lies on the mark than the mark's area. hides: the interval lies "
    f"below {NOTICEABLE:g}, or no more than the area lies on the mark. undecided: neither. `exposures` in lab.json goes by the "
    "same rule. p of a paired sign-flip test, also by Holm over methods, is in the CSV and decides nothing here. * marks controls."
)


def confounder(rows: Sequence[Exposure]) -> Plate:
    """Return the plate of one biased model and one metric."""
    first = rows[0]
    name = slug("confounder", first.task, first.biased, first.metric)
    topic = f"Does the map reveal the bias? {first.task}, {first.biased} against {first.fair}: {plain(first.metric)}"
    known = sorted((r for r in rows if r.gain.n), key=lambda r: r.gain.mean)
    if not known:
        why = first.gain.why or "the confounder is in view on no specimen"
        return Plate(id=name, topic=topic, missing=why, wide=True)
    gains = ", ".join(f"{plain(r.method)} {r.gain.mean:.3f}" for r in reversed(known))
    return Plate(
        id=name, topic=topic, wide=True, pictures=_drawn(known), title=revealed(rows), how=HOW,
        alt=f"{revealed(rows)} Gains: {gains}.", note=f"{max(r.gain.n for r in known)} specimens with the mark in view.",
        csv=tidy(line(r) for r in reversed(known)),
    )  # fmt: skip


def _drawn(known: Sequence[Exposure]) -> Pictures:
    with ink.style():
        figure: Any = ink.blank(ink.WIDE, 1.5 + 0.27 * len(known))
        axes = figure.subplots()
        for at, row in enumerate(known):
            axes.plot([row.without.mean, row.with_bias.mean], [at, at], color=ink.EDGE, linewidth=1.4, zorder=1)
            axes.plot(
                [row.with_bias.low, row.with_bias.high], [at, at], color=ink.AI, linewidth=3, alpha=0.35, zorder=1
            )
            axes.plot(row.without.mean, at, "o", color=ink.YOU, markersize=6)
            axes.plot(row.with_bias.mean, at, "D", color=ink.AI, markersize=6)
            where: Any = ("axes fraction", "data")
            axes.annotate(row.verdict, (1.01, at), xycoords=where, va="center", fontsize=9, color=ink.INK_2)
        axes.set_yticks(range(len(known)), [plain(r.method) + (" *" if r.control else "") for r in known])
        axes.set(xlabel=f"{plain(known[0].metric)} (mean over specimens)", ylim=(-0.7, len(known) - 0.3))
        axes.grid(axis="x")
        handles = {
            f"model without the bias ({known[0].fair})": axes.plot([], [], "o", color=ink.YOU)[0],
            f"biased model ({known[0].biased})": axes.plot([], [], "D", color=ink.AI)[0],
        }
        legend(figure, handles, 2)
        return ink.pictures(figure)


def line(r: Exposure) -> dict[str, Any]:
    """Return one row of the published table."""
    return {
        "task": r.task, "biased": r.biased, "fair": r.fair, "metric": r.metric, "method": r.method, "control": r.control,
        "with_bias": r.with_bias.mean, "without": r.without.mean, "gain": r.gain.mean, "low": r.gain.low, "high": r.gain.high,
        "images": r.gain.n, "p": r.p, "p_holm": r.p_holm, "verdict": r.verdict,
    }  # fmt: skip


def gain(value: float) -> str:
    """Return a gain with its sign; one that rounds to zero has none.

    >>> gain(0.346), gain(-0.001)
    ('+0.35', '0.00')
    """
    return "0.00" if round(value, 2) == 0 else f"{value:+.2f}"


def revealed(rows: Sequence[Exposure]) -> str:
    """Return in a sentence which methods expose a bias, and which hide it."""
    ours = sorted((r for r in rows if not r.control), key=lambda r: (-r.gain.mean if r.gain.n else 0.0, r.method))
    told: list[str] = []
    for word, verb in (("exposes", "exposed"), ("hides", "hidden")):
        some = [r for r in ours if r.verdict == word]
        some = some if word == "exposes" else some[::-1]
        if some:
            named = ", ".join(f"{plain(r.method)} ({gain(r.gain.mean)})" for r in some[:3])
            more = f" and {len(some) - 3} more" if len(some) > 3 else ""
            told.append(f"{verb} by {len(some)} of {len(ours)} methods: {named}{more}")
    return f"The bias is {'; it is '.join(told)}." if told else "No method exposes the bias, and none surely hides it."
