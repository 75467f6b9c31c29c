"""Every kind of screen in both themes by the rules of WCAG 2.2 AA; window, direction, text size, colours and motion in pairs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e import stage
from tests.e2e.conftest import LAPTOP, PHONE, ROOT
from tests.e2e.page_views import pages
from tests.e2e.round_views import rounds
from tests.e2e.test_screens import SIZES, opened

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]

SHOTS = ROOT / "tests" / "shots" / "screens"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXES: dict[str, tuple[Any, ...]] = {
    "theme": ("light", "dark"),
    "window": ((320, 640), (390, 844), (1366, 768), (3840, 2160)),
    "dir": ("ltr", "rtl"),
    "text": ("100%", "200%"),
    "colours": ("none", "active"),
    "motion": ("no-preference", "reduce"),
}


def screens() -> dict[str, Any]:
    """Return every kind of screen."""
    return {**rounds(), **pages()}


def broken(page: Page, *, contrast: bool = True) -> list[str]:
    """Return what breaks a rule, whatever its weight."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE)
    page.evaluate("document.getAnimations().forEach(each => each.finish())")  # colours on their way are no theme
    options = {"runOnly": RULES, "resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": contrast}}}
    found = page.evaluate("options => axe.run(document, options).then(found => found.violations)", options)
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


def pairs(row: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Return the pairs of settings that a row tries."""
    return set(combinations(row.items(), 2))


def rows() -> list[dict[str, Any]]:
    """Return few rows that hold every pair of settings of any two axes; always the same."""
    every = [dict(zip(AXES, values, strict=True)) for values in product(*AXES.values())]
    missing = set().union(*map(pairs, every))
    chosen = []
    while missing:
        chosen.append(max(every, key=lambda row: len(pairs(row) & missing)))
        missing -= pairs(chosen[-1])
    return chosen


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A stage whose settings are changed as it goes."""
    made = opened(browser, LAPTOP, "light")
    yield made
    made.context.close()


@pytest.mark.parametrize(("name", "device", "theme"), [("laptop", LAPTOP, "light"), ("phone", PHONE, "dark")])
def test_every_screen_keeps_the_rules_in_its_theme(browser: Browser, name: str, device: dict, theme: str):
    made = opened(browser, device, theme)
    wrong = []
    for screen, shown in screens().items():
        stage.draw(made, shown.view, **shown.more)
        wrong += [f"{screen}: {what}" for what in broken(made)]
        stage.save(made, SHOTS, f"{name}-{screen}")
    made.emulate_media(color_scheme="dark" if theme == "light" else "light")
    for screen, shown in screens().items():
        stage.draw(made, shown.view, **shown.more)
        wrong += [f"{screen} in the other theme: {what}" for what in broken(made)]
    made.context.close()
    assert not wrong, "\n".join(wrong)


def test_every_pair_of_settings_keeps_the_rules_and_nothing_runs_out_sideways(page: Page):
    tried, every = rows(), list(screens().items())
    assert len(tried) <= 12
    wrong = []
    for number, row in enumerate(tried):
        width, height = row["window"]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=row["theme"], forced_colors=row["colours"], reduced_motion=row["motion"])
        page.evaluate(
            "([dir, size]) => { document.documentElement.dir = dir; document.documentElement.style.fontSize = size }",
            [row["dir"], row["text"]],
        )
        for screen, shown in every[number % 4 :: 4]:
            stage.draw(page, shown.view, **shown.more)
            page.evaluate("dir => { document.documentElement.dir = dir }", row["dir"])
            wide = page.evaluate(SIZES)[1]
            found = broken(page, contrast=row["colours"] == "none")
            wrong += [f"{screen} {row}: {what}" for what in found + ([f"{wide} px too wide"] if wide > 0 else [])]
            if row["text"] == "200%" or row["colours"] == "active":
                stage.save(page, SHOTS, f"pair-{number}-{screen}")
    assert not wrong, "\n".join(wrong)
