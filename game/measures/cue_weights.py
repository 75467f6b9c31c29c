"""Cue weights: a logistic lens model of answers, beside the same model of what the AI and the ideal observer say.

P(class) is a softmax over classes of sum_cues weight x value x code(class), plus a weight where the confounder points at the
class and one where the AI says it. Values are those of the scene, -1 to 1. Weights are per unit of that, in logits; people answer
with different amounts of noise, so compare `shares` (of the summed size of all weights but the advice's) across observers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate, share, undefined
from game.measures.ridge import Fitted, clustered, fit, half_width, probabilities
from game.pack import Manifest
from game.round import Round

Floats = NDArray[np.float64]
ADVICE = "advice"
TURNS = 8
"""Turns of the empirical-Bayes estimate of how people differ."""
LEAST = 1e-3
"""Least variance between people, in squared logits."""


class LensCue(NamedTuple):
    """A cue of the generating process: its code per class (-1 or 1), or none for the confounder, whose value is a class."""

    name: str
    code: tuple[int, ...] = ()


class LensFit(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of one observer or group; all numbers empty where there are none, and why."""

    names: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    """95 % interval, robust to dependence within participants; empty for one of them, for the AI and the ideal."""
    high: tuple[float, ...] = ()
    shares: Mapping[str, float] = {}
    """Size of each weight over the sum of all but the advice's."""
    consistency: float | None = None
    """McFadden's R2: how much of the answers the weights account for, 0 to 1."""
    achievement: float | None = None
    """Share of answers that are the truth (on probes: the ideal observer's answer)."""
    matching: float | None = None
    """Correlation of the weights' probabilities without advice with the ideal weights', over rounds and classes."""
    rounds: int = 0
    participants: int = 0
    why_undefined: str = ""


def lens_cues(manifest: Manifest) -> tuple[LensCue, ...]:
    """Return the pack's cues; the code of a class is what the cue mostly says in it, as drawn."""
    made: list[LensCue] = []
    for card in manifest.cues:
        if card.kind == "confounder":
            made.append(LensCue(card.key))
            continue
        bits: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for s in manifest.specimens:
            if not s.twin_of and card.key in s.cues:
                bits[s.truth][s.cues[card.key]] += 1
        if all(c.key in bits for c in manifest.classes):
            made.append(
                LensCue(card.key, tuple(1 if bits[c.key][1] > bits[c.key][0] else -1 for c in manifest.classes))
            )
    return tuple(made)


def with_cues(rounds: Sequence[Round], manifest: Manifest) -> list[Round]:
    """Return the rounds with each cue's value in their scene, as a bit (or class) of the pack where the scene has none."""
    cues = {s.id: s.cues for s in manifest.specimens}
    return [msgspec.structs.replace(each, scene={**cues.get(each.specimen, {}), **each.scene}) for each in rounds]


def design(rounds: Sequence[Round], cues: Sequence[LensCue], advice: bool) -> Floats:
    """Return the features (round, class, cue); rounds must be `usable`, with the same options."""
    options = rounds[0].options
    x = np.zeros((len(rounds), len(options), len(cues) + advice))
    for n, each in enumerate(rounds):
        for j, cue in enumerate(cues):
            value = float(each.scene[cue.name] or 0)
            if cue.code:
                x[n, :, j] = (2 * value - 1) * np.array(cue.code)
            elif value >= 0:
                x[n, int(value), j] = 1
        if advice and each.ai_shown and each.ai in options:
            x[n, options.index(each.ai), -1] = 1
    return x


def usable(rounds: Sequence[Round], cues: Sequence[LensCue]) -> list[Round]:
    """Return the rounds that a person decided, with known options and the value of every cue; probes too, practice not."""
    return [
        each
        for each in rounds
        if (each.scored or each.probe) and each.decided_by in ("participant", "") and each.final in each.options
        if not each.delegated and not each.handed_over and each.options == rounds[0].options
        if all(isinstance(each.scene.get(cue.name), int | float) for cue in cues)
    ]  # fmt: skip


def people_fit(rounds: Sequence[Round], cues: Sequence[LensCue]) -> LensFit:
    """Fit the weights of a group: people alone, with AI, or with one explanation. Never mix these in one call.

    Rounds of one participant only have no interval.
    """
    mine = usable(rounds, cues)
    if not mine or not cues:
        return LensFit(why_undefined="no cue is known" if not cues else "in no round are an answer and the cues known")
    advice = any(each.ai_shown for each in mine)
    x, targets = design(mine, cues, advice), answered(mine)
    fitted = fit(x, targets)
    names = [each.participant for each in mine]
    order = {name: at for at, name in enumerate(sorted(set(names)))}
    spread: Floats | None = None
    if len(order) > 1:
        covariance = clustered(x, targets, fitted, np.array([order[name] for name in names]))
        spread = half_width(len(order)) * np.sqrt(np.diag(covariance))
    labels = (*(cue.name for cue in cues), *((ADVICE,) if advice else ()))
    made = _told(fitted, labels, len(mine), mine[0].options, spread)
    ideal = ideal_fit(mine, cues)
    return msgspec.structs.replace(
        made,
        participants=len(order),
        achievement=sum(each.final == each.truth for each in mine) / len(mine),
        matching=matching_of(x[:, :, : len(cues)], fitted.weights[: len(cues)], ideal),
    )


def model_fit(rounds: Sequence[Round], cues: Sequence[LensCue]) -> LensFit:
    """Fit the weights of the AI's probabilities on the same rounds."""
    return _observed(rounds, cues, "probabilities", "the AI's probabilities")


def ideal_fit(rounds: Sequence[Round], cues: Sequence[LensCue]) -> LensFit:
    """Fit the weights of the ideal observer's posterior on the same rounds."""
    return _observed(rounds, cues, "posterior", "the ideal observer's posterior")


class Persons(msgspec.Struct, frozen=True, kw_only=True):
    """Each participant's weights and their uncertainty: variances (J) of the posterior, and of people around `centre`."""

    weights: Mapping[str, tuple[float, ...]] = {}
    unsure: Mapping[str, tuple[float, ...]] = {}
    centre: tuple[float, ...] = ()
    variance: tuple[float, ...] = ()


def persons_fit(rounds: Sequence[Round], cues: Sequence[LensCue]) -> dict[str, tuple[float, ...]]:
    """Return each participant's weights, drawn towards the group's as far as their own rounds say little (see `persons`)."""
    return dict(persons(rounds, cues).weights)


def persons(rounds: Sequence[Round], cues: Sequence[LensCue]) -> Persons:
    """Return how each participant weighs the cues, drawn towards the group as far as their own rounds say little.

    Empirical Bayes: a Gaussian over people, its mean and variances found by EM with Laplace's approximation.
    """
    mine = usable(rounds, cues)
    if not mine or not cues:
        return Persons()
    advice = any(each.ai_shown for each in mine)
    x, targets = design(mine, cues, advice), answered(mine)
    at: defaultdict[str, list[int]] = defaultdict(list)
    for n, each in enumerate(mine):
        at[each.participant].append(n)
    centre = fit(x, targets).weights
    variance = before = np.full(x.shape[2], 1.0)
    fits: dict[str, Fitted] = {}
    for _ in range(TURNS):
        before = variance
        fits = {name: fit(x[rows], targets[rows], centre, 1 / variance) for name, rows in sorted(at.items())}
        weights = np.array([each.weights for each in fits.values()])
        centre = weights.mean(axis=0)
        spread = np.array([np.diag(each.covariance) for each in fits.values()])
        variance = np.maximum((spread + (weights - centre) ** 2).mean(axis=0), LEAST)
    return Persons(
        weights={name: _floats(each.weights) for name, each in fits.items()},
        unsure={name: _floats(np.diag(each.covariance)) for name, each in fits.items()},
        centre=_floats(centre), variance=_floats(before),
    )  # fmt: skip


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def confounder_pull(rounds: Sequence[Round], cue: LensCue) -> Estimate:
    """Return how much likelier the confounder's class is answered than another wrong one, where it points at a wrong class.

    P(answer = its class) - P(another wrong class) / (K - 2): 0 where it has no pull, 1 where it always wins. Needs K > 2.
    """
    mine = [each for each in usable(rounds, [cue]) if each.truth in each.options]
    wrong = [each for each in mine if (v := int(each.scene[cue.name] or 0)) >= 0 and each.options[v] != each.truth]
    if not wrong:
        return undefined("in no round does the confounder point at a wrong class", len(mine))
    classes = len(wrong[0].options)
    if classes < 3:
        return undefined("with two classes no other wrong class can be compared with", len(wrong))
    pulled = share([each.final == each.options[int(each.scene[cue.name] or 0)] for each in wrong], "")
    missed = share([each.final != each.truth for each in wrong], "").value - pulled.value
    return Estimate(pulled.value - missed / (classes - 2), None, None, len(wrong))


def answered(rounds: Sequence[Round]) -> Floats:
    """Return what was answered (round, class), 1 and 0; rounds must be `usable`."""
    options = rounds[0].options
    return np.array([[float(each.final == option) for option in options] for each in rounds])


def _observed(rounds: Sequence[Round], cues: Sequence[LensCue], field: str, what: str) -> LensFit:
    seen = {each.specimen + "/" * (field == "probabilities") + each.model * (field == "probabilities"): each
            for each in rounds if len(getattr(each, field)) == len(each.options) > 0
            if all(isinstance(each.scene.get(cue.name), int | float) for cue in cues)}  # fmt: skip
    mine = [seen[name] for name in sorted(seen)]
    if not mine or not cues:
        return LensFit(
            why_undefined=f"{what} are known in no round" if field == "probabilities" else f"{what} is not known"
        )
    targets: Floats = np.array([getattr(each, field) for each in mine], dtype=np.float64)
    targets /= targets.sum(axis=1, keepdims=True)
    fitted = fit(design(mine, cues, advice=False), targets)
    return _told(fitted, tuple(cue.name for cue in cues), len(mine), mine[0].options, None)


def _told(fitted: Fitted, names: tuple[str, ...], n: int, options: Sequence[str], spread: Floats | None) -> LensFit:
    sizes = {name: abs(float(w)) for name, w in zip(names, fitted.weights, strict=True) if name != ADVICE}
    total = sum(sizes.values())
    return LensFit(
        names=names,
        weights=tuple(float(w) for w in fitted.weights),
        low=() if spread is None else tuple(float(w) for w in fitted.weights - spread),
        high=() if spread is None else tuple(float(w) for w in fitted.weights + spread),
        shares={name: size / total for name, size in sizes.items()} if total else {},
        consistency=consistency_of(fitted.loglik, n, len(options)),
        rounds=n,
    )


def consistency_of(loglik: float, n: int, classes: int) -> float | None:
    """Return McFadden's R2 of n answers against drawing among the classes, not below 0; None with one class."""
    return max(0.0, 1 + loglik / (n * float(np.log(classes)))) if classes > 1 else None


def matching_of(x: Floats, weights: Floats, ideal: LensFit) -> float | None:
    """Return the correlation of the weights' probabilities with the ideal ones; None without an ideal, or without variation."""
    if ideal.why_undefined:
        return None
    ours, theirs = probabilities(x, weights).ravel(), probabilities(x, np.array(ideal.weights)).ravel()
    if min(float(ours.std()), float(theirs.std())) < 1e-12:
        return None
    return float(np.corrcoef(ours, theirs)[0, 1])
