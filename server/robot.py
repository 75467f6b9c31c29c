"""A robot that plays one session over a real socket: what `simulate --live` and the end-to-end tests send."""

from __future__ import annotations

import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec

from game.blocks import Wait
from game.person import Reply
from game.screen import View
from game.simulate import Player
from server.line import Line, Lost

NAMESPACE = "/play"
SCREENS_MAX = 2000
WAITS_S = 60
msgspec.json.Decoder(
    View
)  # learnt here, by one thread: robots in several that meet a type first all at once crash msgspec


class Halted(RuntimeError):
    """The server refused or went away; the message says on which screen and with which code."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Do not follow: the place we are sent to holds the token."""


def start(join: str) -> str:
    """Press Start on a join page and return the session's token; raises Halted."""
    parts = urllib.parse.urlsplit(join)
    opener = urllib.request.build_opener(_Stay)
    origin = f"{parts.scheme}://{parts.netloc}"
    request = urllib.request.Request(join, data=b"", method="POST", headers={"Origin": origin})  # noqa: S310 - the site that is tried
    try:
        with opener.open(request, timeout=30) as answer:
            place = answer.headers.get("Location", "")
    except urllib.error.HTTPError as error:
        with error:
            place = error.headers.get("Location", "") if error.code in (302, 303) else ""
    except OSError as error:
        raise Halted(f"{join} does not answer: {error}") from error
    found = re.search(r"/p/([\w-]+)", place)
    if found is None:
        raise Halted(f"{join} gave no session: is a study open there?")
    return found[1]


class Robot:
    """One participant on one socket. `think_s` is the pause before each answer."""

    def __init__(self, origin: str, token: str, play: Player, rng: Random, think_s: float = 0) -> None:
        self.origin, self.token, self.play = origin, token, play
        self.rng, self.think_s, self.count = rng, think_s, 0
        self.screens, self.since = 0, time.monotonic()
        self.sent: list[dict[str, Any]] = []
        query = urllib.parse.urlencode({"EIO": 4, "transport": "websocket", "s": token})
        scheme, host = ("wss" if origin.startswith("https") else "ws"), origin.split("://", 1)[1]
        self.address = f"{scheme}://{host}/socket.io/?{query}"
        self.line: Line

    def run(self) -> str:
        """Play to the end and return the last screen's place, e.g. "end/completed"; raises Halted."""
        try:
            with Line(self.address, self.origin) as self.line:
                return self._play()
        except Lost as lost:
            raise Halted(f"after {self.screens} screens: {lost}") from lost

    def _play(self) -> str:
        self._receive("0")
        self._send("40", {"v": 1, "token": self.token, "tab": secrets.token_hex(4)})
        self._receive("40")
        client = {"width": 1366, "height": 768, "dpr": 1, "theme": "light", "lang": "en"}
        screen = self._call("resume", {"client": client})
        for _ in range(SCREENS_MAX):
            view = msgspec.convert(screen["view"], View)
            self.screens += 1
            if (view.layout == "end" and view.place != "end/waiting") or _far(view):
                return view.place
            screen = self._answer(view, screen["hash"])
        raise Halted(f"no end after {SCREENS_MAX} screens")

    def _answer(self, view: View, digest: str) -> dict[str, Any]:
        """Answer the screen, or wait for the clock where that leads on, and return the next one."""
        if self.think_s:
            time.sleep(self.think_s)
        made = self.play(view, self.rng)
        values: Mapping[str, Any] = made.values if isinstance(made, Reply) else made
        if not values and not view.within_ms and not view.shift_ms:
            raise Halted(f"{view.place} offers no way on: {view.title}")
        ms = round((time.monotonic() - self.since) * 1000)
        command = {
            "id": secrets.token_hex(16),
            "seen": view.turn,
            "shown": {"turn": view.turn, "hash": digest, "ago_ms": ms, "width": 1366, "height": 768, "side": 429},
            **({"do": "answer", "values": dict(values), "ms": ms} if values else {"do": "trace"}),
        }
        acknowledgement = self._call("do", command)
        if acknowledgement.get("code") == "too_early":
            time.sleep(0.3)
            return {"view": msgspec.to_builtins(view), "hash": digest}
        if not acknowledgement.get("ok") and acknowledgement.get("code") != "stale":
            raise Halted(f"{view.place}: {acknowledgement.get('code')} {acknowledgement.get('say', '')}")
        return acknowledgement.get("screen") or self._pushed(view.turn)

    def _call(self, event: str, data: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        self._send(f"42{NAMESPACE},{self.count}", [event, data], bare=True)
        text = self._receive(f"43{NAMESPACE},{self.count}")
        self.since = time.monotonic()
        return msgspec.json.decode(text[text.index("[") :])[0]

    def _pushed(self, after: int) -> dict[str, Any]:
        """Return the first screen later than turn `after` that the server sent of its own accord."""
        while not (self.sent and self.sent[-1]["view"]["turn"] > after):
            self._keep(self._receive(f"42{NAMESPACE},"))
        self.since = time.monotonic()
        return self.sent[-1]

    def _keep(self, text: str) -> None:
        event, data = msgspec.json.decode(text[text.index("[") :])[:2]
        if event == "view":
            self.sent = [data]

    def _send(self, head: str, data: Any, *, bare: bool = False) -> None:
        body = msgspec.json.encode(data).decode()
        self.line.send(f"{head}{body}" if bare else f"{head}{NAMESPACE},{body}")

    def _receive(self, wanted: str) -> str:
        """Return the next message that begins with `wanted`, answering pings on the way; raises Halted."""
        while True:
            text = self.line.receive()
            if text == "2":
                self.line.send("3")
            elif text.startswith(wanted):
                return text
            elif text.startswith(f"42{NAMESPACE},"):
                self._keep(text)
            elif text.startswith(("44", "41")):
                raise Halted(f"the server refused: {text[2:200]}")


def _far(view: View) -> bool:
    """Tell whether a screen opens later than a robot waits, e.g. at the next visit."""
    return any(isinstance(b, Wait) and b.until_ms / 1000 > time.time() + WAITS_S for b in view.blocks)
