"""Websockets for engine.io under gunicorn's gevent worker: the server's side of RFC 6455, without extensions.

Two reasons to have our own: a frame that is too long is refused by its header, before it is read, and one frame costs one
read and one write. It has the four methods that `engineio` expects of its driver.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import Any

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
NORMAL, PROTOCOL_ERROR, NOT_UTF8, TOO_BIG = 1000, 1002, 1007, 1009
CHUNK = 65536
CONTROL_MAX = 125


class Failed(Exception):
    """The peer broke the protocol; `code` is sent with the close frame."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Frames:
    """Cuts bytes into frames. Holds at most one frame of the allowed length and one message of it."""

    def __init__(self, most: int) -> None:
        self._most = most
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
            final, opcode, payload = frame
            if opcode >= CLOSE:
                return opcode, payload
            if (opcode == 0) == (self._parts is None):
                raise Failed(PROTOCOL_ERROR)
            if opcode:
                self._parts, self._kind, self._size = [], opcode, 0
            assert self._parts is not None
            self._parts.append(payload)
            self._size += len(payload)
            if self._size > self._most:
                raise Failed(TOO_BIG)
            if final:
                whole, self._parts = b"".join(self._parts), None
                return self._kind, whole

    def _frame(self) -> tuple[bool, int, bytes] | None:
        data = self._bytes
        if len(data) < 2:
            return None
        first, length, start = data[0], data[1] & 127, 2
        opcode = first & 15
        if not data[1] & 128 or first & 0x70 or opcode not in (0, TEXT, BINARY, CLOSE, PING, PONG):
            raise Failed(PROTOCOL_ERROR)  # unmasked, or an extension or opcode that was not agreed on
        if opcode >= CLOSE and (not first & 128 or length > CONTROL_MAX):
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
        return bool(first & 128), opcode, unmask(data[start + 4 : end], data[start : start + 4])


def unmask(payload: bytes, key: bytes) -> bytes:
    """Apply a frame's mask (the same as removing it)."""
    size = len(payload)
    keys = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


def frame(opcode: int, payload: bytes) -> bytes:
    """Return one final, unmasked frame."""
    size = len(payload)
    if size <= CONTROL_MAX:
        return bytes((0x80 | opcode, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


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
        sock.sendall(head + accept + b"\r\n\r\n")
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
        with self._lock:
            self._sock.sendall(frame(opcode, payload))
