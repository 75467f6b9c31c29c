"""Privacy: what a study says of its data. The notice carries the fields of Article 13; `privacy.toml` the periods.

A fact of the notice says with `field` which of the fields it is:

    [notice.facts.4]
    field = "controller"
    term = "Who is responsible"
    text = "University of X, Department Y, Street 1, City; study@x.org"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from game.catalogue import Texts
from game.strict import Problem, convert, line_index
from game.study import Invalid, Study

FILE = "privacy.toml"

FIELDS: Mapping[str, str] = {
    "controller": "who is responsible, with an address: 13(1)(a)",
    "officer": "how to reach the data protection officer: 13(1)(b)",
    "purposes": "what the data are used for: 13(1)(c)",
    "basis": "the legal basis: 13(1)(c)",
    "recipients": "who gets the data: 13(1)(e)",
    "transfers": "whether they leave the EU, and with what safeguard: 13(1)(f)",
    "storage": "how long they are kept: 13(2)(a)",
    "rights": "access, correction, erasure, restriction, objection, portability: 13(2)(b)",
    "withdrawal": "that consent can be withdrawn at any time, and how: 13(2)(c)",
    "complaint": "the supervisory authority: 13(2)(d)",
    "voluntary": "that nobody has to give data, and what follows from not doing so: 13(2)(e)",
    "automated": "whether decisions about the person are automated: 13(2)(f)",
}
"""Field -> what it has to say and the paragraph of Article 13 GDPR that asks for it."""
LAYERS = ("notice", "privacy")
"""Pages of the intake that carry facts: what everybody reads, and all of Article 13 for who wants to know."""
EMPTY = re.compile(r"^\W*$|\b(TODO|TBD|XXX|FIXME)\b|\[[^\]]*\]|\.\.\.|…")
"""What a template leaves to be filled in."""


class Privacy(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The file `privacy.toml`, beside study.toml."""

    ids_days: int = 0
    """Platform ids and links are deleted so many days after a session's last sign of life."""
    data_days: int = 0
    """The data of a session are erased after so many."""
    ethics: str = ""
    """Who approved the study, and under which number."""
    safeguards: str = ""
    """Further measures of this installation, for the record: who has access, how the machine is protected."""


def read(folder: Path) -> Privacy | None:
    """Return what a study folder says, None where it has no such file; raises Invalid."""
    path = folder / FILE
    if not path.exists():
        return None
    text = path.read_text("utf-8")
    problems: list[Problem] = []
    try:
        made = convert(tomllib.loads(text), Privacy, "", line_index(text), problems)
    except tomllib.TOMLDecodeError as error:
        raise Invalid([Problem(FILE, 0, str(error), "TOML: text stands in quotes")]) from None
    if problems or made is None:
        raise Invalid([msgspec.structs.replace(p, path=f"{FILE}: {p.path}") for p in problems])
    return made


def layers_of(study: Study) -> tuple[str, ...]:
    """Return the pages of the intake that carry facts: the notice, and the page "privacy" where people meet it."""
    intake = {page for phase in study.phase if phase.intake for page in phase.pages}
    return tuple(page for page in LAYERS if page in intake or page == "notice")


def notice_of(texts: Texts, layers: Sequence[str] = LAYERS[:1]) -> dict[str, str]:
    """Return field -> what the notice says of it, "" where it says nothing or a template's words; only facts that are shown.

    `layers`: the pages that people meet (see `layers_of`).
    """
    found = dict.fromkeys(FIELDS, "")
    for at in _facts(texts, layers):
        text = texts.get(f"{at}.text", "")
        if (field := texts.get(f"{at}.field", "")) in found and not EMPTY.search(text):
            found[field] = text
    return found


def _facts(texts: Texts, layers: Sequence[str]) -> Iterator[str]:
    for layer in layers:
        number = 1
        while f"{layer}.facts.{number}.term" in texts:
            yield f"{layer}.facts.{number}"
            number += 1


def form(texts: Texts, layers: Sequence[str]) -> str:
    """Return TOML to paste into texts/LANG.toml: a fact for each field that nothing is said of."""
    said = notice_of(texts, layers)
    missing = {field: what for field, what in FIELDS.items() if not said[field]}
    places = {texts.get(f"{at}.field", ""): at for at in _facts(texts, layers)}
    known = {field: places[field] for field in missing if field in places}
    made = [
        f'[{at}]\nfield = "{field}"\nterm = "{texts[f"{at}.term"]}"\ntext = "{texts.get(f"{at}.text", "")}"\n'
        for field, at in known.items()
    ]
    rest = {field: what for field, what in missing.items() if field not in known}
    first = next(n for n in range(1, 100) if f"notice.facts.{n}.term" not in texts)
    return "\n".join([*made, *([template(rest, first)] if rest else [])])


def template(missing: Mapping[str, str], first: int) -> str:
    """Return TOML to paste into texts/LANG.toml, one fact for each missing field."""
    return "\n".join(
        f'[notice.facts.{first + i}]\nfield = "{field}"\nterm = "[{field}]"\ntext = "[{what.partition(":")[0]}]"\n'
        for i, (field, what) in enumerate(missing.items())
    )
