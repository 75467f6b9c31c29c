"""The desk's JSON: the board, one session's replay, its verdict, its log, the words. Read-only."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import msgspec
from flask import Blueprint, Response, abort, current_app, request

from game.canonical import Digest
from game.log import Row, is_session
from game.verify import verify
from server import assets
from server.auth import researcher_required
from server.desk.board import Watch
from server.desk.replays import log_file, renderer_of, served
from server.desk.threads import apart
from server.desk.words import language_of, words_in

if TYPE_CHECKING:
    from server.blobs import Blobs
    from server.house import House

api = Blueprint("api", __name__, url_prefix="/api")


def house() -> House:
    """Return what the process serves with."""
    return cast("House", current_app.extensions["coplay"])


def watch() -> Watch:
    """Return the process's watch over the sessions."""
    held = current_app.extensions.get("coplay.desk")
    if held is None:
        held = current_app.extensions["coplay.desk"] = Watch(house().store)
    return cast("Watch", held)


def rows_of(session: str) -> Sequence[Row] | None:
    """Return the rows of the session with this short name, or None."""
    if not is_session(session):
        return None
    stream = watch().stream_of(session, _now())
    return house().store.read(stream) if stream else None


def _now() -> int:
    return time.time_ns() // 1000


def _reader(blobs: Blobs) -> Callable[[Digest], bytes]:
    """Return a reader that raises KeyError for a blob that is not there; made here, because threads know no request."""

    def read(digest: Digest) -> bytes:
        try:
            return blobs.get(digest)
        except LookupError as error:
            raise KeyError(str(error)) from error

    return read


def _json(data: bytes) -> Response:
    return Response(data, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _rows(session: str) -> Sequence[Row]:
    rows = rows_of(session)
    if rows is None:
        abort(404)
    return rows


@api.get("/words")
@researcher_required
def words() -> Response:
    """The interface's words in the language asked for."""
    lang = language_of(request)
    return _json(msgspec.json.encode({"lang": lang, "words": words_in(lang)}))


@api.get("/board")
@researcher_required
def board() -> Response:
    """All sessions and the counts above them."""
    return _json(msgspec.json.encode(watch().look(_now())))


@api.get("/replay/<session>")
@researcher_required
def replay(session: str) -> Response:
    """Everything that is needed to draw a session at any moment. Holds truth and the AI's answers."""
    return _json(apart(served, _rows(session), house().blobs.get))


@api.get("/verdict/<session>")
@researcher_required
def verified(session: str) -> Response:
    """Whether the session's log holds: chain, rules, screens; and whether today's files draw it that drew it then."""
    rows = _rows(session)
    found = apart(verify, rows, _reader(house().blobs))
    same = renderer_of(rows) == assets.digest()
    return _json(
        msgspec.json.encode({"rungs": found.rungs, "rows": found.rows, "head": found.head, "same_files": same})
    )


@api.get("/log/<session>.log.jsonl")
@researcher_required
def log(session: str) -> Response:
    """The session's log as a file that `coplay verify`, `measure` and `report` take."""
    rows = _rows(session)
    data = apart(log_file, rows[0].stream, rows, house().blobs.get)
    name = f"{session}.log.jsonl"
    return Response(
        data,
        mimetype="application/x-ndjson",
        headers={"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'},
    )
