"""People one by one: each participant's rounds as a strip of modes, with wrong answers marked, and a link into the replay."""

from __future__ import annotations

from collections import Counter
from html import escape

from game.round import Round
from server.report import ink
from server.report.figures.draw import count, listing
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
    if not people:
        return Html("")
    order = sorted(
        people, key=lambda name: (-sum(mode_of(e) in ("delegated", "handed_over") for e in people[name]), name)
    )[:MOST]
    rows = "".join(_row(story, name, people[name]) for name in order)
    key = "".join(
        f'<li><i class="m-{ink.MODES[name][0].lower()}">{ink.MODES[name][0]}</i>{name.replace("_", " ")}</li>'
        for name in MODE_NAMES
    )
    leads = " A cell leads to its round in the replay." if story.desk and story.gathered.sessions else ""
    more = (
        f'<p class="muted">{len(order)} of {len(people)} people, those who let the AI decide most first. A corner marks'
        f" a wrong answer; a cell's title says more.{leads}</p>"
    )
    return Html(
        f'<div class="fig fig--wide"><header><h3>People, round by round</h3></header><ul class="key">{key}</ul><ul'
        f' class="strips">{rows}</ul>{more}</div>'
    )


def _row(story: Story, name: str, rounds: list[Round]) -> str:
    ordered = sorted(rounds, key=lambda each: each.round)
    linked = bool(story.desk and story.gathered.sessions)
    cells = "".join(_cell(each, address(story, name, each.round) if linked else "") for each in ordered)
    label = escape(name)
    who = f'<a href="{escape(address(story, name))}">{label}</a>' if linked else f"<span>{label}</span>"
    return f'<li>{who}<span class="strip">{cells}</span><span class="vh">{escape(_said(ordered))}</span></li>'


def _said(rounds: list[Round]) -> str:
    """Return a strip in words, for who does not see it."""
    modes = Counter(mode_of(each) for each in rounds if _decided(each))
    told = listing([f"{n} {name.replace('_', ' ')}" for name in MODE_NAMES if (n := modes[name])] or ["none decided"])
    known = [each.correct for each in rounds if each.correct is not None]
    right = f"; {sum(known)} of {len(known)} right" if known else ""
    return f"{count(len(rounds), 'round')}: {told}{right}."


def _decided(each: Round) -> bool:
    return each.final is not None or each.correct is not None or each.followed is not None


def _cell(each: Round, link: str) -> str:
    """Return a round's cell. A link is for the pointer: by keyboard the row's name leads to the session, whose rounds have keys."""
    decided = _decided(each)
    mode = mode_of(each)
    letter = ink.MODES[mode][0] if decided else "-"
    kind = (f"m-{letter.lower()}" if decided else "m-n") + (" bad" if each.correct is False else "")
    right = {True: "right", False: "wrong", None: "unknown"}[each.correct]
    ai = f", AI {'right' if each.ai_correct else 'wrong'}" if each.ai_correct is not None else ""
    told = f"{mode.replace('_', ' ')}, {right}{ai}" if decided else "not decided"
    text = escape(f"round {each.round}, {each.condition}: {told}")
    if link:
        return f'<a class="{kind}" href="{escape(link)}" tabindex="-1" aria-hidden="true" title="{text}">{letter}</a>'
    return f'<i class="{kind}" aria-hidden="true" title="{text}">{letter}</i>'
