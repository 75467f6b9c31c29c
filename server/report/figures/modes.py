"""F06: who decided, round by round: shares of modes as areas, and each person's sequence as a row of cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from game.measures.modes import NOTICE
from server.report import ink
from server.report.figures.draw import as_percent, count, listing, percent, wrapped
from server.report.page.known import notice
from server.report.page.story import MODE_NAMES, Arm, Story, mode_of
from server.report.plate import Plate, tidy

HOW = (
    "Read from left to right in the order in which people met the scored rounds of a condition. Above: the share of"
    " people in each mode. Below: one row is one person, sorted by how often the AI decided. A alone: no suggestion was"
    " on the screen. S suggested: the AI's answer was. X explained: an explanation was, too. D delegated: the case was"
    " left to the AI. H handed over: a hand-over was in force, or the AI was chosen instead for the block. These are"
    " what was on the screen and what people did, not what they thought. " + NOTICE
)
PEOPLE = 150
"""At most so many rows of cells; more people are drawn as every k-th of the sorted ones."""


def plate(story: Story) -> Plate:
    """Draw both readings for each condition with an AI."""
    base: dict[str, Any] = {
        "id": "F06",
        "topic": "Who decided, round by round",
        "how": HOW.replace(NOTICE, notice(story.known)),
        "wide": True,
    }
    told = [(arm, _grid(arm)) for arm in story.arms if not arm.alone]
    if not told:
        return Plate(**base, missing="there is no condition with an AI")
    if not any((grid >= 0).any() for _, grid in told):
        return Plate(**base, missing="in no round with an AI is it known that anybody decided")
    with ink.style():
        figure = ink.blank(ink.WIDE, 5.2)
        axes = figure.subplots(2, len(told), squeeze=False, height_ratios=(1.1, 1))
        for at, (arm, grid) in enumerate(told):
            _areas(axes[0][at], grid, wrapped(arm.label, 30), first=at == 0)
            _cells(axes[1][at], grid, first=at == 0)
        figure.legend(handles=_key(told), loc="outside right center")
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(told), alt=_alt(told), note=_note(told), pictures=drawn, csv=_csv(told))


Grid = Any
"""(people, rounds) int: place in MODE_NAMES, -1 where the person met no more rounds or nobody decided; sorted."""


def _grid(arm: Arm) -> Grid:
    longest = max(len(theirs) for theirs in arm.people.values())
    grid = np.full((len(arm.people), longest), -1, dtype=int)
    for row, theirs in enumerate(arm.people.values()):
        for at, each in enumerate(sorted(theirs, key=lambda each: each.round)):
            if each.final is not None or each.correct is not None or each.followed is not None:
                grid[row, at] = MODE_NAMES.index(mode_of(each))
    given = (grid >= 3).sum(axis=1)
    weight = np.where(grid >= 0, grid, 0).sum(axis=1)
    return grid[np.lexsort((weight, given))]


def _shares(grid: Grid) -> Any:
    known = np.maximum((grid >= 0).sum(axis=0), 1)
    return np.array([(grid == mode).sum(axis=0) / known for mode in range(len(MODE_NAMES))])


def _areas(axes: Any, grid: Grid, title: str, *, first: bool) -> None:
    rounds: Any = np.arange(1, int(grid.shape[1]) + 1)
    shares = _shares(grid)
    colours = [ink.MODES[name][1] for name in MODE_NAMES]
    if len(rounds) < 2:
        axes.bar(
            [1] * len(shares),
            shares[:, 0],
            bottom=np.concatenate([[0], np.cumsum(shares[:, 0])[:-1]]),
            color=colours,
            width=0.6,
        )
    else:
        axes.stackplot(rounds, shares, colors=colours, edgecolor="#ffffff", linewidth=0.8)
        low = np.vstack([np.zeros(len(rounds)), np.cumsum(shares, axis=0)[:-1]])
        for mode, name in enumerate(MODE_NAMES):
            best = int(shares[mode, 1:-1].argmax()) + 1 if len(rounds) > 2 else 0
            if shares[mode, best] > 0.12:
                letter, _, colour = ink.MODES[name]
                axes.text(
                    rounds[best],
                    low[mode, best] + shares[mode, best] / 2,
                    letter,
                    ha="center",
                    va="center",
                    color=colour,
                    fontweight="bold",
                )
    axes.set(ylim=(0, 1), title=title, xlim=(1, max(2, len(rounds))))
    axes.yaxis.set_major_formatter(as_percent)
    axes.set_ylabel("share of people" if first else "")


def _cells(axes: Any, grid: Grid, *, first: bool) -> None:
    from matplotlib.colors import ListedColormap  # noqa: PLC0415 - an extra

    step = max(1, -(-len(grid) // PEOPLE))
    shown = grid[::step]
    colours = ListedColormap(["#ffffff00", *(ink.MODES[name][1] for name in MODE_NAMES)])
    ends = (0.5, grid.shape[1] + 0.5, len(shown) + 0.5, 0.5)
    axes.imshow(
        shown + 1, cmap=colours, vmin=0, vmax=len(MODE_NAMES), aspect="auto", interpolation="nearest", extent=ends
    )
    axes.set_xlabel("scored round in this condition")
    axes.set_ylabel(("people" if step == 1 else f"every {step}th person") if first else "")
    axes.set_yticks(())


def _key(told: list[tuple[Arm, Grid]]) -> list[Any]:
    from matplotlib.patches import Patch  # noqa: PLC0415 - an extra

    met = {int(mode) for _, grid in told for mode in np.unique(grid)}
    words = {name: f"{ink.MODES[name][0]}  {name.replace('_', ' ')}" for name in MODE_NAMES}
    return [
        Patch(facecolor=ink.MODES[name][1], edgecolor=ink.EDGE, label=words[name])
        for at, name in reversed(list(enumerate(MODE_NAMES)))
        if at in met
    ]


def _given(grid: Grid) -> float:
    known = (grid >= 0).sum()
    return float((grid >= 3).sum() / known) if known else float("nan")


def _seen(told: list[tuple[Arm, Grid]]) -> str:
    parts = [f"{percent(_given(grid))} in {arm.label}" for arm, grid in told]
    if not any((grid >= 3).any() for _, grid in told):
        return "No round was delegated or handed over."
    return f"Rounds that the AI decided by people's choice: {listing(parts)}."


def _alt(told: list[tuple[Arm, Grid]]) -> str:
    parts: list[str] = []
    for arm, grid in told:
        known = int((grid >= 0).sum())
        if not known:
            parts.append(f"{arm.label}: no decided round.")
            continue
        shares = [
            f"{name.replace('_', ' ')} {percent(float((grid == at).sum() / known))}"
            for at, name in enumerate(MODE_NAMES)
            if (grid == at).any()
        ]
        parts.append(f"{arm.label}: {listing(shares)} of {known} rounds.")
    return " ".join(parts)


def _note(told: list[tuple[Arm, Grid]]) -> str:
    return (
        "; ".join(
            f"{arm.label}: {count(len(grid), 'person', 'people')}, {count(int((grid >= 0).sum()), 'round')}"
            for arm, grid in told
        )
        + "."
    )


def _csv(told: list[tuple[Arm, Grid]]) -> str:
    return tidy(
        {
            **arm.key,
            "place": at + 1,
            "mode": name,
            "rounds": int((grid[:, at] == mode).sum()),
            "of": int((grid[:, at] >= 0).sum()),
        }
        for arm, grid in told
        for at in range(grid.shape[1])
        for mode, name in enumerate(MODE_NAMES)
    )
