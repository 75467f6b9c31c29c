"""Beginning, freezing and previewing a study: what a researcher does before anyone is recruited."""

import json

import msgspec
import pytest
from click.testing import CliRunner

from game.study import Invalid, Study
from server import freeze
from server.app import make
from server.assign import stream_of
from server.cli import main
from server.commands.new import templates
from server.house import open_house
from server.settings import Settings
from server.studies import open_study


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments: runner.invoke(main, [str(argument) for argument in arguments])


@pytest.mark.slow
@pytest.mark.parametrize("template", ["moths", "workflows"])
def test_a_new_study_is_a_template_with_its_own_name_that_checks(run, tmp_path, template):
    folder = tmp_path / "My Study 2"
    answer = run("new", folder, "--template", template)
    assert answer.exit_code == 0, answer.output
    opened = open_study(folder)
    assert opened.name == "my_study_2"
    assert (folder / "study.toml").read_text().startswith("#:schema study.schema.json\n")
    schema = json.loads((folder / "study.schema.json").read_text())
    assert schema["$ref"] == "#/definitions/Study"
    assert set(schema["definitions"]["Study"]["properties"]) == set(Study.__struct_fields__)
    assert schema["definitions"]["Condition"]["additionalProperties"] is False


def test_a_new_study_never_overwrites_and_unknown_templates_are_refused(run, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    answer = run("new", tmp_path / "taken", "--template", "moths")
    assert answer.exit_code == 1
    assert "nothing was written" in answer.stderr
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["notes.txt"]
    assert "known: " in run("new", tmp_path / "x", "--template", "moth").stderr


def test_templates_are_listed_with_their_questions(run):
    answer = run("new", "--list")
    assert answer.exit_code == 0
    assert all(name in answer.stdout for name in templates())


def test_an_edit_after_freezing_is_refused_until_it_is_the_next_version(run, study_copy, tmp_path):
    assert "version 1 is frozen" in run("freeze", study_copy).stdout
    assert "nothing changed since version 1" in run("freeze", study_copy).stdout
    data = Settings(data=str(tmp_path / "data"))
    house = open_house(data, [open_study(study_copy)])
    first = house.table.open_session("small", "en")
    house.close()

    text = (study_copy / "study.toml").read_text()
    (study_copy / "study.toml").write_text(text.replace("n = 4", "n = 3", 1))
    with pytest.raises(Invalid, match=r"version 1 is frozen, but study\.toml changed since.*coplay freeze"):
        open_house(data, [open_study(study_copy)])
    open_house(Settings(data=str(tmp_path / "other"), prefix="pilot"), [open_study(study_copy)]).close()

    assert "version 2 is frozen (study.toml changed)" in run("freeze", study_copy).stdout
    house = open_house(data, [open_study(study_copy)])
    second = house.table.open_session("small", "en")
    assert [house.table.load(stream).state.opened.version for stream in (first, second)] == [1, 2]
    assert house.table.assigner.roll(stream_of("small")).published.version == 2
    house.close()


def test_a_broken_lock_is_named(run, study_copy):
    (study_copy / freeze.FILE).write_text("{")
    answer = run("freeze", study_copy)
    assert answer.exit_code == 1
    assert "study.lock.json" in answer.stderr
    (study_copy / freeze.FILE).write_bytes(msgspec.json.encode(freeze.Lock(())))
    with pytest.raises(Invalid, match="holds no version"):
        open_study(study_copy)


def _app(study_copy, tmp_path, prefix):
    app = make(Settings(data=str(tmp_path / "data"), prefix=prefix), [open_study(study_copy)])
    return app.extensions["coplay"], app.test_client()


@pytest.mark.slow
def test_previews_play_the_cell_that_is_chosen_and_take_no_place(study_copy, tmp_path):
    house, client = _app(study_copy, tmp_path, "preview")
    page = client.get("/preview").text
    cells = house.studies["small"].cells
    assert all(f'value="{cell}"' in page for cell in cells)
    for cell in cells:
        answer = client.post(
            "/preview/small", data={"cell": cell, "lang": "fr"}, headers={"Origin": "http://localhost"}
        )
        stream = house.people.stream(answer.headers["Location"].rpartition("/")[2])
        opened = house.table.load(stream).state.opened
        assert (opened.cell, opened.lang, opened.prefix) == (cell, "fr", "preview")
    assert house.table.assigner.roll(stream_of("small", "preview")).cell_of == {}
    answer = client.post("/preview/small", data={"cell": "o9"}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 404
    house.close()


@pytest.mark.slow
def test_where_data_are_collected_no_cell_can_be_chosen(study_copy, tmp_path):
    house, client = _app(study_copy, tmp_path, "")
    assert client.get("/preview").status_code == 404
    data = {"cell": house.studies["small"].cells[0]}
    assert client.post("/preview/small", data=data, headers={"Origin": "http://localhost"}).status_code == 404
    stream = house.table.open_session("small", "en", "", "o1r1")
    assert house.table.load(stream).state.opened.cell == ""
    house.close()
