"""What every registered measure promises. A new measure is tested here by being registered."""

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from game.estimate import Estimate
from game.measures import EVERY
from game.registry import measure
from game.round import Round

MEASURES = list(measure)
UNKNOWN = Round(study="s", participant="p", condition="c", round=1, specimen="x")
LABELS = st.sampled_from("abcd")
PROTOCOLS = st.sampled_from(EVERY)
LEAST = {"fraction": 0, "distance": 0, "difference": -1}
every = pytest.mark.parametrize("entry", MEASURES, ids=[entry.name for entry in MEASURES])


@st.composite
def any_round(draw, protocol=PROTOCOLS, follow=None):
    """A consistent round; `follow(truth, own, ai)` is how the person answers in the end."""
    truth, own, ai = draw(LABELS), draw(LABELS), draw(LABELS)
    kind = draw(protocol)
    final = follow(truth, own, ai) if follow else draw(st.none() | LABELS)
    two = kind == "two_stage"
    ms = st.none() | st.integers(0, 10**6)
    offered = kind in {"delegation", "on_request"} and draw(st.booleans())
    return Round(
        study="s", participant="p", condition="c", round=draw(st.integers(1, 99)), specimen=draw(LABELS),
        scored=follow is not None or draw(st.booleans()), protocol=kind, truth=truth, own=own if two else None, ai=ai,
        final=final, ai_shown=kind != "alone" and (follow is not None or draw(st.booleans())), decided_by="participant",
        own_correct=own == truth if two else None, ai_correct=ai == truth,
        correct=None if final is None else final == truth, followed=None if final is None else final == ai,
        delegation_offered=offered, delegated=draw(st.booleans()) if offered else None,
        request_offered=offered, requested=draw(st.booleans()) if offered else None,
        handed_over=follow is None and draw(st.booleans()), own_ms=draw(ms), final_ms=draw(ms), total_ms=draw(ms),
    )  # fmt: skip


def of_one_protocol(follow=None):
    return PROTOCOLS.flatmap(lambda kind: st.lists(any_round(st.just(kind), follow), max_size=12))


def played(entry, rounds):
    made = entry.thing(rounds)
    assert isinstance(made, Estimate), entry.name
    return made


def same(one, two):
    return one == two or (math.isnan(one.value) and math.isnan(two.value) and one.why_undefined == two.why_undefined)


@every
def test_it_says_what_it_is(entry):
    assert re.match(r"\S.*[.:)]$", entry.thing.__doc__.splitlines()[0])
    assert re.fullmatch(r"|10\.\d{4,}/\S+|arXiv:\d{4}\.\d{4,5}", entry.info["cite"])
    assert entry.info["unit"] in {"fraction", "ms", "distance", "difference", "bits", "number"}
    assert entry.info["reads"] in {"cell", "person", "study"}
    assert entry.info["better"] in {"higher", "lower", ""}
    assert set(entry.info["needs"]) <= set(Round.__struct_fields__)
    assert set(entry.info["protocol"]) <= set(EVERY)


@every
def test_nothing_gives_no_number_but_a_reason(entry):
    made = played(entry, [])
    assert math.isnan(made.value)
    assert made.why_undefined


@pytest.mark.slow
@given(rounds=st.lists(any_round(), max_size=12))
def test_it_holds_together(rounds):
    for entry in MEASURES:
        made = played(entry, rounds)
        assert math.isnan(made.value) == bool(made.why_undefined)
        assert (made.numerator is None) == (made.denominator is None)
        assert 0 <= made.n <= len(rounds)
        if made.denominator == 0:
            assert math.isnan(made.value)
        if made.denominator and not math.isnan(made.value):
            assert made.value == made.numerator / made.denominator
            assert made.denominator <= made.n
        if entry.info["unit"] in LEAST and not math.isnan(made.value):
            assert LEAST[entry.info["unit"]] <= made.value <= 1, entry.name


@pytest.mark.slow
@given(rounds=of_one_protocol(), data=st.data())
def test_the_order_of_rounds_does_not_matter(rounds, data):
    for entry in MEASURES:
        if not entry.info["ordered"]:
            assert same(played(entry, rounds), played(entry, data.draw(st.permutations(rounds)))), entry.name


@pytest.mark.slow
@given(rounds=of_one_protocol())
def test_the_same_rounds_twice_give_the_same_value(rounds):
    for entry in MEASURES:
        once, twice = played(entry, rounds), played(entry, rounds * 2)
        assert (
            entry.info["corrected"]
            or (math.isnan(once.value) and math.isnan(twice.value))
            or math.isclose(once.value, twice.value)
        ), entry.name


@pytest.mark.slow
@given(rounds=of_one_protocol(), practice=st.lists(any_round(), max_size=4))
def test_rounds_that_are_not_scored_change_nothing(rounds, practice):
    for entry in MEASURES:
        extra = [replace(each, scored=False, probe="") for each in practice]
        assert same(played(entry, rounds), played(entry, [*extra, *rounds])), entry.name


@pytest.mark.slow
@given(rounds=st.lists(any_round(), min_size=2, max_size=12))
def test_protocols_are_never_pooled(rounds):
    for entry in MEASURES:
        if entry.info["pools"]:
            continue
        fitting = {each.protocol for each in rounds if each.scored} & set(entry.info["protocol"])
        made = played(entry, rounds)
        if len(fitting) > 1:
            assert math.isnan(made.value)
            assert "several protocols" in made.why_undefined
        else:
            assert same(made, played(entry, [each for each in rounds if each.protocol in fitting or not fitting]))


@pytest.mark.slow
@given(rounds=of_one_protocol())
def test_what_is_not_known_is_never_zero(rounds):
    for entry in MEASURES:
        optional = [name for name in entry.info["needs"] if getattr(UNKNOWN, name) is None]
        blank = [replace(each, **dict.fromkeys(optional)) for each in rounds]
        assert not optional or math.isnan(played(entry, blank).value), entry.name


PLAYERS = {
    "follower": lambda truth, own, ai: ai,
    "ignorer": lambda truth, own, ai: own,
    "oracle": lambda truth, own, ai: truth,
}
EXTREMES = {
    "follower": {
        "agreement": 1, "switch": 1, "over_reliance": 1, "under_reliance": 0, "rair": 1, "rsr": 0,
        "over_reliance_two_stage": 1, "under_reliance_two_stage": 0, "reliance_distance": 2**-0.5,
    },
    "ignorer": {
        "switch": 0, "rair": 0, "rsr": 1, "over_reliance_two_stage": 0, "under_reliance_two_stage": 1,
        "reliance_distance": 2**-0.5,
    },
    "oracle": {
        "accuracy_team": 1, "over_reliance": 0, "under_reliance": 0, "rair": 1, "rsr": 1, "reliance_distance": 0,
        "over_reliance_two_stage": 0, "under_reliance_two_stage": 0,
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("who", sorted(PLAYERS))
@given(data=st.data())
def test_extreme_players_stand_where_they_must(who, data):
    rounds = data.draw(st.lists(any_round(st.just("two_stage"), PLAYERS[who]), min_size=1, max_size=20))
    for name, expected in EXTREMES[who].items():
        made = measure[name].thing(rounds)
        assert made.why_undefined or math.isclose(made.value, expected, abs_tol=1e-12), (name, made)
    assert (
        who != "follower" or measure["accuracy_team"].thing(rounds).value == measure["accuracy_ai"].thing(rounds).value
    )
    assert (
        who != "ignorer" or measure["accuracy_team"].thing(rounds).value == measure["accuracy_own"].thing(rounds).value
    )


@given(st.lists(any_round(st.just("two_stage")), min_size=1, max_size=30))
def test_under_reliance_is_what_rair_leaves(rounds):
    one, other = measure["rair"].thing(rounds), measure["under_reliance_two_stage"].thing(rounds)
    assert math.isclose(1 - one.value, other.value) or (one.why_undefined and other.why_undefined)


def test_names_are_listed_in_order():
    assert all(one.name < two.name for one, two in pairwise(MEASURES))
