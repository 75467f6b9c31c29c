"""How sure a lens is: one Newton step stands for a fit without people, and shrunken weights count by what rounds tell."""

import numpy as np
import pytest

from game.measures.cue_weights import Persons, people_fit, persons
from game.measures.lens_spread import parts, pulls
from tests.game.measures.test_lens import CUES, STATED, lens_study


def test_leaving_people_out_is_as_fitting_without_them():
    rounds = lens_study(STATED, people=6, rounds=30, spread=0.5)
    made = parts(rounds, CUES)
    assert (len(made.consistency), len(made.matching)) == (6, 6)
    for at in range(6):
        rest = people_fit([each for each in rounds if each.participant != f"p{at:02}"], CUES)
        assert made.consistency[at] == pytest.approx(rest.consistency, abs=0.005)
        assert made.matching[at] == pytest.approx(rest.matching, abs=0.02)


def test_one_person_leaves_nobody():
    assert parts(lens_study(STATED, people=1, rounds=8), CUES) == ([], [])


def test_people_count_by_what_their_rounds_tell():
    """Variance 1: who is known to 0.5 counts half and is moved back to twice the distance, who told nothing counts 0."""
    over, under = pulls(
        Persons(
            weights={"a": (1.5,), "b": (0.5,), "c": (1.0,)},
            unsure={"a": (0.5,), "b": (0.5,), "c": (1.0,)},
            centre=(1.0,),
            variance=(1.0,),
        )
    )
    assert under[:, 0].tolist() == [0.5, 0.5, 0]
    assert (over[:2, 0] / under[:2, 0]).tolist() == [1, -1]
    assert over[2, 0] == 0


def test_undoing_the_pull_towards_the_group_gives_the_spread_of_people():
    """Six weights of people whose true ones have an SD of 0.8: shrunken ones vary less, those moved back as much as people do."""
    found = persons(lens_study(STATED, people=12, rounds=30, spread=0.8), CUES)
    over, under = pulls(found)
    shrunken = np.array(list(found.weights.values())).std(axis=0, ddof=1).mean()
    back = (over / under).std(axis=0, ddof=1).mean()
    assert shrunken < back
    assert np.all(under > 0)
    assert np.abs(over.sum(axis=0)).max() < 1e-9
