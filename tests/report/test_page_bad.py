"""Bad and thin data: reported in words, never crashed, never a zero that means unknown."""

import json

import pytest
from click.testing import CliRunner

from game import roundsfile
from game.roundsfile import Header
from server.commands.report import report
from server.report.page.gather import Asked, Gathered, gather
from server.report.page.judge import judge
from server.report.page.story import story
from server.report.page.summary import cover, notices
from server.report.page.write import draw
from server.report.source import Unreadable
from server.report.tables import Bootstrap

pytestmark = [pytest.mark.timeout(900)]


def run(*arguments):
    return CliRunner().invoke(report, [str(each) for each in arguments])


@pytest.fixture
def store(tmp_path):
    def write(*rounds):
        path = tmp_path / "x.rounds.jsonl"
        path.write_bytes(b"".join(roundsfile.encode(Header(), rounds)))
        return path

    return write


def told(rounds, resamples=40):
    made = story(Gathered(rounds=list(rounds)), Bootstrap(1, resamples))
    judge(made)
    return made


def test_a_truncated_log_is_named(tmp_path, root):
    data = (root / "tests/golden/core1-solo.log.jsonl").read_bytes()
    path = tmp_path / "cut.log.jsonl"
    path.write_bytes(data[: len(data) * 2 // 3])
    done = run(path, "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "cut off" in done.output or "cannot be read" in done.output
    assert "cut.log.jsonl" in done.output
    assert not (tmp_path / "out").exists()


def test_a_foreign_log_is_named(tmp_path):
    path = tmp_path / "foreign.jsonl"
    path.write_text('{"event": "click", "t": 3}\n')
    done = run(path, "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "line 1" in done.output


def test_a_folder_that_is_no_report_is_not_replaced(tmp_path, store, one_round):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    done = run(store(one_round()), "-o", tmp_path / "mine", "--force")
    assert done.exit_code == 1
    assert "is no report" in done.output
    assert (tmp_path / "mine/thesis.txt").exists()


def test_several_studies_are_named(store, one_round):
    path = store(one_round(1, study="a"), one_round(1, study="b"))
    with pytest.raises(Unreadable, match=r"choose with --study: a \(1 rounds\), b \(1 rounds\)"):
        gather(path, Asked())
    assert {each.study for each in gather(path, Asked(study="b")).rounds} == {"b"}


def test_nothing_to_report_is_said(store, one_round):
    with pytest.raises(Unreadable, match="no round to report"):
        gather(store(one_round(study="a")), Asked(study="other"))


def test_a_lab_folder_without_results_is_named(tmp_path, store, one_round):
    done = run(store(one_round()), "-o", tmp_path / "out", "--lab", tmp_path)
    assert done.exit_code == 1
    assert "lab.json is missing" in done.output


@pytest.mark.slow
def test_one_person_gives_no_interval_and_says_so(one_round):
    made = told([one_round(n, correct=n % 2 == 0, ai_correct=n % 3 != 0) for n in range(1, 7)])
    assert any(each.title == "One person only." for each in notices(made))
    plates = draw(made)
    assert plates["accuracy"].pictures is not None
    assert ",,\n" not in plates["accuracy"].csv.splitlines()[0]
    assert "too few people for an interval" in cover(made, None, "").summary
    assert plates["survival"].missing == "handing over was never offered"


@pytest.mark.slow
def test_equal_answers_are_told(one_round):
    rounds = [one_round(n, f"p{who}", final="a", truth="a", options=("a", "b"), condition=arm)
              for who, arm in ((1, "x"), (2, "x"), (3, "y"), (4, "y")) for n in range(1, 5)]  # fmt: skip
    made = told(rounds)
    assert any(each.title == "All answers are equal." for each in notices(made))
    assert all(not each.defined and each.undefined_because for each in made.effects if each.outcome == "accuracy")
    plates = draw(made)
    assert plates["forest"].missing or plates["forest"].pictures
    assert plates["matrix"].pictures is not None
    assert "no round" in plates["matrix"].alt


@pytest.mark.slow
def test_an_empty_condition_is_told(one_round):
    rounds = [one_round(n, f"p{who}") for who in (1, 2, 3) for n in (1, 2)]
    made = told([*rounds, one_round(3, "p1", condition="never", scored=False)])
    assert any("never has no scored round" in str(each.text) for each in notices(made))
    assert [arm.label for arm in made.arms] == ["arm"]


def test_mixed_versions_are_told(one_round):
    made = told([one_round(n, f"p{who}") for who in (1, 2) for n in (1, 2)])
    made.gathered.sessions = [
        {"study_version": at, "core": 1, "why": "", "rounds_scored": 2, "assigned": True, "outcome": "completed"}
        for at in (1, 2)
    ]
    told_ = [each for each in notices(made) if each.title == "Mixed versions."]
    assert "study version 1, core 1: 1 sessions; study version 2, core 1: 1 sessions" in str(told_[0].text)


def test_a_withheld_truth_is_no_zero(one_round):
    made = told(
        [one_round(n, f"p{who}", correct=None, ai_correct=None, followed=None) for who in (1, 2) for n in (1, 2)]
    )
    summary = cover(made, None, "").summary
    assert "It is not known in any scored round whether the answer was right." in summary
    assert "0%" not in summary


def test_sessions_without_a_round_are_counted(tmp_path, root):
    lines = (root / "tests/golden/core1-solo.log.jsonl").read_bytes().splitlines(keepends=True)
    header, rows = json.loads(lines[0]), [json.loads(line) for line in lines]
    kept, streams = [], {}
    for line, row in zip(lines[1:], rows[1:], strict=True):
        one = row.get("row")
        if one is None or one["seq"] < 2:
            kept.append(line)
        if one is not None and one["seq"] < 2:
            streams[one["stream"]] = {"rows": one["seq"] + 1, "head": one["hash"]}
    path = tmp_path / "begun.log.jsonl"
    path.write_bytes(json.dumps(header | {"streams": streams}).encode() + b"\n" + b"".join(kept))
    done = run(path, "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "there is no round to report: 1 session without a finished round" in done.output


def test_a_desk_that_is_no_address_is_refused(tmp_path, store, one_round):
    done = run(store(one_round()), "-o", tmp_path / "out", "--desk", "study.example.org")
    assert done.exit_code == 2
    assert "'study.example.org' is no address" in done.output
