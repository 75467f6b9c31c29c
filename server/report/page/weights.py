"""Table T15: the lens in numbers. Achievement, consistency, matching and the confounder's pull, by observer; how people differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
    persons,
    usable,
)
from game.measures.lens_spread import Parts, parts, pulls
from game.measures.modes import people_of
from game.round import Round
from server.report.jackknife import left_out
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
    " logits, with the standard deviation of people so drawn. Low and high: 95 %. Of achievement and pull: people drawn anew;"
    " of a mean weight: people drawn anew, each counting by what their own rounds tell, so that drawing them towards the group"
    " makes no interval too narrow; of consistency and matching: groups of people (20, or single people) left out in turn, weights"
    " moving with them. The model and the ideal observer are no sample of people and have none. Compare a condition with AI"
    " with people alone: what the explanation did to the weights."
)


def weighed(story: Story) -> Table:
    """T15: a row per observer and number; nothing without a pack's cues."""
    packs = list(story.gathered.packs.values())
    cues = len(packs) == 1 and bool(lens_cues(packs[0]))
    return Table(
        id="T15", topic="The lens in numbers", columns=COLUMNS, rows=list(numbers(story, single=True)), how=HOW, folded=24,
        missing="no answers to specimens with known cues" if cues else "no pack with cues is known",
    )  # fmt: skip


def numbers(story: Story, *, single: bool) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of T15; `single`: those of people's own weights, too."""
    packs = list(story.gathered.packs.values())
    cues = lens_cues(packs[0]) if len(packs) == 1 else ()
    of = {each.id: each.cues for each in packs[0].specimens} if cues else {}
    everything: list[Round] = []
    for arm in story.arms if cues else ():
        mine = [e for e in story.rounds if (e.condition, e.protocol) == (arm.group.condition, arm.group.protocol)]
        met = changed(mine, scene=lambda each: {**of.get(each.specimen, {}), **each.scene})
        everything += met
        seen = usable(met, cues)
        made = people_fit(seen, cues)
        if not made.why_undefined:
            yield from told(arm.label, seen, made, cues, story)
            yield from _persons(arm.label, seen, made, cues, story) if single else ()
    for who, made in (("the model", model_fit(everything, cues)), ("ideal observer", ideal_fit(everything, cues))):
        if everything and not made.why_undefined:
            yield from _fitted(who, made, Parts([], []))


def told(
    who: str, seen: Sequence[Round], made: LensFit, cues: Sequence[LensCue], story: Story
) -> Iterator[tuple[Any, ...]]:
    """Yield achievement, consistency, matching and the confounder's pull of a group, in the columns of T15."""
    yield _shared(who, "achievement", [[each.final == each.truth for each in t] for t in people_of(seen)], story)
    yield from _fitted(who, made, parts(seen, cues))
    yield from _pulls(who, seen, cues, story)


def _fitted(who: str, made: LensFit, rests: Parts) -> Iterator[tuple[Any, ...]]:
    for what, value, least, without in (
        ("consistency", made.consistency, 0.0, rests.consistency),
        ("matching", made.matching, -1.0, rests.matching),
    ):
        if value is None:
            continue
        low, high, why = left_out(value, without) if made.participants else (math.nan, math.nan, "")
        low, high = (low, high) if math.isnan(low) else (max(least, low), min(1.0, high))
        yield (who, what, value, low, high, None, made.participants or None, made.rounds, why or None)


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
    who: str, seen: Sequence[Round], made: LensFit, cues: Sequence[LensCue], story: Story
) -> Iterator[tuple[Any, ...]]:
    found = persons(seen, cues)
    people, (over, under) = np.array(list(found.weights.values())), pulls(found)
    for at, name in enumerate(made.names):
        values, centre = people[:, at], found.centre[at]
        spread = float(values.std(ddof=1)) if len(values) > 1 else None
        low, high = resampled(over[:, at], under[:, at], story.bootstrap)
        what = f"weight of {name.replace('_', ' ')}"
        yield (who, what, float(values.mean()), centre + low, centre + high, spread, len(values), made.rounds, None)
