"""One results folder with its report for all tests of the lab's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.lab.folder import shared


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its report; not to be changed."""
    return shared(tmp_path_factory)
