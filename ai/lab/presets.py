"""How much is asked: how many images, seeds and repetitions a comparison spends. No torch here."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from game.pack import Scalar
from game.registry import explainer, quality

COSTLY, FEW = 400, 2
"""Passes an image from which a method is costly; a pass backwards counts for three."""
BACK = 3


class Preset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One size of a comparison.

    `repeated` images are for the same method under other seeds and parameters, `again` for metrics that run a method again
    (robustness, randomisation). Where a method takes more than `COSTLY` passes an image they are `costly`; with 0 it is run
    again for the checks of sanity only, on `FEW` images, and all else is undefined with that reason. `seeds` are other
    seeds of a method, `effort` multiplies how much each metric asks by itself (the settings in `EFFORT`).
    """

    images: int
    repeated: int
    again: int
    costly: int = 0
    seeds: int = 1
    parameters: bool = True
    effort: float = 1.0


PRESETS: Mapping[str, Preset] = {
    "quick": Preset(images=6, repeated=2, again=3, effort=0.5),
    "standard": Preset(images=12, repeated=4, again=6),
    "thorough": Preset(images=48, repeated=16, again=24, costly=8, seeds=3, effort=2),
}
EFFORT, FEWEST = ("draws", "steps", "layers"), 2
"""Settings of metrics that a preset multiplies, and the fewest of each."""


def settings(metric: str, preset: Preset) -> dict[str, Scalar]:
    """Return the settings of a metric: its own defaults, more or fewer of what `EFFORT` names."""
    own: Mapping[str, Scalar] = quality[metric].info["settings"]
    return {
        name: max(min(FEWEST, value), round(value * preset.effort))
        if name in EFFORT and isinstance(value, int)
        else value
        for name, value in own.items()
    }


def cost(method: str) -> int:
    """Return about how many forward passes a method takes for one image, as it declares; a range counts at its lower end.

    >>> cost("rise"), cost("saliency")
    (500, 3)
    """
    info = explainer[method].info
    numbers = re.findall(r"(\d+)(?: to \d+)? ([FG])", str(info.get("cost", "")))
    declared = sum(int(n) * (BACK if kind == "G" else 1) for n, kind in numbers)
    return declared or (BACK if "gradient" in info["needs"] else 1)


def repeated(preset: Preset, method: str) -> int:
    """Return on how many images a method is run under other seeds and parameters."""
    return preset.costly if costly(method) else preset.repeated


def again(preset: Preset, method: str) -> int:
    """Return on how many images metrics may run a method again; 0 leaves it to the checks of sanity."""
    return preset.costly if costly(method) else preset.again


def costly(method: str) -> bool:
    """Tell whether a method takes more than `COSTLY` passes an image."""
    return cost(method) > COSTLY


def skipped(method: str) -> str:
    """Say why a method was not run again."""
    return f"the method takes about {cost(method)} passes an image and was not run again: ask for a larger preset"
