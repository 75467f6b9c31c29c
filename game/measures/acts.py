"""Explicit acts: delegating a round, asking for the suggestion, handing over. They need no threshold.

The denominator is where the act was offered: whoever could not do it did not refuse to.
"""

from __future__ import annotations

from collections.abc import Sequence

from game.estimate import Estimate, share
from game.measures import ASSISTED, measure
from game.round import Round


@measure("delegation_rate", cite="10.1287/isre.2021.1079", needs=("delegation_offered",), protocol=ASSISTED)
def delegation_rate(rounds: Sequence[Round]) -> Estimate:
    """Rounds given to the AI before its answer was seen, over rounds where that was offered (Fügener et al. 2022).

    Rounds under a hand-over are left out.
    """
    offered = [each for each in rounds if each.delegation_offered and not each.handed_over]
    chosen = [each.delegated for each in offered if each.delegated is not None]
    why = "delegating was offered but never decided" if offered else "delegating was never offered"
    return share(chosen, why, len(rounds))


@measure("request_rate", cite="10.1145/3449287", needs=("request_offered",), protocol=ASSISTED)
def request_rate(rounds: Sequence[Round]) -> Estimate:
    """Rounds in which the suggestion was asked for, over rounds where it could be (on demand: Buçinca et al. 2021)."""
    offered = [each for each in rounds if each.request_offered and not each.handed_over]
    chosen = [each.requested for each in offered if each.requested is not None]
    why = "asking the AI was offered but never decided" if offered else "asking the AI was never offered"
    return share(chosen, why, len(rounds))


@measure("handover_share", cite="", needs=(), protocol=ASSISTED)
def handover_share(rounds: Sequence[Round]) -> Estimate:
    """Rounds under a hand-over ("the AI decides from now on"), over rounds where one was offered or in force."""
    offered = [each.handed_over for each in rounds if each.handover_offered or each.handed_over]
    return share(offered, "handing over was never offered", len(rounds))
