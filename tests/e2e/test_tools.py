"""What a person does with a map, in a real browser, and what the log and the rounds keep of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from game.events import Gestured, Shown
from game.log import event_of, session_events
from game.rounds import rounds_of
from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, Demo
from tests.e2e.stage import PACK
from tests.e2e.test_life import rows

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
STUDY = """format = 2
name = "tools"
pack = "pack"
languages = ["en"]
seed = 3
demo = true

[[set]]
name = "two"
n = 2
ai_wrong = 1
model = "small_cnn"

[[condition]]
name = "mapped"
workflow = "concurrent"
advice = "confidence"
model = "small_cnn"
explanation = "gradcam"
display = "overlay"
tools = true

[[phase]]
name = "main"
blocks = ["mapped"]
sets = ["two"]
tally = false
"""


def test_display_strength_and_peeks_are_logged_and_counted(browser: Browser, tmp_path: Path):
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, "utf-8")
    (folder / "pack").symlink_to(PACK)
    (folder / "texts").mkdir()
    told = '[study]\ntitle = "Tools"\n[block.mapped]\ntitle = "With a map"\ntext = "Play."\n'
    (folder / "texts" / "en.toml").write_text(told, "utf-8")
    running = Demo(tmp_path / "data", "serve", str(folder))
    try:
        context = browser.new_context(**LAPTOP, locale="en-GB")
        page = context.new_page()
        hands.start(page, running.links["participant"])
        hands.play(page, until="main-1-01/")
        expect(page.locator(".pane--1 .map")).to_be_visible()
        page.keyboard.press("h")
        expect(page.locator(".pane--1 .map")).to_have_count(0)
        page.keyboard.press("h")
        expect(page.locator(".pane--1 .map")).to_be_visible()
        held = page.locator(".stage__bar [aria-pressed]")
        held.hover()
        page.mouse.down()
        expect(page.locator(".pane--1 .map")).to_have_count(0)
        page.mouse.up()
        expect(page.locator(".pane--1 .map")).to_be_visible()
        page.locator("input[name=rendering][value=mask]").check(force=True)
        page.locator(".strength button").first.click()
        hands.play(page)
        context.close()
    finally:
        assert running.stop() == 0
    (stream,) = rows(running.data).values()
    events = [event_of(row) for row in stream]
    first = next(e for e in events if isinstance(e, Gestured) and any(item.name == "peek" for item in e.items))
    told = [(item.name, item.value) for item in first.items if item.name in ("peek", "rendering", "opacity")]
    assert [value for name, value in told if name == "peek"] == [True, False, True, False]
    assert ("rendering", "mask") in told
    assert any(name == "opacity" and isinstance(value, int) for name, value in told)
    assert any(isinstance(e, Shown) and e.overlay_ms is not None for e in events)
    rounds = rounds_of(session_events(stream))
    assert [each.flips for each in rounds] == [2, 0]
