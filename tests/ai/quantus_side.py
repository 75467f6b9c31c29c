"""Quantus 0.6.0 as an oracle: how it is asked for what ours is asked for. Only tests and benchmarks know it: it is copyleft."""

import warnings

import numpy as np
import pytest
import torch

from tests.ai.tiny_net import SIDE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    quantus = pytest.importorskip("quantus", "0.6.0")

PIXELS = SIDE * SIDE
QUIET = {"disable_warnings": True, "display_progressbar": False}
PLAIN = {**QUIET, "normalise": False, "abs": False, "return_aggregate": False}


def explain_for(calls=None):
    """Quantus' way to ask for gradients of the target's logit."""

    def explain(model, inputs, targets, **_):
        x = torch.as_tensor(np.asarray(inputs), dtype=torch.float32).requires_grad_()
        logits = model(x)
        chosen = logits.gather(1, torch.as_tensor(np.asarray(targets))[:, None]).sum()
        if calls is not None:
            calls.append(len(x))
        return torch.autograd.grad(chosen, x)[0].numpy()

    return explain


def ask(metric, here, maps, **more):
    x, y = here.passes.images.numpy(), np.array(here.targets)
    a = None if maps is None else maps[:, None].copy()
    return metric(model=here.passes.module, x_batch=x, y_batch=y, a_batch=a, channel_first=True, **more)


def same_noise(here, draws):
    """Return a perturbation that gives Quantus our noisy images, one draw a call."""
    shape = tuple(here.passes.images.shape)
    drawn = [np.random.default_rng([here.seed, j]).random(shape, np.float32) * 2 - 1 for j in range(draws)]
    left = iter(drawn)

    def perturb(arr, **_):
        return arr + 0.2 * next(left).reshape(arr.shape)

    return perturb
