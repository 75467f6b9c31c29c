"""Resolving a stage into blocks and asks, with the step's card and the texts. What is not asked for here is not seen."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from msgspec.structs import replace

from game import blocks as b
from game import stages as s
from game.catalogue import Texts, count, paragraphs, say
from game.pack import box_of
from game.plan import Card, Step
from game.state import State, correct_in, steps_of

BANDS = (0.5, 0.7, 0.85, 0.95)
"""Lower bounds of the second to fifth word for how sure the AI is."""


class Place(NamedTuple):
    """Where a screen stands: state, step, stage, texts, the number of the scored round and how many there are."""

    state: State
    step: Step
    stage: s.Stage
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
        return say(self.texts, key, n=self.n, of=self.of, **fields)

    def named(self, label: object) -> str:
        """Return the title of a class."""
        return say(self.texts, f"class.{label}")

    def given(self, name: str) -> object:
        """Return what was answered in this step, or None."""
        return self.state.answers.get(self.state.step, {}).get(name)


def block_of(show: s.Show, place: Place) -> tuple[b.Block, ...]:
    """Return the blocks that a `show` becomes."""
    match show:
        case s.Say():
            return (_say(show, place),)
        case s.ShowGuide():
            return _guide(show, place)
        case s.ShowPanes():
            return (_panes(show, place),)
        case s.ShowTeammate():
            return (_teammate(show, place),)
        case s.ShowOwn():
            return _own(show, place)
        case s.ShowVerdict():
            return (_verdict(show, place),)
        case s.ShowTally():
            return (_tally(show, place),)
        case s.ShowReceipt():
            code = place.state.opened.session if place.state.opened else ""
            return (b.Receipt(place.text("ends.receipt.title"), code, place.text("ends.receipt.text")),)
    assert_never(show)


def _say(show: s.Say, place: Place) -> b.Block:
    key = show.text
    match show.block:
        case "heading":
            return b.Heading(place.text(key))
        case "prose" | "lead":
            return b.Prose(paragraphs(place.text(key)), lead=show.block == "lead")
        case "notice" | "warn":
            return b.Notice(place.text(key), "warn" if show.block == "warn" else "plain")
        case "details":
            return b.Details(place.text(f"{key}.summary"), paragraphs(place.text(f"{key}.text")))
        case "facts":
            rows: list[tuple[str, str]] = []
            while f"{key}.{len(rows) + 1}.term" in place.texts:
                at = f"{key}.{len(rows) + 1}"
                rows.append((place.text(f"{at}.term"), place.text(f"{at}.text")))
            return b.Facts(tuple(rows))
    assert_never(show.block)


def _guide(show: s.ShowGuide, place: Place) -> tuple[b.Block, ...]:
    script = place.state.script
    assert script is not None
    plates = tuple(
        b.Plate(script.thumbs.get(key, ""), place.named(key), "" if show.bare else place.text(f"class.{key}.note"))
        for key in script.classes
        if f"class.{key}.note" in place.texts and (script.thumbs.get(key) or not show.bare)
    )
    return (b.Guide(place.text("guide.title"), plates, show.folded, show.bare),) if plates else ()


def _panes(show: s.ShowPanes, place: Place) -> b.Panes:
    card, script = place.card, place.state.script
    assert script is not None
    width, height = script.sizes.get(card.image, script.size)
    number = f"{place.n:02d}" if place.step.scored else place.text("panes.practice")
    plain = b.Panes(
        image=card.image,
        width=width,
        height=height,
        alt=place.text("panes.alt") if place.step.scored else place.text("panes.alt_practice"),
        caption=place.text("panes.image"),
        label=place.text("panes.label", number=number),
        second="none",
        second_caption=place.text("panes.waiting" if _waits(place.stage) else "panes.none"),
        gate_ms=show.gate_ms,
        gate_reason=place.text("panes.gate") if show.gate_ms else "",
    )
    if show.second == "none":
        return plain
    if show.second == "same" or not card.overlay:
        return replace(plain, second="same", second_caption=place.text("panes.same"), second_alt=plain.alt)
    signed = "signed_" if show.palette == "coolwarm" else ""
    ends = ("against", "for") if signed else ("less", "more")
    return replace(
        plain,
        second="picture" if card.kind == "picture" else "map",
        overlay=card.overlay,
        overlay_alt=_map_in_words(place, signed),
        second_caption=place.text("panes.map"),
        outlines=card.outlines if show.tools or show.display == "outline" else (),
        boxes=tuple(map(box_of, card.outlines)) if show.tools or show.display == "boxes" else (),
        legend=(place.text(f"panes.{ends[0]}"), place.text(f"panes.{ends[1]}")),
        reading=place.text(f"panes.{signed}reading", name=place.named(card.advice)),
        tools=show.tools,
        display=show.display,
        palette=show.palette,
    )


def _waits(stage: s.Stage) -> bool:
    """Tell whether the AI will speak later in this round."""
    return any(isinstance(show, s.ShowTeammate) and show.state == "waiting" for show in stage.show)


def _map_in_words(place: Place, signed: str) -> str:
    parts = [place.text("panes.part", region=place.text(f"panes.region.{r}"), share=p) for r, p in place.card.words]
    if not parts:
        return place.text("panes.map_alt_plain")
    return place.text(f"panes.{signed}map_alt", parts=", ".join(parts))


def _teammate(show: s.ShowTeammate, place: Place) -> b.Teammate:
    short = place.text("teammate.short")
    if show.state in ("absent", "waiting"):
        return b.Teammate(show.state, place.text(f"teammate.{show.state}"), short)
    card = place.card
    title, caveat = place.text(f"teammate.{show.state}"), place.text("teammate.caveat")
    if not show.confidence or card.confidence is None:
        return b.Teammate(show.state, title, short, place.named(card.advice), caveat=caveat)
    percent = place.text("teammate.percent", percent=round(card.confidence * 100))
    band = place.text(f"teammate.band.{1 + sum(card.confidence >= bound for bound in BANDS)}")
    return b.Teammate(
        show.state, title, short, place.named(card.advice), f"{percent} · {band}", percent,
        round(card.confidence * 20), caveat,
    )  # fmt: skip


def _own(show: s.ShowOwn, place: Place) -> tuple[b.Block, ...]:
    answer = place.given(show.name)
    if answer is None:
        return ()
    sure = place.given(f"{show.name}_confidence")
    if sure is None:
        return (b.Own(place.text("own.plain", name=place.named(answer))),)
    return (b.Own(place.text("own.sure", name=place.named(answer), sure=place.text(f"sure.{sure}").lower())),)


def _verdict(show: s.ShowVerdict, place: Place) -> b.Verdict:
    card, answer = place.card, place.given(show.name)
    good = answer == card.truth
    labels = [b.Answered("truth", place.text("verdict.truth"), place.named(card.truth))]
    if place.state.givers.get(place.state.step, {}).get(show.name) != "ai":
        labels.append(b.Answered("you", place.text("verdict.you"), place.named(answer)))
    if card.advice:
        labels.append(b.Answered("ai", place.text("verdict.ai"), place.named(card.advice)))
    note = place.texts.get(f"class.{card.truth}.note", "")
    title = place.text("verdict.right" if good else "verdict.wrong")
    return b.Verdict(good, title, tuple(labels), note)


def _tally(show: s.ShowTally, place: Place) -> b.Tally:
    steps = steps_of(place.state)[: place.state.step]
    of = sum(step.card is not None and step.block == show.block for step in steps)
    right = correct_in(place.state, block=show.block)
    text = count(place.texts, "tally.text", right, place.state.lang, of=of)
    return b.Tally(place.text("tally.title"), right, of, text)


def ask_of(ask: s.AskSpec, place: Place) -> b.Ask:
    """Return what the browser draws for an ask."""
    script = place.state.script
    assert script is not None
    match ask:
        case s.AskLabel():
            options = tuple(b.Option(k, place.named(k), script.thumbs.get(k, "")) for k in script.classes)
            return b.Choice(ask.name, place.text(ask.legend), options, place.text("ask.choose"), sci=script.sci)
        case s.AskRate():
            options = tuple(b.Option(str(i), place.text(f"{ask.scale}.{i}")) for i in range(1, ask.n + 1))
            return b.Rate(ask.name, place.text(ask.legend), options, place.text("ask.rate"))
        case s.AskOption():
            options = tuple(b.Option(v, place.text(f"{ask.legend}.{v}")) for v in ask.values)
            return b.Choice(ask.name, place.text(ask.legend), options, place.text("ask.choose"))
        case s.AskCheck():
            return b.Check(ask.name, place.text(ask.label), place.text("ask.tick"), ask.required)
        case s.AskAct():
            return _act(ask, place, script.classes)
    assert_never(ask)


def _act(ask: s.AskAct, place: Place, classes: tuple[str, ...]) -> b.Act:
    labels: dict[str, str] = {}
    if ask.by:
        own = place.given("own")
        for key in classes:
            change = "" if own is None else ".keep" if own == key else ".change"
            labels[key] = place.text(ask.label + change, name=place.named(key))
    short = place.texts.get(f"{ask.label}.short", "")
    label = place.text("ask.confirm") if ask.by else place.text(ask.label)
    return b.Act(ask.name, ask.value, label, ask.style, ask.confirms, short, ask.key, ask.hint, ask.by, labels)
