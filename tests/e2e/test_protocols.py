"""One person plays every protocol in a real browser: at a laptop by mouse, then on a phone in French, then by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

import pytest
from playwright.sync_api import Browser, Page, expect

from game.fold import apply
from game.log import event_of
from game.state import EMPTY, current_step
from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, PHONE, ROOT, Demo
from tests.e2e.protocols import MORE, write
from tests.e2e.test_life import rows
from tests.e2e.test_play import complaints, serious

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

SHOTS = ROOT / "tests" / "shots" / "protocols"
SITE = "https://task.test"
TASK = """<button onclick="parent.postMessage({coplay: 1, name: 'outside', value: 'done ' + location.search}, '*')">Done</button>"""
FIRST = ("handover", "veto", "delayed", "ai_defers")
SECOND = ("dialogue", "distinguish", "choose_model", "arrangement")
CHANGED = (
    "before => { const r = document.querySelector('#root').dataset; return r.live === 'true' && r.place !== before }"
)


class Seat:
    """A browser at which the person sits: what was met there, and what it complained of."""

    def __init__(self, browser: Browser, device: dict, theme: str, *, keyboard: bool = False) -> None:
        context = browser.new_context(**device, color_scheme=theme, locale="en-GB")
        self.page: Page = context.new_page()
        self.page.route(f"{SITE}/**", lambda route: route.fulfill(body=TASK, content_type="text/html"))
        self.told = complaints(self.page)
        self.keyboard = keyboard
        self.met: list[str] = []
        self.judged: set[str] = set()
        self.wrong: list[str] = []
        self.rng = Random(4)
        self.left: list[int] = []

    def look(self) -> str:
        """Note where it is; judge each kind of screen once: accessible, nothing scrolls in a round on a laptop."""
        here = hands.place(self.page)
        self.met.append(here)
        step, stage = here.split("/")
        kind = f"{step.split('-')[0]}-{stage}"
        if kind in self.judged or here == "veto-1-01/countdown":  # five seconds to press; the next one is waited out
            return here
        self.judged.add(kind)
        self.page.screenshot(path=SHOTS / f"{kind}.png")
        self.wrong += [f"{here}: {what}" for what in serious(self.page)]
        if hands.kind(self.page) == "round" and self.page.viewport_size == LAPTOP["viewport"]:
            sizes = self.page.evaluate(
                "[document.documentElement, document.querySelector('.panel')].map(e => e.scrollHeight - e.clientHeight)"
            )
            self.wrong += [f"{here} scrolls by {sizes}"] if max(sizes) > 0 else []
        return here

    def reload(self) -> None:
        """Stay a while on a screen with a limit, load the page again, and note what is left before and after."""
        for again in (False, True):
            if again:
                self.page.wait_for_timeout(2500)
                self.page.reload()
            hands.place(self.page)
            minutes, seconds = self.page.locator(".timer__n").inner_text().split(":")
            self.left.append(60 * int(minutes) + int(seconds))

    def act(self, selector: str) -> None:
        """Press a button, by its key where the person has no mouse, and wait for the next screen."""
        button = self.page.locator(f"#root main {selector}").first
        before = hands.place(self.page)
        if self.keyboard:
            button.focus()
            self.page.keyboard.press("Enter")
        else:
            button.click()
        self.wait(before)

    def wait(self, before: str) -> None:
        """Wait until another screen is there."""
        self.page.wait_for_function(CHANGED, arg=before, timeout=15_000)

    def go(self, until: Callable[[str], bool], press: Callable[[str], str] = lambda _: "") -> None:
        """Play on until a place; `press` names the button of a screen, "" the primary one or whatever there is."""
        for _ in range(120):
            here = self.look()
            if until(here):
                return
            if here == "delegation-1-01/who":
                self.reload()
            if self.page.locator("iframe").count():
                self.page.frame_locator("iframe").get_by_role("button").click()
            hands.choose(self.page, self.rng, self.keyboard)
            if hands.place(self.page) != here:
                continue  # the clock was faster
            primary = self.page.locator("#root main .btn--primary").count()
            selector = press(here) or (".btn--primary" if primary else ".actions .btn")
            if self.page.locator(f"#root main {selector}").count():
                self.act(selector)
            else:
                self.wait(here)
        raise AssertionError(f"no end: {self.met[-4:]}")


def handing(here: str) -> str:
    """Hand over in the first round, and take back when the second one has come up."""
    step, stage = here.split("/")
    if step == "handover-1-01" and stage == "decide":
        return "[data-act='offer:open']"
    if stage == "sure":
        return "[data-act='handover:ai']"
    if stage in ("auto", "passed"):
        return ".none" if step == "handover-1-01" or step.startswith("ai_defers") else "[data-act='handover:me']"
    return (
        "[data-act='veto:stop']"
        if step == "veto-1-01" and stage == "countdown"
        else ".none"
        if stage == "countdown"
        else ""
    )


def asking(here: str) -> str:
    """Ask for every part of the first explanation."""
    step, stage = here.split("/")
    order = {"decide": "why", "part_why": "why_not", "part_why_not": "similar"}
    return f"[data-act='part:{order[stage]}']" if step == "dialogue-1-01" and stage in order else ""


def left(steps: tuple[str, ...]) -> Callable[[str], bool]:
    """Tell whether a place is past these steps."""
    return lambda here: here.startswith("end/") or not any(here.startswith(f"{name}-") for name in steps)


@pytest.fixture(scope="module")
def played(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, list[Seat]]]:
    """The whole session, on three seats."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    folder = write(tmp_path_factory.mktemp("study") / "protocols", f"{SITE}/it?who={{session}}")
    demo = Demo(tmp_path_factory.mktemp("data"), "serve", str(folder))
    try:
        laptop = Seat(browser, LAPTOP, "light")
        hands.start(laptop.page, demo.links["participant"])
        laptop.go(left(FIRST), handing)
        phone = Seat(browser, PHONE, "dark")
        phone.page.goto(laptop.page.url)
        hands.place(phone.page)
        phone.page.locator("[aria-haspopup=dialog].btn--icon").click()
        phone.page.get_by_role("button", name="Français").click()
        expect(phone.page.locator("html")).to_have_attribute("lang", "fr")
        phone.go(left(SECOND), asking)
        keys = Seat(browser, LAPTOP, "light", keyboard=True)
        keys.page.goto(laptop.page.url)
        keys.go(lambda here: here.startswith("end/"))
        seats = [laptop, phone, keys]
        yield demo, seats
        for seat in seats:
            seat.page.context.close()
    finally:
        assert demo.stop() == 0


def stages(seats: list[Seat], name: str) -> list[str]:
    """Return the stages met in the rounds of a workflow; where the person changed seats, a screen was met twice."""
    met = [here for seat in seats for here in seat.met]
    met = [here for i, here in enumerate(met) if i == 0 or here != met[i - 1]]
    return [here.split("/")[1] for here in met if here.startswith(f"{name}-1-")]


def test_every_protocol_was_played_and_nobody_complained(played: tuple[Demo, list[Seat]]):
    _, seats = played
    assert [seat.told for seat in seats] == [[], [], []]
    assert seats[-1].met[-1] == "end/completed"
    assert [name for name in MORE if not stages(seats, name)] == []


def test_every_kind_of_screen_is_accessible_and_fits(played: tuple[Demo, list[Seat]]):
    assert [what for seat in played[1] for what in seat.wrong] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("veto", ["countdown", "decide", "reveal", "countdown", "reveal"]),
        ("delayed", ["look", "decide"] * 2),
        ("dialogue", ["decide", "part_why", "part_why_not", "part_similar", "decide"]),
        ("distinguish", ["distinguish"] * 2),
        ("choose_model", ["choose"] * 2),
        ("verify", ["verify", "reveal"] * 2),
        ("predict_ai", ["predict", "told"] * 2),
    ],
)
def test_each_protocol_goes_its_way(played: tuple[Demo, list[Seat]], name: str, expected: list[str]):
    assert stages(played[1], name) == expected


def test_the_ai_plays_in_sight_and_control_comes_back(played: tuple[Demo, list[Seat]]):
    met = stages(played[1], "handover")
    assert met[:3] == ["decide", "sure", "auto"]
    assert met[-2:] == ["decide", "reveal"]


def test_after_a_reload_the_clock_goes_on_where_it_was(played: tuple[Demo, list[Seat]]):
    before, after = played[1][-1].left
    assert 55 <= before <= 60
    assert 30 <= after <= before - 2


def test_the_log_has_who_decided_and_what_the_other_site_said(played: tuple[Demo, list[Seat]]):
    demo, _ = played
    (stream,) = rows(demo.data).values()
    events = [event_of(row) for row in stream]
    assigned = next(event for event in events if type(event).__name__ == "Assigned")
    ids = [step.id for step in assigned.plan.steps]
    answers = [event for event in events if type(event).__name__ == "Answered"]
    final = {ids[event.step]: event.by for event in answers if event.name == "final" and event.step < len(ids)}
    handed = [final[f"handover-1-0{n}"] for n in (1, 2, 3, 4)]
    assert handed[0] == "ai"
    assert handed == sorted(handed), "once control was taken back it stayed with the person"
    assert [event.value for event in answers if event.name == "handover"] == ["ai", "me"]
    assert [final[f"veto-1-0{n}"] for n in (1, 2)] == ["participant", "ai"]
    (outside,) = [event.value for event in answers if event.name == "outside"]
    assert re.fullmatch(r"done \?who=\w+", str(outside))


REPLAYED = {
    "handover-1-01/sure": ".handover[open]",
    "handover-1-01/auto": ".relay",
    "dialogue-1-01/part_similar": ".tray--second",
    "choose_model-1-01/choose": ".duo",
    "pages-outside/outside": ".frame--still",
}
"""Place -> what its replay draws."""


def test_a_researcher_replays_the_new_screens_as_they_were(browser: Browser, played: tuple[Demo, list[Seat]]):
    demo, _ = played
    (stream,) = rows(demo.data).values()
    state, seen = EMPTY, dict[str, int]()
    for row in stream:
        event = event_of(row)
        state = apply(state, event)
        step = current_step(state)
        if type(event).__name__ == "Shown" and step is not None:
            seen.setdefault(f"{step.id}/{state.stage}", row.seq)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    told = complaints(page)
    page.goto(demo.links["desk"])
    session = state.opened.session if state.opened else ""
    for place, selector in REPLAYED.items():
        (at,) = [seq for met, seq in seen.items() if met == place]
        page.goto(f"{demo.origin}/desk/replay/{session}#{at}")
        frame = page.frame_locator("iframe").first
        expect(frame.locator(f"#root[data-place='{place}'] {selector}")).to_be_visible(timeout=15_000)
    assert told == []
    context.close()
