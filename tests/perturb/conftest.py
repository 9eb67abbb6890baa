"""Pictures that the tests of this room share."""

import pytest
import torch
from torch import Tensor


@pytest.fixture(params=[(224, 224), (37, 53), (5, 4)], ids=["224", "odd", "tiny"])
def picture(request: pytest.FixtureRequest) -> Tensor:
    """(1, 3, H, W) in [0, 1]: noise, with some pixels of pure grey, black, white and primary colours."""
    generator = torch.Generator().manual_seed(sum(request.param))
    noise = torch.rand(1, 3, *request.param, generator=generator)
    special = torch.tensor([[0.5, 0.5, 0.5], [0, 0, 0], [1, 1, 1], [1, 0, 0]]).T
    noise[0, :, 0, :4] = special
    return noise
