"""Mine: a person's own page: what they agreed to, as a copy to keep, and erasing their session, now or later by its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, abort, g, render_template, request

from game.consent import Consent, consent_of
from game.log import Broken, Conflict, is_erased, session_events
from server.consent_copy import copy_of
from server.pages import house, language, page_words, styles
from server.parting import part
from server.recruit import Again, Exit, Go, Send, Show, framers
from server.writer import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from game.log import Row
    from server.session import Session

CODE_MAX = 64
WIPED = '"cache", "storage"'
"""What the browser is asked to forget of this site with the session."""

mine = Blueprint("mine", __name__)


@mine.get("/mine/<token>")
def own(token: str) -> Response:
    """What a person can have of their own session: a copy of the consent, the code, erasure."""
    stream, session = _session(token)
    lang = session.state.lang
    code = f"{stream.rpartition('/')[2]} {house().people.code(stream)}"
    given = _consent(stream)
    return _page("mine", lang, token=token, code=code, agreed=given is not None, open=not session.state.closed)


@mine.get("/mine/<token>/consent")
def consent(token: str) -> Response:
    """The copy of the consent, as a text file."""
    stream, session = _session(token)
    given = _consent(stream)
    if given is None:
        abort(404)
    here, opened = house(), session.state.opened
    assert opened is not None
    words = page_words().get(given.lang, page_words()["en"])
    digest = opened.intake.texts[given.lang]
    words, address = words["copy"], f"{request.host_url}forget"
    text = copy_of(given, _texts(digest), opened, here.people.code(stream), address, words, session.receipt)
    name = f"consent-{opened.session}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, mimetype="text/plain", headers=headers)


@mine.post("/mine/<token>/erase")
def erase_own(token: str) -> Response:
    """End the session, if it still goes on, and erase it: one press."""
    stream, session = _session(token)
    return _erased(stream, session.state.lang)


@mine.get("/forget")
def forget() -> Response:
    """Where a session is erased later, by its code."""
    return _page("forget", language(tuple(page_words())), wrong=False)


@mine.post("/forget")
def forget_by_code() -> Response:
    """Erase the session whose code and secret were given; says nothing of sessions to anybody else."""
    lang = language(tuple(page_words()))
    name, _, secret = request.form.get("code", "").strip()[:CODE_MAX].lower().partition(" ")
    here = house()
    for study in here.studies:
        stream = here.table.stream_name(study, name)
        if name.isalnum() and here.people.knows_code(stream, secret.strip()):
            rows = _rows(stream)
            if not rows:
                break
            return _page("erased", lang, way=None) if is_erased(rows) else _erased(stream, lang)
    return _page("forget", lang, status=403, wrong=True)


def _erased(stream: str, lang: str) -> Response:
    try:
        way = part(house(), stream)
    except (Conflict, OSError, Unavailable):
        abort(503)
    return _page("erased", lang, way=_shown(way, stream))


def _shown(way: Exit, stream: str) -> Mapping[str, Any] | None:
    """Return what the page offers as the way back, None where there is nowhere to go."""
    match way:
        case Go(url):
            return {"url": url}
        case Again(query):
            return {"url": f"/s/{stream.split('/')[-2]}?kiosk={query.get('kiosk', '')}"}
        case Show(code):
            return {"code": code}
        case Send(url, fields):
            g.forms = (f"https://{url.split('/')[2]}",)
            return {"post": url, "fields": fields}
        case _:
            return None


def _page(name: str, lang: str, status: int = 200, **more: Any) -> Response:
    words = page_words().get(lang, page_words()["en"])
    html = render_template("mine.html", page=name, lang=lang, words=words["mine"], styles=styles(), **more)
    headers = {"Cache-Control": "no-store"} | ({"Clear-Site-Data": WIPED} if name == "erased" else {})
    return Response(html, status, headers=headers)


def _session(token: str) -> tuple[str, Session]:
    here = house()
    stream = here.people.stream(token)
    try:
        session = here.table.load(stream) if stream else None
    except Unavailable:
        abort(503)
    if stream is None or session is None or session.state.opened is None:
        abort(404)
    g.ancestors = framers(session.state.opened.recruiter)
    return stream, session


def _rows(stream: str) -> Sequence[Row]:
    return house().store.read(stream)


def _consent(stream: str) -> Consent | None:
    try:
        return consent_of(session_events(_rows(stream)), _texts)
    except (Broken, LookupError):
        return None


def _texts(digest: str) -> dict[str, str]:
    return msgspec.json.decode(house().blobs.get(digest), type=dict[str, str])
