"""Tables of stages: what a study's conditions, tasks and pages become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from game.condition import Condition
from game.crossing import conditions_of
from game.cues import Cues
from game.pack import Manifest
from game.page_options import Disclosure, PageOptions
from game.phase import Branch, Phase, Task
from game.plan import Payoff
from game.registry import workflow
from game.stages import Amount, AnsweredIn, CountCorrect, Stage, When
from game.study import Study

FREE = ".free"
"""Ends the name of a payoff whose price of handing over is not in force."""

TOLD = ("both", "human")
"""Sides of a context of which the person is one."""

SAME = tuple(set(Cues.__struct_fields__) & set(Condition.__struct_fields__) - {"explanation", "context", "shadow"})
"""Switches that have one name and one meaning in the study file and in a workflow."""


def cues_of(study: Study, condition: Condition) -> Cues:
    """Return what the workflow of a condition is built with."""
    return Cues(
        **{field: getattr(condition, field) for field in SAME},
        explanation=bool(condition.explanation),
        gate_ms=study.gate_ms,
        context=any(who in TOLD for who in condition.context.values()),
        payoff=payoff_of(study, condition),
        shadow=condition.shadow > 0,
        initial=condition.probe_initial > 0,
    )


def payoff_of(study: Study, condition: Condition) -> str:
    """Return the name of the payoff in force, as the plan knows it: without the price of handing over where it is free."""
    rule = next((rule for rule in study.payoff if rule.name == condition.stakes), None)
    free = rule is not None and rule.delegated and condition.effort != "priced"
    return f"{condition.stakes}{FREE}" if free else condition.stakes


def payoffs_of(study: Study, names: Iterable[str]) -> dict[str, Payoff]:
    """Return the payoff rules of these names, as plans carry them."""
    rules = {rule.name: rule.rule for rule in study.payoff}
    return {
        name: replace(rules[name.removesuffix(FREE)], delegated=0) if name.endswith(FREE) else rules[name]
        for name in dict.fromkeys(names)
        if name.removesuffix(FREE) in rules
    }


def table_of(study: Study, condition: Condition) -> tuple[Stage, ...]:
    """Return the stages of a condition's rounds."""
    return workflow[condition.workflow].thing(cues_of(study, condition))


def condition_of(task: Task) -> Condition:
    """Return the condition that a task is played in."""
    return Condition(
        name=task.name,
        workflow=task.kind,
        advice="label",
        model=task.model,
        second=task.second,
        explanation=task.explanation,
        rendering=task.rendering,
        feedback="both" if task.truth else "none",
        stakes=task.stakes,
        suspects=task.suspects,
    )


def when_of(branches: tuple[Branch, ...]) -> tuple[When, ...]:
    """Return the predicates of a phase."""
    return tuple(when for branch in branches for when in _when(branch))


def _when(branch: Branch) -> Iterator[When]:
    if branch.correct_in:
        if branch.least is not None:
            yield CountCorrect(branch.correct_in, int(branch.least))
        if branch.under is not None:
            yield CountCorrect(branch.correct_in, int(branch.under), under=True)
        return
    if branch.values:
        yield AnsweredIn(branch.answered, branch.values)
    if branch.least is not None:
        yield Amount(branch.answered, branch.least)
    if branch.under is not None:
        yield Amount(branch.answered, branch.under, under=True)


def options_of(study: Study, manifest: Manifest, seed: str = "") -> PageOptions:
    """Return what the study says of its pages; `seed` is the participant's."""
    known = conditions_of(study).values()
    numbers = attention_numbers(study)
    return PageOptions(
        seed=seed,
        ai=any(condition.advice != "none" for condition in known),
        width=study.window[0],
        height=study.window[1],
        device=study.device,
        boxes=study.consent,
        trust=study.trust,
        attention=numbers,
        attention_least=study.attention_least or len(numbers),
        arrangements=next((c.arrangements for c in known if c.workflow == "arrangement"), PageOptions().arrangements),
        disclose=disclosures(study, manifest),
        page=study.page,
    )


def attention_numbers(study: Study) -> tuple[int, ...]:
    """Return the numbers of the attention pages that a study uses, as pages or as probes (then all three)."""
    pages = {page for phase in study.phase for page in phase.pages}
    probes = {probe.name: probe.page or probe.name for probe in study.probe}
    if any(probes.get(name) == "attention" for phase in study.phase for name in phase.probes):
        return (1, 2, 3)
    return tuple(n for n in (1, 2, 3) if f"attention-{n}" in pages)


def disclosures(study: Study, manifest: Manifest) -> tuple[Disclosure, ...]:
    """Return what the debrief has to tell: something untrue, maps that explain nothing, rounds made for the study."""
    made: list[Disclosure] = []
    if study.deception:
        made.append("deception")
    shown = {condition.explanation for condition in played_conditions(study)}
    if any(manifest.methods.get(name, {}).get("family") == "control" for name in shown if name):
        made.append("sham")
    if study.lens is not None or any(phase.catch for phase in study.phase):
        made.append("probes")
    return tuple(made)


def played_conditions(study: Study) -> list[Condition]:
    """Return the conditions that a phase plays, those of "*" included."""
    listed = {name for phase in study.phase for name in phase.blocks}
    plain = {condition.name for condition in study.condition}
    return [c for name, c in conditions_of(study).items() if name in listed or ("*" in listed and name not in plain)]


def phases_of(study: Study, condition: str) -> list[Phase]:
    """Return the phases that play a condition."""
    crossed = condition not in {one.name for one in study.condition}
    return [phase for phase in study.phase if condition in phase.blocks or (crossed and "*" in phase.blocks)]


def prices_of(study: Study) -> Mapping[float, None]:
    """Return all prices of arrangements, each once, in order."""
    return dict.fromkeys(price for phase in study.phase for price in phase.prices)
