"""Recruiters: the documented conventions of each platform, against small fakes of them."""

import base64
import hashlib
import hmac
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from game.study import Invalid
from server import recruit
from server.prolific import Client, Refused, is_genuine
from server.recruit import Again, Arrival, Config, Go, Grant, Send, Show, Stay, Unwelcome
from server.recruiters.connect import Connect
from server.recruiters.mturk import MTurk
from server.recruiters.personal import Personal
from server.recruiters.prolific import Prolific
from server.recruiters.sona import NotGranted, Sona
from tests.server.platforms import platform

LINK = {"PROLIFIC_PID": "5f0a", "STUDY_ID": "st1", "SESSION_ID": "su1"}
CODES = {"completed": "C1", "no_consent": "N1", "failed_comprehension": "F1"}


@pytest.fixture
def fake():
    with platform() as one:
        yield one


@pytest.mark.parametrize("name", recruit.recruiter.names())
def test_every_recruiter_names_its_parameters_and_ends_every_outcome(name):
    entry = recruit.recruiter[name]
    config = Config(name, host="school.sona-systems.com", number="12")
    one = entry.thing(config, b"k") if entry.info.get("keyed") else entry.thing(config)
    assert entry.info["label"]
    assert one.config.platform == name
    assert name == "open" or one.identify({}) is None
    for outcome in recruit.OUTCOMES:
        way = one.exit(outcome, Arrival(name, "w", "s", "st", {}))
        assert isinstance(way, Go | Send | Show | Stay | Again | Grant)


def test_prolific_ids_are_read_under_any_names_and_each_outcome_has_its_code():
    one = Prolific(Config("prolific", codes=CODES))
    arrival = one.identify(LINK)
    assert (arrival.worker, arrival.session, arrival.study) == ("5f0a", "su1", "st1")
    assert one.exit("completed", arrival) == Go("https://app.prolific.com/submissions/complete?cc=C1")
    assert one.exit("no_consent", arrival) == Go("https://app.prolific.com/submissions/complete?cc=N1")
    assert one.exit("technical_error", arrival) == Stay("return")
    renamed = Prolific(Config("prolific", params={"worker": "pid", "session": "sub"}))
    assert renamed.identify({"pid": "x", "sub": "y"}).session == "y"
    assert renamed.identify(LINK) is None
    assert one.is_preview({"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"})


@pytest.mark.slow
def test_signed_prolific_links_are_checked_against_the_key_set(fake):
    key, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {
        "kid": "k1",
        "alg": "RS256",
        "use": "sig",
    }
    fake.on("GET", "/jwks.json")(lambda *_: (200, {"keys": [public]}))
    config = Config("prolific", params={"signature": "token"}, signed=True, host="study.example.org", number="ws1")
    one = Prolific(config, f"{fake.base}/jwks.json")

    def signed(by=key, kid="k1", worker="5f0a", workspace="ws1", **claims):
        payload = {
            "aud": "study.example.org", "exp": time.time() + 60,
            "prolific": {"workspace_id": workspace, "participant_id": worker}, **claims,
        }  # fmt: skip
        return {**LINK, "token": jwt.encode(payload, by, "RS256", headers={"kid": kid})}

    assert one.identify(signed()).worker == "5f0a"
    for wrong in (
        LINK, signed(by=other), signed(kid="k2"), signed(worker="else"), signed(workspace="ws2"),
        signed(exp=time.time() - 60), signed(aud="evil.example.org"), {**LINK, "token": "junk"},
    ):  # fmt: skip
        with pytest.raises(Unwelcome):
            one.identify(wrong)
    with pytest.raises(ValueError, match=r"params\.signature"):
        Prolific(Config("prolific", signed=True))


@pytest.mark.slow
def test_all_pages_of_submissions_are_read(fake):
    def submissions(query, *_):
        page = int(query.get("page", 1))
        following = f"{fake.base}/api/v1/submissions/?study=st1&page={page + 1}" if page < 3 else None
        return 200, {"results": [{"id": f"s{page}{i}"} for i in range(20)], "next": following}

    fake.on("GET", "/api/v1/submissions/")(submissions)
    client = Client("secret", f"{fake.base}/api/v1")
    assert len({s["id"] for s in client.submissions("st1")}) == 60
    assert fake.asked[0][4]["Authorization"] == "Token secret"


@pytest.mark.slow
def test_a_next_page_elsewhere_is_not_followed_with_the_token(fake):
    fake.on("GET", "/api/v1/submissions/")(lambda *_: (200, {"results": [], "next": "http://evil.example.org/"}))
    with pytest.raises(Refused, match="not on Prolific"):
        list(Client("secret", f"{fake.base}/api/v1").submissions("st1"))


@pytest.mark.slow
def test_an_approval_that_races_with_the_participant_is_tried_again_and_other_refusals_are_told(fake):
    answers = iter(
        [(400, {"error": "submission is ACTIVE"}), (200, {"status": "APPROVED"}), (403, {"error": "RETURNED"})]
    )
    fake.on("POST", "/api/v1/submissions/s1/transition/")(lambda *_: next(answers))
    client = Client("secret", f"{fake.base}/api/v1", pause=0)
    client.transition("s1", "APPROVE")
    with pytest.raises(Refused, match=r"403.*RETURNED") as told:
        client.transition("s1", "APPROVE")
    assert "secret" not in str(told.value)


@pytest.mark.slow
def test_bonuses_are_set_and_paid_in_one_go(fake):
    fake.on("POST", "/api/v1/submissions/bonus-payments/")(lambda *_: (200, {"id": "b1"}))
    fake.on("POST", "/api/v1/bulk-bonus-payments/b1/pay/")(lambda *_: (202, ""))
    client = Client("secret", f"{fake.base}/api/v1")
    assert client.bonus("st1", {"s2": 0.5, "s1": 1.499, "s3": 0}) == "b1"
    assert '"csv_bonuses": "s1,1.50\\ns2,0.50\\n"' in fake.asked[0][3]
    with pytest.raises(ValueError, match="nobody"):
        client.bonus("st1", {"s3": 0})


def test_webhooks_are_believed_only_when_signed_and_fresh():
    body, now = b'{"event":"x"}', time.time()
    stamp = str(int(now))
    sign = base64.b64encode(hmac.new(b"hook", stamp.encode() + body, hashlib.sha256).digest()).decode()
    headers = {"X-Prolific-Request-Timestamp": stamp, "X-Prolific-Request-Signature": sign}
    assert is_genuine("hook", headers, body, now)
    assert not is_genuine("hook", headers, body + b" ", now)
    assert not is_genuine("other", headers, body, now)
    assert not is_genuine("hook", headers, body, now + 3600)
    assert not is_genuine("hook", {**headers, "X-Prolific-Request-Timestamp": "soon"}, body, now)


SONA = """<WebstudyCreditResponse xmlns="urn:sona" xmlns:i="urn:i"><Errors i:nil="true"/><Result>
<credit_status>{}</credit_status></Result></WebstudyCreditResponse>"""


@pytest.mark.slow
def test_sona_grants_credit_by_the_browser_or_by_the_server(fake):
    one = Sona(Config("sona", host="school.sona-systems.com", number="123", codes={"completed": "tok"}))
    arrival = one.identify({"survey_code": "987"})
    assert one.exit("completed", arrival) == Go(
        "https://school.sona-systems.com/webstudy_credit.aspx?experiment_id=123&credit_token=tok&survey_code=987"
    )
    assert one.exit("withdrawn", arrival) == Stay("return")
    assert one.is_preview({"survey_code": "%SURVEY_CODE%"})

    status = iter(["G", "X"])
    fake.on("GET", "/services/SonaAPI.svc/WebstudyCredit")(lambda *_: (200, SONA.format(next(status))))
    server = Sona(Config("sona", host=fake.base, number="123"))
    server.grant("tok", arrival)
    assert fake.asked[0][2] == {"experiment_id": "123", "credit_token": "tok", "survey_code": "987"}
    with pytest.raises(NotGranted):
        server.grant("tok", arrival)
    with pytest.raises(ValueError, match="host"):
        Sona(Config("sona"))


def test_connect_completes_by_the_project_and_never_screens_by_it():
    one = Connect(Config("connect", urls={"screened_out": "https://connect.cloudresearch.com/partial/9"}))
    arrival = one.identify({"participantId": "p", "assignmentId": "a", "projectId": "AB12CD34EF"})
    assert one.exit("completed", arrival) == Go(
        "https://connect.cloudresearch.com/participant/project/AB12CD34EF/complete"
    )
    assert one.exit("screened_out", arrival) == Go("https://connect.cloudresearch.com/partial/9")
    assert one.exit("failed_attention", arrival) == Stay("return")
    forged = one.identify({"participantId": "p", "projectId": "../../evil"})
    assert one.exit("completed", forged) == Stay("return")


def test_mturk_previews_begin_nothing_and_results_go_to_two_hosts_only():
    one = MTurk(Config("mturk", codes={"completed": "done"}))
    link = {"workerId": "w", "assignmentId": "a1", "hitId": "h", "turkSubmitTo": "https://workersandbox.mturk.com"}
    assert one.is_preview({**link, "assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"})
    for to in (
        "https://workersandbox.mturk.com",
        "workersandbox.mturk.com",
        "https://workersandbox.mturk.com/mturk/externalSubmit",
    ):
        way = one.exit("completed", one.identify({**link, "turkSubmitTo": to}))
        assert way.url == "https://workersandbox.mturk.com/mturk/externalSubmit"
        assert way.fields["assignmentId"] == "a1"
        assert len(way.fields) > 1
    for to in ("https://evil.example.org", "https://www.mturk.com.evil.org", "https://www.mturk.com@evil.org"):
        with pytest.raises(Unwelcome):
            one.identify({**link, "turkSubmitTo": to})


def test_personal_links_cannot_be_made_up():
    one = Personal(Config("personal", number="wave1"), b"key")
    code = one.code("p017")
    assert one.identify({"invite": f"p017.{code}"}).worker == "p017"
    for wrong in (
        f"p018.{code}",
        "p017.",
        "p017",
        f".{code}",
        f"p017.{Personal(Config('personal'), b'key').code('p017')}",
    ):
        with pytest.raises(Unwelcome):
            one.identify({"invite": wrong})


def test_parameters_are_filled_in_encoded_and_in_the_query_only():
    config = Config("generic", url="https://panel.example.org/end?id=[id]&how=[OUTCOME]", params={"worker": "id"})
    one = recruit.make((config,), b"k")[0]
    arrival = one.identify({"id": "a&b=c#d"})
    assert one.exit("completed", arrival) == Go("https://panel.example.org/end?id=a%26b%3Dc%23d&how=completed")


def test_a_file_of_recruiters_tells_all_its_mistakes(tmp_path):
    (tmp_path / recruit.FILE).write_text("""
[[recruit]]
platform = "prolfic"
[[recruit]]
platform = "prolific"
codes = { completed = "A", no_consent = "A", done = "B" }
[[recruit]]
platform = "generic"
url = "http://panel.example.org/[id]"
[[recruit]]
platform = "sona"
""")
    with pytest.raises(Invalid) as told:
        recruit.read(tmp_path)
    text = str(told.value)
    for part in (
        "no recruiter is called 'prolfic'",
        "'done' is no outcome",
        "stands for two outcomes",
        "https",
        "sona needs host",
    ):
        assert part in text
    (tmp_path / recruit.FILE).write_text("[[recruit]\n")
    with pytest.raises(Invalid, match=r"recruit\.toml"):
        recruit.read(tmp_path)
