"""The copy of a consent that a person keeps: the words as they were shown, the boxes, version, digest and time, as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from game.catalogue import Texts
from game.consent import Consent
from game.events import Opened

WIDTH = 80


def copy_of(
    given: Consent, texts: Texts, opened: Opened, code: str, address: str, words: Mapping[str, str], receipt: str = "",
) -> str:  # fmt: skip
    """Return the copy. `code`: the secret that erases the session, at `address`; `words` are those of the copy itself.

    `receipt`: the head of the session's hash chain, once it is closed.
    """
    parts = [
        texts.get("notice.title", opened.study), texts.get("notice.lead", ""), *_facts(texts), *_details(texts),
        texts.get("consent.title", ""), texts.get("consent.text", ""),
        *(f"[{'x' if ticked else ' '}] {texts.get(_key(name), name)}" for name, ticked in given.boxes.items()),
        words["agreed"] if given.agreed else words["refused"],
    ]  # fmt: skip
    about = {
        "session": opened.session, "study": opened.study, "time": _utc(given.at), "version": given.version or "-",
        "published": str(opened.version or "-"), "language": given.lang, "digest": f"sha256 {given.digest}",
        "code": f"{opened.session} {code}", "address": address,
        **({"receipt": receipt} if receipt else {}),
    }  # fmt: skip
    if given.again:
        parts.append(f"{words['again']} {words.get(given.again, given.again)} ({_utc(given.again_at)})")
    body = "\n\n".join(_wrapped(part) for part in parts if part)
    return "\n".join([body, "", "-" * WIDTH, *(f"{words[name]}: {text}" for name, text in about.items()), ""])


def _key(name: str) -> str:
    """Return the catalogue key of a box: `consent_reuse` stands under `consent.reuse`."""
    return name.replace("_", ".", 1)


def _facts(texts: Texts) -> Iterator[str]:
    for layer in ("notice", "privacy"):
        number = 1
        while (at := f"{layer}.facts.{number}") and f"{at}.term" in texts:
            yield f"{texts[f'{at}.term']}: {texts.get(f'{at}.text', '')}"
            number += 1


def _details(texts: Texts) -> Iterator[str]:
    for part in ("data", "rights"):
        yield f"{texts.get(f'notice.{part}.summary', '')}\n{texts.get(f'notice.{part}.text', '')}".strip()


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, WIDTH) for line in text.split("\n"))


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
