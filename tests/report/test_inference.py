"""Effects: the standard methods agree with each other and with hand-made values; what cannot be told has a reason and no number."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from game.registry import importer
from game.round import Round
from server.report.inference.bayes import bayes
from server.report.inference.clustered import cluster_robust, odds_ratio
from server.report.inference.comparison import compare, pairs_of, reference_of
from server.report.inference.crossed import Crossed, fit
from server.report.inference.effect import Effect
from server.report.inference.effects import comparisons, effects, every_method
from server.report.inference.equivalence import equivalence
from server.report.inference.families import adjust
from server.report.inference.frame import frame
from server.report.inference.marginal import gee
from server.report.inference.mixed import mixed_logit
from server.report.inference.permuted import max_t
from server.report.inference.resampled import bootstrap
from server.report.inference.sandwich import two_way
from server.report.inference.small import small_clusters, wild_bootstrap
from tests.bench.inference import world

PUBLISHED = {
    "taesiri2022-imagenet": {"kNN": 1.88, "CHM-NN": 1.71, "CHM-Corr": 1.63, "EMD-NN": 1.60, "EMD-Corr": 1.37},
    "taesiri2022-cub": {"CHM-Corr": 0.61, "EMD-Corr": 0.69, "kNN": 1.41, "EMD-NN": 1.28, "CHM-NN": 1.11},
}
"""Odds of accepting a wrong AI against the arm without explanation, from one joint GEE over all arms of a study."""


@pytest.fixture(scope="module")
def rounds():
    return world(3, people=30, rounds=12, items=24, effect=0.6)


@pytest.fixture(scope="module")
def plain(rounds):
    return compare(rounds, "accuracy", "map", "plain")


@pytest.mark.slow
def test_odds_of_over_acceptance_have_opposite_signs_on_the_two_tasks(taesiri_folder):
    rounds = importer["taesiri2022"].thing(taesiri_folder, False).rounds
    made = {}
    for study, arm, reference in pairs_of(rounds):
        assert reference == "ResNet-50"
        made[study, arm] = gee(compare(rounds, "over_reliance", arm, reference, study=study))
    for study, arms in PUBLISHED.items():
        for arm, odds in arms.items():
            assert made[study, arm].estimate == pytest.approx(odds, abs=0.011), (study, arm)
    assert made["taesiri2022-imagenet", "CHM-Corr"].low > 1 > made["taesiri2022-cub", "CHM-Corr"].high
    assert made["taesiri2022-imagenet", "EMD-Corr"].low > 1 > made["taesiri2022-cub", "EMD-Corr"].high


def test_the_default_is_what_statsmodels_and_our_own_sum_of_scores_give(plain):
    made = cluster_robust(plain)
    assert made.estimate == pytest.approx(plain.means[0] - plain.means[1])
    z = plain.x - plain.x.mean()
    scores = z * (plain.y - np.where(plain.x == 1, *plain.means)) / float(z @ z)
    assert made.se == pytest.approx(math.sqrt(two_way(scores, plain.person, plain.item)), rel=0.05)
    assert made.df == min(made.clusters.participants, made.clusters.items) - 1
    assert made.low < made.estimate < made.high


def test_methods_agree_where_they_ask_the_same(plain):
    made = {each.name.split("(")[1][:-1]: each for each in every_method(plain)}
    difference = made["cluster_robust"].estimate
    assert made["bootstrap"].estimate == pytest.approx(difference)
    assert made["small_clusters by participant"].estimate == pytest.approx(difference)
    marginal, conditional = math.log(made["odds_ratio"].estimate), math.log(made["mixed_logit"].estimate)
    assert math.log(made["gee"].estimate) == pytest.approx(marginal, abs=0.1)
    assert conditional > marginal  # conditional effects are further from none
    assert wild_bootstrap(plain, resamples=199).p == pytest.approx(small_clusters(plain).p, abs=0.1)


def test_the_bootstrap_over_both_sides_is_as_wide_as_the_default_and_not_as_its_draws(rounds):
    for within in (False, True):
        comparison = compare(world(4, within=within, items=30), "accuracy", "map", "plain")
        made, default = bootstrap(comparison, resamples=1000), cluster_robust(comparison)
        assert made.se == pytest.approx(default.se, rel=0.15)
        assert (made.low, made.high) == pytest.approx((default.low, default.high), abs=0.45 * default.se)
        assert made.details["se_before"] > made.se * (
            1.5 if within else 1.15
        )  # what is chance in a round counts thrice
    people = bootstrap(compare(rounds, "accuracy", "map", "plain"), resamples=400, items=False)
    assert people.details["se_before"] == people.se


def test_draws_have_a_seed(plain, rounds):
    assert bootstrap(plain, seed=4, resamples=200) == bootstrap(plain, seed=4, resamples=200)
    assert bootstrap(plain, seed=4, resamples=200).low != bootstrap(plain, seed=5, resamples=200).low
    two = [compare(rounds, name, "map", "plain") for name in ("accuracy", "time")]
    assert max_t(two, seed=2, resamples=99) == max_t(two, seed=2, resamples=99)


def test_quadrature_and_laplace_are_near_the_whole_integral():
    draw = np.random.default_rng(5)
    person, item = np.repeat(np.arange(12), 8), np.tile(np.repeat([0, 1], 4), 12)
    log_odds = 0.3 + 0.8 * draw.normal(size=12)[person] + np.array([0.5, -0.4])[item]
    y = (draw.random(96) < 1 / (1 + np.exp(-log_odds))).astype(float)
    x = np.ones((96, 1))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    total = 0.0
    for one, w in zip(nodes, weights, strict=True):
        for two, v in zip(nodes, weights, strict=True):
            eta = (0.3 + 0.6 * np.array([one, two])[item])[:, None] + 0.8 * nodes
            each = np.where(y[:, None] == 1, 1, -1) * eta
            logs = np.add.reduceat(-np.logaddexp(0, -each), np.arange(0, 96, 8), axis=0)
            total += w * v * np.exp(np.log((np.exp(logs) * weights).sum(axis=1)).sum())
    model = Crossed(y, x, person, item)
    found = [model.log_likelihood(np.array([0.3]), 0.8, 0.6) for _ in range(3)][-1]
    assert found == pytest.approx(math.log(total), abs=0.01)
    alone = Crossed(y, x, person, None)
    exact = np.log((np.exp(np.add.reduceat(
        -np.logaddexp(0, -np.where(y[:, None] == 1, 1, -1) * (0.3 + 0.8 * nodes)), np.arange(0, 96, 8), axis=0
    )) * weights).sum(axis=1)).sum()  # fmt: skip
    assert alone.log_likelihood(np.array([0.3]), 0.8, 0.0) == pytest.approx(exact, abs=1e-6)


def test_the_mixed_logit_recovers_what_was_put_in():
    draw = np.random.default_rng(11)
    person, item = np.repeat(np.arange(60), 20), np.tile(np.arange(20), 60)
    x = (person % 2).astype(float)
    log_odds = 0.2 + 0.8 * x + 0.7 * draw.normal(size=60)[person] + 0.5 * draw.normal(size=20)[item]
    y = (draw.random(len(x)) < 1 / (1 + np.exp(-log_odds))).astype(float)
    made = fit(y, np.column_stack([np.ones_like(x), x]), person, item)
    assert made.converged
    assert made.weights[1] == pytest.approx(0.8, abs=2.5 * math.sqrt(made.covariance[1, 1]))
    assert made.sd_inner == pytest.approx(0.7, abs=0.3)
    assert made.sd_outer == pytest.approx(0.5, abs=0.25)


@pytest.mark.slow
def test_the_mixed_logit_is_where_statsmodels_variational_fit_is():
    """Its point estimates serve for comparison; its intervals are known to be too narrow."""
    models = pytest.importorskip("statsmodels.genmod.bayes_mixed_glm")
    draw = np.random.default_rng(8)
    person, item = np.repeat(np.arange(40), 15), np.tile(np.arange(15), 40)
    x = (person % 2).astype(float)
    log_odds = 0.2 + 0.8 * x + 0.7 * draw.normal(size=40)[person] + 0.5 * draw.normal(size=15)[item]
    y = (draw.random(len(x)) < 1 / (1 + np.exp(-log_odds))).astype(float)
    columns = np.column_stack([np.ones_like(x), x])
    random = np.hstack([np.eye(40)[person], np.eye(15)[item]])
    theirs = models.BinomialBayesMixedGLM(y, columns, random, [0] * 40 + [1] * 15, vcp_p=2, fe_p=10).fit_vb()
    ours = fit(y, columns, person, item)
    assert ours.weights == pytest.approx(theirs.fe_mean, abs=0.12)
    assert [ours.sd_inner, ours.sd_outer] == pytest.approx(np.exp(theirs.vcp_mean), abs=0.15)


def test_equivalence_needs_the_interval_inside_the_margin():
    made = Effect(name="x", outcome="accuracy", contrast="a", reference="b", estimate=0.01, se=0.01, p=0.3)
    near = equivalence(made, 0.05).equivalence
    assert near.equivalent
    assert near.p == pytest.approx(3.1671e-5, rel=1e-3)  # normal: 1 - Phi(4)
    assert -0.05 < near.low < near.high < 0.05
    assert not equivalence(replace(made, se=0.04), 0.05).equivalence.equivalent
    ratio = replace(made, scale="odds ratio", estimate=1.02, se=0.03)
    assert equivalence(ratio, 1.2).equivalence.equivalent
    with pytest.raises(ValueError, match="above 1"):
        equivalence(ratio, 0.2)


@pytest.mark.slow
def test_families_are_adjusted_apart_and_what_is_undefined_is_no_test():
    def made(p, family):
        return Effect(name="x", outcome="o", contrast="a", reference="b", p=p, family=family)

    found = adjust([made(0.01, "confirmatory"), made(0.04, "confirmatory"), made(math.nan, "confirmatory"),
                    made(0.01, "exploratory"), made(0.02, "exploratory"), made(0.5, "exploratory")])  # fmt: skip
    assert [each.p_adjusted for each in found[:2]] == [pytest.approx(0.02), pytest.approx(0.04)]
    assert math.isnan(found[2].p_adjusted)
    assert [each.p_adjusted for each in found[3:]] == [pytest.approx(0.03), pytest.approx(0.03), pytest.approx(0.5)]
    assert (found[0].adjustment, found[3].adjustment) == ("Holm, 2 tests", "Benjamini-Hochberg, 3 tests")


@pytest.mark.slow
def test_a_report_compares_with_the_arm_without_explanation(rounds):
    assert reference_of(rounds) == "plain"
    alone = [replace(each, condition="solo", protocol="alone", ai_shown=False, explanation_shown=False, followed=None,
                     explanation_kind="none") for each in rounds]  # fmt: skip
    found = effects([*rounds, *alone], confirmatory=["over_reliance"], margins={"accuracy": 0.2})
    names = {each.name for each in found}
    assert "accuracy: map - plain (cluster_robust)" in names
    assert "accuracy: plain - solo (cluster_robust)" in names
    assert not any("solo" in each.name for each in found if each.outcome == "over_reliance")
    by_name = {each.name: each for each in found}
    assert by_name["over_reliance: map - plain (cluster_robust)"].family == "confirmatory"
    accuracy = by_name["accuracy: map - plain (cluster_robust)"]
    assert (accuracy.equivalence.margin, accuracy.equivalence.declared) == (0.2, True)
    assert "different protocols" in by_name["accuracy: map - solo (cluster_robust)"].warnings[0]
    assert found == effects([*rounds, *alone], confirmatory=["over_reliance"], margins={"accuracy": 0.2})


def test_times_are_ratios_and_signals_have_d_prime(rounds):
    slow = [replace(each, total_ms=each.total_ms * 2) if each.condition == "map" else each for each in rounds]
    made = cluster_robust(compare(slow, "time", "map", "plain"))
    assert made.scale == "ratio"
    assert made.estimate == pytest.approx(2, rel=0.15)
    for name, scale in (("dprime", "d'"), ("criterion", "criterion")):
        each = cluster_robust(compare(rounds, name, "map", "plain"))
        assert each.defined
        assert each.scale == scale
    assert cluster_robust(compare(rounds, "dprime", "map", "plain")).estimate > 0  # more right answers, less error


def test_a_frame_has_the_published_names_and_keeps_the_unknown(rounds):
    made = frame([*rounds[:2], Round(study="w", participant="p", condition="c", round=1, specimen="x")])
    assert {"subject_id", "stimulus_id", "condition_id", "followed_ai", "rt_ms"} <= set(made.columns)
    assert made["correct"].isna().tolist() == [False, False, True]
    assert str(made["correct"].dtype) == "boolean"
    assert len(frame([])) == 0


def test_without_bambi_the_bayesian_model_says_what_to_install(plain):
    pytest.importorskip("pandas")
    try:
        import bambi  # noqa: F401
    except ImportError:
        assert "coplay[bayes]" in bayes(plain).undefined_because


def everything(comparison):
    made = [*every_method(comparison), bootstrap(comparison, resamples=50), odds_ratio(comparison), gee(comparison)]
    return [
        *made,
        mixed_logit(comparison),
        wild_bootstrap(comparison, resamples=99),
        *max_t([comparison], resamples=50),
    ]


def of(rounds, **changes):
    return [replace(each, **changes) for each in rounds]


def bad(rounds):
    yield "no scored round of map", [each for each in rounds if each.condition == "plain"]
    yield "only one participant in map", [e for e in rounds if e.condition == "plain" or e.participant == "p1"]
    yield "all answers are equal", of(rounds, correct=True)
    yield "do not vary within either condition", [replace(e, correct=e.condition == "map") for e in rounds]
    mixed = [replace(e, protocol="two_stage") if e.condition == "map" and e.round > 6 else e for e in rounds]
    yield "several protocols, which are not pooled", mixed
    yield "several sources, which are not pooled", [*rounds, *of(rounds[:40], source="imported")]
    yield "no scored round of map", []
    yield "no scored round of map", of(rounds, correct=None)


def test_bad_input_has_a_reason_and_no_number(rounds):
    for why, wrong in bad(rounds):
        for each in everything(compare(wrong, "accuracy", "map", "plain")):
            assert why in each.undefined_because, each.name
            assert all(math.isnan(value) for value in (each.estimate, each.low, each.high, each.p, each.se))
        assert effects(wrong) is not None


def test_separation_leaves_the_difference_and_takes_the_odds(rounds):
    wrong = [replace(e, correct=True) if e.condition == "map" else e for e in rounds]
    comparison = compare(wrong, "accuracy", "map", "plain")
    assert cluster_robust(comparison).defined
    for method in (odds_ratio, gee, mixed_logit):
        assert "separation: in map every answer is 1" in method(comparison).undefined_because
    followed = [replace(e, followed=True) for e in rounds]
    assert "d' is not finite" in cluster_robust(compare(followed, "dprime", "map", "plain")).undefined_because


def test_one_specimen_for_all_says_nothing_of_others(rounds):
    made = cluster_robust(compare(of(rounds, specimen="x"), "accuracy", "map", "plain"))
    assert made.defined
    assert "one specimen" in made.warnings[0]


def test_outcomes_that_a_study_lacks_are_left_out(rounds):
    assert {each.outcome.name for each in comparisons(rounds)} == {
        "accuracy", "over_reliance", "under_reliance", "dprime", "criterion", "agreement", "time",
    }  # fmt: skip
