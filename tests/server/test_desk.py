"""The desk: behind its door, complete for a replay, silent about answers on the board, and never on a participant's path."""

import msgspec
import pytest

from game.commands import Join
from game.events import Client
from game.logfile import read
from server.auth import COOKIE
from server.desk.words import languages, words_in
from tests.game.session import STREAM, Session
from tests.tiny import Tiny, study

PATHS = (
    "/desk/", "/desk/sessions", "/desk/replay/p1", "/desk/frame", "/desk/api/words", "/desk/api/board", "/desk/api/replay/p1",
    "/desk/api/verdict/p1", "/desk/api/log/p1.log.jsonl",
)  # fmt: skip


@pytest.fixture
def played(app):
    """One finished session in the store."""
    session = Session(Tiny(study("judge_advisor", rounds=4, feedback=True)))
    session.send(Join(client=Client(width=390, height=844, touch=True)), by="system")
    session.finish(seed=3)
    house = app.extensions["coplay"]
    for data in session.tiny.blobs.values():
        house.blobs.put(data)
    house.store.append(session.rows)
    return session


@pytest.fixture
def researcher(app):
    client = app.test_client()
    token = app.extensions["coplay"].doors.issue()
    assert client.get(f"/desk/in/{token}").status_code == 303
    return client


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("path", PATHS)
def test_nobody_enters_without_the_link(app, path):
    client = app.test_client()
    assert client.get(path).status_code == 401
    client.set_cookie(COOKIE, "forged")
    assert client.get(path).status_code == 401


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("path", PATHS)
def test_a_researcher_enters_everywhere_and_changes_nothing(app, researcher, path):
    heads = list(app.extensions["coplay"].store.heads())
    assert researcher.get(path).status_code == 200
    assert researcher.post(path).status_code == 405
    assert list(app.extensions["coplay"].store.heads()) == heads


def test_a_replay_has_what_the_page_draws(researcher, played):
    answer = researcher.get("/desk/api/replay/p1")
    assert answer.headers["Cache-Control"] == "no-store"
    served = answer.get_json()
    replay = served["replay"]
    assert {str(screen["turn"]) for screen in replay["screens"]} == set(replay["views"])
    assert [span["number"] for span in replay["rounds"]] == [1, 2, 3, 4]
    assert all(span["truth"] and span["ai"] and span["own"] and span["final"] for span in replay["rounds"])
    assert replay["clients"][0]["client"]["width"] == 390
    assert {moment["seq"] for moment in replay["events"]} == {row.seq for row in played.rows if row.kind != "gestured"}
    assert set(served["words"]) == {"en", "fr"}
    assert not served["broken"]


def test_the_board_tells_no_answer(researcher, played):
    board = researcher.get("/desk/api/board").get_json()
    (line,) = board["lines"]
    assert (line["session"], line["status"], line["outcome"], line["device"]) == (
        "p1",
        "finished",
        "completed",
        "phone",
    )
    assert (line["round"], line["rounds"], line["conditions"]) == (4, 4, ["arm"])
    assert board["outcomes"] == {"completed": 1}
    said = researcher.get("/desk/api/board").get_data(as_text=True)
    assert not any(word in said for word in played.state.script.classes)


def test_the_board_follows_a_session_that_goes_on(app, researcher):
    session = Session(Tiny(study("solo")))
    store = app.extensions["coplay"].store
    store.append(session.rows)
    assert researcher.get("/desk/api/board").get_json()["lines"][0]["status"] == "waiting"
    had = len(session.rows)
    session.send(Join(client=Client(width=1366, height=768)), by="system")
    session.start()
    store.append(session.rows[had:])
    line = researcher.get("/desk/api/board").get_json()["lines"][0]
    assert (line["status"], line["round"], line["rounds"], line["rows"]) == ("stalled", 1, 3, len(session.rows))


def test_the_verdict_names_the_first_thing_wrong(app, researcher, played):
    assert {rung["outcome"] for rung in researcher.get("/desk/api/verdict/p1").get_json()["rungs"]} == {"sound"}
    app.extensions["coplay"].database.sql("UPDATE log SET data = replace(data, 'ardena', 'brumella') WHERE seq > 9")
    rungs = researcher.get("/desk/api/verdict/p1").get_json()["rungs"]
    assert (rungs[0]["name"], rungs[0]["outcome"]) == ("chain", "broken")
    assert rungs[0]["seq"] > 9


def test_a_log_that_breaks_is_replayed_up_to_there(app, researcher, played):
    app.extensions["coplay"].database.sql("UPDATE log SET data = '{' WHERE seq = 12")
    served = researcher.get("/desk/api/replay/p1").get_json()
    assert max(moment["seq"] for moment in served["replay"]["events"]) <= 11
    assert "row 12" in served["broken"]
    (line,) = researcher.get("/desk/api/board").get_json()["lines"]
    assert line["status"] == "broken"


def test_an_erased_session_shows_only_its_order(app, researcher, played):
    researcher.get("/desk/api/board")
    app.extensions["coplay"].store.erase(STREAM)
    replay = researcher.get(f"/desk/api/replay/{STREAM.rpartition(':')[2]}").get_json()["replay"]
    assert replay["erased"]
    assert not replay["views"]
    rungs = researcher.get("/desk/api/verdict/p1").get_json()["rungs"]
    assert rungs[0]["outcome"] == "erased"


def test_the_downloaded_log_is_the_log(researcher, played):
    answer = researcher.get("/desk/api/log/p1.log.jsonl")
    assert 'filename="p1.log.jsonl"' in answer.headers["Content-Disposition"]
    file = read(answer.data.splitlines())
    assert list(file.streams[STREAM]) == played.rows
    assert set(file.blobs) >= set(played.state.script.texts.values())


def test_unknown_sessions_are_not_found(researcher):
    for path in (
        "replay/nobody",
        "api/replay/nobody",
        "api/verdict/nobody",
        "api/log/nobody.log.jsonl",
        "api/replay/study:small",
    ):
        assert researcher.get(f"/desk/{path}").status_code == 404


def test_the_frame_can_send_nothing(researcher):
    policy = researcher.get("/desk/frame").headers["Content-Security-Policy"]
    assert "connect-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.usefixtures("played")
def test_participants_are_never_given_a_replay(app):
    client = app.test_client()
    open_to_all = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/desk")]
    assert len(open_to_all) > 3
    for rule in open_to_all:
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<path:{name}>", "desk/desk.css").replace(f"<{name}>", "p1")
        said = client.get(path).get_data()
        assert b'"truth"' not in said
        assert b'"rounds"' not in said


def test_pages_carry_no_inline_script_and_no_style(researcher, played):
    for path in ("/desk/", "/desk/sessions", "/desk/replay/p1", "/desk/frame"):
        page = researcher.get(path).get_data(as_text=True)
        assert "style=" not in page
        assert page.count("<script") == page.count('<script type="module" src="/static/')
        for part in page.split('href="/static/')[1:]:
            assert researcher.get(f"/static/{part.split(chr(34))[0]}").status_code == 200


def test_the_desk_speaks_all_its_languages_with_the_same_words(researcher):
    assert set(languages()) == {"en", "fr"}
    assert set(words_in("en")) == set(words_in("fr"))
    page = researcher.get("/desk/sessions?lang=fr").get_data(as_text=True)
    assert '<html lang="fr">' in page
    assert '<html lang="fr">' in researcher.get("/desk/sessions").get_data(as_text=True)
    words = msgspec.json.decode(researcher.get("/desk/api/words").get_data())
    assert words["words"]["page.sessions"] == "Sessions"
    assert words["lang"] == "fr"
