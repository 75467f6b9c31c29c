"""Examples, prototypes, twins and contrasts: exact where exact is possible, and refused without what they show."""

import numpy as np
import pytest
import torch

from ai.engine import Refused, explain
from ai.explanation import Examples, Maps, Pictures
from ai.passes import Passes
from ai.specimens.moths import CUES, Moths
from ai.surroundings import Gallery, Surroundings, key, surround
from ai.teammate import Teammate, new, prepare
from game.canonical import sha256

TARGETS = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def moths():
    return Moths()


@pytest.fixture(scope="module")
def mate():
    big = new("small_cnn", 4, seed=5)
    return Teammate(big.name, big.module, 32, big.layer, big.has)


@pytest.fixture(scope="module")
def scenes(moths):
    return moths.scenes(4, 2)


@pytest.fixture(scope="module")
def shelf(moths):
    """Scenes of the gallery; the first is also explained."""
    return [*moths.scenes(1, 2), *moths.scenes(24, 9)]


@pytest.fixture(scope="module")
def surroundings(moths, mate, scenes, shelf):
    return surround(moths, mate, scenes, gallery=shelf, others=moths.scenes(3, 4))


@pytest.fixture
def passes(moths, mate, scenes, surroundings):
    made = mate.passes(np.stack([moths.draw(scene, 32) for scene in scenes]))
    made.surroundings = surroundings
    return made


def part(passes, i):
    one = Passes(passes.module, passes.images[i : i + 1], layer=passes.layer, has=passes.has, batch=1)
    one.surroundings = passes.surroundings
    return one


def test_what_is_there_is_told(surroundings, scenes):
    assert surroundings.has == ("gallery", "twins", "masks", "others")
    assert Surroundings().has == ()
    assert len(surroundings.twins) == len(surroundings.masks) == len(scenes)
    assert surroundings.others.shape == (3, 3, 32, 32)


def test_nearest_are_the_nearest_by_cosine(passes, surroundings, moths, shelf):
    made = explain("nearest", passes, TARGETS, k=4)
    assert isinstance(made, Examples)
    assert made.scores.shape == (4, 4)
    digests = [sha256(np.ascontiguousarray(moths.draw(s, 32)).tobytes()) for s in shelf]
    mine, theirs = passes.features().double(), surroundings.gallery.features.double()
    for n in range(4):
        alike = torch.nn.functional.cosine_similarity(mine[n : n + 1], theirs).numpy()
        alike[[k == key(passes.images[n]) for k in surroundings.gallery.keys]] = -2
        best = np.argsort(-alike)[:4]
        assert made.digests[n] == tuple(digests[i] for i in best)
        np.testing.assert_allclose(made.scores[n], alike[best], atol=1e-6)


def test_an_image_is_not_its_own_example(passes, surroundings):
    assert surroundings.gallery.keys[0] == key(passes.images[0])
    assert surroundings.gallery.digests[0] not in explain("nearest", passes, TARGETS, k=10).digests[0]
    own = surroundings.gallery.labels[0]
    assert surroundings.gallery.digests[0] not in explain("prototype", passes, (own,) * 4, k=2).digests[0]


def test_examples_of_the_class_are_of_the_class(passes, surroundings):
    label = dict(zip(surroundings.gallery.digests, surroundings.gallery.labels, strict=True))
    for name, params in (("nearest", {"same_class": True, "k": 2}), ("prototype", {"k": 2})):
        made = explain(name, passes, TARGETS, **params)
        assert [{label[d] for d in row} for row in made.digests] == [{t} for t in TARGETS]


def test_a_prototype_is_the_closest_to_its_class_mean(passes, surroundings):
    gallery = surroundings.gallery
    made = explain("prototype", passes, (2,) * 4)
    members = [i for i, label in enumerate(gallery.labels) if label == 2]
    mean = gallery.features[members].mean(0)
    away = [float((gallery.features[i] - mean).norm()) for i in members]
    best = gallery.digests[members[int(np.argmin(away))]]
    assert [row[0] for row in made.digests[1:]] == [best] * 3


def test_too_small_a_gallery_is_said(passes):
    passes.surroundings = Surroundings(gallery=Gallery(torch.ones(2, 128), (0, 1), ("a", "b"), ("x", "y")))
    with pytest.raises(ValueError, match="holds 2 examples that fit, 3 wanted"):
        explain("nearest", passes, TARGETS)
    with pytest.raises(ValueError, match="holds 0 examples of class 2"):
        explain("prototype", passes, TARGETS)


@pytest.mark.slow
@pytest.mark.parametrize("cue", CUES)
def test_a_twin_is_exact(cue, passes, moths, scenes):
    made = explain("twin", passes, TARGETS, cue=cue)
    assert isinstance(made, Pictures)
    for picture, scene in zip(made.values, scenes, strict=True):
        assert np.array_equal(picture, moths.draw(moths.twin(scene, cue), 32))


def test_the_twin_shown_is_the_one_that_matters_most(passes, moths, scenes):
    made = explain("twin", passes, TARGETS)
    names, told = made.each["cue"], made.each["probability"]
    before = passes.predict().softmax(1)
    for n, scene in enumerate(scenes):
        twins = np.stack([moths.draw(moths.twin(scene, cue), 32) for cue in CUES])
        left = passes.forward(prepare(twins)).softmax(1)[:, TARGETS[n]]
        assert names[n] == CUES[int(left.argmin())]
        assert told[n] == f"{float(before[n, TARGETS[n]]):.4f}>{float(left.min()):.4f}"


def test_an_image_without_a_twin_is_said(passes):
    passes.surroundings = Surroundings(twins=dict(list(passes.surroundings.twins.items())[:2]))
    with pytest.raises(ValueError, match="no twin of image 2"):
        explain("twin", passes, TARGETS)
    with pytest.raises(ValueError, match="no twin 'hat' of image 0"):
        explain("twin", passes, TARGETS, cue="hat")


def test_a_contrast_is_the_map_of_the_difference(passes):
    logits = passes.predict()
    rest = [int(k) for k in logits.scatter(1, torch.arange(4)[:, None], -torch.inf).argmax(1)]
    x = passes.images.clone().requires_grad_(True)
    passes.module.eval()
    out = passes.module(x)
    (grad,) = torch.autograd.grad((out[range(4), TARGETS] - out[range(4), rest]).sum(), x)
    made = explain("contrast", passes, TARGETS)
    assert isinstance(made, Maps)
    assert made.signed
    assert list(made.each["against"]) == rest
    np.testing.assert_allclose(made.values, (grad * x).sum(1).detach().numpy(), atol=1e-6)


def test_a_contrast_turned_round_changes_its_sign(passes):
    one, other = (explain("contrast", passes, (a,) * 4, against=b).values for a, b in ((0, 3), (3, 0)))
    np.testing.assert_allclose(one, -other, atol=1e-7)


def test_a_contrast_of_paths_adds_up(passes):
    made = explain("contrast", passes, (1,) * 4, base="integrated_gradients", against=2)
    assert made.values.std() > 0
    assert made.gap is not None
    assert np.abs(made.gap).max() < 0.05


def test_an_idle_contrast_is_refused(passes):
    with pytest.raises(ValueError, match="'gradcam' cannot be contrasted"):
        explain("contrast", passes, TARGETS, base="gradcam")
    with pytest.raises(ValueError, match="class 2 is the target"):
        explain("contrast", passes, TARGETS, against=2)
    with pytest.raises(ValueError, match="no class 4"):
        explain("contrast", passes, TARGETS, against=4)


@pytest.mark.parametrize("name", ["nearest", "prototype", "twin", "contrast"])
def test_the_set_changes_nothing_and_it_repeats(name, passes):
    whole, again = (explain(name, passes, TARGETS, 1) for _ in range(2))
    alone = [explain(name, part(passes, i), TARGETS[i : i + 1], 1) for i in range(4)]
    if isinstance(whole, Examples):
        assert whole.digests == again.digests == tuple(a.digests[0] for a in alone)
        np.testing.assert_allclose(whole.scores, np.concatenate([a.scores for a in alone]), atol=1e-5)
    else:
        assert np.array_equal(whole.values, again.values)
        np.testing.assert_allclose(whole.values, np.concatenate([a.values for a in alone]), atol=1e-5)


@pytest.mark.parametrize(("name", "need"), [("nearest", "gallery"), ("prototype", "gallery"), ("twin", "twins")])
def test_without_its_surroundings_it_is_refused_by_name(name, need, passes):
    passes.surroundings = None
    with pytest.raises(Refused, match=rf"'{name}' is not valid for 'small_cnn': .*no {need}"):
        explain(name, passes, TARGETS)
