"""Rounds from a log: a fold over one session's events. With `game.notes`, the only reader of the reserved ask names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from game.events import Answered, Joined, Left, Opened, SessionEvent, Value
from game.fold import apply
from game.holds import latest
from game.notes import OUTCOMES, Notes, shows_answer, shows_explanation, shows_image
from game.pack import Manifest, Specimen
from game.plan import Step
from game.points import candidate_of, points_of
from game.protocol import protocol_of
from game.round import VERSION, Round
from game.stages import AnsweredIn, AskAct, Drawn, Marked, ShowContext, ShowPanes, Stage
from game.state import EMPTY, State, current_stage, current_step, table_of

__all__ = ["VERSION", "Round", "rounds_of"]


def rounds_of(events: Iterable[SessionEvent], manifest: Manifest | None = None) -> list[Round]:
    """Return the rounds of one session in the order in which they were met, finished or not; an audit is a round too.

    `manifest` adds what the plan does not carry: probabilities, posteriors, scene parameters, the map's target and gap.
    """
    state, notes, left_at = EMPTY, dict[int, Notes](), 0
    for event in events:
        stage, step = current_stage(state), current_step(state)
        if step is not None and stage is not None and _counts(step, table_of(state, step)):
            if state.step not in notes:
                notes[state.step] = _begin(state, step)
            notes[state.step].watch(stage, event, left_at)
        left_at = event.at if isinstance(event, Left) else 0 if isinstance(event, Joined) else left_at
        if isinstance(event, Answered):
            _take(notes, event, step)
        state = apply(state, event)
    if state.opened is None or state.assigned is None:
        return []
    by_id = {s.id: s for s in manifest.specimens} if manifest else {}
    kept = [n for n in notes.values() if n.painted]
    return [_round(state.opened, state, n, i, manifest, by_id) for i, n in enumerate(kept, 1)]


def _advised(notes: Notes) -> str:
    """Return the specimen whose answer and map were shown: on an evidence twin those of the picture that it replaces."""
    more = notes.card.more
    return more.twin if more is not None and more.probe == "evidence" and more.twin else notes.card.specimen


def _counts(step: Step, table: tuple[Stage, ...]) -> bool:
    """Tell whether a step is a round: it has a card, or audits a gallery."""
    if step.card is not None:
        return True
    return bool(step.gallery) and any(ask.name == "estimate" for stage in table for ask in stage.ask)


def _begin(state: State, step: Step) -> Notes:
    table = table_of(state, step)
    follows = any(isinstance(w, AnsweredIn) and w.name == "arrangement" for stage in table for w in stage.when)
    chosen = latest(state, "arrangement") if follows else None
    return Notes(step, table, state.step, state.holder == "ai", "" if chosen is None else str(chosen))


def _take(notes: dict[int, Notes], event: Answered, step: Step | None) -> None:
    """Give an answer to its round; a probe's to the last round of the block before it."""
    if event.step in notes:
        notes[event.step].take(event)
    elif event.name in ("trust", "who_decided") and step is not None:
        before = [i for i, each in notes.items() if i < event.step and each.step.block == step.block]
        if before:
            setattr(notes[max(before)], event.name, event.value)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _round(
    opened: Opened, state: State, notes: Notes, number: int, manifest: Manifest | None, by_id: Mapping[str, Specimen]
) -> Round:
    step, card, given = notes.step, notes.card, notes.given
    specimen, advised = by_id.get(card.specimen), by_id.get(_advised(notes))
    own, final = _text(given.get("own")), _text(given.get("final"))
    ai = card.advice or None
    late = notes.late and notes.decided_at is None
    return Round(
        study=opened.study,
        participant=opened.session,
        condition=step.condition,
        round=number,
        specimen=card.specimen,
        phase=step.phase,
        block=step.block,
        scored=step.scored,
        source="simulated" if opened.prefix == "simulated" else "coplay",
        protocol=protocol_of(notes.open),
        truth=card.truth,
        own=own,
        own_confidence=_whole(given.get("own_confidence")),
        ai=ai,
        ai_confidence=card.confidence,
        ai_shown=_seen(notes),
        final=final,
        final_confidence=_whole(given.get("final_confidence")),
        decided_by="clock" if late else _decider(notes),
        own_correct=None if own is None else own == card.truth,
        ai_correct=None if ai is None else ai == card.truth,
        correct=None if final is None else final == card.truth,
        followed=None if ai is None or final is None else final == ai,
        timed_out=late,
        model=card.model,
        **_acts(notes),
        **_design(notes, state),
        **_tasks(notes),
        **_exposure(notes, advised),
        method_family=str(manifest.methods.get(card.method, {}).get("family", "")) if manifest else "",
        **_times(notes),
        **_traces(notes, state, specimen, advised),
    )


def _decider(notes: Notes) -> Any:
    by = notes.by.get("final", "")
    return by if by in ("participant", "ai") else ""


def _up(notes: Notes) -> list[Stage]:
    """Return the stages that were painted, in the order of the table."""
    return [stage for stage in notes.table if stage.name in notes.painted]


def _seen(notes: Notes) -> bool:
    """Tell whether the AI's answer was painted before the round was decided."""
    decided = notes.decided_at
    times = [notes.painted[stage.name] for stage in _up(notes) if shows_answer(stage, notes.card)]
    return bool(times) and (decided is None or min(times) <= decided)


def _acts(notes: Notes) -> dict[str, Any]:
    offered = {ask.name for stage in _up(notes) for ask in stage.ask}
    acts = {ask.name for stage in notes.table for ask in stage.ask if isinstance(ask, AskAct)}
    who, given = _text(notes.given.get("who")), notes.given
    marked = {when.name for stage in notes.table for when in stage.when if isinstance(when, Marked)}
    return {
        "who": who,
        "delegation_offered": "who" in offered,
        "delegated": who == "ai" if "who" in offered and who is not None else None,
        "request_offered": "request" in offered,
        "requested": ("request" in given) if "request" in acts and "request" in offered else None,
        "handover_offered": bool({"offer", "handover"} & offered) or notes.handed_over,
        "handed_over": notes.handed_over,
        "handover_opened": notes.handovers,
        "took_back": notes.took_back,
        "arrangement": notes.arrangement or None,
        "vetoed": given.get("veto") == "stop" if "veto" in offered else None,
        "deferred": "defers" in notes.more.marks if "defers" in marked else None,
    }


def _design(notes: Notes, state: State) -> dict[str, Any]:
    """What the plan drew for this round, and what it was worth."""
    more, script = notes.more, state.script
    told = any(isinstance(show, ShowContext) for stage in _up(notes) for show in stage.show)
    stakes = script.stakes.get(notes.step.condition, "") if script else ""
    rule = script.payoffs.get(stakes) if script else None
    offers = any(ask.name in ("who", "offer", "handover") for stage in _up(notes) for ask in stage.ask)
    return {
        "abstained": "abstains" in more.marks,
        "shadow": any(isinstance(w, Drawn) and w.name == "shadow" for stage in _up(notes) for w in stage.when),
        "probe": more.probe,
        "twin_cue": more.cue,
        "twin_of": more.twin,
        "context_shown": dict(more.context) if told else {},
        "stakes": stakes,
        "delegation_price": -rule.delegated + 0.0 if rule and offers else None,
        "feedback": notes.told or "none",
        "points": points_of(state, notes.index),
        "propensities": notes.card.draws,
    }


def _tasks(notes: Notes) -> dict[str, Any]:
    """Answers to questions about the AI."""
    given, gallery = notes.given, notes.step.gallery
    letter, which, estimate = (_text(given.get(name)) for name in ("candidate", "choose", "estimate"))
    second = next((extra.model for extra in notes.more.also if extra.role == "second"), "")
    right = sum(card.advice == card.truth for card in gallery)
    return {
        "agree": _whole(given.get("agree")),
        "predicted": _text(given.get("predict")),
        "predicted_confidence": _whole(given.get("predict_confidence")),
        "candidate": None if letter is None else candidate_of(gallery, letter),
        "chosen": None if which is None else second if which == "B" else notes.card.model,
        "parts": tuple(notes.parts),
        "reason": _text(given.get("reason")),
        "estimate": _number(given.get("estimate")),
        "bias": _text(given.get("bias")),
        "deploy": _text(given.get("deploy")),
        "accuracy_shown": None if estimate is None else round(right / len(gallery), 4),
        "trust": _number(notes.trust),
        "who_decided": _text(notes.who_decided),
    }


def _exposure(notes: Notes, specimen: Specimen | None) -> dict[str, Any]:
    card, more = notes.card, notes.more
    stages = [stage.name for stage in _up(notes) if shows_explanation(stage, card, more)]
    same = any(isinstance(show, ShowPanes) and show.second == "same" for stage in _up(notes) for show in stage.show)
    explained = specimen.explanations.get(card.model, {}).get(card.method) if specimen and card.method else None
    kinds = [card.kind, *(extra.kind or "picture" for extra in more.also)]
    kind = next((kind for kind in kinds if kind), "map")
    return {
        "method": card.method,
        "explanation_kind": kind if stages else "same" if same else "none",
        "explanation_shown": bool(stages),
        "explanation_ms": sum(notes.span(name) // 1000 for name in stages) if stages else None,
        "map_target": explained.target if explained else "",
        "map_gap": explained.gap if explained else None,
    }


def _times(notes: Notes) -> dict[str, Any]:
    answers = [notes.ms.get(name) for name in OUTCOMES if notes.by.get(name) == "participant"]
    return {
        "own_ms": notes.ms.get("own"),
        "final_ms": next(iter(answers), None),
        "since_ai_ms": notes.since_ai_ms,
        "total_ms": sum(notes.span(name) // 1000 for name in notes.painted) if notes.ends or notes.before else None,
        "first_ms": notes.first_ms,
        "away_ms": notes.away_in_all // 1000,
        "started_at": min(notes.painted.values()),
    }


def _traces(notes: Notes, state: State, specimen: Specimen | None, advised: Specimen | None) -> dict[str, Any]:
    card, frame, script = notes.card, notes.frame, state.script
    advice = advised.advice.get(card.model) if advised and card.model else None
    asked = any(ask.name == "who" for stage in notes.open for ask in stage.ask)
    before = notes.at.get("who")
    seen = (notes.painted[s.name] for s in _up(notes) if shows_image(s))
    return {
        "choices": tuple(notes.choices),
        "guide_opens": notes.counts["guide"],
        "zooms": notes.counts["zoom"],
        "flips": notes.counts["side"] + notes.counts["peek"],
        "image_seen": asked and any(before is None or when <= before for when in seen),
        "probabilities": advice.probabilities if advice else (),
        "posterior": specimen.posterior if specimen else (),
        "scene": specimen.scene if specimen else {},
        "options": script.classes if script else (),
        "side": frame.side or None if frame else None,
        "dpr": frame.dpr if frame else None,
        "theme": frame.theme if frame else "",
        "lang": state.lang,
    }
