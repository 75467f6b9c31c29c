"""`coplay compare`: one JSON line of facts, exit codes, and the report where somebody draws it."""

import json

import pytest
from click.testing import CliRunner

from ai.cli_compare import compare
from tests.ai import squares


@pytest.fixture
def study(tmp_path):
    with squares.registered():
        yield squares.study(tmp_path / "study")


def run(*given):
    return CliRunner().invoke(compare, [str(g) for g in (*given, "--workers", 1)])


def test_it_tells_what_it_wrote(study):
    done = run(
        study,
        "--preset",
        "quick",
        "--images",
        3,
        "--methods",
        "saliency,random",
        "--metrics",
        "complexity,spearman",
        "--no-report",
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["folder"] == str(study / "lab")
    assert told["metrics"] == {"agreement": 1, "complexity": 6}
    assert "report" not in told
    assert (study / "lab" / "lab.json").is_file()


@pytest.mark.parametrize(("given", "code", "said"), [
    (("--metrics", "spearmint"), 2, "did you mean 'spearman'"),
    (("--methods", "saliencee"), 2, "did you mean 'saliency'"),
    (("--models", "nobody"), 1, "no model is called 'nobody'"),
    (("--preset", "huge"), 2, "'huge' is not one of"),
])  # fmt: skip
def test_what_is_not_there_is_named_and_nothing_written(study, given, code, said):
    done = run(study, *given)
    assert done.exit_code == code
    assert said in done.output
    assert not (study / "lab" / "lab.json").exists()
