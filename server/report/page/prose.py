"""The methods paragraph and the references, written from what was run: no sentence stands for a step that was not made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from html import escape

from game.measures.modes import FLOOR_MS, PACE, PACED
from server.report.figures.draw import count, listing
from server.report.page import posterior
from server.report.page.bibliography import link, references
from server.report.page.known import notice
from server.report.page.story import MEASURES, Story
from server.report.page.tables import WORDS
from server.report.plate import Html, Table
from server.version import version

PROTOCOLS = {
    "alone": "decided alone",
    "one_stage": "saw the AI's suggestion and then answered once",
    "two_stage": "answered first, saw the suggestion, and could revise",
    "on_request": "could ask for the suggestion",
    "delegation": "could leave the case to the AI",
    "other": "worked in another form",
}


def methods(story: Story, tables: Iterable[Table] = ()) -> Html:
    """Return the methods section with its references; `tables` are those whose methods have sources of their own."""
    parts = [_people(story), _conditions(story), _measures(story), _inference(story), _lens(story)]
    parts += [unblinding(story), _software(story)]
    body = "".join(f"<p>{part}</p>" for part in parts if part)
    cites = "".join(f"<li>{link(text)}</li>" for text in references(story, tables))
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
    if not told:
        return "No condition has a scored round."
    return "Conditions. " + "; ".join(told) + ". Rounds of different protocols are never pooled."


def _measures(story: Story) -> str:
    shown = [name for name in MEASURES if any(story.row(name, at).defined for at in range(len(story.arms)))]
    names = (
        "none has a value here"
        if not shown
        else listing([WORDS[name].removesuffix(", %").removesuffix(", ms") for name in shown])
    )
    modes = (
        f" A round counts as engaged in the readings of modes when it took at least {FLOOR_MS / 1000:g} s and {PACE:g}"
        f" of the person's median time in the rounds alone (with at least {PACED} of them), or a choice was changed, or"
        f" the guide or zoom was used; the same rule holds in every condition. {notice(story.known)}"
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
        if b.resamples
        else "Means have no intervals, as no draws were asked for."
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
    return text + (f" {escape(posterior.sentence(story))}" if story.bayes else "")


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
        f" <code>data/</code>, without coplay{', but those of T17' if story.bayes else ''}."
    )


def unblinding(story: Story) -> str:
    """Say when the researchers came to know the conditions, as they state it: no log can tell who looked."""
    if not story.unblinded:
        return "" if story.simulated else (
            "When the researchers first saw results by condition is not in the log, and was not stated (<code>--unblinded</code>)."
        )  # fmt: skip
    told = f"As the researchers state, they first saw results by condition on {day(story.unblinded)}"
    times = [each.started_at for each in story.rounds if each.started_at]
    if not times:
        return f"{told}; when the rounds were played is not known."
    last = datetime.fromtimestamp(max(times) / 1e6, UTC).date()
    later = sum(datetime.fromtimestamp(at / 1e6, UTC).date() > story.unblinded for at in times)
    after = (
        f"{later:,} of {len(times):,} rounds were played after that day"
        if later
        else "no round was played after that day"
    )
    return f"{told}; the last round was played on {day(last)}, and {after}."


def day(at: date) -> str:
    """Return a day as it is read, e.g. "3 May 2027"."""
    return f"{at.day} {at:%B %Y}"
