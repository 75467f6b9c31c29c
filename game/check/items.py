"""Items: the sets can be drawn from the pack, and everything that is shown with them is there."""

from __future__ import annotations

from collections.abc import Iterator

from game.cells import cells
from game.check.names import near, placed, unknown
from game.compile import Names, plan
from game.condition import Condition
from game.drafts import Draft
from game.extras import candidates_of, needs_of
from game.items import ItemSet
from game.maps import method_key
from game.pack import Manifest, Specimen
from game.sets import TooFew, as_compared, draw_sets, wrong_of
from game.strict import Problem
from game.study import Study
from game.tables import phases_of


def set_problems(study: Study, manifest: Manifest) -> list[Problem]:
    """Return what is wrong with the sets by themselves."""
    found = [problem for i, items in enumerate(study.set) for problem in _set(items, f"set[{i}]", manifest)]
    for i, items in enumerate(study.set):
        if items.highlight and study.lab is None:
            what = "which parts two methods highlight is known from results of coplay compare"
            found.append(Problem(f"set[{i}].highlight", 0, what, "name their folder: [lab] results = ..."))
        if items.disagree and not any(as_compared(s, study.lab).disagreement is not None for s in manifest.specimens):
            what = "it is not known how far the methods disagree on the specimens"
            found.append(Problem(f"set[{i}].disagree", 0, what, "name results of coplay compare: [lab] results = ..."))
    return found


def _set(items: ItemSet, at: str, manifest: Manifest) -> Iterator[Problem]:
    known = {s.id for s in manifest.specimens}
    for name in items.specimens:
        if name not in known:
            yield Problem(f"{at}.specimens", 0, f"the pack has no specimen {name!r}", near(name, known))
    if not items.specimens and items.n < 1:
        yield Problem(f"{at}.n", 0, f"set {items.name!r} is empty", "give `specimens` or `n`")
    if items.specimens and items.fresh:
        yield Problem(f"{at}.fresh", 0, "listed specimens cannot be drawn anew", "give `n` instead of `specimens`")
    if items.split not in {s.split for s in manifest.specimens}:
        splits = {s.split for s in manifest.specimens}
        yield Problem(f"{at}.split", 0, f"the pack has no split {items.split!r}", near(items.split, splits))
    yield from _errors(items, at, manifest)
    contexts = {context.key: {v.key for v in context.values} for context in manifest.contexts}
    for key, value in items.context.items():
        yield from unknown(f"{at}.context", "context of the pack", key, contexts)
        if key in contexts:
            yield from unknown(f"{at}.context", f"value of {key}", value, contexts[key])
    if items.bins < 1:
        yield Problem(f"{at}.bins", 0, f"{items.bins} bins are none", "give 1 or more")


def _errors(items: ItemSet, at: str, manifest: Manifest) -> Iterator[Problem]:
    wrong = wrong_of(items)
    rate = items.error_rate
    if not isinstance(rate, str) and not 0 <= rate <= 1:
        yield Problem(f"{at}.error_rate", 0, f"{rate} is no share", 'give a number from 0 to 1, "rare" or "chance"')
        return
    if wrong >= 0 and not items.specimens and items.model not in manifest.models:
        key = "ai_wrong" if items.ai_wrong >= 0 else "error_rate"
        yield Problem(f"{at}.model", 0, f"`{key}` needs the model", near(items.model, manifest.models))
    if wrong > items.n > 0:
        yield Problem(f"{at}.ai_wrong", 0, f"{wrong} of {items.n} cannot be wrong", "lower `ai_wrong`")
    if items.none_first and wrong + items.none_first > max(items.n, len(items.specimens)):
        what = f"{wrong} errors do not fit after the first {items.none_first} of {items.n} rounds"
        yield Problem(f"{at}.none_first", 0, what, "lower one of them")
    if (items.pairs or items.square) and items.second not in set(manifest.models) - {items.model}:
        others = set(manifest.models) - {items.model}
        yield Problem(f"{at}.second", 0, "pairs need two models of the pack", near(items.second, others))
    if items.square and not items.pairs:
        what = "a square needs pictures on which exactly one of two models is right"
        yield Problem(f"{at}.square", 0, what, "set pairs = true")
    if items.square and items.fresh:
        what = "a square crosses the same pictures with the conditions, so they are drawn once for the study"
        yield Problem(f"{at}.fresh", 0, what, "set fresh = false")
    if items.square and wrong < 1:
        yield Problem(f"{at}.ai_wrong", 0, "a square needs to know how many are wrong", "give `ai_wrong`")


def item_problems(study: Study, manifest: Manifest) -> list[Problem]:
    """Return what the pack lacks for the sets, for what the conditions show with them, and for the plans as a whole."""
    try:
        sets = draw_sets(study, manifest)
    except TooFew as error:
        at = next((f"set[{i}]" for i, s in enumerate(study.set) if repr(s.name) in str(error)), "set")
        return [Problem(at, 0, str(error), "make the sets smaller or the pack larger")]
    found: list[Problem] = []
    for at, c in placed(study):
        names = dict.fromkeys(name for phase in phases_of(study, c.name) for name in phase.sets)
        played = {s.id: s for name in names for s in sets[name]}
        lacking = [problem for s in played.values() if (problem := _lacks(c, at, s, manifest))]
        found += lacking[:1]
    if found:
        return found
    try:
        for cell in cells(study)[:1]:
            plan(study, manifest, Names("", "", "", {}), cell, "check")
    except TooFew as error:
        name = str(error).partition("'")[2].partition("'")[0].rpartition("/")[2]
        at = next((f"task[{i}].n" for i, task in enumerate(study.task) if task.name == name), "task")
        return [Problem(at, 0, str(error), "make the gallery smaller or the pack larger")]
    return []


def _lacks(c: Condition, at: str, s: Specimen, manifest: Manifest) -> Problem | None:
    """Return what a specimen lacks for a condition, or None."""
    if c.advice == "none":
        return None
    fix = "rebuild the pack or choose other specimens"
    for model in (c.model, c.second) if needs_of(c.workflow) == "second" else (c.model,):
        if model not in s.advice:
            return Problem(at, 0, f"specimen {s.id} has no answer of {model}", fix)
        key = method_key(manifest, c.explanation, c.rendering)
        if c.explanation and key not in s.explanations.get(model, {}):
            return Problem(at, 0, f"specimen {s.id} has no {key} of {model}", fix)
    draft = Draft(c, s, c.model)
    kinds = len(candidates_of(draft, manifest)) if c.explanation else 0
    if needs_of(c.workflow) == "candidates" and kinds < c.candidates:
        what = f"specimen {s.id} has maps for {kinds} classes, {c.candidates} are offered"
        return Problem(f"{at}.candidates", 0, what, "lower `candidates`, or build the pack with more models")
    if needs_of(c.workflow) == "parts" and "why_not" in c.parts and kinds < 2:
        what = f'specimen {s.id} has a map for one class only, so "why not" has no answer'
        return Problem(f"{at}.parts", 0, what, 'leave "why_not" out, or build the pack with more models')
    return None
