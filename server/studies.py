"""Studies as the server plays them: a folder becomes a checked study, its catalogues and its pack, or all problems at once."""

from __future__ import annotations

import secrets
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from game import compile as compiler
from game import registry
from game.canonical import Digest, encode, sha256
from game.catalogue import Texts, flatten
from game.check import check
from game.compile import Names
from game.events import Published
from game.plan import Script
from game.strict import Problem, line_index, line_of
from game.study import Invalid, Study, parse
from server.assign import Assigner, stream_of
from server.blobs import Blobs
from server.freeze import FILE, Frozen, changes
from server.freeze import read as read_lock
from server.labresults import compared
from server.packs import BadPack, Pack, open_pack
from server.version import version

SHIPPED = "coplay:"
RESERVED = ("study", "pilot", "preview", "simulated")
"""Names that begin streams, so no study may have them."""


class OpenStudy(msgspec.Struct, frozen=True, kw_only=True):
    """A study that can be played, with its names once it is published."""

    name: str
    folder: Path
    study: Study
    pack: Pack
    texts: Mapping[str, Texts]
    problems: tuple[Problem, ...] = ()
    """Warnings only; a study with errors is not opened."""
    names: Names
    version: int = 0
    """Of the frozen study; 0 where it is not frozen."""
    changed: tuple[str, ...] = ()
    """What is other than it was frozen."""
    blobs: Mapping[str, Digest] = {}
    """Public blob name -> digest."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The study's languages; the first is the default."""
        return self.study.languages

    @property
    def cells(self) -> tuple[str, ...]:
        """The names of all cells."""
        return compiler.cells(self.study)

    def intake(self) -> Script:
        """Return what everyone sees before a place is taken."""
        return compiler.intake(self.study, self.pack.manifest, self.names)

    def plan(self, cell: str, seed: str) -> Script:
        """Return the plan of one participant."""
        return compiler.plan(self.study, self.pack.manifest, self.names, cell, seed)

    def published(self) -> Published:
        """Return the event that says which files the study is played with."""
        return Published(
            at=time.time_ns() // 1000,
            by="system",
            study=self.names.study,
            manifest=self.names.manifest,
            texts=self.names.texts,
            cells=self.cells,
            salt=self.names.salt,
            rule=self.study.rule,
            version=max(1, self.version),
        )

    def frozen(self) -> Frozen:
        """Return the digests that a lock of this folder holds."""
        names = self.names
        return Frozen(1, names.study, names.manifest, names.texts, version())

    def publish(self, blobs: Blobs, assigner: Assigner, prefix: str = "") -> OpenStudy:
        """Store the files that logs name and record them on the study's stream; its blob names keep their salt for ever.

        Raises Invalid for a frozen study that was changed since, unless what is played counts for nothing.
        """
        if self.changed and not prefix:
            what = f"version {self.version} is frozen, but {', '.join(self.changed)} changed since"
            raise Invalid(
                [Problem(FILE, 0, what, f"undo the change, or make it version {self.version + 1}: coplay freeze")]
            )
        stream = stream_of(self.name, prefix)
        blobs.put(self.pack.data)
        blobs.put(encode(self.study))
        for texts in self.texts.values():
            blobs.put(encode(texts))
        before = assigner.roll(stream).published
        salt = before.salt if before else self.names.salt
        made = replace(self, names=replace(self.names, salt=salt), blobs=self.pack.names(salt))
        assigner.publish(stream, made.published())
        return made


def open_study(folder: Path) -> OpenStudy:
    """Open a study folder; raises Invalid with every problem of its file, texts and pack."""
    try:
        text = (folder / "study.toml").read_text("utf-8")
    except OSError as error:
        raise Invalid([Problem("study.toml", 0, f"cannot be read: {error.strerror}", f"looked in {folder}")]) from error
    study = parse(text)
    problems: list[Problem] = []
    if study.name in RESERVED or "/" in study.name:
        problems.append(Problem("name", 0, f"{study.name!r} cannot be a study's name", "choose another word"))
    own = _own_texts(folder, problems)
    pack = _pack(pack_folder(folder, study.pack), problems)
    if pack is None:
        raise Invalid(problems)
    study, wrong = compared(folder, study, pack.digest)
    problems += [replace(p, line=line_of(p.path, line_index(text))) for p in wrong]
    texts = compiler.catalogues(registry.texts(), own, pack.manifest, study.languages, study)
    problems += check(study, pack.manifest, texts, line_index(text))
    if any(not problem.warning for problem in problems):
        raise Invalid(problems)
    names = Names(
        salt=secrets.token_hex(16),
        study=sha256(encode(study)),
        manifest=pack.digest,
        texts={lang: sha256(encode(catalogue)) for lang, catalogue in texts.items()},
    )
    opened = OpenStudy(
        name=study.name, folder=folder, study=study, pack=pack, texts=texts, problems=tuple(problems), names=names
    )
    lock = read_lock(folder)
    if lock is None:
        return opened
    return replace(opened, version=lock.last.version, changed=changes(lock.last, opened.frozen()))


def pack_folder(folder: Path, name: str) -> Path:
    """Return where a study's pack lies: beside the study, or `coplay:NAME`, one that comes with coplay."""
    if name.startswith(SHIPPED):
        return Path(str(registry.folder("game.studies"))) / name.removeprefix(SHIPPED) / "pack"
    return folder / name


def _own_texts(folder: Path, problems: list[Problem]) -> dict[str, dict[str, str]]:
    own: dict[str, dict[str, str]] = {}
    for path in sorted((folder / "texts").glob("*.toml")):
        try:
            own[path.stem] = flatten("", tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, TypeError, UnicodeDecodeError) as error:
            problems.append(Problem(f"texts/{path.name}", 0, str(error), "TOML: text stands in quotes"))
    return own


def _pack(folder: Path, problems: list[Problem]) -> Pack | None:
    try:
        return open_pack(folder)
    except BadPack as bad:
        problems += [Problem(f"pack {folder.name}: {t.where}", 0, t.what, t.fix) for t in bad.troubles]
        return None
