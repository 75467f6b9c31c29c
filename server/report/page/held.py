"""Rounds held in columns: a report's many rounds in a tenth of the memory that as many objects would take."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from game.round import Round

FIELDS = Round.__struct_fields__
PLAIN = 4096
"""Distinct numbers of a column above which they are stored themselves, not as places in a table of values."""
NO_INT, NO_FLOAT = -(2**63), -1.7976931348623157e308
"""What stands for None among plain numbers."""
WIDTHS = (("B", 1 << 8), ("H", 1 << 16), ("I", 1 << 32))


class Column:
    """One field of all rounds: one value for all, or places in a table of distinct values, or plain numbers."""

    __slots__ = ("_coded", "_codes", "_keys", "_numbers", "_values", "length")

    def __init__(self) -> None:
        self.length = 0
        self._coded = False
        self._keys: dict[Any, int] = {}
        self._values: list[Any] = []
        self._codes: array[int] | None = None
        self._numbers: array[int] | array[float] | None = None

    def append(self, value: Any) -> None:
        """Add the next round's value."""
        if self._numbers is not None and not self._fits(value):
            self._again()
        if self._numbers is not None:
            self._numbers.append(self._number(value))
        else:
            self._code(value)
        self.length += 1

    def reader(self) -> Callable[[int], Any]:
        """Return what gives a round's value by its place; nothing may be appended afterwards."""
        self._keys = {}
        values, codes, numbers = self._values, self._codes, self._numbers
        if numbers is not None:
            none = NO_INT if numbers.typecode == "q" else NO_FLOAT
            return lambda at: None if (value := numbers[at]) == none else value
        if codes is not None:
            return lambda at: values[codes[at]]
        only = values[0] if values else None
        return lambda _: only

    def _code(self, value: Any) -> None:
        key = key_of(value)
        code = self._keys.setdefault(key, len(self._keys))
        if code == len(self._values):
            self._values.append(value)
            if len(self._values) == 2:
                self._codes = array("B", bytes(self.length))
            elif self._codes is not None:
                self._widen(len(self._values))
        if self._codes is not None:
            self._codes.append(code)
        if len(self._values) > PLAIN and not self._coded:
            self._plain()

    def _widen(self, distinct: int) -> None:
        wide = next(code for code, most in WIDTHS if distinct <= most)
        if self._codes is not None and self._codes.typecode != wide:
            self._codes = array(wide, self._codes)

    def _plain(self) -> None:
        """Store the numbers themselves where all are ints, or floats, or None."""
        self._coded = True
        kinds: set[type[Any]] = {value.__class__ for value in self._values if value is not None}
        if len(kinds) != 1 or self._codes is None or not kinds <= {int, float}:
            return
        code = "q" if kinds == {int} else "d"
        kept: array[Any] = array(code)
        self._numbers = kept
        if not all(self._fits(value) for value in self._values):
            self._numbers = None
            return
        kept.extend(self._number(self._values[code]) for code in self._codes)
        self._codes, self._values, self._keys = None, [], {}

    def _fits(self, value: Any) -> bool:
        whole = self._numbers is not None and self._numbers.typecode == "q"
        if value is None:
            return True
        return (type(value) is int and NO_INT < value < 2**63) if whole else (type(value) is float and value > NO_FLOAT)

    def _number(self, value: Any) -> Any:
        if value is not None:
            return value
        return NO_INT if self._numbers is not None and self._numbers.typecode == "q" else NO_FLOAT

    def _again(self) -> None:
        """Go back to a table: a value came that is no such number."""
        read, length = self.reader(), self.length
        self._numbers, self._values, self._codes, self.length = None, [], None, 0
        listed = [read(at) for at in range(length)]
        for value in listed:
            self._code(value)
            self.length += 1


def key_of(value: Any) -> Any:
    """Return what equal values share: 1, 1.0 and True are three values."""
    if isinstance(value, Mapping):
        return (Mapping, *((name, key_of(one)) for name, one in cast("Mapping[Any, Any]", value).items()))
    if isinstance(value, tuple):
        return (tuple, *map(key_of, cast("tuple[Any, ...]", value)))
    kind = value.__class__
    if kind is str:
        return value
    return (kind, value) if value or kind is not float else (kind, str(value))  # -0.0 is not 0.0


class Held:
    """Columns of rounds while they are read; `rounds` gives what reads like a list of `Round`."""

    def __init__(self) -> None:
        self._columns = {name: Column() for name in FIELDS}
        self.readers: tuple[Callable[[int], Any], ...] = ()
        self.length = 0

    def append(self, each: Round) -> None:
        """Take a round; words of people's own are dropped."""
        for name, column in self._columns.items():
            column.append(None if name == "reason" else getattr(each, name))
        self.length += 1

    def extend(self, rounds: Iterable[Round]) -> None:
        """Take rounds."""
        for each in rounds:
            self.append(each)

    def rounds(self) -> list[Round]:
        """Return the rounds, in the order in which they came; nothing may be appended afterwards."""
        self.readers = tuple(self._columns[name].reader() for name in FIELDS)
        return [cast("Round", HeldRound(self, at)) for at in range(self.length)]


class HeldRound:
    """One round in columns. It has every field of a `Round`, and is read like one."""

    __slots__ = ("at", "held")

    def __init__(self, held: Held, at: int) -> None:
        self.held, self.at = held, at

    def __repr__(self) -> str:
        """Return the round as it would be written."""
        return repr(whole(cast("Round", self)))


def _field(place: int) -> property:
    def read(self: HeldRound) -> Any:
        return self.held.readers[place](self.at)

    return property(read)


for _place, _name in enumerate(FIELDS):
    setattr(HeldRound, _name, _field(_place))


def held(rounds: Iterable[Round]) -> list[Round]:
    """Return the same rounds, held in columns."""
    made = Held()
    made.extend(rounds)
    return made.rounds()


def whole(each: Round) -> Round:
    """Return a round as an object of its own."""
    return Round(**{name: getattr(each, name) for name in FIELDS})


def changed(rounds: Sequence[Round], **fields: Callable[[Round], Any]) -> list[Round]:
    """Return the rounds with fields that are computed from each of them; the other columns are shared."""
    first = rounds[0] if rounds else None
    home = first.held if isinstance(first, HeldRound) else None
    if home is None or not all(isinstance(each, HeldRound) and each.held is home for each in rounds):
        return [msgspec.structs.replace(e, **{name: of(e) for name, of in fields.items()}) for e in rounds]
    made, columns = Held(), {name: Column() for name in fields}
    for each in rounds:
        for name, of in fields.items():
            columns[name].append(of(each))
    places = array("I", [cast("HeldRound", each).at for each in rounds])

    def elsewhere(read: Callable[[int], Any]) -> Callable[[int], Any]:
        return lambda at: read(places[at])

    made.readers = tuple(
        columns[name].reader() if name in columns else elsewhere(read)
        for name, read in zip(FIELDS, home.readers, strict=True)
    )
    return [cast("Round", HeldRound(made, at)) for at in range(len(rounds))]
