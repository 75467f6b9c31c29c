"""The head of a report: a summary in plain words claiming no more than the intervals, and what to know first."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from html import escape

from game.measures.team import Side
from server.report.figures.draw import between, count, listing, percent, points
from server.report.figures.forest import sentence, verdict
from server.report.page import prose
from server.report.page.gap import team_gap, why_none
from server.report.page.gather import Gathered
from server.report.page.story import Story
from server.report.plate import Html
from server.report.shell import Cover, Notice, Tag
from server.version import version

FEW_DRAWS = 200
"""Draws below which the ends of 95 % intervals, 2.5 % of the draws each, are told as rough."""


def cover(story: Story, changed: int | None, planned: str) -> Cover:
    """Return the head; `changed` counts lines that are not as preregistered, None without a preregistration."""
    simulated = " (simulated data)" if story.simulated else ""
    return Cover(
        title=f"Deciding with an AI teammate: {story.study}{simulated}",
        study=story.study,
        facts=_facts(story),
        summary=_summary(story),
        tags=_tags(story, changed),
        after_tags=planned,
        notices=notices(story),
        foot=_foot(story),
    )


def _facts(story: Story) -> list[str]:
    people = {each.participant for arm in story.arms for each in arm.rounds}
    sessions = story.gathered.sessions
    opened = f"{len(people):,} analysed of {len(sessions):,} who opened it"
    facts = [opened if sessions else count(len(people), "person", "people")]
    facts.append(count(sum(len(arm.rounds) for arm in story.arms), "scored round"))
    times = [each.started_at for each in story.rounds if each.started_at]
    days = (min(times), max(times)) if times else ()
    if days and not story.simulated:
        first, last = (prose.day(datetime.fromtimestamp(at / 1e6, UTC)) for at in days)
        facts.append(first if first == last else f"{first} to {last}")
    facts += [f"study file {digest[:12]}" for digest in story.gathered.played]
    gone = sum(each["why"] != "" for each in sessions)
    seen = [f"unblinded {prose.day(story.unblinded)}"] if story.unblinded else []
    return [*facts, *([f"{gone} withdrew or asked for deletion"] if gone else []), *seen, f"coplay {version()}"]


def _summary(story: Story) -> Html:
    parts = [*_accuracy(story), *_team(story), *_reliance(story), *_acts(story), *_planned(story)]
    return Html("".join(f"<p>{part}</p>" for part in parts))


def _accuracy(story: Story) -> list[str]:
    told: list[str] = []
    for at, arm in enumerate(story.arms):
        row = story.row("accuracy", at)
        if row.defined:
            ends = (
                ", too few people for an interval"
                if row.defined < 2
                else ", no draws for an interval"
                if math.isnan(row.mean_low)
                else ", no spread among them to make an interval of"
                if row.sd == 0
                else f", 95% interval {between(row.mean_low, row.mean_high)}"
            )
            told.append(
                f"<b>{percent(row.mean)}</b> in {escape(arm.label)} ({count(row.defined, 'person', 'people')}{ends})"
            )
    return (
        [f"People were right in {listing(told)}."]
        if told
        else ["It is not known in any scored round whether the answer was right."]
    )


VERDICTS = {
    "beats": "The team beats its better member in",
    "none": "We find <b>no evidence</b> that the team beats its better member in",
    "worse": "The team does worse than its better member in",
    "open": "The team stands beside its better member, without an interval, in",
}


def _team(story: Story) -> list[str]:
    """Compare the team with the better of its members, on the same specimens; every draw chooses the better one anew."""
    told: dict[str, list[str]] = {}
    sides: list[Side] = []
    for arm in story.arms:
        side, low, high = (None, math.nan, math.nan) if arm.alone else team_gap(story, arm)
        if side is None:
            continue
        sides.append(side)
        ends = f", {points(low)} to {points(high)}" if not math.isnan(low) else f"; {why_none(arm, story.bootstrap)}"
        what = "open" if math.isnan(low) else "beats" if low > 0 else "worse" if high < 0 else "none"
        told.setdefault(what, []).append(f"{escape(arm.label)} ({points(side.team - side.best)} points{ends})")
    if not sides:
        return []
    most = max(sides, key=lambda side: side.rounds)
    own = " (their first answers)" if most.own else ""
    parts = [f"{VERDICTS[what]} {listing(told[what])}." for what in VERDICTS if what in told]
    members = (
        f"On the {count(most.items, 'specimen')} met both ways the AI alone is right in {percent(most.ai)}, people"
        f" alone{own} in {percent(most.alone)}."
    )
    return [" ".join([*parts, members])]


def _reliance(story: Story) -> list[str]:
    told: list[str] = []
    for at, arm in enumerate(story.arms):
        over = story.row("over_reliance", at)
        if not arm.alone and over.defined:
            sure = not math.isnan(over.mean_low) and over.sd > 0
            ends = f" ({between(over.mean_low, over.mean_high)})" if sure else ""
            told.append(f"{percent(over.mean)}{ends} in {escape(arm.label)}")
    return [f"Of wrong suggestions they followed {listing(told)}."] if told else []


def _acts(story: Story) -> list[str]:
    told: list[str] = []
    for at, arm in enumerate(story.arms):
        for name, words in (
            ("delegation_rate", "of cases were left to the AI"),
            ("handover_share", "of rounds were under a hand-over"),
        ):
            row = story.row(name, at)
            if row.defined and not math.isnan(row.mean):
                told.append(f"{percent(row.mean)} {words} in {escape(arm.label)}")
    return [f"By people's own choice, {listing(told)}."] if told else []


def _planned(story: Story) -> list[str]:
    planned = [each for each in story.effects if each.family == "confirmatory" and each.defined]
    if planned:
        return [" ".join(escape(sentence(each)) for each in planned[:6])]
    if not story.effects:
        return []
    shown = sum(verdict(each) == "a difference is shown" for each in story.effects)
    text = (
        f"No test was declared beforehand, so every comparison here is exploratory: {shown} of {len(story.effects)}"
        " show a difference after correction. Take them as questions for a next study."
    )
    return [text]


def _tags(story: Story, changed: int | None) -> list[Tag]:
    tags = [Tag("Simulated data", "warn")] if story.simulated else []
    for each in [e for e in story.effects if e.family == "confirmatory"][:6]:
        what = verdict(each) if each.defined else "cannot be computed"
        sort = (
            "ok"
            if what in ("a difference is shown", "equivalent within the margin")
            else "no"
            if each.defined
            else "open"
        )
        tags.append(Tag(f"{each.outcome.replace('_', ' ')}, {each.contrast}: {what}", sort))
    if changed is not None:
        tags.append(
            Tag(
                "As preregistered" if not changed else f"{changed} lines are not as preregistered",
                "ok" if not changed else "warn",
            )
        )
    return tags


def notices(story: Story) -> list[Notice]:
    """Return what a reader must know first."""
    gathered, made = story.gathered, list[Notice]()
    if story.simulated:
        made.append(
            Notice(
                "No person played this.",
                "The rounds are from simulated participants; they say what a study can find, never what people do.",
            )
        )
    made += _versions(gathered)
    people = {each.participant for arm in story.arms for each in arm.rounds}
    if len(people) == 1:
        made.append(
            Notice(
                "One person only.",
                "There are no intervals and no comparisons: rounds of one person say nothing of others.",
            )
        )
    made += _few_draws(story.bootstrap.resamples)
    answers = Counter(each.final for arm in story.arms for each in arm.rounds if each.final)
    if len(answers) == 1 and sum(answers.values()) > 5:
        made.append(
            Notice(
                "All answers are equal.",
                f"Everybody answered {next(iter(answers))} in every round: check the data before anything is read from"
                " them.",
            )
        )
    practice = {each.condition for each in story.rounds if each.phase == "practice"}
    grouped: dict[str, list[str]] = {}
    for each in story.cautions:
        idle = each.code == "empty_condition" and any(each.text.startswith(f"{name} ") for name in practice)
        nameless = each.code == "empty_condition" and each.text.startswith(" ")
        if not idle and not nameless and not (story.simulated and each.text.startswith("Rounds are simulated")):
            grouped.setdefault(each.text, []).append(each.where if each.where != story.study else "")
    made += [
        Notice(", ".join(f"{where}:" for where in dict.fromkeys(places) if where), text)
        for text, places in grouped.items()
    ]
    made += [Notice("About the data:", note) for note in gathered.notes]
    return made


def _few_draws(n: int) -> list[Notice]:
    if n < 1:
        text = (
            "No draws were asked for (--resamples 0), so means and shares have no interval here; effects have theirs."
        )
        return [Notice("No draws.", text)]
    if n < FEW_DRAWS:
        return [
            Notice("Few draws.", f"Intervals are percentiles of {n} draws only; ends move with the seed (--resamples).")
        ]
    return []


def _versions(gathered: Gathered) -> list[Notice]:
    found = Counter((each["study_version"], each["core"]) for each in gathered.sessions if not each["why"])
    if len(found) < 2 and len(gathered.played) < 2:
        return []
    told = "; ".join(f"study version {study}, core {core}: {n} sessions" for (study, core), n in sorted(found.items()))
    each = ", ".join(f"{digest[:12]} by {played.sessions}" for digest, played in gathered.played.items())
    files = f" Different study files were played: {each} sessions." if len(gathered.played) > 1 else ""
    return [
        Notice(
            "Mixed versions.",
            f"{told}.{files} People who met different versions are shown together here; compare them before you pool.",
        )
    ]


def _foot(story: Story) -> str:
    licence = story.gathered.facts.get("licence", "")
    cite = story.gathered.facts.get("cite", "")
    source = f" Data: {cite}, licence {licence}." if cite else ""
    return (
        f"Written by coplay {version()} from the rounds alone; equal data and seed give equal bytes. Seed"
        f" {story.bootstrap.seed}, {story.bootstrap.resamples:,} draws.{source}"
    )
