"""Table T15: the lens in numbers. Achievement, consistency, matching and the confounder's pull, by observer; how people differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from game.estimate import Estimate
from game.measures.cue_weights import (
    LensCue,
    LensFit,
    confounder_pull,
    ideal_fit,
    lens_cues,
    model_fit,
    people_fit,
    persons_fit,
    usable,
)
from game.measures.modes import people_of
from game.round import Round
from server.report.page.held import changed
from server.report.page.story import Story, resampled
from server.report.plate import Table

COLUMNS = ("who", "what", "value", "low", "high", "SD of people", "people", "rounds", "beware")
HOW = (
    "Achievement: the share of answers that are the truth (on probes: the ideal observer's answer). Consistency: how much"
    " of the answers the cue weights account for (McFadden's R2, 0 to 1); below 1 is noise, or cues that the model of the"
    " lens lacks. Matching: the correlation of the probabilities that the weights give with those that the ideal weights"
    " give, over rounds and classes; 1 is the best use of the cues. Pull of the confounder: how much likelier its class is"
    " answered than another wrong one, where it points at a wrong class; 0 is none, 1 always. Weight of a cue: mean over"
    " people of weights that are drawn towards the group's as far as a person's own rounds say little (empirical Bayes), in"
    " logits, with the standard deviation of people. Low and high: 95 %, people drawn anew; consistency, matching and"
    " weights come from fits to a group and have none here (figure F00 has intervals of a group's weights). Compare a"
    " condition with AI with people alone: what the explanation did to the weights."
)


def weighed(story: Story) -> Table:
    """T15: a row per observer and number; nothing without a pack's cues."""
    packs = list(story.gathered.packs.values())
    cues = lens_cues(packs[0]) if len(packs) == 1 else ()
    rows = list(_rows(story, cues, {each.id: each.cues for each in packs[0].specimens})) if cues else []
    return Table(
        id="T15", topic="The lens in numbers", columns=COLUMNS, rows=rows, how=HOW, folded=24,
        missing="no answers to specimens with known cues" if cues else "no pack with cues is known",
    )  # fmt: skip


def _rows(story: Story, cues: Sequence[LensCue], of: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    everything: list[Round] = []
    for arm in story.arms:
        mine = [e for e in story.rounds if (e.condition, e.protocol) == (arm.group.condition, arm.group.protocol)]
        seen = usable(changed(mine, scene=lambda each: {**of.get(each.specimen, {}), **each.scene}), cues)
        everything += seen
        made = people_fit(seen, cues)
        if not made.why_undefined:
            yield _shared(
                arm.label, "achievement", [[each.final == each.truth for each in t] for t in people_of(seen)], story
            )
            yield from _fitted(arm.label, made)
            yield from _pulls(arm.label, seen, cues, story)
            yield from _persons(arm.label, seen, made, cues)
    for who, made in (("the model", model_fit(everything, cues)), ("ideal observer", ideal_fit(everything, cues))):
        if everything and not made.why_undefined:
            yield from _fitted(who, made)


def _fitted(who: str, made: LensFit) -> Iterator[tuple[Any, ...]]:
    for what, value in (("consistency", made.consistency), ("matching", made.matching)):
        if value is not None:
            yield (who, what, value, None, None, None, made.participants or None, made.rounds, None)


def _shared(who: str, what: str, people: Sequence[Sequence[bool]], story: Story) -> tuple[Any, ...]:
    over, under = (np.array([float(of(each)) for each in people]) for of in (sum, len))
    low, high = resampled(over, under, story.bootstrap)
    return (who, what, float(over.sum() / under.sum()), low, high, None, len(people), int(under.sum()), None)


def _pulls(who: str, seen: Sequence[Round], cues: Sequence[LensCue], story: Story) -> Iterator[tuple[Any, ...]]:
    """Yield the pull of each confounder; its interval draws people, as sums over their rounds."""
    for cue in (each for each in cues if not each.code):
        made: Estimate = confounder_pull(seen, cue)
        what = f"pull of the confounder {cue.name.replace('_', ' ')}"
        if not made.defined:
            yield (who, what, None, None, None, None, None, made.n, made.why_undefined)
            continue
        parts = [
            (one.value * one.n, one.n) for theirs in people_of(seen) if (one := confounder_pull(theirs, cue)).defined
        ]
        over, under = (np.array([float(part[at]) for part in parts]) for at in (0, 1))
        low, high = resampled(over, under, story.bootstrap)
        yield (who, what, made.value, low, high, None, len(parts), made.n, None)


def _persons(
    who: str, seen: Sequence[Round], made: LensFit, cues: Sequence[LensCue]
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    people = np.array(list(persons_fit(seen, cues).values()))
    for at, name in enumerate(made.names):
        values = people[:, at]
        spread = float(values.std(ddof=1)) if len(values) > 1 else None
        what = f"weight of {name.replace('_', ' ')}"
        yield (who, what, float(values.mean()), None, None, spread, len(values), made.rounds, None)
