"""Pages: the shell of the game, blobs, static files, errors. Joining and leaving stand in `server.arrivals`."""

from __future__ import annotations

import functools
import logging
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, abort, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException

from server import assets, delivery, frames, wire
from server.packs import BadPack
from server.recruit import framers

if TYPE_CHECKING:
    from server.house import House

FOREVER = "public, max-age=31536000, immutable"

NOISE = os.urandom(64 * 1024)
"""What no server on the way can make smaller."""

pages = Blueprint("pages", __name__)
log = logging.getLogger("coplay.pages")


def house() -> House:
    """Return what the process serves with."""
    return cast("House", current_app.extensions["coplay"])


@functools.cache
def page_words() -> Mapping[str, Mapping[str, Any]]:
    """Return language -> the words of the pages around the game."""
    return tomllib.loads((Path(__file__).parent / "templates" / "words.toml").read_text("utf-8"))


def language(offered: Sequence[str]) -> str:
    """Return the language asked for by `?lang` or by the browser, among those offered."""
    asked = request.args.get("lang", "")
    return asked if asked in offered else request.accept_languages.best_match(offered) or offered[0]


@pages.get("/p/<token>")
def play(token: str) -> Response:
    """The shell of the game; the session comes over the socket."""
    here = house()
    stream = here.people.stream(token)
    if stream is None:
        abort(404)
    session = here.table.load(stream)
    if session is None or session.state.opened is None:
        abort(404)
    study = here.studies.get(session.state.opened.study)
    g.frames = frames.allowed(study, session)
    g.ancestors = framers(session.state.opened.recruiter)
    lang = session.state.lang
    words = page_words().get(lang, page_words()["en"])["play"]
    texts = here.table.texts(session)
    first, pictures = wire.opening(session, texts, study.blobs if study else ())
    html = render_template(
        "play.html", lang=lang, theme="", title=texts.get("study.title", "coplay"), styles=styles(), assets=assets.digest(),
        script=delivery.script(), idle=f"{here.settings.idle_seconds:g}", first=first, pictures=pictures, **words,
    )  # fmt: skip
    return Response(html, headers={"Cache-Control": "no-store"})


@pages.get("/b/<name>")
def blob(name: str) -> Response:
    """A picture by its public name. Names tell nothing and cannot be guessed, so they need no session."""
    study = next((study for study in house().studies.values() if name in study.blobs), None)
    if study is None:
        abort(404)
    try:
        data, described = study.pack.read(study.blobs[name])
    except BadPack as bad:
        log.error("%s", bad)
        abort(503)
    return Response(data, mimetype=described.media, headers={"Cache-Control": FOREVER})


@pages.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file of the browser's side; unchanged ones are not sent again."""
    asset, lasting = delivery.find(name)
    if asset is None:
        abort(404)
    forms = {"br": asset.brotli, "gzip": asset.packed, "": asset.data}
    form = next(name for name, data in forms.items() if data and (not name or name in request.accept_encodings))
    response = Response(forms[form], content_type=asset.media)
    response.headers["Cache-Control"] = FOREVER if lasting else "no-cache"
    if form:
        response.headers["Content-Encoding"] = form
    if asset.packed:
        response.headers["Vary"] = "Accept-Encoding"
    if not lasting:
        response.set_etag(f"{asset.digest}-{form}" if form else asset.digest)
        response.make_conditional(request)
    return response


@pages.get("/probe")
def probe() -> Response:
    """Noise of `n` bytes, by which a browser finds out how fast its line is."""
    n = min(max(request.args.get("n", 1, int), 1), len(NOISE))
    return Response(NOISE[:n], mimetype="application/octet-stream", headers={"Cache-Control": "no-store"})


@pages.get("/healthz")
def healthz() -> Response:
    """Say `ok` when the store answers."""
    try:
        house().store.read("healthz")
    except Exception:  # whatever it was, the answer is no
        log.exception("the store does not answer")
        abort(503)
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


def show_error(error: Exception) -> tuple[str, int]:
    """Say what went wrong, in the reader's language."""
    code = error.code if isinstance(error, HTTPException) and error.code else 500
    lang = language(tuple(page_words()))
    texts = page_words()[lang]["error"]
    said = texts.get(str(code), texts["other"])
    return render_template(
        "error.html", title=said["title"], text=said["text"], code=code, lang=lang, styles=styles()
    ), code


def styles() -> list[str]:
    """Return the addresses of the style sheets of every page."""
    return [delivery.sheet()]
