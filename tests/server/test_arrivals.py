"""Arriving by a recruiter's link and leaving with the right code, through real pages."""

import pytest

from server.app import make
from server.settings import Settings
from server.studies import open_study
from tests.server.small import Hand

RECRUIT = """
[[recruit]]
platform = "prolific"
codes = { completed = "DONE1", no_consent = "NOPE1" }
exclude = ["earlier"]
[[recruit]]
platform = "mturk"
[[recruit]]
platform = "kiosk"
"""
WHO = "PROLIFIC_PID=PERSON-5f0a&STUDY_ID=st&SESSION_ID=SUBMISSION-1"


@pytest.fixture
def served(study_copy, tmp_path):
    (study_copy / "recruit.toml").write_text(RECRUIT)
    app = make(Settings(data=str(tmp_path / "data")), [open_study(study_copy)])
    yield app.extensions["coplay"], app.test_client()
    app.extensions["coplay"].close()


def begin(client, query):
    answer = client.post(f"/s/small?{query}", data={"lang": "en"}, headers={"Origin": "http://localhost"})
    return answer.headers["Location"].rpartition("/")[2] if answer.status_code == 303 else answer


def test_the_code_comes_only_when_everything_is_stored(served):
    here, client = served
    token = begin(client, WHO)
    assert client.get(f"/leave/{token}").headers["Location"] == f"/p/{token}"
    hand = Hand(here.table, here.people.stream(token))
    assert hand.play() == "end/completed"
    answer = client.get(f"/leave/{token}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "https://app.prolific.com/submissions/complete?cc=DONE1"
    assert here.table.load(hand.stream).state.opened.recruiter == "prolific"


def test_no_platform_id_is_in_the_log(served):
    here, client = served
    token = begin(client, WHO)
    Hand(here.table, here.people.stream(token)).play()
    rows = here.store.read(here.people.stream(token))
    assert not any("PERSON-5f0a" in str(row) or "SUBMISSION-1" in str(row) for row in rows)


def test_the_same_person_with_another_submission_continues(served):
    here, client = served
    first, second = begin(client, WHO), begin(client, WHO.replace("SUBMISSION-1", "SUBMISSION-2"))
    assert here.people.stream(first) == here.people.stream(second)
    assert here.people.arrival(here.people.stream(first)).session == "SUBMISSION-2"


def test_links_of_nobody_and_people_of_excluded_studies_are_told_so(served):
    here, client = served
    for query in ("", "id=x", "workerId=w&assignmentId=a&turkSubmitTo=https://evil.example.org"):
        answer = client.get(f"/s/small?{query}")
        assert answer.status_code == 403
        assert "not complete" in answer.text
        assert begin(client, query).status_code == 403
    here.people.claim("/earlier", here.recruiters["small"][0].identify({"PROLIFIC_PID": "PERSON-5f0a"}), "earlier/a")
    assert "helped us before" in client.get(f"/s/small?{WHO}").text
    assert begin(client, WHO).status_code == 403
    assert list(here.store.heads("small/")) == []


def test_a_preview_has_no_start_and_begins_nothing(served):
    here, client = served
    query = "workerId=w&assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=h"
    page = client.get(f"/s/small?{query}")
    assert "<button" not in page.text
    assert (
        "frame-ancestors https://www.mturk.com https://workersandbox.mturk.com"
        in page.headers["Content-Security-Policy"]
    )
    assert begin(client, query).status_code == 200
    assert list(here.store.heads("small/")) == []


def test_mturk_results_are_posted_where_the_policy_lets_them(served):
    here, client = served
    token = begin(client, "workerId=w&assignmentId=a7&hitId=h&turkSubmitTo=https://workersandbox.mturk.com")
    theirs = "frame-ancestors https://www.mturk.com https://workersandbox.mturk.com"
    assert theirs in client.get(f"/p/{token}").headers["Content-Security-Policy"], (
        "the whole task stands in their frame"
    )
    Hand(here.table, here.people.stream(token)).play()
    page = client.get(f"/leave/{token}")
    assert theirs in page.headers["Content-Security-Policy"]
    assert 'action="https://workersandbox.mturk.com/mturk/externalSubmit"' in page.text
    assert 'name="assignmentId" value="a7"' in page.text
    assert "form-action 'self' https://workersandbox.mturk.com" in page.headers["Content-Security-Policy"]


def test_at_a_kiosk_the_next_person_finds_the_start(served):
    here, client = served
    one, two = begin(client, "kiosk=lab1"), begin(client, "kiosk=lab1")
    assert here.people.stream(one) != here.people.stream(two)
    Hand(here.table, here.people.stream(one)).play()
    assert client.get(f"/leave/{one}").headers["Location"] == "/s/small?kiosk=lab1"


def test_who_finds_no_place_still_gets_a_way_out(served, monkeypatch):
    here, client = served

    def full(*_):
        from game.assignment import Full

        raise Full("all places are taken")

    monkeypatch.setattr(here.table.assigner, "place", full)
    token = begin(client, WHO)
    assert Hand(here.table, here.people.stream(token)).play(5) == "end/full"
    assert "return your place" in client.get(f"/leave/{token}").text
