"""Consent: what a person agreed to, read from the events: the text as it was shown, its version and digest, every box, when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from game.canonical import digest
from game.catalogue import Texts
from game.events import Answered, Assigned, Localised, Opened, SessionEvent

SHOWN = ("notice.", "privacy.", "consent.")
"""What begins the keys of the texts that a person agrees to."""
DECISION, AGAIN = "consent", "consent_debrief"


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One person's consent. Times in microseconds UTC, 0 where there was none."""

    lang: str
    version: str
    """What the study calls its text: the key `consent.version`."""
    digest: str
    """Of all texts of notice, privacy and consent in this language: the same digest, the same words."""
    agreed: bool
    at: int
    boxes: Mapping[str, bool] = {}
    """Box -> whether it was ticked."""
    again: str = ""
    """What was said at the debrief: "keep", "delete" or nothing."""
    again_at: int = 0


def consent_of(events: Iterable[SessionEvent], texts_of: Callable[[str], Texts]) -> Consent | None:
    """Return the consent of a session, None where the person has not decided. `texts_of`: digest of a catalogue -> its texts."""
    script, lang = None, ""
    made: Consent | None = None
    boxes: dict[str, bool] = {}
    for event in events:
        match event:
            case Opened():
                script, lang = event.intake, event.lang
            case Assigned():
                script = event.plan
            case Localised():
                lang = event.lang
            case Answered(name=name, value=value) if name == DECISION and script is not None:
                texts = texts_of(script.texts[lang])
                said = {key: text for key, text in texts.items() if key.startswith(SHOWN)}
                made = Consent(
                    lang=lang, version=texts.get("consent.version", ""), digest=digest(said), agreed=value == "yes",
                    at=event.at, boxes=dict(boxes),
                )  # fmt: skip
            case Answered(name=name, value=value) if name == AGAIN and made is not None:
                made = msgspec.structs.replace(made, again=str(value or ""), again_at=event.at)
            case Answered(name=name, value=bool(value)) if name.startswith(f"{DECISION}_"):
                boxes[name] = value
            case _:
                pass
    return made


def wants_erasure(events: Iterable[SessionEvent]) -> bool:
    """Tell whether the person asked at the debrief that the answers be deleted."""
    said = [event.value for event in events if isinstance(event, Answered) and event.name == AGAIN]
    return bool(said) and said[-1] == "delete"
