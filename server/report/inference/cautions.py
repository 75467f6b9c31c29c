"""What a design cannot support: said before any number is read. Each caution has a code, a place and one sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from game.measures.modes import NOTICE
from game.measures.signal import judged, solo_choice
from game.round import Round
from server.report.inference.comparison import drawn
from server.report.inference.effect import Caution
from server.report.inference.weighted import given

FEW_ERRORS = 8
"""Rounds with a wrong AI per participant and condition that over-reliance needs."""
FEW_PEOPLE = 20
FEW_ITEMS = 10
FEW_SOLO = 10
"""Answers of people alone per specimen below which its solo rate is mostly noise."""
ONE_CONDITION = 0.2
"""Share of the specimens that may be met in one condition only."""
UNEQUAL = 0.05
"""Difference of the AI's share right between conditions that is told."""
RELIANCE = ("over_reliance", "under_reliance", "dprime", "criterion", "agreement")
Arms = dict[str, list[Round]]


def warnings_for(rounds: Sequence[Round]) -> tuple[Caution, ...]:
    """Return the cautions of every study, sorted by study and code; an empty log has one of its own."""
    if not any(each.scored for each in rounds):
        return (Caution("no_rounds", "", "There is no scored round: nothing can be said."),)
    made: list[Caution] = []
    for study in sorted({each.study for each in rounds}):
        mine = [each for each in rounds if each.study == study and each.scored]
        arms: Arms = {}
        for each in mine:
            if each.protocol != "alone":
                arms.setdefault(each.condition, []).append(each)
        made += [*_kind(study, mine), *_shadows(study, mine), *_solo(study, mine)]
        if arms:
            made.append(Caution("modes", study, NOTICE, ("modes",)))
        for check in (_protocols, _people, _items, _errors, _own, _within, _unanswered):
            made += check(study, arms)
        silent = {e.condition for e in rounds if e.study == study} - {e.condition for e in mine}
        made += [Caution("empty_condition", study, f"{name} has no scored round.") for name in sorted(silent)]
    return tuple(sorted(made))


def _kind(study: str, mine: list[Round]) -> Iterator[Caution]:
    if any(each.source == "simulated" for each in mine):
        yield Caution(
            "simulated", study, "Rounds are simulated: they say what the analysis can find, nothing of people."
        )
    if any("excluded_by_authors" in each.flags for each in mine):
        text = "Participants whom the authors excluded are among these; whether their rule used pre-treatment data is not known."
        yield Caution("excluded_by_authors", study, text)


def _protocols(study: str, arms: Arms) -> Iterator[Caution]:
    kinds = {name: {each.protocol for each in theirs if not drawn(each)} for name, theirs in arms.items()}
    asked = [name for name, theirs in sorted(arms.items()) if kinds[name] and any(drawn(each) for each in theirs)]
    kinds = {name: found or {each.protocol for each in arms[name]} for name, found in kinds.items()}
    if asked:
        text = (
            f"In a drawn share of the rounds of {', '.join(asked)} the first answer was asked: effects are of the other rounds,"
            " those stand apart, and so does what asking changes."
        )
        yield Caution("asked_by_draw", study, text)
    for name, found in sorted(kinds.items()):
        if len(found) > 1:
            text = f"{name} is played in several protocols ({', '.join(sorted(found))}), which are never pooled."
            yield Caution("mixed_protocols", study, text)
    if len({protocol for found in kinds.values() for protocol in found}) > 1:
        text = "Conditions differ in protocol: being asked twice is an intervention of its own, so it cannot be told apart."
        yield Caution("protocol_differs", study, text)


def _people(study: str, arms: Arms) -> Iterator[Caution]:
    for name, theirs in sorted(arms.items()):
        people = len({each.participant for each in theirs})
        if people < FEW_PEOPLE:
            text = (
                f"{name} has {people} participant{'s' * (people != 1)}: read intervals with small-cluster corrections."
            )
            yield Caution("few_participants", study, text)


def _items(study: str, arms: Arms) -> Iterator[Caution]:
    met: defaultdict[str, set[str]] = defaultdict(set)
    counts = Counter(each.specimen for theirs in arms.values() for each in theirs)
    for name, theirs in arms.items():
        for each in theirs:
            met[each.specimen].add(name)
    shared = [item for item, n in counts.items() if n > 1]
    alone = [item for item in shared if len(met[item]) == 1]
    if len(arms) > 1 and shared and len(alone) / len(shared) > ONE_CONDITION:
        text = (
            f"{len(alone)} of {len(shared)} specimens that are met again are met in one condition only: differences between "
            "conditions may be differences between specimens."
        )
        yield Caution("item_in_one_condition", study, text)
    if arms and shared and len(counts) < FEW_ITEMS:
        text = f"There are {len(counts)} specimens: the results are about these, not about others."
        yield Caution("few_items", study, text)


def _errors(study: str, arms: Arms) -> Iterator[Caution]:
    shares: dict[str, float] = {}
    for name, theirs in sorted(arms.items()):
        known = [each for each in theirs if each.ai_correct is not None]
        if not known:
            continue
        people = len({each.participant for each in known})
        wrong = sum(each.ai_correct is False for each in known)
        shares[name] = 1 - wrong / len(known)
        if wrong / people < FEW_ERRORS:
            text = (
                f"{name} has {wrong / people:.1f} rounds with a wrong AI per participant, {FEW_ERRORS} are needed to tell "
                "over-reliance and discrimination."
            )
            yield Caution("few_ai_errors", study, text, RELIANCE)
    if shares and max(shares.values()) - min(shares.values()) > UNEQUAL:
        low, high = min(shares, key=lambda name: shares[name]), max(shares, key=lambda name: shares[name])
        text = f"The AI is right in {shares[low]:.0%} of the rounds of {low} and in {shares[high]:.0%} of {high}."
        yield Caution("ai_accuracy_differs", study, text, ("accuracy", "agreement"))


def _own(study: str, arms: Arms) -> Iterator[Caution]:
    if arms and not any(
        each.own is not None or each.own_correct is not None for rounds in arms.values() for each in rounds
    ):
        text = "No own answer was asked before the AI's: whether a person was led astray or would have erred anyway is not known."
        yield Caution("no_own_answer", study, text, ("rair", "rsr", "switch"))


def _within(study: str, arms: Arms) -> Iterator[Caution]:
    people: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
    for name, theirs in arms.items():
        for each in theirs:
            people[each.participant].setdefault(name, []).append(each.round)
    several = {who: met for who, met in people.items() if len(met) > 1}
    if not several:
        return
    explained = {name for name, theirs in arms.items() if any(each.explanation_shown for each in theirs)}
    if explained:
        text = (
            "The same people met several explanation conditions: maps teach cues, so read the first block alone, too."
        )
        yield Caution("carry_over", study, text)
    firsts = {min(met, key=lambda name: min(met[name])) for met in several.values()}
    if len(firsts) == 1 and len(several) > 1:
        text = f"Everybody met {firsts.pop()} first: order and condition cannot be told apart."
        yield Caution("fixed_order", study, text)


def _shadows(study: str, mine: list[Round]) -> Iterator[Caution]:
    left = [each for each in mine if given(each)]
    if left and not any(each.shadow for each in left):
        text = f"{len(left)} cases were left to the AI and no shadow round was drawn: what people would have said is not known."
        yield Caution("no_shadow_rounds", study, text, ("own_accuracy",))


def _solo(study: str, mine: list[Round]) -> Iterator[Caution]:
    """Fresh specimens for each person leave few answers alone for each: the mixed d' then leans on its model of them."""
    rates = solo_choice(mine)
    met = {(each.specimen, each.ai or "") for each in judged(mine)}
    if not met & rates.keys():
        return  # the mixed model then does without solo rates
    typical = median(rates.get(key, (0, 0))[1] for key in met)
    if typical < FEW_SOLO:
        text = (
            f"Specimens were answered alone by {typical:g} people (median), {FEW_SOLO} are needed to know how easy each is: "
            "dprime_mixed takes the rest from a model of how specimens differ, has a wide interval, and may be a little too high "
            "(docs/recovery.md). Compare conditions that share specimens; do not read it against 0."
        )
        yield Caution("noisy_solo_rates", study, text, ("dprime_mixed", "criterion_mixed"))


def _unanswered(study: str, arms: Arms) -> Iterator[Caution]:
    shares = {name: sum(each.correct is None for each in theirs) / len(theirs) for name, theirs in arms.items()}
    if shares and max(shares.values()) - min(shares.values()) > UNEQUAL:
        worst = max(shares, key=lambda name: shares[name])
        text = f"In {worst} {shares[worst]:.0%} of the rounds have no final answer, more than elsewhere."
        yield Caution("unanswered_differs", study, text)
