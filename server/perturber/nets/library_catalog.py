"""torchvision's and timm's classifiers by name: which there are, how one is built, what pictures it wants."""

import difflib
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Literal, cast

from torch import nn

from perturber.errors import PerturberError
from perturber.nets.architecture import Preprocessing
from perturber.nets.lucent_compat import make_torchvision_importable

LIBRARIES = ("torchvision", "timm")

_NAME = re.compile(r"[a-z0-9_.]{1,80}", re.ASCII)
_PORTED = {"transform_input": True, "aux_logits": False, "init_weights": False}
"""torchvision's two networks with weights from TensorFlow: their inputs are rescaled inside, and the second
classifiers that only training has are left away."""
_OPTIONS: Mapping[str, Mapping[str, bool]] = {"googlenet": _PORTED, "inception_v3": _PORTED}
TRAINING_ONLY = ("aux1.", "aux2.", "AuxLogits.")
"""What their weight files may hold beside the network that is run."""


class ArchitectureError(PerturberError):
    """An architecture that there isn't, or that can't be shown; the message names what was expected."""


def split(name: str) -> tuple[str, str]:
    """Library and model of an architecture's name.

    Raises:
        ArchitectureError: not of the form `library:model`, or no such model.
    """
    library, _, model = name.partition(":")
    if library not in LIBRARIES or not _NAME.fullmatch(model):
        expected = "inception-v1, torchvision:NAME or timm:NAME, such as torchvision:resnet18"
        raise ArchitectureError(f"architecture: expected {expected}, got {name[:80]!r}")
    known = _names(library)
    if model.partition(".")[0] not in known:
        close = difflib.get_close_matches(model, sorted(known), _FEW, cutoff=0)
        expected = f"one of {library}'s {len(known)}, such as {', '.join(close)}"
        raise ArchitectureError(f"architecture: expected {expected}; got {name!r}")
    return library, model


_FEW = 6


@cache
def _names(library: str) -> frozenset[str]:
    if library == "torchvision":
        models = load("torchvision.models")
        return frozenset(models.list_models(module=models))
    return frozenset(load("timm").list_models())


def load(module: str) -> Any:
    """A library's module.

    Raises:
        ArchitectureError: it isn't installed.
    """
    make_torchvision_importable()
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        cure = "pip install 'perturber[timm]'"
        raise ArchitectureError(f"{module}: expected it to be installed: {cure}") from error


def create(name: str, num_classes: int) -> nn.Module:
    """A new network as its library makes it, in evaluation mode.

    Raises:
        ArchitectureError: as `split`.
    """
    library, model = split(name)
    if library == "torchvision":
        options = _OPTIONS.get(model, {})
        network = load("torchvision.models").get_model(model, num_classes=num_classes, **options)
    else:
        network = load("timm").create_model(model, pretrained=False, num_classes=num_classes)
    for module in network.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # what was tapped must stay, and an activation's input is not its output
    return cast(nn.Module, network.eval())


def torchvision_weights(model: str) -> Any:
    """torchvision's own best weights for a model, with the preprocessing they want."""
    return load("torchvision.models").get_model_weights(model).DEFAULT


def preprocessing(name: str) -> Preprocessing:
    """What the library's configuration says that a network of that name wants.

    Raises:
        ArchitectureError: something that isn't offered here: other than square RGB, another interpolation.
    """
    library, model = split(name)
    if library == "torchvision":
        own = torchvision_weights(model).transforms()
        (size,), (resize,) = own.crop_size, own.resize_size
        mode = _interpolation(name, own.interpolation.value)
        return Preprocessing.normalized(size, own.mean, own.std, resize, mode)
    timm = load("timm")
    config = timm.data.resolve_data_config({}, pretrained_cfg=timm.get_pretrained_cfg(model).to_dict())
    channels, size, width = config["input_size"]
    if channels != 3 or size != width:
        raise ArchitectureError(
            f"{name}: expected a network for square RGB pictures, got {channels, size, width}"
        )
    # As timm's own `transforms_imagenet_eval`: whole pixels, rounded down.
    resize, mode = int(size / config["crop_pct"]), _interpolation(name, config["interpolation"])
    return Preprocessing.normalized(size, config["mean"], config["std"], resize, mode)


def _interpolation(name: str, own: str) -> Literal["bilinear", "bicubic"]:
    if own not in ("bilinear", "bicubic"):
        raise ArchitectureError(f"{name}: expected bilinear or bicubic interpolation, got {own!r}")
    return cast(Literal["bilinear", "bicubic"], own)


_WORDS = {
    "resnet": "ResNet", "resnext": "ResNeXt", "vgg": "VGG", "densenet": "DenseNet", "mobilenet": "MobileNet",
    "efficientnet": "EfficientNet", "convnext": "ConvNeXt", "googlenet": "GoogLeNet", "alexnet": "AlexNet",
    "squeezenet": "SqueezeNet", "shufflenet": "ShuffleNet", "vit": "ViT", "swin": "Swin", "regnet": "RegNet",
    "mnasnet": "MNASNet", "maxvit": "MaxViT", "inception": "Inception", "deit": "DeiT",
}  # fmt: skip


def label(name: str) -> str:
    """The name as papers write it, where it is a known one: `ResNet-18`, `MobileNet V3 small`."""
    model = name.partition(":")[2]
    first, *rest = re.sub(r"(?<!\d)(\d)_(\d)", r"\1.\2", model).split("_")
    found = re.fullmatch(r"([a-z]+)([\d.]*)(.*)", first)
    if found is None or found[1] not in _WORDS:
        return model
    number = found[2] and f"{' ' if '.' in found[2] else '-'}{found[2]}"
    head = f"{_WORDS[found[1]]}{number}{found[3]}"
    return " ".join([head, *(part.upper() if re.fullmatch(r"[a-z]\d?", part) else part for part in rest)])
