"""Everything a session sends is recorded: no answer of the AI, no map and no truth is sent or fetchable before its stage."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page

from game.log import event_of
from game.plan import Card
from game.registry import player
from server.robot import Robot, start
from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, ROOT, Demo
from tests.e2e.test_life import rows

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


class Traffic:
    """Frames received and addresses asked for, in order."""

    def __init__(self, page: Page) -> None:
        self.received: list[str] = []
        self.asked: list[str] = []
        page.on("websocket", lambda ws: ws.on("framereceived", lambda frame: self.received.append(str(frame))))
        page.on("request", lambda request: self.asked.append(request.url))

    def all(self) -> str:
        """Return everything seen so far as one text."""
        return "\n".join([*self.received, *self.asked])


def plan_cards(data: Path) -> dict[str, Card]:
    """Return step id -> card of the newest session's plan."""
    newest = max(rows(data).values(), key=lambda stream: stream[0].at)
    assigned = next(event_of(row) for row in newest if row.kind == "assigned")
    return {step.id: step.card for step in assigned.plan.steps if step.card}


def said(text: str, label: str) -> bool:
    """Tell whether a label stands anywhere but in the options and the field guide, which everyone sees."""
    text = re.sub(r'"options":\[.*?\]', "", text)
    text = re.sub(r'"plates":\[.*?\]', "", text)
    text = re.sub(r'"labels":\{.*?\}', "", text)
    return label.title() in text or f'"{label}"' in text


def test_nothing_arrives_before_its_stage(browser: Browser, tour: Demo):
    context = browser.new_context(**LAPTOP, locale="en-GB")
    page = context.new_page()
    traffic = Traffic(page)
    rng = Random(1)
    hands.start(page, tour.links["participant"])
    hands.play(page, until="main-1-01/")
    cards = plan_cards(tour.data)
    overlays = {step: card.overlay for step, card in cards.items() if card.overlay}
    checked = 0
    for _ in range(200):
        here = hands.place(page)
        if here.startswith("end/"):
            break
        step, stage = here.split("/")
        card = cards.get(step)
        screen = page.locator("#root")
        if card is not None:
            shown_map = screen.locator("img.map").count() > 0
            seen = traffic.all()
            if not shown_map and card.overlay and stage in ("decide", "advised", "first", "who"):
                assert card.overlay not in seen, (here, "the map was sent early")
                checked += 1
            mine = [frame for frame in traffic.received if f'"place":"{step}/' in frame]
            if stage in ("first", "who") or (stage == "decide" and not shown_map and "suggests" not in mine[-1]):
                assert not any(said(frame, card.truth) for frame in mine), (here, "the truth was sent early")
                assert not card.advice or not any(said(frame, card.advice) for frame in mine), (
                    here,
                    "advice sent early",
                )
                checked += 1
            later = [o for s, o in overlays.items() if s > step and o != card.overlay]
            assert not any(o in seen for o in later), (here, "a later map was prefetched")
            assert not any(c.specimen in seen for c in cards.values()), "specimen ids stay on the server"
        hands.choose(page, rng)
        acts = page.locator("#root main .btn--ai, #root main .btn--you")
        if (
            hands.kind(page) == "round"
            and acts.count()
            and (page.locator("#root main .btn--primary").count() == 0 or rng.random() < 0.6)
        ):
            hands.press(
                page,
                rng.choice([".btn--ai", ".btn--you"]) if page.locator("#root main .btn--you").count() else ".btn--ai",
            )
        else:
            hands.press(page)
    assert hands.place(page) == "end/completed"
    assert checked > 15
    assert all(url.startswith(tour.origin) for url in traffic.asked)
    context.close()


def test_names_of_blobs_tell_nothing_and_digests_are_not_served(tour: Demo):
    Robot(tour.origin, start(tour.links["participant"]), player["random"].thing, Random(2)).run()
    cards = plan_cards(tour.data)
    names = {card.image for card in cards.values()} | {card.overlay for card in cards.values() if card.overlay}
    assert all(re.fullmatch(r"[\w-]{22}", name) for name in names)
    manifest = (ROOT / "game/studies/moths/pack/manifest.json").read_text()
    digest = re.search(r"[0-9a-f]{64}", manifest)
    assert digest
    for path in (
        f"/b/{digest[0]}",
        "/b/../manifest.json",
        "/b/manifest.json",
        "/static/../game/studies/moths/study.toml",
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(tour.origin + path, timeout=10)
        with refused.value as answer:
            assert answer.code in (400, 404)


def test_the_policy_is_strict(tour: Demo):
    with urllib.request.urlopen(tour.links["participant"], timeout=10) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers.get("Set-Cookie") is None
