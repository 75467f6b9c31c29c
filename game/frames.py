"""Frames: one session's rows as what a researcher replays. A pure fold over the same rows that made the session.

A screen stands where the browser painted it, a gesture where it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from game import events as e
from game.blocks import Panes, Teammate
from game.catalogue import Texts
from game.fold import apply
from game.log import Row, event_of, is_erased
from game.plan import Step
from game.replay import Gap, Moment, Replay, Screen, Seat, Span, Touch
from game.round import Round
from game.rounds import rounds_of
from game.screen import View
from game.state import EMPTY, State, current_step, steps_of
from game.view import position, view


def frames(rows: Sequence[Row], texts: Mapping[str, Texts]) -> Replay:
    """Return the replay of one session's rows (any prefix will do); `texts` is language -> catalogue."""
    if is_erased(rows):
        return _erased(rows)
    reel = _Reel(texts)
    for row in rows:
        event = event_of(row)
        assert isinstance(event, e.SessionEvent)
        reel.add(event)
    return reel.develop()


def conditions_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the conditions of the scored rounds in the order in which they come."""
    return tuple(dict.fromkeys(step.condition for step in steps if step.scored and step.condition))


def _erased(rows: Sequence[Row]) -> Replay:
    opened = rows[0].at
    events = tuple(Moment(seq=r.seq, at_ms=(r.at - opened) // 1000, kind=r.kind, by=r.by) for r in rows)
    return Replay(
        session=rows[0].stream, study="", prefix="", cell="", outcome="erased", erased=True, opened_at=opened,
        end_ms=(rows[-1].at - opened) // 1000, conditions=(), titles={}, events=events, ui=(), screens=(), views={},
        rounds=(), clients=(), gaps=(),
    )  # fmt: skip


def _text_of(event: e.SessionEvent) -> str:
    match event:
        case e.Noted(text=text) | e.Closed(outcome=text) | e.Localised(lang=text) | e.Assigned(cell=text):
            return text
        case e.Left(why=text) | e.Paused(why=text) | e.Erased(why=text):
            return text
        case _:
            return ""


class _Reel:
    """The fold's working memory."""

    def __init__(self, texts: Mapping[str, Texts]) -> None:
        self.texts = texts
        self.state: State = EMPTY
        self.turned_at = self.base_ms = 0
        self.all: list[e.SessionEvent] = []
        self.events: list[Moment] = []
        self.ui: list[Touch] = []
        self.views: dict[int, View] = {}
        self.screens: dict[int, Screen] = {}
        self.spans: dict[int, Span] = {}
        self.clients: list[Seat] = []
        self.gaps: list[Gap] = []
        self.left: Gap | None = None

    def ms(self, at: int) -> int:
        return (at - self.state.opened.at) // 1000 if self.state.opened else 0

    def add(self, event: e.SessionEvent) -> None:
        before = self.state
        self.all.append(event)
        # What a command makes happen shares one time: only then is its screen complete and can it be sent.
        if before.turn >= 0 and (event.at > self.turned_at or isinstance(event, e.Shown)):
            self._keep(before)
        self.state = apply(before, event)
        if self.state.turn != before.turn:
            if before.turn >= 0:
                self._keep(before)
            self.turned_at, self.base_ms = event.at, self.ms(event.at)
            self._enter(self.ms(event.at))
        self._note(event, before if before.opened else self.state)
        self._place(event)

    def _keep(self, state: State) -> None:
        if state.turn not in self.views:
            self.views[state.turn] = view(state, "researcher", self.texts.get(state.lang, {}))

    def _enter(self, at_ms: int) -> None:
        """A new screen: it belongs to a round when its step has a card."""
        step, state = current_step(self.state), self.state
        index = -1
        if step is not None and step.card and not state.closed:
            if state.step not in self.spans:
                number = position(state)[0] if step.scored else 0
                card = step.card
                self.spans[state.step] = Span(
                    step=step.id, number=number, start_ms=at_ms, end_ms=at_ms, condition=step.condition,
                    phase=step.phase, block=step.block, specimen=card.specimen, truth=card.truth, ai=card.advice,
                    method=card.method,
                )  # fmt: skip
            index = list(self.spans).index(state.step)
        self.screens[state.turn] = Screen(turn=state.turn, from_ms=at_ms, round=index)

    def _note(self, event: e.SessionEvent, state: State) -> None:
        """Write the event's list line, unless it is gestures, which stand for themselves."""
        at_ms = self.ms(event.at)
        if isinstance(event, e.Gestured):
            self._touch(event)
            return
        step = current_step(state)
        number = position(state)[0] if step is not None and step.scored else 0
        if isinstance(event, e.Shown):
            at_ms -= event.ago_ms
        answered = isinstance(event, e.Answered)
        moment = Moment(
            seq=self.state.seq, at_ms=at_ms, kind=str(type(event).__struct_config__.tag), by=event.by, turn=state.turn,
            step=step.id if step else "", stage=state.stage, round=number, name=event.name if answered else "",
            value=event.value if answered else None, text=_text_of(event),
        )  # fmt: skip
        self.events.append(moment)

    def _touch(self, event: e.Gestured) -> None:
        latest = self.ms(event.at)
        for item in event.items:
            at_ms = min(self.base_ms + item.ms, latest)
            self.ui.append(Touch(self.state.seq, at_ms, event.of, item.name, item.value))

    def _place(self, event: e.SessionEvent) -> None:
        match event:
            case e.Shown() if event.of in self.screens:
                self._painted(event)
            case e.Joined(client=client):
                self.clients.append(Seat(self.ms(event.at), client))
                if self.left:
                    self.gaps.append(replace(self.left, until_ms=self.ms(event.at)))
                self.left = None
            case e.Left(why=why):
                self.left = Gap(self.ms(event.at), self.ms(event.at), why)
            case _:
                pass

    def _painted(self, event: e.Shown) -> None:
        """Gestures count from the latest painting, the screen stands from the first."""
        self.base_ms = self.ms(event.at) - event.ago_ms
        screen, seen = self.screens[event.of], self.views.get(event.of)
        blocks = seen.blocks if seen else ()
        states = [b.state for b in blocks if isinstance(b, Teammate) and b.state in ("suggests", "decides")]
        self.screens[event.of] = replace(
            screen,
            from_ms=screen.from_ms if screen.painted else self.base_ms,
            painted=True,
            advice=states[0] if states else "",
            explained=any(isinstance(b, Panes) and b.second in ("map", "picture") for b in blocks),
            width=event.width, height=event.height, dpr=event.dpr, theme=event.theme,
        )  # fmt: skip

    def develop(self) -> Replay:
        """Return what was folded, everything in the order of time."""
        state, opened = self.state, self.state.opened
        if state.turn >= 0:
            self._keep(state)
        end = max([0, *(m.at_ms for m in self.events), *(t.at_ms for t in self.ui)])
        if self.left:
            self.gaps.append(replace(self.left, until_ms=end))
        screens = sorted(self.screens.values(), key=lambda screen: screen.turn)
        ends = [*(screen.from_ms for screen in screens[1:]), end]
        screens = [replace(s, until_ms=max(s.from_ms, u)) for s, u in zip(screens, ends, strict=False)]
        script = state.script
        played, began = rounds_of(self.all), opened.at if opened else 0
        classes = script.classes if script else ()
        return Replay(
            session=opened.session if opened else "",
            study=opened.study if opened else "",
            prefix=opened.prefix if opened else "",
            cell=state.assigned.cell if state.assigned else "",
            outcome=state.closed,
            erased=state.erased,
            opened_at=began,
            end_ms=end,
            conditions=conditions_of(steps_of(state)),
            titles={lang: {key: t.get(f"class.{key}", key) for key in classes} for lang, t in self.texts.items()},
            events=tuple(sorted(self.events, key=lambda m: (m.at_ms, m.seq))),
            ui=tuple(sorted(self.ui, key=lambda t: (t.at_ms, t.seq))),
            screens=tuple(screens),
            views=self.views,
            rounds=tuple(_settled(tuple(self.spans.values()), screens, played)),
            clients=tuple(self.clients),
            gaps=tuple(self.gaps),
            starts=tuple(((each.started_at or began) - began) // 1000 for each in played),
        )


def _settled(spans: Sequence[Span], screens: Sequence[Screen], rounds: Sequence[Round]) -> Iterator[Span]:
    """Fill in how the rounds went: times from their screens, answers from the rounds that were painted."""
    played = iter([held for held in rounds if held.truth])
    for index, span in enumerate(spans):
        mine = [screen for screen in screens if screen.round == index]
        timed = replace(span, start_ms=mine[0].from_ms, end_ms=mine[-1].until_ms)
        held = next(played, None) if any(screen.painted for screen in mine) else None
        yield timed if held is None else _told(timed, held)


def _told(span: Span, held: Round) -> Span:
    advised = "x" if held.explanation_shown else "s"
    whole = held.handed_over or held.arrangement == "ai_instead"
    by_ai = "" if held.decided_by != "ai" else "h" if whole else "d"
    return replace(
        span,
        own=held.own or "", own_confidence=held.own_confidence, final=held.final or "",
        final_confidence=held.final_confidence, by=held.decided_by, mode=by_ai or (advised if held.ai_shown else "a"),
        flags=_flags(held),
    )  # fmt: skip


def _flags(held: Round) -> tuple[str, ...]:
    """Over-reliance: a wrong AI followed (where there was an own answer: a right one given up); under-reliance the reverse."""
    if held.final is None:
        return ()
    advised = held.decided_by == "participant" and held.ai_shown
    flags = {
        "wrong": not held.correct,
        "over": advised and not held.ai_correct and bool(held.followed) and held.own_correct is not False,
        "under": advised and bool(held.ai_correct) and not held.correct and not held.own_correct,
        "change": held.own is not None and held.final != held.own and held.decided_by == "participant",
        "delegation": held.decided_by == "ai",
    }
    return tuple(name for name, holds in flags.items() if holds)
