"""Publishing, retention, records: nothing opens while something is unsaid; what was promised is kept."""

import json
import re
import tomllib

import pytest
from click.testing import CliRunner

from game.study import Invalid
from server import privacy
from server.cli import main
from server.opening import STRANGERS, NotReady, require_ready
from server.presets import FAIR
from server.publish import publish_problems
from server.recruit import Arrival
from server.settings import Settings
from server.studies import open_study
from tests.server.small import Hand

PAY = """[pay]
currency = "EUR"
base = 3
bonus_least = 0.5
bonus_most = 2.5
minutes = 12
floor_per_hour = 15
"""
CODES = ", ".join(f'{name} = "{name[:6].upper()}{i}"' for i, name in enumerate(("completed", *FAIR)))


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments: runner.invoke(main, [str(argument) for argument in arguments])


def facts(lang):
    bonus = "Bonus: 0,50 à 2,50 EUR" if lang == "fr" else "Bonus: 0.50 to 2.50 EUR"
    rows = [("", bonus), *((field, f"said of {field}") for field in privacy.FIELDS)]
    return "".join(
        f'[notice.facts.{n}]\nterm = "T"\ntext = "{text}"\n' + (f'field = "{field}"\n' if field else "")
        for n, (field, text) in enumerate(rows, 4)
    )


@pytest.fixture
def ready(study_copy):
    """A study that may be published."""
    file = study_copy / "study.toml"
    file.write_text(file.read_text("utf-8") + PAY, "utf-8")
    for lang in ("en", "fr"):
        path = study_copy / "texts" / f"{lang}.toml"
        path.write_text(path.read_text("utf-8") + facts(lang), "utf-8")
    (study_copy / "privacy.toml").write_text('ids_days = 30\ndata_days = 365\nethics = "Board 7"\n', "utf-8")
    (study_copy / "recruit.toml").write_text(f'[[recruit]]\nplatform = "prolific"\ncodes = {{ {CODES} }}\n', "utf-8")
    return study_copy


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_study_with_everything_said_may_be_published(run, ready):
    assert publish_problems(open_study(ready)) == []
    assert run("check", ready, "--publish", "--sessions", 0).exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("texts/fr.toml", "said of controller", "", "the notice does not say who is responsible"),
        ("texts/en.toml", "said of complaint", "[supervisory authority]", "13(2)(d)"),
        ("texts/en.toml", "said of rights", "TODO", "13(2)(b)"),
        ("texts/en.toml", "2.50", "much", "names the bound 2.5"),
        ("study.toml", "minutes = 12", "minutes = 0", "pay.minutes"),
        ("study.toml", "floor_per_hour = 15", "", "pay.floor_per_hour"),
        (
            "study.toml",
            "floor_per_hour = 15",
            "floor_per_hour = 15\npartial = { withdrawn = 0 }",
            "pay.partial.withdrawn",
        ),
        ("study.toml", 'pages = ["notice", "consent"]', 'pages = ["consent"]', "nobody meets the page 'notice'"),
        ("study.toml", 'name = "small"', 'name = "small"\ndemo = true', "marked as a demo"),
        ("recruit.toml", "screened_out", "no_consent", "no code for screened_out"),
        ("privacy.toml", "ids_days = 30", "", "how long ids and data are kept"),
        ("privacy.toml", "ids_days = 30", "ids_days = 400", "let ids go first"),
        ("privacy.toml", "ids_days", "id_days", "privacy.toml"),
    ],
)
def test_nothing_opens_while_one_thing_is_unsaid_or_broken(run, ready, file, old, new, told):
    change(ready / file, old, new)
    assert any(told in str(problem) for problem in publish_problems(open_study(ready)))
    answer = run("check", ready, "--publish", "--sessions", 0)
    assert answer.exit_code == 1
    assert run("check", ready, "--sessions", 0).exit_code == 0


def test_the_form_for_the_notice_is_toml_that_still_has_to_be_filled_in(run, ready, study_folder):
    assert run("gdpr-record", ready, "--notice", "en").stdout == ""
    form = run("gdpr-record", study_folder, "--notice", "fr").stdout
    facts_made = tomllib.loads(form)["notice"]["facts"]
    assert [fact["field"] for fact in facts_made.values()] == list(privacy.FIELDS)
    flat = {f"notice.facts.{n}.{k}": v for n, fact in facts_made.items() for k, v in fact.items()}
    low = {f"notice.facts.{n}.term": "x" for n in range(1, 4)}
    assert not any(privacy.notice_of(flat | low).values())
    assert run("gdpr-record", ready, "--notice", "de").exit_code == 2


def test_the_record_says_what_the_files_say_and_marks_what_is_open(run, ready, study_folder, tmp_path):
    text = run("gdpr-record", ready).stdout
    for part in (
        "said of controller",
        "Board 7",
        "platform ids after 30 days, data after 365 days",
        "prolific",
        "2024/1689",
    ):
        assert part in text
    for heading in ("Record of processing", "Screening", "AI Act", "Data management plan"):
        assert f"## {heading}" in text or f"## Note on the {heading}" in text
    assert "| controller | **to be filled in** |" in run("gdpr-record", study_folder).stdout
    assert run("gdpr-record", ready, "-o", tmp_path / "record.md").exit_code == 0
    assert (tmp_path / "record.md").read_text("utf-8") == text


@pytest.fixture
def aged(house, ready, monkeypatch):
    """A finished session of somebody, looked at 40 days later."""
    import time

    stream = house.people.claim("/small", Arrival("prolific", "W", "SUB"), "small/oldone22")
    house.table.open_session("small", "en", "oldone22")
    Hand(house.table, stream).play()
    now = time.time_ns()
    monkeypatch.setattr("server.commands.retention.time.time_ns", lambda: now + 40 * 86_400 * 10**9)
    return house, stream


def test_ids_go_first_then_the_data_and_only_when_said_so(run, aged, ready):
    house, stream = aged
    data = ("--data", house.settings.folder)
    told = json.loads(run("retention", ready, *data, "--json").stdout)
    assert told == {"stream": stream, "what": "ids", "days": 40, "unpaid": True}
    run("retention", ready, *data, "--yes")
    assert house.people.arrival(stream) is not None  # money is due
    assert run("retention", ready, *data, "--yes", "--unpaid").exit_code == 0
    assert house.people.arrival(stream) is None
    assert all(row.data for row in house.store.read(stream))
    assert run("retention", ready, *data).stdout == ""
    run("retention", ready, *data, "--data-days", 40, "--yes")
    assert all(row.data is None for row in house.store.read(stream))
    assert run("verify", house.settings.folder).exit_code == 0


def test_without_a_period_nothing_is_kept_or_deleted(run, house, study_folder):
    answer = run("retention", study_folder, "--data", house.settings.folder)
    assert answer.exit_code == 2
    assert "say how long" in answer.stderr


def test_what_is_hidden_forces_a_debrief_that_everybody_meets(ready):
    change(ready / "study.toml", 'name = "small"', 'name = "small"\ndeception = ["accuracy"]')
    assert publish_problems(open_study(ready)) == []
    change(ready / "study.toml", 'pages = ["debrief"]', 'pages = ["debrief"]\narms = ["ai"]')
    assert "not everybody meets the page 'debrief'" in str(publish_problems(open_study(ready))[0])
    change(ready / "study.toml", 'pages = ["debrief"]\narms = ["ai"]', 'pages = ["trust"]')
    with pytest.raises(Invalid, match="there is no debrief"):
        open_study(ready)


def test_the_second_layer_counts_where_people_meet_it_and_its_brackets_are_open(ready):
    for lang in ("en", "fr"):
        path = ready / "texts" / f"{lang}.toml"
        path.write_text(path.read_text("utf-8").partition("[notice.facts.4]")[0], "utf-8")
    change(ready / "study.toml", PAY, "")
    (ready / "recruit.toml").unlink()
    open_fields = {"controller", "officer", "basis", "recipients", "transfers", "storage", "complaint"}

    def lacking(lang):
        paths = [p for p in publish_problems(open_study(ready)) if p.path.startswith(f"texts/{lang}")]
        return {field for field in privacy.FIELDS for p in paths if f'"{field}"' in p.hint}

    assert lacking("en") == set(privacy.FIELDS)
    change(ready / "study.toml", 'pages = ["notice", "consent"]', 'pages = ["notice", "privacy", "consent"]')
    assert lacking("en") == lacking("fr") == open_fields
    form = privacy.form(open_study(ready).texts["en"], ("notice", "privacy"))
    assert {one["field"] for one in tomllib.loads(form)["privacy"]["facts"].values()} == open_fields
    with (ready / "texts" / "en.toml").open("a", encoding="utf-8") as file:
        file.write(re.sub(r"\[([^\]=\n]*)\](?=[^\n]*\"$)", r"said: \1", form, flags=re.MULTILINE).replace("[", "[", 1))
    assert lacking("en") == set()


@pytest.mark.slow
@pytest.mark.parametrize("platform", STRANGERS)
def test_strangers_are_not_recruited_by_a_study_that_is_not_ready(run, study_copy, ready, platform, tmp_path):
    more = 'host = "x.sona-systems.com"\nnumber = "1"\n' if platform == "sona" else ""
    (ready / "recruit.toml").write_text(f'[[recruit]]\nplatform = "{platform}"\ncodes = {{ {CODES} }}\n{more}', "utf-8")
    require_ready(open_study(ready), Settings())
    change(ready / "texts/fr.toml", "said of controller", "[name]")
    with pytest.raises(NotReady, match=r"who is responsible.*(.|\n)*recruitment is not opened"):
        require_ready(open_study(ready), Settings())
    require_ready(open_study(ready), Settings(prefix="pilot"))
    answer = run("serve", ready, "--port", "0", "--data", tmp_path / "data")
    assert answer.exit_code == 1
    assert "recruitment is not opened" in answer.stderr
    (ready / "recruit.toml").write_text('[[recruit]]\nplatform = "kiosk"\n', "utf-8")
    require_ready(open_study(ready), Settings())
