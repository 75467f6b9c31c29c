"""Training and drawing leave the process as it was, and do what one step and one process do."""

import msgspec
import numpy as np
import pytest
import torch
from torch import nn

from ai.drawing import draw_all
from ai.recipe import TrainingRecipe
from ai.train import train

TINY = TrainingRecipe(seed=3, images=48, held_out=8, epochs=1, batch=16)


@pytest.mark.slow
def test_one_step_lowers_the_loss(mate, pictures):
    from ai.teammate import prepare

    x, y = prepare(pictures), torch.tensor([0, 1, 2, 3, 0, 1])
    mate.module.train()
    optimiser = torch.optim.SGD(mate.module.parameters(), 0.05)
    losses = []
    for _ in range(2):
        loss = nn.functional.cross_entropy(mate.module(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[1] < losses[0]


@pytest.mark.slow
def test_training_gives_the_settings_back():
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with pytest.raises(ValueError, match="not a finite number"):
        train("small_cnn", "moths", msgspec.structs.replace(TINY, rate=1e30, epochs=3))
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


@pytest.mark.slow
def test_processes_draw_what_one_draws(moths):
    scenes = moths.scenes(101, 5)
    assert np.array_equal(draw_all("moths", scenes, 32, workers=2), draw_all("moths", scenes, 32))
