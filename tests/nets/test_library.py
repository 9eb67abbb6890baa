"""torchvision's and timm's classifiers behind the interface that Inception V1 has.

Oracles: the library's own network on the library's own preprocessing, its own feature extractor, finite
differences.
"""

import threading
from collections.abc import Callable, Mapping
from functools import cache

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from perturber.nets.architecture import Architecture
from perturber.nets.classifier import Classifier
from perturber.nets.library import library_architecture
from perturber.nets.library_catalog import ArchitectureError, load
from perturber.nets.library_weights import random_weights
from perturber.nets.weights import assemble

CPU = torch.device("cpu")

LAYERS: Mapping[str, Mapping[str, int]] = {
    "torchvision:resnet18": {"conv1": 64, "layer1": 64, "layer2": 128, "layer3": 256, "layer4": 512},
    "torchvision:mobilenet_v3_small": {"features.0": 16, "features.4": 40, "features.12": 576},
    "torchvision:vgg11": {"features.0": 64, "features.3": 128, "features.18": 512},
    "torchvision:densenet121": {"features.conv0": 64, "features.denseblock4": 1024},
    "torchvision:efficientnet_b0": {"features.0": 32, "features.8": 1280},
    "torchvision:googlenet": {"conv1": 64, "inception4e": 832},
    "torchvision:swin_t": {"features.0": 96, "features.7": 768},
    "torchvision:vit_b_16": {"conv_proj": 768, "encoder.layers.encoder_layer_5": 768},
    "timm:resnet10t": {"conv1": 64, "layer1": 64, "layer4": 512},
    "timm:convnext_atto": {"stem": 40, "stages.0": 40, "stages.3": 320},
}  # fmt: skip


@cache
def state_of(name: str) -> dict[str, Tensor]:
    return random_weights(name, 1000, 0)


def classifier_of(name: str) -> tuple[Architecture, Classifier]:
    architecture = library_architecture(name)
    size = architecture.preprocessing(None).size
    network = assemble(architecture, state_of(name), CPU)
    return architecture, Classifier(network, size, [None] * 1000, architecture=architecture)


def own_network(name: str) -> nn.Module:
    library, _, model = name.partition(":")
    options = {"transform_input": True, "aux_logits": False, "init_weights": False}
    if library == "timm":
        network = load("timm").create_model(model)
    else:
        models = load("torchvision.models")
        network = models.get_model(model, num_classes=1000, **(options if model == "googlenet" else {}))
    network.load_state_dict(state_of(name))
    return network.eval()


def own_preprocessing(name: str) -> Callable[[Tensor], Tensor]:
    library, _, model = name.partition(":")
    if library == "timm":
        timm = load("timm")
        config = timm.data.resolve_data_config({}, model=timm.create_model(model))
        return timm.data.create_transform(**config, is_training=False)
    return load("torchvision.models").get_model_weights(model).DEFAULT.transforms()


def smooth(height: int, width: int, seed: int = 1) -> Tensor:
    noise = torch.rand(1, 3, height // 16, width // 16, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(noise, (height, width), mode="bilinear")


@pytest.mark.parametrize("name", LAYERS)
def test_logits_are_those_of_the_librarys_own_network_and_preprocessing(name: str) -> None:
    _, classifier = classifier_of(name)
    picture = smooth(300, 260)
    with torch.inference_mode():
        expected = own_network(name)(own_preprocessing(name)(picture[0])[None])
        got = classifier.answer(picture).logits
    assert got is not None
    assert float(expected.std()) > 1e-4
    torch.testing.assert_close(got, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))


@pytest.mark.parametrize("name", LAYERS)
def test_layers_have_the_units_and_maps_that_they_announce(name: str) -> None:
    architecture, classifier = classifier_of(name)
    channels = architecture.anatomy.channels
    assert LAYERS[name].items() <= channels.items()
    for layer in (next(iter(channels)), *LAYERS[name], list(channels)[-1]):
        maps = classifier.answer(smooth(224, 224), layer, logits=False).activations
        assert maps is not None
        assert maps.shape[:2] == (1, channels[layer])
        assert maps.shape[2] == maps.shape[3] > 1


@pytest.mark.parametrize(
    ("name", "layer", "node", "function"),
    [
        ("torchvision:resnet18", "conv1", "bn1", None),
        ("torchvision:resnet18", "layer2", "layer2", F.relu),
        ("torchvision:resnet18", "layer4", "layer4", F.relu),
        ("torchvision:vgg11", "features.6", "features.6", None),
        ("torchvision:mobilenet_v3_small", "features.12", "features.12", F.hardswish),
        ("torchvision:mobilenet_v3_small", "features.5", "features.5", None),
        ("torchvision:efficientnet_b0", "features.8", "features.8", F.silu),
        ("torchvision:densenet121", "features.denseblock4", "features.norm5", None),
        ("timm:resnet10t", "layer3", "layer3", F.relu),
    ],
)
def test_activations_are_a_stages_values_before_its_activation_function(
    name: str, layer: str, node: str, function: Callable[[Tensor], Tensor] | None
) -> None:
    _, classifier = classifier_of(name)
    load("torchvision")
    from torchvision.models.feature_extraction import create_feature_extractor

    with torch.no_grad():
        picture = smooth(224, 224)
        maps = classifier.answer(picture, layer, logits=False).activations
        expected = create_feature_extractor(own_network(name), [node])(
            own_preprocessing(name)(picture[0])[None]
        )
    assert maps is not None
    if function is not None:
        assert bool((maps < -1e-3).any()), "values below zero are those that the function would take away"
        maps = function(maps)
    torch.testing.assert_close(maps, expected[node], rtol=1e-3, atol=1e-3)


def test_tokens_lie_where_their_patches_do() -> None:
    """A vision transformer without its blocks: a patch's token is a linear map of the patch alone."""
    _, classifier = classifier_of("torchvision:vit_b_16")
    network = classifier.network
    for block in network.encoder.layers:  # type: ignore[union-attr]
        block.self_attention.out_proj.weight.data.zero_()  # type: ignore[union-attr]
        block.mlp[3].weight.data.zero_()  # type: ignore[index, union-attr]
    dark = torch.zeros(1, 3, 256, 256)
    bright = dark.clone()
    bright[:, :, 16 + 5 * 16 : 16 + 6 * 16, 16 + 2 * 16 : 16 + 3 * 16] = 1  # the crop begins at pixel 16
    layer = "encoder.layers.encoder_layer_0"
    difference = (
        classifier.answer(bright, layer, logits=False).activations
        - classifier.answer(dark, layer, logits=False).activations  # type: ignore[operator]
    )
    assert difference.shape == (1, 768, 14, 14)
    moved = difference.abs().amax(1)[0] > 1e-4
    assert moved.nonzero().tolist() == [[5, 2]]


@pytest.mark.parametrize(
    "name", ["torchvision:resnet18", "timm:convnext_atto", "torchvision:mobilenet_v3_small"]
)
def test_gradients_go_through_the_preprocessing(name: str) -> None:
    _, classifier = classifier_of(name)
    classifier.network.double()
    # Noise: in an evenly shaded picture max pooling would have ties, and no gradient.
    picture = torch.rand(1, 3, 96, 80, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    direction = torch.randn(picture.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)

    def objective(x: Tensor) -> Tensor:
        logits = classifier.answer(x).logits
        assert logits is not None
        return F.cross_entropy(logits, torch.tensor([3]))

    x = picture.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(objective(x), x)
    step = 1e-8  # smaller than the way to the next kink of a ReLU
    ahead, behind = objective(picture + step * direction), objective(picture - step * direction)
    expected = float(ahead - behind) / (2 * step)
    assert float((gradient * direction).sum()) == pytest.approx(expected, rel=1e-3)


def test_a_layer_alone_runs_no_further_than_it_must() -> None:
    _, classifier = classifier_of("torchvision:resnet18")
    reached: list[str] = []
    for name in ("layer1", "layer2", "layer4"):
        classifier.network.get_submodule(name).register_forward_pre_hook(
            lambda _, __, name=name: reached.append(name)
        )
    classifier.answer(smooth(224, 224), "layer2", logits=False)
    assert reached == ["layer1", "layer2"]
    assert classifier.answer(smooth(224, 224), "layer1").logits is not None
    assert reached[2:] == ["layer1", "layer2", "layer4"]


def test_threads_that_share_a_network_get_their_own_maps() -> None:
    _, classifier = classifier_of("torchvision:resnet18")
    pictures = [smooth(224, 224, seed) for seed in range(2)]
    with torch.inference_mode():
        expected = [classifier.answer(picture, "layer3").activations for picture in pictures]
    failures: list[int] = []

    def ask(index: int) -> None:
        with torch.inference_mode():
            for turn in range(4):
                got = classifier.answer(pictures[index], "layer3", logits=turn % 2 == 0).activations
                if got is None or not torch.allclose(got, expected[index], atol=1e-4):  # type: ignore[arg-type]
                    failures.append(index)

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_random_weights_are_the_same_for_a_seed_and_leave_the_random_numbers_alone() -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    one, two, other = (random_weights("torchvision:mobilenet_v3_small", 7, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert one["classifier.3.bias"].shape == (7,)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["features.0.0.weight"], other["features.0.0.weight"])


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("resnet18", "expected inception-v1, torchvision:NAME or timm:NAME"),
        ("keras:resnet18", "expected inception-v1, torchvision:NAME or timm:NAME"),
        ("torchvision:../x", "expected inception-v1, torchvision:NAME or timm:NAME"),
        ("timm:hf-hub:someone/something", "expected inception-v1, torchvision:NAME or timm:NAME"),
        ("torchvision:resnet19", "such as .*resnet18, .*; got 'torchvision:resnet19'"),
        ("torchvision:fasterrcnn_resnet50_fpn", "expected one of torchvision's"),
        ("timm:resnet1000t", "expected one of timm's"),
    ],
)
def test_an_architecture_that_there_is_not_is_named_with_some_that_there_are(
    name: str, complaint: str
) -> None:
    with pytest.raises(ArchitectureError, match=complaint):
        library_architecture(name)


def test_an_unknown_layer_is_named_with_those_there_are() -> None:
    _, classifier = classifier_of("torchvision:resnet18")
    with pytest.raises(
        ValueError, match="expected one of conv1, layer1, layer2, layer3, layer4, got 'mixed4a'"
    ):
        classifier.answer(smooth(64, 64), "mixed4a")
