"""What a visit weighs: bytes over the wire by kind, as the browser itself counts them."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page

from server.websocket import WORTH, deflate


class Scale:
    """Counts what one page loads and sends from the moment it is put on."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.places: dict[str, str] = {}
        self.loaded: dict[str, int] = {}
        self.messages: list[str] = []
        self.sent = 0
        cdp = context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.on("Network.requestWillBeSent", self._asked)
        cdp.on("Network.loadingFinished", self._came)
        cdp.on("Network.webSocketFrameReceived", lambda told: self.messages.append(told["response"]["payloadData"]))
        cdp.on("Network.webSocketFrameSent", self._said)
        self.cdp = cdp

    def _asked(self, told: dict[str, Any]) -> None:
        self.places[told["requestId"]] = told["request"]["url"]

    def _came(self, told: dict[str, Any]) -> None:
        self.loaded[told["requestId"]] = int(told["encodedDataLength"])

    def _said(self, told: dict[str, Any]) -> None:
        self.sent += _framed(told["response"]["payloadData"])

    def weights(self) -> dict[str, int]:
        """Return bytes by kind. What is fetched ahead for later screens than the present one is not counted."""
        later = self._later()
        sums = {"pages": 0, "code": 0, "pictures": 0, "messages": sum(map(_framed, self.messages)), "sent": self.sent}
        for request, size in self.loaded.items():
            place = self.places.get(request, "")
            if place.rpartition("/")[2] not in later:
                sums["pictures" if "/b/" in place else "code" if "/static/" in place else "pages"] += size
        return sums

    def _later(self) -> set[str]:
        for message in reversed(self.messages):
            if '"view"' in message:
                told = json.loads(message[message.index("[") :])[0]
                return set((told.get("screen") or told)["view"].get("next", ()))
        return set()


def _framed(message: str) -> int:
    """Return the bytes of a message in its frame, compressed where the server or the browser does so."""
    data = message.encode()
    return (len(deflate(data)) if len(data) >= WORTH else len(data)) + 4
