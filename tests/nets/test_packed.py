"""The packed inference path against the plain one."""

import pytest
import torch
from torch import Tensor

from perturber.nets.classifier import Classifier
from perturber.nets.inception import InceptionV1, run
from perturber.nets.layers import CHANNELS
from perturber.nets.packed import Packed, packable

NAMES = [None] * 1008


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="needs a torch with oneDNN")
def test_the_packed_path_is_used_on_a_cpu_in_float32_alone(random_network: InceptionV1) -> None:
    assert packable(random_network)
    assert not packable(InceptionV1(2).bfloat16())
    assert not packable(InceptionV1(2).to("meta"))


@pytest.mark.parametrize("size", [224, 128, 97])
@pytest.mark.parametrize("layer", [None, *CHANNELS])
def test_packed_equals_plain(
    random_network: InceptionV1, pixels: Tensor, layer: str | None, size: int
) -> None:
    x = pixels[:1, :, :size, :size].contiguous(memory_format=torch.channels_last)
    taps = () if layer is None else (layer,)
    with torch.no_grad():
        plain = random_network.run(x, taps)
        packed = run(Packed(random_network), x, taps, logits=True)
        partial = run(Packed(random_network), x, taps, logits=False)
    assert partial.logits is None
    torch.testing.assert_close(packed.logits, plain.logits, rtol=1e-4, atol=1e-4)
    for tap in taps:
        scale = float(plain.taps[tap].abs().max())
        torch.testing.assert_close(packed.taps[tap], plain.taps[tap], rtol=1e-4, atol=1e-5 * scale)
        torch.testing.assert_close(partial.taps[tap], packed.taps[tap], rtol=0, atol=0)


def test_one_packed_network_takes_pictures_of_changing_size(
    random_network: InceptionV1, pixels: Tensor
) -> None:
    packed = Packed(random_network)
    for size in (224, 64, 160, 224):
        x = pixels[:, :, :size, :size]
        with torch.no_grad():
            got = run(packed, x, (), logits=True).logits
        torch.testing.assert_close(got, random_network(x), rtol=1e-4, atol=1e-4)


def test_a_tap_is_not_overwritten_by_what_follows(random_network: InceptionV1, pixels: Tensor) -> None:
    packed = Packed(random_network)
    for layer in CHANNELS:
        with torch.no_grad():
            short = run(packed, pixels[:1], (layer,), logits=False).taps[layer].clone()
            long = run(packed, pixels[:1], CHANNELS, logits=True).taps[layer]
        torch.testing.assert_close(long, short, rtol=0, atol=0)


def test_operators_that_are_missing_leave_the_plain_path(
    random_network: InceptionV1, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = torch.rand(1, 3, 64, 64)
    expected = Classifier(random_network, 64, NAMES).answer(picture).logits
    monkeypatch.setattr("perturber.nets.packed._operators_work", lambda: False)
    got = Classifier(random_network, 64, NAMES).answer(picture).logits
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
