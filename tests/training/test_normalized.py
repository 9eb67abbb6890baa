"""Folding batch normalization away changes nothing: the plain network does what the trained one did."""

import torch

from perturber.nets.inception import InceptionV1
from perturber.nets.weights import verify
from perturber.training.normalized import NormalizedInception, folded


def lively_network() -> NormalizedInception:
    """One whose gains and biases are not what they begin with."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = NormalizedInception(200)
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if name.startswith("gains"):
                    parameter.uniform_(0.5, 1.5)
                elif name.endswith("bias"):
                    parameter.normal_()
    return network.requires_grad_(False)


def test_on_the_batch_that_was_measured_the_folded_network_gives_the_same_logits() -> None:
    network = lively_network()
    batch = 100 * torch.randn(6, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    plain = folded(network, [batch])
    assert type(plain) is InceptionV1
    verify(plain.state_dict(), 200, "folded")
    torch.testing.assert_close(plain(batch), network(batch), rtol=1e-4, atol=1e-4)


def test_equal_batches_measured_twice_count_as_one() -> None:
    network = lively_network()
    batch = 100 * torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(folded(network, [batch, batch])(batch), folded(network, [batch])(batch))


def test_a_normalized_convolution_has_its_bias_and_gain_as_moments() -> None:
    network = lively_network()
    x = torch.randn(8, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    out = network.conv("conv2d0", x, rectify=False)
    bias = network.convolution("conv2d0").bias
    assert bias is not None
    torch.testing.assert_close(out.mean((0, 2, 3)), bias, rtol=1e-3, atol=1e-3)
    deviation = out.std((0, 2, 3), correction=0)
    torch.testing.assert_close(deviation, network.gains["conv2d0_pre_relu_conv"], rtol=5e-2, atol=0)
