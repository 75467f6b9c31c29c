"""Webhooks of Prolific: signed, fresh, once, in order; a submission that is over there frees its place here."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from click.testing import CliRunner

from server.app import make
from server.cli import main
from server.hooks import SECRET
from server.prolific import Client, Refused
from server.settings import Settings
from server.studies import open_study
from tests.server.platforms import platform
from tests.server.small import Hand

WHO = "PROLIFIC_PID=PERSON-5f0a&STUDY_ID=st&SESSION_ID=SUB1"


@pytest.fixture
def served(study_copy, tmp_path):
    (study_copy / "recruit.toml").write_text('[[recruit]]\nplatform = "prolific"\ncodes = { completed = "D" }\n')
    app = make(Settings(data=str(tmp_path / "data")), [open_study(study_copy)])
    here = app.extensions["coplay"]
    (here.settings.folder / SECRET).write_text("hook\n")
    yield here, app.test_client()
    here.close()


def begin(here, client):
    token = client.post(f"/s/small?{WHO}", data={}).headers["Location"].rpartition("/")[2]
    hand = Hand(here.table, here.people.stream(token))
    hand.play(5)
    return hand


def send(client, status, event, *, secret="hook", ago=0, at=None, body=None, **more):
    text = body or json.dumps(
        {"event_type": "submission.status.change", "resource_id": "SUB1", "status": status, **more}
    )
    stamp = str(int(time.time() - ago))
    made = base64.b64encode(hmac.new(secret.encode(), (stamp + text).encode(), hashlib.sha256).digest()).decode()
    headers = {"X-Prolific-Request-Timestamp": stamp, "X-Prolific-Request-Signature": made, "X-Event-ID": event}
    headers |= {"X-Timestamp": str(at)} if at is not None else {}
    return client.post("/hooks/prolific", data=text, headers=headers)


@pytest.mark.parametrize(("status", "outcome"), [("TIMED-OUT", "expired"), ("RETURNED", "withdrawn"), ("APPROVED", "")])
def test_a_submission_that_is_over_ends_the_session_and_frees_its_place(served, status, outcome):
    here, client = served
    hand = begin(here, client)
    assert send(client, status, "e1").status_code == 200
    assert here.table.outcome(hand.stream) == outcome
    here.sweeper.sweep("small", "", here.store.read(hand.stream)[-1].at)
    assert here.table.assigner.roll("study:small").counts().total() == (0 if outcome else 1)


def test_what_nobody_can_have_signed_or_signed_long_ago_changes_nothing(served):
    here, client = served
    hand = begin(here, client)
    assert send(client, "RETURNED", "e1", secret="other").status_code == 403
    assert send(client, "RETURNED", "e1", ago=3600).status_code == 403
    assert client.post("/hooks/prolific", data=b"\xff\x00").status_code == 403
    assert send(client, "", "e2", body="no json").status_code == 400
    assert send(client, "RETURNED", "e3", participant_id="SOMEBODY-ELSE").status_code == 200
    assert here.table.outcome(hand.stream) == ""
    (here.settings.folder / SECRET).unlink()
    assert send(client, "RETURNED", "e4").status_code == 404


def test_an_event_is_carried_out_once_and_an_older_one_is_not_believed_after_a_newer(served):
    here, client = served
    hand = begin(here, client)
    assert send(client, "ACTIVE", "e1", at=100).text == "noted\n"
    assert send(client, "ACTIVE", "e1", at=100).text == "done before\n"
    assert send(client, "TIMED-OUT", "e0", at=50).text == "older than what is known\n"
    assert here.table.outcome(hand.stream) == ""
    assert send(client, "RETURNED", "e2", at=150, participant_id="PERSON-5f0a").text == "noted\n"
    rows = len(here.store.read(hand.stream))
    assert send(client, "RETURNED", "e3", at=151).text == "noted\n"
    assert len(here.store.read(hand.stream)) == rows
    assert send(client, "x", "e5", body='{"event_type": "study.status.change"}').text == "nothing to do\n"


@pytest.mark.slow
def test_a_subscription_is_confirmed_with_the_secret_of_its_answer():
    with platform() as fake:
        fake.on("POST", "/api/v1/hooks/subscriptions/")(lambda *_: (201, {"id": "s1"}, {"X-Hook-Secret": "proof"}))
        fake.on("POST", "/api/v1/hooks/subscriptions/s1/")(lambda *_: (200, {}))
        client = Client("t", f"{fake.base}/api/v1")
        assert client.subscribe("ws", "submission.status.change", "https://x.org/hooks/prolific") == "s1"
        assert json.loads(fake.asked[1][3]) == {"secret": "proof"}
        fake.on("POST", "/api/v1/hooks/subscriptions/")(lambda *_: (201, {"id": "s1"}))
        with pytest.raises(Refused, match="X-Hook-Secret"):
            client.subscribe("ws", "submission.status.change", "https://x.org/hooks/prolific")


@pytest.fixture
def subscribe(study_copy, tmp_path):
    (study_copy / "recruit.toml").write_text('[[recruit]]\nplatform = "prolific"\n')
    (tmp_path / "token").write_text("the-token\n")
    (tmp_path / "data").mkdir()
    with platform() as fake:
        fake.on("POST", "/hooks/subscriptions/")(lambda *_: (201, {"id": "s1"}, {"X-Hook-Secret": "proof"}))
        fake.on("POST", "/hooks/subscriptions/s1/")(lambda *_: (200, {}))

        def call(*more, site="https://study.example.org", told=None):
            told_all = ["hooks", study_copy, "--subscribe", site, "--workspace", "ws", "--data", tmp_path / "data"]
            told_all += ["--token-file", tmp_path / "token", "--api", fake.base, *more]
            return CliRunner().invoke(main, [str(part) for part in told_all], input=told)

        yield call, fake, tmp_path / "data" / SECRET, study_copy


@pytest.mark.slow
def test_the_command_keeps_the_secret_for_its_owner_and_subscribes(subscribe):
    call, fake, path, _ = subscribe
    answer = call("--secret-file", "-", told="signing\n")
    assert answer.exit_code == 0, answer.output
    assert path.read_text() == "signing\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(fake.asked[0][3]) == {
        "workspace_id": "ws", "event_type": "submission.status.change",
        "target_url": "https://study.example.org/hooks/prolific",
    }  # fmt: skip
    assert fake.asked[0][4]["Authorization"] == "Token the-token"
    assert json.loads(fake.asked[1][3]) == {"secret": "proof"}
    assert not any(secret in answer.output for secret in ("signing", "the-token", "proof"))
    path.chmod(0o644)
    assert call(site="https://study.example.org/hooks/prolific").exit_code == 0  # known: nothing is asked
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("signing\n", 0o600)
    assert call("--secret-file", "-", told="newer").exit_code == 0
    assert path.read_text() == "newer\n"


@pytest.mark.slow
def test_the_command_asks_for_a_secret_that_nobody_gave(subscribe):
    call, _, path, _ = subscribe
    assert call(told="typed\n").exit_code == 0
    assert path.read_text() == "typed\n"


@pytest.mark.slow
def test_the_command_refuses_what_prolific_would_and_says_why(subscribe):
    call, fake, path, study = subscribe
    for site in ("http://study.example.org", "study.example.org", "https://study.example.org/elsewhere"):
        assert call("--secret-file", "-", site=site, told="s").exit_code == 2
    assert call("--secret-file", "-", told="two words").exit_code == 2
    assert (path.exists(), fake.asked) == (False, [])
    fake.on("POST", "/hooks/subscriptions/")(lambda *_: (403, {"error": "not yours"}))
    answer = call("--secret-file", "-", told="s")
    assert (answer.exit_code, "not subscribed: POST /hooks/subscriptions/: 403" in answer.stderr) == (1, True)
    (study / "recruit.toml").write_text('[[recruit]]\nplatform = "open"\n')
    answer = call("--secret-file", "-", told="s")
    assert (answer.exit_code, "recruits nobody on Prolific" in answer.stderr) == (1, True)
