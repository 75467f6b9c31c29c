"""Fixtures of the server's tests."""

from __future__ import annotations

import pytest

from server.house import open_house
from server.settings import Settings
from server.studies import open_study
from tests.server import services, small


@pytest.fixture(scope="session")
def study_folder(tmp_path_factory):
    """A small study on disk; not to be changed."""
    return small.write_study(tmp_path_factory.mktemp("small"))


@pytest.fixture
def study_copy(tmp_path):
    """A small study on disk that a test may break."""
    return small.write_study(tmp_path / "study")


@pytest.fixture
def open_again(study_folder, tmp_path):
    """Opens the same data folder, as another process or after a restart."""
    houses = []

    def again(**more):
        houses.append(open_house(Settings(data=str(tmp_path / "data"), **more), [open_study(study_folder)]))
        return houses[-1]

    yield again
    for house in houses:
        house.close()


@pytest.fixture
def house(open_again):
    return open_again()


@pytest.fixture
def app(study_folder, tmp_path):
    """The application, without a network."""
    from server import create_app

    made = create_app(Settings(data=str(tmp_path / "data")), [open_study(study_folder)])
    yield made
    made.extensions["coplay"].close()


@pytest.fixture(scope="session")
def postgres_server():
    with services.postgres() as address:
        yield address


@pytest.fixture
def postgres_address(postgres_server):
    """A database of this test alone."""
    with services.postgres_database(postgres_server) as address:
        yield address


@pytest.fixture(scope="session")
def redis_address():
    with services.redis() as address:
        yield address
