"""A report in a real browser, from the disk: no request, no error in the console, no sideways scroll, dark figures in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Browser, Page

from server.commands.report import report
from server.commands.simulate import simulate
from tests.e2e.conftest import LAPTOP, PHONE

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, root: Path) -> str:
    """Where a small report lies."""
    folder = tmp_path_factory.mktemp("report")
    for command, arguments in (
        (simulate, [root / "game/studies/moths", "-n", 6, "-o", folder / "moths.log.jsonl"]),
        (
            report,
            [
                folder / "moths.log.jsonl",
                "-o",
                folder / "out",
                "--resamples",
                40,
                "--pack",
                root / "game/studies/moths/pack",
            ],
        ),
    ):
        done = CliRunner().invoke(command, [str(each) for each in arguments])
        assert done.exit_code == 0, done.output
    return (folder / "out" / "report.html").as_uri()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Any]:
    """Open the page with a screen and a colour scheme; what it says and asks for is noted."""
    contexts: list[Any] = []

    def go(screen: dict[str, Any], scheme: Any = "light") -> tuple[Page, list[str], list[str]]:
        context = browser.new_context(**screen, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address, timeout=120_000)
        return page, said, asked

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("screen", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_from_the_disk_without_a_word(opened: Any, address: str, screen: dict[str, Any], scheme: str) -> None:
    page, said, asked = opened(screen, scheme)
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [address]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    broken = page.evaluate("[...document.images].filter((image) => image.complete && !image.naturalWidth).length")
    assert broken == 0
    dark = page.locator("img.art--dark").count()
    assert (dark > 5) is (scheme == "dark")


def test_the_theme_can_be_chosen(opened: Any) -> None:
    page, said, _ = opened(LAPTOP, "dark")
    button = page.get_by_role("button", name="Theme")
    button.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.locator("#F02 img.art").first.is_visible()
    button.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("#F02 img.art--dark").is_visible()
    assert not page.locator("#F02 img.art:not(.art--dark)").is_visible()
    assert said == []


def test_figures_can_be_downloaded(opened: Any) -> None:
    page, said, _ = opened(LAPTOP)
    for kind in ("SVG", "PDF", "PNG", "CSV"):
        with page.expect_download() as waited:
            page.locator("#F03").get_by_role("link", name=kind).click()
        assert waited.value.suggested_filename == f"F03.{kind.lower()}"
        assert waited.value.path().stat().st_size > 100
    assert said == []


def test_tables_sort_and_specimens_are_found(opened: Any) -> None:
    page, said, _ = opened(LAPTOP)
    page.locator("#T5 thead button").nth(4).click()
    head = page.locator("#T5 thead th").nth(4)
    assert head.get_attribute("aria-sort") == "ascending"
    rounds = [int(text) for text in page.locator("#T5 tbody tr td:nth-child(5)").all_inner_texts()]
    assert rounds == sorted(rounds)
    cards = page.locator("#cards-F13 .card")
    assert page.locator("#cards-F13 .card:visible").count() == 6 < cards.count()
    page.get_by_role("button", name=f"All {cards.count()}", exact=True).click()
    assert page.locator("#cards-F13 .card:visible").count() == cards.count()
    name = cards.nth(1).locator("h3").inner_text()
    page.get_by_label("Find").fill(name)
    assert page.locator("#cards-F13 .card:visible").count() == 1
    assert page.locator(".filter output").inner_text() == f"1 of {cards.count()}"
    assert said == []


def test_it_is_accessible(opened: Any) -> None:
    page, _, _ = opened(LAPTOP)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert found.violations_count == 0, found.generate_report()
