"""Planned against done: the same study is as planned, and every change of it is found."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from game.canonical import digest, encode
from game.design import design_of
from game.mixture import mixture
from game.rounds import rounds_of
from game.simulate import People
from game.study import Study
from server.report.against import BadPlan, changed, compare
from server.report.columns import of_rounds
from server.report.inference.outcomes import OUTCOMES
from server.report.planned import FILE, Planned, read, write
from server.report.prereg import READS, columns_of, plan_of
from server.report.prereg_forms import aspredicted, osf
from server.report.source import PlayedStudy, Source
from tests.tiny import Tiny, parse

BODY = """format = 2
name = "tiny"
pack = "pack"
languages = ["en"]
n = {n}
[[condition]]
name = "plain"
workflow = "judge_advisor"
advice = "label"
model = "net"
[[condition]]
name = "map"
workflow = "judge_advisor"
advice = "label"
model = "net"
explanation = "{method}"
[[question]]
name = "who"
values = ["ai", "me"]
right = "me"
[[set]]
name = "a"
n = {rounds}
model = "net"
ai_wrong = 3
[[phase]]
name = "check"
quiz = ["who"]
[[phase]]
name = "main"
blocks = ["plain", "map"]
sets = ["a"]
between = true
"""


def made(n: int = 8, rounds: int = 9, method: str = "gradcam") -> Tiny:
    own = {f"block.{name}.{part}": "x" for name in ("plain", "map") for part in ("title", "text")}
    own |= {"quiz.who": "x", "quiz.who.ai": "x", "quiz.who.me": "x", "quiz.who.why": "x"}
    return Tiny(parse(BODY.format(n=n, rounds=rounds, method=method)), own=own)


def planned(tiny: Tiny, **options) -> Planned:
    design = design_of(tiny.study, tiny.manifest, tiny.texts, 0)
    return plan_of(tiny.study, design, (digest(tiny.study), digest(tiny.manifest)), "0", 0, **options)


def done(tiny: Tiny, n: int = 8, study: Study | None = None) -> Source:
    people = People(study or tiny.study, tiny.manifest, tiny.texts, tiny.names, "1", mixture("follower"))
    rounds = [each for at in range(n) for each in rounds_of(people.play(at).events, tiny.manifest)]
    rounds = [replace(each, source="coplay") for each in rounds]
    return Source(rounds=rounds, studies={digest(tiny.study): PlayedStudy(encode(tiny.study), n)})


@pytest.fixture
def prereg(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_bytes(write(planned(made(), margins={"accuracy": 0.04})))
    return tmp_path


def test_a_study_that_was_run_as_planned_has_no_change_but_what_cannot_be_told(prereg):
    lines = compare(prereg, done(made()))
    assert {line.kind for line in changed(lines)} == {"cannot be told"}
    assert {line.topic for line in changed(lines)} == {"exclusions", "tests"}
    assert compare(prereg / FILE, done(made())) == lines


def test_every_change_is_found(prereg):
    other = made(n=8, rounds=12, method="random")
    source = done(other, n=5)
    source = replace(source, left_out={"its data were erased": 2}, facts={"excluded_rounds": 7})
    found = {line.what: line for line in changed(compare(prereg, source))}
    assert found["study file"].kind == "changed"
    assert (found["set.a.n"].planned, found["set.a.n"].done) == ("9", "12")
    assert (found["condition.map.explanation"].planned, found["condition.map.explanation"].done) == (
        "gradcam",
        "random",
    )
    assert (found["participants with rounds"].planned, found["participants with rounds"].done) == ("8", "5")
    assert found["scored rounds per person in map"].done == "12"
    assert found["explanation method in map"].done == "random"
    assert found["sessions left out"].done == "2: its data were erased"
    assert found["excluded beforehand"].done == "7 rounds were kept out of the file"


def test_an_arm_that_was_not_played_takes_its_tests_along(prereg):
    source = done(made())
    source = replace(source, rounds=[each for each in source.rounds if each.condition != "map"])
    lines = compare(prereg, source)
    assert [line.kind for line in lines if line.what == "map"] == ["dropped"]
    tests = [line for line in lines if line.topic == "tests"]
    assert tests
    assert {line.kind for line in tests} == {"dropped"}
    extra = replace(source, rounds=[*source.rounds, *(replace(each, condition="new") for each in source.rounds)])
    assert [line.kind for line in compare(prereg, extra) if line.what == "new"] == ["added"]


def test_data_that_name_no_study_file_say_so(prereg):
    source = replace(done(made()), studies={})
    assert [line.kind for line in compare(prereg, source) if line.what == "study file"] == ["cannot be told"]
    assert all(line.done != "0" for line in compare(prereg, Source(rounds=[])) if line.topic == "rounds")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("osf.md", b"# form", "form for people"),
        ("a.json", b"{", "cannot be read"),
        ("a.json", b"{}", "no preregistration"),
        ("a.json", b'{"format":"coplay-prereg","version":9}', "version 9"),
        ("a.json", b'{"format":"x"}', "no preregistration"),
    ],
)
def test_what_is_no_preregistration_is_refused(tmp_path, name, data, says):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadPlan, match=says):
        compare(tmp_path / name, Source(rounds=[]))


def test_columns_are_the_published_ones_and_every_outcome_has_them():
    published = {column.name for column in of_rounds()}
    assert set(READS) == set(OUTCOMES)
    for name in READS:
        assert set(columns_of(name)) <= published, name


def test_the_plan_reads_back_and_its_bytes_are_equal(tmp_path):
    plan = planned(made())
    (tmp_path / FILE).write_bytes(write(plan))
    assert read(tmp_path) == plan
    assert write(plan) == write(planned(made()))


def test_the_forms_say_what_the_plan_holds():
    plan = planned(made(), margins={"accuracy": 0.04}, outcomes=("accuracy", "rair"))
    for text in (aspredicted(plan), osf(plan)):
        assert "`subject_id`" in text
        assert "`stimulus_id`" in text
        assert "0.04 (difference)" in text
        assert "**TO CONFIRM**" in text
        assert "8 participants" in text
        assert "failed_comprehension" in text
        assert "TO WRITE" in text
    assert [t.outcome for t in plan.tests if t.family == "confirmatory"] == ["accuracy", "rair"]
    assert aspredicted(plan).count("\n## ") == 8
    assert [t.declared for t in plan.tests if t.outcome == "accuracy"] == [True]


def test_unknown_outcomes_and_conditions_are_refused():
    with pytest.raises(LookupError, match="no outcome is called 'acuracy'"):
        planned(made(), outcomes=("acuracy",))
    with pytest.raises(LookupError, match="no condition is called 'x': plain, map"):
        planned(made(), reference="x")
