"""What is run: methods as they are, and the same with another seed or parameter."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ai.engine import refusal
from ai.job import code_of
from ai.lab.presets import Preset
from ai.recipe import MethodRecipe, Recipe
from game.canonical import Digest
from game.pack import Scalar
from game.registry import explainer

ASIDE = ("example", "library")
"""Families that give no map, or maps that another method gives too."""
OFFERED = ("twins", "masks", "others")
"""What the lab offers to methods beside the model."""
VARIED = (
    "steps",
    "samples",
    "masks",
    "orders",
    "grid",
    "side",
    "window",
    "noise",
    "sigma",
    "epsilon",
    "gamma",
    "pool",
    "slope",
)
"""Parameters that are halved and doubled, the first one that a method has; of 0 another value says nothing."""


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One method with its seed and parameters. `variant` is "" for the map under test, otherwise KIND:WHICH."""

    key: str
    method: str
    seed: int = 0
    params: Mapping[str, Scalar] = {}
    variant: str = ""
    code: Digest = ""

    @property
    def name(self) -> str:
        """The name of its maps."""
        return f"{self.key}|{self.variant}" if self.variant else self.key

    @property
    def signed(self) -> bool:
        """Whether its maps carry evidence against."""
        return bool(explainer[self.method].info["signed"])


def chosen(recipe: Recipe, methods: str) -> list[Run]:
    """Return the runs that `methods` asks for: "all" that give maps, the "recipe"'s own, or names with commas.

    The recipe's seed and parameters hold for the methods it names. Raises Unknown, and ValueError for one without a map.
    """
    own = {m.method: m for m in reversed(recipe.methods) if m.rank == 1}
    if methods == "all":
        names = [e.name for e in explainer if e.info["family"] not in ASIDE]
    elif methods == "recipe":
        names = [m.method for m in recipe.methods if m.rank == 1 and explainer[m.method].info["family"] not in ASIDE]
    else:
        names = [name.strip() for name in methods.split(",") if name.strip()]
        if without := [name for name in names if explainer[name].info["family"] == "example"]:
            raise ValueError(f"{without[0]!r} shows examples and gives no map: it cannot be compared with maps")
    made = [own.get(name) or MethodRecipe(name) for name in dict.fromkeys(names)]
    return [_run(m.method, m.method, m.seed, m.params) for m in made]


def valid(runs: Sequence[Run], has: Sequence[str], model: str) -> tuple[list[Run], dict[str, str]]:
    """Return the runs that a model allows, and why it does not allow the others."""
    told = {run.key: refusal(run.method, (*has, *OFFERED), model) for run in runs}
    return [run for run in runs if told[run.key] is None], {key: str(no) for key, no in told.items() if no is not None}


def is_control(method: str) -> bool:
    """Tell whether a method explains nothing on purpose."""
    return explainer[method].info["family"] == "control"


def reseeded(run: Run, preset: Preset) -> list[Run]:
    """Return the run with other seeds."""
    return [_run(run.key, run.method, run.seed + n, run.params, f"method_seed:{run.seed + n}") for n in _other(preset)]


def varied(run: Run, preset: Preset) -> list[Run]:
    """Return the run with its first varied parameter halved and doubled; none where the method has no such parameter."""
    if not preset.parameters:
        return []
    known = inspect.signature(explainer[run.method].thing).parameters
    for name in VARIED:
        value = run.params.get(name, known[name].default) if name in known else 0
        if isinstance(value, int | float) and not isinstance(value, bool) and value:
            return [
                _run(run.key, run.method, run.seed, {**run.params, name: other}, f"hyper_parameter:{name}={other:g}")
                for other in _around(value)
            ]
    return []


def _around(value: float) -> Iterator[float]:
    for factor in (0.5, 2):
        other = value * factor
        made = max(1, round(other)) if isinstance(value, int) else other
        if made != value:
            yield made


def _other(preset: Preset) -> range:
    return range(1, preset.seeds + 1)


def _run(key: str, method: str, seed: int, params: Mapping[str, Scalar], variant: str = "") -> Run:
    code = code_of(explainer[method].thing)
    return Run(key=key, method=method, seed=seed, params=dict(params), variant=variant, code=code)
