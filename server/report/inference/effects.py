"""The effects of a report: every outcome of every condition against its reference, each test once, adjusted by family."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec.structs import replace

from game.round import Round
from server.report.inference.cautions import warnings_for
from server.report.inference.clustered import cluster_robust, odds_ratio
from server.report.inference.comparison import Comparison, compare, pairs_of
from server.report.inference.effect import Caution, Effect
from server.report.inference.equivalence import equivalence
from server.report.inference.families import adjust
from server.report.inference.marginal import gee
from server.report.inference.mixed import mixed_logit
from server.report.inference.outcomes import OUTCOMES
from server.report.inference.resampled import bootstrap
from server.report.inference.small import small_clusters, wild_bootstrap

MIXED_ROUNDS = 20_000
"""Rounds above which the mixed logit is left out of the default, as it takes its time."""
SMALL = 40
"""Participants below which the small-cluster correction stands beside the default."""


def effects(
    rounds: Sequence[Round], *, margins: Mapping[str, float] | None = None, confirmatory: Collection[str] = (),
    seed: int = 1, reference: str = "", level: float = 0.95,
) -> tuple[Effect, ...]:  # fmt: skip
    """Return the default effects: two-way cluster-robust, per study, outcome, condition and reference.

    Args:
        rounds: All rounds, of any studies and conditions; nothing is pooled over studies, sources or protocols.
        margins: Outcome -> equivalence margin that was declared beforehand; others have our defaults, marked as such.
        confirmatory: Outcomes, or names of effects, that were declared as confirmatory; Holm within them and a study, Benjamini-
            Hochberg within the rest.
        seed: Of whatever draws; the default effects draw nothing.
        reference: Condition to compare with, where its name stands in a study; by default the one with the AI and no explanation.
        level: Coverage of the intervals.

    An outcome that no condition of a study has is left out; one that a condition lacks is undefined with the reason.
    """
    del seed
    cautions = warnings_for(rounds)
    made: list[Effect] = []
    for comparison in comparisons(rounds, reference):
        each = _cautioned(cluster_robust(comparison, level=level), cautions)
        chosen = each.outcome in confirmatory or each.name in confirmatory
        each = replace(each, family="confirmatory" if chosen else "exploratory")
        declared = margins is not None and each.outcome in margins
        margin = (margins or {}).get(each.outcome, comparison.outcome.margin)
        if margin > 0 and each.scale != "ratio":
            each = equivalence(each, margin, declared=declared, alpha=round(1 - level, 10))
        made.append(each)
    studies = dict.fromkeys(each.study for each in made)
    adjusted = {study: iter(adjust([each for each in made if each.study == study])) for study in studies}
    return tuple(next(adjusted[each.study]) for each in made)


def comparisons(rounds: Sequence[Round], reference: str = "", outcomes: Collection[str] = ()) -> Iterator[Comparison]:
    """Yield every default comparison: by study and pair of conditions, outcome by outcome (all, or those named).

    With a condition alone only what people do without an AI as well is compared: accuracy, time, confidence.
    """
    pairs = pairs_of(rounds, reference)
    for study in dict.fromkeys(pair[0] for pair in pairs):
        mine = [each for each in rounds if each.study == study and each.scored]
        alone = {each.condition for each in mine if each.protocol == "alone"}
        for name, outcome in OUTCOMES.items():
            if (outcomes and name not in outcomes) or not any(outcome.read(e) is not None for e in mine):
                continue
            for _, contrast, other in (pair for pair in pairs if pair[0] == study):
                if other in alone and name not in ("accuracy", "time", "confidence"):
                    continue
                two = [each for each in mine if each.condition in (contrast, other)]
                yield compare(two, name, contrast, other, study=study)


def every_method(
    comparison: Comparison, *, seed: int = 1, level: float = 0.95, mixed_rounds: int = MIXED_ROUNDS
) -> tuple[Effect, ...]:
    """Return one comparison by all methods that fit it, the default first: do they agree? None of them is adjusted.

    The mixed logit is left out above `mixed_rounds`, as it takes its time.
    """
    methods: list[Callable[[], Effect]] = [lambda: cluster_robust(comparison, level=level)]
    if comparison.outcome.kind != "signal":
        methods.append(lambda: bootstrap(comparison, seed=seed, level=level))
        if comparison.clusters.participants < SMALL:
            methods.append(lambda: small_clusters(comparison, level=level))
            methods.append(lambda: wild_bootstrap(comparison, seed=seed, level=level))
    if comparison.outcome.kind == "share":
        methods += [lambda: odds_ratio(comparison, level=level), lambda: gee(comparison, level=level)]
        if len(comparison.y) <= mixed_rounds:
            methods.append(lambda: mixed_logit(comparison, level=level))
    return tuple(method() for method in methods)


def _cautioned(effect: Effect, cautions: Sequence[Caution]) -> Effect:
    told = [each.text for each in cautions if each.where == effect.study and effect.outcome in each.outcomes]
    return replace(effect, warnings=(*effect.warnings, *told))
