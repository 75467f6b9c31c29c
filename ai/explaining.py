"""Job `explain`: one model's answers to a few scenes, explained by methods that share their passes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from torch import Tensor

from ai.answering import Net, hired, one_thread
from ai.drawn import Picture, packed, unpacked
from ai.engine import attribute
from ai.explanation import Maps
from ai.job import Job, code_of, job
from ai.passes import Passes
from ai.pictured import by_digest, pictures
from ai.recipe import MethodRecipe
from ai.sources import open_source
from ai.surroundings import Surroundings, evidence, key, surround, twins
from ai.teammate import Teammate, family
from game.canonical import Digest, digest
from game.pack import Scalar
from game.registry import explainer

SHARD = 12
NEAR = frozenset({"gallery", "others"})
"""Needs that are met from other scenes; drawing them takes a while, so only where they are asked for."""
OTHERS = 16
FULL = "fp32"
"""The precision of a part that names none."""


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one method made of one shard: raw maps (n, h, w) or pictures; with the logit of each target.

    `known` is, for each image, every parameter and what the method noted of it. `fidelity` is how near the first maps are
    to those in fp32, where the method reads half precision: for as many as were made again. `seconds` is wall time, with all passes
    that no method before it made; it goes into no pack's manifest, as it is another at each run.
    """

    logits: tuple[float, ...]
    known: tuple[dict[str, Scalar], ...]
    baseline: str = ""
    device: str = ""
    precision: str = ""
    seconds: float = 0.0
    shape: tuple[int, ...] = ()
    values: bytes = b""
    signed: bool = False
    gap: tuple[float, ...] = ()
    pictures: tuple[bytes, ...] = ()
    fidelity: tuple[float, ...] = ()

    @property
    def maps(self) -> NDArray[np.float32]:
        """Return the maps."""
        return np.frombuffer(zlib.decompress(self.values), "<f4").reshape(self.shape)

    def picture(self, n: int) -> Picture:
        """Return one picture."""
        return unpacked(self.pictures[n])


def jobs(
    source: str,
    scenes: Sequence[Any],
    targets: Sequence[int],
    net: Net,
    methods: Sequence[MethodRecipe],
    *,
    gallery: Sequence[Any],
    size: int,
    most_bytes: int,
    quality: int,
) -> list[Job]:
    """Return the jobs that explain `net`'s answer `targets` to `scenes`, in order; each part is one method.

    A precision stands in a part where it is not fp32.
    """
    near, code = digest(list(gallery)), code_of(type(open_source(source)))
    parts: list[Any] = []
    for m in methods:
        entry = explainer[m.method]
        around = near if NEAR & set(entry.info["needs"]) else ""
        low = [] if m.precision == FULL else [m.precision]
        parts.append([m.method, m.seed, dict(m.params), around, code_of(entry.thing), *low])
    common = {"source": source, "code": code, "net": [*net, code_of(family(net.model).thing)], "size": size}
    common |= {"most": most_bytes, "quality": quality}
    extra = {"gallery": list(gallery)} if any(part[3] for part in parts) else {}
    made: list[Job] = []
    for i in range(0, len(scenes), SHARD):
        here = {"scenes": list(scenes[i : i + SHARD]), "targets": [int(t) for t in targets[i : i + SHARD]]}
        made.append(job("explain", common | here, parts, extra))
    return made


def explained(job: Job, shared: Mapping[Digest, bytes]) -> tuple[bytes, ...]:
    """Do the job: one `Found` per method."""
    given = job.common
    model, classes, of, _ = given["net"]
    with one_thread():
        mate = hired(Net(model, classes, of), shared[of])
        passes = _passes(job, mate)
        targets = given["targets"]
        logits = next(iter(passes.values())).logits().cpu().numpy()[np.arange(len(targets)), targets]
        told = tuple(round(float(v), 4) for v in logits)
        return tuple(
            msgspec.msgpack.encode(_one(job, mate, passes[_precision(part)], part, told)) for part in job.parts
        )


def found(data: bytes) -> Found:
    """Return the result of one part."""
    return msgspec.msgpack.decode(data, type=Found)


def _one(job: Job, mate: Teammate, passes: Passes, part: Any, logits: tuple[float, ...]) -> Found:
    given, (method, seed, params, *_) = job.common, part
    source = open_source(given["source"])
    record = attribute(method, passes, given["targets"], seed, **params)
    made = record.explanation
    found = Found(
        logits,
        tuple(_short(record.known(n)) for n in range(len(logits))),
        record.baseline,
        record.device,
        record.precision,
        round(record.seconds, 4),
        fidelity=record.maps.each if record.maps else (),
    )
    if isinstance(made, Maps):
        values = zlib.compress(np.ascontiguousarray(made.values, "<f4").tobytes(), 1)
        gap = () if made.gap is None else tuple(round(float(g), 6) for g in made.gap)
        return replace(found, shape=made.values.shape, values=values, signed=made.signed, gap=gap)
    examples = by_digest(source, job.extra.get("gallery", ()), mate.size) if _needs(job, "gallery") else {}
    drawn = pictures(made, source, given["scenes"], examples, given["size"])
    return replace(found, pictures=tuple(packed(image, given["most"], given["quality"]) for image in drawn))


def _short(known: Mapping[str, Scalar]) -> dict[str, Scalar]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in known.items()}


def _precision(part: Any) -> str:
    return part[5] if len(part) > 5 else FULL


def _passes(job: Job, mate: Teammate) -> dict[str, Passes]:
    """Return the passes over the shard's pictures by precision, with the surroundings its methods need and no others."""
    source, scenes = open_source(job.common["source"]), job.common["scenes"]
    drawn = np.stack([source.draw(scene, mate.size) for scene in scenes])
    made = {precision: mate.passes(drawn, precision) for precision in sorted({*map(_precision, job.parts)})}
    around = _surroundings(job, mate, next(iter(made.values())).images)
    for precision, passes in made.items():
        mine = [part for part in job.parts if _precision(part) == precision]
        passes.foreseen = {p for part in mine for p in explainer[part[0]].info["passes"]}
        passes.surroundings = around
    return made


def _surroundings(job: Job, mate: Teammate, images: Tensor) -> Surroundings:
    source, scenes = open_source(job.common["source"]), job.common["scenes"]
    near = next((part[3] for part in job.parts if part[3]), "")
    held = _Held(mate, tuple(job.extra["gallery"])) if near else None
    shown = _around(job.common["source"], mate.digest, near, held) if held else Surroundings()
    pairs = list(zip([key(image) for image in images], scenes, strict=True))
    return Surroundings(
        gallery=shown.gallery,
        twins={k: twins(source, s, mate.size) for k, s in pairs} if _needs(job, "twins") else {},
        masks={k: evidence(source, s, mate.size) for k, s in pairs} if _needs(job, "masks") else {},
        others=shown.others,
    )


def _needs(job: Job, need: str) -> bool:
    return any(need in explainer[part[0]].info["needs"] for part in job.parts)


class _Held:
    """What a cached call needs and its key does not name: equal keys hold equal things."""

    def __init__(self, mate: Teammate, scenes: tuple[Any, ...]) -> None:
        self.mate, self.scenes = mate, scenes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=4)
def _around(source: str, of: Digest, near: Digest, held: _Held) -> Surroundings:
    """Return gallery and others for a model; a worker draws them once for all its jobs."""
    del of, near  # they are the key
    return surround(open_source(source), held.mate, [], gallery=held.scenes, others=held.scenes[:OTHERS])
