"""F01: the flow of participants, from the first screen to the analysis, with everybody who is lost counted by reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

from server.report import ink
from server.report.figures.draw import count, listing, wrapped
from server.report.page.story import Story
from server.report.plate import Plate, tidy

HOW = (
    "Boxes from top to bottom are how far people came; boxes at the side are who was lost there, with the reason. The"
    " last row is who is analysed, by condition: a person who played several conditions is counted in each. An analysis"
    " takes everybody who was assigned and played, whether or not they finished (intention to treat), but nobody who"
    " withdrew or asked for deletion."
)
Step = tuple[str, int, dict[str, int]]
"""What the box says, how many, and who is lost after it: reason -> how many."""


def plate(story: Story) -> Plate:
    """Draw the flow; from a rounds file only who is in it is known."""
    steps = steps_of(story)
    arms = [(arm.label, len(arm.people), arm.colour) for arm in story.arms]
    with ink.style():
        figure = ink.blank(ink.WIDE, 1.0 * len(steps) + 1.5)
        axes = figure.subplots()
        _boxes(axes, steps, arms)
        drawn = ink.pictures(figure)
    lines: list[dict[str, Any]] = [{"step": name, "reason": "", "n": n} for name, n, _ in steps]
    lines += [{"step": name, "reason": why, "n": n} for name, _, lost in steps for why, n in lost.items()]
    lines += [{"step": "analysed in " + name, "reason": "", "n": n} for name, n, _ in arms]
    alt = ". ".join(
        f"{name}: {n}" + "".join(f", lost {k} ({why})" for why, k in lost.items()) for name, n, lost in steps
    )
    told = listing([f"{n} in {name}" for name, n, _ in arms])
    return Plate(
        id="F01",
        topic="Participant flow",
        title=f"{count(steps[-1][1], 'person is', 'people are')} analysed: {told or 'there is no scored round'}.",
        how=HOW,
        alt=f"{alt}. Analysed: {told or 'nobody'}.",
        note=_note(story),
        pictures=drawn,
        csv=tidy(lines),
        wide=True,
    )


def steps_of(story: Story) -> list[Step]:
    """Return the steps of the flow."""
    analysed = len({each.participant for arm in story.arms for each in arm.rounds})
    sessions = story.gathered.sessions
    facts = story.gathered.facts
    if not sessions:
        lost = (
            {"excluded by the authors' rule": int(facts["excluded_participants"])}
            if "excluded_participants" in facts
            else {}
        )
        people = len({each.participant for each in story.rounds})
        known: list[Step] = [("in the data set", people + sum(lost.values()), lost)] if lost else []
        return [
            *known,
            ("with rounds", people, {"no scored round": people - analysed} if people > analysed else {}),
            ("analysed", analysed, {}),
        ]
    opened = len(sessions)
    assigned = [each for each in sessions if each["assigned"]]
    before = Counter(_left(each) for each in sessions if not each["assigned"])
    played = [each for each in assigned if each["rounds_scored"]]
    gone = [each for each in assigned if each["why"]]
    stayed = [each for each in assigned if not each["why"]]
    idle = Counter(_left(each) for each in stayed if not each["rounds_scored"])
    finished = sum(each["outcome"] == "completed" for each in played)
    early = {"still analysed though they did not finish": len(played) - finished} if finished < len(played) else {}
    return [
        ("opened the study", opened, dict(sorted(before.items()))),
        ("agreed and were assigned", len(assigned), dict(sorted(Counter(each["why"] for each in gone).items()))),
        ("stayed", len(stayed), {f"no scored round ({why})": n for why, n in sorted(idle.items())}),
        ("played scored rounds", len(played), early),
        ("analysed", analysed, {}),
    ]


def _left(session: dict[str, Any]) -> str:
    return str(session["why"] or session["outcome"] or "left without a word").replace("_", " ")


def _boxes(axes: Any, steps: list[Step], arms: list[tuple[str, int, str]]) -> None:
    top = len(steps)
    for at, (name, n, lost) in enumerate(steps):
        y = top - at
        _box(axes, 0.33, y, f"{n:,}", name, ink.PAPER)
        if at + 1 < len(steps):
            axes.annotate("", (0.33, y - 0.7), (0.33, y - 0.3), arrowprops={"arrowstyle": "-|>", "color": ink.INK_2})
        if lost:
            text = "\n".join(f"{k:,}  {why}" for why, k in lost.items())
            axes.annotate("", (0.58, y - 0.5), (0.33, y - 0.5), arrowprops={"arrowstyle": "-|>", "color": ink.INK_2})
            axes.text(
                0.59,
                y - 0.5,
                text,
                va="center",
                fontsize=9.5,
                bbox={"facecolor": ink.PAPER, "edgecolor": ink.EDGE, "linestyle": "--"},
            )
    width = 0.94 / max(1, len(arms))
    for at, (name, n, colour) in enumerate(arms):
        x = 0.03 + width * (at + 0.5)
        axes.annotate("", (x, 0.42), (0.33, 0.7), arrowprops={"arrowstyle": "-|>", "color": ink.INK_2})
        _box(axes, x, 0.1, f"{n:,}", wrapped(name, max(8, int(100 * width))), colour, width * 0.45)
    axes.set(xlim=(0, 1), ylim=(-0.45, top + 0.5))
    axes.set_axis_off()


def _box(axes: Any, x: float, y: float, big: str, small: str, colour: str, half: float = 0.17) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - an extra

    axes.add_patch(Rectangle((x - half, y - 0.3), 2 * half, 0.6, facecolor=ink.PAPER, edgecolor=ink.EDGE, linewidth=1))
    if colour != ink.PAPER:
        axes.add_patch(Rectangle((x - half, y + 0.24), 2 * half, 0.06, facecolor=colour, edgecolor="none"))
    axes.text(x, y + 0.08, big, ha="center", va="center", fontsize=13, fontweight="bold")
    axes.text(x, y - 0.16, small, ha="center", va="center", fontsize=9.5)


def _note(story: Story) -> str:
    left = [
        f"{n} {'session' if story.gathered.sessions else 'rounds'} not counted here: {why}"
        for why, n in sorted(story.gathered.left_out.items())
        if not why.startswith("the person")
    ]
    known = "" if story.gathered.sessions else "A rounds file does not say who left before the first round. "
    return known + "; ".join(left)
