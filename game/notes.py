"""Notes: what is gathered of one step while a session's events pass by; `game.rounds` makes rounds from them."""

from __future__ import annotations

from game.events import Answered, Event, Gestured, Joined, Shown, TimedOut, Value
from game.place import NOTHING
from game.plan import Card, More, Step
from game.stages import (
    AnsweredIn,
    Drawn,
    Marked,
    ShowGallery,
    ShowPair,
    ShowPanes,
    ShowPart,
    ShowTeammate,
    ShowVerdict,
    Stage,
    When,
    leads,
)

OUTCOMES = ("final", "agree", "predict", "candidate", "choose", "estimate")
"""Asks that decide a round, each in its task."""


class Notes:
    """One step: what was answered by whom, what was painted when, what was opened on the way."""

    def __init__(self, step: Step, table: tuple[Stage, ...], index: int, held: bool, arrangement: str) -> None:
        """`held`: the AI holds the decisions when the step begins; `arrangement`: what was chosen before the block, or ""."""
        self.step, self.table, self.index, self.arrangement = step, table, index, arrangement
        self.given: dict[str, Value] = {}
        self.by: dict[str, str] = {}
        self.ms: dict[str, int | None] = {}
        self.at: dict[str, int] = {}
        """Ask name -> when it was first answered (microseconds)."""
        self.painted: dict[str, int] = {}
        """Stage name -> when it was first painted (microseconds)."""
        self.since: dict[str, int] = {}
        """Stage name -> when it was last come upon."""
        self.ends: dict[str, int] = {}
        self.before: dict[str, int] = {}
        """Stage name -> microseconds of its earlier visits."""
        self.away: dict[str, int] = {}
        self.away_in_all = 0
        self.choices: list[str] = []
        self.parts: list[str] = []
        self.counts = {"guide": 0, "zoom": 0, "side": 0, "peek": 0}
        self.handovers = 0
        self.first_ms: int | None = None
        self.frame: Shown | None = None
        self.late = False
        self.come = 0
        """When the screen that is up was painted (microseconds)."""
        self.rejoined = False
        """The browser came back to that screen, so its clock began anew."""
        self.ai_at = self.ai_away = 0
        """When the AI's answer was first painted, and the time away before (microseconds)."""
        self.since_ai_ms: int | None = None
        """From then to the person's decision, time away removed."""
        self.told = ""
        """Whose answer was told to be right or wrong in the round."""
        self.handed_over = held
        self.took_back = False
        self.trust: Value = None
        self.who_decided: Value = None

    @property
    def card(self) -> Card:
        """The round's card; an audit has none, and its gallery's first then stands for the model."""
        if self.step.card is not None:
            return self.step.card
        first = self.step.gallery[0]
        return Card(f"gallery:{self.step.id}", "", "", model=first.model, method=first.method)

    @property
    def more(self) -> More:
        """What few rounds have."""
        return self.card.more or NOTHING

    @property
    def open(self) -> tuple[Stage, ...]:
        """The stages that could come up in this round, by what was drawn and chosen before it began."""
        by_name = {stage.name: stage for stage in self.table}
        met, edge = set[str](), [self.table[0].name]
        while edge:
            stage = by_name.get(edge.pop())
            if stage is None or stage.name in met:
                continue
            passed = {stage.otherwise or stage.then} if stage.when else set[str]()
            if all(self._may(when) for when in stage.when):
                met.add(stage.name)
                passed = leads(stage) | (passed if any(self._turns(when) for when in stage.when) else set[str]())
            edge += passed - met
        return tuple(stage for stage in self.table if stage.name in met)

    def _may(self, when: When) -> bool:
        match when:
            case Drawn(name):
                return name in self.card.draws
            case Marked("abstains"):
                return "abstains" in self.more.marks
            case AnsweredIn("arrangement", values):
                return self.arrangement in values
            case _:
                return True

    @staticmethod
    def _turns(when: When) -> bool:
        """Tell whether a predicate belongs to the way of working and not to the round: both of its sides could come up."""
        return not isinstance(when, Drawn) and getattr(when, "name", "") != "arrangement"

    @property
    def decided_at(self) -> int | None:
        """When the round was decided (microseconds), by anybody."""
        return min((self.at[name] for name in OUTCOMES if name in self.at), default=None)

    def span(self, stage: str) -> int:
        """Return how long a stage was up in microseconds, time away removed."""
        held = self.before.get(stage, 0)
        if stage in self.ends and stage in self.since:
            held += max(0, self.ends[stage] - self.since[stage] - self.away.get(stage, 0))
        return held

    def watch(self, stage: Stage, event: Event, left_at: int) -> None:
        """Note an event that happens while `stage` is up; `left_at`: when the browser went away, or 0."""
        match event:
            case Shown():
                self._paint(stage, event)
            case Gestured():
                self._gestures(stage, event)
            case Joined() if left_at and stage.name in self.painted:
                self._gone(stage.name, event.at - left_at)
                self.rejoined = True
            case TimedOut():
                self.late = self.late or not stage.waits
                self.ends[stage.name] = event.at
            case _:
                pass

    def take(self, event: Answered) -> None:
        """Note an answer."""
        self.given[event.name] = event.value
        self.by[event.name] = event.by
        self.ms[event.name] = event.ms
        self.at.setdefault(event.name, event.at)
        if event.by != "participant":
            return
        self.ends[event.stage] = event.at
        if event.name in OUTCOMES and self.ai_at:
            self.since_ai_ms = self._since_ai(event)
        if event.name == "part":
            self.parts.append(str(event.value))
        elif event.name == "offer":
            self.handovers += event.value == "open"
        elif event.name == "handover":
            self.handed_over = self.handed_over or event.value == "ai"
            self.took_back = self.took_back or event.value == "me"

    def _paint(self, stage: Stage, event: Shown) -> None:
        when, name = event.at - event.ago_ms * 1000, stage.name
        if name in self.ends:  # come upon again
            self.before[name] = self.span(name)
            self.since[name] = when
            self.away.pop(name, None)
            del self.ends[name]
        self.since.setdefault(name, when)
        self.painted.setdefault(name, when)
        self.frame = self.frame or event
        self.come, self.rejoined = when, False
        if not self.ai_at and shows_answer(stage, self.card):
            self.ai_at, self.ai_away = when, self.away_in_all
        self.told = next((show.of for show in stage.show if isinstance(show, ShowVerdict)), self.told)

    def _since_ai(self, event: Answered) -> int:
        """Return the time from the AI's answer to an answer: by the browser's clock on the last screen, if it went on."""
        end = event.at if event.ms is None or self.rejoined else self.come + event.ms * 1000
        return max(0, (end - self.ai_at - (self.away_in_all - self.ai_away)) // 1000)

    def _gone(self, stage: str, microseconds: int) -> None:
        self.away[stage] = self.away.get(stage, 0) + microseconds
        self.away_in_all += microseconds

    def _gestures(self, stage: Stage, event: Gestured) -> None:
        hidden: int | None = None
        for gesture in event.items:
            if gesture.name == "choose:final":
                self.choices.append(str(gesture.value))
            if gesture.name in self.counts and gesture.value not in (False, None):
                self.counts[gesture.name] += 1
            if gesture.name == "away":
                hidden = gesture.ms
            elif gesture.name == "back" and hidden is not None:
                self._gone(stage.name, (gesture.ms - hidden) * 1000)
                hidden = None
            elif self.first_ms is None and len(self.painted) == 1 and gesture.name != "resize":
                self.first_ms = gesture.ms


def shows_answer(stage: Stage, card: Card) -> bool:
    """Tell whether a stage shows what the AI says; where it abstains there is nothing to see."""
    if not card.advice:
        return False
    return any(
        (isinstance(show, ShowTeammate) and show.state in ("suggests", "decides")) or isinstance(show, ShowPair)
        for show in stage.show
    )


def shows_image(stage: Stage) -> bool:
    """Tell whether a stage shows the specimen."""
    return any(isinstance(show, ShowPanes | ShowPart) for show in stage.show)


def shows_explanation(stage: Stage, card: Card, more: More) -> bool:
    """Tell whether a stage shows an explanation of the AI's, as a map or as pictures."""
    roles = {extra.role for extra in more.also if extra.overlay or extra.pictures}
    for show in stage.show:
        if isinstance(show, ShowPanes) and show.second == "map" and card.overlay:
            return True
        if isinstance(show, ShowPart) and show.role in roles:
            return True
        if isinstance(show, ShowPair | ShowGallery) and show.maps:
            return True
    return False
