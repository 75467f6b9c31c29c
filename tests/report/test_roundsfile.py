"""Rounds files: what is written is read again, and what is wrong is named with its line."""

import string
import types
import typing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game import roundsfile
from game.pack import Scalar
from game.round import Round
from game.roundsfile import BadFile, Header, decode, encode

FINITE = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(2**53), 2**53)
PLAIN = {str: st.text(max_size=8), int: WHOLE, float: FINITE, bool: st.booleans(), types.NoneType: st.none()}
HINTS = typing.get_type_hints(Round)


def values(hint):
    """A strategy for a field's type."""
    if hint in PLAIN:
        return PLAIN[hint]
    if hint == Scalar:
        return st.none() | st.booleans() | WHOLE | FINITE | st.text(max_size=5)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([values(each) for each in args])
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    return st.dictionaries(values(args[0]), values(args[1]), max_size=3)


NAMES = st.text(string.ascii_letters + 'é-=,"\n', min_size=1, max_size=6)
ROUNDS = st.fixed_dictionaries(
    {name: values(hint) for name, hint in HINTS.items()}
    | {"participant": NAMES, "specimen": NAMES, "round": st.integers(1, 999)}
).map(lambda fields: Round(**fields))
UNIQUE = ("study", "participant", "phase", "condition", "round", "specimen")
LISTS = st.lists(ROUNDS, max_size=4, unique_by=lambda each: tuple(getattr(each, name) for name in UNIQUE))


@pytest.mark.slow
@given(LISTS)
@settings(max_examples=60)
def test_export_then_import_is_identity(rounds):
    header, back = decode(encode(Header(source="imported", notes=("é",)), rounds))
    assert back == rounds
    assert header == Header(source="imported", notes=("é",), rounds=len(rounds))
    assert list(encode(header, back)) == list(encode(header, rounds))


@pytest.mark.slow
@given(LISTS.filter(len), st.data())
@settings(max_examples=60)
def test_a_file_cut_anywhere_is_refused(rounds, data):
    whole = b"".join(encode(Header(), rounds))
    cut = whole[: data.draw(st.integers(0, len(whole) - 2))]
    with pytest.raises(BadFile):
        decode(cut.splitlines(keepends=True))


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_foreign_bytes_are_refused(lines):
    with pytest.raises(BadFile):
        decode(lines)


def lines_of(*rounds):
    return list(encode(Header(), rounds))


def refused(lines):
    with pytest.raises(BadFile) as caught:
        decode(lines)
    return caught.value


def test_what_is_wrong_is_named_with_its_line(one_round):
    head, first, second = lines_of(one_round(1), one_round(2))
    swap = msgspec.json.decode
    broken = {
        "unknown field colour": [head, first, b'{"colour":1,' + second[1:]],
        "twice": [head, first, first],
        "not a JSON object": [head, first, b"[1]\n"],
        "truncated": [head, first, second[:-9]],
        "is empty": [head, first, b"\n"],
        "Expected": [head, first, second.replace(b'"round":2', b'"round":"2"')],
        "count from 1": [head, first, second.replace(b'"round":2', b'"round":0')],
        "second header": [head, first, head],
    }
    for why, lines in broken.items():
        error = refused(lines)
        assert error.line == 3, error
        assert why in str(error), error
    assert "the header says 2 rounds, here are 1: the file is truncated" in refused([head, first]).why
    assert "lines were added" in refused([head, first, second, lines_of(one_round(3))[1]]).why
    assert swap(head)["format"] == roundsfile.FORMAT


def test_another_version_or_format_is_refused(one_round):
    head, first = lines_of(one_round())
    assert "version 2" in refused([head.replace(b'"version":1', b'"version":2'), first]).why
    assert "version None" in refused([head.replace(b'"version":1', b'"x":1'), first]).why
    assert "'coplay-log'" in refused([head.replace(b"coplay-rounds", b"coplay-log"), first]).why
    assert "empty" in refused([]).why
    assert "header is wrong" in refused([head.replace(b'"version":1', b'"version":1,"colour":2'), first]).why


def test_a_writer_may_not_know_how_many(one_round):
    head, first = lines_of(one_round())
    header, rounds = decode([head.replace(b'"rounds":1,', b""), first])
    assert header.rounds is None
    assert len(rounds) == 1
