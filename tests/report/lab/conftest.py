"""One results folder with its report for all tests of the lab's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.report.lab.page import write
from tests.report.lab.folder import make


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its report."""
    folder = make(tmp_path_factory.mktemp("lab") / "lab")
    write(folder)
    return folder
