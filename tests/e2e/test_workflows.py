"""Each workflow once, by keyboard alone: 1-9 choose, Enter confirms, A asks the AI, E asks why, D delegates."""

from __future__ import annotations

from random import Random

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, ROOT, Demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def press(page: Page, code: str) -> str:
    """Press a key and return the next place."""
    before = hands.place(page)
    page.keyboard.press(code)
    page.wait_for_function(
        "before => { const r = document.querySelector('#root').dataset; return r.live === 'true' && r.place !== before }",
        arg=before,
        timeout=15_000,
    )
    return hands.place(page)


def decide(page: Page, digit: int = 1) -> str:
    """Choose by key, say how sure with Tab and the arrows, confirm with Enter."""
    page.keyboard.press(f"Digit{digit}")
    page.locator("#root fieldset[data-ask$=confidence] input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    return press(page, "Enter")


def workflow_here(page: Page) -> str:
    """Tell the workflow by its first screen."""
    if page.locator("#root .btn--you").count():
        return "delegation"
    if page.locator("#root main .btn--ai").count():
        return "on_request"
    card = page.locator("#root .ai-card")
    if page.locator("#root fieldset[data-ask=own]").count():
        return "judge_advisor"
    return "concurrent" if card.locator(".meter").count() else "solo"


def play_round(page: Page) -> str:
    """Play one round by keys, using what its workflow offers; returns the workflow."""
    name = workflow_here(page)
    if name == "delegation":
        assert press(page, "KeyD").endswith("/handed")
        expect(page.locator("#root .ai-card")).to_contain_text("decides")
        press(page, "Enter")
    elif name == "on_request":
        assert press(page, "KeyA").endswith("/advised")
        assert page.locator("#root img.map").count() == 0
        assert press(page, "KeyE").endswith("/explained")
        expect(page.locator("#root img.map").first).to_be_visible()
        decide(page, 2)
    elif name == "judge_advisor":
        assert decide(page, 3).endswith("/revise")
        expect(page.locator("#root .own")).to_contain_text("Your first answer")
        page.keyboard.press("Numpad3")
        expect(page.locator("#root main .btn--primary")).to_contain_text("how sure")
        decide(page, 3)
    else:
        decide(page, 4)
    assert hands.place(page).endswith("/reveal")
    press(page, "Enter")
    return name


def test_every_workflow_is_played_by_keyboard_alone(browser: Browser, tour: Demo):
    context = browser.new_context(**LAPTOP, locale="en-GB")
    page = context.new_page()
    hands.start(page, tour.links["participant"])
    met: dict[str, int] = {}
    for _ in range(200):
        here = hands.place(page)
        if here.startswith("end/"):
            break
        if hands.kind(page) == "round":
            name = play_round(page)
            if met.setdefault(name, 0) == 0:
                page.screenshot(path=ROOT / f"tests/shots/workflow-{name}.png")
            met[name] += 1
        else:
            hands.choose(page, Random(1))
            press(page, "Enter")
    assert met == {"solo": 4, "concurrent": 4, "on_request": 4, "judge_advisor": 4, "delegation": 4}
    context.close()
