"""A comparison: the rounds of two conditions for one outcome, as arrays with participants and specimens; what methods take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.round import Round
from server.report.inference.effect import Clusters, Effect, Scale
from server.report.inference.outcomes import OUTCOMES, Outcome, outcome_of

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
PLAIN = ("none", "no_explanation", "no explanation", "control", "baseline", "plain", "label")
"""Names of conditions that others are compared with, where no exposure tells."""
DRAW = "probe_initial"
"""Draw by which the first answer is asked in some rounds of a condition, which thereby are of another protocol."""
Valued = tuple[Round, float]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two conditions of one study, for one outcome; n rounds in which the outcome is known.

    `undefined_because` says why nothing can be computed; the arrays are then still right, maybe empty.
    """

    study: str
    protocol: str
    source: str
    outcome: Outcome
    contrast: str
    reference: str
    y: Any
    """(n,) float; for times the milliseconds."""
    x: Any
    """(n,) float: 1 in the contrast, 0 in the reference."""
    person: Any
    """(n,) int codes 0, 1, ..."""
    item: Any
    """(n,) int codes 0, 1, ..."""
    right: Any
    """(n,) float: 1 where the AI was right, 0 where it was wrong, NaN where there is none."""
    place: Any
    """(n,) float: number of the round, around the middle of all."""
    rounds: tuple[Round, ...] = ()
    """The same rounds, in the same order."""
    undefined_because: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def clusters(self) -> Clusters:
        """Count the participants and the specimens."""
        return Clusters(len(set(self.person.tolist())), len(set(self.item.tolist())))

    @property
    def means(self) -> tuple[float, float]:
        """Return the raw means of contrast and reference; NaN for an empty one."""
        return tuple(
            float(self.y[self.x == side].mean()) if (self.x == side).any() else float("nan") for side in (1, 0)
        )  # pyright: ignore[reportReturnType]

    @property
    def within(self) -> bool:
        """Tell whether at least half of the participants met both conditions."""
        both = np.zeros((2, self.clusters.participants))
        both[self.x.astype(int), self.person] = 1
        return bool(both.min(axis=0).mean() >= 0.5)

    def effect(self, by: str, scale: Scale, **fields: Any) -> Effect:
        """Return an effect of this comparison; `by` is the method's short name, `fields` those of `Effect`."""
        told = fields.pop("warnings", ())
        known: dict[str, Any] = {
            "name": f"{self.outcome.name}: {self.contrast} - {self.reference} ({by})", "study": self.study,
            "protocol": self.protocol, "source": self.source, "outcome": self.outcome.name, "contrast": self.contrast,
            "reference": self.reference, "scale": scale, "means": self.means, "clusters": self.clusters,
            "n": len(self.y), "warnings": (*self.warnings, *told),
        }  # fmt: skip
        return Effect(**(known | fields))

    def undefined(self, by: str, scale: Scale, why: str = "", **fields: Any) -> Effect:
        """Return an effect without a number, because of `why` or of what is wrong with the comparison itself."""
        return self.effect(by, scale, undefined_because=why or self.undefined_because, **fields)


def compare(
    rounds: Iterable[Round], outcome: str, contrast: str, reference: str, *, study: str = "", asked: bool = False
) -> Comparison:
    """Return the comparison of two conditions, by their names; `study` is needed where the rounds are of several.

    Protocols are never pooled: a condition played in several makes it undefined. Where a logged draw asked the first answer in
    some of its rounds, chance made the others a sample of its cases: those are compared, or the drawn ones with `asked`. That
    contrast and reference have different protocols (alone and with the AI) is allowed and told.
    """
    found = outcome_of(outcome)
    wanted = (contrast, reference)
    chosen = [e for e in rounds if e.scored and e.condition in wanted and (not study or e.study == study)]
    values = [found.read(each) for each in chosen]
    kept = [(each, value) for each, value in zip(chosen, values, strict=True) if value is not None]
    kept, apart = _of_one_draw(kept, asked=asked)
    mine = tuple(each for each, _ in kept)
    here = {name: Counter(each.protocol for each in mine if each.condition == name) for name in wanted}
    why, told = _trouble(mine, found, contrast, reference, here)
    place = np.array([float(each.round) for each in mine])
    right = [float("nan") if each.ai_correct is None else float(each.ai_correct) for each in mine]
    return Comparison(
        study=study or _one(each.study for each in chosen), source=_one(each.source for each in chosen),
        protocol=_one(name for counts in here.values() for name in counts), outcome=found, contrast=contrast,
        reference=reference, y=np.array([value for _, value in kept], dtype=float),
        x=np.array([float(each.condition == contrast) for each in mine]),
        person=_codes([f"{each.study}\n{each.participant}" for each in mine]), item=_codes([each.specimen for each in mine]),
        right=np.array(right, dtype=float), place=place - place.mean() if len(place) else place, rounds=mine,
        undefined_because=why, warnings=(*told, *apart),
    )  # fmt: skip


def drawn(each: Round) -> bool:
    """Tell whether the first answer was asked because a logged draw said so."""
    return each.propensities.get(DRAW, 0.0) > 0


def _of_one_draw(kept: list[Valued], *, asked: bool) -> tuple[list[Valued], tuple[str, ...]]:
    """Return the rounds of conditions that a draw split, on one side of it, with all others; and what that leaves out."""
    sides = {(each.condition, drawn(each)) for each, _ in kept}
    split = {name for name, was in sides if was and (name, False) in sides}
    made = [(each, value) for each, value in kept if each.condition not in split or drawn(each) == asked]
    if len(made) == len(kept):
        return kept, ()
    which = "was not" if asked else "was"
    return made, (
        f"{len(kept) - len(made)} rounds in which the first answer {which} asked, by a draw, stand apart (table T12)",
    )


def _one(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _codes(names: Sequence[str]) -> Codes:
    places = {name: at for at, name in enumerate(dict.fromkeys(names))}
    return np.array([places[name] for name in names], dtype=np.intp)


def _trouble(
    rounds: Sequence[Round], outcome: Outcome, contrast: str, reference: str, protocols: dict[str, Counter[Any]]
) -> tuple[str, tuple[str, ...]]:
    """Return why nothing can be computed (or ""), and what has to be told."""
    for name in (contrast, reference):
        if not protocols[name]:
            return f"in no scored round of {name} {outcome.needs}", ()
        if len(protocols[name]) > 1:
            counts = ", ".join(f"{kind} {n}" for kind, n in sorted(protocols[name].items()))
            return f"the rounds of {name} are of several protocols, which are not pooled ({counts})", ()
    for what, names in (("studies", {e.study for e in rounds}), ("sources", {e.source for e in rounds})):
        if len(names) > 1:
            return f"the rounds are of several {what}, which are not pooled ({', '.join(sorted(names))})", ()
    people = {name: {e.participant for e in rounds if e.condition == name} for name in (contrast, reference)}
    both = people[contrast] & people[reference]
    for name, theirs in people.items():
        if len(theirs) < 2 and len(both) < 2:
            return f"only one participant in {name}: rounds of one person are no sample of people", ()
    told = (
        ()
        if set(protocols[contrast]) == set(protocols[reference])
        else (f"{contrast} and {reference} are played in different protocols",)
    )
    return "", told


def reference_of(rounds: Sequence[Round]) -> str:
    """Return the condition others are compared with: one with the AI and no explanation, else one named so, else the first.

    A condition alone is no reference here: `pairs_of` compares with it on its own.
    """
    arms = sorted({each.condition for each in rounds if each.protocol != "alone"})
    explained = {each.condition for each in rounds if each.explanation_shown or each.explanation_kind != "none"}
    bare = [arm for arm in arms if arm not in explained]
    named = [arm for arm in arms if arm.lower() in PLAIN]
    return next(iter([*(arm for arm in named if arm in bare), *bare, *named, *arms]), "")


def pairs_of(rounds: Sequence[Round], reference: str = "") -> list[tuple[str, str, str]]:
    """Return (study, contrast, reference) of every comparison that a report makes by default.

    Each condition with the AI against the reference condition of its study, and against the condition alone where there is one.
    """
    made: list[tuple[str, str, str]] = []
    for study in sorted({each.study for each in rounds}):
        mine = [each for each in rounds if each.study == study and each.scored]
        alone = sorted({each.condition for each in mine if each.protocol == "alone"})
        arms = sorted({each.condition for each in mine if each.protocol != "alone"})
        first = reference if reference in (*arms, *alone) else reference_of(mine)
        made += [(study, arm, first) for arm in arms if arm != first]
        made += [(study, arm, alone[0]) for arm in arms if alone and alone[0] != first and arm not in alone]
    return made


__all__ = ["DRAW", "OUTCOMES", "Comparison", "compare", "drawn", "pairs_of", "reference_of"]
