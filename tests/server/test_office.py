"""Data and secret belong together, and what does not open says so in one sentence, before anything is served."""

import sys

import pytest
from click.testing import CliRunner

from server.cli import ENVIRONMENT, main
from server.house import open_house
from server.people import WrongSecret
from server.recruit import Arrival
from server.settings import Settings
from server.studies import open_study
from tests.server.services import free_port

OTHER = "ab" * 32


@pytest.fixture
def left(house):
    """The data folder of a server that knew one person and has stopped."""
    house.people.claim("/small", Arrival("prolific", "PERSON-A", "SUB"), "small/aaaaaaaa")
    house.close()
    return house.settings.folder


@pytest.fixture(params=["erase", "serve"])
def refused(request, study_folder):
    """Runs a command of the office, or the server; returns the one sentence that it is refused with."""

    def run(folder):
        wanted = ["serve", str(study_folder)] if request.param == "serve" else ["erase", "PERSON-A", "--yes"]
        answer = CliRunner().invoke(main, [*wanted, "--data", str(folder)])
        assert answer.exit_code == ENVIRONMENT, (answer.output, answer.exception)
        (said,) = [line for line in answer.stderr.splitlines() if "warning: " not in line]
        return said

    return run


def test_the_secret_of_another_installation_is_refused(left, refused):
    (left / "secret").write_text(OTHER)
    assert f"{left / 'secret'}: the secret is not the one that this database was sealed with" in refused(left)


def test_a_lost_secret_is_not_replaced_in_silence(left, study_folder):
    (left / "secret").unlink()
    with pytest.raises(WrongSecret, match="Put back the copy"):
        open_house(Settings(data=str(left)), [open_study(study_folder)])


def test_a_file_that_holds_no_secret_is_named(left, refused):
    (left / "secret").write_text("to be filled in\n")
    assert f"{left / 'secret'} holds no secret (64 hexadecimal digits)" in refused(left)


def test_a_file_that_is_no_database_is_named(left, refused):
    (left / "coplay.db").write_text("nonsense" * 1000)
    said = refused(left)
    assert f"{left / 'coplay.db'} does not open (file is not a database)" in said
    assert "coplay restore" in said


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_database_that_does_not_answer_is_named_without_its_password(left, refused, monkeypatch, scheme):
    pytest.importorskip("psycopg")
    monkeypatch.setenv("COPLAY_STORE", f"{scheme}://nobody:password@127.0.0.1:{free_port()}/no")
    said = refused(left)
    assert "PostgreSQL does not open" in said
    assert "check COPLAY_STORE" in said
    assert "password" not in said


def test_the_extra_that_is_missing_is_named(left, refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "server.store_postgres", raising=False)
    monkeypatch.setenv("COPLAY_STORE", "postgresql://127.0.0.1/no")
    assert "pip install 'coplay[postgres]'" in refused(left)
