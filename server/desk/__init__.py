"""The desk: the researcher's side. Every page and every answer is behind the door; nothing here can change a session."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request

from server import assets
from server.auth import researcher_required
from server.desk import api
from server.desk.words import COOKIE, language_of, languages, words_in

desk = Blueprint("desk", __name__, url_prefix="/desk")
desk.register_blueprint(api.api)

FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The frame shows and cannot send: no connection may be opened from it."""

PAGES = ("overview", "sessions")
SHARED = ("tokens", "base", "bar", "button", "verdict")
"""What the desk shares with the participant's pages; its own sheets are apart, so that they never reach those."""


def _page(name: str, session: str = "") -> Response:
    lang = language_of(request)
    words, house = words_in(lang), api.house()
    base = house.settings.origin or request.host_url.rstrip("/")
    sheets = [f"style/{style}.css" for style in SHARED]
    text = render_template(
        "desk.html", page=name, lang=lang, words=words, pages=PAGES, session=session,
        names={each: words_in(each)["lang"] for each in languages()},
        title=words[f"{name}.title"].format(session=session), study=", ".join(sorted(house.studies)),
        links=[(study, f"{base}/s/{study}") for study in sorted(house.studies)],
        styles=[*sheets, "desk/desk.css", *(["desk/replay.css"] if name == "replay" else [])],
    )  # fmt: skip
    response = make_response(text)
    if request.args.get("lang") == lang:
        response.set_cookie(COOKIE, lang, max_age=365 * 24 * 3600, httponly=True, samesite="Lax", path="/desk")
    response.headers["Cache-Control"] = "no-store"
    return response


@desk.get("/")
@researcher_required
def overview() -> Response:
    """The study at a glance: links, counts per outcome and per cell."""
    return _page("overview")


@desk.get("/sessions")
@researcher_required
def sessions() -> Response:
    """All sessions, live."""
    return _page("sessions")


@desk.get("/replay/<session>")
@researcher_required
def replay(session: str) -> Response:
    """One session's screens as they were; `#<seq>` opens at that row."""
    if api.rows_of(session) is None:
        abort(404)
    return _page("replay", session=session)


@desk.get("/frame")
@researcher_required
def frame() -> Response:
    """The empty page in which the participant's screen is drawn, at its own size."""
    response = make_response(render_template("desk_frame.html", styles=assets.styles()))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
