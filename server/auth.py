"""Auth: a researcher enters by a one-time link and then holds a signed cookie. Participants never get a cookie."""

from __future__ import annotations

import functools
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from flask import Blueprint, abort, current_app, redirect, request
from itsdangerous import BadData, URLSafeTimedSerializer

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from server.database import Database
    from server.house import House

P = ParamSpec("P")
T = TypeVar("T")

COOKIE = "coplay_desk"
COOKIE_SECONDS = 12 * 3600
LINK_SECONDS = 24 * 3600

auth = Blueprint("auth", __name__)


class Doorkeeper:
    """Issues one-time links (kept hashed) and signs cookies."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._sql = database.sql
        self._signer = URLSafeTimedSerializer(key.hex(), salt="coplay.desk")
        self._sql("CREATE TABLE IF NOT EXISTS door (token TEXT PRIMARY KEY, until BIGINT NOT NULL)")

    def issue(self, seconds: int = LINK_SECONDS) -> str:
        """Return a new one-time token for `/desk/in/<token>`."""
        token = secrets.token_urlsafe(24)
        self._sql("DELETE FROM door WHERE until < ?", int(time.time()))
        self._sql("INSERT INTO door VALUES (?, ?)", _hash(token), int(time.time()) + seconds)
        return token

    def enter(self, token: str) -> str | None:
        """Use up a token: the value of the cookie, or None when it is unknown, old or used."""
        used = self._sql(
            "DELETE FROM door WHERE token = ? AND until >= ? RETURNING token", _hash(token), int(time.time())
        )
        return self._signer.dumps("researcher") if used else None

    def knows(self, cookie: str | None) -> str | None:
        """Return who holds a cookie ("researcher"), or None."""
        try:
            return str(self._signer.loads(cookie or "", max_age=COOKIE_SECONDS))
        except BadData:
            return None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def researcher() -> str | None:
    """Return the researcher of the present request, or None. Works in socket handshakes too."""
    house = cast("House", current_app.extensions["coplay"])
    return house.doors.knows(request.cookies.get(COOKIE))


def researcher_required(handler: Callable[P, T]) -> Callable[P, T]:
    """Let only researchers in; others get the page for 401."""

    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        if researcher() is None:
            abort(401)
        return handler(*args, **kwargs)

    return guarded


@auth.get("/desk/in/<token>")
def come_in(token: str) -> Response:
    """Exchange a one-time link for a cookie."""
    house = cast("House", current_app.extensions["coplay"])
    cookie = house.doors.enter(token)
    if cookie is None:
        abort(401)
    response = redirect("/desk", code=303)
    secure = request.is_secure or house.settings.origin.startswith("https:")
    response.set_cookie(
        COOKIE, cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure, path="/"
    )  # path "/": the desk's socket needs it too
    return response
