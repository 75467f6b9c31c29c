"""A pack: specimens, what models said of them, and explanations; every blob named by its sha256.

This module is the format only. `ai/` writes packs, `server/` reads them; they meet in a folder:
`manifest.json` and `blobs/ab/<sha256>.webp|png`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from game.canonical import Digest

FORMAT = 1
MEDIA = {"image/webp": ".webp", "image/png": ".png", "image/jpeg": ".jpg"}

REGIONS = (
    "top_left", "top_centre", "top_right", "middle_left", "centre", "middle_right",
    "bottom_left", "bottom_centre", "bottom_right",
)  # fmt: skip
"""A map's nine regions, row by row, as `Explained.words` names them."""

Scalar = str | int | float | bool | None


class Blob(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of the pack: media type, size in bytes, and width and height in pixels."""

    media: str
    bytes: int
    width: int
    height: int


class Credit(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who made a picture, under which licence, and where it came from."""

    licence: str
    artist: str = ""
    source: str = ""


class CueCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cue of the generating process: a part that tells the class, or a confounder that only seems to."""

    key: str
    title: Mapping[str, str]
    kind: Literal["evidence", "confounder"] = "evidence"
    bit: int = -1
    """Which bit of the class code the cue speaks of; -1 where it points at a class itself."""
    validity: float | None = None
    """How often the cue agrees with the truth in the study's specimens; below 1."""


class ContextValue(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value of a context variable: its name per language, and P(class | value) in class order; sums to 1."""

    key: str
    title: Mapping[str, str]
    prior: tuple[float, ...] = ()


class Context(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something beside the picture that shifts the prior (where it was caught, a note, a smell).

    A study says who is told: both, only the person, only the AI (its probabilities are then updated by Bayes' rule).
    """

    key: str
    title: Mapping[str, str]
    values: tuple[ContextValue, ...]


class Class(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer people and models can give: its key, its name per language, a thumbnail and field notes."""

    key: str
    title: Mapping[str, str]
    thumb: Digest = ""
    note: Mapping[str, str] = {}
    """What to look for, per language; shown in the field guide."""
    examples: tuple[Digest, ...] = ()
    """More pictures for the field guide: members of the class as they vary, none of them played."""


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """A teammate's model card."""

    name: str
    about: str
    digest: Digest = ""
    """sha256 of the weights; empty when the answers were imported."""
    trained_on: str = ""
    accuracy: float | None = None
    accuracy_n: int = 0
    seed: int | None = None
    licence: str = ""
    details: Mapping[str, Scalar] = {}


class Advice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one model says of one specimen: a class key, probabilities in class order, a confidence in [0, 1]."""

    label: str
    confidence: float | None = None
    probabilities: tuple[float, ...] = ()


class Outline(msgspec.Struct, frozen=True):
    """A closed line around important areas, as x, y pairs in [0, 1] of the image's sides."""

    points: tuple[float, ...]


class Explained(msgspec.Struct, frozen=True, omit_defaults=True):
    """One explanation of one model's answer on one specimen.

    `kind` "map" is an 8-bit grey PNG of importance (0 none, 255 most), coloured by the browser; "picture" is a
    finished image shown as it is (an imported overlay). A `signed` map is grey too: 128 is zero, darker speaks against
    the target (1 most), brighter for it (255 most).
    """

    kind: Literal["map", "picture"]
    blob: Digest
    method: str
    target: str
    params: Mapping[str, Scalar] = {}
    seed: int = 0
    logit: float | None = None
    baseline: str = ""
    gap: float | None = None
    """Completeness or convergence gap; None where the method has none."""
    wall_ms: float | None = None
    """How long it took, where that is known; a pack that we build tells it in `build.json`, see `Built`."""
    device: str = ""
    outlines: tuple[Outline, ...] = ()
    words: tuple[tuple[str, float], ...] = ()
    """The regions with the largest shares of importance, e.g. (("top_centre", 0.46), ...); for the text alternative."""
    signed: bool = False
    """The map's zero is 128; outlines and words tell where evidence is strong, whichever way it speaks."""
    precision: str = ""
    """Of the passes it was made with, "fp32", "bf16", or "mixed" (gradients in fp32); empty where it is not known."""
    fidelity: float | None = None
    """Pearson's correlation with the same map in fp32, where it was made again: the first of each job of bf16 maps."""


class Specimen(msgspec.Struct, frozen=True, omit_defaults=True):
    """One image with its truth, its scene, what each model says and each explanation shows."""

    id: str
    image: Digest
    truth: str
    credit: Credit
    split: str = "study"
    """"study", "practice" or "twin" (a probe: another specimen with one cue flipped)."""
    advice: Mapping[str, Advice] = {}
    """Model name -> what it says."""
    explanations: Mapping[str, Mapping[str, Explained]] = {}
    """Model name -> method name -> explanation."""
    posterior: tuple[float, ...] = ()
    """Ideal observer's posterior in class order; empty where the generating process is unknown."""
    scene: Mapping[str, Scalar] = {}
    solo_rate: float | None = None
    """Share of people who answer correctly without help, where known."""
    cues: Mapping[str, int] = {}
    """Cue key -> what it says here: a bit (0 or 1), or the class index a confounder points at (-1 none)."""
    context: Mapping[str, str] = {}
    """Context key -> the key of its value here. `posterior` knows it; `posterior_image` knows the picture only."""
    posterior_image: tuple[float, ...] = ()
    difficulty: float | None = None
    """0 clear to 1 ambiguous, as the generating process drew it."""
    disagreement: float | None = None
    """How far the pack's methods disagree on this specimen, 0 to 1 (1 - mean Spearman correlation, halved)."""
    twin_of: str = ""
    """Id of the specimen that this one equals but for `twin_cue`."""
    twin_cue: str = ""


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The pack's table of contents: `manifest.json` in canonical JSON."""

    format: int
    name: str
    title: Mapping[str, str]
    question: Mapping[str, str]
    """What people are asked about each image, per language."""
    classes: tuple[Class, ...]
    models: Mapping[str, Card]
    methods: Mapping[str, Mapping[str, Scalar]]
    """Method name -> what is known of it: family, signed, cite, rendering."""
    specimens: tuple[Specimen, ...]
    blobs: Mapping[Digest, Blob]
    built_by: str = ""
    recipe: Mapping[str, Scalar] = {}
    licence: str = ""
    cues: tuple[CueCard, ...] = ()
    contexts: tuple[Context, ...] = ()


class Built(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a pack was built, in `build.json` beside its manifest: what is another at each run, and no part of the pack.

    `seconds` is model -> method -> wall time of each shard, in the order of specimens, `shard` specimens each and the rest
    in the last. Passes that methods share are in the time of whichever asked for them first.
    """

    pack: Digest
    """sha256 of the manifest that was built with it."""
    machine: str = ""
    versions: Mapping[str, str] = {}
    shard: int = 0
    specimens: int = 0
    seconds: Mapping[str, Mapping[str, tuple[float, ...]]] = {}

    def wall_ms(self, model: str, method: str, n: int) -> float | None:
        """Return the milliseconds that an explanation of the pack's `n`-th specimen took, its share of the shard's."""
        told, at = self.seconds.get(model, {}).get(method, ()), n // self.shard if self.shard else 0
        if at >= len(told):
            return None
        return round(1000 * told[at] / min(self.shard, self.specimens - at * self.shard), 3)


def timed(manifest: Manifest, built: Built) -> Manifest:
    """Return the manifest with each explanation's wall time, as far as `built` knows it."""
    of = msgspec.structs.replace

    def known(n: int, each: Specimen) -> Specimen:
        return of(each, explanations={
            model: {key: of(one, wall_ms=built.wall_ms(model, key, n) or one.wall_ms) for key, one in by.items()}
            for model, by in each.explanations.items()
        })  # fmt: skip

    return of(manifest, specimens=tuple(known(n, each) for n, each in enumerate(manifest.specimens)))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of `manifest.json`; `game/manifest.schema.json` holds it for other programs."""
    made = msgspec.json.schema(Manifest)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"coplay pack, format {FORMAT}", **made}


def path_of(digest: Digest, blob: Blob) -> str:
    """Return the blob's path inside the pack folder, e.g. `blobs/ab/<sha256>.png`."""
    return f"blobs/{digest[:2]}/{digest}{MEDIA[blob.media]}"


def box_of(points: tuple[float, ...]) -> tuple[float, float, float, float]:
    """Return the smallest box around a line: x, y, width and height.

    >>> box_of((0.25, 0.5, 0.75, 0.5, 0.5, 0.75))
    (0.25, 0.5, 0.5, 0.25)
    """
    xs, ys = points[::2], points[1::2]
    return min(xs), min(ys), round(max(xs) - min(xs), 3), round(max(ys) - min(ys), 3)


def decode(data: bytes) -> Manifest:
    """Parse `manifest.json`; raises msgspec.ValidationError naming the field, or ValueError for another format."""
    manifest = msgspec.json.decode(data, type=Manifest)
    if manifest.format != FORMAT:
        raise ValueError(f"pack format {manifest.format} is not {FORMAT}: rebuild it with this version of coplay")
    return manifest


def is_signed(manifest: Manifest, model: str, method: str) -> bool:
    """Tell whether the maps of a method for a model are signed, as the first of them is."""
    shown = (s.explanations.get(model, {}).get(method) for s in manifest.specimens)
    return next((explained.signed for explained in shown if explained), False)
