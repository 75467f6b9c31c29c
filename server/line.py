"""A robot's line: one websocket, read and written by the thread that holds it and by no other.

The blocking client of `websockets` reads in a thread of its own. Over TLS that puts one OpenSSL object into two threads, and on
a busy machine about one handshake in a few hundred was never answered.
"""

from __future__ import annotations

import ssl
from types import TracebackType
from urllib.parse import urlsplit

from websocket import WebSocket, WebSocketException, create_connection

PATIENCE_S = 30
"""How long a connection or a message may take."""


class Lost(ConnectionError):
    """The line could not be opened, broke, or brought nothing in time; the message says which."""


class Line:
    """An open websocket, as a context; text messages only."""

    def __init__(self, address: str, origin: str) -> None:
        """`address` is ws:// or wss://; `origin` is sent as a browser would."""
        self._address, self._origin = address, origin
        self._socket: WebSocket

    def __enter__(self) -> Line:
        """Open the line; raises Lost."""
        trust = {"context": ssl.create_default_context()} if urlsplit(self._address).scheme == "wss" else None
        try:
            self._socket = create_connection(self._address, PATIENCE_S, origin=self._origin, sslopt=trust)
        except (OSError, WebSocketException) as error:
            raise Lost(f"no connection: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye and close."""
        try:
            self._socket.close(timeout=3)
        finally:
            self._socket.shutdown()  # close() leaves a line open that broke

    def send(self, text: str) -> None:
        """Send one message; raises Lost."""
        try:
            self._socket.send(text)
        except (OSError, WebSocketException) as error:
            raise Lost(f"the connection broke: {error}") from error

    def receive(self) -> str:
        """Return the next message; raises Lost."""
        try:
            text = self._socket.recv()
        except (OSError, WebSocketException) as error:
            raise Lost(f"nothing came: {error}") from error
        if not text:  # a close frame reads as no message
            raise Lost("the server hung up")
        return text if isinstance(text, str) else text.decode()
