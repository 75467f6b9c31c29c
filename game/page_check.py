"""What is wrong with the pages a study asks for: everything at once, before anyone plays."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from game.page_options import Device, Field, OwnPage, PageOptions
from game.pages import NAMES, is_known
from game.quiz import INSTRUCTED
from game.registry import questionnaire
from game.strict import Problem

_NAME = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = ("read", "adult", "reuse", "debrief", "ai", "agree", "refuse", "title", "text", "version")
"""Texts of the consent that are no further boxes."""
STEPS_MOST = 11
"""Steps of a scale that fit on one line of a phone."""


def page_problems(names: Iterable[str], options: PageOptions) -> list[Problem]:
    """Return every problem of the pages called `names`, built with `options`; paths are those of the study file."""
    asked = [*names]
    found: list[Problem] = []
    for name in dict.fromkeys(asked):
        if name.startswith("q.") and not is_known(name, options):
            known = {*options.questionnaires, *questionnaire.names()}
            what = f"no questionnaire is called {name.removeprefix('q.')!r}"
            found.append(Problem("pages", 0, what, _near(name.removeprefix("q."), known)))
        found += _unready(name, options)
    found += _questions(options)
    for i, name in enumerate(options.boxes):
        if name in RESERVED or options.boxes.index(name) < i:
            found.append(Problem(f"consent[{i}]", 0, f"the box {name!r} is there already", "give it another name"))
        found += _name(name, f"consent[{i}]")
    for i, own in enumerate(options.page):
        found += _own(own, f"page[{i}]", asked, [other.name for other in options.page])
    return found


def _unready(name: str, options: PageOptions) -> list[Problem]:
    """Pages that are asked for without what they need."""
    if name == "quiz" and not options.question:
        return [Problem("question", 0, "the quiz has no questions", "add [[question]] tables")]
    if name == "device" and not (options.width or options.height) and options.device == Device():
        what = "no least window is given and [device] asks for nothing, so the page is never shown"
        return [Problem("window", 0, what, "window = [800, 600], or [device] with legible = true")]
    if name == "practice_failed" and not options.criterion[0]:
        return [Problem("criterion", 0, "no criterion of practice is given", "name the phase and how many right")]
    if name == "come_back" and options.opens_s <= 0:
        return [Problem("come_back", 0, "no time is given until the next visit", "give it in seconds")]
    if name == "attention_failed":
        if odd := sorted({*options.attention} - {*INSTRUCTED}):
            return [
                Problem(
                    "attention_least",
                    0,
                    f"there is no attention page {odd[0]}",
                    f"known: {', '.join(map(str, INSTRUCTED))}",
                )
            ]
        if not 0 < options.attention_least <= len(options.attention):
            what = f"{options.attention_least} of {len(options.attention)} attention pages cannot be asked for"
            return [Problem("attention_least", 0, what, "list their numbers, and ask for at most as many")]
    return []


def _questions(options: PageOptions) -> list[Problem]:
    found: list[Problem] = []
    names = [question.name for question in options.question]
    for i, question in enumerate(options.question):
        at = f"question[{i}]"
        found += _name(question.name, f"{at}.name")
        if names.index(question.name) < i:
            found.append(Problem(f"{at}.name", 0, f"two questions are called {question.name!r}", "rename one"))
        if len({*question.values}) < 2:
            found.append(Problem(f"{at}.values", 0, "a question needs two answers or more", "list them in `values`"))
        if question.right not in question.values:
            what = f"the right answer {question.right!r} is none of its answers"
            found.append(Problem(f"{at}.right", 0, what, _near(question.right, question.values)))
    if options.question and not -1 <= options.least <= len(options.question):
        what = f"{options.least} of {len(options.question)} questions cannot be right"
        found.append(Problem("least", 0, what, "give at most the number of questions, or -1 for all"))
    if options.attempts < 1:
        found.append(Problem("attempts", 0, f"{options.attempts} attempts are none", "give 1 or more; 2 is the rule"))
    return found


def _own(own: OwnPage, at: str, asked: list[str], names: list[str]) -> list[Problem]:
    found = _name(own.name, f"{at}.name")
    if own.name in NAMES or own.name.startswith("q."):
        found.append(Problem(f"{at}.name", 0, f"{own.name!r} is built in", "give your page another name"))
    if names.count(own.name) > 1:
        found.append(Problem(f"{at}.name", 0, f"two pages are called {own.name!r}", "rename one"))
    if own.name not in asked:
        found.append(Problem(at, 0, f"page {own.name!r} is never shown", "list it in `pages`", warning=True))
    if own.frame and not own.frame.startswith("https://"):
        found.append(Problem(f"{at}.frame", 0, f"{own.frame!r} is not an https address", "begin it with https://"))
    if own.frame and own.field:
        found.append(Problem(f"{at}.field", 0, "a framed page has no fields", "put them on a page of their own"))
    given = [field.name for field in own.field]
    for i, field in enumerate(own.field):
        where = f"{at}.field[{i}]"
        found += [*_name(field.name, f"{where}.name"), *_field(field, where)]
        if given.index(field.name) < i or field.name in {"title", "text"}:
            found.append(Problem(f"{where}.name", 0, f"the name {field.name!r} is taken on this page", "rename it"))
    return found


def _field(field: Field, at: str) -> list[Problem]:
    match field.kind:
        case "option" | "many" if len({*field.values}) < 2:
            return [Problem(f"{at}.values", 0, "there is nothing to choose from", "list two values or more")]
        case "many" if max(field.least, field.most) > len(field.values):
            return [Problem(f"{at}.most", 0, f"there are {len(field.values)} values only", "ask for fewer")]
        case "rate" if not 2 <= field.n <= STEPS_MOST:
            return [Problem(f"{at}.n", 0, f"a scale of {field.n} steps", f"give 2 to {STEPS_MOST}, or a slider")]
        case "amount" if field.most <= field.least or field.step <= 0:
            what = f"goes from {field.least:g} to {field.most:g} by {field.step:g}"
            return [Problem(f"{at}.most", 0, what, "let it rise by a positive step")]
        case _:
            return []


def _name(name: str, at: str) -> list[Problem]:
    if _NAME.fullmatch(name):
        return []
    return [Problem(at, 0, f"{name!r} cannot be used in the log", "use small letters, digits and _, a letter first")]


def _near(name: str, known: Iterable[str]) -> str:
    listed = sorted(known)
    close = difflib.get_close_matches(name, listed, 1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(listed) or 'none'}"
