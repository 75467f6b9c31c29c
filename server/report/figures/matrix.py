"""F03: the reliance matrix: AI right or wrong by followed or not, per condition, over- and under-reliance named."""

from __future__ import annotations

from typing import Any

from game.measures.reliance import advised
from server.report import ink
from server.report.figures.draw import count, listing, percent, wrapped
from server.report.page.story import Arm, Story
from server.report.plate import Plate, tidy

HOW = (
    "Only rounds in which a suggestion was seen and the person answered. Upper row: the AI was right; lower row: it was"
    " wrong. Left: the final answer is the AI's; right: it is not. Rows add up to 100 %. Following a right and"
    " overriding a wrong suggestion is justified (solid edge); the two other cells are over-reliance and under-reliance"
    " (dashed edge). Shares are of all rounds together; a person's share is in table T2."
)
CELLS = (
    (True, True, "justified"),
    (True, False, "under-reliance"),
    (False, True, "over-reliance"),
    (False, False, "justified"),
)


def plate(story: Story) -> Plate:
    """Draw one matrix per condition with suggestions."""
    base: dict[str, Any] = {"id": "F03", "topic": "Did people follow the AI?", "how": HOW}
    counts = [(arm, _counts(arm)) for arm in story.arms if not arm.alone]
    told = [(arm, table) for arm, table in counts if sum(table.values())]
    if not told:
        return Plate(**base, missing="in no round was a suggestion seen and then answered by the person")
    with ink.style():
        wide, across = len(told) > 2, min(len(told), 4)
        down = -(-len(told) // across)
        figure = ink.blank(ink.WIDE if wide else ink.HALF, 3.1 * down)
        grid = figure.subplots(down, across, squeeze=False).ravel()
        for at, (axes, (arm, table)) in enumerate(zip(grid, told, strict=False)):
            _matrix(axes, arm, table, first=at % across == 0)
        for axes in grid[len(told) :]:
            axes.set_axis_off()
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(told), alt=_alt(told), note=_note(told), pictures=drawn, csv=_csv(told), wide=wide)


def _counts(arm: Arm) -> dict[tuple[bool, bool], int]:
    found = {(right, followed): 0 for right, followed, _ in CELLS}
    for each in advised(arm.rounds):
        if each.ai_correct is not None and each.followed is not None:
            found[each.ai_correct, each.followed] += 1
    return found


def _matrix(axes: Any, arm: Arm, table: dict[tuple[bool, bool], int], *, first: bool) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - an extra

    for right, followed, name in CELLS:
        n, whole = table[right, followed], table[right, True] + table[right, False]
        good = right == followed
        x, y = (0 if followed else 1), (1 if right else 0)
        edge, fill = (ink.OK, ink.OK_WASH) if good else (ink.BAD, ink.BAD_WASH)
        axes.add_patch(
            Rectangle(
                (x + 0.03, y + 0.03),
                0.94,
                0.94,
                facecolor=fill,
                edgecolor=edge,
                linewidth=1.3,
                linestyle="-" if good else "--",
            )
        )
        share = percent(n / whole) if whole else "no round"
        axes.text(x + 0.5, y + 0.66, share, ha="center", va="center", fontsize=17 if whole else 10, fontweight="bold")
        axes.text(x + 0.5, y + 0.38, f"{n:,} of {whole:,}", ha="center", va="center", fontsize=9.5)
        axes.text(x + 0.5, y + 0.18, name, ha="center", va="center", fontsize=9.5, color=edge, fontweight="bold")
    axes.set(xlim=(0, 2), ylim=(0, 2), xticks=(0.5, 1.5), title=wrapped(arm.label, 24))
    axes.set_xticklabels(("followed", "overrode"))
    axes.set_yticks((1.5, 0.5), ("AI\nright", "AI\nwrong") if first else ("", ""))
    axes.tick_params(length=0, top=False, labelbottom=False, labeltop=True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _share(table: dict[tuple[bool, bool], int], right: bool, followed: bool) -> str:
    whole = table[right, True] + table[right, False]
    return percent(table[right, followed] / whole) if whole else "no round"


def _seen(told: list[tuple[Arm, dict[tuple[bool, bool], int]]]) -> str:
    parts = [f"{_share(table, False, True)} in {arm.label}" for arm, table in told]
    return f"Wrong suggestions that were followed: {listing(parts)}."


def _alt(told: list[tuple[Arm, dict[tuple[bool, bool], int]]]) -> str:
    return " ".join(
        f"{arm.label}: of right suggestions {_share(table, True, True)} were followed and {_share(table, True, False)}"
        f" overridden (under-reliance); of wrong ones {_share(table, False, True)} were followed (over-reliance) and"
        f" {_share(table, False, False)} overridden."
        for arm, table in told
    )


def _note(told: list[tuple[Arm, dict[tuple[bool, bool], int]]]) -> str:
    parts = [
        f"{arm.label} {count(sum(table.values()), 'round')}, the AI wrong in"
        f" {table[False, True] + table[False, False]:,}"
        for arm, table in told
    ]
    return "; ".join(parts) + "."


def _csv(told: list[tuple[Arm, dict[tuple[bool, bool], int]]]) -> str:
    return tidy(
        {
            **arm.key,
            "ai_correct": right,
            "followed_ai": followed,
            "rounds": table[right, followed],
            "of": table[right, True] + table[right, False],
            "cell": name,
        }
        for arm, table in told
        for right, followed, name in CELLS
    )
