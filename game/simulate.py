"""Simulation in process: the real core, players that see only views, a clock that is made up. No socket, no store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from game.catalogue import Texts
from game.compile import Names, cells, intake, plan
from game.events import CORE, Assigned, Client, Opened, SessionEvent
from game.eyes import Eyes, eyes_of
from game.fold import apply
from game.log import Row, seal
from game.mixture import Player, Seated, Share, mixture, replied, seat
from game.pack import Manifest
from game.plan import Script
from game.rules import Answer, AnyCommand, Join, Painted, Refused, Tick, Trace, advance, due
from game.state import EMPTY, current_stage, current_step
from game.study import Study
from game.truth import Truth, TruthRound
from game.view import view, view_digest

__all__ = ["START", "People", "Played", "Player", "Stuck", "play_through", "simulate"]

STEPS_MAX = 2000
CLIENT = Client(width=1366, height=768)
"""What simulated participants sit at."""
START = 1_700_000_000_000_000
"""Simulated sessions begin at this moment (microseconds UTC), so that equal seeds give equal bytes."""

Group = tuple[str, tuple[SessionEvent, ...]]
"""Command id ("" for the system's) and the events it made."""


class Stuck(RuntimeError):
    """A simulated participant could not go on; the message names the screen and the refusal."""


class Played(NamedTuple):
    """One simulated session: its stream, its events by command, and who played, in truth."""

    stream: str
    groups: list[Group]
    truth: Truth

    @property
    def events(self) -> list[SessionEvent]:
        """All events, in order."""
        return [event for _, events in self.groups for event in events]


class People:
    """Simulated people of one study, by number: each depends on the seed and its number only, so they can be made anywhere."""

    def __init__(
        self,
        study: Study,
        manifest: Manifest,
        texts: Mapping[str, Texts],
        names: Names,
        seed: str,
        who: str | Sequence[Share] = "random",
    ) -> None:
        """`who`: a mixture of players as `game.mixture` reads it. Raises BadMixture, BadTrait, `game.registry.Unknown`."""
        self.study, self.manifest, self.texts, self.names, self.seed = study, manifest, texts, names, seed
        self.shares = mixture(who) if isinstance(who, str) else tuple(who)
        self.cells = cells(study)
        self.intake: Script = intake(study, manifest, names)
        self.eyes: Eyes = eyes_of(study, manifest, names.salt)

    def play(self, number: int, cell: str = "", again: int = 0) -> Played:
        """Play one person's session, in `cell` or in the next one in turn. Raises Stuck.

        The same number in another cell is the same person with the same specimens and draws; `again` 1, 2, ... is the same
        person in further sessions, with others.
        """
        person = f"{self.seed}/{number}"
        own = f"{person}/{again}" if again else person
        cell = cell or self.cells[number % len(self.cells)]
        session = f"sim{number:05d}"
        opened = Opened(
            at=START, by="system", intake=self.intake, core=CORE, renderer="", lang=self.study.languages[0],
            session=session, study=self.study.name, prefix="simulated",
        )  # fmt: skip
        script = plan(self.study, self.manifest, self.names, cell, own)
        assigned = Assigned(at=START, by="system", cell=cell, seed=own, plan=script)
        seated = seat(self.shares, Random(f"{person}/person"), self.eyes)
        run = Run(opened, self.texts, seated, Random(own))
        groups = list(run.through(assigned))
        truth = Truth(session, self.study.name, cell, seated.name, seated.traits, tuple(run.rounds))
        return Played(f"simulated/{self.study.name}/{session}", groups, truth)

    def sealed(self, number: int) -> tuple[list[Row], Truth]:
        """Play one person's session and seal it into rows. Raises Stuck."""
        played = self.play(number)
        return rows_of(played, Random(f"{self.seed}/{number}/salt")), played.truth


def simulate(
    study: Study, manifest: Manifest, texts: Mapping[str, Texts], names: Names, n: int, seed: str, who: str = "random"
) -> Iterator[list[Row]]:
    """Yield the rows of `n` sessions, each in the next cell in turn; equal arguments give equal bytes."""
    people = People(study, manifest, texts, names, seed, who)
    for number in range(n):
        yield people.sealed(number)[0]


def play_through(
    opened: Opened, assigned: Assigned, texts: Mapping[str, Texts], play: Player | Seated, rng: Random
) -> Iterator[Group]:
    """Yield (command id, events) until the session is over; raises Stuck where a player finds no way on."""
    seated = play if isinstance(play, Seated) else Seated(play, "", {})
    return Run(opened, texts, seated, rng).through(assigned)


class Run:
    """One simulated participant and a made-up clock."""

    def __init__(self, opened: Opened, texts: Mapping[str, Texts], seated: Seated, rng: Random) -> None:
        self.opened, self.texts, self.seated, self.rng = opened, texts, seated, rng
        self.state, self.at = apply(EMPTY, opened), opened.at
        self.rounds: list[TruthRound] = []

    def through(self, assigned: Assigned) -> Iterator[Group]:
        """Yield (command id, events) until the session is over."""
        yield "", (self.opened,)
        for number in range(STEPS_MAX):
            if self.state.closed:
                return
            if self.state.waiting:
                event = replace(assigned, at=self.at)
                self.state = apply(self.state, event)
                yield "", (event,)
            for part, events in enumerate(self.turn()):
                yield f"s{number}.{part}", events
        raise Stuck(f"no end after {STEPS_MAX} screens, last at {self.state.stage}")

    def turn(self) -> Iterator[tuple[SessionEvent, ...]]:
        """Play one screen: answer it, or let its time run out. A screen that opens later is waited for."""
        if not self.state.present:
            yield self._send(Join(client=CLIENT), "system")
        screen = view(self.state, "participant", self.texts[self.state.lang])
        painted = Painted(screen.turn, view_digest(screen))
        self.at += 80_000
        stage = current_stage(self.state)
        reply = replied(self.seated.play(screen, self.rng), self.rng)
        self._note(self.at)
        answered = max(self.at + reply.ms * 1000, self.state.entered + int((stage.opens_s if stage else 0) * 1_000_000))
        if screen.within_ms or screen.shift_ms:  # a clock runs from painting, so it is told of at once
            yield self._send(Trace(seen=screen.turn, shown=painted), "participant")
            moment = due(self.state)
            if moment is not None and (not reply.values or moment <= answered):
                self.at = max(self.at, moment)
                yield self._send(Tick(), "clock")
                return
            painted = None
        if not reply.values:
            raise Stuck(f"{screen.place}: the player waits, and nothing comes")
        ago = (answered - self.at) // 1000
        self.at = answered
        shown = painted and replace(painted, ago_ms=ago)  # painting is told with the answer, as browsers do
        command = Answer(seen=screen.turn, values=reply.values, ms=reply.ms, gestures=reply.gestures, shown=shown)
        yield self._send(command, "participant")

    def _note(self, began: int) -> None:
        """Keep who decides this round in truth; the last screen of a round tells it best."""
        mode, step, index = self.seated.mode, current_step(self.state), self.state.step
        if mode is None or step is None or step.card is None:
            return
        if self.rounds and self.rounds[-1].step == index:
            began = self.rounds.pop().at
        self.rounds.append(TruthRound(index, began, step.card.specimen, mode))

    def _send(self, command: AnyCommand, by: str) -> tuple[SessionEvent, ...]:
        found = advance(self.state, command, by, self.at)
        if isinstance(found, Refused):
            raise Stuck(f"{self.state.step}/{self.state.stage}: {found.code} {found.detail}")
        made, self.state = found
        return made


def rows_of(played: Played, rng: Random) -> list[Row]:
    """Seal a session into the rows of its stream."""
    rows: list[Row] = []
    for cmd, events in played.groups:
        for event in events:
            salt = f"{rng.getrandbits(128):032x}"
            rows.append(seal(rows[-1] if rows else None, played.stream, event, cmd and f"{played.stream}/{cmd}", salt))
    return rows


def everybody(people: People, numbers: Iterable[int]) -> Iterator[Played]:
    """Yield the sessions of several people."""
    for number in numbers:
        yield people.play(number)
