"""Pages: screens without a specimen, each one table of stages. This is the list of those that are built in.

`page` also makes the pages of questionnaires, called `q.<name>`, and the study's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from game.coach import coached, howto
from game.devices import device
from game.farewell import come_back, debrief
from game.honesty import honesty
from game.page_keys import keys_of
from game.page_options import Field, OwnPage, PageOptions, Question
from game.questionnaire import Questionnaire
from game.questionnaire_pages import questionnaire_pages
from game.quiz import INSTRUCTED, attention, attention_failed, practice_failed, quiz
from game.registry import questionnaire
from game.stages import AskFrame, Say, Show, ShowGuide, ShowTally, Stage
from game.tasks import model_evaluation, next_batch, trust, who_decided
from game.welcome import consent, demographics, go_on, notice, privacy

__all__ = [
    "NAMES",
    "Field",
    "OwnPage",
    "PageOptions",
    "Question",
    "coached",
    "intro",
    "is_known",
    "keys_of",
    "needs_card",
    "outro",
    "page",
    "questionnaire_of",
]

Builder = Callable[[PageOptions], tuple[Stage, ...]]


def _attention(number: int, options: PageOptions) -> tuple[Stage, ...]:
    del options
    return attention(number)


PAGES: Mapping[str, Builder] = {
    "notice": notice,
    "privacy": privacy,
    "consent": consent,
    "device": device,
    "demographics": demographics,
    "howto": howto,
    "quiz": quiz,
    "practice_failed": practice_failed,
    "trust": trust,
    "who_decided": who_decided,
    **{f"attention-{number}": partial(_attention, number) for number in INSTRUCTED},
    "attention_failed": attention_failed,
    "model_evaluation": model_evaluation,
    "next_batch": next_batch,
    "honesty": honesty,
    "come_back": come_back,
    "debrief": debrief,
}

NAMES = tuple(PAGES)
"""Names of the built-in pages."""

NO_OPTIONS = PageOptions()


def page(name: str, options: PageOptions = NO_OPTIONS) -> tuple[Stage, ...]:
    """Return the table of the page called `name`: always one step, whose stages say themselves when they apply.

    A name that is neither built in nor a questionnaire's is the study's own: `<name>.title`, `<name>.text`, then the fields
    or the frame of its entry in `options.page`. Raises `game.registry.Unknown` for a questionnaire that does not exist.
    """
    if name in PAGES:
        return PAGES[name](options)
    if name.startswith("q."):
        return questionnaire_pages(questionnaire_of(name.removeprefix("q."), options), options.seed)
    return _own(next((own for own in options.page if own.name == name), OwnPage(name)))


def is_known(name: str, options: PageOptions = NO_OPTIONS) -> bool:
    """Tell whether `name` is built in, a questionnaire's, or listed among the study's own pages."""
    if name.startswith("q."):
        asked = name.removeprefix("q.")
        return asked in options.questionnaires or asked in questionnaire
    return name in PAGES or any(own.name == name for own in options.page)


def needs_card(table: tuple[Stage, ...]) -> bool:
    """Tell whether a page plays a round (the how-to with an example), so that its step needs a card."""
    return any(stage.layout == "round" for stage in table)


def questionnaire_of(name: str, options: PageOptions = NO_OPTIONS) -> Questionnaire:
    """Return the study's own questionnaire of that name, else the registry's; raises `game.registry.Unknown`."""
    return options.questionnaires.get(name) or questionnaire[name].thing


def _own(own: OwnPage) -> tuple[Stage, ...]:
    show: tuple[Show, ...] = (Say(f"{own.name}.title", "heading"), Say(f"{own.name}.text", "lead"))
    if own.frame:
        asks = (AskFrame(own.name, f"{own.name}.title", own.frame, own.height),)
    else:
        asks = tuple(field.ask(own.name) for field in own.field)
    return (Stage(own.name, show, (*asks, go_on(confirms=bool(asks)))),)


def intro(condition: str) -> tuple[Stage, ...]:
    """The page before a block: what the AI will do in it."""
    title, text = Say(f"block.{condition}.title", "heading"), Say(f"block.{condition}.text", "lead")
    return (Stage("intro", (title, text, ShowGuide(folded=False, bare=True)), (go_on("block.start"),)),)


def outro(block: str) -> tuple[Stage, ...]:
    """The page after a block: how many answers were right."""
    show: tuple[Show, ...] = (Say("tally.heading", "heading"), ShowTally(block))
    return (Stage("tally", show, (go_on(),)),)
