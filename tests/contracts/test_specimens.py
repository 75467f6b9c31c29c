"""What every specimen source keeps to. Sources that declare `known=False` (photographs) promise what they are, no more."""

import re
import subprocess
import sys

import msgspec
import numpy as np
import pytest

from ai.source import CONFOUNDER
from game.canonical import sha256
from game.registry import specimen
from tests.contracts.sources import KNOWN, NAMES, made, scenes

SPACED = re.compile(r"(?<!\u202f)[;:!?»]|«(?!\u202f)")
"""French marks without their narrow no-break space."""
MARGIN = 6
"""Pixels at 96 that a shadow or a rim may reach beyond a part."""
BALANCE = 2.5
"""Most times that one cue's twin may change more of the picture (squared difference) than another's."""


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    info = specimen[name].info
    assert info["cite"]
    if name in KNOWN:
        assert tuple(c.name for c in made(name).cues) == tuple(info["cues"])


def test_its_classes_and_contexts_have_names_in_both_languages(source):
    assert len({s.key for s in source.species}) == len(source.species) >= 2
    texts = [text for s in source.species for text in (s.title, s.note)]
    texts += [text for c in source.contexts for text in (c.title, *(v.title for v in c.values))]
    texts += [card.title for card in source.cards()]
    for text in texts:
        assert set(text) == {"en", "fr"}
        assert not SPACED.search(text["fr"]), text["fr"]
        assert "'" not in text["fr"]
    assert all(len(text) > 20 for s in source.species for text in s.note.values())


def test_it_draws_at_any_size(source, some):
    for size in (32, 96, 200):
        picture = source.draw(some[0], size)
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.uint8
        assert picture.std() > 5
        assert all(m.shape == (size, size) and m.dtype == bool for m in source.parts(some[0], size).values())


def test_a_scene_depends_on_its_number_only(source):
    assert source.scenes(3, 4) == source.scenes(8, 4)[:3] == source.scenes(3, 4)
    assert source.scenes(3, 4) != source.scenes(3, 5)
    one, two = (np.stack([source.draw(s, 48) for s in source.scenes(3, 4)]) for _ in range(2))
    assert np.array_equal(one, two)


@pytest.mark.slow
def test_another_process_draws_the_same():
    code = (
        "from game.registry import specimen; from game.canonical import sha256\n"
        "for entry in specimen:\n"
        "    if entry.info.get('known', True):\n"
        "        s = entry.thing(); drawn = s.scenes(4, 9, occluded=0.5, contrast=0.8)\n"
        "        print(entry.name, sha256(b''.join(s.draw(x, 64).tobytes() for x in drawn)), [s.posterior(x) for x in drawn])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(told) == len(KNOWN)
    for name, line in zip(KNOWN, told, strict=True):
        source, drawn = made(name), scenes(name, 4, 9, occluded=0.5, contrast=0.8)
        digest = sha256(b"".join(source.draw(x, 64).tobytes() for x in drawn))
        assert line == f"{name} {digest} {[source.posterior(x) for x in drawn]}"


# Cues, twins, masks.


def test_cues_are_four_or_more_unequal_and_two_to_a_bit(source):
    cards = [card for card in source.cards() if card.kind == "evidence"]
    assert [card.key for card in cards] == [c.name for c in source.cues]
    assert len(cards) >= 4
    assert len({card.validity for card in cards}) == len(cards)
    assert all(0.5 < card.validity < 1 for card in cards)
    bits = [card.bit for card in cards]
    assert all(bits.count(bit) >= 2 for bit in bits)
    (confounder,) = (card for card in source.cards() if card.kind == "confounder")
    assert confounder.bit == -1
    assert confounder.validity is None


def test_a_twin_flips_one_thing_and_comes_back(source, some):
    for cue in [*(c.name for c in source.cues), CONFOUNDER]:
        twin = source.twin(some[0], cue)
        assert twin != some[0]
        assert twin.truth == some[0].truth
        values, flipped = source.cue_values(some[0]), source.cue_values(twin)
        changed = [name for name in values if values[name] != flipped[name]]
        assert changed == [source.tag if cue == CONFOUNDER else cue]
        back = source.twin(twin, cue)
        assert back.cues == pytest.approx(some[0].cues)
        assert msgspec.structs.replace(back, cues=some[0].cues) == some[0]
        assert (source.posterior(twin) == source.posterior(some[0])) == (cue == CONFOUNDER)
    with pytest.raises(ValueError, match="'legs' is not in"):
        source.twin(some[0], "legs")
    with pytest.raises(ValueError, match="could be flipped"):
        source.twin(source.prototype(0), CONFOUNDER)


def test_evidence_is_exactly_what_a_twin_changes(source, some):
    seen = source.draw(some[0], 96).astype(int)
    masks = source.evidence(some[0], 96, above=0)
    assert list(masks) == [c.name for c in source.cues]
    for cue, mask in masks.items():
        twin = source.draw(source.twin(some[0], cue), 96).astype(int)
        assert np.array_equal(mask, (twin != seen).any(-1))
        assert 0.001 < mask.mean() < 0.3, cue
        least = source.evidence(some[0], 96, above=40)[cue]
        assert not (least & ~mask).any()


def test_nothing_changes_outside_the_footprint(source, some):
    """Every pixel that differs between twins lies in the part, as it is in one or the other, or within its rim or shadow."""
    for scene in some[:3]:
        seen, parts = source.draw(scene, 96), source.parts(scene, 96)
        for cue in [c.name for c in source.cues]:
            twin = source.twin(scene, cue)
            changed = (source.draw(twin, 96) != seen).any(-1)
            near = _grown(parts[cue] | source.parts(twin, 96)[cue], MARGIN)
            assert changed.any()
            assert not (changed & ~near).any(), cue


def test_the_confounder_changes_only_where_it_is(source, some):
    for scene in some[:3]:
        where = source.confounder(scene, 96)
        changed = (source.draw(scene, 96) != source.draw(source.twin(scene, CONFOUNDER), 96)).any(-1)
        assert changed.any()
        assert 0.002 < where.mean() < 0.05
        assert not (changed & ~_grown(where, 2)).any()
    assert not source.confounder(source.prototype(0), 96).any()


@pytest.mark.slow
def test_no_cue_outweighs_another(source):
    """Mean squared difference between twins, over scenes of usual difficulty: the largest of a cue against the smallest."""
    drawn = source.scenes(16, 5, occluded=0.0)
    energy = dict.fromkeys((c.name for c in source.cues), 0.0)
    for scene in drawn:
        seen = source.draw(scene, 96).astype(np.float32)
        for cue in energy:
            energy[cue] += float(((source.draw(source.twin(scene, cue), 96) - seen) ** 2).mean())
    assert max(energy.values()) < BALANCE * min(energy.values()), energy


def test_a_cue_is_one_number_with_an_ambiguous_middle(source):
    """The picture moves with the cue step by step: the nearer its values, the nearer the pictures."""
    first = source.prototype(0)
    for k in range(len(source.cues)):
        steps = [
            source.draw(
                msgspec.structs.replace(first, cues=tuple(v if i == k else c for i, c in enumerate(first.cues))), 96
            )
            for v in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
        apart = [float(np.abs(step.astype(np.float32) - steps[0]).mean()) for step in steps]
        assert 0 < apart[1] < apart[2] < apart[3] < apart[4]
        assert apart[1] < 0.55 * apart[4]


def test_something_in_front_takes_parts_out_of_view(source, some):
    hidden = 0
    for scene in some:
        covered = msgspec.structs.replace(scene, occlusion=1.5)
        bare, seen = source.parts(scene, 96), source.parts(covered, 96)
        assert all(not (seen[name] & ~bare[name]).any() for name in bare)
        hidden += sum(seen[c.name].sum() < bare[c.name].sum() for c in source.cues)
        assert source.in_view(scene) == (1.0,) * len(source.cues)
        assert all(0 <= view <= 1 for view in source.in_view(covered))
    assert hidden > len(some)


# The field guide, and what leaves the source.


def test_the_field_guide_shows_clear_members(source):
    for k in range(len(source.species)):
        shown = source.guide(k)
        assert shown[0] == source.prototype(k)
        assert len(shown) >= 3
        for scene in shown:
            posterior = source.posterior(scene)
            assert int(np.argmax(posterior)) == scene.truth == k
            assert posterior[k] > 0.95
            assert not source.confounder(scene, 48).any()
        assert len({source.draw(scene, 48).tobytes() for scene in shown}) == len(shown)


def test_it_can_take_each_cause_of_error_away(source):
    scene = source.scenes(1, 3, occluded=1.0)[0]
    variants = source.variants(scene)
    assert {CONFOUNDER, "occlusion", "difficulty"} <= set(variants)
    assert all(v.truth == scene.truth and v != scene for name, v in variants.items() if name != CONFOUNDER)
    assert source.ease(variants["difficulty"]) == 0
    assert source.cue_values(variants[CONFOUNDER])[source.tag] == scene.truth
    assert 0 < source.ease(scene) < 1


def test_nothing_that_is_written_down_names_a_class(source, some):
    words = {s.key for s in source.species} | {title.lower() for s in source.species for title in s.title.values()}
    said = [str(c.key) + str([(v.key, dict(v.title)) for v in c.values]) for c in source.contexts]
    for scene in some:
        facts = source.facts(scene)
        assert not {"truth", "class", "label", "species"} & set(facts)
        assert set(source.cue_values(scene)) <= set(facts)
        assert all(isinstance(v, str | int | float | bool) for v in facts.values())
        said += [str(dict(facts)), str(source.cue_values(scene)), str(source.told(scene))]
    assert not any(word in text.lower() for word in words for text in said)


def _grown(mask, by):
    out = mask.copy()
    for axis in (0, 1):
        out = np.logical_or.reduce([np.roll(out, k, axis) for k in range(-by, by + 1)])
    return out
