"""Table T17: a Bayesian mixed logit of the main comparisons, where it was asked for and its libraries are installed."""

import math

import pytest
from click.testing import CliRunner

from game import roundsfile
from game.roundsfile import Header
from server.commands.report import report
from server.report.inference import bayes
from server.report.inference.comparison import compare
from server.report.inference.effect import Clusters, Effect
from server.report.inference.libraries import Missing
from server.report.inference.mixed import mixed_logit
from server.report.page import posterior
from server.report.page.bibliography import references
from server.report.page.gather import Gathered
from server.report.page.judge import judge
from server.report.page.methods import agreed, compared
from server.report.page.story import story
from server.report.plate import Table
from server.report.tables import Bootstrap
from tests.bench.inference import world


def lacks_bambi():
    try:
        bayes.installed()
    except Missing:
        return True
    return False


def told(rounds):
    made = story(Gathered(rounds=list(rounds)), Bootstrap(1, 20))
    judge(made)
    return made


@pytest.fixture
def two(one_round):
    """Four people in each of two conditions, who are all right in one of them."""
    return [
        one_round(n, f"{arm}{who}", correct=arm == "x" or n % 3 > 0, ai_correct=n % 2 > 0, condition=arm)
        for arm in ("none", "x") for who in range(4) for n in range(1, 7)
    ]  # fmt: skip


@pytest.mark.skipif(not lacks_bambi(), reason="bambi is installed")
def test_it_is_refused_before_anything_is_read_where_bambi_is_not_installed(tmp_path, two):
    path = tmp_path / "x.rounds.jsonl"
    path.write_bytes(b"".join(roundsfile.encode(Header(), two)))
    done = CliRunner().invoke(report, [str(path), "-o", str(tmp_path / "out"), "--bayes"])
    assert done.exit_code == 3
    assert done.output == "Error: bambi is not installed: python -m pip install 'coplay[bayes]'\n"
    assert not (tmp_path / "out").exists()


def test_it_has_the_comparisons_of_t13_and_says_why_one_has_no_number(two):
    made = told(two)
    table = posterior.believed(made)
    assert len(table.rows) == len(list(compared(made))) == 2
    assert [row[:3] for row in table.rows] == list(dict.fromkeys(row[:3] for row in agreed(made).rows))
    first = dict(zip(table.columns, table.rows[0], strict=True))
    assert first["beware"] == "separation: in x every answer is 1, so its odds are not finite"
    assert math.isnan(first["odds ratio"])
    assert first["divergences"] is first["R-hat"] is first["direction"] is None
    assert (first["people"], first["rounds"]) == (8, 48)
    assert "HalfNormal(1)" in table.how
    assert "seed 1" in table.note
    assert not any("Bambi" in text for text in references(made, [table])), "nothing was fitted"


def test_a_row_has_what_was_found():
    effect = Effect(
        name="accuracy: x - none (bayes)", outcome="accuracy", contrast="x", reference="none", scale="odds ratio",
        estimate=0.5, low=0.3, high=0.9, se=0.25, clusters=Clusters(8, 6), n=48, warnings=("2 divergences",),
        details={"mean_log_odds": -0.7, "probability_of_direction": 0.98, "sd_participants": 0.4, "rhat": 1.002,
                 "effective_draws": 1500.4, "effective_draws_tails": 900.0, "divergences": 2.0},
    )  # fmt: skip
    row = dict(zip(posterior.COLUMNS, posterior.row(effect, None), strict=True))
    assert row["direction"] == "below 1"
    assert (row["divergences"], row["effective draws"], row["R-hat"]) == (2, 1500, 1.002)
    assert row["SD of specimens"] is None, "one specimen has no spread"
    assert row["mixed logit"] is None
    assert row["beware"] == "2 divergences"
    table = Table(id="T17", topic="", columns=posterior.COLUMNS, rows=[tuple(row.values())])
    cited = " ".join(references(told_of_nobody(), [table]))
    for doi in (
        "10.18637/jss.v103.i15",
        "10.1214/08-AOAS191",
        "10.1214/06-BA117A",
        "10.1214/20-BA1221",
        "10.3389/fpsyg.2019.02767",
    ):
        assert doi in cited


def told_of_nobody():
    return story(Gathered(), Bootstrap(1, 0))


def test_the_narrowest_interval_holds_what_it_must():
    assert bayes.densest([9.0, *(at / 10 for at in range(19))], 0.95) == (0.0, 1.8)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(lacks_bambi(), reason="needs the extra `bayes`")
def test_the_posterior_is_where_the_mixed_logit_is():
    side = compare(world(3, people=20, rounds=12, items=12, effect=0.8), "accuracy", "map", "plain")
    made, again, beside = bayes.bayes(side, draws=300), bayes.bayes(side, draws=300), mixed_logit(side)
    assert made == again, "the seed decides"
    assert math.log(made.estimate) == pytest.approx(math.log(beside.estimate), abs=0.3)
    assert made.low < made.estimate < made.high
    assert made.details["rhat"] < 1.05
