"""DeepLIFT and DeepLiftSHAP: the authors' rules, exactly complete, with every reference run forward once."""

import captum.attr
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from ai.engine import Refused, explain
from ai.models.small_vit import SmallViT
from ai.passes import Passes
from ai.references import references
from ai.surroundings import Surroundings

HAS = ("gradient", "convolution", "relu", "no_inplace")
TARGETS = (0, 1, 2, 0)
few = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def net(seed=0, pool=None):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = nn.Sequential(
            nn.Conv2d(3, 6, 3, 1, 1), nn.BatchNorm2d(6), nn.ReLU(), pool or nn.MaxPool2d(2), nn.Conv2d(6, 6, 3, 2, 1), nn.ReLU(),
            nn.AvgPool2d(2), nn.Flatten(), nn.Linear(24, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(), nn.Linear(12, 3),
        )  # fmt: skip
        for norm in (made[1], made[9]):
            nn.init.normal_(norm.running_mean, 0, 0.2)
            nn.init.uniform_(norm.running_var, 0.5, 2)
    return made.eval()


def passes(module=None, n=4, seed=1, **more):
    x = torch.randn(n, 3, 16, 16, generator=torch.Generator().manual_seed(seed))
    return Passes(module or net(), x, has=HAS, model="net", **more)


def differ(ours, theirs):
    theirs = theirs.detach().numpy()
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("baseline", ["mean", "black", "blur"])
def test_deeplift_is_captums(baseline):
    p = passes(net(0, nn.AvgPool2d(2)))
    theirs = captum.attr.DeepLift(p.module).attribute(
        p.images.clone().requires_grad_(True), baselines=p.baseline(baseline), target=torch.tensor(TARGETS)
    )
    assert differ(explain("deeplift", p, TARGETS, baseline=baseline).values, theirs.sum(1)) < 1e-5


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_deeplift_shap_is_captums():
    p = passes(net(0, nn.AvgPool2d(2)))
    refs = references(p, 5, 2).images
    theirs = captum.attr.DeepLiftShap(p.module).attribute(p.images, baselines=refs, target=torch.tensor(TARGETS))
    assert differ(explain("deeplift_shap", p, TARGETS, 2, samples=5).values, theirs.sum(1)) < 1e-5


@few
@given(seed=st.integers(0, 999), baseline=st.sampled_from(["mean", "black", "grey", "blur", "noise"]))
def test_contributions_sum_to_the_change(seed, baseline):
    p = passes(net(seed), seed=seed)
    made = explain("deeplift", p, TARGETS, baseline=baseline)
    change = p.logits() - p.runner.forward(p.baseline(baseline))
    expected = change.gather(1, torch.tensor(TARGETS)[:, None])[:, 0].numpy()
    np.testing.assert_allclose(made.values.sum((1, 2)), expected, atol=1e-5)
    assert made.gap.max() < 1e-3
    assert explain("deeplift_shap", p, TARGETS, seed, samples=3).gap.max() < 1e-3


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("pool", [nn.MaxPool2d(2), nn.MaxPool2d(3, 2, 1)], ids=["apart", "overlapping"])
def test_maxima_are_complete_where_captum_is_not(pool):
    p = passes(net(3, pool))
    base, x = p.baseline("mean"), p.images.clone().requires_grad_(True)
    _, missing = captum.attr.DeepLift(p.module).attribute(
        x, baselines=base, target=torch.tensor(TARGETS), return_convergence_delta=True
    )
    change = (p.logits() - p.runner.forward(base)).gather(1, torch.tensor(TARGETS)[:, None])[:, 0]
    ours = explain("deeplift", p, TARGETS).values.sum((1, 2)) - change.numpy()
    assert np.abs(ours).max() < 1e-6
    assert missing.abs().max() > 1e-5
    for name in ("DeepLift", "DeepLiftShap"):
        with pytest.raises(Refused, match="maximum pooling") as caught:
            explain("captum", p, TARGETS, name=name)
        assert caught.value.refusal.nearest in ("deeplift", "deeplift_shap")


def test_one_reference_is_plain_deeplift():
    p = passes(surroundings=Surroundings(others=torch.full((1, 3, 16, 16), -1.8)))
    shap = explain("deeplift_shap", p, TARGETS, samples=1)
    assert shap.info["references"] == "others"
    np.testing.assert_allclose(shap.values, explain("deeplift", p, TARGETS, baseline="black").values, atol=1e-6)


def test_an_image_like_its_reference_has_nothing_to_explain():
    x = torch.zeros(2, 3, 16, 16)
    made = explain("deeplift", Passes(net(), x, has=HAS), (0, 1), baseline="grey")
    assert np.array_equal(made.values, np.zeros((2, 16, 16)))


def test_shared_references_go_forward_once():
    p = passes()
    already = len(p.logits())
    explain("deeplift_shap", p, TARGETS, samples=4)
    assert (p.runner.forwards - already, p.runner.backwards) == (4, 16)


@pytest.mark.parametrize("batch", [1, 2, 16])
def test_the_batch_size_changes_nothing(batch):
    whole, parts = passes(), passes(batch=batch)
    for method in ("deeplift", "deeplift_shap"):
        one, two = explain(method, whole, TARGETS, 1), explain(method, parts, TARGETS, 1)
        np.testing.assert_allclose(one.values, two.values, atol=1e-6)


def test_it_is_not_input_x_gradient():
    p = passes()
    one, two = explain("deeplift", p, TARGETS, baseline="grey"), explain("input_x_gradient", p, TARGETS)
    assert differ(one.values, torch.from_numpy(two.values)) > 0.01


@pytest.mark.parametrize("method", ["deeplift", "deeplift_shap", "lrp_zplus", "guided_backprop"])
def test_a_transformer_is_refused_whatever_it_claims(method):
    p = Passes(SmallViT(4).eval(), torch.randn(1, 3, 96, 96), has=HAS, model="vit")
    with pytest.raises(Refused, match="vit") as caught:
        explain(method, p, (0,))
    assert caught.value.refusal.nearest
