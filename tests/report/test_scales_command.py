"""`coplay measure --by scale`: questionnaire scores of a log with their reliability, by hand."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from game import logfile, roundsfile
from game.events import Answered
from game.registry import questionnaire
from game.roundsfile import Header
from server.commands.measure import measure
from server.report.scales import Answers, Occasion, rows_of
from tests.game.session import STREAM, Session
from tests.tiny import Tiny, study

ITEMS = questionnaire["s_tias"].thing.items


def run(*arguments):
    return CliRunner().invoke(measure, [str(each) for each in arguments])


def log_of(path, *pages):
    made = study("concurrent", rounds=2)
    phases = [replace(each, pages=(*pages, "debrief")) if each.name == "debrief" else each for each in made.phase]
    session = Session(Tiny(replace(made, phase=tuple(phases))))
    session.start()
    session.finish()
    path.write_bytes(b"".join(logfile.write({STREAM: session.rows}, session.tiny.blobs)))
    return session


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "x.log.jsonl"
    return path, log_of(path, "q.s_tias", "q.txai")


def said(session, items, name):
    given = {event.name: event.value for event in session.events if isinstance(event, Answered)}
    return [given[f"q.{name}.{item}"] for item in items]


def test_scores_of_a_log_are_printed_with_why_there_is_no_reliability(log):
    path, session = log
    done = run(path, "--by", "scale")
    assert done.exit_code == 0, done.output
    mean = sum(said(session, ITEMS, "s_tias")) / len(ITEMS)
    assert f"{mean:.2f} ± -" in done.stdout
    assert "tiny · questionnaires" in done.stdout
    assert "1 people answered all items, 10 are needed" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 132


def test_json_and_csv_are_tidy(log):
    path, session = log
    document = json.loads(run(path, "--by", "scale", "--json").stdout)
    assert (document["format"], document["version"], document["by"]) == ("coplay-measures", 1, "scale")
    mean = sum(said(session, ITEMS, "s_tias")) / len(ITEMS)
    row = next(row for row in document["rows"] if row["questionnaire"] == "s_tias")
    assert (row["study"], row["source"], row["time"], row["people"], row["scored"]) == ("tiny", "coplay", 1, 1, 1)
    assert row["mean"] == pytest.approx(mean)
    assert row["sd"] is None
    assert row["alpha"] is None
    assert "are needed" in row["alpha_why_undefined"]
    score = next(each for each in document["participants"] if each["questionnaire"] == "s_tias")
    assert (score["participant"], score["items"]) == ("p1", 3)
    assert score["score"] == pytest.approx(mean)
    lines = list(csv.DictReader(io.StringIO(run(path, "--by", "scale", "--csv").stdout)))
    assert [(line["questionnaire"], line["subscale"]) for line in lines] == [
        (row["questionnaire"], row["subscale"]) for row in document["rows"]
    ]
    assert all((line["alpha"] == "") == bool(line["alpha_why_undefined"]) for line in lines)
    assert float(lines[0]["mean"]) == pytest.approx(mean)


def test_data_without_questionnaires_say_so(one_round, tmp_path):
    rounds = tmp_path / "x.rounds.jsonl"
    rounds.write_bytes(b"".join(roundsfile.encode(Header(), [one_round(1)])))
    done = run(rounds, "--by", "scale")
    assert done.exit_code == 1
    assert "a rounds file has no questionnaires" in done.stderr
    log_of(tmp_path / "y.log.jsonl")
    done = run(tmp_path / "y.log.jsonl", "--by", "scale", "--csv")
    assert done.exit_code == 1
    assert "no questionnaire was answered" in done.stderr
    assert done.stdout == ""


def session_of(who, *times):
    """Events of a person who answers all items of s_tias, in one step each time."""
    opened = replace(Tiny(study()).opened(), session=who)
    return [opened, *(
        Answered(at=1, by="participant", step=step, stage="q", name=f"q.s_tias.{item}", value=value)
        for step, values in enumerate(times, 5) for item, value in zip(ITEMS, values, strict=True)
    )]  # fmt: skip


def test_reliability_by_hand_and_times_apart():
    # items equal within a person: sums are 3 times an item's value, so alpha = 3/2 (1 - 3 v / 9 v) = 1; the second time all
    # answer alike, which tells no reliability
    answers = Answers()
    for n in range(12):
        answers.add(session_of(f"p{n:02d}", (n % 7 + 1,) * 3, (4, 4, 4)))
    first, second = rows_of(answers.given)
    assert [occasion for occasion, _ in (first, second)] == [
        Occasion("tiny", "coplay", 1),
        Occasion("tiny", "coplay", 2),
    ]
    assert first[1].alpha.value == pytest.approx(1)
    assert (first[1].scored, first[1].alpha.n) == (12, 12)
    assert first[1].mean == pytest.approx(sum(n % 7 + 1 for n in range(12)) / 12)
    assert second[1].mean == 4
    assert "alike by everybody" in second[1].alpha.why_undefined


def test_the_last_answer_on_a_page_counts_and_foreign_ones_are_refused():
    events = session_of("p", (1, 2, 3))
    changed = replace(events[1], value=7)
    answers = Answers()
    answers.add([*events, changed])
    ((_, row),) = rows_of(answers.given)
    assert row.mean == pytest.approx((7 + 2 + 3) / 3)
    answers.add([events[0], replace(changed, value=99)])
    with pytest.raises(ValueError, match=r"q\.s_tias\..* was answered 99, which is not on its scale"):
        rows_of(answers.given)
