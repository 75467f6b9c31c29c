"""Stages: what a workflow is made of. A stage shows things, asks things and says where each answer leads.

Everything here is data that is written into the plan; `game.view` resolves it into blocks with a card and texts.
Names of texts are keys of the study's catalogue.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from game.asks import (
    AskAct,
    AskAmount,
    AskCheck,
    AskFrame,
    AskLabel,
    AskMany,
    AskOption,
    AskProbe,
    AskRate,
    AskSpec,
    AskText,
)
from game.cues import Cues
from game.shows import (
    Say,
    Show,
    ShowContext,
    ShowGallery,
    ShowGuide,
    ShowOwn,
    ShowPair,
    ShowPanes,
    ShowPart,
    ShowPayoff,
    ShowPoints,
    ShowReceipt,
    ShowTally,
    ShowTeammate,
    ShowVerdict,
    ShowWait,
)
from game.when import (
    Amount,
    AnsweredIn,
    AttemptsUnder,
    CountCorrect,
    Drawn,
    HolderIs,
    Marked,
    Matches,
    ScreenUnder,
    ShiftUnder,
    When,
)

__all__ = [
    "RESERVED",
    "Amount",
    "AnsweredIn",
    "AskAct",
    "AskAmount",
    "AskCheck",
    "AskFrame",
    "AskLabel",
    "AskMany",
    "AskOption",
    "AskProbe",
    "AskRate",
    "AskSpec",
    "AskText",
    "AttemptsUnder",
    "CountCorrect",
    "Cues",
    "Drawn",
    "HolderIs",
    "Marked",
    "Matches",
    "Say",
    "ScreenUnder",
    "ShiftUnder",
    "Show",
    "ShowContext",
    "ShowGallery",
    "ShowGuide",
    "ShowOwn",
    "ShowPair",
    "ShowPanes",
    "ShowPart",
    "ShowPayoff",
    "ShowPoints",
    "ShowReceipt",
    "ShowTally",
    "ShowTeammate",
    "ShowVerdict",
    "ShowWait",
    "Stage",
    "When",
    "leads",
]


class Stage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One screen's rule. `then`: the next stage's name, "end" (next step) or "close:<outcome>".

    A stage whose `when` does not hold is passed over, to `otherwise` or else to `then`. `within_s` ends it by the clock,
    leading to `late`; `ai` lists names that the AI then answers with its own label, in the same append. `opens_s`: it
    cannot be answered before, counted from when it came up. `waits`: running out is a pause and not a limit, so no
    countdown is drawn.
    """

    name: str
    show: tuple[Show, ...]
    ask: tuple[AskSpec, ...]
    layout: Literal["page", "round", "end"] = "page"
    then: str = "end"
    when: tuple[When, ...] = ()
    within_s: float = 0
    late: str = "end"
    otherwise: str = ""
    ai: tuple[str, ...] = ()
    opens_s: float = 0
    waits: bool = False


def leads(stage: Stage) -> set[str]:
    """Return where a stage can lead once it came up: names of stages, "end" or "close:<outcome>"."""
    gotos = {stage.then} | ({stage.late} if stage.within_s else set[str]())
    for ask in stage.ask:
        if isinstance(ask, AskAct):
            gotos.add(ask.goto or stage.then)
        elif isinstance(ask, AskLabel | AskOption):
            gotos |= set(ask.goto.values())
    return gotos


RESERVED = (
    "own",
    "own_confidence",
    "final",
    "final_confidence",
    "who",
    "request",
    "handover",
    "veto",
    "agree",
    "predict",
    "choose",
    "estimate",
    "trust",
    "consent",
    "continue",
    "arrangement",
    "part",
    "reason",
    "bias",
    "deploy",
    "who_decided",
    "offer",
    "candidate",
    "predict_confidence",
    "preferred",
    "bid",
)
"""Ask names with a fixed meaning; only `game.rounds` reads them."""
