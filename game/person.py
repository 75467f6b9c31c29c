"""Person: what simulated people who look share. A player changes what it thinks and does; how screens are answered is here.

A person sees the view, and what the view's picture shows (`game.eyes`). Scores are logits per class: evidence of the picture,
plus what the AI's answer adds. An answer is drawn by softmax, so that the noise of a person's choices is logistic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from game.blocks import Panes, Teammate, Verdict
from game.controls import Act, Amount, Ask, Choice, Option, Rate
from game.events import Gesture, Value
from game.eyes import Eyes
from game.manner import FAST_MS, GLANCE_MS, LOOKS, PACE, SLOW_MS, TRUST, Manner, Met, Mode
from game.players import acts_of, legal, option_called, press, said
from game.screen import View

__all__ = ["LOOKS", "PACE", "TRUST", "Met", "Mode", "Person", "Reply"]


class Reply(NamedTuple):
    """What a player does on a screen: values to send ({} waits), after how long, and gestures on the way."""

    values: dict[str, Value]
    ms: int
    gestures: tuple[Gesture, ...] = ()


class Person(Manner):
    """One simulated person. Called with a screen; keeps what it perceived of a round until the next one comes."""

    def __init__(self, traits: Mapping[str, float], eyes: Eyes) -> None:
        super().__init__(traits, eyes)
        self.round = ""
        """Step of the present round."""
        self.evidence: dict[str, float] = {}
        """What was perceived of its picture: log evidence per class."""
        self._judged = ""

    def __call__(self, screen: View, rng: Random) -> Reply:
        """Return what to send for `screen`. Sees only the view, and by the eyes its picture."""
        self._learn(screen)
        if screen.layout != "round":
            return self._page(screen, rng)
        step = screen.place.partition("/")[0]
        if step != self.round:
            self.round, self.evidence, self.own, self.mode = step, {}, "", "solo"
            self.rounds += 1
            self.begins(screen, rng)
        return self._round(screen, rng)

    def _learn(self, screen: View) -> None:
        for block in screen.blocks:
            if isinstance(block, Verdict) and screen.place != self._judged:
                named = {label.who: label.label for label in block.labels}
                if "ai" in named and "truth" in named:
                    self._judged = screen.place
                    self.learns(named["ai"] == named["truth"])

    def _page(self, screen: View, rng: Random) -> Reply:
        acts = acts_of(screen)
        if not acts:
            return Reply({}, GLANCE_MS)
        act = next((act for act in acts if act.confirms), acts[0])
        values = press(screen, act, rng, lambda ask: self._pick(ask, rng))
        for ask in screen.asks if act.confirms else ():
            if isinstance(ask, Amount) and ask.name == "bid":
                values["bid"] = round(max(ask.least, min(ask.most, round(self.bids() * ask.most))), 6)
        return Reply(values, GLANCE_MS + int(rng.expovariate(1 / 2500)))

    def _pick(self, ask: Choice | Rate, rng: Random) -> str:
        values = [option.value for option in ask.options]
        wanted = self.eyes.read.get(ask.name, "")
        if ask.name == "arrangement":
            wanted = self.arranges()
        elif ask.name == "preferred":
            wanted = "assisted"
        elif ask.name.startswith("price_"):
            wanted = "yes" if self.bids() > 0.5 else "no"
        elif ask.name == "who_decided":
            told = {"solo": "me", "mediation": "both", "delegation": "mostly_ai", "substitution": "ai"}
            wanted = told[self.mode]
        return wanted if wanted in values else rng.choice(values)

    def _round(self, screen: View, rng: Random) -> Reply:
        acts = acts_of(screen)
        met = self.meet(screen, rng)
        if not any(act.confirms for act in acts):
            return self._act(screen, acts, met, rng)
        asking = next((act for act in acts if act.name == "request"), None)
        if asking is not None and self.asks(self.sure(self.think(met, rng, own=True)), rng):
            self.mode = "mediation"
            return Reply({asking.name: asking.value}, self._ms(screen, rng))
        offer = next((act for act in acts if (act.name, act.value) == ("offer", "open")), None)
        if offer is not None and self.hands_over(rng):
            self.mode = "substitution"
            return Reply({offer.name: offer.value}, rng.randint(*FAST_MS))
        return self._decide(screen, next(act for act in acts if act.confirms), met, rng)

    def _act(self, screen: View, acts: list[Act], met: Met, rng: Random) -> Reply:
        """Answer a screen with buttons only: who decides, hand over, take back, stop the AI, go on."""
        named = {(act.name, str(act.value)): act for act in acts}
        wanted: Act | None = None
        if ("who", "ai") in named:
            gives = self.delegates(self.sure(self.think(met, rng, own=True)), rng)
            given: Mode = "substitution" if self.mode == "substitution" else "delegation"
            self.mode = given if gives else "solo"
            wanted = named["who", "ai" if gives else "me"]
        elif ("handover", "ai") in named:
            wanted = named["handover", "ai"]
        elif ("handover", "me") in named:
            self.mode = "substitution"
            wanted = named["handover", "me"] if self.takes_back(rng) else None
        elif ("veto", "stop") in named:
            scores = self.think(met, rng)
            self.mode = "mediation"
            wanted = named["veto", "stop"] if met.ai and max(scores, key=scores.__getitem__) != met.ai else None
        elif acts:
            wanted = acts[0]
        if _decided(screen) and self.mode != "delegation" and not {("who", "ai"), ("veto", "stop")} & named.keys():
            self.mode = "substitution"  # the AI decides, and nobody asked about this case
        if wanted is None or not acts:
            return Reply({}, GLANCE_MS) if screen.within_ms or not acts else Reply(_of(acts[0]), GLANCE_MS)
        return Reply(_of(wanted), self._ms(screen, rng) if wanted.name in ("who", "veto") else GLANCE_MS)

    def _decide(self, screen: View, act: Act, met: Met, rng: Random) -> Reply:
        hasty = self.hasty(met, rng)
        if met.ai:
            self.mode = "mediation" if not hasty else "substitution" if self.mode == "substitution" else "delegation"
        scores = dict.fromkeys(met.options, 0.0) if hasty else self.think(met, rng, own=not met.ai)
        if hasty and met.ai:
            scores = {key: 50.0 * (key == met.ai) for key in met.options}
        chosen, sure = _softmax(scores, rng)
        values: dict[str, Value] = {}
        for ask in screen.asks:
            if not isinstance(ask, Act):
                values[ask.name] = self._value(ask, met, chosen, sure, scores, rng)
        if act.name:
            values[act.name] = act.value
        if "own" in values:
            self.own = chosen
        ms = rng.randint(*FAST_MS) if hasty else self._ms(screen, rng)
        name = next((name for name in ("final", "own") if name in values), "")
        gestures = (Gesture(f"choose:{name}", chosen, max(1, ms - 150)),) if name else ()
        return Reply(values, ms, gestures)

    def _value(self, ask: Ask, met: Met, chosen: str, sure: float, scores: Mapping[str, float], rng: Random) -> Value:
        match ask:
            case Choice(name="own" | "final" | "predict"):
                return chosen
            case Rate(name="agree"):
                p = math.exp(scores.get(met.ai, 0.0)) / sum(map(math.exp, scores.values())) if scores else 0.5
                return ask.options[min(len(ask.options) - 1, int(p * len(ask.options)))].value
            case Rate() if ask.name.endswith("_confidence"):
                return _level(ask.options, sure, len(met.options))
            case Choice() | Rate():
                return self._pick(ask, rng)
            case _:
                return legal(ask, rng)

    def meet(self, screen: View, rng: Random) -> Met:
        """Return what is on the screen; what was perceived of the picture stays the same within a round."""
        panes = next((block for block in screen.blocks if isinstance(block, Panes)), None)
        lists = [ask for ask in screen.asks if isinstance(ask, Choice) and ask.name in ("own", "final", "predict")]
        options = lists[0].options if lists else ()
        labels = list(said(screen))
        ai = next((value for label in labels if (value := option_called(options, label))), "")
        if labels and not ai and not options:
            ai = self.eyes.titles.get(labels[0], "")
        corners = self.eyes.corners(panes.overlay) if panes is not None and panes.second == "map" else None
        if panes is not None and not self.evidence:
            first = Met((), {}, ai, corners)
            blur = self.traits.get("blur", 0.0)
            self.evidence = self.eyes.look(panes.image, self.weights(first), self.lure(first), blur, rng)
        keys = tuple(option.value for option in options) or self.eyes.classes
        return Met(keys, self.evidence, ai, corners)

    def think(self, met: Met, rng: Random, *, own: bool = False) -> dict[str, float]:
        """Return the scores of the options in logits; `own`: without what the AI says."""
        scores = {key: met.evidence.get(key, 0.0) for key in met.options}
        if met.ai in scores and not own:
            scores[met.ai] += self.credit(met, rng)
        return scores

    def sure(self, scores: Mapping[str, float]) -> float:
        """Return the probability of the best option."""
        top = max(scores.values())
        return 1 / sum(math.exp(score - top) for score in scores.values())

    def _ms(self, screen: View, rng: Random) -> int:
        pace = self.traits.get("pace", PACE.mean) * self.slowness()
        if screen.within_ms:  # people see the countdown
            pace = min(pace, 0.7 * screen.within_ms)
        return max(SLOW_MS, int(pace * math.exp(rng.gauss(0, 0.35))))


def _of(act: Act) -> dict[str, Value]:
    return {act.name: act.value}


def _decided(screen: View) -> bool:
    return any(isinstance(block, Teammate) and block.state == "decides" for block in screen.blocks)


def _softmax(scores: Mapping[str, float], rng: Random) -> tuple[str, float]:
    """Return an option drawn by the softmax of the scores, and its probability."""
    top = max(scores.values())
    weights = {key: math.exp(score - top) for key, score in scores.items()}
    total = sum(weights.values())
    at, chosen = rng.random() * total, ""
    for chosen, weight in weights.items():  # noqa: B007 - the last one stands where rounding leaves a rest
        at -= weight
        if at <= 0:
            break
    return chosen, weights[chosen] / total


def _level(options: tuple[Option, ...], sure: float, classes: int) -> str:
    """Return the step of a confidence scale for a probability: from chance, the first, to 1, the last."""
    chance = 1 / max(2, classes)
    at = int((sure - chance) / (1 - chance) * len(options))
    return options[min(len(options) - 1, max(0, at))].value
