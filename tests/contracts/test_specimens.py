"""What every specimen source keeps to."""

import numpy as np
import pytest

from game.registry import specimen

NAMES = specimen.names()


@pytest.fixture(params=NAMES)
def source(request):
    return specimen[request.param].thing()


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    info = specimen[name].info
    assert info["cite"]
    assert tuple(c.name for c in specimen[name].thing().cues) == tuple(info["cues"])


def test_its_classes_have_names_and_notes(source):
    assert len({s.key for s in source.species}) == len(source.species) >= 2
    for species in source.species:
        assert set(species.title) == set(species.note) == {"en", "fr"}
        assert all(len(text) > 20 for text in species.note.values())


def test_it_draws_at_any_size(source):
    scene = source.scenes(1, 0)[0]
    for size in (32, 96):
        picture = source.draw(scene, size)
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.uint8
        assert picture.std() > 5
        assert all(m.shape == (size, size) and m.dtype == bool for m in source.parts(scene, size).values())


def test_it_repeats(source):
    one, two = (source.scenes(4, 11) for _ in range(2))
    assert one == two
    assert all(np.array_equal(source.draw(a, 48), source.draw(b, 48)) for a, b in zip(one, two, strict=True))


def test_the_ideal_observer_is_a_probability(source):
    for scene in source.scenes(20, 5):
        posterior = source.posterior(scene)
        assert len(posterior) == len(source.species)
        assert sum(posterior) == pytest.approx(1)
        assert min(posterior) >= 0


def test_every_cue_is_uncertain_and_has_evidence(source):
    scene = source.scenes(1, 6, occluded=0.0)[0]
    evidence = source.evidence(scene, 96)
    for cue in source.cues:
        assert 0.5 < cue.validity < 1
        assert evidence[cue.name].any()
        twin = source.twin(scene, cue.name)
        assert twin.truth == scene.truth
        assert source.posterior(twin) != source.posterior(scene)


def test_a_prototype_is_a_sure_member_of_its_class(source):
    for k in range(len(source.species)):
        posterior = source.posterior(source.prototype(k))
        assert int(np.argmax(posterior)) == k
        assert posterior[k] > 0.95


def test_its_facts_name_no_class(source):
    keys = {s.key for s in source.species}
    for scene in source.scenes(6, 2):
        text = str(dict(source.facts(scene))).lower()
        assert not any(key in text for key in keys)


def test_it_can_take_each_cause_of_error_away(source):
    variants = source.variants(source.scenes(1, 3, occluded=1.0)[0])
    assert variants
    assert all(source.draw(v, 32).shape == (32, 32, 3) for v in variants.values())
