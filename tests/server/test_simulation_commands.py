"""The commands simulate, power, prereg and recover, as they are called."""

import errno
import json

import pytest
from click.testing import CliRunner

from game.logfile import read
from game.registry import player
from game.truth import decode
from server.commands.power import power
from server.commands.prereg import prereg
from server.commands.recover import recover
from server.commands.simulate import simulate
from server.report.against import compare
from server.report.source import rounds_from

STUDY = "game/studies/reference"


def run(command, *args):
    return CliRunner().invoke(command, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def study(root):
    return root / STUDY


@pytest.mark.slow
def test_one_core_and_two_write_the_same_bytes(study, tmp_path):
    mix = "follower:0.3,verifier(skill=0.9):0.4,drifting:0.3"
    for cores in (1, 2):
        out = tmp_path / f"{cores}.log.jsonl"
        done = run(simulate, study, "-n", 26, "-o", out, "--player", mix, "--cores", cores)
        assert done.exit_code == 0, done.output
    for kind in ("log", "truth"):
        assert (tmp_path / f"1.{kind}.jsonl").read_bytes() == (tmp_path / f"2.{kind}.jsonl").read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".part"]
    log = read((tmp_path / "1.log.jsonl").read_bytes().splitlines(keepends=True))
    header, people = decode((tmp_path / "1.truth.jsonl").read_bytes().splitlines())
    assert header.players == mix
    assert [f"simulated/reference/{one.participant}" for one in people] == list(log.streams)
    assert {one.player for one in people} == {"follower", "verifier", "drifting"}
    source = rounds_from(tmp_path / "1.log.jsonl")
    assert {each.source for each in source.rounds} == {"simulated"}
    assert {played.sessions for played in source.studies.values()} == {26}


@pytest.mark.parametrize(
    ("who", "says"), [("nobody", "no player is called"), ("verifier(x=1)", "no trait 'x'"), ("a b", "cannot be read")]
)
def test_a_player_that_cannot_play_is_refused_before_anything_is_written(study, tmp_path, who, says):
    done = run(simulate, study, "-n", 2, "-o", tmp_path / "a.log.jsonl", "--player", who)
    assert done.exit_code == 1
    assert says in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_files_lie_where_they_were_wanted_or_nowhere(study, tmp_path, monkeypatch):
    out = tmp_path / "new" / "folder" / "a.log.jsonl"
    assert run(simulate, study, "-n", 1, "-o", out).exit_code == 0
    held = {path: path.read_bytes() for path in out.parent.iterdir()}
    assert len(held) == 2
    done = run(simulate, study, "-n", 1, "-o", out / "b.log.jsonl")
    assert (done.exit_code, "a.log.jsonl: File exists" in done.stderr) == (1, True)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("server.commands.simulate._assemble", full)
    done = run(simulate, study, "-n", 1, "-o", out, "--seed", "other")
    assert (done.exit_code, "No space left" in done.stderr) == (1, True)
    assert {path: path.read_bytes() for path in out.parent.iterdir()} == held


@pytest.mark.slow
def test_power_is_told_with_its_check_and_a_figure(study, tmp_path):
    figure = tmp_path / "power.png"
    done = run(
        power, study, "--people", 24, "--runs", 200, "--effect", "0.2", "-n", "36,600", "-o", figure, "--json", "--cores", 1
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["reference"], told["contrast"]) == ("label", "map")
    small, large = told["points"]
    assert small["power"] < large["power"] > 0.99
    assert small["power"] == pytest.approx(small["formula"], abs=0.15)
    assert (small.get("drawn", True), large["drawn"]) == (True, False)
    assert [each["target"] for each in told["cheapest"]] == [0.8, 0.9]
    assert 0 < told["cheapest"][0]["n"] <= told["cheapest"][1]["n"]
    assert told["price"]["unit"] == "GBP"
    assert figure.stat().st_size > 5000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--outcome", "time"), "no share of rounds"),
        (("--outcome", "nothing"), "no outcome is called"),
        (("--contrast", "x"), "no condition is called 'x'"),
        (("--rounds", "500", "--people", "8"), "the pack has"),
    ],
)
def test_power_that_cannot_be_simulated_says_why(study, options, says):
    done = run(power, study, *options)
    assert done.exit_code == 1
    assert says in done.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--effect", "0.1,2"),
        ("--effect", "nan"),
        ("-n", "2.5"),
        ("-n", "1"),
        ("--error-rate", "2"),
        ("--rounds", "1.5"),
    ],
)
def test_power_refuses_numbers_that_cannot_be(study, option, value):
    done = run(power, study, option, value)
    assert (done.exit_code, "is not possible: give" in done.stderr) == (2, True), done.stderr


@pytest.mark.slow
def test_a_draft_is_what_its_data_are_compared_with(study, tmp_path):
    done = run(prereg, study, "-o", tmp_path / "plan", "--people", 0, "--margin", "accuracy=0.03")
    assert done.exit_code == 0, done.stderr
    assert "0.03 (difference)" in (tmp_path / "plan" / "aspredicted.md").read_text("utf-8")
    assert run(simulate, study, "-n", 6, "-o", tmp_path / "a.log.jsonl", "--player", "verifier").exit_code == 0
    lines = {line.what: line for line in compare(tmp_path / "plan", rounds_from(tmp_path / "a.log.jsonl"))}
    assert lines["study file"].kind == "as planned"
    assert lines["participants with rounds"].done == "6"
    assert lines["scored rounds per person in map"].kind == "as planned"
    again = run(prereg, study, "-o", tmp_path / "plan", "--people", 0)
    assert again.exit_code == 1
    assert "already" in again.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("margin", "says"), [("accuracy", "write e.g."), ("accuracy=-1", "above 0"), ("x=1", "no outcome")]
)
def test_a_margin_that_means_nothing_is_refused(study, tmp_path, margin, says):
    done = run(prereg, study, "-o", tmp_path / "plan", "--people", 0, "--margin", margin)
    assert done.exit_code == 1
    assert says in done.stderr


@pytest.mark.slow
def test_recovery_is_written_small(tmp_path):
    out = tmp_path / "recovery.md"
    done = run(
        recover, "-o", out, "--study", "who_decides", "--people", 12, "--sessions", 2, "--runs", 4, "--size", 10, "--cores", 1
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    text = out.read_text("utf-8")
    assert "coplay recover -o recovery.md --study who_decides --people 12" in text
    assert "| `accuracy_alone` | alone |" in text
    assert "| `oracle_accuracy` | chosen |" in text
    right = int(text.split("Round codes: ")[1].split(" %")[0])
    assert right > 70


@pytest.mark.slow
@pytest.mark.parametrize("name", ["xai_bias_trust", "explanations_and_evaluation", "cost_benefit"])
def test_every_kind_of_player_gets_through_the_pages_of_a_template(root, name, tmp_path):
    """Pages ask for more than rounds do: whom to deploy, what to pay, whom to hand the next batch to."""
    for who in player.names():
        out = tmp_path / f"{who}.log.jsonl"
        done = run(simulate, root / "game/studies" / name, "-n", 3, "--player", who, "-o", out, "--cores", 1)
        assert done.exit_code == 0, (who, done.output)
