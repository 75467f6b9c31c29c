"""Bundles: the modules that every participant needs as one script, made here from the sources when first asked for.

A bundle keeps each module's own scope and order; a rare block is a bundle by itself that takes from the first what it shares.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from server import script
from server.script import Token

Read = Callable[[str], str]
"""Name of a module -> its source; raises LookupError."""

ENTRY = "play.js"
_MADE = ("function", "class", "const", "let", "async")


class Module(msgspec.Struct, frozen=True):
    """One module, ready to be put into a bundle: its imports in order, its code as the body of a function."""

    name: str
    needs: tuple[str, ...]
    body: str


class Unfit(ValueError):
    """A module that cannot be bundled: which, and why."""


def bundle(names: Iterable[str], read: Read, within: frozenset[str] = frozenset(), first: str = "") -> str:
    """Put modules and what they import into one script, those `within` the bundle `first` excepted; raises Unfit."""
    order: dict[str, Module] = {}
    for name in names:
        _collect(name, read, within, order, ())
    head = f'import{{$here}}from"{first}";' if first else "export const $here={};"
    up = "../" * next(iter(reversed(order))).count("/") if first else "./"
    at = f'const $at=(n)=>new URL("{up}"+n,import.meta.url).href;\n'
    more = "const $load=(n)=>n in $here?Promise.resolve($here[n]):import($at(n));\n"
    parts = [f'$here["{module.name}"]??=(()=>{{{module.body}}})();' for module in order.values()]
    last = next(iter(reversed(order)))
    given = f'\nexport const{{{",".join(_exports(order[last]))}}}=$here["{last}"];' if first else ""
    return head + at + more + "\n".join(parts) + given


def names_in(names: Iterable[str], read: Read) -> frozenset[str]:
    """Return the names of the modules that a bundle of `names` holds; raises Unfit."""
    order: dict[str, Module] = {}
    for name in names:
        _collect(name, read, frozenset(), order, ())
    return frozenset(order)


def _collect(name: str, read: Read, within: frozenset[str], order: dict[str, Module], above: Sequence[str]) -> None:
    """Add a module after everything that it imports."""
    if name in order or name in within:
        return
    if name in above:
        raise Unfit(f"{name} imports itself by way of {' -> '.join((*above, name))}: move what they share apart")
    module = _module(name, read(name))
    for need in module.needs:
        _collect(need, read, within, order, (*above, name))
    order[name] = module


@functools.lru_cache(maxsize=256)
def _module(name: str, source: str) -> Module:
    """Turn a module into a function's body; raises Unfit."""
    try:
        cut = list(script.tokens(source))
    except script.BadScript as bad:
        raise Unfit(f"{name}: {bad}") from None
    body, needs, given, at = list[Token](), dict[str, None](), list[str](), 0
    while at < len(cut):
        token = cut[at]
        after = cut[at + 1].text if at + 1 < len(cut) else ""
        if token.kind == "word" and token.text == "import" and after in ("(", "."):
            at += _dynamic(name, cut, at, body)
        elif token.kind == "word" and token.depth == 0 and token.text == "import":
            at += _import(name, cut, at, body, needs)
        elif token.kind == "word" and token.depth == 0 and token.text == "export":
            at += _export(name, cut, at, body, needs, given)
        else:
            body.append(token)
            at += 1
    return Module(name, tuple(needs), f"{script.joined(body)}\nreturn{{{','.join(given)}}}")


def _exports(module: Module) -> list[str]:
    given = module.body.rsplit("\nreturn{", 1)[1][:-1]
    return [one.split(":")[0] for one in given.split(",") if one]


def _dynamic(name: str, cut: list[Token], at: int, body: list[Token]) -> int:
    """`import(PLACE)` looks into the bundle first; `import.meta.url` becomes the module's own address."""
    head = "".join(token.text for token in cut[at : at + 5])
    if head == "import.meta.url":
        body += [cut[at]._replace(text="$at"), Token("mark", "(", 0, ""), Token("text", f'"{name}"', 0, "")]
        body.append(Token("mark", ")", 0, ""))
        return 5
    place = cut[at + 2]
    if place.kind not in ("text", "template") or not place.text[1:].startswith("./"):
        raise Unfit(f"{name}: import() of something that is not written as ./... cannot be found in a bundle")
    folder = name.rsplit("/", 1)[0] + "/" if "/" in name else ""
    body += [cut[at]._replace(text="$load"), cut[at + 1], place._replace(text=place.text[0] + folder + place.text[3:])]
    return 3


def _import(name: str, cut: list[Token], at: int, body: list[Token], needs: dict[str, None]) -> int:
    """`import { a as b } from "./c.js"` becomes a constant that takes from the module."""
    end = next((i for i in range(at, len(cut)) if cut[i].kind == "text"), None)
    if end is None or cut[at + 1].text != "{" or cut[end - 1].text != "from":
        raise Unfit(f"{name}: only `import {{ ... }} from` can be bundled")
    target = resolve(name, cut[end].text[1:-1])
    needs[target] = None
    pairs = ",".join(":".join(pair) if pair[0] != pair[1] else pair[0] for pair in _pairs(cut[at + 2 : end - 2]))
    body.append(Token("word", f'const{{{pairs}}}=$here["{target}"];', 0, "\n"))
    return end - at + 1 + (cut[end + 1 : end + 2] != [] and cut[end + 1].text == ";")


def _export(name: str, cut: list[Token], at: int, body: list[Token], needs: dict[str, None], given: list[str]) -> int:
    """What is exported goes into the object that the function returns."""
    after = cut[at + 1].text
    if after == "{":
        end = next(i for i in range(at, len(cut)) if cut[i].text == "}")
        if cut[end + 1 : end + 2] and cut[end + 1].text == "from":
            target = resolve(name, cut[end + 2].text[1:-1])
            needs[target] = None
            given += [f'{out}:$here["{target}"].{inner}' for inner, out in _pairs(cut[at + 2 : end])]
            end += 2
            return end - at + 1 + (cut[end + 1 : end + 2] != [] and cut[end + 1].text == ";")
        given += [f"{out}:{inner}" if out != inner else out for inner, out in _pairs(cut[at + 2 : end])]
        return end - at + 1 + (cut[end + 1 : end + 2] != [] and cut[end + 1].text == ";")
    if after not in _MADE or after == "let":
        raise Unfit(f"{name}: `export {after}` cannot be bundled: what is exported must not change later")
    made = next((token.text for token in cut[at + 2 :] if token.kind == "word" and token.text != "function"), "")
    if not made or cut[at + 2].text in ("{", "["):
        raise Unfit(f"{name}: an export needs one name")
    given.append(made)
    body.append(cut[at + 1]._replace(apart="\n"))
    return 2


def _pairs(cut: Sequence[Token]) -> list[tuple[str, str]]:
    """Read `a, b as c` as [(a, a), (b, c)]."""
    words = [part.split() for part in " ".join(token.text for token in cut).split(",")]
    return [(part[0], part[-1]) for part in words if part]


def resolve(module: str, target: str) -> str:
    """Return the name that a module means by a relative address."""
    parts = module.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


_CSS = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|/\*[\s\S]*?\*/""")
_ROOM = re.compile(r"\s*([{};,])\s*|(?<=:)\s+|(\s)\s*")


def lean_sheet(source: str) -> str:
    """Return a style sheet without comments and needless space."""
    parts = re.split(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", _CSS.sub(lambda found: found[1] or "", source))
    parts[::2] = [_ROOM.sub(lambda found: found[1] or (" " if found[2] else ""), part) for part in parts[::2]]
    return "".join(parts).replace(";}", "}").strip()


def mark_of(sources: Iterable[bytes]) -> str:
    """Return a short digest of what bundles are made of; it stands in their addresses."""
    every = hashlib.sha256()
    for source in sources:
        every.update(hashlib.sha256(source).digest())
    return every.hexdigest()[:12]
