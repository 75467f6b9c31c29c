"""Links as nobody should send them: any bytes, forged, cut, replayed, twice. A kind page, and nothing created."""

import re
import string
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.app import make
from server.settings import Settings
from server.studies import open_study
from tests.server.small import Hand

RECRUIT = """
[[recruit]]
platform = "prolific"
signed = true
host = "study.example.org"
params = { signature = "token" }
[[recruit]]
platform = "personal"
number = "wave1"
"""
ANY = st.text(max_size=60)
NAMES = st.sampled_from(
    [
        "PROLIFIC_PID",
        "SESSION_ID",
        "STUDY_ID",
        "token",
        "workerId",
        "assignmentId",
        "hitId",
        "turkSubmitTo",
        "invite",
        "lang",
        "x",
    ]
) | st.text(min_size=1, max_size=12)
JWTISH = st.text(string.ascii_letters + string.digits + "-_=.", max_size=80)
KIND = {200, 303, 308, 400, 401, 403, 404, 405, 413}
MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Served(tuple):
    """House and client, shown in few words when a test fails."""

    __slots__ = ()

    def __new__(cls, here, client):
        return super().__new__(cls, (here, client))

    def __repr__(self):
        return "served"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    from tests.server.small import write_study

    folder = tmp_path_factory.mktemp("bad")
    study = write_study(folder / "study")
    (study / "recruit.toml").write_text(RECRUIT)
    app = make(Settings(data=str(folder / "data")), [open_study(study)])
    yield Served(app.extensions["coplay"], app.test_client())
    app.extensions["coplay"].close()


def everything(here):
    """Every session there is, and every row about people."""
    tables = ("ticket", "participant", "person", "owed", "hook", "submission")
    rows = tuple(here.database.sql(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables)
    return [head for head in here.store.heads("small/") if True], rows


def is_kind(answer):
    """Not an error of ours, no stack, nothing of the request in the page, and a page that says what to do."""
    assert answer.status_code in KIND, answer.text[:300]
    if answer.status_code not in (303, 308):
        assert "Traceback" not in answer.text
        assert re.search(r"<h1>[^<]+</h1>", answer.text)


@pytest.mark.slow
@MANY
@given(st.dictionaries(NAMES, ANY | JWTISH, max_size=6))
def test_no_link_that_nobody_gave_creates_anything(served, link):
    here, client = served
    before = everything(here)
    for ask in (client.get, client.post):
        answer = ask("/s/small", query_string=link)
        is_kind(answer)
        assert "/p/" not in answer.headers.get("Location", "")
    assert everything(here) == before


@pytest.mark.slow
@MANY
@given(st.binary(max_size=80))
def test_any_bytes_in_an_address_are_answered_kindly(served, data):
    here, client = served
    before = everything(here)
    raw = "".join(f"%{byte:02x}" for byte in data)
    for path in ("/s/", "/p/", "/leave/", "/mine/", "/b/", "/desk/in/"):
        is_kind(client.get(f"{path}{raw}"))
    is_kind(client.get(f"/s/small?PROLIFIC_PID={raw}&invite={raw}"))
    is_kind(client.post(f"/mine/{raw}/erase"))
    assert everything(here) == before


@MANY
@given(st.text(max_size=80))
def test_no_code_but_the_right_one_erases(served, code):
    here, client = served
    before = everything(here)
    answer = client.post("/forget", data={"code": code})
    assert answer.status_code == 403
    is_kind(answer)
    assert everything(here) == before


@MANY
@given(
    st.binary(max_size=300),
    st.dictionaries(
        st.sampled_from(["X-Event-ID", "X-Prolific-Request-Timestamp", "X-Prolific-Request-Signature"]),
        st.text(string.printable.strip(), max_size=40),
    ),
)
def test_nobody_else_is_heard_as_prolific(served, body, headers):
    here, client = served
    (here.settings.folder / "prolific-webhook.secret").write_text("s3cret\n")
    before = everything(here)
    assert client.post("/hooks/prolific", data=body, headers=headers).status_code == 403
    assert everything(here) == before


def invite(here, name):
    return f"invite={name}.{here.recruiters['small'][1].code(name)}"


@MANY
@given(st.integers(0, 40), st.sampled_from(["cut", "grown", "other"]))
def test_a_personal_link_that_was_cut_or_changed_is_not_let_in(served, at, how):
    here, client = served
    link = invite(here, "p017")
    wrong = {
        "cut": link[: len(link) - 1 - at % 20],
        "grown": link + "0",
        "other": link.replace("p017", f"p{at + 100}"),
    }[how]
    before = everything(here)
    assert client.post(f"/s/small?{wrong}").status_code == 403
    assert everything(here) == before


def test_pressing_start_many_times_at_once_begins_one_session(served):
    here, client = served
    link, app = invite(here, "p300"), client.application
    made = []

    def press():
        made.append(app.test_client().post(f"/s/small?{link}", data={"lang": "en"}).headers["Location"])

    before = len(here.store.heads("small/"))
    presses = [threading.Thread(target=press) for _ in range(6)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    streams = {here.people.stream(place.rpartition("/")[2]) for place in made}
    assert (len(made), len(streams)) == (6, 1)
    assert len(here.store.heads("small/")) == before + 1


def test_a_link_that_is_used_again_after_the_end_leads_to_the_same_end(served):
    here, client = served
    link = invite(here, "p301")
    token = client.post(f"/s/small?{link}", data={"lang": "en"}).headers["Location"].rpartition("/")[2]
    stream = here.people.stream(token)
    Hand(here.table, stream).play()
    rows = len(here.store.read(stream))
    again = client.post(f"/s/small?{link}", data={"lang": "en"}).headers["Location"].rpartition("/")[2]
    assert here.people.stream(again) == stream
    assert len(here.store.read(stream)) == rows


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1:1", "localhost\\@evil", "a" * 300])
def test_a_wrong_host_gets_no_link_to_itself(served, host):
    here, client = served
    before = everything(here)
    answer = client.get("/s/small?invite=x.y", headers={"Host": host})
    assert answer.status_code in (400, 403, 404)
    assert host not in answer.text
    assert everything(here) == before


def test_a_form_that_is_too_long_or_asked_in_another_way_is_refused(served):
    here, client = served
    before = everything(here)
    assert client.post("/s/small", data={"lang": "x" * 200_000}).status_code in (403, 413)
    assert client.put("/s/small").status_code == 405
    assert client.get("/hooks/prolific").status_code == 405
    assert everything(here) == before
