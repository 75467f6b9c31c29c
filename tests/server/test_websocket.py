"""Websocket frames: what is cut out of bytes, and what is refused before it is held in memory."""

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.websocket import BINARY, CLOSE, PACKED, PING, TEXT, Failed, Frames, deflate, frame, offered, unmask


def client_frame(opcode, payload, final=True, key=b"\x01\x02\x03\x04", masked=True):
    """A frame as a browser sends it."""
    size = len(payload)
    mask = 0x80 if masked else 0
    if size < 126:
        head = bytes((opcode | (0x80 if final else 0), mask | size))
    elif size < 1 << 16:
        head = struct.pack("!BBH", opcode | (0x80 if final else 0), mask | 126, size)
    else:
        head = struct.pack("!BBQ", opcode | (0x80 if final else 0), mask | 127, size)
    return head + (key + unmask(payload, key) if masked else payload)


def all_of(frames):
    found = []
    while (message := frames.next()) is not None:
        found.append(message)
    return found


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.integers(1, 50), st.binary(min_size=4, max_size=4))
def test_messages_come_out_whole_however_they_arrive(payloads, step, key):
    data = b"".join(client_frame(TEXT, payload, key=key) for payload in payloads)
    frames, found = Frames(1000), []
    for at in range(0, len(data), step):
        frames.feed(data[at : at + step])
        found += all_of(frames)
    assert found == [(TEXT, payload) for payload in payloads]


def test_fragments_are_joined_with_control_frames_between_them():
    frames = Frames(1000)
    frames.feed(client_frame(TEXT, b"one ", final=False))
    frames.feed(client_frame(PING, b"?"))
    frames.feed(client_frame(0, b"two ", final=False) + client_frame(0, b"three"))
    assert all_of(frames) == [(PING, b"?"), (TEXT, b"one two three")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (client_frame(TEXT, b"x" * 1001), 1009),
        (client_frame(BINARY, b"x" * 70_000)[:14], 1009),
        (struct.pack("!BBQ", 0x81, 0xFF, 1 << 62), 1009),
        (client_frame(TEXT, b"x" * 600, final=False) + client_frame(0, b"x" * 600), 1009),
        (client_frame(TEXT, b"plain", masked=False), 1002),
        (client_frame(0, b"nothing to continue"), 1002),
        (client_frame(TEXT, b"a", final=False) + client_frame(TEXT, b"b"), 1002),
        (client_frame(3, b"reserved opcode"), 1002),
        (bytes((0xC1, 0x80)) + b"\0\0\0\0", 1002),
        (client_frame(PING, b"x" * 126), 1002),
        (client_frame(CLOSE, b"", final=False), 1002),
    ],
)
def test_what_breaks_the_protocol_is_refused_with_its_code(data, code):
    frames = Frames(1000)
    frames.feed(data)
    with pytest.raises(Failed) as failed:
        all_of(frames)
    assert failed.value.code == code


def test_a_long_frame_is_refused_by_its_header_alone():
    frames = Frames(65_536)
    frames.feed(client_frame(TEXT, b"x" * 65_537)[:10])
    with pytest.raises(Failed):
        frames.next()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_frames_of_every_length_are_sent_as_the_standard_says(size):
    payload = os.urandom(size)
    sent = frame(BINARY, payload)
    masked = bytes((sent[0], sent[1] | 0x80)) + sent[2 : len(sent) - size] + b"\0\0\0\0" + payload
    frames = Frames(1 << 20)
    frames.feed(masked)
    assert frames.next() == (BINARY, payload)


@given(st.lists(st.text(max_size=900), min_size=1, max_size=4), st.integers(1, 9))
def test_compressed_messages_come_out_as_they_went_in_and_are_fragmented_as_well(texts, cut):
    frames = Frames(4000)
    frames.packed = True
    for text in texts:
        packed = deflate(text.encode())
        whole = client_frame(TEXT | PACKED, packed[:cut], final=len(packed) <= cut)
        frames.feed(whole + (client_frame(0, packed[cut:]) if len(packed) > cut else b""))
    assert all_of(frames) == [(TEXT, text.encode()) for text in texts]


@pytest.mark.parametrize(
    ("payload", "opcode", "code"),
    [
        (deflate(b"x" * 1_000_000), TEXT, 1009),  # a bomb: 1 kB that would be 1 MB
        (b"\xff\xff not compressed", TEXT, 1002),
        (b"", PING, 1002),
        (b"", 0, 1002),
    ],
)
def test_what_cannot_be_inflated_or_is_too_long_then_is_refused(payload, opcode, code):
    frames = Frames(4000)
    frames.packed = True
    frames.feed(client_frame(opcode | PACKED, payload))
    with pytest.raises(Failed) as failed:
        all_of(frames)
    assert failed.value.code == code


@pytest.mark.parametrize(
    ("header", "agreed"),
    [
        ("permessage-deflate; client_max_window_bits", True),
        ("x-other, permessage-deflate", True),
        ("permessage-deflate; server_max_window_bits=10, permessage-deflate", True),
        ("permessage-deflate; server_max_window_bits=10", False),
        ("permessage-deflate; made_up", False),
        ("", False),
    ],
)
def test_compression_is_agreed_on_where_it_is_offered_as_we_do_it(header, agreed):
    assert offered(header) is agreed
