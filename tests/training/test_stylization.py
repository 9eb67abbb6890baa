"""Style transfer gives the style's moments and keeps the content's shapes."""

from pathlib import Path

import pytest
import torch

from perturber.nets import catalog
from perturber.nets.weights import ModelError
from perturber.training.data import Pictures
from perturber.training.stylization import (
    Decoder,
    adain,
    moments,
    read_decoder,
    stylize,
    stylized_pictures,
    stylizer,
)


def test_adain_gives_the_styles_moments_and_keeps_the_contents_order() -> None:
    generator = torch.Generator().manual_seed(0)
    content = torch.randn(3, 5, 16, 16, generator=generator)
    style = 2 + 7 * torch.rand(3, 5, 16, 16, generator=generator)
    made = adain(content, style)
    torch.testing.assert_close(made.mean((2, 3)), style.mean((2, 3)), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        made.std((2, 3), correction=0), style.std((2, 3), correction=0), rtol=1e-3, atol=1e-4
    )
    assert torch.equal(made.flatten(2).argsort(2), content.flatten(2).argsort(2))


def test_adain_with_its_own_style_changes_nothing() -> None:
    content = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(adain(content, content), content, rtol=1e-4, atol=1e-4)


def test_moments_are_those_of_the_pixels() -> None:
    features = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])
    mean, deviation = moments(features)
    assert mean.item() == pytest.approx(4)
    assert deviation.item() == pytest.approx(5**0.5, rel=1e-4)


def test_the_decoder_gives_pictures_of_four_times_the_size() -> None:
    assert Decoder()(torch.zeros(2, 192, 16, 16)).shape == (2, 3, 64, 64)


def test_the_bundled_decoder_finds_its_way_back(pictures: Pictures) -> None:
    """Its own activations give about the picture; that of a grey one would be off by the spread of values."""
    transfer = stylizer(torch.device("cpu"))
    x = pictures.images / 255
    with torch.inference_mode():
        mistake = (transfer.decode(transfer.encode(x)) - x).square().mean().sqrt()
    assert mistake < 0.7 * x.std()


def test_stylized_pictures_take_the_styles_colours_and_keep_the_shape() -> None:
    """A bright square on black in the style of red noise: the square stays, the colour is the noise's."""
    square = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    square[..., 20:44, 20:44] = 230
    reddish = (torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(2)) * 120).to(torch.uint8)
    style = torch.cat([reddish + 120, reddish // 3, reddish // 3], 1)
    made = stylize(square, style).float()
    red, green, blue = made.mean(dim=(0, 2, 3)).tolist()
    assert red > 1.5 * max(green, blue)
    inside, outside = made[..., 24:40, 24:40].mean(), made[..., :12].mean()
    assert inside > outside + 15


def test_stylized_pictures_repeat_with_the_seed_and_keep_their_labels(pictures: Pictures) -> None:
    first, again, other = (stylized_pictures(pictures, seed) for seed in (0, 0, 1))
    assert torch.equal(first.labels, pictures.labels)
    assert torch.equal(first.images, again.images)
    assert (first.images.float() - other.images.float()).abs().mean() > 5
    changed = (first.images.float() - pictures.images.float()).abs().mean(dim=(1, 2, 3))
    assert changed.min() > 3


def test_what_is_no_decoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="expected safetensors"):
        read_decoder(tmp_path / "missing.safetensors")
    with pytest.raises(ModelError, match="expected a decoder"):
        read_decoder(catalog.find("standard").file)
