"""F00, the lens: what decisions respond to, the picture or the AI, and which cues they weigh; told by twins."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from game.measures.cue_weights import ADVICE, LensFit, ideal_fit, lens_cues, model_fit, people_fit
from game.measures.lens import Response, reading, response
from game.round import Round
from server.report import ink
from server.report.figures.draw import count, listing, percent, wrapped
from server.report.page.held import changed
from server.report.page.story import Arm, Story
from server.report.page.weights import numbers
from server.report.plate import Plate, tidy

HOW = (
    "Left: twins are two versions of one case that differ in one thing only, and chance decides who meets which."
    " Further right: answers follow the picture where only the picture was changed. Further up: answers follow the AI"
    " where only its answer was changed. Bars are 95 % intervals over participants. Up and right is mediation, up and"
    " left delegation or substitution, down and right deciding for oneself. Right: the share of weight each cue gets in"
    " a logistic model of the answers (of the summed size of all cue weights; the weight of the AI's answer stands"
    " apart), beside the weights of the model and of an ideal observer. A cue that only seems to tell the class (a"
    " confounder) should get none."
)


def plate(story: Story) -> Plate:
    """Draw responses to evidence and advice, and cue weights; either part stands alone where the other has no data."""
    found = [(arm, _responses(story, arm)) for arm in story.arms if not arm.alone]
    told = [(arm, pair) for arm, pair in found if any(one.estimate.defined for one in pair)]
    fits = cue_fits(story)
    base: dict[str, Any] = {"id": "F00", "topic": "The lens: what decisions respond to", "how": HOW, "wide": True}
    if not told and not fits:
        why = next((one.estimate.why_undefined for _, pair in found for one in pair), "no round had a suggestion")
        cues = "no pack with cues is known"
        return Plate(**base, missing=f"no twins and no cues: {why}; {cues}. A study with [lens] asks for twins")
    with ink.style():
        figure = ink.blank(ink.WIDE, 4.6 if len(fits) < 5 else 5.4)
        grid = figure.subplots(
            1, bool(told) + bool(fits), squeeze=False, width_ratios=(1, 1.45) if told and fits else None
        )[0]
        if told:
            _plane(grid[0], told, legend=not fits)
        if fits:
            _cues(grid[-1], fits, {arm.label for arm in story.arms if arm.hollow})
        drawn = ink.pictures(figure)
    return Plate(
        **base,
        title=_seen(told),
        alt=_alt(told, fits),
        note=_note(told, fits),
        pictures=drawn,
        csv=_csv(told, fits, list(numbers(story, single=False)) if fits else []),
    )


def _responses(story: Story, arm: Arm) -> tuple[Response, Response]:
    group = arm.group
    mine = [e for e in story.rounds if e.condition == group.condition and e.protocol == group.protocol]
    draws = {"seed": story.bootstrap.seed, "resamples": min(1000, story.bootstrap.resamples)}
    return response(mine, "evidence", **draws), response(mine, "advice", **draws)


def cue_fits(story: Story) -> list[tuple[str, str, str, LensFit]]:
    """Return (who, colour, mark, weights) of people in each arm, the AI and the ideal observer; empty without a pack's cues."""
    packs = list(story.gathered.packs.values())
    if len(packs) != 1 or not (cues := lens_cues(packs[0])):
        return []
    made: list[tuple[str, str, str, LensFit]] = []
    everything: list[Round] = []
    cues_of = {each.id: each.cues for each in packs[0].specimens}
    for arm in story.arms:
        mine = [e for e in story.rounds if (e.condition, e.protocol) == (arm.group.condition, arm.group.protocol)]
        seen = changed(mine, scene=lambda each: {**cues_of.get(each.specimen, {}), **each.scene})
        everything += seen
        made.append((arm.label, arm.colour, arm.mark, people_fit(seen, cues)))
    made.append(("the model", ink.AI, "D", model_fit(everything, cues)))
    made.append(("ideal observer", ink.INK, "*", ideal_fit(everything, cues)))
    known = [each for each in made if not each[3].why_undefined]
    return known if any(fit.participants for *_, fit in known) else []


def _plane(axes: Any, told: list[tuple[Arm, tuple[Response, Response]]], *, legend: bool) -> None:
    axes.axhline(0, color=ink.EDGE, linewidth=0.8)
    axes.axvline(0, color=ink.EDGE, linewidth=0.8)
    for arm, (evidence, advice) in told:
        x, y = evidence.estimate.value, advice.estimate.value
        if math.isnan(x) or math.isnan(y):
            continue  # what is not known has no place in the plane; the note says so
        axes.plot([evidence.low, evidence.high], [y, y], color=arm.colour, linewidth=2)
        axes.plot([x, x], [advice.low, advice.high], color=arm.colour, linewidth=2)
        face = "none" if arm.hollow else arm.colour
        axes.plot(
            [x],
            [y],
            marker=arm.mark,
            color=face,
            markeredgecolor=ink.INK,
            markersize=10,
            linestyle="none",
            label=arm.label,
        )
    for x, y, text, side in (
        (0.98, 0.98, "mediation", "right"),
        (0.02, 0.98, "delegation or\nsubstitution", "left"),
        (0.98, 0.03, "solo or disuse", "right"),
    ):
        axes.text(
            x,
            y,
            text,
            ha=side,
            va="top" if y > 0.5 else "bottom",
            color=ink.INK_3,
            transform=axes.transAxes,
            style="italic",
        )
    axes.set(xlabel="response to the evidence", ylabel="response to the advice", title="Twins")
    axes.set(xlim=(-0.35, 1.05), ylim=(-0.35, 1.05))
    if legend and axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", handletextpad=0.2)


def _cues(axes: Any, fits: list[tuple[str, str, str, LensFit]], hollow: set[str]) -> None:
    names = list(dict.fromkeys(name for *_, fit in fits for name in fit.shares))
    for place, (who, colour, mark, fit) in enumerate(fits):
        offset = 0.36 - 0.72 * (place + 0.5) / len(fits)
        ys = [-at + offset for at in range(len(names))]
        face = "none" if who == "ideal observer" or who in hollow else colour
        axes.plot(
            [fit.shares.get(name, math.nan) for name in names],
            ys,
            linestyle="none",
            marker=mark,
            color=colour,
            markersize=7,
            markerfacecolor=face,
            markeredgecolor=ink.INK,
            markeredgewidth=0.7,
            label=who,
        )
    for at in range(len(names)):
        axes.axhspan(-at - 0.5, -at + 0.5, color=ink.INSET if at % 2 else "none", linewidth=0, zorder=0)
    axes.set_yticks([-at for at in range(len(names))], [wrapped(name, 20) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="share of all cue weights", title="Cue weights", xlim=(-0.01, None), ylim=(-len(names) + 0.5, 0.5))
    axes.grid(axis="x")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handletextpad=0.2)


def _seen(told: list[tuple[Arm, tuple[Response, Response]]]) -> str:
    readings = [(arm.label, reading(*pair)) for arm, pair in told]
    if not readings:
        return "No twins were played; cue weights alone do not say who decides."
    parts = [f"{name}: {what}" for name, what in readings if what != "not shown"]
    return (
        "What the twins show: " + "; ".join(parts) + "."
        if parts
        else "The twins do not tell the responses from nothing."
    )


def _alt(told: list[tuple[Arm, tuple[Response, Response]]], fits: list[tuple[str, str, str, LensFit]]) -> str:
    parts = [
        f"{arm.label}: response to the evidence {_words(pair[0])}, to the advice {_words(pair[1])}."
        for arm, pair in told
    ]
    for who, _, _, fit in fits:
        shares = listing([f"{name.replace('_', ' ')} {percent(share)}" for name, share in fit.shares.items()])
        parts.append(f"Cue weights of {who}: {shares}.")
    return " ".join(parts)


def _words(one: Response) -> str:
    if not one.estimate.defined:
        return f"unknown ({one.estimate.why_undefined})"
    return f"{one.estimate.value:.2f}" + ("" if math.isnan(one.low) else f" ({one.low:.2f} to {one.high:.2f})")


def _note(told: list[tuple[Arm, tuple[Response, Response]]], fits: list[tuple[str, str, str, LensFit]]) -> str:
    parts = [
        f"{arm.label}: {count(pair[0].pairs, 'evidence pair')}, {count(pair[1].pairs, 'advice pair')},"
        f" {count(max(p.participants for p in pair), 'person', 'people')}"
        for arm, pair in told
    ]
    lacks = Counter(one.estimate.why_undefined for _, pair in told for one in pair if not one.estimate.defined)
    parts += [f"not drawn on one axis: {why}" for why in lacks]
    fitted = [f"{who}: {count(fit.rounds, 'round')}" for who, _, _, fit in fits if fit.participants]
    weights = [
        f"weight of the AI's answer in {who}: {w:.2f} logits"
        for who, _, _, fit in fits
        for n, w in zip(fit.names, fit.weights, strict=True)
        if n == ADVICE
    ]
    return (
        ". ".join(
            part
            for part in (
                "; ".join(parts),
                "Cue weights from " + ", ".join(fitted) if fitted else "",
                ("W" + "; ".join(weights)[1:]) if weights else "",
            )
            if part
        )
        + "."
    )


def _csv(
    told: list[tuple[Arm, tuple[Response, Response]]],
    fits: list[tuple[str, str, str, LensFit]],
    beside: list[tuple[Any, ...]],
) -> str:
    lines: list[dict[str, Any]] = []
    for arm, pair in told:
        lines += [
            {
                "panel": "twins",
                "who": arm.label,
                "name": one.kind,
                "value": one.estimate.value,
                "low": one.low,
                "high": one.high,
                "n": one.pairs,
                "participants": one.participants,
            }
            for one in pair
        ]
    for who, _, _, fit in fits:
        for at, name in enumerate(fit.names):
            low, high = (fit.low[at], fit.high[at]) if fit.low else (math.nan, math.nan)
            lines.append(
                {
                    "panel": "weights",
                    "who": who,
                    "name": name,
                    "value": fit.weights[at],
                    "low": low,
                    "high": high,
                    "n": fit.rounds,
                    "participants": fit.participants,
                    "share": fit.shares.get(name),
                }
            )
    names = ("who", "name", "value", "low", "high", "SD", "participants", "n", "beware")
    lines += [{"panel": "numbers", **dict(zip(names, row, strict=True))} for row in beside]
    return tidy(lines, ("panel", "who", "name", "value", "low", "high", "n", "participants", "share"))
