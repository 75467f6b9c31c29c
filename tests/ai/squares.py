"""A tiny task for tests of the lab: a green square and a blue stripe tell the side, a red dot only seems to. And planted nets.

No net is trained: `fair` reads square and stripe, `biased` reads the dot, so what a map should show is known beforehand.
"""

from contextlib import contextmanager

import msgspec
import numpy as np
import torch
from torch import nn

from ai import weights
from ai.source import Cue, Species
from ai.teammate import new
from game.pack import CueCard
from game.registry import Entry, model, specimen

SIZE = 32
NAME = "squares"


class Scene(msgspec.Struct, frozen=True):
    truth: int
    square: int
    stripe: int
    tag: int
    row: int
    seed: int


class Squares:
    """Each thing is on the left (0) or on the right (1)."""

    cues = (Cue("square", 0.9), Cue("stripe", 0.8))
    species = (Species("left", {"en": "Left"}, {"en": ""}), Species("right", {"en": "Right"}, {"en": ""}))
    contexts = ()

    def scenes(self, n, seed, **_):
        made = []
        for i in range(n):
            rng = np.random.default_rng([seed, i])
            truth = int(rng.integers(2))
            square, stripe = (truth if rng.random() < v else 1 - truth for v in (0.9, 0.8))
            made.append(
                Scene(truth, square, stripe, int(rng.integers(2)), int(rng.integers(3)), int(rng.integers(1000)))
            )
        return made

    def parts(self, scene, size):
        u, out = size // 16, {}
        for name, side in (("square", scene.square), ("stripe", scene.stripe), ("dot", scene.tag)):
            mask, x = np.zeros((size, size), bool), side * size // 2
            if name == "square":
                mask[(2 + scene.row) * u : (5 + scene.row) * u, x + 2 * u : x + 5 * u] = True
            elif name == "stripe":
                mask[10 * u : 11 * u, x + u : x + 7 * u] = True
            else:
                mask[13 * u : 15 * u, x + 3 * u : x + 5 * u] = True
            out[name] = mask
        return out

    def draw(self, scene, size):
        image = np.random.default_rng(scene.seed).integers(110, 120, (size, size, 3)).astype(np.uint8)
        parts = self.parts(scene, size)
        for name, colour in (("square", (60, 220, 60)), ("stripe", (60, 60, 220)), ("dot", (240, 50, 50))):
            image[parts[name]] = colour
        return image

    def twin(self, scene, cue):
        field = {"confounder": "tag", "dot": "tag"}.get(cue, cue)
        return msgspec.structs.replace(scene, **{field: 1 - getattr(scene, field)})

    def evidence(self, scene, size, above=4):
        seen = self.draw(scene, size).astype(int)
        twins = {c.name: self.draw(self.twin(scene, c.name), size).astype(int) for c in self.cues}
        return {name: np.abs(twin - seen).max(-1) > above for name, twin in twins.items()}

    def confounder(self, scene, size):
        return self.parts(scene, size)["dot"]

    def posterior(self, scene, told=()):
        right = 1.0
        for side, (_, v) in zip((scene.square, scene.stripe), self.cues, strict=True):
            right *= v / (1 - v) if side else (1 - v) / v
        return 1 / (1 + right), right / (1 + right)

    def diagnosticity(self, scene=None):
        return {"square": 0.53, "stripe": 0.28}

    def cards(self, validity=None):
        kinds = (("square", "evidence"), ("stripe", "evidence"), ("dot", "confounder"))
        return tuple(CueCard(name, {"en": name}, kind) for name, kind in kinds)

    def facts(self, scene):
        return msgspec.to_builtins(scene)


class Net(nn.Module):
    """Three colour detectors (green, blue, red), their means on the left and on the right, one linear layer."""

    def __init__(self, classes):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()
        self.pool, self.flat = nn.AdaptiveAvgPool2d((1, 2)), nn.Flatten()
        self.head = nn.Linear(6, classes)

    def forward(self, x):
        return self.head(self.flat(self.pool(self.relu(self.conv(x)))))


def planted(reads):
    """Return a net that goes by some of "square", "stripe" and "dot", by how much."""
    made = new(NAME, 2).module
    with torch.no_grad():
        made.conv.weight.fill_(0)
        for k, (r, g, b) in enumerate(((-1, 1, -1), (-1, -1, 1), (1, -1, -1))):
            made.conv.weight[k, :, 1, 1] = torch.tensor([r, g, b], dtype=torch.float32)
        made.conv.bias.fill_(-0.5)
        made.head.weight.fill_(0)
        for k, name in enumerate(("square", "stripe", "dot")):
            made.head.weight[0, 2 * k] = made.head.weight[1, 2 * k + 1] = 20.0 * reads.get(name, 0)
            made.head.weight[0, 2 * k + 1] = made.head.weight[1, 2 * k] = -20.0 * reads.get(name, 0)
        made.head.bias.fill_(0)
    return made


RECIPE = """
name = "squares"
source = "squares"
licence = "CC0-1.0"
[title]
en = "Squares"
[question]
en = "Which side?"
[models.biased]
model = "squares"
title = "Biased"
about = "Reads the dot."
weights = "biased.safetensors"
training = { kind = "biased" }
[models.fair]
model = "squares"
title = "Fair"
about = "Reads square and stripe."
weights = "fair.safetensors"
[[methods]]
method = "saliency"
[selection]
pool = 40
"""


@contextmanager
def registered():
    """Make task and net known for a while, by their names."""
    info = {
        "size": SIZE,
        "layer": "relu",
        "has": ("gradient", "convolution", "activations", "relu", "no_inplace"),
        "cite": "",
    }
    specimen.names(), model.names()
    specimen._entries[NAME] = Entry(NAME, Squares, {"known": True})
    model._entries[NAME] = Entry(NAME, Net, info)
    try:
        yield
    finally:
        del specimen._entries[NAME], model._entries[NAME]


def study(folder):
    """Write the recipe and both nets' weights to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text(RECIPE, "utf-8")
    for name, reads in (("biased", {"dot": 1, "square": 0.05}), ("fair", {"square": 1, "stripe": 0.6})):
        (folder / f"{name}.safetensors").write_bytes(weights.encode(planted(reads), {"model": NAME, "classes": "2"}))
    return folder
