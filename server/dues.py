"""Dues: what each session of a study has earned, by the log and by [pay]. In hundredths of the currency; nothing is stored here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from game.log import Row, is_erased
from game.pay import Pay
from game.points import points_in
from server.database import Database
from server.people import Owed, People
from server.presets import preset_of
from server.recruit import Config
from server.session import fold_rows

LATE = {"expired": "timed_out"}


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One amount for one session: of kind "base", "bonus" (with what lacks to the floor) or "partial"."""

    stream: str
    kind: str
    cents: int
    way: str = "us"
    """Who pays it: "us", or the "platform" by itself once the submission is approved or screened out."""


class Earning(msgspec.Struct, frozen=True, kw_only=True):
    """What one closed session earned."""

    stream: str
    platform: str
    outcome: str
    minutes: float
    """From opening to closing, without the time away."""
    points: float
    dues: tuple[Due, ...]

    @property
    def cents(self) -> int:
        """All of it."""
        return sum(due.cents for due in self.dues)


class Tally(msgspec.Struct, frozen=True):
    """Who is not among the earnings: still playing, erased, or without anybody known to pay."""

    playing: int = 0
    erased: int = 0
    unknown: int = 0


def earnings(
    database: Database, people: People, study: str, pay: Pay, minutes: float, configs: Sequence[Config]
) -> tuple[list[Earning], Tally]:
    """Return what every closed session of a study earned (pilots and simulations apart). `minutes`: the expected time."""
    came = {stream: known[-1].platform for stream, known in people.everyone()}
    coded = {(config.platform, outcome) for config in configs for outcome in config.codes}
    left = people.owed()
    found: list[Earning] = []
    playing = erased = unknown = 0
    for stream, rows in _sessions(database, study):
        if is_erased(rows):
            erased += 1
            found += [_owed(stream, left[stream])] if stream in left else []
            continue
        state = fold_rows(rows).state
        if not state.closed:
            playing += 1
        elif stream not in came:
            unknown += 1
        else:
            platform, outcome = came[stream], LATE.get(state.closed, state.closed)
            spent, points = spent_minutes(rows), points_in(state)
            dues = dues_of(stream, platform, outcome, spent, points, pay, minutes, coded=(platform, outcome) in coded)
            found.append(
                Earning(stream=stream, platform=platform, outcome=outcome, minutes=spent, points=points, dues=dues)
            )
    return found, Tally(playing, erased, unknown)


def _owed(stream: str, left: Owed) -> Earning:
    """Return what is still due for a session that its person erased."""
    dues = tuple(Due(stream=stream, kind=kind, cents=cents, way=way) for kind, (cents, way) in left.dues.items())
    platform = left.arrival.platform
    return Earning(stream=stream, platform=platform, outcome=left.outcome, minutes=0, points=0, dues=dues)


def dues_of(
    stream: str, platform: str, outcome: str, spent: float, points: float, pay: Pay, minutes: float, *, coded: bool
) -> tuple[Due, ...]:
    """Return what is due for one outcome; amounts of 0 are left out."""
    preset = preset_of(platform)
    if not preset.money:
        return ()
    if outcome == "completed":
        base, bonus = hundredths(pay.base), bonus_of(pay, points, minutes)
        way = "platform" if platform in ("prolific", "connect", "mturk") else "us"
        made = (
            Due(stream=stream, kind="base", cents=base, way=way),
            Due(stream=stream, kind="bonus", cents=bonus),
        )
    else:
        way = "platform" if coded and outcome in preset.by_platform else "us"
        made = (Due(stream=stream, kind="partial", cents=partial_of(pay, platform, outcome, spent, minutes), way=way),)
    return tuple(due for due in made if due.cents > 0)


def bonus_of(pay: Pay, points: float, minutes: float) -> int:
    """Return the bonus within its bounds, with what base and bonus lack to the floor for the expected time.

    >>> bonus_of(Pay("EUR", base=2, per_point=0.1, bonus_most=1, floor_per_hour=12), points=50, minutes=20)
    200
    """
    bonus = max(Decimal(str(pay.bonus_least)), Decimal(str(points)) * Decimal(str(pay.per_point)))
    if pay.bonus_most is not None:
        bonus = min(bonus, Decimal(str(pay.bonus_most)))
    lacking = hundredths(floor_of(pay, minutes)) - hundredths(pay.base) - hundredths(bonus)
    return hundredths(bonus) + max(0, lacking)


def floor_of(pay: Pay, minutes: float) -> Decimal:
    """Return the least that a finished session is paid."""
    return Decimal(str(pay.floor_per_hour)) * Decimal(str(minutes)) / 60


def partial_of(pay: Pay, platform: str, outcome: str, spent: float, minutes: float) -> int:
    """Return what an unfinished session is paid: the study's amount, or by the platform's preset its share of the time."""
    late = {now: then for then, now in LATE.items()}
    for name in (outcome, late.get(outcome, outcome)):
        if name in pay.partial:
            return hundredths(pay.partial[name])
    if outcome not in preset_of(platform).by_time or minutes <= 0:
        return 0
    whole = max(Decimal(str(pay.base)), floor_of(pay, minutes))
    share = min(Decimal(1), Decimal(str(spent)) / Decimal(str(minutes)))
    return max(1, hundredths(whole * share)) if whole else 0


def hundredths(amount: float | Decimal) -> int:
    """Return an amount in hundredths, half up."""
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def spent_minutes(rows: Sequence[Row]) -> float:
    """Return the minutes of a session without those in which no browser was connected."""
    away, left = 0, 0
    for row in rows:
        if row.kind == "left":
            left = left or row.at
        elif row.kind == "joined" and left:
            away, left = away + row.at - left, 0
        elif row.kind == "closed":
            away += row.at - left if left else 0
            return (row.at - rows[0].at - away) / 60e6
    return (rows[-1].at - rows[0].at - away) / 60e6


def _sessions(database: Database, study: str) -> Iterator[tuple[str, Sequence[Row]]]:
    for head in database.heads(f"{study}/"):
        yield head.stream, database.read(head.stream)
