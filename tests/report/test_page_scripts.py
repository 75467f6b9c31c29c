"""What a report's script computes without coplay: survival by hand, corrected p as statsmodels has them, bins of confidence."""

import runpy

import numpy as np
import pytest

from game.measures.confidence import calibration_error
from server.report.page import scripts

pd = pytest.importorskip("pandas")


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    folder = tmp_path_factory.mktemp("script")
    for name in ("analysis", "data"):
        (folder / name).mkdir()
    (folder / "data/report.json").write_text('{"seed": 1, "resamples": 50, "confidence": 0.95}')
    path = folder / "analysis/analysis.py"
    path.write_text(scripts.python(), "utf-8")
    return runpy.run_path(str(path))


def offers(*people):
    """Return rounds that offered handing over: for each person so many, handed over from one of them on (0 never)."""
    rows = [
        {
            "condition_id": "ai",
            "protocol": "delegation",
            "subject_id": f"p{who}",
            "round_index": at,
            "handover_offered": 1.0,
            "handed_over": float(0 < first <= at),
        }
        for who, (rounds, first) in enumerate(people)
        for at in range(1, rounds + 1)
    ]
    return pd.DataFrame(rows)


def test_survival_is_that_of_kaplan_and_meier(script):
    found = script["survival"](offers((4, 2), (3, 0), (4, 4), (4, 0)))
    assert found["round"].tolist() == [2, 3, 4]
    assert found.at_risk.tolist() == [4, 3, 2]
    assert found.handed_over.tolist() == [1, 0, 1]
    assert found.survival.tolist() == pytest.approx([3 / 4, 3 / 4, 3 / 8])
    assert (found.low < found.survival).all()
    assert (found.survival < found.high).all()


@pytest.mark.parametrize(("family", "rule"), [("confirmatory", "holm"), ("exploratory", "fdr_bh")])
def test_corrected_p_are_those_of_statsmodels(script, family, rule):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = [0.04, 0.001, 0.6, 0.012, 0.012, 0.03]
    effects = pd.DataFrame({"p": [*p, np.nan], "family": family})
    found = script["corrected"](effects)
    assert found[:6].tolist() == pytest.approx(multitest.multipletests(p, method=rule)[1].tolist())
    assert np.isnan(found[6])


def test_families_are_corrected_apart(script):
    effects = pd.DataFrame({"p": [0.01, 0.02, 0.03], "family": ["confirmatory", "confirmatory", "exploratory"]})
    assert script["corrected"](effects).tolist() == pytest.approx([0.02, 0.02, 0.03])


@pytest.mark.parametrize("values", [5, 40])
def test_bins_give_the_calibration_error_of_coplay(script, values):
    rng = np.random.default_rng(values)
    pairs = np.column_stack([rng.integers(0, values, 90) / values, rng.integers(0, 2, 90)])
    gap = pairs[:, 0] - pairs[:, 1]
    found = sum(abs(gap[at].sum()) for at in script["binned"](pairs)) / len(pairs)
    assert found == pytest.approx(calibration_error([(said, bool(right)) for said, right in pairs.tolist()]))


def test_an_interval_needs_two_people(script):
    alone = script["pooled"](pd.Series([1.0, 0.0]), pd.Series(["a", "a"]))
    assert alone["value"] == 0.5
    assert np.isnan(alone["low"])
    both = script["pooled"](pd.Series([1.0, 0.0, 1.0]), pd.Series(["a", "a", "b"]), ["a", "b", "c"])
    assert both["participants"] == 3
    assert both["low"] <= both["value"] <= both["high"]


def test_the_pull_of_a_confounder_by_hand(script):
    """Four rounds of three classes, the tag at a wrong one: it is answered twice, another wrong one once: 2/4 - 1/4."""
    options = ("a", "b", "c")
    rounds = [
        {"subject_id": who, "truth": "a", "final_label": said, "options": options, "cues": {"tag": 1.0}}
        for who, said in (("p", "b"), ("p", "b"), ("q", "c"), ("q", "a"))
    ]
    found = script["pull_of"](
        [*rounds, {**rounds[0], "cues": {"tag": 0.0}}, {**rounds[0], "cues": {"tag": -1.0}}], "tag"
    )
    assert (found["value"], found["people"], found["rounds"]) == (0.25, 2, 4)
