"""What a comparison concludes of single specimens and methods: where methods disagree, which fail sanity, which show a bias."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ai.jobstore import JobStore
from ai.lab.bench import large
from ai.lab.bundles import Bundle
from ai.lab.judging import stacked
from ai.lab.rows import Rows
from ai.lab.runs import is_control
from ai.quality.highlighted import highlighted
from game.lab import NOTICEABLE, Exposure, Item, Sanity
from game.registry import quality

DRAWS = 2000
"""Bootstrap samples of an interval."""
MASS = "confounder_mass"
"""The metric that tells whether a map reveals the confounder."""


def items(bundle: Bundle, rows: Rows, store: JobStore) -> list[Item]:
    """Return what a study can use of each specimen."""
    m, name = bundle.material, bundle.hired.name
    controls = {run.key for run in bundle.runs if is_control(run.method)}
    far: defaultdict[str, list[float]] = defaultdict(list)
    flips: defaultdict[str, list[float]] = defaultdict(list)
    for p in rows.pairs:
        if (p.task, p.model) == (m.name, name) and not {p.one, p.other} & controls and not np.isnan(p.value):
            if p.metric == "spearman":
                far[p.specimen].append(p.value)
            elif p.metric == "different_part":
                flips[p.specimen].append(p.value)
    shown = _highlighted(bundle, store)
    return [
        Item(
            task=m.name,
            model=name,
            specimen=i,
            disagreement=round((1 - float(np.mean(far[i]))) / 2, 4) if far[i] else None,
            flips=round(float(np.mean(flips[i])), 4) if flips[i] else None,
            highlighted=shown.get(i, {}),
            undefined_because="" if far[i] else "fewer than two methods gave maps that can be compared",
        )
        for i in m.ids
    ]


def sanity(bundle: Bundle, rows: Rows) -> list[Sanity]:
    """Return for each method whether its means keep to the bounds that metrics set."""
    bounds = {
        e.name: (e.info["least"], e.info["most"]) for e in quality if (e.info["least"], e.info["most"]) != (None, None)
    }
    out: list[Sanity] = []
    for run in bundle.runs:
        held = {n: list(rows.values(bundle.material.name, bundle.hired.name, n, run.key).values()) for n in bounds}
        means = {n: round(float(np.mean(v)), 4) for n, v in held.items() if v}
        wrong = [n for n, v in means.items() if _below(bounds[n][0]) > v or v > _above(bounds[n][1])]
        told = "; ".join(f"{n} is {means[n]:.2f}, {_bound(*bounds[n])}" for n in wrong)
        out.append(
            Sanity(
                task=bundle.material.name,
                model=bundle.hired.name,
                method=run.key,
                sane=not wrong if means else None,
                because=told if means else "no sanity check could be made",
                values=means,
            )
        )
    return out


def exposures(bundles: Sequence[Bundle], rows: Rows) -> list[Exposure]:
    """Return for each biased model with a fair one beside it which methods reveal what it goes by."""
    out: list[Exposure] = []
    for biased in bundles:
        fair = fair_of(biased, bundles)
        if fair is None:
            continue
        for run in biased.runs:
            if run.key in {r.key for r in fair.runs} and not is_control(run.method):
                out.append(_exposure(biased, fair, run.key, rows))
    return out


def fair_of(biased: Bundle, bundles: Sequence[Bundle]) -> Bundle | None:
    """Return the bundle of the same architecture that learned without the bias; None for a model that is not biased."""
    if biased.hired.recipe.training.kind != "biased":
        return None
    same = [b for b in bundles if b.material is biased.material and b.hired.recipe.model == biased.hired.recipe.model]
    return next((b for b in same if b.hired.recipe.training.kind == "accurate"), None)


def _exposure(biased: Bundle, fair: Bundle, method: str, rows: Rows) -> Exposure:
    task, name, other = biased.material.name, biased.hired.name, fair.hired.name
    ours, theirs = rows.values(task, name, MASS, method), rows.values(task, other, MASS, method)
    both = sorted(set(ours) & set(theirs))
    about = {"task": task, "model": name, "fair": other, "method": method, "n": len(both)}
    if len(both) < 3:
        return Exposure(
            **about, because="fewer than three specimens with the confounder in view and a map for both models"
        )
    gaps = np.array([ours[i] - theirs[i] for i in both])
    chance = rows.chances(task, name, MASS, method)
    low, high = _interval(gaps)
    beyond, _ = _interval(np.array([ours[i] - chance[i] for i in both]))
    told = {**about, "difference": round(float(gaps.mean()), 4), "low": low, "high": high}
    if low > NOTICEABLE and beyond > 0:
        return Exposure(**told, exposed=True)
    if high < NOTICEABLE or beyond <= 0:
        return Exposure(**told, exposed=False)
    why = f"the interval holds {NOTICEABLE:g}, the difference from which it counts: ask for more images"
    return Exposure(**told, because=why)


def _interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean."""
    means = values[np.random.default_rng(0).integers(0, len(values), (DRAWS, len(values)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def _highlighted(bundle: Bundle, store: JobStore) -> dict[str, dict[str, str]]:
    """Return specimen -> method -> the part that is highlighted most."""
    m, size = bundle.material, bundle.hired.mate.size
    found = [m.made.parts(scene, size) for scene in m.scenes]
    none = np.zeros((size, size), np.bool_)
    names = list(dict.fromkeys(name for one in found for name in one))
    parts = {name: np.stack([one.get(name, none) for one in found]) for name in names}
    out: dict[str, dict[str, str]] = {i: {} for i in m.ids}
    for run in bundle.runs:
        try:
            maps = stacked(bundle.results(store, run, 0, len(m.ids))[0], len(m.ids))
        except ValueError:  # it failed on some of the scenes: its scores say why
            continue
        for i, part in zip(m.ids, highlighted(large(maps, size), parts), strict=True):
            if part is not None:
                out[i][run.key] = part
    return out


def _below(least: float | None) -> float:
    return -np.inf if least is None else least


def _above(most: float | None) -> float:
    return np.inf if most is None else most


def _bound(least: float | None, most: float | None) -> str:
    return f"at least {least:g} is sane" if least is not None else f"at most {most:g} is sane"
