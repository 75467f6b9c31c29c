"""The built-in pages, walked through the real core: where each answer leads, and what is left in the log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from game.controls import Act, Choice, Frame, Many, Rate
from game.page_options import Device
from game.pages import NAMES, OwnPage, PageOptions, is_known, keys_of, page
from game.registry import questionnaire
from game.rules import Refused
from game.stages import AskAct, Say
from tests.game.walk import FULL, OWN, QUIZ_TEXTS, Walk, leads, words


def test_a_small_window_is_told_to_grow_and_let_in_when_it_did():
    walk = Walk({"notice": page("notice"), "device": page("device", FULL), "consent": page("consent")})
    walk.join(800, 900)
    assert walk.answer() == "device"
    walk.give({"device": "again"})
    assert walk.place == "device"
    walk.join(1200, 700)
    walk.give({"device": "again"})
    assert walk.place == "consent"


def test_a_window_that_is_large_enough_sees_no_device_page():
    walk = Walk({"notice": page("notice"), "device": page("device", FULL), "consent": page("consent")})
    walk.join(1000, 600)
    assert walk.answer() == "consent"


def test_a_device_that_does_not_fit_leaves_by_its_own_outcome():
    walk = Walk({"notice": page("notice"), "device": page("device", FULL)})
    walk.join(360, 740)
    walk.answer()
    walk.give({"device": "leave"})
    assert walk.place == "incompatible_device"


def test_every_demographic_answer_can_be_left_out():
    walk = Walk({"demographics": page("demographics"), "behind": page("notice")})
    assert walk.answer() == "knowledge"
    assert walk.answer() == "notice"
    assert {name for name, value in walk.given().items() if value is None} >= {"age", "gender", "education"}


def test_a_gender_can_be_said_in_own_words():
    walk = Walk({"demographics": page("demographics"), "behind": page("notice")})
    assert walk.answer(gender="described", gender_words="mine", age="65_") == "knowledge"
    assert walk.answer(ai_familiarity=5) == "notice"
    assert walk.given()["gender_words"] == "mine"


@pytest.mark.parametrize(("kind", "good", "bad"), [("slider", 73, 101), ("steps", 7, 8)])
def test_trust_is_a_slider_or_seven_steps(kind: str, good: int, bad: int):
    walk = Walk({"trust": page("trust", PageOptions(trust=kind)), "behind": page("notice")})  # type: ignore[arg-type]
    assert isinstance(walk.give({"continue": "next", "trust": bad}), Refused)
    assert walk.answer(trust=good) == "notice"
    assert walk.given()["trust"] == good


def test_who_decided_is_asked_with_confidence():
    walk = Walk({"who_decided": page("who_decided"), "behind": page("notice")})
    assert isinstance(walk.give({"continue": "next", "who_decided": "mostly_ai"}), Refused)
    assert walk.answer(who_decided="mostly_ai", who_decided_confidence=4) == "notice"


def test_a_model_is_judged_in_percent():
    walk = Walk({"model_evaluation": page("model_evaluation"), "behind": page("notice")})
    assert isinstance(walk.give({"continue": "next", "estimate": 120, "estimate_own": 60, "deploy": "never"}), Refused)
    assert walk.answer(estimate=80, estimate_own=60, deploy="supervised") == "notice"


def test_the_next_batch_offers_what_the_study_offers():
    options = PageOptions(arrangements=("alone", "ai_instead"))
    walk = Walk({"next_batch": page("next_batch", options)})
    assert [o.value for a in walk.screen.asks if isinstance(a, Choice) for o in a.options] == ["alone", "ai_instead"]


def test_the_next_visit_opens_when_its_time_has_come():
    walk = Walk({"come_back": page("come_back", FULL), "behind": page("notice")})
    early = walk.give({"continue": "next"}, after_s=3500)
    assert isinstance(early, Refused)
    assert early.code == "too_early"
    assert walk.answer(after_s=200) == "notice"
    wait = next(b for b in Walk({"come_back": page("come_back", FULL)}).screen.blocks if b.__class__.__name__ == "Wait")
    assert wait.until_ms == 1_000 + 3_600_000


def test_a_plain_debrief_is_one_page_and_a_disclosing_one_asks_again():
    assert [stage.name for stage in page("debrief")] == ["debrief"]
    walk = Walk({"debrief": page("debrief", FULL), "behind": page("notice")})
    told = repr(walk.screen.blocks)
    assert all(words()[f"debrief.{what}"][:30] in told for what in ("deception", "sham", "probes"))
    assert walk.answer() == "again"
    assert isinstance(walk.give({"continue": "next"}), Refused)
    assert walk.answer(consent_debrief="delete") == "notice", "nobody loses pay by withdrawing"


def test_consent_names_the_ai_only_where_there_is_one():
    told = lambda ai: [show.text for show in page("consent", PageOptions(ai=ai))[0].show if isinstance(show, Say)]  # noqa: E731
    assert set(told(True)) - set(told(False)) == {"consent.ai"}


def test_a_questionnaire_is_walked_and_every_item_is_in_the_log():
    walk = Walk({"q": page("q.explanation_satisfaction"), "behind": page("notice")})
    for stage in page("q.explanation_satisfaction"):
        rates = [ask.name for ask in stage.ask if not isinstance(ask, AskAct)]
        assert isinstance(walk.give({"continue": "next"}), Refused)
        walk.answer(dict.fromkeys(rates, 4))
    assert walk.place == "notice"
    items = questionnaire["explanation_satisfaction"].thing.items
    assert walk.given().keys() >= {f"q.explanation_satisfaction.{item}" for item in items}


def test_only_the_ends_of_a_long_scale_are_named():
    rates = [a for a in Walk({"q": page("q.s_tias")}).screen.asks if isinstance(a, Rate)]
    assert [(rate.ends, len(rate.options)) for rate in rates] == [(("not at all", "extremely"), 7)] * 3
    assert {rate.missing for rate in rates} == {words()["ask.choose"]}, "nobody is asked how sure they are"


OWN_TEXTS = {key: key for key in keys_of(page("hobby", PageOptions(page=(OWN,))))} | {"hobby.title": "Hobby"}


def test_an_own_page_asks_its_fields():
    walk = Walk({"hobby": page("hobby", PageOptions(page=(OWN,))), "behind": page("notice")}, {**words()} | OWN_TEXTS)
    assert [type(ask) for ask in walk.screen.asks][1] is Many
    given = {"when": "night", "what": "moths", "how": 7, "years": 12, "ok": True}
    assert walk.answer({f"hobby.{name}": value for name, value in given.items()}) == "notice"


def test_an_unlisted_page_is_a_title_and_a_text():
    assert keys_of(page("pause")) == {"pause.title", "pause.text", "page.continue"}
    assert not is_known("pause")


def test_a_framed_page_is_told_the_session_and_the_language_and_answers_in_one_text():
    own = OwnPage("task", frame="https://example.org/task?who={session}&lang={lang}", height=700)
    walk = Walk(
        {"task": page("task", PageOptions(page=(own,))), "behind": page("notice")}, {**words()} | {"task.title": "T"}
    )
    frame = next(ask for ask in walk.screen.asks if isinstance(ask, Frame))
    assert (frame.url, frame.height) == ("https://example.org/task?who=p1&lang=en", 700)
    assert isinstance(walk.give({"continue": "next"}), Refused)
    assert walk.answer(task='{"score": 3}') == "notice"
    assert walk.given()["task"] == '{"score": 3}'


@pytest.mark.parametrize("name", NAMES)
def test_every_built_in_page_leads_on_and_has_its_texts(name: str):
    table = page(name, FULL)
    names = {stage.name for stage in table}
    for stage in table:
        assert all(goto in {*names, "end", ""} or goto.startswith("close:") for goto in leads(stage))
        assert sum(isinstance(ask, AskAct) and ask.style == "primary" for ask in stage.ask) == 1
    assert keys_of(table) - QUIZ_TEXTS.keys() <= words().keys()


@pytest.mark.parametrize("name", NAMES)
def test_every_outcome_has_its_end_screen(name: str):
    for stage in page(name, FULL):
        for goto in leads(stage):
            if goto.startswith("close:"):
                assert f"ends.{goto.removeprefix('close:')}.title" in words()


def test_the_primary_button_confirms_what_is_asked():
    for name in NAMES:
        for stage in page(name, FULL):
            inputs = [ask for ask in stage.ask if not isinstance(ask, AskAct)]
            acts = [ask for ask in stage.ask if isinstance(ask, AskAct) and ask.style == "primary"]
            assert acts[0].confirms == bool(inputs), (name, stage.name)


def test_the_pages_that_were_there_before_are_as_they_were():
    for name in ("notice", "consent", "howto", "debrief"):
        assert len(page(name)) == 1
    acts = [ask for ask in Walk({"howto": page("howto")}).screen.asks if isinstance(ask, Act)]
    assert [act.label for act in acts] == [words()["howto.start"]]


def test_the_guide_lists_every_page_with_its_answers():
    guide = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "pages.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in guide.splitlines() if line.startswith("| `")
    ]
    listed = {name: {*re.findall(r"`(\w+)`", row[2])} for row in rows for name in re.findall(r"`([\w-]+)`", row[0])}
    assert set(listed) == set(NAMES)
    full = replace(FULL, device=Device(touch=False, kbit=1600, legible=True, reads=True))
    for name in NAMES:
        asked = {a.name for stage in page(name, full) for a in stage.ask} - {"continue"}
        if name != "quiz":
            assert {each for each in listed[name] if each in asked or not name.startswith("attention-")} == asked, name
