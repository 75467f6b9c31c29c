"""The forms of a preregistration in Markdown: AsPredicted's eight questions, and the OSF Prereg form (doi 10.31222/osf.io/epgjd).

What only the researchers know stands there as "TO WRITE" or "TO CONFIRM", so that it is seen and can be searched for.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.report.inference.exclusions import RULES
from server.report.inference.outcomes import OUTCOMES
from server.report.planned import Planned, PlannedArm, PlannedPower, PlannedTest

OPEN = "**TO WRITE:**"
NOTE = "<!-- Drafted by `coplay prereg`. Edit freely; prereg.json beside it is what a report is compared with. -->\n"
RANDOM = (
    "Each arriving participant gets the least filled cell of the design; specimens, their order and the places of errors are drawn "
    "from a seed for each participant. Every draw is stored with its probability."
)
NO_DATA = "**TO CONFIRM:** No, no data have been collected for this study yet (pilots, too, are data: say how many)."
MISSING = (
    "A round without an answer is missing for the outcomes that need it and stays for others. Undefined ratios stay undefined and "
    "are counted; they are never set to 0."
)


def aspredicted(plan: Planned) -> str:
    """Return the text for AsPredicted, question by question."""
    parts = (
        ("Data collection", NO_DATA),
        ("Hypothesis", _hypotheses(plan)),
        ("Dependent variable", f"{_outcomes(plan)}\n\n{_indices(plan)}"),
        ("Conditions", _arms(plan)),
        ("Analyses", _analyses(plan)),
        ("Outliers and exclusions", _exclusions(plan)),
        ("Sample size", f"{plan.stopping}\n\n{_power(plan)}"),
        ("Other", _other(plan)),
    )
    text = "\n".join(f"## {at}. {title}\n\n{body}\n" for at, (title, body) in enumerate(parts, 1))
    return f"{NOTE}\n# {plan.study}: AsPredicted\n\n{text}"


def osf(plan: Planned) -> str:
    """Return the text for the OSF Prereg form, section by section."""
    between = "between participants" if any(arm.share < 1 for arm in plan.arms) else "within participants"
    sections = (
        ("Study information", (
            ("Title", f"{OPEN} a title; the study's name in its files is `{plan.study}`."),
            ("Description", f"{OPEN} background and question."),
            ("Hypotheses", _hypotheses(plan)),
        )),
        ("Design plan", (
            ("Study type", "Experiment: participants are randomly assigned."),
            ("Blinding", "Participants do not know which other conditions there are. Answers are recorded by the program."),
            ("Study design", f"Conditions with an AI vary {between}.\n\n{_arms(plan)}"),
            ("Randomization", RANDOM),
        )),
        ("Sampling plan", (
            ("Existing data", NO_DATA),
            ("Data collection procedures", f"In the browser, by coplay {plan.coplay}. {OPEN} who is recruited, where."),
            ("Sample size", f"{plan.n} participants." if plan.n else f"{OPEN} the study file gives no n."),
            ("Sample size rationale", _power(plan)),
            ("Stopping rule", plan.stopping),
        )),
        ("Variables", (
            ("Manipulated variables", _arms(plan)),
            ("Measured variables", _outcomes(plan)),
            ("Indices", _indices(plan)),
        )),
        ("Analysis plan", (
            ("Statistical models", _analyses(plan)),
            ("Transformations", "Times are compared as ratios of geometric means; nothing else is transformed."),
            ("Inference criteria", _criteria(plan)),
            ("Data exclusion", _exclusions(plan)),
            ("Missing data", MISSING),
            ("Exploratory analysis", _tests([test for test in plan.tests if test.family == "exploratory"])),
        )),
        ("Other", (("Other", _other(plan)),)),
    )  # fmt: skip
    text = "\n".join(
        f"## {title}\n\n" + "\n".join(f"### {name}\n\n{body}\n" for name, body in items) for title, items in sections
    )
    return f"{NOTE}\n# {plan.study}: OSF Prereg\n\n{text}"


def _hypotheses(plan: Planned) -> str:
    lines = [f"{OPEN} the direction of each, and why. The confirmatory tests of this plan are about:", ""]
    for test in plan.tests:
        if test.family == "confirmatory":
            about = OUTCOMES[test.outcome].about
            lines.append(f"- {about}: `{test.contrast}` compared with `{test.reference}`")
    return "\n".join(lines)


def _outcomes(plan: Planned) -> str:
    rows = ["| outcome | what it is | rounds that count | columns |", "| --- | --- | --- | --- |"]
    for name in dict.fromkeys(test.outcome for test in plan.tests):
        test = next(test for test in plan.tests if test.outcome == name)
        columns = ", ".join(f"`{column}`" for column in test.columns)
        rows.append(f"| `{name}` | {OUTCOMES[name].about} | {test.where} | {columns} |")
    more = [f"- {each}" for each in plan.besides]
    return "\n".join([*rows, *(["", "Besides, for every condition:", "", *more] if more else [])])


def _indices(plan: Planned) -> str:
    told = "d' and criterion are parameters of a probit model of following."
    if not plan.modes:
        return f"None beyond the outcomes above; {told}"
    floor, pace, run = (plan.modes.get(name, 0.0) for name in ("floor_ms", "pace", "run"))
    return (
        f"Modes of deciding, coded by one rule in every condition: a person engaged with a suggestion where they took at least"
        f" {floor:g} ms, or {pace:g} of their own median time alone, if that is longer, or changed their choice, or looked closer;"
        f" {run:g} suggestions or more accepted without that, to the end of a block, are unconditional acceptance. Shown at half"
        f" and double the times, too. {told}"
    )


def _arms(plan: Planned) -> str:
    rows = [
        "| condition | workflow | AI | explanation | rounds per person | of them AI wrong | share of participants |"
    ]
    rows.append("| --- | --- | --- | --- | --- | --- | --- |")
    return "\n".join([*rows, *(_arm(arm) for arm in plan.arms)])


def _arm(arm: PlannedArm) -> str:
    wrong = "" if arm.ai_wrong is None else f"{arm.ai_wrong:g}"
    cells = (f"`{arm.condition}`", arm.workflow, arm.model or "none", arm.method or "none", f"{arm.rounds:g}", wrong)
    return f"| {' | '.join(cells)} | {arm.share:.0%} |"


def _analyses(plan: Planned) -> str:
    return (
        "Each outcome is compared round by round between two conditions, with standard errors clustered by participant "
        "(`subject_id`) and specimen (`stimulus_id`), as `coplay report` does by default; d' and criterion in a probit model of "
        "following with the AI's correctness. As assigned (intention to treat).\n\n"
        + _tests([test for test in plan.tests if test.family == "confirmatory"])
        + f"\n\n{_criteria(plan)}"
    )


def _tests(tests: Sequence[PlannedTest]) -> str:
    if not tests:
        return "None planned."
    rows = ["| outcome | contrast | reference | smallest difference that matters |", "| --- | --- | --- | --- |"]
    for test in tests:
        whose = "" if test.declared else "; a default of coplay, **TO CONFIRM**"
        margin = "none declared" if test.margin is None else f"{test.margin:g} ({test.margin_scale}{whose})"
        rows.append(f"| `{test.outcome}` | `{test.contrast}` | `{test.reference}` | {margin} |")
    return "\n".join(rows)


def _criteria(plan: Planned) -> str:
    return (
        f"Two-sided tests at {plan.alpha:g}; confirmatory tests are adjusted by Holm's method, exploratory ones by Benjamini and "
        f"Hochberg's. No difference is claimed only where two one-sided tests at {plan.alpha:g} lie inside the margin above."
    )


def _exclusions(plan: Planned) -> str:
    lines = "\n".join(f"- {rule}" for rule in plan.exclusions)
    return (
        "Only by what happens before a condition is met; the study itself applies these:\n\n"
        f"{lines}\n\nNobody is excluded by times or answers after the assignment. No round is an outlier.{_twice(plan)}"
    )


def _twice(plan: Planned) -> str:
    if not plan.rules:
        return ""
    told = "\n".join(f"- {RULES[name][1].format(limit=limit)}" for name, limit in plan.rules if name in RULES)
    return f" The main results are shown a second time, without people who, before the AI came, have\n\n{told}"


def _power(plan: Planned) -> str:
    if not plan.power:
        return f"{OPEN} why so many (`coplay power` simulates it)."
    return "\n".join(_found(each) for each in plan.power)


def _found(each: PlannedPower) -> str:
    return f"- {each.n} participants find {each.effect:+.0%} in `{each.outcome}` with a power of {each.power:.0%} ({each.how})."


def _other(plan: Planned) -> str:
    frozen = (
        f"frozen as version {plan.frozen}"
        if plan.frozen
        else "not frozen yet: run `coplay freeze` before the first participant"
    )
    return (
        f"Study file sha256 `{plan.digest}`, pack sha256 `{plan.manifest}`, {frozen}; coplay {plan.coplay}. "
        "Every session's log names both digests, so that a later change of the materials shows. "
        "`coplay report --against prereg.json` lists what was done otherwise than planned here."
    )
