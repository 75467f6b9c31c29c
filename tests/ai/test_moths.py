"""The moths: what is drawn follows from the scene, and only from it."""

import subprocess
import sys

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.specimens.moths import CODE, CUES, VALIDITY, Moths, Scene
from game.canonical import sha256

clear = Scene(0, (0.2, 0.2, 0.2, 0.2), tag=1, seed=3)
cue_values = st.tuples(*[st.floats(0, 1, allow_nan=False)] * 4)


def digest(picture):
    return sha256(np.ascontiguousarray(picture).tobytes())


def test_another_process_draws_the_same(moths, environment):
    code = (
        "from ai.specimens.moths import Moths; from game.canonical import sha256\n"
        "m = Moths(); print(sha256(b''.join(m.draw(s, 64).tobytes() for s in m.scenes(5, 9, occluded=0.5))))"
    )
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    here = b"".join(moths.draw(s, 64).tobytes() for s in moths.scenes(5, 9, occluded=0.5))
    assert told.stdout.strip() == sha256(here)


def test_a_scene_depends_on_its_number_only(moths):
    assert moths.scenes(3, 4) == moths.scenes(8, 4)[:3]
    assert moths.scenes(3, 4) != moths.scenes(3, 5)


@pytest.mark.parametrize("cue", CUES)
def test_a_twin_flips_one_cue_and_comes_back(moths, cue):
    twin = moths.twin(clear, cue)
    changed = [a != b for a, b in zip(clear.cues, twin.cues, strict=True)]
    assert changed == [name == cue for name in CUES]
    assert msgspec.structs.replace(twin, cues=clear.cues) == clear
    back = moths.twin(twin, cue)
    assert back.cues == pytest.approx(clear.cues)
    with pytest.raises(ValueError, match="not in"):
        moths.twin(clear, "legs")


def test_evidence_is_exactly_what_changes(moths):
    seen = moths.draw(clear, 96).astype(int)
    masks = moths.evidence(clear, 96, above=0)
    for cue, mask in masks.items():
        twin = moths.draw(moths.twin(clear, cue), 96).astype(int)
        assert np.array_equal(mask, (twin != seen).any(-1))
        assert 0.001 < mask.mean() < 0.3, cue


@pytest.mark.parametrize("cue", CUES)
def test_evidence_lies_around_its_part(moths, cue):
    """Nothing else in the picture moves with a cue: the tag, the ground and the other parts stay."""
    prototype = moths.prototype(0)
    where = moths.evidence(prototype, 96)[cue]
    flipped = moths.parts(moths.twin(prototype, cue), 96)[cue]
    near = _grown(moths.parts(prototype, 96)[cue] | flipped, 6)
    assert where.any()
    assert not (where & ~near).any()


def test_the_tag_moves_only_the_tag(moths):
    other = msgspec.structs.replace(clear, tag=2)
    changed = (moths.draw(clear, 96) != moths.draw(other, 96)).any(-1)
    assert changed.any()
    assert not (changed & ~_grown(moths.parts(clear, 96)["tag"], 1)).any()


def test_grass_takes_parts_out_of_view(moths):
    scene = msgspec.structs.replace(clear, occlusion=1.5)
    bare, seen = moths.parts(clear, 96), moths.parts(scene, 96)
    assert all(not (seen[c] & ~bare[c]).any() for c in CUES)
    assert min(moths.in_view(scene)) < 1 == min(moths.in_view(clear))


def test_classes_differ_in_two_cues_at_least():
    for i, a in enumerate(CODE):
        for b in CODE[i + 1 :]:
            assert sum(x != y for x, y in zip(a, b, strict=True)) >= 2
    assert len(set(VALIDITY)) == len(VALIDITY)
    assert max(VALIDITY) < 1


@settings(max_examples=40)
@given(cue_values)
def test_the_posterior_is_bayes_rule(cues):
    scene = Scene(0, cues, tag=-1)
    joint = []
    for code in CODE:
        terms = [v if (c > 0.5) == bool(b) else 1 - v for c, b, v in zip(cues, code, VALIDITY, strict=True)]
        joint.append(np.prod(terms))
    assert Moths().posterior(scene) == pytest.approx(np.array(joint) / np.sum(joint))


def test_the_ideal_observer_is_as_right_as_its_cues_say(moths):
    """Over many scenes it follows the better cue of each pair: 0.98 x 0.97."""
    scenes = moths.scenes(3000, 8, occluded=0.0)
    right = np.mean([int(np.argmax(moths.posterior(s))) == s.truth for s in scenes])
    assert right == pytest.approx(0.98 * 0.97, abs=0.012)


def test_the_confounder_is_linked_in_training_only(moths):
    linked = np.mean([s.tag == s.truth for s in moths.scenes(1500, 1, rho=0.75)])
    free = np.mean([s.tag == s.truth for s in moths.scenes(1500, 1)])
    assert linked == pytest.approx(0.75 + 0.25 / 4, abs=0.04)
    assert free == pytest.approx(0.25, abs=0.04)


def _grown(mask, by):
    out = mask.copy()
    for dy in range(-by, by + 1):
        for dx in range(-by, by + 1):
            out |= np.roll(mask, (dy, dx), (0, 1))
    return out
