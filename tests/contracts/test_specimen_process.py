"""How scenes come about: the controls, what can be told beside the picture, and the ideal observer of the very process."""

import msgspec
import numpy as np
import pytest

# Controls.


def test_validity_is_what_was_asked_for(source):
    first, second = (c.name for c in source.cues[:2])
    drawn = source.scenes(1500, 3, validity={first: 0.6}, occluded=0.0)
    clear = [source.cue_values(source.prototype(k)) for k in range(len(source.species))]
    agree = {
        c.name: np.mean([source.cue_values(s)[c.name] == clear[s.truth][c.name] for s in drawn]) for c in source.cues
    }
    assert agree[first] == pytest.approx(0.6, abs=0.04)
    assert agree[second] == pytest.approx(source.cues[1].validity, abs=0.02)
    assert {card.validity for card in source.cards(0.9) if card.kind == "evidence"} == {0.9}


@pytest.mark.slow
def test_other_controls_do_what_they_say(source):
    hard, soft = (np.mean([source.ease(s) for s in source.scenes(200, 3, difficulty=d)]) for d in (0.7, 0.2))
    assert 0.65 < hard < 0.75
    assert 0.15 < soft < 0.25
    assert np.mean([s.occlusion > 0 for s in source.scenes(600, 3, occluded=0.4)]) == pytest.approx(0.4, abs=0.06)
    for rho in (0.0, 0.8):
        linked = np.mean([source.cue_values(s)[source.tag] == s.truth for s in source.scenes(1200, 3, rho=rho)])
        assert linked == pytest.approx(rho + (1 - rho) / len(source.species), abs=0.05)
    counts = np.bincount([s.truth for s in source.scenes(2000, 3, imbalance=0.8)])
    assert counts[-1] / counts[0] == pytest.approx(0.2, abs=0.06)
    assert list(counts) == sorted(counts, reverse=True)


def test_contrast_and_exposure_change_the_picture_alone(source):
    usual, faint, bright = (source.scenes(1, 3, **control)[0] for control in ({}, {"contrast": 0.4}, {"exposure": 0.7}))
    assert msgspec.structs.replace(faint, contrast=1.0) == msgspec.structs.replace(bright, exposure=0.0) == usual
    assert source.draw(faint, 48).std() < 0.6 * source.draw(usual, 48).std()
    assert source.draw(bright, 48).mean() > source.draw(usual, 48).mean() + 10
    assert source.posterior(faint) == source.posterior(usual)


@pytest.mark.parametrize(
    "control", [{"rho": 1.2}, {"occluded": -0.1}, {"imbalance": 2}, {"contrast": 0}, {"validity": 1}, {"validity": 0.5}]
)
def test_a_control_out_of_range_is_refused_by_name(source, control):
    with pytest.raises(ValueError, match=next(iter(control))):
        source.scenes(1, 0, **control)
    with pytest.raises(ValueError, match="no cue is called 'legs'"):
        source.scenes(1, 0, validity={"legs": 0.9})


# The ideal observer and what is told.


@pytest.mark.slow
@pytest.mark.parametrize("control", [{}, {"validity": 0.8}, {"imbalance": 0.9}, {"validity": 0.7, "imbalance": 0.6}])
def test_the_ideal_observer_is_as_right_as_it_says(source, control):
    """A posterior that is Bayes' rule of the very process is calibrated: mean of its largest value = share right."""
    drawn = source.scenes(1500, 8, occluded=0.0, **control)
    for told in ((), tuple(c.key for c in source.contexts)):
        posterior = np.array([source.posterior(s, told) for s in drawn])
        assert posterior.shape == (len(drawn), len(source.species))
        assert posterior.sum(1) == pytest.approx(1)
        assert posterior.min() >= 0
        right = np.mean(posterior.argmax(1) == [s.truth for s in drawn])
        assert right == pytest.approx(posterior.max(1).mean(), abs=0.035)


def test_a_context_shifts_the_prior_by_bayes_rule(source, some):
    k = len(source.species)
    assert len({c.key for c in source.contexts}) == len(source.contexts) >= 2
    for context in source.contexts:
        priors = np.array([value.prior for value in context.values])
        assert priors.sum(1) == pytest.approx(1)
        assert priors.mean(0) == pytest.approx(1 / k), "equally frequent values leave classes equally frequent"
        assert priors.max() > 1 / k
        for scene in some:
            value = source.told(scene)[context.key]
            prior = next(v.prior for v in context.values if v.key == value)
            joint = np.array(source.posterior(scene)) * prior
            assert source.posterior(scene, [context.key]) == pytest.approx(joint / joint.sum())
    with pytest.raises(ValueError, match="no context is called weather"):
        source.posterior(some[0], ["weather"])


@pytest.mark.slow
def test_contexts_are_drawn_as_their_tables_say(source):
    drawn = source.scenes(3000, 3)
    truth = np.array([s.truth for s in drawn])
    for context in source.contexts:
        told = np.array([source.told(s)[context.key] for s in drawn])
        for value in context.values:
            found = np.bincount(truth[told == value.key], minlength=len(source.species)) / (told == value.key).sum()
            assert found == pytest.approx(np.array(value.prior), abs=0.06)
    assert source.told(source.scenes(1, 3, context=False)[0]) == {}


def test_knowing_the_context_helps(source):
    drawn = source.scenes(600, 5, validity=0.7, occluded=0.0)
    told = tuple(c.key for c in source.contexts)
    alone, both = (np.mean([np.log(source.posterior(s, t)[s.truth]) for s in drawn]) for t in ((), told))
    assert both > alone + 0.05


def test_most_truths_are_sure(source):
    """Studies score specimens whose truth an ideal observer holds with 0.9; one misleading cue leaves most of them sure."""
    assert np.mean([source.posterior(s)[s.truth] >= 0.9 for s in source.scenes(400, 2, occluded=0.0)]) > 0.75


def test_diagnosticity_is_in_bits(source, some):
    whole = source.diagnosticity()
    by_validity = sorted(source.cues, key=lambda c: c.validity)
    assert sorted(whole, key=whole.__getitem__) == [c.name for c in by_validity]
    assert all(0 < bits < 1 for bits in whole.values())
    for scene in some:
        weights = source.diagnosticity(scene)
        for cue in source.cues:
            before = source.posterior(scene)
            assert abs(weights[cue.name]) == pytest.approx(np.log2(cue.validity / (1 - cue.validity)))
            after = source.posterior(source.twin(scene, cue.name))
            assert (weights[cue.name] > 0) == (before[scene.truth] > after[scene.truth])


@pytest.mark.slow
def test_what_is_hidden_tells_nothing(source):
    drawn = source.scenes(40, 2, occluded=1.0)
    gone = [(s, name) for s in drawn for name, bits in source.diagnosticity(s).items() if bits == 0]
    assert gone, "something in front hides a cue in some of forty scenes"
    for scene, cue in gone[:3]:
        assert source.posterior(source.twin(scene, cue)) == pytest.approx(source.posterior(scene))
