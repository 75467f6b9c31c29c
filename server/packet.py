"""Socket.IO packets with msgspec: no search for binary values, views spliced in as bytes, broken input never raises.

The stock class walks every value of every message; on a 4 kB view that is a third of a worker's time.
"""

# python-socketio has no type stubs.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import Any

import msgspec
from socketio.packet import CONNECT, DISCONNECT, EVENT
from socketio.packet import Packet as StockPacket

MALFORMED = "malformed"
"""The event that a message becomes when it cannot be read; its handler answers `bad_message`."""

RESERVED = ("connect", "disconnect", "*")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Json:
    """msgspec with the two functions that Socket.IO wants."""

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        """Encode; other arguments are ignored."""
        return _encode(value).decode()

    @staticmethod
    def loads(text: str, **_: Any) -> Any:
        """Decode; raises ValueError."""
        return _decode(text)


class Packet(StockPacket):
    """A packet of text only."""

    uses_binary_events = False
    json = Json

    def encode(self) -> str:
        """Return the packet as it is sent."""
        data: Any = self.data
        namespace = "" if self.namespace in (None, "/") else f"{self.namespace},"
        head = f"{self.packet_type}{namespace}{'' if self.id is None else self.id}"
        return head if data is None else head + _encode(data).decode()

    def decode(self, encoded_packet: Any) -> int:
        """Read a packet; what cannot be read becomes the event MALFORMED, under its id where that can be read."""
        self.id = None
        try:
            super().decode(encoded_packet)
            sound = self.packet_type in (CONNECT, DISCONNECT) or (self.packet_type == EVENT and _is_event(self.data))
        except (ValueError, TypeError, RecursionError):
            sound = False
        if not sound:
            self.packet_type, self.data = EVENT, [MALFORMED]
        return 0


def _is_event(data: Any) -> bool:
    """Tell whether this is an event that a client may send: the server's own events would reach its handlers."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in RESERVED
