"""The exploratory readings: bits of influence by hand, the hidden Markov model on paths that are known."""

import math
from dataclasses import dataclass
from itertools import pairwise, product
from random import Random

import pytest

from game.measures.hidden import STATES, modelled, symbol_of
from game.measures.influence import entropy
from game.measures.modes import coded
from game.registry import measure
from tests.game.measures.table import a_round


def two_stage(rule, n=4000, seed=1):
    rng = Random(seed)
    made = []
    for k in range(n):
        own, ai = rng.choice("ab"), rng.choice("ab")
        made.append(a_round(k, protocol="two_stage", own=own, ai=ai, final=rule(own, ai, rng)))
    return made


def bits(rounds):
    return [measure[name].thing(rounds).value for name in ("own_influence", "ai_influence", "mediation_balance")]


def test_extreme_players_in_bits():
    assert bits(two_stage(lambda own, ai, rng: ai)) == pytest.approx([0, 1, 0], abs=0.01)
    assert bits(two_stage(lambda own, ai, rng: own)) == pytest.approx([1, 0, 0], abs=0.01)
    own, ai, balance = bits(two_stage(lambda own, ai, rng: rng.choice((own, ai))))
    # the final answer is the AI's in 3 of 4 rounds, and open only where the two differ: H(1/4) - 1/2
    assert own == pytest.approx(ai, abs=0.02)
    assert own == pytest.approx(-(0.25 * math.log2(0.25) + 0.75 * math.log2(0.75)) - 0.5, abs=0.02)
    assert balance == pytest.approx(1, abs=0.01)


def test_entropy_by_hand():
    assert entropy("ab") == pytest.approx(1 + 1 / (4 * math.log(2)))
    assert entropy("aaaa") == 0
    assert entropy("") == 0


def test_few_rounds_are_refused():
    assert "100" in measure["own_influence"].thing(two_stage(lambda own, ai, rng: ai, n=50)).why_undefined
    constant = [a_round(k, protocol="two_stage", own="a", ai="a", final="a") for k in range(100)]
    assert "neither" in measure["mediation_balance"].thing(constant).why_undefined


@dataclass
class Emits:
    """How a state behaves: chance of each kind of round."""

    engaged: float
    delegated: float
    handed: float
    follows: float


BEHAVIOUR = {
    "mediation": Emits(0.9, 0.05, 0, 0.65), "delegation": Emits(0.1, 0.7, 0, 0.97), "substitution": Emits(0.02, 0, 0.9, 1),
}  # fmt: skip


def players(n=40, each=40, seed=3):
    rng = Random(seed)
    rounds, truth = [], {}
    for p in range(n):
        state, path = "mediation", []
        for k in range(each):
            if rng.random() < 0.08 and state != "substitution":
                state = {"mediation": "delegation", "delegation": rng.choice(("mediation", "substitution"))}[state]
            path.append(state)
            how = BEHAVIOUR[state]
            kind = rng.random()
            handed, delegated = kind < how.handed, how.handed <= kind < how.handed + how.delegated
            rounds.append(
                a_round(
                    k, f"p{p:02}", protocol="other", handed_over=handed, delegated=delegated,
                    decided_by="ai" if handed or delegated else "participant",
                    final_ms=3000 if rng.random() < how.engaged else 200, final="a" if rng.random() < how.follows else "b",
                )
            )  # fmt: skip
        truth[f"p{p:02}"] = path
    return rounds, truth


def test_known_paths_are_found_again():
    rounds, truth = players()
    made = modelled(rounds)
    agree = [a == b for who, path in truth.items() for a, b in zip(made.paths[who], path, strict=True)]
    assert sum(agree) / len(agree) > 0.85
    for row in (*made.transitions, *made.emissions, made.start):
        assert sum(row) == pytest.approx(1)
    for shares in made.shares.values():
        assert sum(shares.values()) == pytest.approx(1)
    assert made.dwell[STATES.index("substitution")] > 10
    assert (made.rounds, made.left_out) == (1600, 0)


def test_a_path_by_hand_is_the_likeliest_of_all():
    """Every path of the seven rounds is tried: none is likelier than the one that is told, and hand-overs leave no choice."""
    looks = [a_round(k, protocol="other", final_ms=3000, final="a" if k % 2 else "b") for k in range(1, 6)]
    gone = [a_round(k, protocol="other", handed_over=True, decided_by="ai") for k in range(6, 9)]
    made = modelled(looks + gone)
    assert made.paths["p"] == ("mediation",) * 5 + ("substitution",) * 3
    symbols = [symbol_of(one) for one in coded(looks + gone)]
    assert symbols == [2, 1, 2, 1, 2, 6, 6, 6]  # followed or overridden with engagement, then handed over

    def chance(path):
        logs = [made.start[path[0]], *[made.transitions[a][b] for a, b in pairwise(path)]]
        logs += [made.emissions[state][symbol] for state, symbol in zip(path, symbols, strict=True)]
        return math.prod(logs)

    told = tuple(STATES.index(name) for name in made.paths["p"])
    every = list(product(range(len(STATES)), repeat=8))
    assert chance(told) == max(map(chance, every))
    assert math.fsum(map(chance, every)) == pytest.approx(math.exp(made.loglik), rel=1e-3)
    assert made.shares["p"]["substitution"] >= 3 / 8


def test_who_never_looks_is_solo_and_who_has_few_rounds_is_left_out():
    alone = [a_round(k, ai_shown=False, protocol="on_request") for k in range(20)]
    made = modelled([*alone, a_round(1, "q")])
    assert set(made.paths["p"]) == {"solo"}
    assert made.left_out == 1
    assert "8" in modelled([a_round(1)])
