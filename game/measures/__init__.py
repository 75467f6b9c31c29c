"""Measures: functions from rounds to an estimate. One file per family: the folder is the list (see game/registry.py).

The decorator filters before it calls: only scored rounds, only the protocols in which the measure means what its name says,
only rounds in which everything it needs is known. Rounds of two protocols are never pooled: the measure is then undefined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import wraps
from typing import Literal

from game.estimate import Estimate, undefined
from game.registry import measure as registry
from game.round import Round

Measure = Callable[[Sequence[Round]], Estimate]
Unit = Literal["fraction", "ms", "distance", "difference", "bits", "number"]
"""fraction, distance: 0 to 1; difference: -1 to 1; number: any, its docstring says in what."""
Reads = Literal["cell", "person", "study"]
Better = Literal["higher", "lower", ""]

ASSISTED = ("one_stage", "two_stage", "on_request", "delegation", "other")
"""Protocols with an AI that can take part."""
ADVISED = ("one_stage", "two_stage", "on_request")
"""Protocols in which a person sees a suggestion and then answers."""
EVERY = ("alone", *ASSISTED)


def measure(
    name: str,
    *,
    cite: str,
    needs: tuple[str, ...],
    protocol: tuple[str, ...],
    unit: Unit = "fraction",
    better: Better = "",
    ordered: bool = False,
    reads: Reads = "cell",
    pools: bool = False,
    probes: bool = False,
    corrected: bool = False,
) -> Callable[[Measure], Measure]:
    """Register a measure.

    Args:
        name: Public name, in the output of `coplay measure`.
        cite: DOI or arXiv id of the definition; "" for plain counts and times.
        needs: Fields of `Round` that must be known; rounds without them are left out.
        protocol: Protocols in which it is defined.
        unit: "fraction" of rounds (0 to 1), "ms", "distance" (0 to 1), "difference" (-1 to 1), "bits" or "number".
        better: The direction that is good for the team, "" where neither is.
        ordered: The value depends on the order of the rounds.
        reads: What it has to be given: one participant's rounds in one "cell" (condition and protocol), all rounds of one
            "person", or those of everybody in a "study".
        pools: It compares protocols, so it takes rounds of several; it never adds them up.
        probes: It takes probe rounds too, which are not scored.
        corrected: It is corrected for the number of rounds, so that the same rounds twice give another value.
    """

    def register(compute: Measure) -> Measure:
        @wraps(compute)
        def measured(rounds: Sequence[Round]) -> Estimate:
            usable, why = select(rounds, needs, protocol, pools=pools, probes=probes)
            return undefined(why) if why else compute(usable)

        info = {"cite": cite, "needs": needs, "protocol": protocol, "unit": unit, "better": better, "ordered": ordered}
        info |= {"reads": reads, "pools": pools, "probes": probes, "corrected": corrected}
        return registry(name, **info)(measured)

    return register


def select(
    rounds: Iterable[Round],
    needs: Collection[str],
    protocols: Collection[str],
    *,
    pools: bool = False,
    probes: bool = False,
) -> tuple[list[Round], str]:
    """Return the scored rounds of `protocols` in which all `needs` are known, and why there is none (or "").

    With `probes` the probe rounds too; with `pools` those of several protocols.
    """
    scored = [each for each in rounds if each.scored or (probes and each.probe)]
    if not scored:
        return [], "no scored round"
    fitting = [each for each in scored if each.protocol in protocols]
    found = Counter(each.protocol for each in fitting)
    if not found:
        other = ", ".join(sorted({each.protocol for each in scored}))
        return [], f"not defined for the protocol {other}"
    if len(found) > 1 and not pools:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(found.items()))
        return [], f"the rounds are of several protocols, which are not pooled ({counts})"
    usable = [each for each in fitting if all(told(each, field) for field in needs)]
    return (usable, "") if usable else ([], missing(fitting, needs))


def known(value: object) -> bool:
    """Tell whether a field of a round says something."""
    return value is not None and value != ""


def told(each: Round, field: str) -> bool:
    """Tell whether a round says something in a field: there is a value, and its source recorded it."""
    return known(getattr(each, field)) and field not in each.unrecorded.split()


def missing(rounds: Sequence[Round], needs: Collection[str]) -> str:
    """Say which needed fields are known in no round."""
    never = [field for field in needs if not any(told(each, field) for each in rounds)]
    if never:
        return f"not known in any round: {', '.join(never)}"
    return f"never known in the same round: {', '.join(needs)}"
