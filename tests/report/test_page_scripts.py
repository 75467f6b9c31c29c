"""What a report's script computes without coplay: survival by hand, corrected p as statsmodels has them, bins of confidence."""

import csv
import gzip
import runpy

import numpy as np
import pytest

from game.measures.confidence import calibration_error
from game.measures.states import PEOPLE_LEAST
from game.round import Round
from server.report.against import compare
from server.report.page import data, known, readings, records, scripts, states, transitions
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.page.write import plan_table
from server.report.planned import Planned, PlannedArm
from server.report.planned import write as plan
from server.report.plate import write_files
from server.report.tables import Bootstrap

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


@pytest.mark.slow
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


DECIDING = {"T8": "readings", "T14": "inferred", "T16": "moved", "T16b": "how_many_states"}
"""Tables of hidden states, and what computes them in the script."""


WAYS = (
    {"final_ms": 3000},
    {"final_ms": 900},
    {"delegated": True},
    {"handed_over": True},
    {"final_ms": 900, "choices": ("a", "b")},
)
EARLY, LATE = (0.7, 0.1, 0.1, 0, 0.1), (0.1, 0.4, 0.2, 0.2, 0.1)


def decided(who, condition, rng):
    """Return 10 rounds alone at 4 s and 14 with the AI: mostly slow, then mostly fast, or given away."""
    mine = {"study": "s", "participant": who, "specimen": "x", "final": "a", "decided_by": "participant"}
    alone = [Round(**mine, condition="alone", round=n, protocol="alone", final_ms=4000) for n in range(1, 11)]
    turn = int(rng.integers(4, 11))
    return alone + [
        Round(
            **mine, condition=condition, round=10 + n, protocol="delegation", ai_shown=True, followed=bool(rng.integers(2)),
            ai_correct=bool(rng.integers(2)), who_decided=("me", "ai", "both")[rng.integers(3)] if n % 3 == 0 else None,
            **WAYS[rng.choice(5, p=EARLY if n < turn else LATE)],
        )
        for n in range(1, 15)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A report of two conditions, one with too few people for T16b, beside known groups and a plan: folder, script."""
    folder, rng = tmp_path_factory.mktemp("states"), np.random.default_rng(4)
    many = {"map": PEOPLE_LEAST + 1, "plain": 4}
    rounds = [each for name, n in many.items() for who in range(n) for each in decided(f"{name}{who}", name, rng)]
    made = story(Gathered(rounds=rounds, left_out={"it has no round": 3}), Bootstrap(7, 40))
    made.known = [each for name in known.GROUPS for who in range(3) for each in decided(f"k{name}{who}", name, rng)]
    arms = tuple(PlannedArm(condition=name, workflow="delegation", protocol="delegation", rounds=14, ai_wrong=2, share=0.5)
                 for name in ("map", "alone"))  # fmt: skip
    (folder / "prereg.json").write_bytes(plan(Planned(study="s", n=20, arms=arms)))
    lines = compare(folder / "prereg.json", made.gathered.source, made.effects)
    for name in ("analysis", "data"):
        (folder / name).mkdir()
    write_files(
        folder,
        [readings.read(made), known.matrix(made), transitions.moved(made), states.counted(made), plan_table(lines)],
    )
    data.write(folder / "data" / data.NAME, made.rounds)
    data.write_known(folder / "data" / data.KNOWN_NAME, made.known)
    records.write(folder / "data", made, lines)
    path = folder / "analysis/analysis.py"
    path.write_text(scripts.python(), "utf-8")
    return folder, runpy.run_path(str(path))


@pytest.fixture(scope="module")
def found(reported):
    folder, names = reported
    read = names["read"](folder)
    return {f"tables/{table}.csv": names[name](read) for table, name in (DECIDING | {"T6": "plan_and_data"}).items()}


@pytest.mark.slow
def test_hidden_states_known_groups_and_the_plan_are_computed_again(reported, found, capsys):
    folder, names = reported
    equal, whole = names["compared"](folder, found)
    told = capsys.readouterr().out
    assert equal == whole, told
    assert "differs" not in told
    for table, least in (("T6", 10), ("T8", 40), ("T14", 150), ("T16", 150), ("T16b", 40)):
        assert int(told.split(f"tables/{table}.csv: ")[1].split(" of ")[0]) >= least, told
    beware = found["tables/T16b.csv"].beware.tolist()
    assert beware[-1] == "4 people have 8 decided rounds with an AI; 10 are needed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("T14", "low"),
        ("T14", "rounds"),
        ("T16", "probability"),
        ("T16", "transitions"),
        ("T16b", "BIC"),
        ("T16b", "beware"),
        ("T6", "done"),
    ],
)
def test_one_changed_number_is_seen(reported, found, capsys, table, column):
    folder, names = reported
    path = folder / f"tables/{table}.csv"
    before = path.read_text("utf-8")
    rows = list(csv.DictReader(before.splitlines()))
    row = next(each for each in rows if each[column] and each.get("about", "rounds") == "rounds")
    row[column] = f"{float(row[column]) + 0.001}" if column not in ("beware", "done") else f"9{row[column]}"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    equal, whole = names["compared"](folder, found)
    path.write_text(before, "utf-8")
    assert equal < whole
    assert f"{column} report {row[column]} here" in capsys.readouterr().out


def test_data_of_known_groups_hold_what_modes_are_told_by_alone(reported):
    folder, _ = reported
    with gzip.open(folder / "data" / data.KNOWN_NAME, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == data.KNOWN
    assert not {"started_at", "reason_text", "locale", "stimulus_id", "trust"} & set(data.KNOWN)
    assert {row["subject_id"] for row in rows} == {f"k{name}{who}" for name in known.GROUPS for who in range(3)}
    assert {row["choices_different"] for row in rows} == {"0", "2"}
