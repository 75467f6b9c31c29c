"""A tiny fixed network and its case: what metrics that ask a model are tested on. 8 x 8 pixels, one channel, three classes."""

import numpy as np
import torch
from torch import nn

from ai.passes import Passes
from ai.quality import Case

N, SIDE, CLASSES = 4, 8, 3


class Net(nn.Module):
    """Two convolutions and a linear layer; smooth, so that no gradient is zero."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(1, 4, 3, padding=1)
        self.act = nn.Softplus()
        self.two = nn.Conv2d(4, 4, 3, padding=1)
        self.act_2 = nn.Softplus()
        self.flat = nn.Flatten()
        self.head = nn.Linear(4 * SIDE * SIDE, CLASSES)

    def forward(self, x):
        return self.head(self.flat(self.act_2(self.two(self.act(self.one(x))))))


class Linear(nn.Module):
    """Logit c is the sum over pixels of weight c times the pixel; nothing else."""

    def __init__(self, weights):
        super().__init__()
        self.flat, self.head = nn.Flatten(), nn.Linear(weights.shape[1], len(weights), bias=False)
        self.head.weight.data = torch.as_tensor(weights, dtype=torch.float32)

    def forward(self, x):
        return self.head(self.flat(x))


def net(seed=3):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = Net().eval()
        made.head.weight.data *= 6  # answers that are not all alike
        return made


def images(seed=5, n=N):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(n, 1, SIDE, SIDE)).astype(np.float32))


def gradient(passes, targets):
    return passes.backward(passes.images, targets).sum(1).cpu().numpy()


def case(module=None, x=None, targets=None, explain=gradient, **more):
    passes = Passes(net() if module is None else module, images() if x is None else x, has=("gradient",))
    wanted = tuple(int(t) for t in passes.logits().argmax(1)) if targets is None else targets
    return Case(wanted, passes=passes, explain=explain, signed=True, method="gradient", **more)


def noisy_map(seed=9, n=N):
    return np.random.default_rng(seed).normal(size=(n, SIDE, SIDE)).astype(np.float32)
