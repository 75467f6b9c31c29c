"""`view(state, audience, texts)`: the only redaction, the only thing a browser is ever given."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

from game.asking import ask_of
from game.blocks import Block, Heading, Prose, Receipt, Verdict
from game.canonical import Digest, digest
from game.catalogue import Texts, paragraphs, say
from game.languages import direction
from game.place import Place
from game.plan import Script, Step
from game.remembered import remembered
from game.resolve import block_of
from game.screen import Bar, Cell, View
from game.stages import ShiftUnder, ShowVerdict, Stage
from game.state import State, current_stage, current_step, steps_of

Audience = Literal["participant", "researcher"]
"""A researcher sees the participant's screen, without what makes a browser act (prefetching, leaving)."""

Mark = Literal["done", "right", "wrong", "auto", "now", "todo"]

AHEAD = 3
"""Images of this many next steps are fetched ahead."""


def view(state: State, audience: Audience, texts: Texts) -> View:
    """Return the screen of `state`, in the language of `texts`. Holds no gesture and nothing before its stage."""
    stage, step = current_stage(state), current_step(state)
    acting = audience == "participant"
    if stage is None or step is None or state.closed:
        return _end(state, texts, acting)
    place = Place(state, step, stage, texts, *position(state))
    blocks = tuple(block for show in stage.show for block in block_of(show, place))
    asks = tuple(ask_of(ask, place) for ask in stage.ask)
    title = next((_title(b) for b in blocks if isinstance(b, Heading | Verdict)), say(texts, "page.title"))
    return View(
        turn=state.turn,
        lang=state.lang,
        layout=stage.layout,
        place=f"{step.id}/{stage.name}",
        title=title,
        bar=_bar(place),
        blocks=blocks,
        asks=asks,
        sci=state.script is not None and state.script.sci,
        next=_ahead(state) if acting else (),
        within_ms=int(stage.within_s * 1000),
        waits=stage.waits,
        shift_ms=_shift(state, step),
        paused=say(texts, "page.paused") if state.paused else "",
        dir=_dir(state),
    )


def _dir(state: State) -> Literal["", "rtl"]:
    return "rtl" if direction(state.lang) == "rtl" else ""


def _title(block: Heading | Verdict) -> str:
    return block.text if isinstance(block, Heading) else block.title


def _shift(state: State, step: Step) -> int:
    """Return what is left of the block's shift clock in milliseconds; 0 where there is none."""
    left = [int(when.seconds * 1000) - state.spent // 1000 for when in step.when if isinstance(when, ShiftUnder)]
    return max(1, min(left)) if left else 0


def view_digest(screen: View) -> Digest:
    """Return the digest that the browser echoes and the log keeps."""
    return digest(screen)


def position(state: State) -> tuple[int, int]:
    """Return the number of the current scored round (counted up to and including the present step) and how many there are."""
    scored = _scored(state)
    return bisect_right(scored, state.step), len(scored)


def _scored(state: State) -> list[int]:
    """Return the indices of the scored rounds; the intake has none."""
    first = state.intake_steps
    return [first + at for at in _scored_in(state.assigned.plan)] if state.assigned else []


@remembered
def _scored_in(script: Script) -> tuple[int, ...]:
    return tuple(at for at, step in enumerate(script.steps) if step.scored)


def _end(state: State, texts: Texts, acting: bool) -> View:
    outcome = state.closed or "waiting"
    blocks: list[Block] = [Heading(say(texts, f"ends.{outcome}.title"))]
    blocks.append(Prose(paragraphs(say(texts, f"ends.{outcome}.text")), lead=True))
    if state.closed and state.opened and state.assigned:
        blocks.append(Receipt(say(texts, "ends.receipt.title"), state.opened.session, say(texts, "ends.receipt.text")))
    leave = _way_back(state) if acting and state.closed else ""
    return View(
        turn=state.turn,
        lang=state.lang,
        layout="end",
        place=f"end/{outcome}",
        title=say(texts, f"ends.{outcome}.title"),
        bar=Bar(),
        blocks=tuple(blocks),
        leave=leave,
        dir=_dir(state),
    )


def _way_back(state: State) -> str:
    """Return the address to go to after the end: the study's own, or the page that leads back to the recruiter."""
    own = state.script.leave.get(state.closed, "") if state.script else ""
    return own or ("/leave" if state.opened and state.opened.recruiter else "")


def _bar(place: Place) -> Bar:
    if not place.step.card and not place.step.block:
        return Bar()
    cells = _cells(place.state)
    if place.step.card and not place.step.scored:
        text = say(place.texts, "page.practice")
        return Bar(text, text, cells)
    if not place.step.card:
        return Bar("", "", cells)
    return Bar(
        say(place.texts, "page.round", n=place.n, of=place.of),
        say(place.texts, "page.round_short", n=place.n, of=place.of),
        cells,
    )


def _cells(state: State) -> tuple[Cell, ...]:
    """Return the progress drawer as runs; whether an answer was right is shown only where the round showed it too."""
    script = state.script
    telling = _telling(script) if script else frozenset[str]()
    cells: list[Cell] = []
    block, n = "", 0
    run: Mark = "todo"
    steps = steps_of(state)
    for index in _scored(state):
        step = steps[index]
        kind: Mark = "todo" if index > state.step else _cell(state, index, step, step.key in telling)
        if n and (kind != run or step.block != block):
            cells.append(Cell(run, n))
            n = 0
            if step.block != block:
                cells.append(Cell("gap", 1))
        block, run, n = step.block, kind, n + 1
    return (*cells, Cell(run, n)) if n else tuple(cells)


@remembered
def _telling(script: Script) -> frozenset[str]:
    return frozenset(key for key, table in script.stages.items() if _tells(table))


def _tells(table: tuple[Stage, ...]) -> bool:
    """Tell whether people learn in these rounds whether their own answer was right."""
    shown = (show for stage in table for show in stage.show)
    return any(isinstance(show, ShowVerdict) and show.of != "ai" for show in shown)


def _cell(state: State, index: int, step: Step, told: bool) -> Mark:
    if index == state.step:
        return "now"
    if state.givers.get(index, {}).get("final") == "ai":
        return "auto"
    if told and step.card:
        return "right" if state.answers.get(index, {}).get("final") == step.card.truth else "wrong"
    return "done"


def _ahead(state: State) -> tuple[str, ...]:
    """Return the images of the next steps' first stages: never an explanation."""
    steps = steps_of(state)[state.step + 1 :]
    images = [step.card.image for step in steps if step.card]
    return tuple(dict.fromkeys(images[:AHEAD]))
