"""The table by hand goes on: teams, and whom people let decide."""

import math

from msgspec.structs import replace

from tests.game.measures import hand
from tests.game.measures.table import a_round, alone
from tests.game.measures.test_modes import GOOD, SOLO, offered, shadowed
from tests.game.measures.test_team import SOLO as APART
from tests.game.measures.test_team import TEAM

ORACLE = [
    each
    for n in range(8)  # the AI is right on even items, people alone on 3 of 4; the team wherever either is
    for each in (
        alone(n, "p", specimen=f"x{n}", final="b" if n % 4 == 0 else "a"),
        a_round(n, "q", specimen=f"x{n}", ai="b" if n % 2 else "a", final="a"),
    )
]


def answers(who, right, form):
    """Answers to four items of which the first `right` are right; the AI, if there is one, is right on two."""
    said = [{} if form is alone else {"ai": "a" if n < 2 else "b"} for n in range(4)]
    return [form(n, who, specimen=f"x{n}", final="a" if n < right else "b", **said[n]) for n in range(4)]


# alone 1/2, 1/4: mean 3/8, variance 1/32; team 2/4, 3/4, 4/4: mean 3/4, variance 1/16; the AI 1/2
PEOPLE = [*answers("p", 2, alone), *answers("q", 1, alone)]
PEOPLE += [each for who, right in (("r", 2), ("s", 3), ("t", 4)) for each in answers(who, right, a_round)]
TIMED = [a_round(1, total_ms=30_000), a_round(2, total_ms=90_000, final="b")]
TEAMS = {
    "complementary_gap": (ORACLE, 1 - 3 / 4),
    "gain_over_alone": (ORACLE, 1 - 3 / 4),
    "gain_over_ai": (APART + TEAM, 3 / 4 - 1 / 2),
    "oracle_accuracy": (APART + TEAM, 1),
    "realised_potential": (ORACLE, 1),
    "augmentation_g": (PEOPLE, (1 - 3 / 11) * (3 / 8) / math.sqrt((2 / 16 + 1 / 32) / 3)),
    "synergy_g": (PEOPLE, (1 - 3 / 7) * (1 / 4) / (1 / 4)),
    "correct_per_minute": (TIMED, 1 / 2),
    "inverse_efficiency": (TIMED, 120_000),
}


def handed(who, offers, at, act="handed_over", start=1, **fields):
    """One person's rounds that offer an act, which is done first in the round numbered `at` (0: never)."""
    flag = {"handover_offered": True} if act == "handed_over" else {"delegation_offered": True}
    kind = "other" if act == "handed_over" else "delegation"
    return [
        a_round(n, who, protocol=kind, **flag, **{act: n == at + start - 1}, **fields)
        for n in range(start, start + offers)
    ]


FOUR = [*handed("a", 4, 2), *handed("b", 4, 3), *handed("c", 2, 0), *handed("d", 4, 0)]  # at risk 2 + 3 + 2 + 4
GIVEN = [*handed("a", 4, 2, "delegated"), *handed("b", 4, 3, "delegated"), *handed("d", 4, 0, "delegated")]


def hazards(act):
    """In round 1 a quarter act, in round 2 three quarters of the rest: log 3 from below to above nought."""
    rounds = []
    for n in range(1600):
        at = 1 if n < 400 else 2 if n < 1300 else 0
        rounds += handed(f"p{n}", 2, at, act)
    return rounds


def warned(act):
    """All meet two rounds, and a round before each; after an error that was told 3 of 4 act, otherwise 1 of 4."""
    rounds = []
    for n in range(400):
        erred = n % 2 == 0
        acts = n // 2 % 4 < (3 if erred else 1)
        before = a_round(1, f"p{n}", ai="b" if erred else "a", feedback="both")
        rounds += [before, *handed(f"p{n}", 1, 1 if acts else 0, act, start=2)]
    return rounds


def decided(condition, given, of, **fields):
    return [
        a_round(n, condition=condition, protocol="delegation", delegation_offered=True, delegated=n < given,
                total_ms=1000 if n < given else 9000, **fields)
        for n in range(of)
    ]  # fmt: skip


def slower(condition, given, of):
    """The same, but delegating saves 2 seconds and not 8."""
    return [each if each.delegated else replace(each, total_ms=3000) for each in decided(condition, given, of)]


WRONG = [offered(1, "p", "e", True, 0.7), offered(2, "p", "h", False, 0.7)]
SHADOWS = [shadowed(1, "a", "a", 0.2), shadowed(2, "b", "a", 0.1), shadowed(3, None, "a")]
WHO_DECIDES = {
    "handover_survival": (FOUR, 3 / 4 * 1 / 2),
    "handover_hazard": (FOUR, 2 / 11),
    "delegation_hazard": (GIVEN, 2 / 9),
    "handover_hazard_trend": (hazards("handed_over"), 10 * 2 * hand.LOG3, 0.03),
    "delegation_hazard_trend": (hazards("delegated"), 10 * 2 * hand.LOG3, 0.03),
    "handover_hazard_error": (warned("handed_over"), 2 * hand.LOG3, 0.01),
    "delegation_hazard_error": (warned("delegated"), 2 * hand.LOG3, 0.01),
    "delegation_quality": (SOLO + GOOD, (0.7 - 0.25) - (0.7 - 0.75)),
    "delegation_oracle_gap": (SOLO + WRONG, (0.05 + 0.45) / 2),
    "difficulty_targeting": (SOLO + GOOD, 0.75 - 0.25),
    "shadow_agreement": (SHADOWS, 5 / 15),
    "shadow_gain": (SHADOWS, 10 / 15),
    "delegation_per_second_saved": (decided("natural", 8, 10) + slower("equal", 5, 10), (0.8 - 0.5) / (8 - 2)),
    "delegation_per_point": (
        decided("free", 8, 10, delegation_price=0.0) + decided("priced", 3, 10, delegation_price=2.0), (0.3 - 0.8) / 2,
    ),
}  # fmt: skip
HAND = (
    hand.COUNTED | hand.DISCERNED | hand.SURENESS | hand.JUDGING | hand.SHOWN | hand.BIASES | hand.MODES | hand.EVOLVED
    | hand.LOSSES | TEAMS | WHO_DECIDES
)  # fmt: skip
"""Measure -> (rounds, value) or (rounds, value, relative tolerance)."""
