"""Where a screen stands: what resolving a stage into blocks and controls needs to know."""

from __future__ import annotations

from typing import NamedTuple

from game.catalogue import Texts, say
from game.holds import latest
from game.plan import Card, Extra, More, Script, Step
from game.stages import Stage
from game.state import State, steps_of

NOTHING = More()


class Place(NamedTuple):
    """Where a screen stands: state, step, stage, texts, the number of the scored round and how many there are."""

    state: State
    step: Step
    stage: Stage
    texts: Texts
    n: int
    of: int

    @property
    def card(self) -> Card:
        """The round's card; only round stages ask for it."""
        if self.step.card is None:
            raise LookupError(f"stage {self.stage.name} of {self.step.id} shows a specimen, but the step has no card")
        return self.step.card

    def text(self, key: str, **fields: object) -> str:
        """Return a text with the fields that every text may use."""
        text = self.texts.get(key, key)
        if "{" not in text and "}" not in text:  # most of them: there is nothing to fill in
            return text
        if "{left}" in text:
            fields["left"] = self.left
        return say(self.texts, key, **({"n": self.n, "of": self.of} | fields))

    @property
    def left(self) -> int:
        """Scored rounds that are left in this block, the present one among them."""
        later = steps_of(self.state)[self.state.step :]
        return sum(step.scored and step.block == self.step.block for step in later)

    def named(self, label: object) -> str:
        """Return the title of a class."""
        return say(self.texts, f"class.{label}")

    def given(self, name: str) -> object:
        """Return what was answered in this step, or None."""
        return self.state.answers.get(self.state.step, {}).get(name)

    @property
    def script(self) -> Script:
        """The script in force; a screen is only drawn from one."""
        if self.state.script is None:
            raise LookupError("no script is open")
        return self.state.script

    @property
    def more(self) -> More:
        """What few rounds have; empty in the others."""
        return (self.card.more or NOTHING) if self.step.card else NOTHING

    def also(self, role: str) -> Extra | None:
        """Return the card's further explanation or answer of a role, or None."""
        return next((extra for extra in self.more.also if extra.role == role), None)

    def latest(self, name: str) -> object:
        """Return the answer called `name` of this step, else the latest before it."""
        return latest(self.state, name)
