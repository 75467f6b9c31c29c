"""What all tests share: the root of the clone, hypothesis' manners, and the browser's place."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Machines differ in speed: no deadline. In CI an example that fails is printed so that it can be played again.
settings.register_profile("here", deadline=None)
settings.register_profile(
    "ci", deadline=None, print_blob=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "here")

LONG = ("e2e", "services", "slow")


def pytest_collection_modifyitems(config, items):
    """Give workers the long files first, so that none is left with one alone at the end; within a kind the order stays drawn."""
    if hasattr(config, "workerinput"):
        kinds = {}
        for item in items:
            at = min((LONG.index(mark.name) for mark in item.iter_markers() if mark.name in LONG), default=len(LONG))
            kinds[item.path] = min(at, kinds.get(item.path, at))
        items.sort(key=lambda item: kinds[item.path])


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the clone."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium; `make test` installs it."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no Chromium here: run `make test`, which installs it, or install the package chromium")
    return found
