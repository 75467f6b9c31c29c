"""Item sets and the human lens: which specimens are played, where the AI errs, and which rounds are probes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

RARE = 0.075
"""Error rate of the preset "rare" (5 to 10 %)."""
USUAL = 0.3
"""Error rate where a set names a model and nothing else."""

Stratum = Literal["truth", "difficulty", "disagreement", "context", "conflict"]


class ItemSet(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Specimens that are played together: listed by id, drawn once for the whole study, or drawn for each participant."""

    name: str
    specimens: tuple[str, ...] = ()
    n: int = 0
    """How many are drawn, where none are listed."""
    fresh: bool = False
    """Drawn anew for each participant from the pool (same strata), so that answers cannot be passed on."""
    split: str = "study"
    model: str = ""
    """Whose errors are counted."""
    second: str = ""
    """The other model of `pairs`."""
    ai_wrong: int = -1
    """How many of `n` the model gets wrong; -1: by `error_rate`."""
    error_rate: float | Literal["rare", "chance", ""] = ""
    """Share that the model gets wrong: a number, "rare" (0.075), or "chance" (as it comes). Empty: 0.3 where a `model` is named."""
    positions: Literal["chance", "spread", "first", "late"] = "chance"
    """Where in its block the AI errs: anywhere, evenly spread, or early or late (first impressions)."""
    none_first: int = 0
    """None of the first so many rounds is an error."""
    strata: tuple[Stratum, ...] = ("truth",)
    """What the draw is balanced over: class, difficulty and disagreement of the methods (in `bins`), values of `context`,
    and whether the context speaks against the picture ("conflict")."""
    bins: int = 3
    """Bins of difficulty and disagreement, with equal numbers of the pool's specimens."""
    difficulty: tuple[float, float] = (0, 1)
    """Only specimens between these."""
    disagreement: tuple[float, float] = (0, 1)
    context: Mapping[str, str] = {}
    """Only specimens with these values, context -> value."""
    pairs: bool = False
    """Only specimens on which exactly one of `model` and `second` is right."""
    disagree: Literal["high", "low", ""] = ""
    """Only the half of the specimens (of those that fit otherwise) on which the methods disagree more, or less."""
    highlight: Literal["differ", "same", ""] = ""
    """Only specimens on which the two methods of `[lab]` highlight different parts most, or the same one."""
    square: bool = False
    """Latin square over item, correctness and condition (needs `pairs`): over the cells each item comes with the right
    model's answer and with the wrong one's, in every condition, in the ratio of `ai_wrong` to `n`."""


class FromLab(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Results of `coplay compare` that items and methods are chosen by.

    Sets are sampled by disagreement, a matched pair of methods is taken, maps that fail sanity are left out. What is found in the
    results becomes part of the study when it is opened, so that it is frozen too.
    """

    results: str
    """Folder of the results, as seen from the study's folder."""
    task: str = ""
    """Which of its tasks; empty: the one whose pack this is."""
    model: str = ""
    """Which of its models; empty: the only one that conditions name."""
    pair: tuple[str, ...] = ()
    """Two methods that conditions compare, named there as "lab:first" and "lab:second". Empty: picked by `match` where they
    are named so."""
    match: tuple[str, ...] = ()
    """Metrics on which the two have to be alike; of several such pairs the one that shows different things most often is picked."""
    within: float = 0.5
    """How far apart they may be on each, in standard deviations over specimens."""
    sane: bool = True
    """Methods that fail sanity may not explain, and specimens whose maps could not be compared are not drawn."""
    placebo: tuple[str, ...] = ()
    """Methods that may fail sanity because that is what they are for."""
    disagreement: Mapping[str, float] = {}
    """Filled in: specimen -> how far the methods disagree on it."""
    differ: tuple[str, ...] = ()
    """Filled in: specimens on which the pair highlights different parts most."""
    same: tuple[str, ...] = ()
    """Filled in: specimens on which it highlights the same part."""
    left_out: Mapping[str, str] = {}
    """Filled in: specimen -> why its maps could not be compared."""


class Lens(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The human lens: probes that tell what a decision responds to. Left out of accuracy, disclosed in the debrief."""

    phases: tuple[str, ...] = ()
    """Phases that have them; empty: all with scored rounds."""
    twin_probe: float = 0.15
    """Share of rounds that become twins, each kind equally many where the pack allows it; the propensity is logged."""
    kinds: tuple[Literal["evidence", "advice"], ...] = ("evidence", "advice")
    """Evidence: one cue of the picture is flipped under the same answer and map. Advice: another model's under the same picture."""
    cues: tuple[str, ...] = ()
    """Cues that may be flipped; empty: all that the pack has twins of."""
    halves: Literal["across", "within"] = "across"
    """The other half of a pair is answered by other people, or by the same person far apart."""
    apart: int = 8
    """Rounds between the two halves, at the least ("within")."""
    conflict: int = 0
    """So many further rounds in each block with pictures whose cues contradict each other."""
