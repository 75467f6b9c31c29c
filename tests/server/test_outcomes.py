"""Every outcome on every platform, from the link to the way out, through real pages; the table lies beside the screenshots."""

from pathlib import Path

import pytest

from game.commands import Close
from server import recruit
from server.app import make
from server.credit import token_file
from server.settings import Settings
from server.studies import open_study
from tests.server.platforms import platform
from tests.server.small import Hand

SHOTS = Path(__file__).resolve().parents[1] / "shots"
PROLIFIC = "https://app.prolific.com/submissions/complete?cc="
GRANTED = '<R xmlns:i="urn:i"><Errors i:nil="true"/><Result><credit_status>{}</credit_status></Result></R>'
CODES = "codes = { " + ", ".join(f'{name} = "C-{name}"' for name in recruit.OUTCOMES) + " }\n"
LINKS = {
    "prolific": ("PROLIFIC_PID=w&STUDY_ID=st&SESSION_ID=su", CODES),
    "connect": (
        "participantId=w&assignmentId=a&projectId=AB12",
        CODES + 'urls = { screened_out = "https://connect.cloudresearch.com/partial/9" }\n',
    ),
    "mturk": ("workerId=w&assignmentId=a&hitId=h&turkSubmitTo=https://www.mturk.com", CODES),
    "sona": ("survey_code=987", 'host = "HOST"\nnumber = "12"\n'),
    "generic": ("id=w", CODES + 'url = "https://panel.example.org/end?id=[id]&how=[OUTCOME]"\n'),
    "personal": ("", 'number = "wave1"\n'),
    "kiosk": ("kiosk=lab1", ""),
    "open": ("", 'urls = { completed = "https://example.org/thanks" }\n'),
}
RETURN, STAY = "page: return your place", "page: nothing more to do"


def expected(name, outcome):
    """What the platform's documents and the issue ask for."""
    done = outcome == "completed"
    match name:
        case "prolific":
            return f"{PROLIFIC}C-{outcome}"
        case "connect":
            if done:
                return "https://connect.cloudresearch.com/participant/project/AB12/complete"
            return "https://connect.cloudresearch.com/partial/9" if outcome == "screened_out" else f"code C-{outcome}"
        case "mturk":
            return "post to https://www.mturk.com/mturk/externalSubmit" if done else RETURN
        case "sona":
            return "credit granted by the server" if done else RETURN
        case "generic":
            return f"https://panel.example.org/end?id=w&how={outcome}"
        case "kiosk":
            return "/s/small?kiosk=lab1"
        case "open":
            return "https://example.org/thanks" if done else STAY
        case _:
            return STAY


def told(answer):
    """What a browser is led to, in a few words."""
    if answer.status_code == 303:
        return answer.headers["Location"]
    text = answer.text
    if "<output" in text:
        return "code " + text.partition("<output")[2].partition(">")[2].partition("<")[0]
    if 'action="https://' in text:
        return "post to " + text.partition('action="')[2].partition('"')[0]
    if "credit has been granted" in text:
        return "credit granted by the server"
    return RETURN if "return your place" in text else STAY if "nothing more to do" in text else text


@pytest.fixture(scope="module")
def table():
    rows = {}
    yield rows
    if len(rows) == len(LINKS) * len(recruit.OUTCOMES):
        SHOTS.mkdir(exist_ok=True)
        head = f"| outcome | {' | '.join(LINKS)} |\n|{' --- |' * (len(LINKS) + 1)}\n"
        lines = (f"| {one} | {' | '.join(rows[one, name] for name in LINKS)} |" for one in recruit.OUTCOMES)
        (SHOTS / "outcomes.md").write_text(head + "\n".join(lines) + "\n", "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", LINKS)
def test_every_outcome_leads_where_the_platform_wants_it(study_copy, tmp_path, table, name):
    assert set(LINKS) == set(recruit.recruiter.names())
    query, config = LINKS[name]
    with platform() as fake:
        fake.on("GET", "/services/SonaAPI.svc/WebstudyCredit")(lambda *_: (200, GRANTED.format("G")))
        (study_copy / "recruit.toml").write_text(
            f'[[recruit]]\nplatform = "{name}"\n' + config.replace("HOST", fake.base)
        )
        app = make(Settings(data=str(tmp_path / "data")), [open_study(study_copy)])
        here, client = app.extensions["coplay"], app.test_client()
        token_file(here.settings.folder, "12").write_text("tok\n")
        for number, outcome in enumerate(recruit.OUTCOMES):
            link = query.replace("=w", f"=w{number}").replace("987", f"98{number}")
            if name == "personal":
                who = here.recruiters["small"][0]
                link = f"invite=p{number}.{who.code(f'p{number}')}"
            token = client.post(f"/s/small?{link}", data={"lang": "en"}).headers["Location"].rpartition("/")[2]
            stream = here.people.stream(token)
            Hand(here.table, stream).play(3)
            assert client.get(f"/leave/{token}").headers["Location"] == f"/p/{token}", (
                "no code before the end is stored"
            )
            here.table.submit(stream, "system", "", Close(outcome={"timed_out": "expired"}.get(outcome, outcome)))
            ways = [told(client.get(f"/leave/{token}", headers={"Accept-Language": "en"})) for _ in range(2)]
            assert ways[0] == ways[1], "the same link leads to the same end again"
            assert ways[0].replace(f"id=w{number}", "id=w") == expected(name, outcome), outcome
            table[outcome, name] = expected(name, outcome)
        granted = [asked for asked in fake.asked if "WebstudyCredit" in asked[1]]
        assert len(granted) == (1 if name == "sona" else 0), "a credit is asked for once"
        here.close()


@pytest.mark.slow
def test_a_credit_that_is_not_granted_is_said_so_and_tried_again_and_then_never_again(study_copy, tmp_path):
    with platform() as fake:
        status = iter(["X", "G", "G"])
        fake.on("GET", "/services/SonaAPI.svc/WebstudyCredit")(lambda *_: (200, GRANTED.format(next(status))))
        config = f'[[recruit]]\nplatform = "sona"\nhost = "{fake.base}"\nnumber = "12"\n'
        (study_copy / "recruit.toml").write_text(config)
        app = make(Settings(data=str(tmp_path / "data")), [open_study(study_copy)])
        here, client = app.extensions["coplay"], app.test_client()
        token = client.post("/s/small?survey_code=987", data={}).headers["Location"].rpartition("/")[2]
        Hand(here.table, here.people.stream(token)).play()
        assert told(client.get(f"/leave/{token}")) == "code 987", "without a token the researchers grant it by hand"
        token_file(here.settings.folder, "12").write_text("tok\n")
        assert "could not be granted" in client.get(f"/leave/{token}").text
        for _ in range(3):
            assert told(client.get(f"/leave/{token}")) == "credit granted by the server"
        assert len(fake.asked) == 2
        assert b"tok" not in b"".join(str(row).encode() for row in here.store.read(here.people.stream(token)))
        here.close()
