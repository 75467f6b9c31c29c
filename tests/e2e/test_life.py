"""What happens to people: reload, a second tab, a lost network, a server that dies in mid-round. Nobody loses anything."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page, expect

from game.log import Row
from server.store_sqlite import SqliteStore
from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, Demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser):
    context = browser.new_context(**LAPTOP, locale="en-GB")
    yield context.new_page()
    context.close()


def rows(data: Path) -> dict[str, list[Row]]:
    """Return all sessions' rows as they are on disk."""
    store = SqliteStore(data / "coplay.db", read_only=True)
    try:
        streams = [head.stream for head in store.heads() if not head.stream.startswith("study:")]
        return {stream: list(store.read(stream)) for stream in streams}
    finally:
        store.close()


def answered(data: Path, name: str = "final") -> Counter[str]:
    """Count the stored answers called `name` by step."""
    return Counter(
        row.data.split('"step":')[1].split(",")[0].split("}")[0]
        for stream in rows(data).values()
        for row in stream
        if row.kind == "answered" and row.data and f'"name":"{name}"' in row.data
    )


def to_first_round(page: Page, demo: Demo) -> str:
    hands.start(page, demo.links["participant"])
    hands.play(page, until="main-1-01/")
    return hands.place(page)


def test_a_reload_in_mid_round_keeps_the_screen_and_the_choice(page: Page, demo: Demo):
    here = to_first_round(page, demo)
    page.keyboard.press("Digit2")
    picked = page.locator("#root fieldset[data-ask=final] input:checked").evaluate("e => e.value")
    page.reload()
    assert hands.place(page) == here
    assert page.locator("#root fieldset[data-ask=final] input:checked").evaluate("e => e.value") == picked
    hands.choose(page, Random(2))
    hands.press(page)
    assert hands.place(page).startswith("main-1-02/")


def test_the_back_button_leads_to_the_same_session(page: Page, demo: Demo):
    here = to_first_round(page, demo)
    address = page.url
    page.goto("about:blank")
    page.go_back()
    assert page.url == address
    assert hands.place(page) == here


def test_the_newest_tab_wins(page: Page, demo: Demo):
    here = to_first_round(page, demo)
    second = page.context.new_page()
    second.goto(page.url)
    assert hands.place(second) == here
    expect(page.locator("body")).to_contain_text("You continued in another tab", timeout=10_000)
    hands.choose(second, Random(3))
    hands.press(second)
    assert hands.place(second).startswith("main-1-02/")
    page.reload()
    assert hands.place(page).startswith("main-1-02/")
    expect(second.locator("body")).to_contain_text("You continued in another tab", timeout=10_000)


def test_a_lost_network_keeps_the_answer_and_sends_it_once(page: Page, demo: Demo):
    to_first_round(page, demo)
    before = sum(answered(demo.data).values())
    hands.choose(page, Random(4))
    page.context.set_offline(True)
    # Chromium leaves an open websocket alone when it goes offline: cut the wire itself as well.
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.locator("#root main .btn--primary").click()
    page.wait_for_timeout(1500)
    page.context.set_offline(False)
    page.wait_for_function(
        "() => { const r = document.querySelector('#root').dataset; return r.live === 'true' && r.place.startsWith('main-1-02/') }",
        timeout=20_000,
    )
    after = answered(demo.data)
    assert sum(after.values()) == before + 1


def test_kill_9_in_mid_round_loses_nothing_and_doubles_nothing(page: Page, tmp_path: Path):
    demo = Demo(tmp_path)
    try:
        to_first_round(page, demo)
        hands.choose(page, Random(5))
        hands.press(page)
        here = hands.place(page)
        acknowledged = answered(demo.data)
        page.keyboard.press("Digit3")
        port = demo.port
        demo.kill()
        expect(page.locator("#banner")).to_be_visible(timeout=15_000)
        hands.choose(page, Random(6))
        page.locator("#root main .btn--primary").click()  # pressed while nobody answers
        page.screenshot(path=Path(__file__).parents[1] / "shots" / "connection-lost.png")
        demo.start(port)
        page.wait_for_function(
            "before => { const r = document.querySelector('#root').dataset; return r.live === 'true' && r.place !== before }",
            arg=here,
            timeout=30_000,
        )
        assert hands.place(page).startswith("main-1-03/")
        after = answered(demo.data)
        assert set(acknowledged) < set(after)
        assert set(after.values()) == {1}
        commands = Counter(row.cmd for stream in rows(demo.data).values() for row in stream if row.kind == "answered")
        assert max(commands.values()) <= 4, "one command, one set of answers"
        hands.play(page, seed=7)
        expect(page.locator("h1")).to_have_text("All done")
    finally:
        assert demo.stop() == 0


def test_stopping_with_the_menu_ends_the_session(page: Page, demo: Demo):
    to_first_round(page, demo)
    page.locator(".bar button[aria-haspopup], .bar .btn--icon").last.click()
    page.get_by_role("button", name="Stop taking part").first.click()
    page.screenshot(path=Path(__file__).parents[1] / "shots" / "withdraw-dialog.png")
    page.get_by_role("button", name="Stop now").click()
    expect(page.locator("h1")).to_have_text("You stopped", timeout=10_000)


def test_the_language_can_be_switched_in_mid_session(page: Page, demo: Demo):
    hands.start(page, demo.links["participant"])
    page.get_by_role("button", name="Français").click()
    expect(page.locator("h1")).to_have_text("Enquête papillons : une démo".replace(" :", "\u00a0:"), timeout=10_000)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
