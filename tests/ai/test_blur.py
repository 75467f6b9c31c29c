"""The blur of blur integrated gradients: a Gaussian on the pixel grid, whose slope is its Laplacian."""

import pytest
import torch

from ai.explainers.blur_ig import Waves, _laplace


def test_the_blur_is_a_gaussian_and_its_slope_the_laplacian():
    middle = torch.zeros(1, 1, 31, 31)
    middle[..., 15, 15] = 1
    blurs = Waves(middle).blurred(torch.arange(1), torch.tensor([2.0, 2.01, 9.0, 0.0]))
    near, far, wide, sharp = blurs.permute(1, 2, 3, 0, 4)
    torch.testing.assert_close(sharp, middle, atol=1e-6, rtol=0)
    torch.testing.assert_close(
        wide, Waves(middle).blurred(torch.arange(1), torch.tensor([9.0]))[:, 0].permute(1, 2, 0, 3)
    )
    assert near.sum().item() == pytest.approx(1, abs=1e-5)
    assert (near[0, 0].sum(0) * (torch.arange(31) - 15) ** 2).sum().item() == pytest.approx(4, abs=0.01)
    slope, between = (far - near) / 0.01, (far + near)[None] / 2
    torch.testing.assert_close(
        slope[None], 2.005 * _laplace(between, (-2, -1), torch.empty_like(between)), atol=5e-5, rtol=0
    )
