"""Table T16b: how many hidden states the data support, beside the four that table T8 names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from game.measures.hidden import STATES
from game.measures.states import (
    CLOSE,
    FLOOR,
    FOLDS,
    MOST_STATES,
    PEOPLE_LEAST,
    PEOPLE_MOST,
    ROUNDS_MOST,
    SHORT,
    STARTS,
    TURNS,
    WITHIN,
    Fits,
    states,
)
from server.report.page.known import notice
from server.report.page.story import Arm, Story
from server.report.page.transitions import with_pace
from server.report.plate import Table

COLUMNS = (
    "condition",
    "model",
    "states",
    "parameters",
    "log-likelihood",
    "BIC",
    "foreseen per round",
    "below the best",
    "standard error",
    "people",
    "rounds",
    "beware",
)
FITTED = {
    "most": MOST_STATES, "folds": FOLDS, "people_least": PEOPLE_LEAST, "people_most": PEOPLE_MOST, "rounds_most": ROUNDS_MOST,
    "starts": STARTS, "short": SHORT, "turns": TURNS, "close": CLOSE, "within": WITHIN, "floor": FLOOR,
}  # fmt: skip
"""How the models are fitted, for the scripts that fit them again (see `game.measures.states`)."""
NAMED, FREE = "named states (T8)", "unnamed states"
HOW = (
    "Is it right to tell four states apart? Models of 1 to 5 states without names or priors, beside the one of table T8, whose four"
    f" states are our definitions. Foreseen: each person's log-likelihood by a fit to others ({FOLDS} folds of people), per round;"
    " nearer 0 is better, and it falls where a model learns what is chance. Below the best: how much less than the best unnamed"
    " model, with its standard error over people. The data support the fewest states that foresee within two standard errors of"
    " the best. BIC: less is better; it is of the likeliest fit, so the named model has none, and it takes rounds for its n. Where"
    " fewer states than four are supported, the names of table T8 split what the data do not tell apart: take their shares for"
    " definitions, no findings; few people or rounds support few states whatever is true of people."
    " An unnamed state need be none of ours even where their number is the same."
)


def counted(story: Story) -> Table:
    """T16b: a row per model and condition with an AI; a condition with too few people says so."""
    rows = [row for _, arm in story.assisted for row in _arm(arm, story)]
    drawn = (
        f"At most {PEOPLE_MOST} people (drawn) and the first {ROUNDS_MOST} rounds of each; seed {story.bootstrap.seed}."
    )
    return Table(
        id="T16b", topic="How many hidden states", columns=COLUMNS, rows=rows, how=HOW, folded=12,
        note=f"{drawn} {notice(story.known)}", missing="there is no condition with an AI",
    )  # fmt: skip


def _arm(arm: Arm, story: Story) -> Iterator[tuple[Any, ...]]:
    made = states(with_pace(arm, story.rounds), story.bootstrap.seed)
    if isinstance(made, str):
        yield (arm.label, None, None, None, None, None, None, None, None, None, None, made)
        return
    for each in made.fits:
        yield (
            arm.label, NAMED if each.named else FREE, each.states, each.parameters, each.loglik, each.bic, each.foreseen,
            each.below, each.below_se if each.below else None, made.people, made.rounds, words(made) if each.named else None,
        )  # fmt: skip


def words(made: Fits) -> str:
    """Return what the data say of the number of states that are named."""
    named, best = len(STATES), made.supported
    used = f"{made.people} of {made.people_known} people are used; " if made.people < made.people_known else ""
    by = "" if made.by_bic == best else f" (BIC prefers {made.by_bic})"
    if best < named:
        return f"{used}the data support {best} {'state' if best == 1 else 'states'}{by}, not the {named} that are named"
    if best > named:
        return f"{used}the data tell {best} states apart{by}, more than the {named} that are named"
    return f"{used}the data support {named} states{by}, as many as are named"
