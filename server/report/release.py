"""Releases: who could be told apart in data that everybody may read. Counts how many share each value, and each combination."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from game.events import Answered
from game.stages import AskAmount, AskMany, AskOption, AskRate
from server.report.visit import Visit, ask_of

K = 5
"""Cells with fewer people are named; the usual rule of statistical offices is 3 to 10."""
PAGES = ("demographics",)
CLOSED = (AskOption, AskMany, AskRate, AskAmount)

Singles = dict[tuple[str, str], int]
Wholes = dict[tuple[tuple[str, str], ...], int]


class Cell(msgspec.Struct, frozen=True, order=True):
    """People who share these values."""

    people: int
    values: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """Say who they are."""
        said = ", ".join(f"{name} = {value}" for name, value in self.values)
        return f"{self.people} {'person' if self.people == 1 else 'people'}: {said}"


class Crowd:
    """What could single people out: answers about the person, the language, the kind of device."""

    def __init__(self, people: int = 0, single: Singles | None = None, whole: Wholes | None = None) -> None:
        self.people = people
        self._single, self._whole = Counter(single or {}), Counter(whole or {})

    @property
    def counts(self) -> tuple[int, Singles, Wholes]:
        """People, and how many share each value and each combination: what it is made of."""
        return self.people, self._single, self._whole

    def add(self, visit: Visit) -> None:
        """Count one person."""
        known = traits(visit)
        self.people += 1
        self._single.update(known.items())
        self._whole[tuple(sorted(known.items()))] += 1

    def small(self, k: int = K) -> list[Cell]:
        """Return the cells with fewer than `k` people: single values first, then whole combinations, smallest first."""
        ones = sorted(Cell(count, (value,)) for value, count in self._single.items() if count < k)
        wholes = sorted(Cell(count, values) for values, count in self._whole.items() if count < k and len(values) > 1)
        return [*ones, *wholes]


def traits(visit: Visit) -> Mapping[str, str]:
    """Return what a stranger might know of the person: closed answers of the page "demographics", language, pointer."""
    found = dict(_answers(visit))
    found["locale"] = visit.state.lang
    if visit.state.client is not None:
        found["pointer"] = "touch" if visit.state.client.touch else "mouse"
    return found


def _answers(visit: Visit) -> Iterator[tuple[str, str]]:
    for event in visit.events:
        if not isinstance(event, Answered) or event.value in (None, "", "unsaid"):
            continue
        step, ask = ask_of(visit, event)
        about = f"{step.id} {step.key} {event.stage}" if step else ""
        if isinstance(ask, CLOSED) and (any(page in about for page in PAGES) or ask.legend.startswith("demographics.")):
            yield event.name, str(event.value)
