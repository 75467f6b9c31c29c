"""The main job: people play the demo in a browser, and a researcher replays what they did."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, PHONE, ROOT, Demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SHOTS = ROOT / "tests" / "shots"


def serious(page: Page) -> list[str]:
    """Return the serious and critical accessibility violations on the page."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]


def complaints(page: Page) -> list[str]:
    """Collect console errors and failed requests of the page."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on(
        "requestfailed", lambda request: told.append(f"{request.url} {request.failure}") if _broke(request) else None
    )
    return told


def _broke(request: Request) -> bool:
    """Tell a failed request from one that leaving the page has cut off."""
    return "ERR_ABORTED" not in (request.failure or "")


def outside(page: Page, origin: str) -> list[str]:
    """Collect requests to anywhere but our own server."""
    asked: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(origin) else asked.append(r.url))
    return asked


class Journey(NamedTuple):
    """One person's way through the demo, as the browser saw it."""

    lang: str
    met: list[str]
    heading: str
    said_lang: str | None
    told: list[str]
    asked: list[str]


PEOPLE = {
    "laptop-en-light-keyboard": (LAPTOP, "en", "light", True),
    "phone-fr-dark-touch": (PHONE, "fr", "dark", False),
}


def journey(browser: Browser, demo: Demo, device: dict, lang: str, theme: str, *, keyboard: bool) -> Journey:
    """Play the demo once, looking at every kind of screen: accessible, nothing scrolls in a round, targets are large."""
    context = browser.new_context(**device, color_scheme=theme, locale="fr-FR" if lang == "fr" else "en-GB")
    page = context.new_page()
    told, asked = complaints(page), outside(page, demo.origin)
    checked: set[str] = set()

    def look(here: str) -> None:
        kind = here.split("/")[1] + "-" + here.rsplit("-", 1)[0].split("/", maxsplit=1)[0]
        if kind in checked:
            return
        checked.add(kind)
        page.screenshot(path=SHOTS / f"{lang}-{here.replace('/', '_')}.png")
        assert serious(page) == [], here
        if hands.kind(page) == "round":
            height = page.evaluate("document.documentElement.scrollHeight - innerHeight")
            assert height <= 0, f"{here} scrolls by {height} px"
            for box in page.locator("#root main button, #root main label.choice, #root main label.rate").all():
                size = box.bounding_box()
                assert size is None or (size["height"] >= 44 and size["width"] >= 44), (here, box.inner_text(), size)

    hands.start(page, demo.links["participant"], lang)
    met = hands.play(page, keyboard=keyboard, look=look)
    heading, said = page.locator("h1").inner_text(), page.locator("html").get_attribute("lang")
    context.close()
    return Journey(lang, met, heading, said, told, asked)


@pytest.fixture(scope="module")
def journeys(browser: Browser, demo: Demo) -> dict[str, Journey]:
    """Everyone's way through the demo, played once for all tests of this file."""
    SHOTS.mkdir(exist_ok=True)
    return {
        name: journey(browser, demo, device, lang, theme, keyboard=keyboard)
        for name, (device, lang, theme, keyboard) in PEOPLE.items()
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_a_person_plays_the_demo(journeys: dict[str, Journey], name: str):
    made = journeys[name]
    assert made.met[0] == "welcome-notice/notice"
    assert made.met[-1] == "end/completed"
    assert sum("/decide" in here and here.startswith("main-") for here in made.met) == 30
    assert made.said_lang == made.lang
    assert made.heading == ("C’est terminé" if made.lang == "fr" else "All done")
    assert made.told == []
    assert made.asked == []


@pytest.fixture(scope="module")
def desk(browser: Browser, demo: Demo, journeys: dict[str, Journey]) -> dict:
    """The cookies of a researcher who came through the one-time link, after people have played."""
    assert len(journeys) == len(PEOPLE)
    context = browser.new_context()
    context.new_page().goto(demo.links["desk"])
    state = context.storage_state()
    context.close()
    return state


@pytest.mark.usefixtures("journeys")
@pytest.mark.timeout(300)
def test_the_log_is_sound_and_can_be_measured(demo: Demo):
    run = [sys.executable, "-m", "server.cli"]
    done = subprocess.run([*run, "verify", str(demo.data)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    measured = subprocess.run(
        [*run, "measure", str(demo.data), "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert measured.returncode == 0, measured.stderr
    assert '"accuracy' in measured.stdout


@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_researcher_replays_the_session(browser: Browser, demo: Demo, desk: dict, theme: str):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme, storage_state=desk)
    page = context.new_page()
    told = complaints(page)
    page.goto(f"{demo.origin}/desk/sessions")
    expect(page.locator("a[href*='/desk/replay/']")).to_have_count(2)
    assert serious(page) == []
    page.screenshot(path=SHOTS / f"desk-sessions-{theme}.png")
    page.locator("a[href*='/desk/replay/']").first.click()
    frame = page.frame_locator("iframe").first
    expect(page.locator("#mirror")).to_have_attribute("aria-busy", "false")
    expect(page).to_have_url(re.compile(r"#\d+$"))
    first = frame.locator("h1").first.inner_text()
    for _ in range(3):
        before = page.url
        page.keyboard.press("]")
        expect(page).not_to_have_url(before)
    expect(page.locator("#mirror")).to_have_attribute("aria-busy", "false")  # the frame is drawn after the page
    expect(frame.locator("main.round[inert]")).to_be_visible()  # read-only
    assert frame.locator("h1").first.inner_text() != first
    moment, heading = page.url, frame.locator(".drawer").first.get_attribute("aria-label")
    assert "#" in moment
    page.screenshot(path=SHOTS / f"desk-replay-{theme}.png")
    assert serious(page) == []
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(moment)
    deep = context.new_page()
    deep.goto(moment)
    expect(deep.frame_locator("iframe").first.locator(".drawer").first).to_have_attribute(
        "aria-label", heading or "", timeout=15_000
    )
    address = page.url.partition("#")[0]
    named = context.new_page()  # as a report links to a round
    named.goto(f"{address}#round=2")
    expect(named.get_by_role("status").filter(has_text="round 2 of the session")).to_have_count(1, timeout=15_000)
    expect(named).to_have_url(re.compile(r"#\d+$"))
    named.goto(f"{address}#round=999")
    expect(named.get_by_role("status").filter(has_text="no round 999")).to_have_count(1, timeout=15_000)
    named.close()
    deep.locator("select").filter(has_text="16").first.select_option(index=5)
    deep.keyboard.press("Space")
    expect(deep).not_to_have_url(moment, timeout=15_000)  # it plays
    assert told == []
    context.close()


@pytest.mark.usefixtures("desk")
@pytest.mark.timeout(300)
def test_the_one_time_link_works_once(browser: Browser, demo: Demo):
    context = browser.new_context()
    page = context.new_page()
    response = page.goto(demo.links["desk"])
    assert response is not None
    assert "/desk/sessions" not in page.content() or response.status >= 400
    assert page.goto(f"{demo.origin}/desk/sessions").status in (401, 403)  # type: ignore[union-attr]
    context.close()


@pytest.mark.usefixtures("journeys")
@pytest.mark.timeout(300)
def test_nothing_personal_is_stored(demo: Demo):
    data = b"".join(path.read_bytes() for path in Path(demo.data).glob("coplay.db*"))
    for word in (b"Mozilla", b"HeadlessChrome", b"127.0.0.1"):
        assert word not in data
    with sqlite3.connect(demo.data / "coplay.db") as base:
        assert base.execute("select count(*) from sqlite_master").fetchone()[0] > 0
