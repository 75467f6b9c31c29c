"""What every workflow must hold, inherited by being registered: reachable stages, a way on, an end, nothing early."""

from __future__ import annotations

from itertools import product

import pytest

from game.registry import workflow
from game.round import Round
from game.rounds import rounds_of
from game.stages import RESERVED, AskAct, AskLabel, AskOption, Cues, ShowVerdict, Stage
from game.verify import verify
from tests.game.session import Session
from tests.tiny import Tiny, study

NAMES = workflow.names()
CUES = [
    Cues(advice=advice, explanation=explanation, feedback=feedback, confidence=confidence)
    for advice, explanation, feedback, confidence in product(
        ("label", "confidence"), (True, False), (True, False), (True, False)
    )
]


def made(name: str, cues: Cues) -> tuple[Stage, ...]:
    return workflow[name].thing(cues)


def leads(stage: Stage) -> set[str]:
    gotos = {stage.then} | ({stage.late} if stage.within_s else set())
    for ask in stage.ask:
        if isinstance(ask, AskAct):
            gotos.add(ask.goto or stage.then)
        elif isinstance(ask, AskLabel | AskOption):
            gotos |= set(ask.goto.values())
    return gotos


@pytest.mark.parametrize("name", NAMES)
def test_stages_are_reachable_and_lead_somewhere(name: str):
    for cues in CUES:
        table = made(name, cues)
        by_name = {stage.name: stage for stage in table}
        assert len(by_name) == len(table)
        met, edge = set(), [table[0].name]
        while edge:
            stage = by_name[edge.pop()]
            met.add(stage.name)
            for goto in leads(stage):
                assert goto in by_name or goto == "end" or goto.startswith("close:"), (name, stage.name, goto)
                if goto in by_name and goto not in met:
                    edge.append(goto)
        assert met == set(by_name), (name, cues)


@pytest.mark.parametrize("name", NAMES)
def test_asks_are_reserved_names_and_every_stage_has_a_button(name: str):
    for cues in CUES:
        for stage in made(name, cues):
            assert any(isinstance(ask, AskAct) for ask in stage.ask)
            assert {ask.name for ask in stage.ask} - {""} <= set(RESERVED)
            keys = [ask.key for ask in stage.ask if isinstance(ask, AskAct) and ask.key]
            assert len(keys) == len(set(keys)), "two buttons share a key"


@pytest.mark.parametrize("name", NAMES)
def test_truth_only_with_feedback_and_after_the_final_answer(name: str):
    for cues in CUES:
        telling = [stage for stage in made(name, cues) if any(isinstance(s, ShowVerdict) for s in stage.show)]
        assert bool(telling) is cues.feedback
        for stage in telling:
            assert {ask.name for ask in stage.ask} == {"continue"}


@pytest.mark.parametrize(("name", "feedback", "seed"), list(product(NAMES, (True, False), range(3))))
def test_a_robot_plays_to_the_end_and_the_log_verifies(name: str, feedback: bool, seed: int):
    session = Session(Tiny(study(name, feedback=feedback))).finish(seed=seed)
    assert session.state.closed == "completed"
    assert verify(session.rows, session.tiny.read_blob).sound
    rounds: list[Round] = rounds_of(session.events, session.tiny.manifest)
    assert [r.round for r in rounds] == [1, 2, 3]
    assert all(r.final is not None and r.correct is not None for r in rounds)
    assert {r.protocol for r in rounds} == {workflow[name].info["protocol"]}


@pytest.mark.parametrize("name", NAMES)
def test_declared_facts(name: str):
    info = workflow[name].info
    assert info["pattern"]
    assert isinstance(info["advice"], bool)
    assert workflow[name].thing.__doc__
