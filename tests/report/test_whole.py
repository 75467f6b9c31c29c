"""`coplay measure --by study`: measures of whole studies, effects of conditions, cautions; and what is unknown is no zero."""

import csv
import io
import json
import math

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from game import roundsfile
from game.registry import measure as registered
from game.roundsfile import Header
from server.commands.measure import measure
from server.report.whole import whole_rows
from tests.bench.inference import world


def run(path, *more):
    return CliRunner().invoke(measure, [str(path), "--by", "study", *more])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "w.rounds.jsonl"
    rounds = [replace(each, final_ms=each.total_ms) for each in world(2, people=12, rounds=16, items=16)]
    path.write_bytes(b"".join(roundsfile.encode(Header(), rounds)))
    return path


@pytest.mark.slow
def test_a_study_is_told_with_its_effects(file):
    done = run(file)
    assert done.exit_code == 0, done.output
    assert "w · all conditions" in done.stdout
    assert "automation_bias" in done.stdout
    assert "effects of conditions" in done.stdout
    assert "map - plain" in done.stdout
    assert "caution: w: Rounds are simulated" in done.stderr


@pytest.mark.slow
def test_json_and_csv_have_every_effect_and_no_nan(file):
    told = json.loads(run(file, "--json").stdout)
    assert (told["format"], told["by"]) == ("coplay-measures", "study")
    assert {row["reads"] for row in told["rows"]} == {"study", "person"}
    lines = list(csv.DictReader(io.StringIO(run(file, "--csv").stdout)))
    assert [line["name"] for line in lines if line["row"] == "effect"] == [each["name"] for each in told["effects"]]
    accuracy = lines[0]
    assert float(accuracy["estimate"]) == pytest.approx(float(accuracy["mean"]) - float(accuracy["mean_reference"]))
    assert accuracy["margin"] == "0.05"
    assert "nan" not in run(file, "--csv").stdout.lower().replace("reference", "")


@pytest.mark.slow
def test_measures_of_everybody_come_with_the_interval_of_the_report(file):
    """Leaving out each of the 6 people of a condition, by hand; the mean over people by drawing them."""
    lines = [line for line in csv.DictReader(io.StringIO(run(file, "--csv").stdout)) if line["row"] == "measure"]
    made = {(line["name"], line["contrast"]): line for line in lines}
    one = made["first_impression", "map"]
    rounds = [each for each in world(2, people=12, rounds=16, items=16) if each.condition == "map"]
    place = {who: at % 20 for at, who in enumerate(sorted({each.participant for each in rounds}))}
    parts = [
        registered["first_impression"].thing([each for each in rounds if place[each.participant] != group]).value
        for group in sorted(set(place.values()))
    ]
    n, middle = len(parts), sum(parts) / len(parts)
    se = math.sqrt((n - 1) / n * sum((part - middle) ** 2 for part in parts))
    assert n == 6
    assert float(one["high"]) - float(one["estimate"]) == pytest.approx(2.571 * se, rel=1e-3)
    assert one["method"] == "people left out"
    assert made["mediation_rate", "map"]["method"] == "people drawn"
    unknown = next(line for line in lines if line["undefined_because"])
    assert (unknown["estimate"], unknown["low"], unknown["level"]) == ("", "", "")
    assert " to " in run(file).stdout.split("first_impression")[1].split("\n")[0]


def test_without_any_time_engagement_is_unknown_and_no_zero():
    rounds = world(2, people=4)
    made = {row.measure: row.estimate for row in whole_rows(rounds) if row.condition == "map"}
    assert not made["mediation_rate"].defined
    assert "known time" in made["mediation_rate"].why_undefined
    timed = whole_rows([replace(each, final_ms=3000) for each in rounds])
    assert {row.measure: row.estimate for row in timed if row.condition == "map"}["mediation_rate"].value == 1


@pytest.mark.slow
def test_one_condition_has_no_effects_and_says_so(tmp_path):
    path = tmp_path / "one.rounds.jsonl"
    path.write_bytes(b"".join(roundsfile.encode(Header(), [e for e in world(1) if e.condition == "map"])))
    done = run(path, "--csv")
    assert done.exit_code == 0
    assert {line["row"] for line in csv.DictReader(io.StringIO(done.stdout))} == {"measure"}
