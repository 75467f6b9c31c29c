"""The methods paragraph and the references, written from what was run: no sentence stands for a step that was not made."""

from __future__ import annotations

import re
from html import escape

from game.measures.modes import FLOOR_MS, NOTICE, PACE, PACED
from game.questionnaire import Questionnaire
from game.registry import measure, questionnaire
from server.report.figures.draw import count, listing
from server.report.page.story import MEASURES, Story, registered
from server.report.page.tables import WORDS
from server.report.plate import Html
from server.version import version

PROTOCOLS = {
    "alone": "decided alone",
    "one_stage": "saw the AI's suggestion and then answered once",
    "two_stage": "answered first, saw the suggestion, and could revise",
    "on_request": "could ask for the suggestion",
    "delegation": "could leave the case to the AI",
    "other": "worked in another form",
}


def methods(story: Story) -> Html:
    """Return the methods section with its references."""
    parts = [_people(story), _conditions(story), _measures(story), _inference(story), _lens(story), _software(story)]
    body = "".join(f"<p>{part}</p>" for part in parts if part)
    cites = "".join(f"<li>{link(text)}</li>" for text in references(story))
    return Html(f'<div class="prose"><h3>Methods</h3>{body}<h3>References</h3><ol>{cites}</ol></div>')


def _people(story: Story) -> str:
    who = "simulated participants" if story.simulated else "participants"
    people = {each.participant for arm in story.arms for each in arm.rounds}
    specimens = {each.specimen for arm in story.arms for each in arm.rounds}
    opened = f" of {len(story.gathered.sessions):,} who opened the study" if story.gathered.sessions else ""
    probes = sum(bool(each.probe) for each in story.rounds)
    more = (
        f" {probes:,} probe rounds (twins, conflicts, checks) are not scored and are in no accuracy or reliance."
        if probes
        else ""
    )
    return (
        f"{len(people):,} {who}{opened} were analysed, with"
        f" {count(sum(len(arm.rounds) for arm in story.arms), 'scored round')} on {count(len(specimens), 'specimen')}."
        " Everybody who was assigned and played is analysed in the condition they were assigned to, whether or not"
        f" they finished; nobody was excluded by what they did after the assignment.{more}"
    )


def _conditions(story: Story) -> str:
    told: list[str] = []
    for arm in story.arms:
        rounds = arm.rounds
        model = listing(sorted({each.model for each in rounds if each.model and not arm.alone}))
        method = listing(sorted({each.method for each in rounds if each.method and each.explanation_shown}))
        known = [bool(each.ai_correct) for each in rounds if each.ai_correct is not None]
        right = f", the AI right in {100 * sum(known) / len(known):.0f}% of rounds" if known and not arm.alone else ""
        told.append(
            f"<b>{escape(arm.label)}</b>: people {PROTOCOLS[arm.group.protocol]}"
            + (f"; model {escape(model)}{right}" if model or right else "")
            + (f"; explained by {escape(method)}" if method else "")
        )
    return "Conditions. " + "; ".join(told) + ". Rounds of different protocols are never pooled."


def _measures(story: Story) -> str:
    shown = [name for name in MEASURES if any(story.row(name, at).defined for at in range(len(story.arms)))]
    names = listing([WORDS[name].removesuffix(", %").removesuffix(", ms") for name in shown])
    modes = (
        f" A round counts as engaged in the readings of modes when it took at least {FLOOR_MS / 1000:g} s and {PACE:g}"
        f" of the person's median time in the rounds alone (with at least {PACED} of them), or a choice was changed, or"
        f" the guide or zoom was used; the same rule holds in every condition. {NOTICE}"
        if any(not arm.alone for arm in story.arms)
        else ""
    )
    return (
        f"Measures, by person and then over people: {escape(names)}. What is undefined for a person is left out and"
        f" counted, never set to zero.{modes}"
    )


def _inference(story: Story) -> str:
    b = story.bootstrap
    text = (
        f"Intervals of means are {b.confidence:.0%} percentile intervals of {b.resamples:,} draws of participants with"
        f" all their rounds (seed {b.seed})."
    )
    used = list(dict.fromkeys(each.method for each in story.effects if each.defined and each.method))
    if used:
        adjusted = list(dict.fromkeys(each.adjustment for each in story.effects if each.adjustment))
        text += f" Effects: {escape('; '.join(used))}." + (
            f" Several tests: {escape('; '.join(adjusted))}." if adjusted else ""
        )
    margins = sorted(
        {
            (each.outcome, each.equivalence.margin, each.equivalence.declared)
            for each in story.effects
            if each.equivalence is not None
        }
    )
    if margins:
        told = listing(
            [
                f"{name.replace('_', ' ')} {margin:g}{'' if declared else ' (our default)'}"
                for name, margin, declared in margins
            ]
        )
        text += f" Equivalence by two one-sided tests, margins: {escape(told)}."
    return text


def _lens(story: Story) -> str:
    kinds = sorted({each.probe for each in story.rounds if each.probe in ("evidence", "advice")})
    if not kinds:
        return ""
    return (
        f"The lens. {listing(kinds).capitalize()} twins differ from their originals in one thing; which version came"
        " was drawn with equal chances for everybody, so the responses are randomised contrasts. Cue weights are those"
        " of a logistic model of answers with a small ridge penalty, intervals robust to dependence within"
        " participants."
    )


def _software(story: Story) -> str:
    lab = f" Scores of maps by coplay compare ({escape(story.lab.summary.created_by)})." if story.lab else ""
    return (
        f"Computed by coplay {version()} with NumPy, pandas, SciPy and statsmodels; figures by matplotlib.{lab}"
        " <code>analysis/analysis.py</code> computes every number of the figures and tables again from"
        " <code>data/</code>, without coplay."
    )


def references(story: Story) -> list[str]:
    """Return what the report rests on: sources of the measures that have values, of the methods, questionnaires and data."""
    used: dict[str, list[str]] = {}
    for name in MEASURES:
        for at, arm in enumerate(story.arms):
            if story.row(name, at).defined:
                _cite(used, registered(name, arm))
    if any(each.probe in ("evidence", "advice") for each in story.rounds):
        _cite(used, "response_to_evidence")
    if any(each.handover_offered for each in story.rounds):
        _cite(used, "handover_survival")
    for each in story.effects:
        if each.defined and each.cite:
            used.setdefault(each.cite, []).append(each.method)
    found = [f"{cite}: {listing(list(dict.fromkeys(words)))}" for cite, words in used.items()]
    asked = {each.item.split(".")[1] for each in story.gathered.said if each.item.count(".") >= 2}
    for entry in questionnaire:
        made: Questionnaire = entry.thing
        if entry.name in asked:
            found.append(f"{made.citation} {made.doi}".strip())
    if story.lab:
        found += [
            f"{method.cite}: {method.key}" for method in story.lab.summary.methods if method.cite and not method.control
        ]
    if cite := story.gathered.facts.get("cite"):
        found.append(f"Data: {cite}")
    return list(dict.fromkeys(found))


def _cite(used: dict[str, list[str]], name: str) -> None:
    """Note the source of a measure, with the authors that its description names."""
    entry = measure[name]
    who = re.search(r"\(([^()]*\d{4})\)", (entry.thing.__doc__ or "").split("\n", maxsplit=1)[0])
    if entry.info["cite"]:
        used.setdefault(entry.info["cite"], []).append(f"{name}" + (f" ({who[1]})" if who else ""))


def link(text: str) -> str:
    """Return a reference with its DOI or arXiv id as an address (nothing is fetched until somebody follows it)."""
    doi = re.search(r"\b10\.\d{4,9}/\S+", text)
    paper = re.search(r"\barXiv:(\d{4}\.\d{4,5})", text, re.IGNORECASE)
    if doi:
        name = doi[0].rstrip(".,;:")
        return (
            escape(text[: doi.start()])
            + f'<a href="https://doi.org/{escape(name)}">{escape(name)}</a>'
            + escape(text[doi.start() + len(name) :])
        )
    if paper:
        return (
            escape(text[: paper.start()])
            + f'<a href="https://arxiv.org/abs/{paper[1]}">arXiv:{paper[1]}</a>'
            + escape(text[paper.end() :])
        )
    return escape(text)
