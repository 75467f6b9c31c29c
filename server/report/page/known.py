"""Table T14: do inferred modes find what people were told, and paid, to do; and do people say so themselves?"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from game.measures.hidden import STATES, modelled
from game.measures.modes import NOTICE, coded, people_of
from game.round import Round
from server.report.page.story import Story, resampled
from server.report.plate import Table
from server.report.source import Unreadable
from server.report.tables import Bootstrap

GROUPS = ("decide", "delegate", "hand_over")
"""Conditions of the study `known_groups`: what its people are told and paid to do."""
MODES = ("mediated", "overrode", "solo", "accepted", "delegated", "handed_over", "by_design")
CODED, HIDDEN, SAID = "round code", "hidden Markov model", "people's own word"
COLUMNS = ("reading", "mode", "group", "share", "low", "high", "people", "rounds", "beware")
HOW = (
    "A confusion matrix. People of another log were told, and paid, to decide themselves, to delegate what they doubt, or"
    " to hand over; each line is the share of a group's rounds that a reading gives a mode, the mean over its people with a"
    " 95 % interval (people drawn anew). A reading holds where 'decide' is mediated, overrode or solo (states mediation and"
    " solo), 'delegate' is delegated or accepted (delegation), and 'hand over' is handed over (substitution). Acts are in"
    " the log, so the matrix tests most where a mode is inferred from time: mediated against accepted. The model does not"
    " know the groups: it is fitted to all of them at once. People's own word: of this study's rounds after which people"
    " were asked who had decided, what each code's rounds were said to be; nobody's word is the truth of a mode either."
)
SIMULATED = "these are simulated people, who validate nothing"


def check(rounds: Sequence[Round], path: object) -> list[Round]:
    """Return the rounds of a known-groups log; raises Unreadable where it is none."""
    met = sorted({each.condition for each in rounds if each.condition in GROUPS})
    if len(met) < 2:
        told = ", ".join(met) or "none of them"
        raise Unreadable(
            f"--known-groups {path} has {told} of the conditions {', '.join(GROUPS)}: give a log of the study template known_groups"
        )
    return list(rounds)


def notice(known: Sequence[Round]) -> str:
    """Return what stands beside inferred modes: that they are not validated, or where they were held against known groups."""
    if not known:
        return NOTICE
    if any(each.source == "simulated" for each in known):
        return f"{NOTICE} The known groups in table T14 are simulated and validate nothing."
    n = len({(each.study, each.participant) for each in known if each.condition in GROUPS})
    return f"Inferred modes were held against {n} people who were told and paid to decide, delegate or hand over: see table T14."


def matrix(story: Story) -> Table:
    """T14: code and hidden state by known group, then people's own word by code."""
    rows = [*_groups(story.known, story.bootstrap), *_said(story)]
    return Table(
        id="T14", topic="Inferred modes against known groups", columns=COLUMNS, rows=rows, how=HOW, folded=28,
        note=notice(story.known),
        missing=(
            "no log of known groups was given (coplay report --known-groups), and after no round were people asked who had decided"
        ),
    )  # fmt: skip


def _groups(known: Sequence[Round], draws: Bootstrap) -> Iterator[tuple[Any, ...]]:
    if not known:
        return
    told = SIMULATED if any(each.source == "simulated" for each in known) else None
    yield from _table(CODED, MODES, _codes(known), draws, told)
    fitted = modelled(known)
    if isinstance(fitted, str):
        yield (HIDDEN, None, None, None, None, None, None, None, fitted)
        return
    group = {theirs[0].participant: _group(theirs) for theirs in people_of(known)}
    paths = {who: (group[who], Counter(path)) for who, path in fitted.paths.items() if group[who]}
    yield from _table(HIDDEN, STATES, paths, draws, told)


def _group(theirs: Sequence[Round]) -> str:
    return next((each.condition for each in theirs if each.condition in GROUPS), "")


def _codes(rounds: Sequence[Round]) -> dict[str, tuple[str, Counter[str]]]:
    """Return participant -> their group, and how many rounds have each code."""
    found: dict[str, tuple[str, Counter[str]]] = {}
    for theirs in people_of(rounds):
        codes = Counter(str(one.code) for one in coded(theirs) if one.code and one.round.condition in GROUPS)
        if codes:
            found[theirs[0].participant] = (_group(theirs), codes)
    return found


def _table(
    reading: str, modes: Sequence[str], people: dict[str, tuple[str, Counter[str]]], draws: Bootstrap, told: str | None
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    for group in GROUPS:
        counts = [codes for mine, codes in people.values() if mine == group]
        if not counts:
            continue
        rounds = sum(sum(codes.values()) for codes in counts)
        for mode in modes:
            shares = np.array([codes[mode] / sum(codes.values()) for codes in counts])
            low, high = resampled(shares, np.ones_like(shares), draws)
            yield (reading, _name(mode), _name(group), float(shares.mean()), low, high, len(counts), rounds, told)


def _said(story: Story) -> Iterator[tuple[Any, ...]]:
    """Yield what people said of their rounds, by the round's code: shares pooled over rounds, intervals over people."""
    asked: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for theirs in people_of(story.rounds):
        for one in coded(theirs):
            if one.code and one.round.who_decided:
                asked[one.code][theirs[0].participant][one.round.who_decided] += 1
    words = sorted({word for people in asked.values() for said in people.values() for word in said})
    for code in (mode for mode in MODES if mode in asked):
        people = list(asked[code].values())
        totals = np.array([float(sum(said.values())) for said in people])
        for word in words:
            of = np.array([float(said[word]) for said in people])
            low, high = resampled(of, totals, story.bootstrap) if len(people) > 1 else (math.nan, math.nan)
            share = float(of.sum() / totals.sum())
            yield (SAID, _name(code), f"said: {_name(word)}", share, low, high, len(people), int(totals.sum()), None)


def _name(word: str) -> str:
    return word.replace("_", " ")
