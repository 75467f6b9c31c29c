"""What several figures draw: percent axes, rainclouds, intervals, cells with words, and numbers as they are read."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.report import ink

Floats = NDArray[np.float64]
POINTS = 2000
"""More points than this are drawn as a picture within the SVG."""


def percent(value: float, digits: int = 0) -> str:
    """Return a share as a percentage; "-" for what is not known.

    >>> percent(0.781)
    '78%'
    """
    return "-" if math.isnan(value) else f"{100 * value:.{digits}f}%"


def between(low: float, high: float, digits: int = 0) -> str:
    """Return an interval of shares, "" where there is none."""
    return "" if math.isnan(low) or math.isnan(high) else f"{100 * low:.{digits}f} to {100 * high:.{digits}f}"


def points(share: float, digits: int = 0) -> str:
    """Return a difference of shares in percentage points, with its sign.

    >>> points(-0.451), points(0.03), points(0.001)
    ('−45', '+3', '0')
    """
    text = f"{100 * share:+.{digits}f}"
    return text.lstrip("+-") if not float(text) else text.replace("-", "−")


def count(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "person", "people"), count(1200, "round")
    ('1 person', '1,200 rounds')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def wrapped(text: str, width: int = 16) -> str:
    """Return a label in lines."""
    return "\n".join(textwrap.wrap(text.replace("_", " "), width)) or text


def as_percent(value: float, _at: object) -> str:
    """Return a tick's label on an axis of shares; matplotlib calls it with the tick's place, too."""
    return f"{100 * value:.0f}%"


def percent_axis(axis: Any, low: float = 0, high: float = 1) -> None:
    """Make an axis one of percentages between two shares."""
    step = 0.1 if high - low <= 0.6 else 0.2 if high - low <= 1.05 else 0.25
    ticks = np.arange(math.floor(low / step) * step, high + 1e-9, step)
    axis.set_ticks([float(tick) for tick in ticks if low - 1e-9 <= tick <= high + 1e-9])
    axis.set_major_formatter(as_percent)


def span_of(values: Sequence[float], least: float = 0.4) -> tuple[float, float]:
    """Return ends of a percent axis that hold all values, at least `least` apart, within 0 and 1."""
    known = [value for value in values if not math.isnan(value)] or [0.0, 1.0]
    low, high = math.floor(10 * min(known) - 0.3) / 10, math.ceil(10 * max(known) + 0.3) / 10
    while high - low < least:
        low, high = low - 0.1, high + 0.1
    return max(0.0, low), min(1.0, max(high, 0.0))


def density(values: Floats, at: Floats, floor: float = 0.02) -> Floats:
    """Return a Gaussian density over `at`, with Silverman's bandwidth; its peak is 1."""
    spread = min(float(values.std(ddof=1)), float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.34 or math.inf)
    width = max(0.9 * (spread if math.isfinite(spread) else 0) * len(values) ** -0.2, floor)
    step = float(at[1] - at[0])
    counts, _ = np.histogram(values, bins=np.append(at - step / 2, at[-1] + step / 2))
    reach = np.arange(-4 * width, 4 * width + step, step)
    made = np.convolve(counts, np.exp(-0.5 * (reach / width) ** 2), mode="full")
    start = len(reach) // 2
    made = made[start : start + len(at)]
    return made / made.max() if made.max() > 0 else made


def raincloud(
    axes: Any, values: Floats, y: float, colour: str, mark: str, *, hollow: bool, ends: tuple[float, float]
) -> None:
    """Draw one cloud at height `y`: density above, one mark per person below (stacked where values are equal)."""
    if len(values) >= 5 and float(values.std()) > 0:
        at = np.linspace(*ends, 241)
        shape = density(values, at, floor=(ends[1] - ends[0]) / 60)
        axes.fill_between(at, y + 0.1, y + 0.1 + 0.42 * shape, color=colour, alpha=0.45, linewidth=0)
        axes.plot(at, y + 0.1 + 0.42 * shape, color=ink.INK, linewidth=0.8)
    rounded = np.round(values * 200 / (ends[1] - ends[0]))
    drop: Floats = np.zeros(len(values))
    tallest = max((int((rounded == level).sum()) for level in np.unique(rounded)), default=1)
    for level in np.unique(rounded):
        here = np.flatnonzero(rounded == level)
        drop[here] = np.arange(len(here))
    size = 16 if len(values) <= 60 else 9 if len(values) <= 400 else 4
    axes.scatter(
        values,
        y - 0.12 - drop * min(0.07, 0.24 / tallest),
        s=size,
        marker=mark,
        facecolors="none" if hollow else colour,
        edgecolors=ink.INK if len(values) <= 400 else colour,
        linewidths=0.4,
        rasterized=len(values) > POINTS,
    )


def interval(
    axes: Any, value: float, low: float, high: float, y: float, colour: str, mark: str, *, hollow: bool = False
) -> None:
    """Draw a mean with its interval, lying."""
    if not math.isnan(low) and not math.isnan(high):
        axes.plot([low, high], [y, y], color=ink.INK, linewidth=2.2, solid_capstyle="butt", zorder=4)
    axes.plot(
        [value], [y], marker=mark, color="none" if hollow else colour, markeredgecolor=ink.INK, markersize=9, zorder=5
    )


def rows(axes: Any, labels: Sequence[str], size: float = 10) -> None:
    """Write labels beside rows 0, -1, -2, ... and hide the vertical axis."""
    named = [label if "\n" in label else wrapped(label, 18) for label in labels]
    axes.set_yticks([-at for at in range(len(labels))], named, fontsize=size, multialignment="right")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def listing(parts: Sequence[str]) -> str:
    """Join parts of a sentence.

    >>> listing(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
