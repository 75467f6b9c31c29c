"""Importers reproduce what was published, and refuse what is not their data."""

import shutil
import statistics
from collections import defaultdict

import pytest

from game.registry import importer, measure
from server.report.imported import BadData
from server.report.tables import Bootstrap, group_rows, person_rows

PUBLISHED = {
    ("taesiri2022-imagenet", "ResNet-50"): "81.56 5.54 60",
    ("taesiri2022-imagenet", "kNN"): "75.76 8.55 59",
    ("taesiri2022-imagenet", "EMD-Corr"): "78.87 6.57 59",
    ("taesiri2022-imagenet", "CHM-Corr"): "77.23 7.56 59",
    ("taesiri2022-imagenet", "EMD-NN"): "77.72 8.27 57",
    ("taesiri2022-imagenet", "CHM-NN"): "77.56 6.91 60",
    ("taesiri2022-cub", "ResNet-50"): "65.50 7.46 60",
    ("taesiri2022-cub", "kNN"): "64.75 7.14 59",
    ("taesiri2022-cub", "EMD-Corr"): "67.64 7.44 58",
    ("taesiri2022-cub", "CHM-Corr"): "69.72 9.08 59",
    ("taesiri2022-cub", "EMD-NN"): "64.12 7.07 59",
    ("taesiri2022-cub", "CHM-NN"): "65.72 8.14 60",
}
"""Study and arm: mean and SD of the accuracy in percent, participants, as the authors printed them."""


@pytest.mark.slow
def test_taesiri_gives_the_twelve_published_means_and_sds(taesiri_folder):
    made = importer["taesiri2022"].thing(taesiri_folder, False)
    rows = group_rows(person_rows(made.rounds), Bootstrap(resamples=0))
    found = {
        (row.group.study, row.group.condition): f"{100 * row.mean:.2f} {100 * row.sd:.2f} {row.defined}"
        for row in rows
        if row.measure == "accuracy_team"
    }
    assert found == PUBLISHED
    assert (made.excluded_participants, made.excluded_rounds) == (13, 390)


def test_excluded_participants_are_kept_when_asked_for(taesiri_folder):
    made = importer["taesiri2022"].thing(taesiri_folder, True)
    assert len(made.rounds) == 21_660
    assert made.excluded_participants == 0
    flagged = {(each.study, each.participant) for each in made.rounds if "excluded_by_authors" in each.flags}
    assert len(flagged) == 13


def test_what_was_never_recorded_is_no_nought(taesiri_folder, felix_folder):
    shown = importer["taesiri2022"].thing(taesiri_folder, False).rounds[:300]
    alone = importer["felix2024"].thing(felix_folder, False).rounds[:300]
    for name in ("guide_use", "zoom_use"):
        for rounds in (shown, alone):
            assert "not known in any round" in measure[name].thing(rounds).why_undefined
    explained = [each for each in shown if each.method]
    assert "not known" in measure["explanation_ms_per_round"].thing(explained).why_undefined
    assert "flips" in measure["flip_use"].thing(explained).why_undefined
    for name in ("after_error_drop", "trust_gain", "trust_loss"):
        assert "whether people were told" in measure[name].thing(shown).why_undefined


def test_taesiri_invents_no_labels(taesiri_folder):
    rounds = importer["taesiri2022"].thing(taesiri_folder, False).rounds
    assert all((each.ai, each.own, each.final, each.final_ms) == (None, None, None, None) for each in rounds)
    assert all(each.ai_shown and each.followed is (each.correct is each.ai_correct) for each in rounds)


@pytest.mark.slow
def test_felix_gives_its_published_numbers(felix_folder):
    rounds = importer["felix2024"].thing(felix_folder, False).rounds
    assert len({each.participant for each in rounds}) == 302
    assert f"{statistics.mean(each.correct for each in rounds):.4f}" == "0.6947"
    both = [each for each in rounds if each.ai is not None]
    assert len(both) == 3980
    shares = [
        statistics.mean(each.correct for each in both),
        statistics.mean(each.ai_correct for each in both),
        statistics.mean(each.final != each.ai for each in both),
        statistics.mean(each.correct or each.ai_correct for each in both),
    ]
    assert [f"{each:.3f}" for each in shares] == ["0.597", "0.730", "0.461", "0.873"]
    assert not any(each.ai_shown or each.followed for each in rounds)


def test_felix_gives_the_authors_accuracy_of_every_picture(felix_folder):
    rounds = importer["felix2024"].thing(felix_folder, False).rounds
    by_picture = defaultdict(list)
    for each in rounds:
        by_picture[each.specimen].append(each.correct)
    from server.report.imported import records

    table = list(records(felix_folder / "image_level.csv", ("Image", "Guesses_Correct", "Guesses_Total", "AI_Correct")))
    assert len(table) == 60
    assert sum(row.flag("AI_Correct") for row in table) == 44
    for row in table:
        assert len(by_picture[row["Image"]]) == row.count("Guesses_Total")
        assert statistics.mean(by_picture[row["Image"]]) == pytest.approx(row.number("Guesses_Correct"), abs=1e-9)


def spoiled(folder, tmp_path, change):
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("imagenet_trials.csv", "cub_trials.csv"):
        shutil.copyfile(folder / name, copy / name)
    path = copy / "cub_trials.csv"
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    with pytest.raises(BadData) as caught:
        importer["taesiri2022"].thing(copy, False)
    return str(caught.value)


@pytest.mark.slow
def test_spoiled_tables_are_refused(taesiri_folder, tmp_path):
    def cell(text, column, value):
        lines = text.splitlines()
        cells = lines[1].split(",")
        cells[lines[0].split(",").index(column)] = value
        return "\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n"

    changes = {
        "truncated": lambda text: text[: len(text) // 2],
        "c0362 has 29 rounds": lambda text: "\n".join(text.splitlines()[:-1]),
        "columns trial are missing": lambda text: text.replace(",trial,", ",when,"),
        "should be 0 or 1": lambda text: cell(text, "ai_correct", "maybe"),
        "should be a number": lambda text: cell(text, "ai_confidence", "nan"),
        "contradicts": lambda text: cell(text, "team_correct", "0"),
    }
    for number, (why, change) in enumerate(changes.items()):
        (tmp_path / str(number)).mkdir()
        assert why in spoiled(taesiri_folder, tmp_path / str(number), change)


@pytest.mark.parametrize("entry", list(importer), ids=importer.names())
def test_every_importer_says_what_it_reads(entry):
    assert {"title", "cite", "licence", "url", "files"} <= entry.info.keys()
    assert entry.thing.__doc__


@pytest.mark.parametrize("entry", list(importer), ids=importer.names())
def test_foreign_files_are_refused(entry, tmp_path):
    for name in entry.info["files"]:
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xfe")
    with pytest.raises(BadData):
        entry.thing(tmp_path, False)
