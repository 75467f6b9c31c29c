"""What a study takes from results of `coplay compare`: filled into the study when it is opened, so that one file tells it all.

A wrong name is a problem with its path; a method that fails sanity is one too, unless the study says that it is a placebo.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from game.canonical import Digest
from game.check.names import near
from game.condition import Condition, Factor, Level
from game.items import FromLab
from game.lab import Item, Items
from game.pairing import MethodPair, Pairings, alike, pick
from game.strict import Problem
from game.study import Study

NAMES = ("lab:first", "lab:second")
"""What conditions write as `explanation` for the methods of the pair."""


def filled(study: Study, items: Items, pairings: Pairings, pack: Digest) -> tuple[Study, list[Problem]]:
    """Return the study with its `[lab]` filled in and its methods named, and what is wrong. `pack` is its manifest's digest.

    A study without the table comes back as it is.
    """
    lab = study.lab
    if lab is None:
        return study, []
    found = [*_given(lab), *_where(study, lab, items, pack)]
    if found:
        return study, found
    lab = replace(lab, task=lab.task or _tasks(items, pack)[0], model=lab.model or _models(study)[0])
    known = [item for item in items.items if (item.task, item.model) == (lab.task, lab.model)]
    mine = tuple(p for p in pairings.pairs if (p.task, p.model) == (lab.task, lab.model))
    pair, found = _pair(study, lab, mine)
    if found:
        return study, found
    lab = _with_items(replace(lab, pair=pair), known)
    made = replace(study, lab=lab)
    if pair:
        made = _named(made, dict(zip(NAMES, pair, strict=True)))
    found = [*_insane(made, lab, items), *_highlights(made, lab)]
    return made, found


def _given(lab: FromLab) -> Iterator[Problem]:
    for key in ("disagreement", "differ", "same", "left_out"):
        if getattr(lab, key):
            yield Problem(f"lab.{key}", 0, f"`{key}` is filled in from the results", "remove it")
    if len(lab.pair) not in (0, 2) or len(set(lab.pair)) != len(lab.pair):
        yield Problem(
            "lab.pair", 0, f"a pair is two methods, not {len(lab.pair)}", 'e.g. pair = ["gradcam", "saliency"]'
        )
    if not lab.within > 0:
        yield Problem("lab.within", 0, f"{lab.within} standard deviations are no distance", "give e.g. 0.5")


def _where(study: Study, lab: FromLab, items: Items, pack: Digest) -> Iterator[Problem]:
    """Return what is wrong with task and model."""
    tasks = _tasks(items, pack)
    if lab.task and lab.task not in items.packs:
        yield Problem("lab.task", 0, f"the results have no task {lab.task!r}", near(lab.task, items.packs))
    elif not tasks or (lab.task and lab.task not in tasks):
        yield Problem(
            "lab.results", 0, "the results are about another pack than this study's", "run coplay compare on it"
        )
    elif len(tasks) > 1 and not lab.task:
        yield Problem(
            "lab.task", 0, f"the results have {len(tasks)} tasks with this pack", f"one of {', '.join(tasks)}"
        )
    models = _models(study)
    if not lab.model and len(models) != 1:
        yield Problem("lab.model", 0, f"conditions name {len(models)} models", "say in `model` whose maps are meant")
    named = lab.model or (models[0] if len(models) == 1 else "")
    known = sorted({item.model for item in items.items})
    if named and named not in known:
        yield Problem("lab.model", 0, f"the results have no model {named!r}", near(named, known))


def _tasks(items: Items, pack: Digest) -> list[str]:
    return sorted(task for task, digest in items.packs.items() if digest == pack)


def _models(study: Study) -> list[str]:
    return sorted({c.model for c in study.condition if c.model})


def _pair(study: Study, lab: FromLab, pairs: tuple[MethodPair, ...]) -> tuple[tuple[str, ...], list[Problem]]:
    """Return the pair that the study names, or that is picked where it asks for one."""
    known = {frozenset((p.first, p.second)): p for p in pairs}
    metrics = sorted({name for p in pairs for name in p.apart})
    bad = [
        Problem("lab.match", 0, f"the results have no metric {m!r}", near(m, metrics))
        for m in lab.match
        if m not in metrics
    ]
    if bad:
        return (), bad
    if not lab.pair:
        if not _asks(study):
            return (), []
        best = pick(pairs, lab.match, lab.within, sane=lab.sane)
        told = "no two methods are alike enough" if lab.match else "no two methods could be compared"
        return ((best.first, best.second), []) if best else ((), [Problem("lab.match", 0, told, "raise `within`")])
    pair = known.get(frozenset(lab.pair))
    if pair is None:
        methods = sorted({name for p in pairs for name in (p.first, p.second)})
        name = next((m for m in lab.pair if m not in methods), lab.pair[0])
        return (), [Problem("lab.pair", 0, f"the results do not compare {name!r}", near(name, methods))]
    if not alike(pair, lab.match, lab.within):
        far = ", ".join(f"{m} {pair.apart[m]:.2f}" if m in pair.apart else f"{m} undefined" for m in lab.match)
        best = pick(pairs, lab.match, lab.within, sane=lab.sane)
        hint = f"such a pair is {best.first}, {best.second}" if best else "raise `within`"
        return (), [Problem("lab.pair", 0, f"they are not within {lab.within:g} standard deviations: {far}", hint)]
    return lab.pair, []


def _asks(study: Study) -> bool:
    """Tell whether a condition, a level or a set needs the pair."""
    given = [c.explanation for c in study.condition] + [
        v for f in study.factor for level in f.levels for v in _values(level)
    ]
    return any(name in NAMES for name in given) or any(items.highlight for items in study.set)


def _values(level: Level) -> list[object]:
    return list(level.values()) if isinstance(level, dict) else [level]


def _with_items(lab: FromLab, known: list[Item]) -> FromLab:
    left_out = {
        i.specimen: i.undefined_because or "no two maps could be compared" for i in known if i.disagreement is None
    }
    ours = [i for i in known if lab.pair and set(lab.pair) <= i.highlighted.keys()]
    differ = tuple(i.specimen for i in ours if i.highlighted[lab.pair[0]] != i.highlighted[lab.pair[1]])
    return replace(
        lab, disagreement={i.specimen: i.disagreement for i in known if i.disagreement is not None}, left_out=left_out,
        differ=differ, same=tuple(i.specimen for i in ours if i.specimen not in differ),
    )  # fmt: skip


def _named(study: Study, methods: dict[str, str]) -> Study:
    """Return the study with the methods of the pair where it says "lab:first" and "lab:second"."""

    def condition(c: Condition) -> Condition:
        return replace(c, explanation=methods.get(c.explanation, c.explanation))

    def level(value: Level) -> Level:
        if isinstance(value, dict):
            return {key: methods.get(one, one) if isinstance(one, str) else one for key, one in value.items()}
        return methods.get(value, value) if isinstance(value, str) else value

    def factor(f: Factor) -> Factor:
        labels = f.labels or (tuple(map(str, f.levels)) if f.levels != tuple(map(level, f.levels)) else ())
        return replace(f, levels=tuple(map(level, f.levels)), labels=labels)

    return replace(study, condition=tuple(map(condition, study.condition)), factor=tuple(map(factor, study.factor)))


def _insane(study: Study, lab: FromLab, items: Items) -> Iterator[Problem]:
    """Return the methods in use that fail sanity for the model that they explain."""
    failed = {
        (s.model, s.method): s.because for s in items.sanity if s.task == lab.task and s.sane is False and lab.sane
    }
    used = [(f"condition[{i}].explanation", c.model, c.explanation) for i, c in enumerate(study.condition)]
    models = {c.model for c in study.condition if c.model}
    for i, f in enumerate(study.factor):
        for level in f.levels:
            used += [(f"factor[{i}].levels", m, str(v)) for m in sorted(models) for v in _values(level)]
    for at, model, method in dict.fromkeys(used):
        if (model, method) in failed and method not in lab.placebo:
            what = f"{method!r} fails sanity for {model!r}: {failed[model, method]}"
            yield Problem(at, 0, what, "use another method; or name it in `placebo` of [lab] if that is what it is for")


def _highlights(study: Study, lab: FromLab) -> Iterator[Problem]:
    for i, items in enumerate(study.set):
        if items.highlight and not (lab.differ or lab.same):
            what = "it is not known which part the maps of the pair highlight"
            yield Problem(f"set[{i}].highlight", 0, what, "the pictures need known parts; use `disagree` instead")
