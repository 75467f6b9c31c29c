"""The lab's report in a real browser: opened from disk it asks for nothing, says nothing to the console, and fits every screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from server.report.lab.page import PAGE
from tests.report.lab.folder import shared

pytestmark = pytest.mark.e2e
SCREENS = {"laptop": (1366, 768), "phone": (390, 844)}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small results folder."""
    return shared(tmp_path_factory) / PAGE


def opened(browser: Browser, report: Path, screen: str, scheme: str) -> tuple[Page, list[str], list[str]]:
    """Open the page; returns it with what it said and what it asked for."""
    width, height = SCREENS[screen]
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    page.wait_for_load_state("networkidle")
    return page, said, [url for url in asked if not url.startswith(("data:", report.as_uri()))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_the_page_is_quiet_and_fits(browser: Browser, report: Path, screen: str, scheme: str):
    page, said, asked = opened(browser, report, screen, scheme)
    try:
        assert said == []
        assert asked == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shown = page.locator("img.art:visible")
        assert shown.count() == page.locator("figure.fig:has(img.art)").count() > 8
        assert page.evaluate("[...document.querySelectorAll('img.art')].every((i) => i.naturalWidth > 300)")
    finally:
        page.context.close()


def test_tables_sort_downloads_are_there_and_axe_finds_nothing(browser: Browser, report: Path):
    page, said, _ = opened(browser, report, "laptop", "light")
    try:
        table = page.locator("#recommendations-moths-net table")
        table.locator("thead button", has_text="correlation").click()
        values = [float(text) for text in table.locator("tbody td:nth-child(4)").all_inner_texts()]
        assert values == sorted(values)
        links = page.locator("#variance .get a").evaluate_all("(all) => all.map((a) => a.href.slice(0, 22))")
        assert [link.split(";")[0] for link in links] == [
            "data:image/svg+xml", "data:application/pdf", "data:image/png", "data:text/csv",
        ]  # fmt: skip
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []
        assert said == []
    finally:
        page.context.close()
