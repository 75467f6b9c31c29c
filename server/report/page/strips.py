"""People one by one: each participant's rounds as a strip of modes, with wrong answers marked, and a link into the replay."""

from __future__ import annotations

from html import escape

from game.round import Round
from server.report import ink
from server.report.figures.grid import address
from server.report.page.story import MODE_NAMES, Story, mode_of
from server.report.plate import Html

MOST = 60


def strips(story: Story) -> Html:
    """Return the strips of up to 60 people, those who let the AI decide most first."""
    people: dict[str, list[Round]] = {}
    for arm in story.arms:
        for name, theirs in arm.people.items():
            people.setdefault(name, []).extend(theirs)
    order = sorted(
        people, key=lambda name: (-sum(mode_of(e) in ("delegated", "handed_over") for e in people[name]), name)
    )[:MOST]
    rows = "".join(_row(story, name, people[name]) for name in order)
    key = "".join(
        f'<li><i class="m-{ink.MODES[name][0].lower()}">{ink.MODES[name][0]}</i>{name.replace("_", " ")}</li>'
        for name in MODE_NAMES
    )
    more = (
        f'<p class="muted">{len(order)} of {len(people)} people, those who let the AI decide most first. A corner marks'
        " a wrong answer; a cell's title says more.</p>"
    )
    return Html(
        f'<div class="fig fig--wide"><header><h3>People, round by round</h3></header><ul class="key">{key}</ul><ul'
        f' class="strips">{rows}</ul>{more}</div>'
    )


def _row(story: Story, name: str, rounds: list[Round]) -> str:
    ordered = sorted(rounds, key=lambda each: each.round)
    cells = "".join(_cell(each) for each in ordered)
    label = escape(name)
    who = (
        f'<a href="{escape(address(story, name))}">{label}</a>'
        if story.desk and story.gathered.sessions
        else f"<span>{label}</span>"
    )
    return f'<li>{who}<span class="strip">{cells}</span></li>'


def _cell(each: Round) -> str:
    decided = each.final is not None or each.correct is not None or each.followed is not None
    mode = mode_of(each)
    letter = ink.MODES[mode][0] if decided else "-"
    kind = f"m-{letter.lower()}" if decided else "m-n"
    right = {True: "right", False: "wrong", None: "unknown"}[each.correct]
    ai = f", AI {'right' if each.ai_correct else 'wrong'}" if each.ai_correct is not None else ""
    text = (
        f"round {each.round}, {each.condition}: {mode.replace('_', ' ')}, {right}{ai}"
        if decided
        else f"round {each.round}, {each.condition}: not decided"
    )
    return f'<i class="{kind}{" bad" if each.correct is False else ""}" title="{escape(text)}">{letter}</i>'
