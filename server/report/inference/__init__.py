"""Inference: from rounds to effects of conditions, with participants and specimens as clusters.

`effects(rounds, margins=, confirmatory=, seed=)` is what the report and `coplay measure` print by default. Every method takes a
`Comparison` (see `compare`) and returns an `Effect`, which is undefined with a reason where the data cannot give it:

    frame(rounds) -> pandas.DataFrame                                      frame.py
    compare(rounds, outcome, contrast, reference) -> Comparison            comparison.py
    cluster_robust(comparison) -> Effect                                   clustered.py    two-way by participant and specimen
    gee(comparison), odds_ratio(comparison) -> Effect                      marginal.py
    mixed_logit(comparison) -> Effect                                      mixed.py        own Gauss-Hermite
    bootstrap(comparison, seed=, resamples=) -> Effect                     resampled.py    participants and specimens
    small_clusters(comparison), wild_bootstrap(comparison, seed=)          small.py        CR2 with Satterthwaite; wild bootstrap
    equivalence(effect, margin) -> Effect                                  equivalence.py  two one-sided tests
    adjust(effects) -> tuple[Effect, ...]                                  families.py     Holm, Benjamini-Hochberg
    max_t(comparisons, seed=) -> tuple[Effect, ...]                        permuted.py
    intention_to_treat, as_treated, cace(comparison, exposed=)             exposure.py
    ipw(rounds, ...) -> Effect                                             weighted.py     shadow rounds and probes
    both_ways(rounds, rules, of) -> tuple[BothWays, ...]                   exclusions.py   from pre-treatment data only
    bayes(comparison, seed=) -> Effect                                     bayes.py        optional extra
    warnings_for(rounds) -> tuple[Caution, ...]                            cautions.py
    effects(rounds, margins=, confirmatory=, seed=) -> tuple[Effect, ...]  effects.py

Nothing heavy is imported before a method is called (see libraries.py).
"""
