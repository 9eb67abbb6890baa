"""Training pictures are parts of the originals, in range, and the same for the same seed."""

import torch

from perturber.training.augment import SMALLEST_CROP, enlarge, random_crops
from perturber.training.data import Pictures


def test_crops_repeat_with_the_seed_and_differ_without(pictures: Pictures) -> None:
    first, again, other = (
        random_crops(pictures.images, 96, torch.Generator().manual_seed(seed)) for seed in (4, 4, 5)
    )
    assert first.shape == (16, 3, 96, 96)
    assert first.min() >= 0
    assert first.max() <= 1
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert (first - other).abs().mean() > 0.02


def test_crops_keep_the_area_that_they_promise_and_half_are_mirrored() -> None:
    """On a picture whose red is x and green is y, the corners of a crop tell where it was cut."""
    ramp = (torch.arange(64) * 4).to(torch.uint8)
    image = torch.stack([ramp.expand(64, 64), ramp[:, None].expand(64, 64), torch.zeros(64, 64).byte()])
    crops = random_crops(image.expand(400, 3, 64, 64), 64, torch.Generator().manual_seed(6))
    across = crops[:, 0, :, -1].mean(1) - crops[:, 0, :, 0].mean(1)
    down = crops[:, 1, -1].mean(1) - crops[:, 1, 0].mean(1)
    assert 0.4 < float((across < 0).float().mean()) < 0.6
    assert float(down.min()) > 0
    # Brightness and contrast change a ramp's slope by 0.64 to 1.44; a whole ramp rises by 252/255.
    share = (across.abs() * down).sqrt() / (252 / 255)
    assert float(share.max()) < 1.45
    assert float(share.min()) > 0.6 * SMALLEST_CROP**0.5
    assert float(share.mean()) < 0.95


def test_enlarging_keeps_a_plain_picture_plain() -> None:
    plain = torch.full((1, 3, 64, 64), 51, dtype=torch.uint8)
    torch.testing.assert_close(enlarge(plain, 128), torch.full((1, 3, 128, 128), 0.2))
