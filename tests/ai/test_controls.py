"""Controls: each is exactly what it says, and where matched, nothing but its places differs from the real map."""

import numpy as np
import pytest
import torch

from ai import spectrum
from ai.engine import Refused, explain
from ai.explainers.randomised_model import reinitialised
from ai.matching import TOLERANCE, place
from ai.passes import Passes
from ai.specimens.moths import CUES, Moths
from ai.surroundings import Evidence, Surroundings, key, note, surround
from ai.teammate import Teammate, new
from game.registry import explainer

CONTROLS = (
    *("centre", "edges", "ground_truth", "inverted", "randomised_model", "shuffled", "smoothed_random"),
    "wrong_class",
)
TARGETS = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def moths():
    return Moths()


@pytest.fixture(scope="module")
def scenes(moths):
    return moths.scenes(4, 2)


@pytest.fixture(scope="module")
def mate():
    """An untrained net that takes 64 pixels, so that its last layer is 8 by 8."""
    big = new("small_cnn", 4, seed=5)
    return Teammate(big.name, big.module, 64, big.layer, big.has)


@pytest.fixture(scope="module")
def surroundings(moths, mate, scenes):
    return surround(moths, mate, scenes, others=[*scenes[:1], *moths.scenes(5, 4)])


@pytest.fixture
def passes(moths, mate, scenes, surroundings):
    made = mate.passes(np.stack([moths.draw(scene, 64) for scene in scenes]))
    made.surroundings = surroundings
    return made


def part(passes, i):
    one = Passes(passes.module, passes.images[i : i + 1], layer=passes.layer, has=passes.has, batch=1)
    one.surroundings = passes.surroundings
    return one


@pytest.mark.parametrize("name", CONTROLS)
def test_matched_energy_is_exact(name, passes):
    base = explain("saliency", passes, TARGETS, pool=1).values
    made = explain(name, passes, TARGETS, 3, base="saliency", match="energy")
    assert made.values.dtype == np.float32
    assert np.array_equal(np.sort(made.values.reshape(4, -1)), np.sort(base.reshape(4, -1)))
    assert not made.signed
    assert made.info["match"] == "energy"


@pytest.mark.parametrize("name", CONTROLS)
def test_matched_smoothness_is_within_the_tolerance_and_keeps_the_energy(name, passes):
    base = explain("saliency", passes, TARGETS).values
    made = explain(name, passes, TARGETS, 3, base="saliency", match="energy+smoothness")
    assert np.array_equal(np.sort(made.values.reshape(4, -1)), np.sort(base.reshape(4, -1)))
    for mine, theirs in zip(made.values, base, strict=True):
        assert spectrum.mismatch(mine, spectrum.power(theirs)) <= TOLERANCE
    assert max(made.each["spectrum_mismatch"]) <= TOLERANCE


def test_a_match_keeps_the_place(passes):
    bell = explain("centre", passes, TARGETS).values[0]
    for match in ("energy", "energy+smoothness"):
        for values in explain("centre", passes, TARGETS, base="saliency", match=match).values:
            middle, corner = values[24:40, 24:40].mean(), values[:16, :16].mean()
            assert middle > 1.5 * corner
    order = np.argsort(np.argsort(bell.ravel()))
    placed = place(
        bell, np.random.default_rng(0).random(bell.shape).astype(np.float32), False, np.random.default_rng(1)
    )
    assert np.corrcoef(order, placed.ravel())[0, 1] > 0.99


def test_an_unknown_match_is_refused(passes):
    with pytest.raises(ValueError, match=r"centre\.match is one of '', energy, energy\+smoothness, not 'size'"):
        explain("centre", passes, TARGETS, match="size")


def test_smoothed_random_asks_nothing_of_the_target(passes):
    one, other = (explain("smoothed_random", passes, t, 1, match="").values for t in (TARGETS, (3, 2, 1, 0)))
    assert np.array_equal(one, other)
    two = explain("smoothed_random", passes, TARGETS, 2, match="").values
    assert all(abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.9 for a, b in zip(one, two, strict=True))


def test_the_centre_is_in_the_middle(passes):
    values = explain("centre", passes, TARGETS, size=9).values
    assert (values == values[0]).all()
    assert np.unravel_index(values[0].argmax(), (9, 9)) == (4, 4)
    assert np.array_equal(values[0], values[0].T)


def test_edges_are_sobels(passes):
    step = torch.zeros(1, 3, 8, 8)
    step[..., 4:] = 1
    values = explain("edges", Passes(passes.module, step), (0,)).values[0]
    assert np.allclose(values[:, 3:5], 0.5)
    assert np.allclose(np.delete(values, [3, 4], 1), 0)


def test_inverted_twice_is_the_map(passes):
    base = explain("saliency", passes, TARGETS).values
    once = explain("inverted", passes, TARGETS, base="saliency").values
    back = once.max((1, 2), keepdims=True) + once.min((1, 2), keepdims=True) - once
    np.testing.assert_allclose(back, base, atol=1e-6)
    for mine, theirs in zip(once, base, strict=True):
        order = np.argsort(theirs.ravel(), kind="stable")
        assert (np.diff(mine.ravel()[order]) <= 0).all(), "what mattered more matters less"


def test_inverted_evidence_changes_its_sign(passes):
    base = explain("contrast", passes, TARGETS)
    made = explain("inverted", passes, TARGETS, base="contrast")
    assert made.signed
    assert np.array_equal(made.values, -base.values)


@pytest.mark.parametrize("which", ["runner_up", "least"])
def test_the_wrong_class_is_that_classs_map(which, passes):
    made = explain("wrong_class", passes, TARGETS, base="saliency", which=which)
    logits = passes.predict()
    others = [[k for k in range(4) if k != t] for t in TARGETS]
    pick = max if which == "runner_up" else min
    wrong = [pick(ks, key=lambda k, n=n: float(logits[n, k])) for n, ks in enumerate(others)]
    assert list(made.each["explains"]) == wrong
    assert np.array_equal(made.values, explain("saliency", passes, wrong).values)
    assert not np.allclose(made.values, explain("saliency", passes, TARGETS).values)


def test_a_randomised_model_has_learnt_nothing(passes):
    real, made = (
        explain(n, passes, TARGETS, 1, **p).values
        for n, p in (("saliency", {}), ("randomised_model", {"base": "saliency"}))
    )
    assert made.shape == real.shape
    assert all(np.corrcoef(a.ravel(), b.ravel())[0, 1] < 0.8 for a, b in zip(made, real, strict=True))
    fresh = reinitialised(passes.module, 8)
    expected = explain("saliency", Passes(fresh, passes.images, has=passes.has), TARGETS).values
    np.testing.assert_allclose(made, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["small_cnn", "small_vit"])
def test_every_weight_is_drawn_anew(name):
    module = new(name, 4, seed=1).module
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1 + torch.rand(parameter.shape, generator=torch.Generator().manual_seed(0)))
    before = {k: v.clone() for k, v in module.state_dict().items()}
    state = torch.random.get_rng_state()
    one, two, three = (reinitialised(module, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(state, torch.random.get_rng_state())
    assert all(torch.equal(before[k], v) for k, v in module.state_dict().items())
    assert all(torch.equal(one[k], two[k]) for k in one)
    for k, _ in module.named_parameters():
        assert not torch.equal(one[k], before[k]), k
        assert one[k].unique().numel() == 1 or not torch.equal(one[k], three[k]), k


def test_shuffled_is_another_images_map(passes, surroundings):
    made = explain("shuffled", passes, TARGETS, 5, base="saliency")
    picked = list(made.each["other"])
    assert picked[0] != 0, "the first of the others is the first image itself"
    aside = passes.over(surroundings.others[picked])
    answers = aside.predict().argmax(1).tolist()
    np.testing.assert_allclose(made.values, explain("saliency", aside, answers).values, atol=1e-6)


def test_shuffled_within_a_class(passes, surroundings):
    answers = passes.over(surroundings.others).predict().argmax(1).tolist()
    common = max(set(answers[1:]), key=answers[1:].count)
    made = explain("shuffled", passes, (common,) * 4, base="saliency", same_class=True)
    assert {answers[i] for i in made.each["other"]} == {common}
    absent = next(k for k in range(5) if k not in answers)
    with pytest.raises(ValueError, match=f"no other image of class {absent} is"):
        explain("shuffled", passes, (absent,) * 4, base="saliency", same_class=True)


def test_ground_truth_is_the_weighted_masks(passes, moths, scenes):
    made = explain("ground_truth", passes, TARGETS)
    assert made.signed
    for values, scene, target in zip(made.values, scenes, TARGETS, strict=True):
        before, expected = moths.posterior(scene)[target], np.zeros((64, 64), np.float32)
        for cue, mask in moths.evidence(scene, 64).items():
            expected += mask * np.float32(before - moths.posterior(moths.twin(scene, cue))[target])
        assert np.array_equal(values, expected)


def test_ground_truth_of_one_cue_is_its_mask(passes):
    mask = np.zeros((64, 64), bool)
    mask[3:9, 4:8] = True
    cues = {CUES[0]: Evidence(mask, (1.0, -1.0, 0.0, 0.5))}
    passes.surroundings = Surroundings(masks={key(image): cues for image in passes.images})
    made = explain("ground_truth", passes, TARGETS).values
    for values, weight in zip(made, (1.0, -1.0, 0.0, 0.5), strict=True):
        assert np.array_equal(values, mask * np.float32(weight))
    shared = explain("ground_truth", passes, TARGETS, per_area=True).values
    np.testing.assert_allclose(shared.sum((1, 2)), (1.0, -1.0, 0.0, 0.5), atol=1e-6)
    passes.surroundings = Surroundings(masks={key(passes.images[0]): cues})
    with pytest.raises(ValueError, match="no masks of image 1"):
        explain("ground_truth", passes, TARGETS)


@pytest.mark.parametrize("name", CONTROLS)
@pytest.mark.parametrize("match", ["", "energy"])
def test_the_set_changes_nothing_and_it_repeats(name, match, passes):
    params = {"base": "saliency", "match": match}
    whole, again = (explain(name, passes, TARGETS, 1, **params).values for _ in range(2))
    alone = [explain(name, part(passes, i), TARGETS[i : i + 1], 1, **params).values for i in range(4)]
    assert np.array_equal(whole, again)
    np.testing.assert_allclose(whole, np.concatenate(alone), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", CONTROLS)
def test_it_leaves_the_model_alone_and_uses_what_it_declares(name, passes):
    before = {k: v.clone() for k, v in passes.module.state_dict().items()}
    passes.module.train()
    made = explain(name, passes, TARGETS)
    assert all(m.training for m in passes.module.modules())
    assert all(torch.equal(v, passes.module.state_dict()[k]) for k, v in before.items())
    assert passes.used == set(explainer[name].info["passes"])
    assert made.signed == explainer[name].info["signed"]
    assert made.values.std() > 0
    assert explainer[name].info["family"] == "control"


def test_without_its_surroundings_it_is_refused_by_name(passes):
    passes.surroundings = None
    for name, need in (("shuffled", "other images"), ("ground_truth", "masks")):
        with pytest.raises(Refused, match=rf"'{name}' is not valid for 'small_cnn': .*no {need}"):
            explain(name, passes, TARGETS)


def test_a_base_that_is_not_valid_is_refused_by_its_name(passes):
    with pytest.raises(Refused, match="'rollout' is not valid for 'small_cnn'"):
        explain("inverted", passes, TARGETS, base="rollout")
    with pytest.raises(ValueError, match="'twin' makes no maps"):
        explain("inverted", passes, TARGETS, base="twin")


def test_passes_over_other_images_count_once():
    images, module = torch.rand(4, 3, 32, 32), new("small_cnn", 4).module
    passes, other = Passes(module, images), Passes(module, images[:3])
    aside = passes.over(images[:2])
    aside.predict()
    note(passes, aside)
    assert passes.runner.forwards == 2
    other.gradient([0, 0, 0])
    note(passes, other)
    assert (passes.runner.forwards, passes.runner.backwards) == (2, 3)
    assert passes.used == {"predict", "gradient"}
