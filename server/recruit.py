"""Recruitment: who sent a participant, and how they get back. One file under `server/recruiters/` adds a platform.

A recruiter reads the link that a participant came by, and says where they go for each outcome. Platform ids never enter
the log: they are kept apart, sealed, with the session they belong to.
"""

from __future__ import annotations

import tomllib
import urllib.parse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from game.registry import Registry
from game.strict import Problem, convert, line_index
from game.study import Invalid

FILE = "recruit.toml"

Outcome = Literal[
    "completed", "no_consent", "failed_comprehension", "failed_attention", "incompatible_device", "screened_out", "full",
    "timed_out", "withdrawn", "technical_error",
]  # fmt: skip
OUTCOMES: tuple[str, ...] = (
    "completed", "no_consent", "failed_comprehension", "failed_attention", "incompatible_device", "screened_out", "full",
    "timed_out", "withdrawn", "technical_error",
)  # fmt: skip
"""How a session can end for its recruiter; a session that expired counts as timed out."""


class Config(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One `[[recruit]]` of `recruit.toml`: how people come to a study by one platform."""

    platform: str
    """A file of `server/recruiters/`."""
    codes: Mapping[str, str] = {}
    """Outcome -> the platform's code for it. Each outcome has its own."""
    params: Mapping[str, str] = {}
    """What the platform calls its link's parameters, where that is not the usual name: "worker", "session", "study"."""
    url: str = ""
    """Where people go back to, where the platform does not say; `[PARAM]` is filled in from the link they came by."""
    urls: Mapping[str, str] = {}
    """Outcome -> such an address, where outcomes differ."""
    host: str = ""
    """The platform's own site, e.g. `school.sona-systems.com`."""
    number: str = ""
    """The study's number or name there."""
    exclude: tuple[str, ...] = ()
    """Studies of this installation: who took part in one of them is not let in."""
    signed: bool = False
    """Links must carry the platform's signature."""


class Arrival(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who came: `worker` is the platform's id of the person, `session` that of this submission.

    `link`: all parameters of the link, to fill in `[PARAM]`.
    """

    platform: str
    worker: str
    session: str = ""
    study: str = ""
    link: Mapping[str, str] = {}


class Go(msgspec.Struct, frozen=True):
    """Lead the browser there."""

    url: str


class Send(msgspec.Struct, frozen=True):
    """Let the browser post a form there (the platform takes nothing else)."""

    url: str
    fields: Mapping[str, str]


class Show(msgspec.Struct, frozen=True):
    """Show a code to copy."""

    code: str


class Stay(msgspec.Struct, frozen=True):
    """There is nowhere to go. `why` is a key of the page's words.

    "stay", "return" (give the place back on the platform), or whether a credit was granted from here.
    """

    why: Literal["stay", "return", "credited", "uncredited"] = "stay"


class Again(msgspec.Struct, frozen=True):
    """Lead to the study's own start, for the next participant at the same machine."""

    query: Mapping[str, str]


class Grant(msgspec.Struct, frozen=True):
    """The server asks the platform to grant a credit (see `server.credit`)."""


Exit = Go | Send | Show | Stay | Again | Grant


class Unwelcome(Exception):
    """A link that is not let in; `code` is a key of the page's words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Recruiter(Protocol):
    """One platform, registered with `@recruiter(name, label=..., params=(...))` as a class made of its Config.

    Making it raises ValueError naming what the configuration lacks. `keyed`: it is also given a key of the installation.
    """

    config: Config

    def identify(self, link: Mapping[str, str]) -> Arrival | None:
        """Return who came by this link, None where it is not this platform's. Raises Unwelcome."""
        ...

    def is_preview(self, link: Mapping[str, str]) -> bool:
        """Tell whether somebody only looks: then nothing is begun."""
        ...

    def exit(self, outcome: str, arrival: Arrival) -> Exit:
        """Return where a participant goes with an outcome; called only once the session is closed and stored."""
        ...


recruiter: Registry[Any] = Registry("recruiter", "server.recruiters")


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file `recruit.toml`."""

    recruit: tuple[Config, ...] = ()


def read(folder: Path) -> tuple[Config, ...]:
    """Return the recruiters of a study folder, none where it has no file; raises Invalid with every mistake."""
    path = folder / FILE
    if not path.exists():
        return ()
    text = path.read_text("utf-8")
    problems: list[Problem] = []
    try:
        file = convert(tomllib.loads(text), File, "", line_index(text), problems)
    except tomllib.TOMLDecodeError as error:
        raise Invalid([Problem(FILE, 0, str(error), "TOML: text stands in quotes, lists in [ ]")]) from None
    configs = file.recruit if file else ()
    for i, config in enumerate(configs):
        problems += _problems(config, f"recruit[{i}]")
    if problems:
        raise Invalid([msgspec.structs.replace(p, path=f"{FILE}: {p.path}") for p in problems])
    return configs


def make(configs: Sequence[Config], key: bytes) -> tuple[Recruiter, ...]:
    """Return the recruiters of a study. Without any, links with `?id=` and open links are let in."""
    chosen = configs or (Config("generic"), Config("open"))
    return tuple(_made(config, key) for config in chosen)


def _made(config: Config, key: bytes) -> Recruiter:
    entry = recruiter[config.platform]
    return entry.thing(config, key) if entry.info.get("keyed") else entry.thing(config)


def arrive(recruiters: Sequence[Recruiter], link: Mapping[str, str]) -> tuple[Recruiter, Arrival]:
    """Return who came, and by which recruiter: the first that knows the link. Raises Unwelcome."""
    for one in recruiters:
        arrival = one.identify(link)
        if arrival is not None:
            return one, arrival
    raise Unwelcome("unknown")


def framers(platform: str) -> tuple[str, ...]:
    """Return the sites that show our pages in a frame of theirs, for people of this platform ("" for none)."""
    hosts: tuple[str, ...] = recruiter[platform].info.get("frames", ()) if platform in recruiter else ()
    return tuple(f"https://{host}" for host in hosts)


def filled(url: str, link: Mapping[str, str]) -> str:
    """Return an address with each `[PARAM]` replaced by the link's value, URL-encoded; only in its query.

    >>> filled("https://x.org/end?id=[id]", {"id": "a&b"})
    'https://x.org/end?id=a%26b'
    """
    head, mark, query = url.partition("?")
    for name, value in link.items():
        query = query.replace(f"[{name}]", urllib.parse.quote(value, safe=""))
    return f"{head}{mark}{query}"


def _problems(config: Config, where: str) -> list[Problem]:
    if config.platform not in recruiter:
        known = ", ".join(recruiter.names())
        return [Problem(f"{where}.platform", 0, f"no recruiter is called {config.platform!r}", f"known: {known}")]
    found = [
        Problem(f"{where}.{key}.{outcome}", 0, f"{outcome!r} is no outcome", f"known: {', '.join(OUTCOMES)}")
        for key, table in (("codes", config.codes), ("urls", config.urls))
        for outcome in table
        if outcome not in OUTCOMES
    ]
    codes = list(config.codes.values())
    found += [
        Problem(f"{where}.codes.{outcome}", 0, f"code {code!r} stands for two outcomes", "give each outcome its own")
        for outcome, code in config.codes.items()
        if codes.count(code) > 1
    ]
    bad = [url for url in (config.url, *config.urls.values()) if url and not _is_safe(url)]
    found += [
        Problem(
            where, 0, f"{url!r} is no https address with [PARAM] in its query only", "write https://site/path?id=[id]"
        )
        for url in bad
    ]
    try:
        recruiter[config.platform].thing(config)
    except ValueError as error:
        found.append(Problem(where, 0, str(error)))
    return found


def _is_safe(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1")
    return (parts.scheme == "https" or local) and bool(parts.hostname) and "[" not in url.partition("?")[0]
