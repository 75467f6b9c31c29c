"""What the numbers say in plain sentences: recommendations, sanity, and the methods paragraph written from what was run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from game.lab import Metric
from game.pairing import pick
from server.report.lab.components import VARIED
from server.report.lab.couples import Couple, pairings
from server.report.lab.numbers import Numbers
from server.report.lab.plots import plain
from server.report.lab.results import Case, Results
from server.report.lab.sizes import CITE, LIFT, ROUNDS
from server.report.lab.spread import RESAMPLES

STATISTICS = (
    f"A cell is the mean over images with a percentile bootstrap interval ({RESAMPLES:,} resamples of images; Efron & "
    "Tibshirani 1993, An Introduction to the Bootstrap); what is undefined is left out and counted, never zero. Two methods "
    "were compared by paired sign-flip tests of the mean difference (all sign patterns up to 16 images, 20,000 draws "
    "beyond; Ernst 2004, Statistical Science 19(4) 676-685), adjusted by Holm over all pairs of a model and metric (Holm "
    "1979, doi:10.2307/4615733). Agreement of metrics about methods is Kendall's W, corrected for ties (Kendall 1948, Rank "
    "Correlation Methods), over metrics of faithfulness, robustness, randomisation, localisation and axioms, controls left "
    "out. That metrics of one property need not agree is known (Tomsett et al. 2020, doi:10.1609/aaai.v34i04.6064); "
    "disagreement of methods: Krishna et al. 2022, arXiv:2202.01602. Variance components are those of images crossed with "
    "methods (Gleser, Cronbach & Rajaratnam 1965, Psychometrika 30(4) 395-418)"
)
WITHIN = 0.5
"""Standard deviations within which two methods count as alike."""
ALWAYS = 0.005
"""Shares closer to 0 or 1 than this are said in words."""


def comparison(c: Couple) -> str:
    """Return what two methods mean for a study, in a sentence or three."""
    return in_words([c])[0]


def in_words(couples: Sequence[Couple], *, where: bool = False) -> list[str]:
    """Return what pairs of methods mean for a study: pairs of which the same is to be said stand in one sentence, in their order.

    With `where`, each pair has its task and model beside it.
    """
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for c in couples:
        models = groups.setdefault(_advice(c), {})
        models.setdefault(f"{c.task} {c.model}: " if where else "", []).append(
            f"{plain(c.first)} and {plain(c.second)}"
        )
    return [
        before + "; ".join(model + ", ".join(pairs) for model, pairs in models.items()) + after
        for (before, after), models in groups.items()
    ]


def most(c: Couple) -> float:
    """Return a key by which those pairs come first that differ on most items, and those of which nothing is known last."""
    return -c.differ.mean if c.differ.n else 1.0


def _advice(c: Couple) -> tuple[str, str]:
    """Return the sentences about two methods, as what stands before their names and what after."""
    if not c.differ.n:
        alike = "" if math.isnan(c.likeness.mean) else f" Their maps correlate {c.likeness.mean:.2f}."
        return (
            f"On how many items these show different things is not known ({c.differ.why or 'no parts are known'}): ",
            f".{alike}",
        )
    share = c.differ.mean
    if share < ALWAYS:
        end = "As conditions of one study they can hardly differ: choose another pair, or compare one of them with no map."
        return f"These highlight the same part on all of {c.differ.n} items: ", f". {end}"
    apart = "at no number of people worth asking" if not c.people else f"at N = {c.people:,} per condition"
    fewer = f" ({c.people_selected:,} if only items on which they differ are played)"
    more = fewer if c.people_selected and c.people != c.people_selected else ""
    warn = "" if c.sane else " Not both pass a sanity check."
    return (
        f"On {share:.0%} of your items these show different things; {apart} you could tell them apart{more}: ",
        f".{warn}",
    )


def assumption() -> str:
    """Return how the numbers of people are found."""
    return (
        f"N: people per condition (between participants, {ROUNDS} rounds each) for 80 % power at two-sided 5 %, if an item on "
        f"which the two highlight different parts changes accuracy by {LIFT:.0%} and other items do not: the share of items "
        f"times {LIFT:.0%} is the difference. Normal approximation for two means ({CITE}) with the variances that coplay check "
        "assumes (accuracy 70 %, SD between people 15 points). More people are needed where the effect is smaller: half the "
        "effect takes four times as many."
    )


def sanity(results: Results, case: Case) -> str:
    """Return which methods fail the checks, in a sentence."""
    ours = [s for s in results.items.sanity if (s.task, s.model) == case.key and s.method not in results.controls]
    failed = [s for s in ours if s.sane is False]
    unknown = [s for s in ours if s.sane is None]
    if not ours or len(unknown) == len(ours):
        return "No sanity check could be made."
    told = f"{len(ours) - len(failed) - len(unknown)} of {len(ours)} methods pass the sanity checks"
    if failed:
        told += "; " + ", ".join(f"{plain(s.method)} fails ({s.because})" for s in failed)
    return told + (f"; {len(unknown)} could not be checked." if unknown else ".")


MATCHED = ("deletion_blur", "insertion_blur", "sparseness")
"""Metrics that a suggested pair is alike on, as far as they were run."""


def matched(results: Results, couples: Sequence[Couple]) -> str:
    """Return the pair of methods that a study could compare: alike on named metrics, unlike in what they show."""
    known = {m.name for m in results.lab.metrics}
    faithful = [m.name for m in results.lab.metrics if m.family == "faithfulness"]
    metrics = [m for m in MATCHED if m in known] or faithful[:1]
    asked = f"{listed([plain(m) for m in metrics])} (at most {WITHIN:g} SD apart on each)"
    if not metrics:
        return "No pair can be matched: no metric of faithfulness was run."
    best = pick(pairings(tuple(couples)).pairs, metrics, WITHIN, sane=True)
    if best is None or not best.differ:
        return f"No two methods that pass the sanity checks are alike on {asked} and show different things."
    like = ", ".join(f"{best.apart[m]:.2f}" for m in metrics)
    return (
        f"A matched pair, of those that are alike on {asked} the one that differs most: {plain(best.first)} and "
        f"{plain(best.second)}, {like} SD apart, highlight different parts on {best.differ:.0%} of {best.items} items. "
        f'In a study file: [lab] results = "...", model = "{best.model}", '
        f'pair = ["{best.first}", "{best.second}"].'
    )


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def difference(couples: Sequence[Couple]) -> str:
    """Return how often two methods show different things, over all pairs of one model."""
    known = [c.differ.mean for c in couples if c.differ.n]
    if not known:
        return "Which part a map highlights is not known for these pictures."
    ordered = sorted(known)
    middle = ordered[len(ordered) // 2]
    return (
        f"Two methods highlight different parts on {middle:.0%} of the items (median of {len(known)} pairs; "
        f"from {ordered[0]:.0%} to {ordered[-1]:.0%})."
    )


def paragraph(results: Results, made: Numbers) -> list[str]:
    """Return the methods section: what was run, on what, and how it was judged, with its sources."""
    lab = results.lab
    tasks = "; ".join(
        f"{t.name} ({len(t.specimens)} specimens"
        + (", exact masks of " + ", ".join(map(plain, t.cues["evidence"])) if t.cues.get("evidence") else "")
        + ")"
        for t in lab.tasks
    )
    models = "; ".join(
        f"{m.task}: {m.name}, {m.architecture}"
        + (f", {m.kind}" if m.kind else "")
        + ("" if m.accuracy is None else f", right on {m.accuracy:.0%} of them")
        for m in lab.models
    )
    ours = [m for m in lab.methods if not m.control]
    controls = [m for m in lab.methods if m.control]
    told = [
        f"Explanations were compared with {lab.created_by} (preset {lab.preset}, seed {lab.seed}) on {tasks}. Models: {models}.",
        f"{len(ours)} methods were run: {_named([(m.key, m.cite) for m in ours])}."
        + (f" Controls: {_named([(m.key, m.cite) for m in controls])}." if controls else ""),
        *_metrics(lab.metrics),
        _statistics(made),
    ]
    if lab.versions:
        told.append(
            "Software: " + ", ".join(f"{name} {value}" for name, value in sorted(lab.versions.items()) if value) + "."
        )
    return told


def _named(pairs: Sequence[tuple[str, str]]) -> str:
    return "; ".join(plain(name) + (f" ({cite})" if cite else "") for name, cite in pairs)


def _metrics(metrics: Sequence[Metric]) -> list[str]:
    families = dict.fromkeys(m.family for m in metrics)
    return [
        f"{family.capitalize()}: {_named([(m.name, m.cite) for m in metrics if m.family == family])}."
        for family in families
    ]


def _statistics(made: Numbers) -> str:
    varied = [s for s in VARIED if any(c.source == s and c.n for one in made.sources for c in one.rows)]
    repeated = f", and the spread over {', '.join(f'{s}s' for s in varied)}" if varied else ""
    return STATISTICS + repeated + ". Methods are clustered by average linkage on 1 - mean Spearman correlation."
