"""The record: what a study does with people's data, as text for the ethics board and the data protection officer.

Facts come from the study file, the notice and `privacy.toml`; what nobody wrote there is marked as open, never invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from game.study import Study
from server.privacy import Privacy, layers_of, notice_of
from server.recruit import Config
from server.studies import OpenStudy

OPEN = "**to be filled in**"
ASKED = {
    "demographics": "what people say of themselves on the page `demographics`",
    "device": "size of the window and the result of a legibility check (pass or fail)",
}


def record_of(opened: OpenStudy, kept: Privacy | None, configs: Sequence[Config]) -> str:
    """Return the whole document as Markdown."""
    said = notice_of(opened.texts.get(opened.languages[0], {}), layers_of(opened.study))
    parts = (
        [
            f"# {opened.name}: records on data protection",
            "",
            "Made from the study's files; read it before you sign it.",
        ],
        _processing(opened, said, kept or Privacy(), configs),
        _screening(opened.study, configs),
        _ai_act(opened.study),
        _plan(opened, kept or Privacy()),
    )
    return "\n".join(line for part in parts for line in (*part, "")).rstrip("\n") + "\n"


def _processing(opened: OpenStudy, said: dict[str, str], kept: Privacy, configs: Sequence[Config]) -> Iterator[str]:
    """Article 30 GDPR."""
    yield "## Record of processing (Article 30 GDPR)"
    yield ""
    yield "| | |"
    yield "| --- | --- |"
    rows = {field: said[field] or OPEN for field in ("controller", "officer", "purposes", "basis")}
    rows["people concerned"] = f"participants of the study, {opened.study.n or 'an open number of'} planned"
    rows["categories of data"] = "; ".join(_categories(opened.study, configs))
    rows |= {"recipients": said["recipients"] or OPEN, "transfers": said["transfers"] or OPEN}
    rows["platforms"] = ", ".join(dict.fromkeys(c.platform for c in configs)) or "open links only"
    ids, data = (f"{days} days" if days else OPEN for days in (kept.ids_days, kept.data_days))
    rows["erasure"] = f"platform ids after {ids}, data after {data}; on request at once"
    rows["safeguards"] = (
        "no IP address, no full user agent, no third-party request; platform ids apart from the answers, encrypted with a key "
        "outside the database; links kept as hashes; each row chained by hashes; access by password. "
        + (kept.safeguards or OPEN)
    )
    rows["ethics approval"] = kept.ethics or OPEN
    for name, text in rows.items():
        yield f"| {name} | {' '.join(text.split()).replace('|', '/')} |"


def _categories(study: Study, configs: Sequence[Config]) -> Iterator[str]:
    yield "answers and their times, what was opened on the screen, when the window lost focus"
    yield "size of the window, language, colour theme, touch or not"
    pages = {str(page).partition(" ")[0] for phase in study.phase for page in phase.pages}
    yield from (text for page, text in ASKED.items() if page in pages)
    if study.question:
        yield f"answers to {len(study.question)} questions of the study's own"
    if configs:
        yield "ids that the platforms give to a person and a submission (pseudonyms, not names)"
    if study.pay is not None:
        yield "amounts paid, by session code"


def _screening(study: Study, configs: Sequence[Config]) -> Iterator[str]:
    """The nine criteria of the guidelines on impact assessments (WP 248): two or more call for one, as a rule."""
    yield "## Screening for an impact assessment (Article 35 GDPR, criteria of WP 248)"
    yield ""
    new = bool(study.deception)
    criteria = (
        ("evaluation or scoring", "performance in the task is scored", "no decision about the person follows from it"),
        ("automated decisions with legal or similar effect", "", "only pay within the bounds that the consent names"),
        ("systematic monitoring", "", "only within the study's pages, after consent"),
        ("sensitive data", "", OPEN if study.question else "nothing of the kind is asked by coplay's own pages"),
        ("large scale", "", f"{study.n or 'an open number of'} people"),
        (
            "matching of data sets",
            "yes" if any(c.exclude for c in configs) else "",
            "a keyed hash tells who took part before",
        ),
        ("vulnerable people", "", "adults only, by their own word; employees and students of yours: " + OPEN),
        (
            "new technology",
            "people work with an AI that explains itself",
            "no generative model, nothing learns from people",
        ),
        ("people cannot exercise a right", "", "taking part is voluntary and ends at any moment"),
    )
    yield "| criterion | met by this study | note |"
    yield "| --- | --- | --- |"
    for name, met, note in criteria:
        yield f"| {name} | {met or 'not by design'} | {note} |"
    yield ""
    if new:
        yield f"People are told what is not so ({', '.join(study.deception)}); the debrief names it and asks for consent again."
    yield f"Assessment needed: {OPEN} (for the controller to decide, with the data protection officer)."


def _ai_act(study: Study) -> Iterator[str]:
    yield "## Note on the AI Act (Regulation (EU) 2024/1689)"
    yield ""
    models = ", ".join(sorted({c.model for c in study.condition if c.model})) or "none"
    yield f"AI systems used: {models}, image classifiers whose answers and explanations were computed before the study."
    yield "They are used to study how people decide, not to decide about people. Participants are told that the teammate is a"
    yield "computer program: the consent says so wherever an AI is met (Article 50(1) asks for no less)."
    yield "Emotions are not recognised, people are not categorised by their bodies."
    yield ""
    yield "Article 2(6) leaves out systems and models, with their output, that were developed and put into service for the sole"
    yield f"purpose of scientific research and development. Whether that holds for each model here: {OPEN}."


def _plan(opened: OpenStudy, kept: Privacy) -> Iterator[str]:
    yield "## Data management plan (to paste)"
    yield ""
    yield "- **Data**: one log of events for each session (JSON lines, chained by SHA-256), tables made from it, the images."
    yield f"- **Volume**: {opened.study.n or 'an open number of'} sessions; `coplay check` says how large a plan is."
    yield "- **Quality**: `coplay verify` proves that the log is what it was when it was written; a study is frozen by version."
    yield "- **Storage**: one server of the institution; online backups; erasures are applied again whenever a backup is put back."
    yield f"- **Retention**: ids {kept.ids_days or OPEN} days, data {kept.data_days or OPEN} days (`coplay retention`)."
    yield "- **Sharing**: only sessions whose consent includes reuse, without platform ids. They stay pseudonymous, not anonymous."
    yield f"- **Licence and repository**: {OPEN}."
