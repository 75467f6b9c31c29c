"""Pay: nothing is paid twice, by files or by Prolific, whatever stops in between."""

import json
import shutil

import pytest
from click.testing import CliRunner

from server.cli import main
from server.dues import Due
from server.house import open_house
from server.lasting import PAYMENTS, Lasting
from server.ledger import SENDING, Ledger
from server.recruit import Arrival
from server.settings import Settings
from server.studies import open_study
from tests.server import small
from tests.server.platforms import platform
from tests.server.small import Hand

PAY = """[pay]
currency = "EUR"
base = 3
bonus_least = 0.5
bonus_most = 2
minutes = 12
floor_per_hour = 15
[pay.partial]
no_consent = 0
withdrawn = 1.25
"""
RECRUIT = """[[recruit]]
platform = "prolific"
number = "STUDY1"
codes = { completed = "C1", screened_out = "C2" }
[[recruit]]
platform = "generic"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = small.write_study(tmp_path_factory.mktemp("paid"))
    (made / "study.toml").write_text(f"{small.STUDY}{PAY}", "utf-8")
    (made / "recruit.toml").write_text(RECRUIT, "utf-8")
    return made


@pytest.fixture
def house(folder, tmp_path):
    made = open_house(Settings(data=str(tmp_path / "data")), [open_study(folder)])
    for worker, platform_name in (("W1", "prolific"), ("W2", "prolific"), ("=W3", "generic")):
        arrival = Arrival(platform_name, worker, f"SUB{worker[-1]}", "STUDY1")
        stream = made.people.claim("/small", arrival, f"small/{worker[-2:]}session")
        made.table.open_session("small", "en", stream.rpartition("/")[2])
        hand = Hand(made.table, stream)
        if worker != "W2":
            hand.play()
        else:
            hand.play(5)
            from game.commands import Withdraw

            made.table.submit(stream, "participant", "", Withdraw(), joined=hand.joined)
            assert made.table.outcome(stream) == "withdrawn"
    yield made
    made.close()


@pytest.fixture
def run(house, folder):
    runner = CliRunner()

    def call(*arguments):
        told = ["pay", folder, "--data", house.settings.folder, *arguments]
        return runner.invoke(main, [str(argument) for argument in told])

    return call


def due(stream="small/a", kind="bonus", cents=50):
    return Due(stream=stream, kind=kind, cents=cents)


@pytest.mark.slow
def test_a_crash_between_claim_and_answer_is_told_and_not_paid_again(run, house, tmp_path):
    token = tmp_path / "token"
    token.write_text("t")
    ledger = Ledger(house.database, Lasting(house.settings.folder / PAYMENTS))
    ledger.claim([due("small/W1session")], "EUR", SENDING, "bonus")  # then the machine stopped
    with platform() as fake:
        fake_prolific(fake)
        answer = run("--send", "--token-file", token, "--api", fake.base, "--json")
        bodies = [body for method, path, _, body, _ in fake.asked if path == "/submissions/bonus-payments/"]
    assert "small/W1session bonus: look on Prolific" in answer.stderr
    assert [json.loads(body)["csv_bonuses"] for body in bodies] == ["SUB2,1.25\n"]


def test_the_summary_changes_nothing(run, house):
    summary = json.loads(run("--json").stdout)
    assert summary["outcomes"] == {"completed": 2, "withdrawn": 1}
    assert (summary["earned"], summary["due"], summary["paid"]) == (825, 825, 0)
    assert summary["wage_least"] > 15
    assert summary["below_floor"] == 0
    assert "real wage per hour" in run().stdout
    assert not (house.settings.folder / PAYMENTS).exists()


def test_files_hold_what_is_due_once(run, tmp_path):
    out = tmp_path / "out"
    assert run("--out", out).exit_code == 0
    files = {path.name: path.read_text() for path in out.iterdir()}
    assert files.pop("ledger.csv").count("listed") == 5
    assert files == {
        "b0001-generic-base.csv": "worker,submission,amount,currency\n'=W3,SUB3,3.00,EUR\n",
        "b0001-generic-bonus.csv": "worker,submission,amount,currency\n'=W3,SUB3,0.50,EUR\n",
        "b0001-prolific-approve.csv": "SUB1\n",
        "b0001-prolific-bonus.csv": "SUB1,0.50\n",
        "b0001-prolific-partial.csv": "SUB2,1.25\n",
    }
    assert {oct(path.stat().st_mode)[-3:] for path in out.iterdir()} == {"600"}
    assert "nothing is due" in run("--out", tmp_path / "again").stderr
    assert not list((tmp_path / "again").glob("b*"))
    assert run("--out", tmp_path / "again", "--batch", "b0001").exit_code == 0
    assert (tmp_path / "again" / "b0001-prolific-bonus.csv").read_text() == "SUB1,0.50\n"
    assert run("--settle", "W1session", "bonus", "unpaid").exit_code == 0
    run("--out", out)
    assert (out / "b0002-prolific-bonus.csv").read_text() == "SUB1,0.50\n"


def fake_prolific(fake, second="AWAITING REVIEW"):
    def submissions(query, body, headers):
        return 200, {"results": [{"id": "SUB1", "status": "AWAITING REVIEW"}, {"id": "SUB2", "status": second}]}

    fake.on("GET", "/submissions/")(submissions)
    fake.on("POST", "/submissions/SUB1/transition/")(lambda *_: (200, {}))
    fake.on("POST", "/submissions/bonus-payments/")(lambda *_: (200, {"id": "p1"}))
    fake.on("POST", "/bulk-bonus-payments/p1/pay/")(lambda *_: (202, ""))


@pytest.mark.slow
def test_prolific_is_asked_once_however_often_it_is_run(run, tmp_path):
    token = tmp_path / "token"
    token.write_text("secret-token\n")
    with platform() as fake:
        fake_prolific(fake)
        send = ("--send", "--token-file", token, "--api", fake.base, "--json")
        first = run(*send)
        assert first.exit_code == 0, first.output
        assert "3 paid" in first.stderr
        posts = [(path, body) for method, path, _, body, _ in fake.asked if method == "POST"]
        assert [path for path, _ in posts] == [
            "/submissions/SUB1/transition/", "/submissions/bonus-payments/", "/bulk-bonus-payments/p1/pay/",
        ]  # fmt: skip
        assert json.loads(posts[1][1]) == {"study_id": "STUDY1", "csv_bonuses": "SUB1,0.50\nSUB2,1.25\n"}
        summary = json.loads(run(*send).stdout)
        assert (summary["paid"], summary["due"]) == (475, 350)
        assert len([1 for method, *_ in fake.asked if method == "POST"]) == 3
    assert "secret-token" not in first.output
    assert run("--send").exit_code == 2


@pytest.mark.slow
def test_what_surely_failed_is_due_again_and_what_is_unsure_is_not_sent_again(run, tmp_path):
    token = tmp_path / "token"
    token.write_text("t")
    with platform() as fake:
        fake_prolific(fake, "RETURNED")
        send = ("--send", "--token-file", token, "--api", fake.base, "--json")
        fake.on("POST", "/submissions/bonus-payments/")(lambda *_: (400, {"error": "no money"}))
        answer = run(*send)
        assert "no money" in answer.stderr
        assert json.loads(answer.stdout)["unsure"] == 0
        fake.on("POST", "/submissions/bonus-payments/")(lambda *_: (200, {"id": "p1"}))
        fake.on("POST", "/bulk-bonus-payments/p1/pay/")(lambda *_: (500, "oops"))
        answer = run(*send)
        assert json.loads(answer.stdout)["unsure"] == 175
        assert "look on Prolific" in answer.stderr
        before = len(fake.asked)
        run(*send)
        assert [method for method, *_ in fake.asked[before:]] == ["GET"]
    run("--settle", "W1session", "bonus", "paid")
    assert json.loads(run("--json").stdout)["unsure"] == 125


@pytest.mark.slow
@pytest.mark.parametrize("minutes", ["minutes = 12\n", ""])
def test_watching_tells_the_wage_that_paying_would(run, house, folder, tmp_path, minutes):
    study = tmp_path / "study"
    shutil.copytree(folder, study)
    text = (study / "study.toml").read_text()
    (study / "study.toml").write_text(text.replace("minutes = 12\n", minutes))
    data = ["--data", str(house.settings.folder)]
    look = CliRunner().invoke(main, ["watch", str(study), *data, "--once", "--json"])
    paid = CliRunner().invoke(main, ["pay", str(study), *data, "--json"])
    summary = json.loads(paid.stdout)
    told = f"{summary['wage_median']:.2f} EUR per hour, {summary['below_floor']} of 2 below 15"
    assert json.loads(look.stdout)["wage"] == told
    assert "real wage: " in CliRunner().invoke(main, ["watch", str(study), *data, "--once"]).stdout


@pytest.mark.slow
def test_without_prolific_nothing_moves(run, tmp_path):
    token = tmp_path / "token"
    token.write_text("t")
    answer = run("--send", "--token-file", token, "--api", "http://127.0.0.1:9")
    assert answer.exit_code == 1
    assert "nothing was paid" in answer.stderr
    assert json.loads(run("--json").stdout)["due"] == 825


def test_a_preview_says_what_it_costs(folder, study_folder):
    runner = CliRunner()
    answer = runner.invoke(main, ["pay", str(folder), "--preview"])
    assert "one person: 3.50 to 5.00 EUR for 12 minutes" in answer.stdout
    assert runner.invoke(main, ["pay", str(study_folder), "--preview"]).exit_code == 2


def test_a_submission_that_two_sessions_name_is_not_paid_until_somebody_looked(run, house, tmp_path):
    stream = house.people.claim("/small", Arrival("prolific", "MADEUP", "SUB1", "STUDY1"), "small/madeup22")
    house.table.open_session("small", "en", "madeup22")
    Hand(house.table, stream).play()
    answer = run("--out", tmp_path / "out")
    assert "small/madeup22: not paid, another session names the same submission" in answer.stderr
    assert sorted(path.name for path in (tmp_path / "out").glob("*prolific*")) == ["b0001-prolific-partial.csv"]
    erased = CliRunner().invoke(main, ["erase", "madeup22", "--data", str(house.settings.folder), "--yes"])
    assert erased.exit_code == 0
    run("--out", tmp_path / "out")
    assert (tmp_path / "out" / "b0002-prolific-bonus.csv").read_text() == "SUB1,0.50\n"


@pytest.mark.slow
def test_a_submission_of_somebody_else_is_not_paid(run, tmp_path):
    token = tmp_path / "token"
    token.write_text("t")
    with platform() as fake:
        fake_prolific(fake)
        listed = [
            {"id": f"SUB{n}", "status": "AWAITING REVIEW", "participant_id": who} for n, who in ((1, "W1"), (2, "X"))
        ]
        fake.on("GET", "/submissions/")(lambda *_: (200, {"results": listed}))
        run("--send", "--token-file", token, "--api", fake.base)
        (body,) = [body for _, path, _, body, _ in fake.asked if path == "/submissions/bonus-payments/"]
    assert json.loads(body)["csv_bonuses"] == "SUB1,0.50\n"


def erased(house, stream):
    from server.parting import part

    part(house, stream)
    assert stream in house.people.owed()


def test_who_erased_is_forgotten_once_paid_by_a_file_that_stays_whole(run, house, tmp_path):
    erased(house, "small/W1session")
    out = tmp_path / "out"
    answer = run("--out", out)
    assert "1 erased and paid: who they are is forgotten" in answer.stderr
    assert house.people.owed() == {}
    assert (out / "b0001-prolific-approve.csv").read_text() == "SUB1\n"
    bonus = (out / "b0001-prolific-bonus.csv").read_text()
    assert bonus.startswith("SUB1,")
    run("--out", out, "--batch", "b0001")
    assert (out / "b0001-prolific-bonus.csv").read_text() == bonus
    on_disk = b"".join(path.read_bytes() for path in house.settings.folder.iterdir() if path.is_file())
    assert b"SUB1" not in on_disk


@pytest.mark.slow
def test_who_erased_is_known_until_all_of_it_is_paid_on_prolific_and_never_paid_twice(run, house, tmp_path):
    erased(house, "small/W1session")
    token = tmp_path / "token"
    token.write_text("t")
    with platform() as fake:
        fake_prolific(fake)
        send = ("--send", "--token-file", token, "--api", fake.base, "--json")
        fake.on("POST", "/bulk-bonus-payments/p1/pay/")(lambda *_: (500, "oops"))
        assert run(*send).exit_code == 0
        assert "small/W1session" in house.people.owed()  # nobody knows whether the bonus moved
        assert run("--settle", "W1session", "bonus", "paid").exit_code == 0
        assert "small/W1session" not in house.people.owed()
        stream = house.people.claim("/small", Arrival("prolific", "W1", "SUB1", "STUDY1"), "small/again222")
        house.table.open_session("small", "en", "again222")
        Hand(house.table, stream).play()
        before = len([1 for method, *_ in fake.asked if method == "POST"])
        answer = run(*send)
        assert "small/again222: not paid, its submission was paid" in answer.stderr
        assert len([1 for method, *_ in fake.asked if method == "POST"]) == before
