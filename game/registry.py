"""Registries: one file and one decorator add a thing; the folder is the list.

The only module that imports by folder or reads package resources. A registry imports nothing until it is first asked.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import threading
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, NamedTuple, TypeVar

from game import questionnaire as questionnaires
from game.catalogue import flatten

T = TypeVar("T")


class Entry(NamedTuple, Generic[T]):
    """A registered thing: its name, the thing itself, and what its decorator declared."""

    name: str
    thing: T
    info: dict[str, Any]


class Unknown(LookupError):
    """A name that no file registers; says which names exist and which one was probably meant."""


class Registry(Generic[T]):
    """Things of one kind, found in one package folder (and in entry points of the same group)."""

    def __init__(self, kind: str, package: str) -> None:
        """`kind` is the singular noun used in messages, `package` the dotted folder that is the list."""
        self.kind, self.package = kind, package
        self._entries: dict[str, Entry[T]] = {}
        self._found = self._looking = False
        self._lock = threading.RLock()

    def __call__(self, name: str, **info: Any) -> Callable[[T], T]:
        """Register the decorated thing under `name`; raises ValueError when the name is taken."""

        def register(thing: T) -> T:
            held = self._entries.get(name)
            if held is not None and getattr(held.thing, "__module__", 0) != getattr(thing, "__module__", 1):
                raise ValueError(f"two {self.kind}s are called {name!r}: rename one of them")
            self._entries[name] = Entry(name, thing, info)
            return thing

        return register

    def __getitem__(self, name: str) -> Entry[T]:
        """Return the entry called `name`; raises Unknown with a suggestion."""
        self._discover()
        if name not in self._entries:
            near = difflib.get_close_matches(name, self._entries, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise Unknown(f"no {self.kind} is called {name!r}{hint} Known: {', '.join(sorted(self._entries))}")
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether a file registers `name`."""
        self._discover()
        return name in self._entries

    def __iter__(self) -> Iterator[Entry[T]]:
        """Iterate over the entries by name."""
        self._discover()
        return iter([self._entries[name] for name in sorted(self._entries)])

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted."""
        return tuple(entry.name for entry in self)

    def _discover(self) -> None:
        if self._found:
            return
        with self._lock:  # whoever comes while another thread looks waits for the whole list
            if self._found or self._looking:  # a file may ask for what is there so far
                return
            self._looking = True
            try:
                self._find()
                self._found = True
            finally:
                self._looking = False

    def _find(self) -> None:
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
        for point in entry_points(group=f"coplay.{self.kind}s"):
            point.load()


class FileRegistry(Registry[T]):
    """Things that are one TOML file each, read by `read(text, name)`; an entry point of the group gives such a text."""

    def __init__(self, kind: str, package: str, read: Callable[[str, str], T]) -> None:
        super().__init__(kind, package)
        self._read = read

    def _find(self) -> None:
        texts = {f.name.removesuffix(".toml"): f for f in folder(self.package).iterdir() if f.name.endswith(".toml")}
        for name in sorted(texts):
            self._entries[name] = Entry(name, self._read(texts[name].read_text(encoding="utf-8"), name), {})
        for point in entry_points(group=f"coplay.{self.kind}s"):
            self._entries.setdefault(point.name, Entry(point.name, self._read(point.load(), point.name), {}))


def renderer(name: str) -> Callable[..., Any] | None:
    """Return who draws results of the kind `name`: an entry point of `coplay.renderers`, or the checkout's; None for nobody.

    So one side of the house has a report written without knowing the other.
    """
    group = "coplay.renderers"
    listed = {point.name: point for point in entry_points(group=group)}
    project = folder("game").joinpath("..", "pyproject.toml")
    if not listed and project.is_file():
        held = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["entry-points"].get(group, {})
        listed = {key: EntryPoint(key, value, group) for key, value in held.items()}
    try:
        return listed[name].load() if name in listed else None
    except ModuleNotFoundError:  # an extra that is not installed
        return None


def folder(package: str) -> Any:
    """Return the resource folder of `package` (an importlib Traversable)."""
    return resources.files(package)


def texts() -> dict[str, dict[str, str]]:
    """Return language -> the built-in catalogue, read from `game/texts/<lang>/<area>.toml`."""
    made: dict[str, dict[str, str]] = {}
    for lang in folder("game.texts").iterdir():
        if lang.is_dir() and not lang.name.startswith("_"):
            made[lang.name] = {}
            for file in sorted(lang.iterdir(), key=lambda f: f.name):
                if file.name.endswith(".toml"):
                    table = tomllib.loads(file.read_text(encoding="utf-8"))
                    made[lang.name].update(flatten(file.name.removesuffix(".toml"), table))
    return made


workflow: Registry[Any] = Registry("workflow", "game.workflows")
measure: Registry[Any] = Registry("measure", "game.measures")
player: Registry[Any] = Registry("player", "game.players")
questionnaire: FileRegistry[questionnaires.Questionnaire] = FileRegistry(
    "questionnaire", "game.questionnaires", questionnaires.parse
)
explainer: Registry[Any] = Registry("explainer", "ai.explainers")
model: Registry[Any] = Registry("model", "ai.models")
specimen: Registry[Any] = Registry("specimen", "ai.specimens")
importer: Registry[Any] = Registry("importer", "server.report.importers")
engine: Registry[Any] = Registry("engine", "ai.engines")
quality: Registry[Any] = Registry("metric", "ai.quality")
