"""Pages before the rounds: notice, consent, the device, the person."""

from __future__ import annotations

from game.page_options import PageOptions
from game.stages import AskAct, AskCheck, AskOption, AskRate, AskText, Say, Show, ShowGuide, Stage


def go_on(label: str = "page.continue", *, confirms: bool = False) -> AskAct:
    """The button that leads on; `confirms`: it takes the answers of the page with it."""
    return AskAct("continue", "next", label, confirms=confirms, key="Enter")


def notice(options: PageOptions) -> tuple[Stage, ...]:
    """What this is, who runs it, how long it takes; nothing is recorded before Start."""
    del options
    show: tuple[Show, ...] = (
        Say("notice.title", "heading"),
        Say("notice.lead", "lead"),
        ShowGuide(folded=False, bare=True),
        Say("notice.facts", "facts"),
        Say("notice.data", "details"),
        Say("notice.rights", "details"),
    )
    return (Stage("notice", show, (go_on(),)),)


def privacy(options: PageOptions) -> tuple[Stage, ...]:
    """The second layer of the notice: every field of Article 13 GDPR, for who wants to know before agreeing."""
    del options
    show: tuple[Show, ...] = (
        Say("privacy.title", "heading"),
        Say("privacy.text", "lead"),
        Say("privacy.facts", "facts"),
    )
    return (Stage("privacy", show, (go_on(),)),)


def consent(options: PageOptions) -> tuple[Stage, ...]:
    """Boxes to tick, a button to agree, a real button to refuse."""
    ai = (Say("consent.ai", "notice"),) if options.ai else ()
    return (
        Stage(
            "consent",
            (Say("consent.title", "heading"), Say("consent.text"), *ai),
            (
                AskCheck("consent_read", "consent.read"),
                AskCheck("consent_adult", "consent.adult"),
                AskCheck("consent_reuse", "consent.reuse", required=False),
                *(AskCheck(f"consent_{name}", f"consent.{name}", required=False) for name in options.boxes),
                AskAct("consent", "no", "consent.refuse", "quiet", goto="close:no_consent"),
                AskAct("consent", "yes", "consent.agree", "primary", confirms=True, key="Enter"),
            ),
        ),
    )


AGES = ("18_24", "25_34", "35_44", "45_54", "55_64", "65_", "unsaid")
GENDERS = ("woman", "man", "non_binary", "described", "unsaid")
SCHOOLING = ("none", "school", "vocational", "bachelor", "master", "doctorate", "unsaid")


def demographics(options: PageOptions) -> tuple[Stage, ...]:
    """Age band, gender, education, what one knows of AI and of the task: bands only, and every answer can be left out."""
    del options
    show = (Say("demographics.title", "heading"), Say("demographics.text", "lead"))
    person = (
        AskOption("age", "demographics.age", AGES, required=False),
        AskOption("gender", "demographics.gender", GENDERS, required=False),
        AskText("gender_words", "demographics.gender_words", most=40, required=False),
    )
    knowledge = (
        AskOption("education", "demographics.education", SCHOOLING, required=False),
        *(
            AskRate(name, f"demographics.{name}", "demographics.familiar", required=False)
            for name in ("ai_familiarity", "task_familiarity")
        ),
    )
    return (
        Stage("demographics", show, (*person, go_on(confirms=True)), then="knowledge"),
        Stage("knowledge", show, (*knowledge, go_on(confirms=True))),
    )
