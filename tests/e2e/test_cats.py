"""Real input: photographs of cats, a real model's answers and Grad-CAM overlays become a study that plays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, ROOT, Demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]
FELIX = ROOT.parent / "shared" / "data" / "felix2024"

CLASSES = (
    "1=domestic:Domestic cat:Chat domestique",
    "2=small:Small wild cat:Petit félin sauvage",
    "3=big:Big cat:Grand félin",
)


def imported(folder: Path) -> subprocess.CompletedProcess[str]:
    """Import the photographs as a user would."""
    command = [
        sys.executable,
        "-m",
        "server.cli",
        "pack",
        "import",
        str(FELIX / "image_files"),
        str(FELIX / "image_level.csv"),
    ]
    command += ["-o", str(folder), "--name", "cats", "--image", "Image", "--truth", "Cat", "--solo", "Guesses_Correct"]
    command += ["--overlays", str(FELIX / "image_files_GradCAM"), "--model", "felix", "--skip-missing"]
    command += ["--title", "en=Cats", "--title", "fr=Félins"]
    command += ["--question", "en=What kind of cat is this?", "--question", "fr=Quel félin est-ce ?"]
    for each in CLASSES:
        command += ["--class", each]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not FELIX.is_dir(), reason="the FELIX photographs are not beside this clone")
def test_photographs_of_cats_are_imported_and_played(browser: Browser, tmp_path: Path):
    done = imported(tmp_path / "cats")
    assert done.returncode == 0, done.stderr
    for number in (113, 114, 201, 203, 205, 301):
        assert f"'{number}'" in done.stderr, "a row without a picture is named"
    cats = Demo(tmp_path / "data", "serve", str(tmp_path / "cats"))
    try:
        context = browser.new_context(**LAPTOP, locale="en-GB")
        page = context.new_page()
        hands.start(page, cats.links["participant"])
        met: set[str] = set()

        def look(here: str) -> None:
            panes = page.locator("figure.pane--2 img")
            if hands.kind(page) == "round":
                met.add(panes.first.get_attribute("class") or "picture" if panes.count() else "none")
            if panes.count() and "picture" in met:
                page.screenshot(path=ROOT / "tests/shots/cats-round.png")

        places = hands.play(page, look=look)
        assert sum("/decide" in here and here.startswith("main-") for here in places) == 48
        expect(page.locator("h1")).to_have_text("All done")
        context.close()
    finally:
        assert cats.stop() == 0
    verified = subprocess.run(
        [sys.executable, "-m", "server.cli", "verify", str(tmp_path / "data")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout
