"""Rows of the tables of a session: sessions, trials (rounds), roundvalues, events and responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from game.consent import consent_of
from game.events import Answered, Assigned, Closed, Gestured, Joined, Left, Localised, Noted, Resized, Shown, TimedOut
from game.pack import Manifest
from game.quality import away_by_stage, flags_of
from game.round import Round
from game.rounds import rounds_of
from game.stages import AskAct, AskAmount, AskMany, AskOption, AskRate
from server.report.columns import JOINED, LISTS, NAMES
from server.report.lines import instant
from server.report.page.exchange import exchange_ms
from server.report.seen import seen
from server.report.visit import Visit, answer_of, ask_of, is_free

Row = dict[str, Any]
SHARED = ("study_id", "study_version", "ui_version", "subject_id", "session_id", "trial_id")


class Rules:
    """What of an export is hidden: absolute times, and words of the people's own."""

    def __init__(self, *, relative: bool = False, release: bool = False) -> None:
        self.relative, self.release = relative or release, release

    def moment(self, at: int | None) -> str | None:
        """Return a moment, None where times are relative only."""
        return None if self.relative or at is None else instant(at)


def keys_of(visit: Visit) -> Row:
    """Return the columns that begin every row."""
    opened = visit.opened
    return {
        "study_id": opened.study, "study_version": opened.version, "ui_version": opened.renderer[:12],
        "subject_id": opened.session, "session_id": visit.stream,
    }  # fmt: skip


def session_row(visit: Visit, rounds: list[Round], rules: Rules) -> Row:
    """Return the row of the table of sessions."""
    events, opened = visit.events, visit.opened
    joined = [event for event in events if isinstance(event, Joined)]
    client = joined[-1].client if joined else None
    assigned, trip = visit.state.assigned, exchange_ms(events)
    outcome = next((event.outcome for event in reversed(events) if isinstance(event, Closed)), None)
    return keys_of(visit) | {
        "data_kind": visit.kind, "core": opened.core, "cell": assigned.cell if assigned else None,
        "pack_id": visit.script.manifest[:12], "outcome": outcome, "withdrew": visit.withdrew,
        "recruiter": None if rules.release else opened.recruiter, "locale": visit.state.lang,
        "started_at": rules.moment(events[0].at), "duration_ms": (events[-1].at - events[0].at) // 1000,
        "rounds": len(rounds), "rounds_scored": sum(each.scored for each in rounds), "events": len(events),
        "reconnects": max(0, len(joined) - 1), "viewport_w": client.width or None if client else None,
        "viewport_h": client.height or None if client else None, "dpr": client.dpr if client else None,
        "pointer": ("touch" if client.touch else "mouse") if client else None,
        "theme": client.theme if client else None, "consent_reuse": answer_of(visit, "consent_reuse"),
        "rtt_ms": None if trip is None else round(trip), "head_hash": visit.rows[-1].hash, **_quality(visit, rules),
    }  # fmt: skip


def _quality(visit: Visit, rules: Rules) -> Row:
    """Return when and in which words the person agreed, and why the session should be looked at twice."""
    said = consent_of(visit.events, lambda _: {})
    flags, away = flags_of(visit.events), away_by_stage(visit.events).values()
    return {
        "consent_at": rules.moment(said.at) if said else None,
        "consent_texts": visit.opened.intake.texts.get(said.lang) if said else None,
        "consent_debrief": (said.again or None) if said else None,
        "focus_losses": sum(each.times for each in away), "focus_lost_ms": sum(each.ms for each in away),
        "flags": " ".join(dict.fromkeys(flag.kind for flag in flags)) or None,
        "flag_reasons": "; ".join(map(str, flags)) or None,
    }  # fmt: skip


def round_rows(visit: Visit, manifest: Manifest | None, rules: Rules) -> Iterator[tuple[Round, Row]]:
    """Yield every round with its row of the table of trials."""
    made = rounds_of(visit.events, manifest)
    pack = visit.script.manifest[:12]
    for each, more in zip(made, seen(visit, made), strict=True):
        row = flat_round(each, rules) | keys_of(visit)
        yield each, row | more | {"data_kind": visit.kind, "pack_id": pack, "trial_id": f"{visit.stream}:{each.round}"}


def flat_round(each: Round, rules: Rules) -> Row:
    """Return a round's own fields under the names of their columns, with what follows from them."""
    row: Row = {}
    unrecorded = each.unrecorded.split()
    for name in Round.__struct_fields__:
        value: Any = None if name in unrecorded else getattr(each, name)
        if name in JOINED:
            value = " ".join(f"{key}={one}" if key else str(one) for key, one in _pairs(value)) or None
        if name not in LISTS:
            row[NAMES.get(name, name)] = value
    row["started_at"] = rules.moment(each.started_at)
    if rules.release:
        row["reason_text"] = None
    own, final = each.own, each.final
    row["changed"] = None if own is None or final is None else own != final
    row["mode"] = (
        "handed_over" if each.handed_over else "delegated" if each.delegated else "explained" if each.explanation_shown
        else "suggested" if each.ai_shown else "alone"
    )  # fmt: skip
    offered = each.ai_shown or each.request_offered or each.delegation_offered or each.handover_offered
    return row | {"ai_offered": offered or each.arrangement == "ai_instead"}


def value_rows(main: Mapping[str, Any], each: Round) -> Iterator[Row]:
    """Yield the values of a round's fields that have several; `main` is the round's row of the table of trials."""
    keys = {name: main.get(name) for name in SHARED}
    for field in LISTS:
        for place, (key, value) in enumerate(_pairs(getattr(each, field)), 1):
            row = {"round_index": each.round, "field": field, "place": place, "key": key, "value": value}
            yield keys | row


def _pairs(values: Any) -> list[tuple[str | None, Any]]:
    """Return the values of a field with their names, None where it has no names."""
    if isinstance(values, Mapping):
        return list(cast("Mapping[str | None, Any]", values).items())
    return [(None, value) for value in values]


def event_rows(visit: Visit, rules: Rules) -> Iterator[Row]:
    """Yield one row per event, and one per gesture of a batch."""
    keys, began = keys_of(visit), visit.events[0].at
    for seq, (event, stored) in enumerate(zip(visit.events, visit.rows, strict=True)):
        row = keys | {
            "event_index": seq, "item_index": 0, "kind": stored.kind, "by": _who(event.by, rules),
            "t_ms": (event.at - began) // 1000, "at": rules.moment(event.at),
        }  # fmt: skip
        if isinstance(event, Gestured):
            for place, item in enumerate(event.items):
                yield row | {
                    "item_index": place,
                    "turn": event.of,
                    "name": item.name,
                    "value": item.value,
                    "ms": item.ms,
                }
            continue
        more = _fields(event)
        if rules.release and (is_free(visit, event) or isinstance(event, Noted)):
            more["value"] = None
        yield row | more


def _who(by: str, rules: Rules) -> str:
    return by.split(":", maxsplit=1)[0] if rules.release else by


def _fields(event: Any) -> Row:
    """Return the columns that an event fills beside its kind, time and author."""
    match event:
        case Answered():
            return {"step": event.step, "stage": event.stage, "name": event.name, "value": event.value, "ms": event.ms}
        case TimedOut():
            return {"step": event.step, "stage": event.stage}
        case Shown():
            return {
                "turn": event.of, "ms": event.ago_ms, "image_ms": event.image_ms, "overlay_ms": event.overlay_ms,
                "viewport_w": event.width or None, "viewport_h": event.height or None, "image_css_w": event.side or None,
            }  # fmt: skip
        case Assigned():
            return {"name": "cell", "value": event.cell}
        case Joined() | Resized():
            return {"viewport_w": event.client.width or None, "viewport_h": event.client.height or None}
        case Localised():
            return {"name": "locale", "value": event.lang}
        case Closed():
            return {"name": "outcome", "value": event.outcome}
        case Left():
            return {"name": "why", "value": event.why or None}
        case Noted():
            return {"name": "text", "value": event.text}
        case _:
            return {}


def response_rows(visit: Visit, texts: Mapping[str, str], rules: Rules) -> Iterator[Row]:
    """Yield one row per answer on a page: consent, quiz, questionnaires; `texts` is the catalogue of the visit's language."""
    keys, began = keys_of(visit), visit.events[0].at
    for seq, event in enumerate(visit.events):
        if not isinstance(event, Answered) or event.by != "participant":
            continue
        step, ask = ask_of(visit, event)
        if (
            step is None
            or step.card is not None
            or step.gallery
            or (isinstance(ask, AskAct) and event.name == "continue")
        ):
            continue
        free = is_free(visit, event)
        row = keys | {
            "event_index": seq, "phase": step.phase, "page": step.id, "stage": event.stage, "item": event.name,
            "response_kind": ask.__struct_config__.tag if ask else None, "response_ms": event.ms,
            "t_ms": (event.at - began) // 1000, "item_text": texts.get(getattr(ask, "legend", "") or getattr(ask, "label", "")),
            "value": None if free and rules.release else event.value, "withheld": free and rules.release,
        }  # fmt: skip
        yield row | _meant(ask, event.value, texts)


def _meant(ask: Any, value: Any, texts: Mapping[str, str]) -> Row:
    """Return a response's number, its label as it was read, and the ends of its scale."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    row: Row = {"value_number": number}
    if isinstance(ask, AskOption):
        row["value_label"] = texts.get(f"{ask.legend}.{value}")
    elif isinstance(ask, AskMany):
        row["value_label"] = None
    elif isinstance(ask, AskRate):
        row |= {"value_label": texts.get(f"{ask.scale}.{value}"), "least": 1, "most": ask.n}
    elif isinstance(ask, AskAmount):
        row |= {"least": ask.least, "most": ask.most}
    return row
