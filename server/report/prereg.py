"""Drafting a preregistration: what the study file, the pack and the design say of a study, before it is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from game.canonical import Digest
from game.condition import Condition
from game.crossing import conditions_of
from game.design import Arm, Design
from game.measures.modes import Rule
from game.registry import workflow
from game.study import Study
from server.report.columns import NAMES
from server.report.inference.exclusions import LEAVE_OUT
from server.report.inference.outcomes import OUTCOMES, Outcome, outcome_of
from server.report.planned import Planned, PlannedArm, PlannedPower, PlannedTest

ADVISED = ("ai_shown", "decided_by", "delegated", "handed_over")
"""Fields that tell whether the person answered with the AI's suggestion on the screen."""
READS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "accuracy": (("correct",), "scored rounds with a final answer"),
    "over_reliance": (("followed", "ai_correct", *ADVISED), "scored rounds in which a wrong suggestion was seen and answered"),
    "under_reliance": (("followed", "ai_correct", *ADVISED), "scored rounds in which a right suggestion was seen and answered"),
    "dprime": (("followed", "ai_correct", *ADVISED), "scored rounds in which a suggestion was seen and answered"),
    "criterion": (("followed", "ai_correct", *ADVISED), "scored rounds in which a suggestion was seen and answered"),
    "agreement": (("followed", *ADVISED), "scored rounds in which a suggestion was seen and answered"),
    "switch": (("own", "ai", "final", *ADVISED), "scored rounds in which the first answer differed from the suggestion"),
    "rair": (("own_correct", "ai_correct", "correct", *ADVISED), "scored rounds with a wrong first answer and a right suggestion"),
    "rsr": (("own_correct", "ai_correct", "correct", *ADVISED), "scored rounds with a right first answer and a wrong suggestion"),
    "delegation": (("delegated", "delegation_offered", "handed_over"), "scored rounds in which delegating was offered"),
    "handover": (("handed_over", "handover_offered"), "scored rounds in which handing over was offered or in force"),
    "request": (("requested", "request_offered"), "scored rounds in which the AI could be asked"),
    "time": (("total_ms", "decided_by", "timed_out"), "scored rounds that the person decided in time"),
    "confidence": (("final_confidence",), "scored rounds in which confidence was asked"),
    "trust": (("trust",), "scored rounds after which trust was asked"),
}  # fmt: skip
"""Outcome -> the fields of a round that it reads, and the rounds that count."""
BY_PROTOCOL: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "one_stage": (("over_reliance", "accuracy"), ("under_reliance", "dprime", "criterion", "time")),
    "two_stage": (("over_reliance", "accuracy"), ("rair", "rsr", "under_reliance", "dprime", "criterion", "time")),
    "on_request": (("over_reliance", "accuracy"), ("request", "under_reliance", "time")),
    "delegation": (("delegation", "accuracy"), ("time",)),
}
"""Protocol -> outcomes that are confirmatory, and exploratory ones, where the caller names none."""


def plan_of(
    study: Study, design: Design, digests: tuple[Digest, Digest], coplay: str, frozen: int, *,
    outcomes: Sequence[str] = (), reference: str = "", margins: Mapping[str, float] | None = None,
    power: Sequence[PlannedPower] = (), alpha: float = 0.05,
) -> Planned:  # fmt: skip
    """Return the preregistration of a study as data.

    Args:
        study: As read.
        design: Of that study (`game.design`).
        digests: Of the study file and of the manifest.
        coplay: Version of the program.
        frozen: Version in the lock; 0 where it is not frozen.
        outcomes: Confirmatory ones; empty: those that fit the workflows. Raises LookupError for unknown ones.
        reference: Condition that all others are compared with; empty: the first one with an AI and no explanation.
        margins: Outcome -> smallest difference that matters, instead of our defaults.
        power: What the planned number of people finds.
        alpha: Level of the tests.
    """
    known = conditions_of(study)
    arms = [arm for arm in design.arms if arm.rounds]
    return Planned(
        coplay=coplay, study=study.name, digest=digests[0], manifest=digests[1], frozen=frozen, n=design.n,
        stopping=stopping(study, design), alpha=alpha,
        arms=tuple(_arm(arm, known[arm.condition]) for arm in arms if arm.condition in known),
        tests=planned_tests(arms, known, outcomes, reference, margins or {}), exclusions=exclusions(study), power=tuple(power),
        rules=tuple((rule.name, rule.limit) for rule in LEAVE_OUT), modes=msgspec.structs.asdict(Rule()), besides=besides(study),
        file=_file(study),
    )  # fmt: skip


def _file(study: Study) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(study)
    return msgspec.json.decode(msgspec.json.encode(made))


def columns_of(outcome: str) -> tuple[str, ...]:
    """Return the published columns that an outcome reads, with those that name person, item and condition."""
    fields = ("participant", "specimen", "condition", "scored", *READS[outcome][0])
    return tuple(dict.fromkeys(NAMES.get(field, field) for field in fields))


def _arm(arm: Arm, condition: Condition) -> PlannedArm:
    return PlannedArm(
        condition=arm.condition, workflow=arm.workflow, protocol=str(workflow[arm.workflow].info["protocol"]),
        model=condition.model if condition.advice != "none" else "", method=condition.explanation,
        rounds=arm.rounds, ai_wrong=arm.ai_wrong, share=round(arm.share, 4),
    )  # fmt: skip


def planned_tests(
    arms: Sequence[Arm], known: Mapping[str, Condition], outcomes: Sequence[str], reference: str,
    margins: Mapping[str, float],
) -> tuple[PlannedTest, ...]:  # fmt: skip
    """Return the planned tests: every condition with an AI against the reference, outcome by outcome."""
    advised = [arm for arm in arms if arm.ai_right is not None and arm.condition in known]
    names = [arm.condition for arm in arms]
    if reference and reference not in names:
        raise LookupError(f"no condition is called {reference!r}: {', '.join(names)}")
    for name in (*outcomes, *margins):
        outcome_of(name)
    bare = [arm.condition for arm in advised if not known[arm.condition].explanation]
    first = reference or next(iter([*bare, *(arm.condition for arm in advised)]), "")
    made: list[PlannedTest] = []
    for arm in advised:
        if arm.condition == first:
            continue
        protocol = str(workflow[arm.workflow].info["protocol"])
        sure, rest = BY_PROTOCOL.get(protocol, (("accuracy",), ("time",)))
        for name in outcomes or sure:
            made.append(_test(OUTCOMES[name], arm.condition, first, margins, sure=True))
        for name in rest:
            if name not in (outcomes or sure):
                made.append(_test(OUTCOMES[name], arm.condition, first, margins, sure=False))
    return tuple(sorted(made, key=lambda test: test.family))


def _test(outcome: Outcome, contrast: str, reference: str, margins: Mapping[str, float], *, sure: bool) -> PlannedTest:
    scale = {"share": "difference", "time": "ratio", "number": "points", "signal": "d'"}[outcome.kind]
    return PlannedTest(
        outcome=outcome.name, columns=columns_of(outcome.name), where=READS[outcome.name][1], contrast=contrast,
        reference=reference, family="confirmatory" if sure else "exploratory",
        margin=margins.get(outcome.name, outcome.margin) or None,
        declared=outcome.name in margins,
        margin_scale="criterion" if outcome.name == "criterion" else scale,
    )  # fmt: skip


def besides(study: Study) -> tuple[str, ...]:
    """Return what the design measures beside comparisons of conditions: arrangements that people choose, and the lens."""
    made: list[str] = []
    if any(phase.arrangement != "none" for phase in study.phase):
        made.append(
            "arrangement chosen before each block (column `arrangement`): the share of blocks in which people have the AI instead"
            " of themselves (`arrangement_ai_instead`), the primary measure of substitution, by condition"
        )
    if study.lens:
        made += [
            "response to the evidence (`response_to_evidence`): how far answers follow the picture where a cue of it is flipped",
            "response to the advice (`response_to_advice`): how far answers follow the AI where only its answer is another",
            "cue weights of people, by condition, beside those of the model and of the ideal observer (figure F00)",
        ]
    return tuple(made)


def stopping(study: Study, design: Design) -> str:
    """Say when no more people are taken; never by results."""
    if not design.n:
        return "The study file gives no n: write here when data collection ends, independent of results."
    cells = f", equally many in each of {design.cells} cells of the design" if design.cells > 1 else ""
    quotas = "; quotas: " + ", ".join(quota.name for quota in study.quota) if study.quota else ""
    return (
        f"Data collection ends when {design.n} participants have been placed and have not given their place back{cells}{quotas}. "
        "Nobody looks at results before that."
    )


def exclusions(study: Study) -> tuple[str, ...]:
    """Return who is kept out, each by what happens before any condition is met; the study itself applies these."""
    made: list[str] = ["no consent: the session closes with the outcome no_consent, without data"]
    for phase in study.phase:
        if phase.quiz:
            right = f"fewer than {phase.right} of" if phase.right else "not all of"
            made.append(
                f"{right} {len(phase.quiz)} comprehension questions right after {phase.attempts} attempts: failed_comprehension"
            )
        if phase.gate and phase.until:
            made.append(f"fewer than {phase.until} right answers in the practice {phase.name!r}: failed_comprehension")
    if study.attention_least:
        made.append(
            f"fewer than {study.attention_least} attention pages right, where the study closes for it: failed_attention"
        )
    return tuple(made)
