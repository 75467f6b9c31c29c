"""Events: the only things that can have happened. Version 1; old logs replay for ever.

Kinds are never reused for a new meaning; a changed field bumps the kind's version in `VERSIONS` and gets an upcaster.
`at` (server clock, microseconds UTC) and `by` (participant, ai, clock, system or researcher:ID) are columns of the log row.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from game.assignment import Rule
from game.plan import Script

CORE = 1
"""The core's version: bumped whenever the same events would give another state or another screen."""

Value = str | int | float | bool | None


class Event(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag=str.lower, tag_field="kind"):
    """What all events share."""

    at: int
    by: str


class Gesture(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something done on a screen that decides nothing: `ms` since the screen was painted."""

    name: str
    value: Value = None
    ms: int = 0


class Client(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the browser said of itself: sizes in CSS pixels. No user agent, no address."""

    width: int = 0
    height: int = 0
    dpr: float = 1
    theme: str = ""
    touch: bool = False
    motion: str = ""
    lang: str = ""
    assets: str = ""
    """Digest of the renderer's files."""


class Opened(Event, frozen=True):
    """A session began: the intake that everyone sees, the core's version, the renderer's digest, the first language."""

    intake: Script
    core: int
    renderer: str
    lang: str
    session: str
    """Short public name of the session, e.g. "p7k2m9"."""
    study: str
    prefix: str = ""
    """"pilot", "preview" or "simulated" streams never mix with data."""
    cell: str = ""
    """The cell that was chosen by hand; previews only."""
    version: int = 0
    """Version of the frozen study; 0 where it was not frozen."""
    recruiter: str = ""
    """The platform that sent the person, where there is a way back to it; never an id."""


class Assigned(Event, frozen=True):
    """The session was put into a cell and got its plan."""

    cell: str
    seed: str
    plan: Script


class Joined(Event, frozen=True):
    """A browser connected."""

    client: Client


class Resized(Event, frozen=True):
    """The browser's window changed, e.g. a phone was turned."""

    client: Client


class Left(Event, frozen=True):
    """The browser went away."""

    why: str = ""


class Localised(Event, frozen=True):
    """The participant switched to another language."""

    lang: str


class Shown(Event, frozen=True):
    """The browser painted a screen: which one (`of`: its turn; `view`: its digest), and when it was painted.

    `ago_ms`: how long before `at`. `image_ms` and `overlay_ms`: from receipt to decoded. `side`: panel side in CSS px.
    """

    of: int
    view: str
    ago_ms: int = 0
    image_ms: int | None = None
    overlay_ms: int | None = None
    width: int = 0
    height: int = 0
    side: int = 0
    dpr: float = 1
    theme: str = ""


class Answered(Event, frozen=True):
    """An ask of a stage was answered. `ms`: from painting to the answer, by the browser's clock."""

    step: int
    stage: str
    name: str
    value: Value
    ms: int | None = None


class Gestured(Event, frozen=True):
    """A batch of gestures on the screen of turn `of`."""

    of: int
    items: tuple[Gesture, ...]


class TimedOut(Event, frozen=True):
    """The stage's time limit passed without an answer."""

    step: int
    stage: str


class Noted(Event, frozen=True):
    """A researcher's remark; changes nothing that is shown."""

    text: str


class Paused(Event, frozen=True):
    """A researcher paused the session."""

    why: str = ""


class Resumed(Event, frozen=True):
    """A researcher let the session go on."""


class Withdrawn(Event, frozen=True):
    """The participant stopped taking part."""


class Closed(Event, frozen=True):
    """The session is over: completed, no_consent, withdrawn, expired, ..."""

    outcome: str


class Erased(Event, frozen=True):
    """The bodies of this stream were deleted by law; only the chain remains."""

    why: str = ""


SessionEvent = (
    Opened
    | Assigned
    | Joined
    | Resized
    | Left
    | Localised
    | Shown
    | Answered
    | Gestured
    | TimedOut
    | Noted
    | Paused
    | Resumed
    | Withdrawn
    | Closed
    | Erased
)


class Published(Event, frozen=True):
    """A study was opened: digests of its file, manifest and catalogues, the cells, and the salt of its blob names."""

    study: str
    manifest: str
    texts: Mapping[str, str]
    cells: tuple[str, ...]
    salt: str
    rule: Rule = Rule()
    version: int = 1
    """Counted up when a frozen study was changed; sessions belong to the version that was published before them."""


class Placed(Event, frozen=True):
    """A session was put into a cell."""

    session: str
    cell: str
    quota: str = ""


class Released(Event, frozen=True):
    """A session's place is free again."""

    session: str
    why: str = ""


class Shut(Event, frozen=True, tag="closed"):
    """The study takes no more participants."""

    why: str = ""


class Reopened(Event, frozen=True):
    """The study takes participants again."""

    why: str = ""


StudyEvent = Published | Placed | Released | Shut | Reopened

VERSIONS: Mapping[str, int] = {
    kind.__struct_config__.tag: 1 for union in (SessionEvent, StudyEvent) for kind in union.__args__
}
"""Kind -> version of its fields, written into every row."""
