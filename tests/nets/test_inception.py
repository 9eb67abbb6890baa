"""The architecture against lucent's, its taps, its economy and its gradients."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.nets.inception import BLOCKS, InceptionV1, lrn_window
from perturber.nets.layers import CHANNELS
from perturber.nets.lucent_compat import lucent


def right_normalization(x: Tensor, **_: float) -> Tensor:
    """Local response normalization as in the published graph (lucent pull request 51)."""
    return F.local_response_norm(x, size=11, alpha=11e-4, beta=0.5, k=2)


@pytest.fixture(scope="module")
def lucent_answer(random_network: InceptionV1, pixels: Tensor) -> dict[str, Tensor]:
    """Layers before their ReLU and logits of lucent's class with the same weights."""
    module = lucent("modelzoo.inceptionv1.InceptionV1")
    patched = {name: getattr(F, name) for name in ("pad", "avg_pool2d", "max_pool2d", "relu", "softmax")}
    module.F = SimpleNamespace(**patched, local_response_norm=right_normalization)
    reference = module.InceptionV1(redirected_ReLU=False).eval()
    reference.load_state_dict(random_network.state_dict())
    seen: dict[str, Tensor] = {}
    for name, child in reference.named_children():
        child.register_forward_hook(lambda _, __, output, name=name: seen.__setitem__(name, output))
    with torch.no_grad():
        reference(pixels)
    branches = ("1x1", "3x3", "5x5", "pool_reduce")
    answer = {name: seen[f"{name}_pre_relu_conv"] for name in CHANNELS if name not in BLOCKS}
    for block in BLOCKS:
        answer[block] = torch.cat([seen[f"{block}_{branch}_pre_relu_conv"] for branch in branches], 1)
    return answer | {"logits": seen["softmax2_pre_activation_matmul"]}


def relative_difference(got: Tensor, expected: Tensor) -> float:
    return float((got - expected).abs().max() / expected.abs().max())


def test_all_layers_and_logits_agree_with_lucent_put_right(
    random_network: InceptionV1, pixels: Tensor, lucent_answer: dict[str, Tensor]
) -> None:
    outputs = random_network.run(pixels, CHANNELS)
    got = {**outputs.taps, "logits": outputs.logits}
    assert set(got) == set(lucent_answer)
    for name, values in got.items():
        assert values is not None
        assert values.shape == lucent_answer[name].shape
        assert relative_difference(values, lucent_answer[name]) < 1e-4, name


@pytest.mark.parametrize("layer", CHANNELS)
def test_taps_are_before_the_relu_and_as_wide_as_the_table_says(
    random_network: InceptionV1, pixels: Tensor, layer: str
) -> None:
    tap = random_network.run(pixels, [layer], logits=False).taps[layer]
    assert tap.shape[1] == CHANNELS[layer]
    assert 0.05 < float((tap < 0).float().mean()) < 0.95


@pytest.mark.parametrize(
    ("layer", "convolutions"),
    [("conv2d0", 1), ("conv2d2", 3), ("mixed3a", 9), ("mixed4a", 21), ("mixed5b", 57)],
)
def test_a_partial_run_goes_no_further_than_its_layer(
    random_network: InceptionV1, pixels: Tensor, layer: str, convolutions: int
) -> None:
    ran: list[str] = []
    hooks = [
        module.register_forward_hook(lambda *_, name=name: ran.append(name))
        for name, module in random_network.named_modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)
    ]
    outputs = random_network.run(pixels[:, :, :64, :64], [layer], logits=False)
    for hook in hooks:
        hook.remove()
    assert outputs.logits is None
    assert list(outputs.taps) == [layer]
    assert len(ran) == convolutions


def test_an_unknown_layer_is_named(random_network: InceptionV1, pixels: Tensor) -> None:
    with pytest.raises(ValueError, match=r"expected one of conv2d0, .*got 'mixed6a'"):
        random_network.run(pixels, ["mixed6a"])


def test_normalization_window_equals_torchs_own() -> None:
    x = torch.randn(2, 64, 5, 5, dtype=torch.float64) * 100
    window = lrn_window(64).double()
    ours = x / (2 + F.conv2d(x * x, window)).sqrt()
    torch.testing.assert_close(ours, right_normalization(x), rtol=1e-7, atol=0)


@pytest.mark.parametrize("target", ["mixed3a", "logits"])
def test_gradient_equals_finite_differences(random_network: InceptionV1, target: str) -> None:
    network = InceptionV1(1008).eval().requires_grad_(False)
    network.load_state_dict(random_network.state_dict())
    network = network.double()
    generator = torch.Generator().manual_seed(2)
    x = torch.rand(1, 3, 48, 48, generator=generator, dtype=torch.float64) * 255 - 117
    direction = torch.randn(x.shape, generator=generator, dtype=torch.float64)

    def value(pixels: Tensor) -> Tensor:
        outputs = network.run(pixels, CHANNELS)
        answer = outputs.logits if target == "logits" else outputs.taps[target]
        assert answer is not None
        return answer.square().mean()

    x.requires_grad_(True)
    (gradient,) = torch.autograd.grad(value(x), x)
    step = 1e-6
    with torch.no_grad():
        difference = (value(x + step * direction) - value(x - step * direction)) / (2 * step)
    torch.testing.assert_close((gradient * direction).sum(), difference, rtol=1e-5, atol=0)
