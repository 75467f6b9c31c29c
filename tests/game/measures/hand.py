"""A table by hand: for each measure rounds, and the value that a person counted or worked out from them. None is nought.

What the rounds are is told where they are made; the way to a value that is not plain counting stands beside it.
"""

import math
from statistics import NormalDist

from msgspec.structs import replace

from tests.game.measures import test_bias as bias
from tests.game.measures import (
    test_by_hand,
    test_confidence,
    test_decision_theory,
    test_exposure,
    test_learned,
    test_lens,
)
from tests.game.measures import test_judging as judging
from tests.game.measures import test_mapped as mapped
from tests.game.measures import test_modes as modes
from tests.game.measures import test_signal as signal
from tests.game.measures import test_turns as turns
from tests.game.measures import test_weight as weight
from tests.game.measures.table import a_round, alone, rounds_from
from tests.game.test_measures_golden import ALONE, ASKED, TWO_STAGE, WHO

EXACT = 1e-9
Z = NormalDist().inv_cdf
LOG3 = math.log(3)

COUNTED = {
    "accuracy_team": (TWO_STAGE, 4 / 10),
    "accuracy_alone": (ALONE, 3 / 4),
    "accuracy_own": (TWO_STAGE, 4 / 10),
    "accuracy_ai": (TWO_STAGE, 4 / 10),
    "agreement": (TWO_STAGE, 5 / 10),
    "over_reliance": (TWO_STAGE, 3 / 6),
    "under_reliance": (TWO_STAGE, 2 / 4),
    "switch": (TWO_STAGE, 3 / 8),
    "rair": (TWO_STAGE, 1 / 3),
    "rsr": (TWO_STAGE, 1 / 3),
    "over_reliance_two_stage": (TWO_STAGE, 1 / 3),
    "under_reliance_two_stage": (TWO_STAGE, 2 / 3),
    "reliance_distance": (TWO_STAGE, 2 / 3),
    "own_ms_mean": (TWO_STAGE, 14_500),
    "own_ms_median": (TWO_STAGE, 5500),
    "final_ms_mean": (TWO_STAGE, 7250),
    "final_ms_median": (TWO_STAGE, 2750),
    "total_ms_mean": (TWO_STAGE, 29_000),
    "total_ms_median": (TWO_STAGE, 11_000),
    "delegation_rate": (WHO, 2 / 5),
    "request_rate": (ASKED, 3 / 4),
    "handover_share": (WHO, 1 / 6),
}

CLASSES = [a_round(n, final="a" if n < 9 else "b") for n in range(1, 11)]  # a: 8 of 10
CLASSES += [a_round(n, truth="b", final=final) for n, final in ((11, "a"), (12, "b"))]  # b: 1 of 2
DISCERNED = {
    "appropriate_reliance": (rounds_from("a b a; b a b; a a a; b a a", protocol="two_stage"), 2 / 3),
    "balanced_accuracy": (CLASSES, (0.8 + 0.5) / 2),
    "lowest_recall": (CLASSES, 0.5),
    "selectivity": (rounds_from("b a a;b a a;b a b;a b b;a b a;a a a", protocol="two_stage"), 2 / 3 - 1 / 2),
    "weight_of_advice": (weight.HAND, 2 / 9),
    "weight_of_advice_raw": (weight.HAND, (2 / 3 + 0 - 1) / 3),
    "weight_of_advice_outside": (weight.HAND, 1 / 3),
    "dprime": (signal.rounds(9, 10, 2, 8), Z(9.5 / 11) - Z(2.5 / 9)),
    "criterion": (signal.rounds(9, 10, 2, 8), -(Z(9.5 / 11) + Z(2.5 / 9)) / 2),
    "dprime_mixed": (test_by_hand.alike(6, 2), 2 * Z(0.75), 0.01),  # people who are alike: the plain d'
    "criterion_mixed": (test_by_hand.alike(6, 6), -Z(0.75), 0.02),
    "confidence_heed": (test_by_hand.heeding(), 2 * LOG3 / 0.3, 0.01),  # from 1 of 4 to 3 of 4 over 0.3
    "own_influence": (test_by_hand.either(), 0.5 + test_by_hand.EXTRA),
    "ai_influence": (test_by_hand.either(), 0.5 + test_by_hand.EXTRA),
    "mediation_balance": (test_by_hand.either(), 1),
}

SURE = test_confidence.HAND
GUESSES = test_confidence.sure(*[(1, n % 2 == 0) for n in range(100)])
SURENESS = {
    "brier": (SURE, (0 + 0 + 0.0625 + 0.5625 + 0.25) / 5),
    "brier_reliability": (SURE, (0 + 2 * 0.25**2 + 0.5**2) / 5),
    "brier_resolution": (SURE, (2 * 0.4**2 + 2 * 0.1**2 + 0.6**2) / 5),
    "brier_uncertainty": (SURE, 0.6 * 0.4),
    "overconfidence": (SURE, 0.8 - 0.6),
    "type2_auroc": (SURE, 5.5 / 6),
    "ece": (SURE * 20, 0.2),
    # 100 who say one half: the mean of |heads - 50| of 100 coins is 50 C(100, 50) / 2^100, in 1,000 draws
    "ece_if_calibrated": (GUESSES, 50 * math.comb(100, 50) / 2**100 / 100, 0.06),
}

FORESEEN = [
    a_round(n, predicted="a" if n <= 3 else "b", predicted_confidence=5, options=("a", "b")) for n in range(1, 5)
]
JUDGED = [
    a_round(n, agree=agree, ai=ai)
    for n, (agree, ai) in enumerate(((4, "a"), (2, "a"), (3, "b"), (1, "b"), (4, "b")), 1)
]
ESTIMATED = [a_round(n, protocol="other", estimate=said, accuracy_shown=0.7) for n, said in ((1, 90.0), (2, 60.0))]
JUDGING = {
    "simulation_accuracy": (FORESEEN, 3 / 4),
    "illusion_of_understanding": (FORESEEN, 1 - 3 / 4),
    "verification_accuracy": (JUDGED, 2 / 5),
    "false_agreement": (JUDGED, 2 / 3),
    "distinction_accuracy": ([replace(each, candidate="a") for each in JUDGED], 2 / 5),
    "deployment": ([replace(each, deploy="yes" if each.round < 3 else "no") for each in JUDGED], 2 / 5),
    "estimated_minus_true_accuracy": (ESTIMATED, 0.75 - 0.7),
}

MAPS = [mapped.shown(n, follow=n % 12 < (9 if n >= 12 else 3), map_plausibility=float(n >= 12)) for n in range(24)]
MASSES = [
    mapped.shown(n, follow=True, explanation_ms=ms, map_mass=mass)
    for n, (ms, mass) in enumerate(((1000, 0.5), (3000, 0.25)))
]
TWO_DWELLS = [
    a_round(n, protocol="two_stage", own=own, explanation_ms=ms, method="gradcam", explanation_shown=True)
    for n, (own, ms) in enumerate([("a", 3000), ("a", 5000), ("b", 1000)])
]
SHOWN = {
    "explanation_seen": (test_exposure.HAND, 2 / 4),
    "explanation_ms_median": (test_exposure.HAND, 2500),
    "explanation_ms_per_round": (test_exposure.HAND, 1250),
    "guide_use": (test_exposure.HAND, 1 / 4),
    "zoom_use": (test_exposure.HAND, 1 / 4),
    "flip_use": (test_exposure.HAND, 1 / 4),
    "parts_asked": (test_exposure.HAND, 2 / 4),
    "selective_exposure": (TWO_DWELLS, 4000 - 1000),
    "plausibility_bias": (MAPS, LOG3, 0.01),  # 3 of 12 and 9 of 12; one standard deviation of the score is 1/2
    "dwell_on_mass": (MASSES, (500 + 750) / 2),
}

# two classes, first opinions of 1/2; the AI is right in 60 of 80, so its word is worth log 3; who agree move to 3/4, which is
# log 3, and who disagree stay: b2 = 1 and b3 = 0
CONFIRMING = [
    a_round(n, protocol="two_stage", options=("a", "b"), truth="a" if n % 4 else "b", own="a" if n < 40 else "b", own_confidence=1,
            ai="a", final="a" if n < 40 else "b", final_confidence=3 if n < 40 else 1)
    for n in range(80)
]  # fmt: skip
SEVEN_IN_A_ROW = [
    each for n, (early, later) in enumerate([
        ("R1 R1 R1 R1 R1", "R1 R1"), ("R1 R1 R1 W1 W1", "R1 R0"), ("R1 W1 W1 W1 W1", "R0 R0"),
    ]) for each in bias.sequence(f"{early} {later}", participant=f"p{n}")
]  # fmt: skip
DRAWN = [alone(n, f"s{n}", specimen="x", final=f) for n, f in enumerate("abbb")]
DRAWN += [a_round(n, f"p{n}", specimen="x", ai="a", final=f) for n, f in enumerate("aabb")]
NAMED = [
    a_round(n, f"p{n}", specimen=item, attributed=who, final=final)
    for n, (item, who, final) in enumerate([
        ("x", "human", "a"), ("x", "human", "a"), ("x", "ai", "a"), ("x", "ai", "b"),  # 1 - 1/2
        ("y", "human", "b"), ("y", "ai", "b"), ("z", "human", "a"),  # 0 - 0; z was never an AI's
    ])
]  # fmt: skip
BIASES = {
    "automation_bias": (bias.arm(bias.REAL, "11", "110") + bias.arm({}, "00", "1000"), 2 / 3 - 1 / 4),
    "placebo_persuasion": (bias.arm(bias.FAKE, "11", "10") + bias.arm({}, "10", "00"), 3 / 4 - 1 / 4),
    "placebo_information": (
        bias.arm(bias.REAL, "1" * 8, "0" * 8) + bias.arm(bias.FAKE, "10" * 4, "10" * 4), 2 * Z(8.5 / 9),
    ),
    "after_error_drop": (bias.sequence("R1 R1 W0 R0", **bias.TOLD), 1 / 2 - 0),
    "anchoring": (DRAWN, (1 / 2 - 1 / 4) / (3 / 4)),
    "first_impression": (SEVEN_IN_A_ROW, 1.25),  # early 1, .6, .2; later 1, .5, 0
    "confirmation": (CONFIRMING, 1),
    "aversion": (NAMED, (1 / 2 + 0) / 2),
    "trust_gain": (test_learned.played(test_learned.RIGHT, test_learned.LAST), 1),
    "trust_loss": (test_learned.played(test_learned.RIGHT, test_learned.LAST), 1),
    "response_to_evidence": (test_lens.EVIDENCE, 0.5 * (1 / 4 + 1 / 4)),
    "response_to_advice": (test_lens.ADVICE, 0.5 * (1 / 2 + 3 / 4)),
}  # fmt: skip

HASTY = [modes.seen(1, 100), modes.seen(2, 100, final="b"), modes.seen(3, 5000)]
CHOSEN = [a_round(n, block=f"b{n // 4}", arrangement="ai_instead" if n < 4 else "alone") for n in range(12)]
MODES = {
    "mediation_rate": (modes.RUN, 4 / 12),
    "unengaged_acceptance": (modes.RUN, 8 / 12),
    "unengaged_override": (HASTY, 1 / 3),
    "unconditional_acceptance": (modes.RUN, 8 / 12),
    "explicit_substitution": (modes.HANDED, 3 / 5),
    "arrangement_ai_instead": (CHOSEN, 1 / 3),
    "takeback_rate": (modes.HANDED, 1 / 2),
}

FEW_OF_MANY = [a_round(n, final="a" if k < most else "b") for n, most in ((1, 5), (11, 15)) for k in range(20)]
EVOLVED = {
    "follow_trend": (FEW_OF_MANY, 2 * LOG3, 0.01),
    "accuracy_trend": (FEW_OF_MANY, 2 * LOG3, 0.01),
    "trust_trend": ([a_round(n, trust=float(t)) for n, t in ((5, 50), (10, 60), (15, 70))], 20),
    "follow_turn": (turns.following([1] * 5 + [0] * 5), 2.5 / (0.5 * math.sqrt(10))),
    "turn_share": (turns.following([1] * 12 + [0] * 12) + turns.following([1, 0] * 12, "q", start=100), 1 / 2),
    "unaided_change": (judging.before_and_after("p", 2, 1), 1 / 4 - 2 / 4),
    "unaided_change_by_ai": (
        judging.before_and_after("p", 2, 1) + judging.before_and_after("r", 2, 3, middle="alone"), -1 / 4 - 1 / 4,
    ),
}  # fmt: skip
LOSSES = {
    "reliance_loss": (test_decision_theory.study(lambda *_: True), 0.9 - 0.5, 1e-6),
    "reliance_loss_share": (test_decision_theory.study(lambda *_: True), 1, 1e-6),
    "discrimination_loss": (test_decision_theory.study(lambda step, right, rng: step == 5), 0.9 - 0.1, 1e-6),
    "discrimination_loss_share": (test_decision_theory.study(lambda step, right, rng: step == 5), 0.8 / 0.4, 1e-6),
}
