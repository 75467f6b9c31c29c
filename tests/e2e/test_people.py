"""What people can do and what happens to them around the rounds: device, language, consent, silence, sleep, a bad line, erasing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from game.log import is_erased, session_events
from game.quality import flags_of
from server.store_sqlite import SqliteStore
from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, PHONE, ROOT, Demo
from tests.e2e.test_play import complaints, serious

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SHOTS = ROOT / "tests" / "shots" / "people"
STUDY = """format = 2
name = "life"
pack = "coplay:moths"
languages = ["en", "fr"]
sci = true
window = [700, 380]
demo = true
[device]
kbit = 100
legible = true
reads = true
[[condition]]
name = "alone"
workflow = "solo"
[[set]]
name = "a"
n = 3
[lens]
evidence = 0
advice = 0
conflict = 1
[[phase]]
name = "welcome"
intake = true
pages = ["notice", "device", "privacy", "consent"]
[[phase]]
name = "main"
blocks = ["alone"]
sets = ["a"]
intro = false
tally = false
[[phase]]
name = "after"
pages = ["honesty", "debrief"]
"""
SOONER = """new MutationObserver(() => {
  const idle = document.querySelector("meta[name=coplay-idle]");
  if (idle && idle.content !== "2") idle.content = "2";
}).observe(document, { childList: true, subtree: true });"""
"""Ask after two seconds already."""
ANGLES = {"-75": "up", "15": "right", "105": "down", "195": "left"}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A study with every page around the rounds, served."""
    folder = tmp_path_factory.mktemp("life")
    (folder / "study.toml").write_text(STUDY.replace("[lens]\nevidence = 0\nadvice = 0\nconflict = 1\n", ""), "utf-8")
    running = Demo(tmp_path_factory.mktemp("data"), "serve", str(folder))
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(**LAPTOP, locale="en-GB", accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def events(data: Path, session: str = "") -> list:
    """Return the events of the session that began last."""
    store = SqliteStore(data / "coplay.db", read_only=True)
    try:
        streams = [head.stream for head in store.heads("life/") if session in head.stream]
        rows = max((store.read(stream) for stream in streams), key=lambda rows: rows[0].at)
        return [rows, [] if is_erased(rows) else session_events(rows)]
    finally:
        store.close()


def gestures(data: Path) -> set[str]:
    """Return what the person of the newest session did besides answering."""
    return {item.name for event in events(data)[1] if type(event).__name__ == "Gestured" for item in event.items}


def begin(page: Page, demo: Demo, lang: str = "en") -> None:
    hands.start(page, demo.links["participant"], lang)
    hands.press(page)


def look(page: Page, wrong: bool = False) -> None:
    """Say where the gaps are, as somebody sees them; `wrong`: as somebody who does not."""
    expect(page.locator(".sign")).to_have_count(4)
    for sign in page.locator(".sign").all():
        angle = re.search(r"rotate\((-?\d+)", sign.locator("circle").get_attribute("transform") or "")
        assert angle
        side = "unseen" if wrong else ANGLES[angle[1]]
        sign.locator(f"input[value={side}]").check(force=True)


def to_consent(page: Page, demo: Demo, lang: str = "en") -> None:
    begin(page, demo, lang)
    page.locator("[data-ask=device_reads] label").first.click()
    look(page)
    expect(page.locator("[data-ask=device_kbit] p")).to_contain_text("Mbit/s", timeout=15_000)
    hands.press(page)
    assert hands.place(page).startswith("welcome-privacy/")
    hands.press(page)


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("device", "theme", "lang"),
    [(LAPTOP, "light", "en"), (LAPTOP, "dark", "fr"), (PHONE, "light", "fr"), (PHONE, "dark", "en")],
)
def test_every_page_around_the_rounds_can_be_seen_and_read(browser: Browser, life: Demo, device, theme, lang):
    wide = {**device, "viewport": {"width": 844, "height": 390}} if device is PHONE else device
    context = browser.new_context(**wide, color_scheme=theme, locale="en-GB")
    page = context.new_page()
    told = complaints(page)
    name = f"{'phone' if device is PHONE else 'laptop'}-{theme}-{lang}"

    def judge(what):
        assert serious(page) == [], what
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, what
        shot(page, f"{name}-{what}")

    begin(page, life, lang)
    expect(page.locator("[data-ask=device_kbit] p")).to_contain_text("Mbit/s", timeout=15_000)
    judge("checks")
    look(page, wrong=True)
    page.locator("[data-ask=device_reads] label").first.click()
    hands.press(page)
    judge("illegible")
    hands.press(page)
    look(page)
    page.locator("[data-ask=device_reads] label").first.click()
    expect(page.locator("[data-ask=device_kbit] p")).to_contain_text("Mbit/s", timeout=15_000)
    hands.press(page)
    judge("privacy")
    hands.press(page)
    hands.play(page, until="after-honesty")
    judge("honesty")
    hands.play(page)
    judge("end")
    page.locator(".paper__own a").click()
    page.wait_for_url("**/mine/*")
    judge("mine")
    with page.expect_navigation():
        page.locator("a[href='/forget']").click()
    judge("forget")
    page.go_back()
    with page.expect_navigation():
        page.locator("form button").click()
    judge("erased")
    assert told == []
    context.close()


def test_a_turned_phone_is_let_in_without_a_reload(browser: Browser, life: Demo):
    context = browser.new_context(**PHONE, locale="en-GB")
    page = context.new_page()
    begin(page, life)
    assert hands.place(page).endswith("/device")
    shot(page, "phone-too-small")
    page.set_viewport_size({"width": 844, "height": 390})
    page.locator("#root main .btn--primary").click()
    page.wait_for_function("() => document.querySelector('#root').dataset.place.endsWith('/checks')")
    sized = [event for event in events(life.data)[1] if type(event).__name__ == "Resized"]
    assert [(event.client.width, event.client.height) for event in sized] == [(844, 390)]
    context.close()


def test_who_cannot_see_the_colours_has_a_way_out_and_only_that_is_kept(page: Page, life: Demo):
    begin(page, life)
    page.locator("[data-ask=device_reads] label").first.click()
    look(page, wrong=True)
    expect(page.locator("[data-ask=device_kbit] p")).to_contain_text("Mbit/s", timeout=15_000)
    hands.press(page)
    page.get_by_role("button", name="Leave the study").click()
    expect(page.locator("h1")).to_have_text("Not on this screen")
    rows, made = events(life.data)
    assert made[-1].outcome == "incompatible_device"
    said = {event.name: event.value for event in made if hasattr(event, "name")}
    assert said["device_legible"] == "no"
    begun = next(n for n, row in enumerate(rows) if row.kind == "joined")
    assert not any("unseen" in (row.data or "") for row in rows[begun:])


def test_one_press_in_the_menu_stops_and_erases(page: Page, life: Demo):
    to_consent(page, life)
    hands.play(page, until="main-1-02/")
    page.locator(".bar .btn--icon").last.click()
    shot(page, "menu")
    page.get_by_role("button", name="Stop taking part").click()
    shot(page, "menu-stop")
    page.get_by_role("button", name="Stop and erase my answers").click()
    expect(page.locator("h1")).to_have_text("Your answers are erased")
    rows, _ = events(life.data)
    assert is_erased(rows)
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    page.go_back()
    expect(page.locator("h1")).to_contain_text("nothing here", timeout=10_000)


def test_the_copy_of_the_consent_is_a_file_and_its_code_erases_later(page: Page, life: Demo):
    to_consent(page, life)
    hands.play(page, until="main-1-01/")
    page.locator(".bar .btn--icon").last.click()
    page.get_by_role("link", name="Your data and your consent").click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download the copy").click()
    text = Path(loading.value.path()).read_text("utf-8")
    assert "I agreed and took part." in text
    assert "Article 6(1)(a)" in text
    code = re.search(r"Code to erase your answers: (\w+ [\w-]+)", text)
    assert code
    page.goto(f"{life.origin}/forget")
    page.locator("#code").fill(code[1])
    page.get_by_role("button", name="Erase now").click()
    expect(page.locator("h1")).to_have_text("Your answers are erased")
    assert is_erased(events(life.data, code[1].split()[0])[0])


def test_who_falls_silent_is_asked_and_any_answer_is_a_sign_of_life(page: Page, life: Demo):
    page.add_init_script(SOONER)
    hands.start(page, life.links["participant"])
    expect(page.locator("#banner")).to_contain_text("Are you still there?")
    shot(page, "idle")
    expect(page.get_by_role("button", name="I am here")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#banner")).not_to_contain_text("still there")
    hands.until(page, lambda: {"idle", "here"} <= gestures(life.data))


def test_an_hour_of_sleep_costs_nothing(page: Page, life: Demo):
    page.clock.install()
    to_consent(page, life)
    hands.play(page, until="main-1-01/")
    here = hands.place(page)
    page.clock.fast_forward(3_600_000)
    page.clock.resume()
    page.wait_for_timeout(1500)
    assert hands.place(page) == here
    hands.play(page, until="main-1-02/")


def test_a_slow_and_broken_line_loses_nothing(page: Page, context: BrowserContext, life: Demo):
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
    line.send("Network.emulateNetworkConditions", slow)
    to_consent(page, life)
    hands.play(page, until="main-1-02/")
    line.send("Network.emulateNetworkConditions", {**slow, "offline": True})
    page.wait_for_timeout(500)
    line.send("Network.emulateNetworkConditions", slow)
    hands.play(page)
    _, made = events(life.data)
    finals = [event.step for event in made if getattr(event, "name", "") == "final"]
    assert len(finals) == len(set(finals)) == 3


def test_a_script_that_presses_buttons_is_flagged_and_not_shut_out(page: Page, life: Demo):
    hands.start(page, life.links["participant"])
    page.evaluate("document.querySelector('#root main .btn--primary').click()")
    page.wait_for_function("() => document.querySelector('#root').dataset.place.startsWith('welcome-device')")
    page.evaluate("const f = document.querySelector('.trap'); f.value = 'yes'; f.dispatchEvent(new Event('input'))")
    page.locator("[data-ask=device_reads] label").first.click()
    for reason in ("script", "nobody sees"):
        hands.until(page, lambda reason=reason: any(reason in flag.reason for flag in flags_of(events(life.data)[1])))
