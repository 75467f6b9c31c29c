"""What a pack holds, counted, and what a study author should know of it. No torch here."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import msgspec

from ai import fidelity
from ai.spectrum import TOLERANCE
from game.pack import Manifest, Specimen

LOW = ("bf16", "mixed")
"""Precisions of maps that read half precision."""
NEAR = 0.05
"""By how much stated and experienced accuracy may differ before it is worth telling."""


class Facts(msgspec.Struct, frozen=True):
    """What a pack holds; models and pairs are counted over its study specimens.

    `classes` and `models` count by class; `pairs` counts, for two models, on how many both, either or none is right.
    """

    name: str
    specimens: dict[str, int]
    classes: dict[str, dict[str, int]]
    models: dict[str, dict[str, int | float | None]]
    pairs: dict[str, dict[str, int]]
    methods: tuple[str, ...]
    cues: tuple[str, ...]
    contexts: tuple[str, ...]
    blobs: int
    bytes: int


def facts(manifest: Manifest) -> Facts:
    """Count what the manifest holds."""
    study = [s for s in manifest.specimens if s.split == "study"]
    classes = {
        c.key: {
            split: sum(s.truth == c.key and s.split == split for s in manifest.specimens)
            for split in ("study", "practice")
        }
        for c in manifest.classes
    }
    return Facts(
        manifest.name,
        dict(sorted(Counter(s.split for s in manifest.specimens).items())),
        classes,
        {name: _model(manifest, name, study) for name in manifest.models},
        {f"{a} {b}": _pair(a, b, study) for a, b in combinations(manifest.models, 2)},
        tuple(sorted(manifest.methods)),
        tuple(c.key for c in manifest.cues),
        tuple(c.key for c in manifest.contexts),
        len(manifest.blobs),
        sum(b.bytes for b in manifest.blobs.values()),
    )


def notes(manifest: Manifest) -> list[str]:
    """Return what is no fault and still worth knowing: uneven classes, errors in one class, confidence that misleads."""
    held, out = facts(manifest), list[str]()
    counts = {key: by["study"] for key, by in held.classes.items()}
    if len({*counts.values()}) > 1:
        out.append(f"classes are uneven: {_listed(counts)} study specimens; people may learn the base rate")
    for name, told in held.models.items():
        right, said = told["accuracy"], told["mean_confidence"]
        if right is not None and said is not None and abs(said - right) > NEAR:
            word = "overconfident" if said > right else "underconfident"
            out.append(
                f"{name} is {word}: it says {said:.0%} on average and is right in {right:.0%} of the study's items"
            )
        errors = {key: int(told[f"wrong_{key}"] or 0) for key in held.classes}
        if told["wrong"] and max(errors.values()) > 2 * max(1, min(errors.values())):
            out.append(f"{name}'s errors are uneven: {_listed(errors)}; people may learn which class to distrust")
    for pair, by in held.pairs.items():
        if not by["only_first"] or not by["only_second"]:
            out.append(
                f"{pair}: there is no image on which exactly one is right, for each; right and wrong advice differ in image"
            )
    return out + rough(manifest) + near(manifest)


def rough(manifest: Manifest) -> list[str]:
    """Return which controls are not as smooth as the maps they stand in for, though they are said to be."""
    beyond, of = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for s in manifest.specimens:
        for name, by in s.explanations.items():
            for key, shown in by.items():
                apart = shown.params.get("spectrum_mismatch")
                if isinstance(apart, int | float):
                    of[name, key] += 1
                    beyond[name, key] += apart > TOLERANCE
    return [
        f"{key} for {name}: {n} of {of[name, key]} maps have more than {TOLERANCE:.0%} of their power at another "
        "roughness than the map they stand in for; people may tell them apart by their looks"
        for (name, key), n in sorted(beyond.items())
        if n
    ]


def near(manifest: Manifest) -> list[str]:
    """Return how near maps made at half precision are to the same in fp32, over those that were made again."""
    of, found = Counter[tuple[str, str, str]](), dict[tuple[str, str, str], list[float]]()
    for s in manifest.specimens:
        for name, by in s.explanations.items():
            for key, shown in by.items():
                if shown.precision in LOW:
                    of[name, key, shown.precision] += 1
                    found.setdefault((name, key, shown.precision), [])
                    if shown.fidelity is not None:
                        found[name, key, shown.precision].append(shown.fidelity)
    return [
        f"{key} for {name}, {precision}: {fidelity.told(each, of[name, key, precision])}"
        for (name, key, precision), each in sorted(found.items())
    ]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{key} {n}" for key, n in counts.items())


def _model(manifest: Manifest, name: str, study: list[Specimen]) -> dict[str, int | float | None]:
    told = [s for s in study if name in s.advice]
    wrong = Counter(s.truth for s in told if s.advice[name].label != s.truth)
    said = [c for s in told if (c := s.advice[name].confidence) is not None]
    return {
        "answers": len(told),
        "wrong": wrong.total(),
        **{f"wrong_{c.key}": wrong[c.key] for c in manifest.classes},
        "accuracy": round(1 - wrong.total() / len(told), 4) if told else None,
        "stated_accuracy": manifest.models[name].accuracy,
        "mean_confidence": round(sum(said) / len(said), 4) if said else None,
    }


def _pair(a: str, b: str, study: list[Specimen]) -> dict[str, int]:
    both = [(s.advice[a].label == s.truth, s.advice[b].label == s.truth) for s in study if {a, b} <= {*s.advice}]
    keys = {(True, True): "both_right", (True, False): "only_first", (False, True): "only_second"}
    counts = Counter(keys.get(pair, "none") for pair in both)
    return {key: counts[key] for key in (*keys.values(), "none")}
