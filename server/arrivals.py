"""Arrivals: how people come to a study and how they leave it. Opening a link changes nothing; Start begins a session."""

from __future__ import annotations

import logging
import urllib.parse
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, g, redirect, render_template, request

from server import delivery
from server.pages import house, language, page_words, styles
from server.parting import way_back
from server.recruit import Again, Arrival, Exit, Go, Grant, Recruiter, Send, Show, Stay, Unwelcome, arrive, framers
from server.table import new_name
from server.writer import Unavailable

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from server.studies import OpenStudy

PARAMS_MAX, VALUE_MAX = 30, 2000

arrivals = Blueprint("arrivals", __name__)
log = logging.getLogger("coplay.arrivals")


@arrivals.get("/")
def index() -> str | AnyResponse:
    """The study to join; with several, a list of them."""
    studies = list(house().studies.values())
    if len(studies) == 1:
        return _join(studies[0])
    lang = language(tuple(page_words()))
    links = [(f"/s/{study.name}", _title(study, lang)) for study in studies]
    return render_template("join.html", lang=lang, words=page_words()[lang]["join"], links=links, styles=styles())


@arrivals.get("/s/<study>")
def join(study: str) -> str | AnyResponse:
    """What taking part begins with; creates nothing, so a link that is only fetched counts nobody."""
    return _join(_study(study))


@arrivals.post("/s/<study>")
def start(study: str) -> AnyResponse:
    """Begin a session, or continue the one of the same person, and lead to it."""
    opened, here = _study(study), house()
    try:
        platform, arrival = _arrive(opened)
    except Unwelcome as unwelcome:
        return _told(opened, unwelcome.code)
    if platform.is_preview(arrival.link):
        return _told(opened, "preview", 200)
    stream = here.table.stream_name(opened.name, new_name())
    try:
        stream = here.people.claim(f"{here.settings.prefix}/{opened.name}", arrival, stream)
        if here.table.load(stream) is None:
            here.table.open_session(
                opened.name,
                request.form.get("lang", ""),
                stream.rpartition("/")[2],
                recruiter=_way_back(platform, arrival),
            )
        return redirect(f"/p/{here.people.issue(stream)}", code=303)
    except Unavailable:
        abort(503)


@arrivals.get("/leave/<token>")
def leave(token: str) -> AnyResponse:
    """Lead back to where somebody came from, with the code of how it ended; only once all of it is stored."""
    here = house()
    stream = here.people.stream(token)
    session = here.table.load(stream) if stream else None
    if stream is None or session is None or session.state.opened is None:
        abort(404)
    g.ancestors = framers(session.state.opened.recruiter)
    if not session.state.closed:
        return redirect(f"/p/{token}", code=303)
    opened = _study(session.state.opened.study)
    return _lead(opened, way_back(here, stream, opened.name, session.state.closed))


def _lead(opened: OpenStudy, way: Exit) -> AnyResponse:
    lang = language(_languages(opened))
    words = page_words()[lang]["leave"]
    match way:
        case Go(url):
            return redirect(url, code=303)
        case Again(query):
            return redirect(f"/s/{opened.name}?{urllib.parse.urlencode(query)}", code=303)
        case Send(url, fields):
            g.forms = (f"https://{urllib.parse.urlsplit(url).hostname}",)
            html = render_template(
                "leave.html", lang=lang, words=words, url=url, fields=fields, code="", styles=styles()
            )
        case Show(code):
            html = render_template("leave.html", lang=lang, words=words, url="", fields={}, code=code, styles=styles())
        case Stay(why):
            return _told(opened, why, 200)
        case Grant():  # what it led to is known before this (see `server.credit`)
            return _told(opened, "stay", 200)
    return Response(html, headers={"Cache-Control": "no-store"})


def _join(study: OpenStudy) -> str | AnyResponse:
    lang = language(_languages(study))
    try:
        platform, arrival = _arrive(study)
    except Unwelcome as unwelcome:
        return _told(study, unwelcome.code)
    others = [(other, page_words()[other]["name"]) for other in _languages(study) if other != lang]
    query = urllib.parse.urlencode([pair for pair in request.args.items() if pair[0] != "lang"])
    g.ancestors = framers(arrival.platform)
    return render_template(
        "join.html", lang=lang, words=page_words()[lang]["join"], title=_title(study, lang), styles=styles(),
        action=f"/s/{study.name}?{query}" if query else f"/s/{study.name}", others=others, query=query, links=[],
        preview=platform.is_preview(arrival.link), script=delivery.script(),
    )  # fmt: skip


def _arrive(study: OpenStudy) -> tuple[Recruiter, Arrival]:
    """Return who came and by which recruiter; raises Unwelcome, also for people of excluded studies."""
    link = {name: value for name, value in list(request.args.items())[:PARAMS_MAX] if len(value) <= VALUE_MAX}
    platform, arrival = arrive(house().recruiters[study.name], link)
    if house().people.took_part(arrival, platform.config.exclude):
        raise Unwelcome("took_part")
    return platform, arrival


def _way_back(platform: Recruiter, arrival: Arrival) -> str:
    """Return the recruiter's name where there is something to go back to, "" otherwise."""
    ways = {type(platform.exit(outcome, arrival)).__name__ for outcome in ("completed", "withdrawn")}
    return platform.config.platform if ways != {"Stay"} else ""


def _told(study: OpenStudy, code: str, status: int = 403) -> AnyResponse:
    """Say in plain words why nothing goes on here."""
    lang = language(_languages(study))
    words = page_words()[lang]["leave"][code]
    html = render_template("error.html", title=words["title"], text=words["text"], code="", lang=lang, styles=styles())
    return Response(html, status, headers={"Cache-Control": "no-store"})


def _study(name: str) -> OpenStudy:
    found = house().studies.get(name)
    return found if found is not None else abort(404)


def _languages(study: OpenStudy) -> tuple[str, ...]:
    return tuple(lang for lang in study.languages if lang in page_words()) or ("en",)


def _title(study: OpenStudy, lang: str) -> str:
    return study.texts.get(lang, study.texts[study.languages[0]]).get("study.title", study.name)
