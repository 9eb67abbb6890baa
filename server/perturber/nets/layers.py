"""What of an architecture is known without building it: its name, and the layers that can be shown.

Without torch: the catalog, the parameter table and the page's menus are made from it.
"""

from dataclasses import dataclass
from functools import cached_property

CLASSIFIER_GROUP = "classifier"
"""The editable group behind the last layer: what makes logits of its values."""

CHANNELS: dict[str, int] = {
    "conv2d0": 64,
    "conv2d1": 64,
    "conv2d2": 192,
    "mixed3a": 256,
    "mixed3b": 480,
    "mixed4a": 508,
    "mixed4b": 512,
    "mixed4c": 512,
    "mixed4d": 528,
    "mixed4e": 832,
    "mixed5a": 832,
    "mixed5b": 1024,
}
"""Units (output channels) of each layer of Inception V1 (inception5h), in network order."""


@dataclass(frozen=True)
class Anatomy:
    """An architecture's `name` (`inception-v1`, `torchvision:resnet18`, ...), its `label` for people, and its
    layers that can be shown, input to output, each with its units."""

    name: str
    label: str
    layers: tuple[tuple[str, int], ...]

    @cached_property
    def channels(self) -> dict[str, int]:
        """The units of each layer."""
        return dict(self.layers)

    @property
    def groups(self) -> tuple[str, ...]:
        """What can be edited on its own, input to output: every layer, and the classifier."""
        return (*self.channels, CLASSIFIER_GROUP)

    @property
    def extent(self) -> str:
        """The layers in a few words: `conv1, layer1 ... layer4`."""
        names = list(self.channels)
        return ", ".join(names) if len(names) < 4 else f"{names[0]}, {names[1]} ... {names[-1]}"


INCEPTION_V1 = Anatomy("inception-v1", "Inception V1", tuple(CHANNELS.items()))


def missing(anatomy: Anatomy, layer: str, units: tuple[int, ...]) -> str | None:
    """What a network of that anatomy lacks of `layer`'s `units`, as a sentence; None if it has them all."""
    if layer not in anatomy.channels:
        return f"{anatomy.label} has no layer {layer}; it has {anatomy.extent}"
    channels = anatomy.channels[layer]
    above = [unit for unit in units if unit >= channels]
    if not above:
        return None
    return f"{layer} of {anatomy.label} has units 0 to {channels - 1}, and no {', '.join(map(str, above))}"
