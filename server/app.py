"""The application: Flask and Socket.IO put together around the house."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from flask_socketio import SocketIO

from server.arrivals import arrivals
from server.auth import auth
from server.hooks import hooks, prepare
from server.house import House, open_house
from server.mine import mine
from server.packet import Json, Packet
from server.pages import pages, show_error
from server.previews import previews
from server.settings import HEARTBEAT_S, Settings
from server.sockets import Play
from server.studies import OpenStudy
from server.websocket import WebSocket

PAGE_BYTES = 64 * 1024
"""Longest form that is read."""
FILES = ("/static/", "/b/")
"""Where things lie that are no pages: they need fewer headers."""
CODE = ("text/javascript", "text/css")
"""What does nothing by itself: many small files, whose headers would weigh as much as they do."""
PING_SECONDS, LOST_SECONDS = HEARTBEAT_S, 20


def make(settings: Settings, studies: Sequence[OpenStudy]) -> Flask:
    """Open the house and make the application."""
    app = Flask("server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = PAGE_BYTES
    house = open_house(settings, studies)
    app.extensions["coplay"] = house
    app.register_blueprint(pages)
    app.register_blueprint(arrivals)
    app.register_blueprint(mine)
    app.register_blueprint(hooks)
    prepare(house)
    app.register_blueprint(previews)
    app.register_blueprint(auth)
    for code in (400, 401, 404, 405, 413, 429, 500, 503):
        app.register_error_handler(code, show_error)

    @app.after_request
    def headers(response: Response) -> Response:  # pyright: ignore[reportUnusedFunction]
        return protect(response, house)

    socketio = make_sockets(app, settings)
    Play(socketio.server, house)
    register_desk(app)
    return app


def make_sockets(app: Flask, settings: Settings) -> Any:
    """Make the Socket.IO server: websocket only, one handler at a time per connection, our packets and frames."""
    asynchronous = "gevent" if under_gevent() else "threading"
    make_server: Any = SocketIO  # its types do not know what it hands on to python-socketio
    socketio = make_server(
        app,
        async_mode=asynchronous,
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins=[settings.origin] if settings.origin else None,
        transports=["websocket"],
        ping_interval=PING_SECONDS,
        ping_timeout=LOST_SECONDS,
        max_http_buffer_size=settings.message_bytes,
        http_compression=False,
        serializer=Packet,
        json=Json,
        message_queue=settings.redis or None,
    )
    engine = socketio.server.eio
    if asynchronous == "gevent":
        engine._async = {**engine._async, "websocket": WebSocket}
    return socketio


def under_gevent() -> bool:
    """Tell whether the standard library was made cooperative."""
    try:
        from gevent import monkey  # noqa: PLC0415 - works without gevent
    except ImportError:
        return False
    return bool(monkey.is_module_patched("socket"))


def register_desk(app: Flask) -> None:
    """Add the researcher's side."""
    from server.desk import desk  # noqa: PLC0415 - it needs the house above

    app.register_blueprint(desk)


def protect(response: Response, house: House) -> Response:
    """Put the headers on a response that let a browser load from here only and tell nobody where it came from."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.mimetype in CODE and response.status_code < HTTPStatus.BAD_REQUEST:
        return response
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.path.startswith(FILES) and response.status_code < HTTPStatus.BAD_REQUEST:
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'")
        return response
    response.headers.setdefault("Content-Security-Policy", policy(house))
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    return squeeze(response)


def policy(house: House) -> str:
    """Return the content security policy of a page; `g.frames` names the other sites that it may show in a frame."""
    origin = house.settings.origin or request.host_url.rstrip("/")
    ancestors = " ".join(g.get("ancestors", ())) or ("'self'" if request.path.startswith("/desk") else "'none'")
    forms = " ".join(("'self'", *g.get("forms", ())))
    frames: tuple[str, ...] = g.get("frames", ())
    return (
        f"default-src 'self'; img-src 'self'; connect-src 'self' {origin.replace('http', 'ws', 1)}; object-src 'none'; "
        f"frame-ancestors {ancestors}; base-uri 'none'; form-action {forms}"
        + (f"; frame-src {' '.join(frames)}" if frames else "")
    )


def squeeze(response: Response) -> Response:
    """Compress a page for a browser that can read it so."""
    if response.mimetype == "text/html" and "gzip" in request.accept_encodings and not response.direct_passthrough:
        response.set_data(gzip.compress(response.get_data(), mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    return response
