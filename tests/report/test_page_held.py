"""Rounds in columns read like the rounds they were made of, whatever is in them, and take a fraction of the memory."""

import tracemalloc

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.round import Round
from server.report.page.held import FIELDS, PLAIN, Column, changed, held, whole

NUMBERS = st.none() | st.integers() | st.floats() | st.booleans()
TEXTS = st.text(max_size=3)
ROUNDS = st.builds(
    Round, study=st.just("s"), participant=TEXTS, condition=TEXTS, round=st.integers(1, 500), specimen=TEXTS, own=st.none() | TEXTS,
    correct=st.none() | st.booleans(), own_ms=st.none() | st.integers(0), points=st.none() | st.floats(),
    choices=st.lists(TEXTS, max_size=2).map(tuple), scene=st.dictionaries(TEXTS, st.integers(0, 1) | st.booleans(), max_size=2),
)  # fmt: skip


def same(a, b):
    return repr(a) == repr(b)  # 1, 1.0 and True differ, NaN is NaN


@given(st.lists(ROUNDS, max_size=8))
@settings(max_examples=50, deadline=None)
def test_every_field_reads_as_it_was(rounds):
    found = held(rounds)
    for each, was in zip(found, rounds, strict=True):
        assert all(same(getattr(each, name), getattr(was, name)) for name in FIELDS)
        assert same(whole(each), was)


def test_words_of_people_are_dropped(one_round):
    assert held([one_round(reason="I know her")])[0].reason is None


@given(st.lists(NUMBERS, max_size=20), st.sampled_from([range(PLAIN + 2), [n / 7 for n in range(PLAIN + 2)]]))
@settings(max_examples=10, deadline=None)
def test_many_numbers_are_stored_themselves(tail, many):
    listed = [None, *many, *tail]
    column = Column()
    for value in listed:
        column.append(value)
    assert column.length == len(listed)
    read = column.reader()
    assert all(same(read(at), value) for at, value in enumerate(listed))


def test_a_field_is_changed_without_the_others(one_round):
    rounds = [one_round(n) for n in range(1, 5)]
    fields = {"map_mass": lambda each: each.round / 10, "scene": lambda each: {"n": each.round}}
    for kept in (held(rounds)[1:], rounds[1:]):
        made = changed(kept, **fields)
        assert [each.map_mass for each in made] == [0.2, 0.3, 0.4]
        assert [each.scene["n"] for each in made] == [2, 3, 4]
        assert [each.specimen for each in made] == ["x2", "x3", "x4"]
        assert [each.map_mass for each in kept] == [None] * 3
    assert changed([], **fields) == []


def played(people):
    for who in range(people):
        for n in range(1, 41):
            ms = 1000 + (who * 7919 + n * 104729) % 9000
            yield Round(
                study="s", participant=f"p{who}", condition="ab"[who % 2], round=n, specimen=f"x{n}", own_ms=ms,
                final_ms=ms + 1, total_ms=2 * ms + 1, first_ms=ms // 2, correct=ms % 3 > 0, ai_confidence=ms % 97 / 97,
                started_at=10**15 + who * 10**6 + n, scene={"cue": n % 2}, probabilities=(n / 50, 1 - n / 50),
                choices=("a", "b")[: ms % 3], propensities={"shadow": 0.2},
            )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("people", [15, 60])
def test_a_round_takes_little_memory(people):
    held(played(1))  # what is made once, e.g. by looking at types, is not counted
    tracemalloc.start()
    try:
        kept = held(played(people))
        used = tracemalloc.get_traced_memory()[0] / len(kept)
    finally:
        tracemalloc.stop()
    whole_one = msgspec.structs.asdict(whole(kept[0]))
    assert len(whole_one) == len(FIELDS)
    # As objects they take 1,100 bytes and more; the tables of distinct values weigh less the more rounds there are.
    assert used < {15: 560, 60: 400}[people]
