"""Hands on the browser: read a screen and answer it as a person would, by mouse, touch or keyboard."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from playwright.sync_api import Locator, Page, expect

ROOT = "#root[data-live='true']"
SCREENS_MAX = 300


def start(page: Page, link: str, lang: str = "en") -> None:
    """Open a participant's link in a language and press Start."""
    page.goto(f"{link}?lang={lang}")
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/p/*")
    place(page)


def place(page: Page) -> str:
    """Wait until the screen can be answered; return step and stage."""
    root = page.locator(ROOT)
    expect(root).to_be_attached(timeout=15_000)
    return root.get_attribute("data-place") or ""


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds: what a page tells is stored a moment later."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("waited 20 s for what never came")


def kind(page: Page) -> str:
    """Return the layout: page, round or end."""
    return page.locator(ROOT).get_attribute("data-layout") or ""


def choose(page: Page, rng: Random, keyboard: bool = False) -> None:
    """Tick required boxes and give every input a value."""
    boxes = page.locator("#root .check input[type=checkbox]:not(:checked)")
    while boxes.count():
        boxes.first.locator("xpath=ancestor::label").click()
    for group in page.locator("#root fieldset[data-ask]").all():
        if group.locator("input[type=range]").count():
            slide(page, group, rng)
        elif group.locator("input[type=text], textarea").count():
            write(group)
        else:
            pick(page, group, rng, keyboard)


def pick(page: Page, group: Locator, rng: Random, keyboard: bool) -> None:
    """Choose one of the options of a group: a card, a step, a mark, a box."""
    options = group.locator("label").all()
    number = rng.randrange(len(options))
    if keyboard and group.locator("label.mark").count():
        group.locator("input").nth(number).focus()
        page.keyboard.press("Space")
    elif keyboard and group.locator("label.choice").count():
        group.locator("input").first.focus()
        page.keyboard.press(f"Digit{number + 1}")
    else:
        # As a person would: bring it out from under the buttons that stand over the page's end.
        options[number].evaluate("option => option.scrollIntoView({ block: 'center' })")
        options[number].click()


def slide(page: Page, group: Locator, rng: Random) -> None:
    """Put a slider somewhere by its keys."""
    group.locator("input").focus()
    page.keyboard.press("End" if rng.random() < 0.5 else "ArrowLeft")
    for _ in range(rng.randrange(4)):
        page.keyboard.press("ArrowLeft")


def write(group: Locator) -> None:
    """Write a number or a few words."""
    field = group.locator("input, textarea").first
    field.fill("30" if field.get_attribute("inputmode") else "Because of the eye spots.")
    field.blur()


def press(page: Page, selector: str = ".btn--primary", keyboard: bool = False) -> None:
    """Press a button and wait until the screen has changed."""
    before = place(page)
    if keyboard:
        page.keyboard.press("Enter")
    else:
        page.locator(f"#root main {selector}").first.click()
    page.wait_for_function(
        "before => { const r = document.querySelector('#root').dataset; return r.live === 'true' && r.place !== before }",
        arg=before,
        timeout=15_000,
    )


def play(
    page: Page, seed: int = 1, keyboard: bool = False, until: str = "end/", look: Callable[[str], None] | None = None
) -> list[str]:
    """Play on until a place that begins with `until`; return the places met. `look` is called at every one."""
    rng, met = Random(seed), list[str]()
    for _ in range(SCREENS_MAX):
        here = place(page)
        met.append(here)
        if look:
            look(here)
        if here.startswith(until):
            return met
        choose(page, rng, keyboard)
        buttons = page.locator("#root main .btn--ai, #root main .btn--you")
        others = buttons.count() if page.locator("#root main .btn--primary").count() == 0 or rng.random() < 0.5 else 0
        if others and kind(page) == "round":
            buttons_list = [".btn--ai", ".btn--you"] if page.locator("#root main .btn--you").count() else [".btn--ai"]
            press(page, rng.choice(buttons_list))
        else:
            press(page, keyboard=keyboard)
    raise AssertionError(f"no end after {SCREENS_MAX} screens: {met[-3:]}")
