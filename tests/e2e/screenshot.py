"""Makes `docs/screenshot.png` from the running demo: `python -m tests.e2e.screenshot`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.conftest import BROWSERS
from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, ROOT, Demo

FULL = 4
"""The picture is taken in this round of the block with explanations."""


def take(page: Page, link: str, path: Path) -> None:
    """Play to a round with a heat map, choose an answer and take the picture."""
    hands.start(page, link)
    met = 0

    def look(_: str) -> None:
        nonlocal met
        met += page.locator("img.map").count() > 0
        if met == FULL:
            page.keyboard.press("Digit4")
            page.locator("#root label.rate").nth(3).click()
            page.mouse.move(5, 5)
            page.screenshot(path=path)
            met += 1

    hands.play(page, seed=2, look=look)


if __name__ == "__main__":
    import shutil

    chromium = next(path for name in BROWSERS if (path := shutil.which(name)))
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        demo = Demo(Path(data))
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            take(
                browser.new_page(**LAPTOP, locale="en-GB"), demo.links["participant"], ROOT / "docs" / "screenshot.png"
            )
            browser.close()
        finally:
            demo.stop()
