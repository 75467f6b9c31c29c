"""Scripts: JavaScript cut into tokens and put together again without comments and needless space. Names stay as they are.

It knows as much of the language as that needs: strings, templates inside templates, regular expressions, nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["word", "mark", "text", "template", "regex"]

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*[\s\S]*?\*/)
    |(?P<word>[\w$\#\u0080-\uffff]+(?:(?<=\d)\.\d*)?)
    |(?P<text>"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')
    |(?P<mark>=>|\+\+|--|.)""",
    re.VERBOSE,
)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_CHUNK = re.compile(r"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)")
_BEFORE_VALUE = frozenset(
    [
        "return",
        "typeof",
        "case",
        "in",
        "of",
        "delete",
        "void",
        "throw",
        "new",
        "instanceof",
        "do",
        "else",
        "await",
        "yield",
    ]
)
"""Words after which a slash begins a regular expression."""
_GLUED_BEFORE = frozenset(["{", "(", "[", ",", ";", ":", "?", "=", "&", "|", "=>", "."])
_GLUED_AFTER = frozenset(["}", ")", "]", ",", ";", ":", "?", "=", "&", "|", "=>", "."])
"""A line may end after, or begin with, any of these without ending a statement that did not end already."""


class BadScript(ValueError):
    """A script that cannot be cut: what is wrong and in which line."""


class Token(NamedTuple):
    """A piece of a script. `depth`: how many brackets are open before it; `apart`: "" or the space or line end before it."""

    kind: Kind
    text: str
    depth: int
    apart: Literal["", " ", "\n"]


def tokens(source: str) -> Iterator[Token]:
    """Cut a script; raises BadScript."""
    at, open_, last, apart = 0, list[str](), Token("mark", ";", 0, ""), ""
    while at < len(source):
        kind, text = _next(source, at, last, open_)
        at += len(text)
        if kind == "space":
            apart = "\n" if "\n" in text or apart == "\n" else " "
            continue
        depth = len(open_)
        _nest(kind, text, open_)
        last = Token(kind, text, depth, apart)  # type: ignore[arg-type] - of _TOKEN's groups only `space` is none
        apart = ""
        yield last
    if open_:
        raise BadScript(f"{open_[-1]!r} is never closed")


def _next(source: str, at: int, last: Token, open_: list[str]) -> tuple[str, str]:
    """Return the group and text of what stands at a place."""
    if source[at] == "`" or (source[at] == "}" and open_ and open_[-1] == "${"):
        found = _CHUNK.match(source, at + 1)
        if found is None:
            raise BadScript(f"line {source.count(chr(10), 0, at) + 1}: a template is never closed")
        return "template", source[at : found.end()]
    if source[at] == "/" and source[at + 1 : at + 2] not in ("/", "*") and _value_follows(last):
        found = _REGEX.match(source, at)
        if found is not None:
            return "regex", found[0]
    found = _TOKEN.match(source, at)
    if found is None or found.lastgroup is None:
        raise BadScript(f"line {source.count(chr(10), 0, at) + 1}: cannot read {source[at : at + 20]!r}")
    return found.lastgroup, found[0]


def _value_follows(last: Token) -> bool:
    if last.kind == "word":
        return last.text in _BEFORE_VALUE
    if last.kind == "template":
        return last.text.endswith("${")
    return last.kind == "mark" and last.text not in (")", "]", "}", "++", "--")


def _nest(kind: str, text: str, open_: list[str]) -> None:
    if kind == "template":
        if text.startswith("}"):
            open_.pop()
        if text.endswith("${"):
            open_.append("${")
    elif kind == "mark" and text in "{([":
        open_.append(text)
    elif kind == "mark" and text in "})]":
        if not open_ or open_[-1] + text not in ("{}", "()", "[]"):
            raise BadScript(f"{text!r} closes nothing")
        open_.pop()


def joined(cut: list[Token]) -> str:
    """Return tokens as a script again, with the least space between them."""
    parts: list[str] = []
    before = Token("mark", ";", 0, "")
    for token in cut:
        parts += (_between(before, token), token.text)
        before = token
    return "".join(parts)


def _between(left: Token, right: Token) -> str:
    if right.apart == "\n":
        glued = (left.kind == "mark" and left.text in _GLUED_BEFORE) or (
            right.kind == "mark" and right.text in _GLUED_AFTER
        )
        return "" if glued else "\n"
    needed = left.kind != "mark" and right.kind != "mark" and (left.kind == "word" or right.kind == "word")
    signs = (left.text[-1] in "+-/<!" and right.text[0] in "+-/!") or (left.kind == "word" and right.text == ".")
    return " " if right.apart and (needed or signs) else ""
