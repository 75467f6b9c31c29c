"""F13: specimens by methods: the picture, each method's map drawn alike, what the AI said, how people did with and without it."""

from __future__ import annotations

import math
from html import escape
from typing import Any
from urllib.parse import quote

from game.pack import Manifest, Specimen
from server.report import ink
from server.report.figures import pixels
from server.report.figures.draw import count, percent, wrapped
from server.report.figures.items import Item, Met, alone, with_ai
from server.report.page.story import Story
from server.report.plate import Html, Plate, tidy

HOW = (
    "One row is one specimen: its picture, then the map of each method for the AI's answer, all drawn alike (grey copy,"
    " the strongest 40 % in colour; for signed maps how far from zero). Beside it what the AI said and the share of"
    " people right alone and with the AI. First come the specimens where the AI harms most, then those where it helps"
    " most, then the ones that change least. The cards below hold more of them and can be searched."
)
ROWS, CARDS, METHODS, LINKS, DRAWN = 6, 18, 5, 3, 120


def plate(story: Story) -> Plate:
    """Draw the grid; needs the pack's pictures."""
    base: dict[str, Any] = {"id": "F13", "topic": "Specimens and what the methods show", "how": HOW, "wide": True}
    told = listed(story)
    if not told:
        return Plate(**base, missing="no specimen was decided with the AI")
    manifest = _manifest(story)
    if story.pictures is None or manifest is None:
        why = "the pack's pictures are not in a log: give the pack's folder as --pack"
        return Plate(**base, missing=why, note="The numbers are in the table of specimens and methods.", csv=_csv(told))
    specimens = {each.id: each for each in manifest.specimens}
    shown = [(item, one) for item, one in told if item.specimen in specimens][:ROWS]
    if not shown:
        return Plate(**base, missing="the pack that was given has none of the specimens that were played")
    try:
        return _drawn(story, base, told, shown, specimens)
    except (LookupError, OSError, ValueError) as error:
        return Plate(**base, missing=f"a picture of the pack cannot be read: {error}", csv=_csv(told))


Pair = tuple[Item, Met | None]


def listed(story: Story) -> list[Pair]:
    """Return the specimens: harmed, helped, unchanged in turn; those without rounds alone last."""
    solo = alone(story)
    pairs: list[Pair] = [(item, solo.get(item.specimen)) for item in with_ai(story, by_method=False) if item.met.n]
    known = [pair for pair in pairs if not math.isnan(_gain(pair))]
    order = sorted(known, key=lambda pair: (_gain(pair), pair[0].specimen))
    still = sorted(known, key=lambda pair: (abs(_gain(pair)), pair[0].specimen))
    made: list[Pair] = []
    for row in zip(order, reversed(order), still, strict=True):
        made += [pair for at, pair in enumerate(row) if pair not in (*made, *row[:at])]
        if len(made) >= 2 * CARDS:
            break
    return made + [pair for pair in pairs if math.isnan(_gain(pair))][:CARDS]


def _gain(pair: Pair) -> float:
    item, one = pair
    return item.met.accuracy - one.accuracy if one else math.nan


def _manifest(story: Story) -> Manifest | None:
    packs = list(story.gathered.packs.values())
    return packs[0] if len(packs) == 1 else None


def _methods(specimen: Specimen, model: str) -> list[str]:
    return sorted(specimen.explanations.get(model, {}))[:METHODS]


def _drawn(
    story: Story, base: dict[str, Any], told: list[Pair], shown: list[Pair], specimens: dict[str, Specimen]
) -> Plate:
    assert story.pictures is not None
    names = sorted({name for item, _ in shown for name in _methods(specimens[item.specimen], item.model)})[:METHODS]
    with ink.style():
        figure = ink.blank(ink.WIDE, 0.5 + 1.5 * len(shown))
        grid = figure.subplots(len(shown), len(names) + 2, squeeze=False, width_ratios=[1] * (len(names) + 1) + [1.5])
        for axes, (item, one) in zip(grid, shown, strict=True):
            specimen = specimens[item.specimen]
            axes[0].imshow(pixels.picture(story.pictures, specimen.image, DRAWN), interpolation="nearest")
            for at, name in enumerate(names, 1):
                explained = specimen.explanations.get(item.model, {}).get(name)
                if explained is not None:
                    axes[at].imshow(pixels.heat(story.pictures, specimen, explained, DRAWN), interpolation="nearest")
            axes[-1].text(0, 0.5, _words(item, one), va="center", fontsize=9.5, transform=axes[-1].transAxes)
            for each in axes:
                each.set_axis_off()
        for axes, name in zip(grid[0], ("picture", *names, ""), strict=True):
            axes.set_title(wrapped(name, 14), fontsize=9.5)
        drawn = ink.pictures(figure)
    alt = " ".join(_words(item, one).replace("\n", ", ") + "." for item, one in shown)
    note = f"{count(len(shown), 'specimen')} of {len(told)} here, up to {CARDS} below; the CSV has all."
    return Plate(
        **base,
        title=_seen(told),
        alt=alt,
        note=note,
        pictures=drawn,
        csv=_csv(told),
        more=_cards(story, told, specimens),
    )


def _words(item: Item, one: Met | None) -> str:
    verdict = {True: "right", False: "WRONG", None: "?"}[item.ai_correct]
    before = f"{percent(one.accuracy)} alone (n = {one.n})\n" if one else "never met alone\n"
    return (
        f"{item.specimen}\nAI: {item.ai or '-'} ({verdict})\ntruth: {item.truth}\n{before}{percent(item.met.accuracy)}"
        f" with AI (n = {item.met.n})"
    )


def _seen(told: list[Pair]) -> str:
    known = [pair for pair in told if not math.isnan(_gain(pair))]
    if not known:
        return "No specimen was met both alone and with the AI."
    worst = min(known, key=lambda pair: (_gain(pair), pair[0].specimen))
    return (
        f"The AI changes {worst[0].specimen} most for the worse: {percent(worst[1].accuracy if worst[1] else math.nan)}"
        f" right alone, {percent(worst[0].met.accuracy)} with it."
    )


def _cards(story: Story, told: list[Pair], specimens: dict[str, Specimen]) -> Html:
    assert story.pictures is not None
    made: list[str] = []
    for item, one in told[:CARDS]:
        specimen = specimens.get(item.specimen)
        if specimen is None:
            continue
        frames = [("picture", pixels.picture(story.pictures, specimen.image))]
        mine = specimen.explanations.get(item.model, {})
        frames += [(name, pixels.heat(story.pictures, specimen, mine[name])) for name in _methods(specimen, item.model)]
        row = "".join(
            f'<figure><img src="{pixels.as_data(data)}" alt="{escape(item.specimen)}:'
            f' {escape(name)}"><figcaption>{escape(name)}</figcaption></figure>'
            for name, data in frames
        )
        made.append(_card(story, item, one, row))
    search = (
        '<div class="filter" data-for="cards-F13" data-most="6"><label>Find <input type="search" placeholder="specimen, class,'
        ' model"></label><label>AI <select><option value="">right or wrong</option><option'
        ' value="ai-right">right</option><option value="ai-wrong">wrong</option></select></label><label>People'
        ' <select><option value="">any</option><option value="harmed">harmed</option><option'
        ' value="helped">helped</option></select></label><output></output></div>'
    )
    return Html(f'{search}<div class="cards" id="cards-F13">{"".join(made)}</div>')


def _card(story: Story, item: Item, one: Met | None, row: str) -> str:
    gain = _gain((item, one))
    words = [item.specimen, item.model, item.ai, item.truth, "ai-right" if item.ai_correct else "ai-wrong"]
    words += ["harmed"] if gain < 0 else ["helped"] if gain > 0 else []
    before = f"{percent(one.accuracy)} of {one.n} rounds" if one else "never met alone"
    links = replays(story, item.specimen)
    return (
        f'<article class="card" data-words="{escape(" ".join(words).lower())}"><h3>{escape(item.specimen)}</h3><div'
        f' class="row">{row}</div>'
        f"<dl><dt>Truth</dt><dd>{escape(item.truth)}</dd><dt>AI ({escape(item.model)})</dt><dd>{escape(item.ai)},"
        f" {'right' if item.ai_correct else 'wrong'}</dd>"
        f"<dt>Right alone</dt><dd>{before}</dd><dt>Right with AI</dt><dd>{percent(item.met.accuracy)} of {item.met.n}"
        " rounds</dd>"
        f"<dt>Followed</dt><dd>{percent(item.met.followed)} of {item.met.seen}</dd></dl>{links}</article>"
    )


def replays(story: Story, specimen: str) -> str:
    """Return links into the replay of sessions that met a specimen; "" without a desk."""
    if not story.desk or not story.gathered.sessions:
        return ""
    met = [
        (each.participant, each.round)
        for arm in story.arms
        if not arm.alone
        for each in arm.rounds
        if each.specimen == specimen
    ][:LINKS]
    links = " ".join(f'<a href="{escape(address(story, who, at))}">{escape(who)}, round {at}</a>' for who, at in met)
    return f"<p>Replay: {links}</p>" if links else ""


def address(story: Story, participant: str, number: int = 0) -> str:
    """Return where the desk replays a session, or its round of that number."""
    place = f"#round={number}" if number else ""
    return f"{story.desk.rstrip('/')}/desk/replay/{quote(participant, safe='')}{place}"


def _csv(told: list[Pair]) -> str:
    return tidy(
        {
            "stimulus_id": item.specimen,
            "model": item.model,
            "ai_label": item.ai,
            "truth": item.truth,
            "ai_correct": item.ai_correct,
            "accuracy": item.met.accuracy,
            "rounds": item.met.n,
            "accuracy_alone": one.accuracy if one else None,
            "rounds_alone": one.n if one else None,
            "followed": item.met.followed,
        }
        for item, one in told
    )
