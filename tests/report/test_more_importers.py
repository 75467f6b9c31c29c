"""Importers of tables that cannot be shipped: tiny hand-made files of the same columns, counted by hand."""

import json

import pytest

from game.registry import importer, measure
from server.report.imported import BadData
from server.report.inference.frame import frame
from server.report.visit_rows import Rules, flat_round


def made(name, folder, files):
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8")
    return importer[name].thing(folder, False)


HAIID = """\
task_name,task_instance_id,correct_label,incorrect_label,order_appearing_in_survey,advice_source,advice,participant_id,response_1,response_2,perceived_accuracy
art,3,baroque,cubism,2,ai,0.6,p1,-0.2,0.5,80
art,4,cubism,baroque,1,ai,-0.9,p1,0.4,0.4,80
art,3,baroque,cubism,1,human,0.6,p2,0,0.1,
"""


def test_haiid_has_two_answers_on_a_slider(tmp_path):
    found = made("haiid", tmp_path, {"haiid_dataset.csv": HAIID})
    first, second, third = found.rounds
    assert [each.specimen for each in found.rounds] == ["art-4", "art-3", "art-3"], "in the order of each person"
    assert (second.own, second.ai, second.final) == ("cubism", "baroque", "baroque")
    assert (second.own_correct, second.ai_correct, second.correct, second.followed) == (False, True, True, True)
    assert (second.own_confidence, second.final_confidence) == (20, 50)
    assert (first.ai, first.ai_correct, first.followed) == ("baroque", False, False)
    assert (third.own, third.own_correct, third.own_confidence) == (None, None, 0)
    assert (second.own_probability, second.final_probability, second.ai_confidence) == (0.6, 0.75, 0.8)
    assert (third.own_probability, third.attributed, second.attributed) == (None, "human", "ai")
    assert {each.confidence_mapping for each in found.rounds} == {"slider-1"}
    # P(the advice is right): .4 -> .75 towards .8, and .3 -> .3 towards .95
    weights = measure["weight_of_advice_raw"].thing(found.rounds)
    assert weights.value == pytest.approx((0.35 / 0.4 + 0) / 2)
    assert measure["brier"].thing(found.rounds).value == pytest.approx((0.25**2 + 0.3**2 + 0.45**2) / 3)
    assert any("mapping slider-1" in note for note in found.notes)
    assert (first.condition, third.condition) == ("ai, said to be right in 80 %", "human")
    assert any("not the table that the authors released" in note for note in found.notes)


BANSAL = """\
assignmentId,questionId,task,condition,time,choice,y,pred,conf,conf2,pred2
a1,7,beer,Human,12.5,1,1,0,0.81,,
a2,7,beer,Conf.+Adaptive (Expert),3,0,1,0,0.81,0.19,1
a2,8,beer,Conf.+Adaptive (Expert),2.25,1,1,1,0.97,,
a3,8,lsat,Conf.,82.843,B,D,D,0.5429,0.2497,B
"""


def test_bansal_keeps_the_ai_beside_people_who_never_saw_it(tmp_path):
    alone, over, right, plain = made("bansal2021", tmp_path, {"decision-result-filter.csv": BANSAL}).rounds
    assert (alone.protocol, alone.ai, alone.ai_shown, alone.followed) == ("alone", "0", False, None)
    assert (over.followed, over.ai_correct, over.correct) == (True, False, False)
    assert (over.method, over.explanation_kind) == ("Adaptive (Expert)", "map")
    assert (right.round, right.final_ms, right.followed) == (2, 2250, True)
    assert (plain.study, plain.explanation_shown, plain.followed, plain.correct) == (
        "bansal2021-lsat", False, False, False,
    )  # fmt: skip


LUYIN = (
    "workerId,idpAgreement,taskId,globalId,decision,selfPrediction,finalPrediction,prediction,mlCorrect\n"
    + "".join(f"94,{40},{task},{task + 700},1,{task % 2},1,1,TRUE\n" for task in range(12, 0, -1))
)


def test_lu_and_yin_have_a_second_phase_of_ten_tasks(tmp_path):
    found = made("luyin2021", tmp_path, {"expOneFinalPredictionsValid1125.csv": LUYIN})
    assert [each.round for each in found.rounds] == list(range(1, 13))
    assert [each.block for each in found.rounds] == ["phase-1"] * 2 + ["phase-2"] * 10
    assert {each.condition for each in found.rounds} == {"idpAgreement 40"}
    first = found.rounds[0]
    assert (first.specimen, first.own_correct, first.followed, first.correct) == ("701", True, True, True)
    assert found.rounds[1].own_correct is False
    assert [note for note in found.notes if "is not there" in note] == [
        "experiment two is not there: expTwoFinalPredictionsValid1125.csv",
        "experiment three is not there: expThreeFinalPredictionsValid1125.csv",
    ]


JAQUIERY = """\
participantId,id,block,practice,obsacc,agree,advisorId,cj1,cj2,int1,int2,wherelarger,dotdifference,time_responseStart1,time_response1,time_responseStart2,time_response2
1,1,1,TRUE,NA,NA,NA,-12,NA,1,NA,1,20,10.0,11.25,NA,NA
1,2,3,FALSE,TRUE,FALSE,2,-30,14,1,2,2,9,20,21,30.5,32
"""


def test_dots_with_and_without_an_advisor(tmp_path):
    alone, advised = made("jaquiery_dots", tmp_path, {"trials.csv": JAQUIERY}).rounds
    assert (alone.protocol, alone.scored, alone.final, alone.final_confidence) == ("alone", False, "left", 12)
    assert (alone.own, alone.ai, alone.final_ms) == (None, None, 1250)
    assert (advised.own, advised.ai, advised.final) == ("left", "right", "right")
    assert (advised.own_correct, advised.ai_correct, advised.correct, advised.followed) == (False, True, True, True)
    assert (advised.own_confidence, advised.final_confidence) == (30, 14)
    assert (advised.own_probability, advised.final_probability) == (0.5 + 30 / 110, 0.5 + 14 / 110)
    assert (alone.own_probability, alone.final_probability) == (None, 0.5 + 12 / 110)
    assert (advised.confidence_mapping, advised.attributed, alone.attributed) == ("bar-55", "human", "")
    assert advised.feedback == "", "this table does not say whether there was a tone"
    assert measure["overconfidence"].thing([advised]).value == pytest.approx(0.5 + 14 / 110 - 1)


def test_dots_tell_who_heard_a_tone_on_errors(tmp_path):
    lines = JAQUIERY.replace("dotdifference,", "dotdifference,feedback,").splitlines()
    lines[1:] = [line.replace(",20,10.0", ",20,TRUE,10.0").replace(",9,20,", ",9,FALSE,20,") for line in lines[1:]]
    alone, advised = made("jaquiery_dots", tmp_path, {"trials.csv": "\n".join(lines) + "\n"}).rounds
    assert (alone.feedback, advised.feedback) == ("own", "none")
    assert (advised.own_ms, advised.final_ms) == (1000, 1500)


MAPPING = """\
study = "mine"
table = "data.csv"
protocol = "two_stage"
[columns]
participant = "who"
specimen = "image"
truth = "label"
own = "first"
ai = "advice"
final = "last"
final_ms = "rt"
guide_opens = "opened"
[values.final]
0 = "cat"
1 = "dog"
[scale]
final_ms = 1000
[where]
phase = "main"
[always]
ai_shown = true
"""
TABLE = """\
who,image,label,first,advice,last,rt,opened,phase
a,i1,cat,dog,cat,0,1.5,2,main
a,i2,dog,dog,cat,,NA,0,main
a,i3,dog,dog,cat,1,1,0,practice
b,i1,cat,cat,cat,1,2,,main
"""


def test_any_table_by_a_mapping_file(tmp_path):
    one, two, three = made("mapping", tmp_path, {"mapping.toml": MAPPING, "data.csv": TABLE}).rounds
    assert (one.final, one.final_ms, one.correct, one.followed, one.own_correct) == ("cat", 1500, True, True, False)
    assert (one.guide_opens, one.ai_shown, one.source, one.condition) == (2, True, "imported", "all")
    assert one.unrecorded == two.unrecorded == "zooms flips away_ms"
    assert three.unrecorded == "guide_opens zooms flips away_ms", "an empty cell is no nought"
    assert measure["guide_use"].thing([one, two, three]).value == 1 / 2
    rows = [flat_round(each, Rules()) for each in (one, three)]
    assert [(row["guide_opens"], row["zooms"], row["peek_count"]) for row in rows] == [
        (2, None, None),
        (None, None, None),
    ]
    pytest.importorskip("pandas")
    assert frame([one, three])["guide_opens"].isna().tolist() == [False, True]
    assert (two.round, two.final, two.correct, two.followed, two.final_ms) == (2, None, None, None, None)
    assert (three.participant, three.round, three.correct, three.followed) == ("b", 1, False, False)


@pytest.mark.parametrize(
    ("change", "table", "why"),
    [
        (lambda text: text.replace("final_ms", "finalms"), TABLE, "no field of a round is called 'finalms'"),
        (lambda text: text.replace('specimen = "image"\n', ""), TABLE, "[columns] lacks specimen"),
        (lambda text: text + 'protocol = "x"\n', TABLE, "[always] gives 'protocol'"),
        (lambda text: text.replace("two_stage", "both"), TABLE, "Invalid enum value 'both'"),
        (lambda text: text, TABLE.replace(",last,", ",final,"), "the columns last are missing"),
        (lambda text: text, TABLE.replace("cat,0,1.5", "cat,7,1.5"), "last is '7'; [values.final] knows 0, 1"),
        (lambda text: text, TABLE.replace("cat,0,1.5", "cat,0,soon"), "line 2: rt should be a number, not 'soon'"),
        (lambda text: text, TABLE.replace("b,i1", ",i1"), "line 5: participant or specimen is empty"),
    ],
)
def test_a_mapping_that_does_not_fit_names_what_is_wrong(tmp_path, change, table, why):
    with pytest.raises(BadData) as refused:
        made("mapping", tmp_path, {"mapping.toml": change(MAPPING), "data.csv": table})
    assert why in str(refused.value)


WIDE = """\
participant.code,participant._index_in_pages,advice.1.player.choice,advice.1.player.image,advice.1.player.hint,advice.1.subsession.round_number,advice.2.player.choice,advice.2.player.image,advice.2.player.hint,advice.2.subsession.round_number
dh5m9pd9,9,cat,i1,cat,1,dog,i2,cat,2
afveiui2,4,dog,i1,cat,1,,,,2
"""
OF_OTREE = """\
study = "advice"
table = "all_apps_wide.csv"
app = "advice"
protocol = "one_stage"
[columns]
participant = "participant.code"
round = "subsession.round_number"
specimen = "player.image"
ai = "player.hint"
final = "player.choice"
"""


def test_otree_rows_become_a_round_for_each_round_that_was_reached(tmp_path):
    rounds = made("otree", tmp_path, {"mapping.toml": OF_OTREE, "all_apps_wide.csv": WIDE}).rounds
    told = [(each.participant, each.round, each.specimen, each.final, each.followed) for each in rounds]
    assert told == [
        ("dh5m9pd9", 1, "i1", "cat", True),
        ("dh5m9pd9", 2, "i2", "dog", False),
        ("afveiui2", 1, "i1", "dog", False),
    ]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('app = "advice"\n', "", "app is missing"),
        ('app = "advice"', 'app = "trust"', "no column begins with trust.1.; the apps there are advice"),
        ("player.hint", "player.advice", "the column advice.1.player.advice is missing"),
    ],
)
def test_an_otree_table_of_another_app_is_refused(tmp_path, old, new, why):
    with pytest.raises(BadData) as refused:
        made("otree", tmp_path, {"mapping.toml": OF_OTREE.replace(old, new), "all_apps_wide.csv": WIDE})
    assert why in str(refused.value)


OF_JSPSYCH = """\
study = "js"
table = "*.json"
protocol = "one_stage"
[columns]
participant = "subject"
specimen = "stimulus"
truth = "answer"
final = "response.choice"
final_ms = "rt"
[where]
task = "decide"
"""
TRIALS = [
    {"subject": 7, "task": "intro", "rt": 900},
    {"subject": 7, "task": "decide", "stimulus": "a.png", "answer": "cat", "rt": 512.4, "response": {"choice": "cat"}},
    {"subject": 7, "task": "decide", "stimulus": "b.png", "answer": "cat", "rt": None, "response": {"choice": None}},
]


@pytest.mark.parametrize("shape", ["array", "nested", "lines"])
def test_jspsych_trials_in_each_of_its_shapes(tmp_path, shape):
    text = (
        "\n".join(map(json.dumps, TRIALS))
        if shape == "lines"
        else json.dumps([TRIALS] if shape == "nested" else TRIALS)
    )
    one, two = made("jspsych", tmp_path, {"mapping.toml": OF_JSPSYCH, "data.json": text}).rounds
    assert (one.participant, one.round, one.correct, one.final_ms) == ("7", 1, True, 512)
    assert (two.round, two.final, two.correct, two.final_ms) == (2, None, None, None)


def test_jspsych_trials_that_lack_a_name_are_refused(tmp_path):
    trials = [{**TRIALS[1], "response": "cat"}]
    with pytest.raises(BadData, match=r"the trial has no 'response.choice'; it has answer, response, rt"):
        made("jspsych", tmp_path, {"mapping.toml": OF_JSPSYCH, "data.json": json.dumps(trials)})


@pytest.mark.parametrize(
    ("name", "file", "text", "why"),
    [
        ("haiid", "haiid_dataset.csv", HAIID.replace("0.6,p1", "1.6,p1"), "advice should be between -1 and 1"),
        ("bansal2021", "decision-result-filter.csv", BANSAL.replace("Conf.,", "Conf,"), "condition should be one of"),
        ("luyin2021", "expOneFinalPredictionsValid1125.csv", LUYIN.replace("TRUE", "FALSE"), "mlCorrect contradicts"),
        ("jaquiery_dots", "trials.csv", JAQUIERY.replace("TRUE,FALSE,2", "TRUE,TRUE,2"), "agree contradicts obsacc"),
        ("jaquiery_dots", "trials.csv", JAQUIERY.replace("-30", "-70"), "cj1 should be between -55 and 55"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(tmp_path, name, file, text, why):
    with pytest.raises(BadData) as refused:
        made(name, tmp_path, {file: text})
    assert why in str(refused.value)
    assert "line" in str(refused.value)
