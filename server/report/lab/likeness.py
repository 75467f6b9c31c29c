"""How alike methods are: matrices of every agreement metric with intervals over images, and the order of a clustering.

The clustering is average linkage on 1 - mean rank correlation (scipy.cluster.hierarchy).
"""

from __future__ import annotations

import importlib
from typing import Any

import msgspec
import numpy as np

from server.report.lab.results import Case, Results
from server.report.lab.spread import Floats, Spread, spreads

BASIS = "spearman"
"""The metric that methods are clustered by."""


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """One agreement metric of one model."""

    task: str
    model: str
    metric: str
    methods: tuple[str, ...]
    pairs: dict[tuple[int, int], Spread]
    """Two methods, the first place smaller -> mean over images."""
    tree: tuple[tuple[int, int, float], ...] = ()
    """Joins: two nodes and their distance; leaves are the methods' places, node len(methods) + i is join i. Empty where a pair is
    undefined or the metric is not the basis."""
    order: tuple[int, ...] = ()
    """Places of the methods as the leaves of the tree stand; as they come where there is no tree."""

    def square(self) -> Floats:
        """Return the means, (methods, methods), 1 on the diagonal, NaN where undefined."""
        k = len(self.methods)
        made = np.full((k, k), np.nan)
        np.fill_diagonal(made, 1.0)
        for (a, b), spread in self.pairs.items():
            made[a, b] = made[b, a] = spread.mean
        return made


def likenesses(results: Results, case: Case) -> list[Likeness]:
    """Return every metric of two maps, in the summary's order."""
    found: list[Likeness] = []
    for info in results.lab.metrics:
        if info.reads != "pair" or info.name not in case.pairs:
            continue
        kept = case.pairs[info.name]
        keys = sorted(kept)
        places = {at: i for i, at in enumerate(sorted({at for key in keys for at in key}))}
        found_rows = spreads(np.array([kept[key] for key in keys]))
        rows = {(places[a], places[b]): row for (a, b), row in zip(keys, found_rows, strict=True)}
        task, model = case.key
        names = tuple(case.methods[at] for at in places)
        made = Likeness(task=task, model=model, metric=info.name, methods=names, pairs=rows)
        found.append(_clustered(made) if info.name == BASIS else made)
    return found


def _clustered(made: Likeness) -> Likeness:
    """Return the matrix with its tree; methods without any defined pair are left at the end, outside the tree."""
    square = made.square()
    some = [at for at in range(len(square)) if np.isfinite(square[at]).sum() > len(square) / 2]
    rest = [at for at in range(len(square)) if at not in some]
    part = square[np.ix_(some, some)]
    if len(some) < 2 or np.isnan(part).any():
        return msgspec.structs.replace(made, order=(*range(len(square)),))
    joins, leaves = cluster(1 - part)
    nodes = [*some, *range(len(square), len(square) + len(joins))]
    tree = tuple((nodes[a], nodes[b], d) for a, b, d in joins)
    return msgspec.structs.replace(made, tree=tree, order=(*(some[at] for at in leaves), *rest))


def cluster(distance: Floats) -> tuple[list[tuple[int, int, float]], list[int]]:
    """Return the joins and the order of the leaves of average linkage on a symmetric matrix of distances."""
    hierarchy: Any = importlib.import_module("scipy.cluster.hierarchy")
    k = len(distance)
    condensed = np.maximum(0.0, distance[np.triu_indices(k, 1)])
    linked = hierarchy.linkage(condensed, "average", optimal_ordering=True)
    joins = [(int(a), int(b), float(d)) for a, b, d, _ in linked.tolist()]
    return joins, [int(at) for at in hierarchy.leaves_list(linked).tolist()]
