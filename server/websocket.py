"""Websockets for engine.io under gunicorn's gevent worker: the server's side of RFC 6455, compressed as by RFC 7692.

Two reasons to have our own: a frame that is too long is refused by its header, before it is read, and one frame costs one
read and one write. It has the four methods that `engineio` expects of its driver.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterable
from typing import Any

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
NORMAL, PROTOCOL_ERROR, NOT_UTF8, TOO_BIG = 1000, 1002, 1007, 1009
CHUNK = 65536
CONTROL_MAX = 125
FINAL, PACKED = 0x80, 0x40
WORTH = 400
"""Shorter messages are sent as they are: they fit one packet anyway."""
TAIL = b"\x00\x00\xff\xff"
AGREED = b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
"""Each message by itself: nothing is held between messages, so a connection costs no memory more."""
OFFERS = {"client_max_window_bits", "server_no_context_takeover", "client_no_context_takeover"}


class Failed(Exception):
    """The peer broke the protocol; `code` is sent with the close frame."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Frames:
    """Cuts bytes into frames. Holds at most one frame of the allowed length and one message of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.packed = False
        """Whether it was agreed that messages may be compressed."""
        self._squeezed = False
        self._bytes = b""
        self._parts: list[bytes] | None = None
        self._kind = 0
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Add bytes as they were received."""
        self._bytes += data

    def next(self) -> tuple[int, bytes] | None:
        """Return the next message or control frame as (opcode, payload), None when more bytes are needed; raises Failed."""
        while True:
            frame = self._frame()
            if frame is None:
                return None
            first, opcode, payload = frame
            if opcode >= CLOSE:
                return opcode, payload
            if (opcode == 0) == (self._parts is None):
                raise Failed(PROTOCOL_ERROR)
            if opcode:
                self._parts, self._kind, self._size = [], opcode, 0
                self._squeezed = bool(first & PACKED)
            assert self._parts is not None
            self._parts.append(payload)
            self._size += len(payload)
            if self._size > self._most:
                raise Failed(TOO_BIG)
            if first & FINAL:
                whole, self._parts = b"".join(self._parts), None
                return self._kind, inflate(whole, self._most) if self._squeezed else whole

    def _frame(self) -> tuple[int, int, bytes] | None:
        data = self._bytes
        if len(data) < 2:
            return None
        first, length, start = data[0], data[1] & 127, 2
        opcode = first & 15
        extra = first & 0x70 & ~(PACKED if self.packed and opcode in (TEXT, BINARY) else 0)
        if not data[1] & 128 or extra or opcode not in (0, TEXT, BINARY, CLOSE, PING, PONG):
            raise Failed(PROTOCOL_ERROR)  # unmasked, or an extension or opcode that was not agreed on
        if opcode >= CLOSE and (not first & FINAL or length > CONTROL_MAX):
            raise Failed(PROTOCOL_ERROR)
        if length > CONTROL_MAX:
            start = 4 if length == 126 else 10
            if len(data) < start:
                return None
            length = int.from_bytes(data[2:start], "big")
        if length > self._most:
            raise Failed(TOO_BIG)
        end = start + 4 + length
        if len(data) < end:
            return None
        self._bytes = data[end:]
        return first, opcode, unmask(data[start + 4 : end], data[start : start + 4])


def unmask(payload: bytes, key: bytes) -> bytes:
    """Apply a frame's mask (the same as removing it)."""
    size = len(payload)
    keys = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


def frame(opcode: int, payload: bytes, packed: int = 0) -> bytes:
    """Return one final, unmasked frame; `packed` is PACKED for a payload of `deflate`."""
    size = len(payload)
    first = FINAL | packed | opcode
    if size <= CONTROL_MAX:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


def offered(extensions: str) -> bool:
    """Tell whether a browser offers compression in a form that we do."""
    for offer in extensions.split(","):
        name, *settings = (part.strip() for part in offer.split(";"))
        if name == "permessage-deflate" and {part.split("=")[0].strip() for part in settings} <= OFFERS:
            return True
    return False


def deflate(payload: bytes) -> bytes:
    """Compress a message, quickly and with little memory: screens halve."""
    made = zlib.compressobj(1, zlib.DEFLATED, -13, 6)
    return (made.compress(payload) + made.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


def inflate(payload: bytes, most: int) -> bytes:
    """Return a message as it was before compression; raises Failed, before it holds more than `most` bytes."""
    try:
        data = zlib.decompressobj(-15).decompress(payload + TAIL, most + 1)
    except zlib.error:
        raise Failed(PROTOCOL_ERROR) from None
    if len(data) > most:
        raise Failed(TOO_BIG)
    return data


class WebSocket:
    """The driver that `engineio` calls `_async["websocket"]`: a WSGI application for one connection."""

    def __init__(self, handler: Callable[[WebSocket], Any], server: Any) -> None:
        self._handler = handler
        self._frames = Frames(server.max_http_buffer_size)
        self._open = False
        self._lock = threading.Lock()
        self._sock: socket.socket = None  # type: ignore[assignment] - set when called; engineio sets its time limit

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Shake hands and hand the connection to engine.io until it ends."""
        key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
        sock = environ.get("gunicorn.socket")
        if sock is None or environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13" or len(key) != 24:
            start_response("400 Bad Request", [("Content-Length", "0")])
            return []
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest())
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        )
        self._frames.packed = offered(environ.get("HTTP_SEC_WEBSOCKET_EXTENSIONS", ""))
        agreed = AGREED if self._frames.packed else b""
        sock.sendall(head + accept + b"\r\n" + agreed + b"\r\n")
        self._sock, self._open = sock, True
        try:
            self._handler(self)
        finally:
            self.close()
        raise StopIteration  # tells gunicorn that the connection is used up

    def wait(self) -> str | bytes | None:
        """Return the next message; None when the connection is over."""
        try:
            while True:
                message = self._frames.next()
                if message is None:
                    data = self._sock.recv(CHUNK)
                    if not data:
                        return self._over()
                    self._frames.feed(data)
                    continue
                opcode, payload = message
                if opcode == TEXT:
                    return payload.decode()
                if opcode == BINARY:
                    return payload
                if opcode == CLOSE:
                    return self.close()
                if opcode == PING:
                    self._send(PONG, payload)
        except Failed as failed:
            return self.close(failed.code)
        except UnicodeDecodeError:
            return self.close(NOT_UTF8)
        except OSError:
            return self._over()

    def send(self, message: str | bytes) -> None:
        """Send a message; raises OSError when the connection is over."""
        if isinstance(message, str):
            self._send(TEXT, message.encode())
        else:
            self._send(BINARY, message)

    def close(self, code: int = NORMAL) -> None:
        """Say goodbye and close; safe to call twice."""
        if not self._open:
            return
        try:
            self._send(CLOSE, struct.pack("!H", code))
            self._open = False
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._open = False

    def _over(self) -> None:
        self._open = False

    def _send(self, opcode: int, payload: bytes) -> None:
        if not self._open:
            raise OSError("the connection is closed")
        packed = PACKED if self._frames.packed and opcode < CLOSE and len(payload) >= WORTH else 0
        data = frame(opcode, deflate(payload) if packed else payload, packed)
        with self._lock:
            self._sock.sendall(data)
