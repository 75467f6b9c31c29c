"""A person's own page: the copy of the consent, erasing with one press or later by code, the way back and what is still due."""

import json
import re

import pytest

from game.events import CORE
from game.log import is_erased
from server.app import make
from server.dues import earnings
from server.erasure import reapply
from server.lasting import ERASURES, Lasting
from server.parting import OWN, part, part_if_wished
from server.settings import Settings
from server.studies import open_study
from tests.server.small import STUDY, Hand

RECRUIT = """
[[recruit]]
platform = "prolific"
codes = { completed = "DONE1", withdrawn = "STOP1" }
[[recruit]]
platform = "open"
"""
PAY = '[pay]\ncurrency = "EUR"\nbase = 3\nminutes = 10\nfloor_per_hour = 12\n'
WHO = "PROLIFIC_PID=PERSON-5f0a&STUDY_ID=st&SESSION_ID=SUBMISSION-1"


@pytest.fixture
def served(study_copy, tmp_path):
    (study_copy / "recruit.toml").write_text(RECRUIT)
    (study_copy / "study.toml").write_text(STUDY + PAY)
    app = make(Settings(data=str(tmp_path / "data")), [open_study(study_copy)])
    yield app.extensions["coplay"], app.test_client()
    app.extensions["coplay"].close()


def begin(client, query=WHO):
    answer = client.post(f"/s/small?{query}", data={"lang": "en"}, headers={"Origin": "http://localhost"})
    return answer.headers["Location"].rpartition("/")[2]


def on_disk(folder):
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_one_press_ends_and_erases_and_still_leads_back_with_the_code_that_pays(served):
    here, client = served
    token = begin(client)
    stream = here.people.stream(token)
    Hand(here.table, stream).play(6)
    salts = [row.salt for row in here.store.read(stream)]
    page = client.post(f"/mine/{token}/erase")
    assert page.status_code == 200
    assert "https://app.prolific.com/submissions/complete?cc=STOP1" in page.text
    assert page.headers["Clear-Site-Data"] == '"cache", "storage"'
    rows = here.store.read(stream)
    assert is_erased(rows)
    assert [row.kind for row in rows][-3:] == ["withdrawn", "closed", "erased"]
    assert not [salt for salt in salts if salt.encode() in on_disk(here.settings.folder)]
    assert b"PERSON-5f0a" not in on_disk(here.settings.folder)
    assert Lasting(here.settings.folder / ERASURES).entries()[0]["why"] == OWN
    for path in (f"/p/{token}", f"/mine/{token}", f"/leave/{token}"):
        assert client.get(path).status_code == 404
    assert here.table.load(stream) is None


def test_what_was_earned_is_still_due_after_an_erasure_and_forgotten_once_it_is_settled(served):
    here, client = served
    token = begin(client)
    stream = here.people.stream(token)
    Hand(here.table, stream).play()
    client.post(f"/mine/{token}/erase")
    study = here.studies["small"].study
    earned, tally = earnings(here.database, here.people, "small", study.pay, 10, ())
    assert (tally.erased, [(one.stream, one.outcome, one.platform) for one in earned]) == (
        1, [(stream, "completed", "prolific")],
    )  # fmt: skip
    assert {due.kind for due in earned[0].dues} == {"base"}
    assert dict(here.people.everyone())[stream][0].session == "SUBMISSION-1"
    here.people.settle(stream)
    assert dict(here.people.everyone()) == {}


def test_nothing_is_kept_where_nothing_is_due(served):
    here, client = served
    token = begin(client, "who=me")
    Hand(here.table, here.people.stream(token)).play(1)
    stream = here.people.stream(token)
    part(here, stream)
    kept = here.people.owed()
    assert all(left.arrival.worker == "" for left in kept.values())


def test_the_copy_of_the_consent_says_the_words_the_boxes_the_version_the_digest_and_the_time(served):
    here, client = served
    token = begin(client)
    assert client.get(f"/mine/{token}/consent").status_code == 404
    Hand(here.table, here.people.stream(token)).play(2)
    page = client.get(f"/mine/{token}")
    assert "Download the copy" in page.text
    copy = client.get(f"/mine/{token}/consent")
    assert copy.headers["Content-Disposition"].startswith('attachment; filename="consent-')
    for part_of in (
        "[x] I have read what is recorded",
        "[x] I am at least 18",
        "Version of the text: 1",
        "I agreed and took part",
    ):
        assert part_of in copy.text
    assert re.search(r"Digest of the text: sha256 [0-9a-f]{64}", copy.text)
    assert re.search(r"Time: 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", copy.text)
    assert "PERSON-5f0a" not in copy.text
    assert CORE == 1


def test_the_copy_says_the_head_of_the_chain_once_the_session_is_closed(served):
    here, client = served
    token = begin(client)
    hand = Hand(here.table, here.people.stream(token))
    hand.play(2)
    assert "Receipt" not in client.get(f"/mine/{token}/consent").text
    hand.play()
    closed = next(row for row in here.store.read(hand.stream) if row.kind == "closed")
    assert re.search(rf"^Receipt: .*: {closed.hash}$", client.get(f"/mine/{token}/consent").text, re.MULTILINE)
    here.table.forget(hand.stream)
    assert here.table.load(hand.stream).receipt == closed.hash


def test_a_session_is_erased_later_by_its_code_and_by_no_other(served):
    here, client = served
    token = begin(client)
    stream = here.people.stream(token)
    Hand(here.table, stream).play()
    name, code = stream.rpartition("/")[2], here.people.code(stream)
    for wrong in ("", name, f"{name} {code[:-1]}", f"{name} {'2' * 12}", f"zzzzzzzz {code}", f"{name} \u0000\ud7ff"):
        assert client.post("/forget", data={"code": wrong}).status_code == 403
    assert not is_erased(here.store.read(stream))
    assert client.get("/forget").status_code == 200
    page = client.post("/forget", data={"code": f"  {name.upper()} {code.replace('-', '')} "})
    assert "cc=DONE1" in page.text
    assert is_erased(here.store.read(stream))
    assert "are erased" in client.post("/forget", data={"code": f"{name} {code}"}).text


def test_delete_at_the_debrief_really_erases_once_the_code_could_be_taken(study_copy, tmp_path):
    (study_copy / "study.toml").write_text(
        STUDY.replace('languages = ["en", "fr"]', 'languages = ["en", "fr"]\ndeception = ["accuracy"]')
    )
    app = make(Settings(data=str(tmp_path / "data")), [open_study(study_copy)])
    here = app.extensions["coplay"]
    streams = []
    for option in (0, 1):
        hand = Hand(here.table, here.table.open_session("small", "en"))
        for _ in range(100):
            if hand.view["layout"] == "end":
                break
            from tests.server.small import answer_to

            chosen = option if "again" in hand.view["place"] else 0
            assert not hand.answer(values=answer_to(hand.view, chosen)).code
        streams.append(hand.stream)
    kept, deleted = streams
    here.sweeper.part = lambda stream: part_if_wished(here, stream)
    now = here.store.read(deleted)[-1].at
    here.sweeper.sweep("small", "", now)
    assert not is_erased(here.store.read(deleted))
    here.sweeper.sweep("small", "", now + 3 * 3_600_000_000)
    assert is_erased(here.store.read(deleted))
    assert not is_erased(here.store.read(kept))
    entry = Lasting(here.settings.folder / ERASURES).entries()[0]
    assert (entry["stream"], entry["why"]) == (deleted, "at the debrief")
    assert reapply(here.database, here.people, here.table.assigner, here.erasures) == []
    assert json.dumps(entry)
    here.close()
