"""Socket.IO packets: the same bytes as the stock class, and never an exception for what comes in."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import ACK, CONNECT, EVENT
from socketio.packet import Packet as StockPacket

from server.bucket import Bucket
from server.packet import MALFORMED, Packet

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)


@pytest.mark.slow
@given(
    st.sampled_from([ACK, EVENT]),
    st.lists(JSON, min_size=1),
    st.sampled_from([None, "/", "/play"]),
    st.none() | st.integers(0, 999),
)
def test_a_stock_client_reads_what_we_write(kind, data, namespace, number):
    stock = StockPacket(encoded_packet=Packet(kind, data, namespace, number).encode())
    assert (stock.packet_type, stock.data, stock.id) == (kind, data, number)
    assert (stock.namespace or "/") == (namespace or "/")


@pytest.mark.slow
@given(JSON, st.sampled_from([None, "/play"]), st.none() | st.integers(0, 999))
def test_we_read_what_a_stock_client_writes(value, namespace, number):
    ours = Packet(encoded_packet=StockPacket(EVENT, ["do", value], namespace, number, binary=False).encode())
    assert (ours.packet_type, ours.data, ours.namespace, ours.id) == (EVENT, ["do", value], namespace, number)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_nothing_that_comes_in_raises(text):
    if text:
        assert Packet(encoded_packet=text).packet_type in (CONNECT, 1, EVENT)


@pytest.mark.parametrize(
    "text",
    [
        '2/play,7["do",{',
        "2/play,7{}",
        "2/play,7[]",
        "2/play,7[3]",
        '51-/play,7["do",{"_placeholder":true,"num":0}]',
        "9",
        "x",
    ],
)
def test_broken_messages_become_one_event(text):
    packet = Packet(encoded_packet=text)
    assert (packet.packet_type, packet.data) == (EVENT, [MALFORMED])
    if text.startswith("2/play,7"):
        assert (packet.namespace, packet.id) == ("/play", 7)


def test_views_are_spliced_in_as_bytes():
    assert Packet(ACK, [{"view": msgspec.Raw(b'{"a":1}')}], "/play", 3).encode() == '3/play,3[{"view":{"a":1}}]'


def test_a_hasty_sender_is_slowed_down_and_then_refused():
    now = [0.0]
    bucket = Bucket(10, lambda: now[0])
    assert all(bucket.take() == 0 for _ in range(20))
    wait = bucket.take()
    assert wait == pytest.approx(0.1)
    for _ in range(99):
        now[0] += wait or 0
        wait = bucket.take()
        assert wait is not None
    assert bucket.take() is None
    now[0] += 5
    assert bucket.take() == 0
