"""People: ids apart from data, encrypted; links hashed."""

import stat

import pytest

from server import settings
from server.people import Owed, People, WrongSecret
from server.recruit import Arrival
from server.settings import Settings
from server.store_sqlite import SqliteStore


@pytest.fixture
def database(tmp_path):
    store = SqliteStore(tmp_path / "people.db")
    yield store
    store.close()


def everything(tmp_path):
    return b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def who(worker, session="", platform="prolific"):
    return Arrival(platform, worker, session)


def test_a_person_keeps_their_session_and_is_not_readable_on_disk(database, tmp_path):
    people = People(database, b"k" * 32)
    assert people.claim("/moths", who("PROLIFIC-123456"), "moths/a") == "moths/a"
    assert people.claim("/moths", who("PROLIFIC-123456"), "moths/b") == "moths/a"
    assert people.claim("/moths", who("PROLIFIC-123456", platform="generic"), "moths/d") == "moths/d"
    assert people.claim("/cats", who("PROLIFIC-123456"), "cats/c") == "cats/c"
    assert people.arrival("moths/a").worker == "PROLIFIC-123456"
    assert people.arrival("moths/z") is None
    pseudonyms = {row[0] for row in database.sql("SELECT pseudonym FROM participant")}
    assert len(pseudonyms) == 3
    database.close()
    assert b"PROLIFIC" not in everything(tmp_path)


def test_a_new_submission_of_the_same_person_is_kept_with_the_first(database):
    people = People(database, b"k" * 32)
    for submission in ("s1", "s2", "s2"):
        assert people.claim("/moths", who("w", submission), f"moths/{submission}") == "moths/s1"
    assert people.arrival("moths/s1").session == "s2"


def test_whoever_took_part_is_known_in_other_studies_until_they_are_forgotten(database):
    people = People(database, b"k" * 32)
    people.claim("/moths", who("w"), "moths/a")
    people.claim("/moths", who(""), "moths/b")
    assert people.took_part(who("w"), ("moths", "cells"))
    assert not people.took_part(who("w"), ("cells",))
    assert not people.took_part(who("v"), ("moths",))
    assert not people.took_part(who(""), ("moths",))
    people.forget("moths/a")
    assert not people.took_part(who("w"), ("moths",))
    assert people.arrival("moths/a") is None


def test_ids_that_the_first_version_kept_are_still_read(database):
    people = People(database, b"k" * 32)
    people.claim("/moths", who("old", platform="generic"), "moths/a")
    sealed = people._fernet_key.encrypt(b"old").decode()
    database.sql("UPDATE participant SET sealed = ?", sealed)
    assert people.arrival("moths/a").worker == "old"


def test_tokens_open_their_session_and_only_their_hashes_are_kept(database, tmp_path):
    people = People(database, b"k" * 32)
    token, other = people.issue("moths/a"), people.issue("moths/a")
    assert token != other
    assert len(token) >= 22
    assert people.stream(token) == people.stream(other) == "moths/a"
    assert people.stream("x" * 22) is people.stream("") is people.stream("x" * 100_000) is None
    people.forget("moths/a")
    assert people.stream(token) is None
    database.close()
    assert token.encode() not in everything(tmp_path)


def test_another_key_finds_nobody(database):
    People(database, b"k" * 32).claim("moths", who("id-1"), "moths/a")
    assert People(database, b"z" * 32).claim("moths", who("id-1"), "moths/b") == "moths/b"


def test_another_key_is_told_before_anybody_is_asked_for(database):
    ours, theirs = People(database, b"k" * 32), People(database, b"z" * 32)
    ours.prove()
    ours.owe("moths/e", Owed(arrival=who("id-0"), outcome="completed", dues={}))
    ours.prove()
    with pytest.raises(WrongSecret):
        theirs.prove()
    ours.settle("moths/e")
    theirs.prove()
    ours.claim("moths", who("id-1"), "moths/a")
    for ask in (theirs.prove, lambda: theirs.arrival("moths/a"), lambda: list(theirs.everyone())):
        with pytest.raises(WrongSecret, match="not the one that this database was sealed with"):
            ask()


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path):
    here = Settings(data=str(tmp_path / "data"))
    first = settings.secret(here)
    assert len(first) == 32
    assert settings.secret(here) == first
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600


def test_settings_come_from_the_environment_and_go_back_into_it():
    environ = {"COPLAY_PORT": "81", "COPLAY_OPEN_BROWSER": "1", "COPLAY_PREFIX": "pilot", "OTHER": "x"}
    read = settings.load(environ)
    assert (read.port, read.open_browser, read.prefix) == (81, True, "pilot")
    assert settings.load(read.environment()) == read
    with pytest.raises(Exception, match="port"):
        settings.load({"COPLAY_PORT": "many"})
