"""What `coplay compare` writes: how much explanations vary, and which can be trusted. The format of a results folder.

`ai/` writes it, `server/report` renders it, studies read `items.json`. A folder holds `lab.json` (a `Lab`), `items.json`
(`Items`), and tidy tables, each as CSV and as Parquet: `scores` (columns `SCORES`), `pairs` (`PAIRS`), `curves` (`CURVES`).
`maps/TASK/MODEL/METHOD/SPECIMEN.png` are small grey pictures of the maps, all rendered alike, `maps/TASK/SPECIMEN.webp` the images.
What is undefined is an empty cell with its reason beside it, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from game.canonical import Digest
from game.pack import Scalar

FORMAT = "coplay-lab"
VERSION = 1

Family = Literal[
    "agreement", "faithfulness", "robustness", "randomisation", "localisation", "complexity", "axiomatic", "human", "variation"
]  # fmt: skip
Reads = Literal["map", "pair", "model"]
Takes = Literal["positive", "absolute", "signed"]
Better = Literal["higher", "lower", ""]
Variation = Literal["method_seed", "hyper_parameter", "model_seed", "checkpoint"]

SCORES = ("task", "model", "method", "metric", "specimen", "seed", "variant", "value", "chance", "undefined_because")
"""One row per map and metric. `seed` is the method's, `variant` "" for the map under test, otherwise `KIND:WHICH` with KIND a
`Variation`; `chance` is what a map that knows nothing scores on this very specimen, empty where that is not known exactly."""
PAIRS = ("task", "model", "method_a", "method_b", "metric", "specimen", "value", "undefined_because")
"""One row per two methods and metric; method_a comes first in the summary's order. Metrics of two maps are symmetric."""
CURVES = ("task", "model", "method", "metric", "curve", "x", "y", "n")
"""One row per point; y is the mean over the n specimens where it is defined."""


class Metric(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One metric: which way is better, what it reads of the maps, what a random map gets, who defined it."""

    name: str
    family: Family
    reads: Reads
    takes: Takes
    better: Better = ""
    random: float | None = None
    """Expected value for a map that knows nothing; None where it depends on the specimen (`chance`) or is estimated."""
    estimated: float | None = None
    """Mean of the `random` control over all tasks and models of this folder, where `random` is None."""
    cite: str = ""
    needs: tuple[str, ...] = ()
    unit: str = ""
    about: str = ""
    """The first sentence of its description."""
    parameters: Mapping[str, Scalar] = {}
    least: float | None = None
    """A method whose mean is below this fails sanity."""
    most: float | None = None
    """A method whose mean is above this fails sanity."""


class Method(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One method as it was run, by its key in the tables."""

    key: str
    method: str
    family: str
    signed: bool = False
    seed: int = 0
    parameters: Mapping[str, Scalar] = {}
    cite: str = ""
    control: bool = False
    """It explains nothing of the model on purpose; it stands as a reference."""


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One model of one task."""

    task: str
    name: str
    title: str
    architecture: str
    kind: str = ""
    """accurate, biased, ... as its training recipe says; "" where that is not known."""
    digest: Digest = ""
    seed: int | None = None
    accuracy: float | None = None
    """Share of the task's specimens here that it gets right."""
    n: int = 0
    fair: str = ""
    """For a biased model: the model of the same architecture that learned from a confounder which said nothing."""
    refused: Mapping[str, str] = {}
    """Methods that were asked for and are not valid for it -> why."""


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One set of specimens."""

    name: str
    title: Mapping[str, str]
    source: str = ""
    pack: Digest = ""
    """sha256 of the pack's manifest; empty where specimens were drawn from a recipe without a pack."""
    study: str = ""
    specimens: tuple[str, ...]
    truths: Mapping[str, str] = {}
    """Specimen -> class key."""
    cues: Mapping[str, tuple[str, ...]] = {}
    """"evidence" -> cues with exact masks, "confounder" -> its name; empty where the process is not known."""
    diagnosticity: Mapping[str, float] = {}
    """Cue -> bits that it carries about its class bit."""


NOTICEABLE = 0.05
"""Difference in mass, of all that a map has, from which it counts: less is hidden from who looks at it, however sure it is."""


class Exposure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a method reveals a model's bias: mass on the confounder for the biased model less that for the fair one.

    Mean over specimens of the paired difference, with a 95 % bootstrap interval over specimens.
    """

    task: str
    model: str
    fair: str
    method: str
    n: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    exposed: bool | None = None
    """Whether the interval lies above a twentieth of the map's mass, and the mass above the confounder's area; False where it lies
    below, None where it could not be told."""
    because: str = ""


class Count(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a metric was sampled for one model: specimens, rows (maps or pairs of maps), how many rows are undefined, mostly why."""

    task: str
    model: str
    metric: str
    n: int
    rows: int = 0
    undefined: int = 0
    because: str = ""


class Lab(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The summary: `lab.json`."""

    format: str
    version: int
    created_by: str
    preset: str
    images: int
    tasks: tuple[Task, ...]
    models: tuple[Model, ...]
    methods: tuple[Method, ...]
    metrics: tuple[Metric, ...]
    counts: tuple[Count, ...]
    exposures: tuple[Exposure, ...] = ()
    seed: int = 0
    seconds: Mapping[str, float] = {}
    """Stage -> wall seconds of the run that wrote this; results that were there already cost nothing."""
    cpu_seconds: Mapping[str, float] = {}
    """Stage -> seconds of work that the results cost when they were made, over all workers."""
    workers: int = 0
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = {}


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a study can use of one specimen and model."""

    task: str
    model: str
    specimen: str
    disagreement: float | None = None
    """(1 - mean Spearman correlation over all pairs of methods) / 2, controls left out: 0 alike, 0.5 unrelated."""
    flips: float | None = None
    """Share of the pairs of methods whose most highlighted part differs, controls left out."""
    highlighted: Mapping[str, str] = {}
    """Method -> the part that its map highlights most; "" for a place outside all parts."""
    undefined_because: str = ""


class Sanity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a method passes the sanity checks for one model: `None` where no check could be made."""

    task: str
    model: str
    method: str
    sane: bool | None
    because: str = ""
    values: Mapping[str, float] = {}
    """Metric -> its mean."""


class Items(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What studies read: `items.json`."""

    format: str
    version: int
    packs: Mapping[str, Digest] = {}
    """Task -> the pack whose specimens are named."""
    items: tuple[Item, ...] = ()
    sanity: tuple[Sanity, ...] = ()


def decode(data: bytes) -> Lab:
    """Parse `lab.json`; raises msgspec.ValidationError naming the field, or ValueError for another format."""
    return _mine(msgspec.json.decode(data, type=Lab), "lab.json")


def decode_items(data: bytes) -> Items:
    """Parse `items.json`; raises as `decode`."""
    return _mine(msgspec.json.decode(data, type=Items), "items.json")


def _mine(made: Any, what: str) -> Any:
    if made.format != FORMAT or made.version != VERSION:
        raise ValueError(
            f"{what} is {made.format!r} version {made.version}, not {FORMAT!r} version {VERSION}: run `coplay compare` again"
        )
    return made
