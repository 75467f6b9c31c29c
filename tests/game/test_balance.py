"""What a design promises of its plans: balance, squares, shares, propensities, and equal bytes for equal seeds."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.assignment import Rule, choose
from game.canonical import encode
from game.cells import cells, orders, picks
from game.compile import plan
from game.drafts import chosen, places_of
from game.plan import Card, Script, Step
from game.study import Study
from tests.game.rich import AI, PACK, made, ready

TWO = f'[[condition]]\nname = "plain"\n{AI.replace("gradcam", "")}[[condition]]\nname = "map"\n{AI}'
SQUARE = "".join(
    f'[[set]]\nname = "{name}"\nn = 10\nai_wrong = 3\nmodel = "net"\nsecond = "other"\npairs = true\nsquare = true\n'
    for name in "ab"
)
ROTATED = '[[phase]]\nname = "main"\nblocks = ["plain", "map"]\nsets = ["a", "b"]\nrotate = true\norder = "all"\n'
ONE = f'[[condition]]\nname = "arm"\n{AI}'
SET = '[[set]]\nname = "a"\nn = 20\nmodel = "net"\n'
MAIN = '[[phase]]\nname = "main"\nblocks = ["arm"]\nsets = ["a"]\n'


def script(study: Study, cell: str = "", seed: str = "s") -> Script:
    """Return the plan of one participant."""
    return plan(study, PACK, NAMES, cell or cells(study)[0], seed)


NAMES = ready(made(ONE + SET + MAIN)).names


def rounds(of: Script) -> list[tuple[Step, Card]]:
    """Return the steps with a card."""
    return [(step, step.card) for step in of.steps if step.card]


@pytest.mark.slow
def test_a_square_crosses_item_correctness_and_condition_exactly():
    study = made(TWO + SQUARE + ROTATED)
    met: Counter[tuple[str, str, bool]] = Counter()
    spoke: dict[str, set[str]] = defaultdict(set)
    for cell in cells(study):
        here = rounds(script(study, cell))
        assert sum(card.advice != card.truth for _, card in here) == 6
        for step, card in here:
            met[card.specimen, step.condition, card.advice == card.truth] += 1
            spoke[card.specimen].add(card.model)
    of = len(cells(study))
    assert of == 2 * 2 * 10 * 10
    assert {specimen for specimen, *_ in met} == set(spoke)
    assert len(spoke) == 20
    assert {n for (_, _, right), n in met.items() if right} == {of // 2 * 7 // 10}
    assert {n for (_, _, right), n in met.items() if not right} == {of // 2 * 3 // 10}
    assert all(models == {"net", "other"} for models in spoke.values())


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6), rate=st.sampled_from([0.0, 0.1, 0.2, 0.4]), how=st.sampled_from(["least_filled", "block_random"]),
    people=st.integers(20, 120),
)  # fmt: skip
def test_cells_stay_balanced_when_people_drop_out(seed: int, rate: float, how: str, people: int):
    """Who drops out frees a place, which the next one takes: the largest difference is 2, and 1 where nobody drops out."""
    rng, names = Random(seed), [f"o{i + 1}" for i in range(6)]
    held: Counter[str] = Counter()
    inside: list[str] = []
    rule = Rule(how)  # type: ignore[arg-type]
    worst = 0
    for person in range(people):
        cell = choose(rule, names, {"": held}, "salt", f"p{person}")
        held[cell] += 1
        inside.append(cell)
        if rng.random() < rate:
            held[inside.pop(rng.randrange(len(inside)))] -= 1
        counts = [held[name] for name in names]
        worst = max(worst, max(counts) - min(counts))
        if rate == 0:
            assert worst <= 1
    for person in range(100):  # once nobody leaves any more, the holes are filled
        counts = [held[name] for name in names]
        if max(counts) == min(counts):
            break
        held[choose(rule, names, {"": held}, "salt", f"late{person}")] += 1
    assert max(held[name] for name in names) == min(held[name] for name in names)
    assert worst <= LARGEST


LARGEST = 2
"""Largest difference between two cells at any moment, where at most one person drops out per arrival."""


@pytest.mark.parametrize(("how", "n"), [("balanced", 4), ("balanced", 5), ("latin", 5), ("all", 3)])
def test_orders_are_balanced(how: str, n: int):
    rows = orders(how, n)
    assert all(sorted(row) == list(range(n)) for row in rows)
    assert {Counter(row[i] for row in rows)[k] for i in range(n) for k in range(n)} == {len(rows) // n}
    if how != "latin":
        follows = Counter(pair for row in rows for pair in itertools.pairwise(row))
        assert len(set(follows.values())) == 1
        assert len(follows) == n * (n - 1)


LENS = "[lens]\ntwin_probe = 0.2\nconflict = 2\n"


def test_every_outcome_of_a_twin_draw_is_logged_and_their_propensities_sum_to_one():
    study = made(ONE.replace('model = "net"', 'model = "net"\nsecond = "other"') + SET + MAIN + LENS)
    outcomes: dict[str, dict[str, float]] = defaultdict(dict)
    came: Counter[str] = Counter()
    total = 0
    for seed in range(150):
        for _, card in rounds(script(study, seed=str(seed))):
            original = card.more.twin if card.more and card.more.twin else card.specimen
            for name, propensity in card.draws.items():
                outcomes[original][name] = propensity
                came[name] += 1
                total += 1
    full = [made for made in outcomes.values() if len(made) == 3]
    assert len(full) >= 3, "some items have both kinds of twins"
    for made_ in outcomes.values():
        if len(made_) > 1 or "twin_none" in made_:
            assert sum(made_.values()) == pytest.approx(1)
    assert total < 150 * 20, "rounds without any twin draw nothing"
    for kind in ("twin_evidence", "twin_advice"):
        assert came[kind] / (150 * 20) == pytest.approx(0.1, abs=0.005), "each kind has its half of the share"


def test_an_evidence_twin_flips_the_picture_under_the_same_advice_and_an_advice_twin_the_reverse():
    study = made(ONE + SET + MAIN + LENS)
    by_id = {s.id: s for s in PACK.specimens}
    kinds: Counter[str] = Counter()
    for seed in range(20):
        for step, card in rounds(script(study, seed=str(seed))):
            if card.more is None or not card.more.probe:
                assert step.scored
                continue
            kinds[card.more.probe] += 1
            assert not step.scored
            if card.more.probe == "evidence":
                twin, of = by_id[card.specimen], by_id[card.more.twin]
                assert (twin.twin_of, twin.twin_cue) == (of.id, card.more.cue)
                assert (card.advice, card.model) == (of.advice["net"].label, "net")
                assert card.truth == twin.truth
            if card.more.probe == "advice":
                assert card.more.twin == card.specimen
                assert card.model == "other"
                assert (
                    card.advice
                    == by_id[card.specimen].advice["other"].label
                    != by_id[card.specimen].advice["net"].label
                )
    assert kinds["conflict"] == 40
    assert kinds["evidence"] >= 10
    assert kinds["advice"] >= 10


def test_with_halves_within_a_person_meets_both_versions_far_apart():
    study = made(ONE + SET + MAIN + '[lens]\ntwin_probe = 0.2\nhalves = "within"\napart = 6\n')
    for seed in range(10):
        here = rounds(script(study, seed=str(seed)))
        assert sum(step.scored for step, _ in here) == 20, "no scored round is lost"
        for i, (_, card) in enumerate(here):
            if card.more and card.more.probe:
                j = next(j for j, (step, other) in enumerate(here) if step.scored and other.specimen == card.more.twin)
                assert abs(i - j) > 6


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 60), share=st.floats(0, 1), seed=st.integers(0, 10**6))
def test_a_share_of_places_is_rounded_up_or_down(n: int, share: float, seed: int):
    drawn = chosen(n, share, Random(seed))
    assert int(n * share) <= len(drawn) <= int(n * share) + 1
    assert drawn <= set(range(n))


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 40), st.sampled_from(["chance", "spread", "first", "late"]), st.integers(0, 10**6))
def test_errors_stand_where_the_set_wants_them(data: st.DataObject, n: int, how: str, seed: int):
    wrong = data.draw(st.integers(0, n))
    none_first = data.draw(st.integers(0, n - wrong))
    places = places_of(n, wrong, how, none_first, Random(seed))
    assert len(set(places)) == wrong
    assert all(none_first <= place < n for place in places)
    if how == "first":
        assert places == list(range(none_first, none_first + wrong))


def test_first_impressions_hold_in_plans():
    study = made(ONE + SET.replace("n = 20", 'n = 20\npositions = "first"\nnone_first = 2') + MAIN)
    for seed in range(5):
        here = [card.advice != card.truth for _, card in rounds(script(study, seed=str(seed)))]
        assert here == [False, False, *[True] * 6, *[False] * 12]


EVERYTHING = (
    TWO.replace(
        "[[condition]]\n", '[[condition]]\ncontext = {place = "both"}\nprobe_initial = 0.3\nglobal_info = ["gallery"]\n'
    )
    + SQUARE
    + SET.replace('"a"', '"own"').replace("n = 20", "n = 8\nfresh = true")
    + ROTATED
    + 'probes = ["trust", "attention"]\ncatch = 2\n'
    + '[[phase]]\nname = "more"\nblocks = ["plain", "map"]\nsets = ["own"]\nbetween = true\nvisit = 2\nwait_h = 24\n'
    + '[[phase]]\nname = "same"\nblocks = ["map", "plain"]\nsets = ["own"]\narm_of = "more"\n'
    + '[[phase]]\nname = "only"\npages = ["who_decided", "task:audit"]\narms = ["map"]\n'
    + '[[probe]]\nname = "trust"\nevery = 4\n[[probe]]\nname = "attention"\nevery = 6\njitter = 0\n'
    + '[[task]]\nname = "audit"\nmodel = "net"\nexplanation = "gradcam"\nn = 6\nwrong = 2\n'
    + LENS
)


def test_every_cell_of_a_design_with_everything_compiles_and_is_the_same_for_the_same_seed():
    study = made(EVERYTHING)
    names = cells(study)
    assert len(names) == 2 * 2 * 2 * 10 * 10
    for cell in Random(1).sample(names, 12):
        one, again, other = script(study, cell), script(study, cell), script(study, cell, "t")
        assert encode(one) == encode(again) != encode(other)
        assert len({step.id for step in one.steps}) == len(one.steps)
        assert {step.key for step in one.steps} <= set(one.stages)
        arm = picks(study, cell)["c", "more"]
        assert {step.condition for step in one.steps if step.phase == "same" and step.card} == {["map", "plain"][arm]}
        assert sum(step.key.startswith("attention-") for step in one.steps) >= 2
        (audit,) = [step for step in one.steps if step.gallery and step.phase == "only"]
        assert sum(card.advice != card.truth for card in audit.gallery) == 2


def test_fresh_sets_differ_between_people_and_keep_their_strata():
    study = made(ONE + SET.replace("n = 20", "n = 20\nfresh = true") + MAIN)
    met = [[card for _, card in rounds(script(study, seed=str(seed)))] for seed in range(8)]
    assert len({frozenset(card.specimen for card in cards) for cards in met}) == 8
    for cards in met:
        assert sum(card.advice != card.truth for card in cards) == 6
        assert set(Counter(card.truth for card in cards).values()) == {5}


def test_a_context_that_only_the_ai_is_told_changes_its_answer_by_the_rule_of_bayes():
    tell = lambda who: made(ONE + f'context = {{place = "{who}"}}\n' + SET + MAIN)  # noqa: E731
    plain = {card.specimen: card for _, card in rounds(script(tell("none")))}
    by_id = {s.id: s for s in PACK.specimens}
    for _, card in rounds(script(tell("ai"))):
        s = by_id[card.specimen]
        priors = {v.key: v.prior for v in PACK.contexts[0].values}
        base = [sum(prior[k] for prior in priors.values()) / 2 for k in range(4)]
        weights = [p * priors[s.context["place"]][k] / base[k] for k, p in enumerate(s.advice["net"].probabilities)]
        best = max(range(4), key=lambda k: weights[k])
        assert card.advice == PACK.classes[best].key
        assert card.confidence == pytest.approx(max(weights) / sum(weights), abs=1e-4)
        assert card.more is None or not card.more.context
        assert card.confidence != plain[card.specimen].confidence
    assert all(card.more and card.more.context for _, card in rounds(script(tell("human"))))


def test_probes_and_catch_rounds_come_as_often_as_asked_and_are_not_scored():
    study = made(ONE + SET + MAIN + 'probes = ["trust"]\ncatch = 3\n[[probe]]\nname = "trust"\nevery = 5\njitter = 2\n')
    for seed in range(5):
        one = script(study, seed=str(seed))
        catches = [step for step, card in rounds(one) if card.more and "catch" in card.more.marks]
        assert len(catches) == 3
        assert not any(step.scored for step in catches)
        trust = [step for step in one.steps if step.key == "trust"]
        assert len(trust) == 23 // 5
        assert all(step.block == "main-1" for step in trust), "a probe does not end a hand-over"


def test_sixty_rounds_with_the_lens_stay_under_15_kb():
    study = made(ONE + SET.replace("n = 20", "n = 60") + MAIN + LENS)
    size = len(encode(script(study)))
    assert size <= 15_000, size
